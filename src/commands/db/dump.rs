//! `cmf db dump`: the whole database, or one schema of it, into a file, by `pg_dump`.

use std::path::{Path, PathBuf};

use super::client::{Target, finish};
use crate::commands::tenants;
use crate::context::Context;
use crate::error::{self, Error, Exit, Result};
use crate::output::Table;

/// Arguments of `cmf db dump`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to write, in `pg_dump`'s compressed format; readable by you alone
    file: PathBuf,
    /// Replace the file when there is one
    #[arg(long)]
    force: bool,
}

/// Writes a consistent copy of the database, beside its place first, so that a file of this name is always complete.
///
/// # Errors
/// Exit 73 when the file cannot be written or exists, 78 when there is no `pg_dump`, 1 when it fails.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let Args { file, force } = args;
    let shown = file.display().to_string();
    if !force && file.symlink_metadata().is_ok() {
        return Err(exists(&shown));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |error: std::io::Error| {
        Error::new(Exit::Output, format!("cannot write: {error}"))
            .at(error::Place { file: Some(shown.clone()), ..error::Place::default() })
            .hint("name a file in a directory that exists and that you can write")
    };
    let staged = tempfile::Builder::new().prefix(".cmf-dump-").tempfile_in(folder).map_err(cannot)?;
    let mut target = Target::open(context).await?;
    if let Some(schema) = &target.schema {
        let mut tx = target.database.begin().await?;
        let missing = tenants::missing(&mut tx, schema).await?;
        tx.rollback().await?;
        if let Some(missing) = missing {
            return Err(missing.into());
        }
    }
    let mut program = target.program("pg_dump").await?;
    program.command.arg("--format=custom").arg("--file").arg(staged.path());
    if let Some(schema) = &target.schema {
        program.command.args(only(schema));
    }
    let whole = target.whole();
    context.output.say(&format!("dumping {whole}"));
    finish(program, &format!("{whole} cannot be dumped, nothing was written")).await?;
    staged.as_file().sync_all().map_err(cannot)?;
    let size = staged.as_file().metadata().map_err(cannot)?.len();
    let kept = if force { staged.persist(&file) } else { staged.persist_noclobber(&file) };
    kept.map_err(|failed| if force { cannot(failed.error) } else { exists(&shown) })?;
    target.database.close().await?;

    let mut table = Table::new(["file", "database", "schema", "size_bytes"]).single();
    table.row([shown.as_str().into(), target.address.database_name().into(), target.schema.into(), size.into()]);
    context.output.outcome(&format!("dumped {whole} into {shown}, {size} bytes"), table)?;
    Ok(Exit::Success)
}

/// What tells `pg_dump` to take one schema alone. It takes a pattern, in which only a quoted name stands for itself.
fn only(schema: &str) -> Vec<String> {
    let mut options = vec![format!("--schema=\"{}\"", schema.replace('"', "\"\"")), "--strict-names".to_owned()];
    if !schema.is_ascii() {
        // It compares the name in the encoding of the dump.
        options.push("--encoding=UTF8".to_owned());
    }
    options
}

fn exists(file: &str) -> Error {
    Error::new(Exit::Output, "the file exists already, and nothing was written")
        .at(error::Place { file: Some(file.to_owned()), ..error::Place::default() })
        .hint("add --force to replace it")
}
