//! `cmf db restore`: a dump back into a database, by `pg_restore`, in one transaction.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::client::{Target, finish};
use crate::commands;
use crate::context::Context;
use crate::db;
use crate::error::{self, Error, Exit, Result};
use crate::output::{Confirmed, Table};

/// How every file of `pg_dump`'s own format begins.
const MAGIC: &[u8] = b"PGDMP";

/// Arguments of `cmf db restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that `cmf db dump` wrote
    file: PathBuf,
    /// Replace what is in the database
    #[arg(long)]
    replace: bool,
    /// The database's name, as the confirmation of --replace
    #[arg(long, value_name = "DBNAME", requires = "replace")]
    confirm: Option<String>,
}

/// Restores a dump: all of it or nothing. Everything belongs to the role that restores; grants are not restored.
///
/// # Errors
/// Exit 65 when the file is not a dump, 1 when the database is not empty or refuses, 78 when there is no `pg_restore`.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let shown = args.file.display().to_string();
    check(&args.file).map_err(|error| error.at(error::Place { file: Some(shown.clone()), ..error::Place::default() }))?;
    let mut target = Target::open(context).await?;
    let name = target.address.database_name().to_owned();
    let tables = db::dumps::tables(target.database.connection()).await?;
    let confirmed = if tables == 0 {
        None
    } else if args.replace {
        let question = format!(
            "{} holds {}; what is in them is replaced by the dump.",
            target.address,
            commands::counted(tables, "table")
        );
        Some(context.output.confirm_by_name(&question, &name, args.confirm.as_deref())?)
    } else {
        return Err(Error::failed(format!(
            "{} is not empty: it holds {}; nothing changed",
            target.address,
            commands::counted(tables, "table")
        ))
        .hint("restore into an empty database, or add --replace to replace what is there"));
    };
    context.output.say(&format!("restoring {shown} into {}", target.address));
    restore(&target, &args.file, confirmed).await?;

    if let Some(directory) = &target.private {
        // The dump may come from an older cmf: the next command brings its schema up.
        commands::local::forget_preparation(directory)?;
    }
    let restored = db::dumps::tables(target.database.connection()).await?;
    if db::migrations::has_audit(target.database.connection()).await? {
        let mut tx = target.database.begin().await?;
        db::audit::insert(&mut tx, "db.restore", None, &json!({ "file": shown, "tables": restored })).await?;
        tx.commit().await?;
    }
    target.database.close().await?;
    let mut table = Table::new(["file", "database", "tables"]).single();
    table.row([shown.as_str().into(), name.into(), restored.into()]);
    context
        .output
        .outcome(&format!("restored {shown} into {}, {}", target.address, commands::counted(restored, "table")), table)?;
    Ok(Exit::Success)
}

/// Tells a dump from any other file before anything is asked or touched.
fn check(file: &Path) -> Result<()> {
    let mut begin = [0; MAGIC.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut begin));
    match read {
        Ok(()) if begin == MAGIC => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(Error::data(format!("cannot be read: {error}"))),
        _ => Err(Error::data("this is not a file that `cmf db dump` wrote")
            .hint("restore a dump in plain SQL with psql, in one transaction: `psql --single-transaction --file FILE`")),
    }
}

/// Only with a confirmation is anything dropped.
async fn restore(target: &Target, file: &Path, confirmed: Option<Confirmed>) -> Result<()> {
    let mut command = target.program("pg_restore")?;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]);
    if confirmed.is_some() {
        command.args(["--clean", "--if-exists"]);
    }
    let name = target.address.database_name().replace('\\', r"\\").replace('\'', r"\'");
    command.arg(format!("--dbname=dbname='{name}'")).arg(file);
    finish(command, &format!("{} cannot be restored, nothing changed", target.address)).await
}
