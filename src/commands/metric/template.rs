//! `cmf metric template`.

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::framework::Framework;
use crate::error::{Error, Exit, Result, shell_word};
use crate::files::{self, Force, NewFile};
use crate::import::bundled;
use crate::lookup;
use crate::output::{Columns, columns};
use crate::report::template;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The workbook to write; without a name, cmf-metrics.xlsx
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "cmf-metrics.xlsx", required = true)]
    xlsx: PathBuf,
    /// The framework whose codes the drop-downs offer
    #[arg(long, value_name = "FRAMEWORK", default_value = "csf-2.0")]
    framework: String,
    /// Leave out the examples
    #[arg(long)]
    no_examples: bool,
    #[command(flatten)]
    force: Force,
}

pub(super) const WRITTEN: Columns<(String, String)> = columns! { |(file, framework)| file, framework };

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    files::named_workbook(&args.xlsx, "--xlsx")?;
    context.output.check_outcome(&WRITTEN.table())?;
    let mut written = NewFile::create(&args.xlsx, args.force.into())?;
    let (framework, name) = chosen(context, &args.framework).await?;
    template::write(&mut written, &framework, &name, !args.no_examples)?;
    written.keep()?;
    let file = args.xlsx.display().to_string();
    let message = format!("wrote {file} for {name}: fill it in, then `cmf import {} --dry-run`", shell_word(&file));
    files::outcome(&context.output, &args.xlsx, &message, WRITTEN.one(&(file, name)))?;
    Ok(Exit::Success)
}

/// A bundled framework needs no database.
async fn chosen(context: &Context, name: &str) -> Result<(Framework, String)> {
    if let Some(bundled) = bundled::find(name) {
        return Ok((bundled.framework()?, bundled.short_name.to_owned()));
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let row = lookup::framework::find(&mut tx, name).await?;
    let known = lookup::framework::known(&mut tx, row).await?;
    tx.end().await?;
    if known.framework.functions.is_empty() {
        return Err(Error::failed(format!("the framework `{name}` has no codes")));
    }
    Ok((known.framework, known.row.short_name()))
}
