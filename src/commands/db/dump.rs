//! `cmf db dump`: the whole database, or one schema of it, into a file, by `pg_dump`.

use std::path::{Path, PathBuf};

use crate::client::finish;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::files::{self, Existing, Force, NewFile};
use crate::lookup::tenants;
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to write, in `pg_dump`'s compressed format; readable only by you
    file: PathBuf,
    #[command(flatten)]
    force: Force,
}

pub(super) const DUMPED: Columns<(String, String, Option<String>, u64)> =
    columns! { |(file, database, schema, size_bytes)| file, database, schema, size_bytes };

/// Writes a consistent copy of the database, beside its place first, so that a file of this name is always complete. Exit 73
/// when the file cannot be written or exists, 78 when there is no `pg_dump`, 1 when it fails.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let (file, existing) = (args.file, args.force.into());
    context.output.check_outcome(&DUMPED.table())?;
    let shown = file.display().to_string();
    let cannot = |error: std::io::Error| files::unwritable(&file, error);
    let is_nameless = files::is_nameless(&file);
    files::check(&file, existing)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = if is_nameless { std::env::temp_dir() } else { folder.to_owned() };
    let through = is_nameless.then(|| NewFile::create(&file, Existing::Replace)).transpose()?;
    let staged = tempfile::Builder::new().prefix(".cmf-dump-").tempfile_in(folder).map_err(cannot)?;
    let mut target = super::whole::programs(context).await?;
    if let Some(schema) = &target.schema {
        let mut tx = target.session.read().await?;
        let missing = tenants::missing(&mut tx, schema).await?;
        tx.end().await?;
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
    finish(program, &format!("{whole} cannot be dumped")).await?;
    staged.as_file().sync_all().map_err(cannot)?;
    let size = staged.as_file().metadata().map_err(cannot)?.len();
    if let Some(mut through) = through {
        let mut dumped = staged.reopen().map_err(cannot)?;
        std::io::copy(&mut dumped, &mut through).map_err(cannot)?;
        through.keep()?;
    } else {
        let kept = if existing == Existing::Replace { staged.persist(&file) } else { staged.persist_noclobber(&file) };
        kept.map_err(|failed| cannot(failed.error))?;
    }
    target.session.close().await?;

    let message = format!("dumped {whole} into {shown}, {size} bytes");
    let dumped = (shown, target.address.database_name().to_owned(), target.schema, size);
    files::outcome(&context.output, &file, &message, DUMPED.one(&dumped))?;
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
