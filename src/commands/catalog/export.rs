//! `cmf catalog export`: a catalog as a file that `cmf import` reads back to the same items.

use std::path::PathBuf;

use crate::catalog::export::{self, Exported};
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::files::{self, FileKind, Force, NewFile};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The catalog's name or id
    catalog: String,
    /// The file to write: .xlsx, .csv or .json; `cmf import` reads it back; without it, or as -, standard output, as CSV, or as JSON with --format json
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The same as FILE
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    out: Option<PathBuf>,
    /// The user it belongs to, if several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Export the codes of this framework; without it, of the one with most mappings
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,
    #[command(flatten)]
    force: Force,
}

pub(super) const WRITTEN: Columns<(Exported, String, u64)> =
    columns! { |(exported, file, bytes)| catalog = &exported.catalog, file, items = exported.items, bytes };

pub(super) async fn run(context: &Context, args: Export) -> Result<Exit> {
    let out = args.file.or(args.out);
    if out.is_none() && args.catalog == "-" {
        return Err(Error::usage("name a catalog").hint("put its name before the file, as in `cmf catalog export CATALOG -`"));
    }
    let out = out.unwrap_or_else(|| "-".into());
    let kind = FileKind::of(&out, context.output.format()).ok_or_else(|| {
        let message = match out.extension() {
            Some(ending) => format!("cmf cannot write .{} ({})", ending.to_string_lossy(), out.display()),
            None => format!("the name {} has no ending, so it does not say what to write", out.display()),
        };
        Error::usage(message).hint("use a name that ends in .xlsx, .csv or .json")
    })?;
    context.output.check_outcome(&WRITTEN.table())?;
    let mut written = NewFile::create(&out, args.force.into())?;
    let mut session = context.open().await?;
    let (owner, framework) = (args.owner.as_deref(), args.framework.as_deref());
    let exported = export::write(&mut session, &mut written, &out, kind, &args.catalog, owner, framework).await?;
    let bytes = written.keep()?;
    if let Some(note) = &exported.note {
        context.output.notice(&format!("note: {note}"));
    }
    let file = out.display().to_string();
    let message = format!("wrote {} of {} to {file}", counted(exported.items, "item"), exported.catalog);
    files::outcome(&context.output, &out, &message, WRITTEN.one(&(exported, file, bytes)))?;
    Ok(Exit::Success)
}
