//! `cmf db restore`: a dump back into a database, by `pg_restore`, in one transaction.

use std::path::PathBuf;

use serde_json::json;

use crate::client::restore::{check, check_replacing, holds, restore};
use crate::context::Context;
use crate::db;
use crate::db::audit::Audit;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::local::Cluster;
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that `cmf db dump` wrote
    file: PathBuf,
    /// Replace what is in the database, or in the schema with --schema
    #[arg(long)]
    replace: bool,
    /// The database's name, or the schema's with --schema, as the confirmation of --replace
    #[arg(long, value_name = "DBNAME", requires = "replace")]
    confirm: Option<String>,
}

pub(super) const RESTORED: Columns<(String, String, Option<String>, i64)> =
    columns! { |(file, database, schema, tables)| file, database, schema, tables };

/// Restores a dump: all of it or nothing. Everything belongs to the role that restores; grants are not restored. With
/// `--schema` nothing but that schema is touched. Exit 65 when the file is not a dump, 1 when the place is not empty, the dump
/// holds other schemas than the one that is named, or the server refuses, 78 when there is no `pg_restore`.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check_outcome(&RESTORED.table())?;
    let shown = args.file.display().to_string();
    check(&args.file)?;
    let mut target = super::whole::programs(context).await?;
    let (whole, database) = (target.whole(), target.address.database_name().to_owned());
    let held = holds(&target, &args.file).await?;
    let tables = target.tables().await?;
    let confirmed = if tables == 0 {
        None
    } else if args.replace {
        check_replacing(&context.output, &mut target, &held).await?;
        let question = format!(
            "{whole} holds {}; the dump replaces what is in them, which cannot be undone. A dump is code: it runs with the rights of {}.",
            counted(tables, "table"),
            target.address.user()
        );
        let name = target.schema.as_deref().unwrap_or(&database);
        Some(context.output.confirm_by_name(&question, name, args.confirm.as_deref())?)
    } else {
        return Err(Error::failed(format!("{whole} is not empty: it holds {}", counted(tables, "table")))
            .hint("restore into an empty database, or add --replace to replace the contents"));
    };
    target.session.agree()?;
    context.output.say(&format!("restoring {shown} into {whole}"));
    restore(&mut target, &args.file, confirmed).await?;
    target.session.note_change();

    if let (Some(directory), None) = (&target.private, &target.schema) {
        // The dump may come from an older cmf: the next command brings its schema up.
        Cluster::at(directory).unstamp()?;
    }
    let restored = target.tables().await?;
    let mut tx = target.session.plain().await?;
    if db::migrations::has_audit(&mut tx).await? {
        let result = json!({ "file": shown, "tables": restored, "schema": target.schema });
        tx.finish(Audit::of("db.restore", result)).await?;
    } else {
        tx.rollback().await?;
    }
    target.session.close().await?;
    let message = format!("restored {shown} into {whole}, {}", counted(restored, "table"));
    context.output.outcome(&message, RESTORED.one(&(shown, database, target.schema, restored)))?;
    Ok(Exit::Success)
}
