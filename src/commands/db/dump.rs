//! `cmf db dump`: the whole database into a file, by `pg_dump`.

use std::path::{Path, PathBuf};

use super::client::{Target, finish};
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
    let target = Target::open(context).await?;
    let mut command = target.program("pg_dump")?;
    command.arg("--format=custom").arg("--file").arg(staged.path());
    context.output.say(&format!("dumping {}", target.address));
    finish(command, &format!("{} cannot be dumped, nothing was written", target.address)).await?;
    staged.as_file().sync_all().map_err(cannot)?;
    let size = staged.as_file().metadata().map_err(cannot)?.len();
    let kept = if force { staged.persist(&file) } else { staged.persist_noclobber(&file) };
    kept.map_err(|failed| if force { cannot(failed.error) } else { exists(&shown) })?;
    target.database.close().await?;

    let mut table = Table::new(["file", "database", "size_bytes"]).single();
    table.row([shown.as_str().into(), target.address.database_name().into(), size.into()]);
    context.output.outcome(&format!("dumped {} into {shown}, {size} bytes", target.address), table)?;
    Ok(Exit::Success)
}

fn exists(file: &str) -> Error {
    Error::new(Exit::Output, "the file exists already, and nothing was written")
        .at(error::Place { file: Some(file.to_owned()), ..error::Place::default() })
        .hint("add --force to replace it")
}
