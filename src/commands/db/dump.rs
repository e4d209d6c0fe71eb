//! `cmf db dump`: the whole database into a file, by `pg_dump`.

use std::path::{Path, PathBuf};

use super::client::{Target, finish};
use crate::commands;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::files::{self, Existing, NewFile};
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
    let mut table = Table::new(["file", "database", "size_bytes"]).single();
    context.output.check_outcome(&table)?;
    let shown = file.display().to_string();
    let cannot = |error: std::io::Error| files::unwritable(&file, error);
    let is_nameless = files::is_nameless(&file);
    if !force && !is_nameless && file.symlink_metadata().is_ok() {
        return Err(cannot(std::io::ErrorKind::AlreadyExists.into()));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = if is_nameless { std::env::temp_dir() } else { folder.to_owned() };
    let through = is_nameless.then(|| NewFile::create(&file, Existing::Replace)).transpose()?;
    let staged = tempfile::Builder::new().prefix(".cmf-dump-").tempfile_in(folder).map_err(cannot)?;
    let target = Target::open(context).await?;
    let mut command = target.program("pg_dump")?;
    command.arg("--format=custom").arg("--file").arg(staged.path());
    context.output.say(&format!("dumping {}", target.address));
    finish(command, &format!("{} cannot be dumped, nothing was written", target.address)).await?;
    staged.as_file().sync_all().map_err(cannot)?;
    let size = staged.as_file().metadata().map_err(cannot)?.len();
    if let Some(mut through) = through {
        let mut dumped = staged.reopen().map_err(cannot)?;
        std::io::copy(&mut dumped, &mut through).map_err(cannot)?;
        through.keep()?;
    } else {
        let kept = if force { staged.persist(&file) } else { staged.persist_noclobber(&file) };
        kept.map_err(|failed| cannot(failed.error))?;
    }
    target.database.close().await?;

    table.row([shown.as_str().into(), target.address.database_name().into(), size.into()]);
    let message = format!("dumped {} into {shown}, {size} bytes", target.address);
    commands::outcome_of_file(context, &file, &message, table)?;
    Ok(Exit::Success)
}
