//! `cmf framework crosswalk import`: a crosswalk from a file, over what is there.

use std::path::PathBuf;

use crate::commands::FileFields;
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::framework::crosswalk::import::{self, Imported, Request, Source};
use crate::import::crosswalk;
use crate::output::{Columns, columns};
use crate::reading::{self, Reading};

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("save_map")), add = FileFields(|| crosswalk::LIST.names()))]
pub(super) struct Args {
    /// The file; its format is told by its content
    file: PathBuf,
    /// The framework of the first code of a row; without it the one that has all of these codes
    #[arg(long, value_name = "FRAMEWORK")]
    source: Option<String>,
    /// The framework of the second code of a row; without it the one that has all of these codes
    #[arg(long, value_name = "FRAMEWORK")]
    target: Option<String>,
    /// What the crosswalk is called; without it after its frameworks
    #[arg(long)]
    name: Option<String>,
    /// Who owns a new crosswalk
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// The document whose codes are read, where the file refers to several, such as "CSF v1.1"
    #[arg(long)]
    document: Option<String>,
    /// Keep rows that are stored and not in the file
    #[arg(long)]
    keep: bool,
    /// Import the other rows where some have problems; exit 3
    #[arg(long)]
    allow_partial: bool,
    #[command(flatten)]
    reading: Reading,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const IMPORTED: Columns<Imported> = columns! { |one|
    name, source, target, format = one.format, rows, added, changed, removed, unchanged, kept, not_related, repeated, left_out,
    id: for_programs
};

/// Exit 65 for a file that is no crosswalk and for rows with problems, 2 where a framework is not known, 3 where rows were left
/// out because that was asked for.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check_outcome(&IMPORTED.table())?;
    let source = open(&args)?;
    if let Source::Table(table) = &source {
        reading::tell(&context.output, &table.decisions);
    }
    let Args { file, source: from, target, name, owner, document, keep, allow_partial, dry_run, .. } = args;
    let file = file.display().to_string();
    let request = Request { file, source: from, target, name, owner, document, keep, allow_partial, dry_run };
    let mut session = context.open().await?;
    let imported = import::import(&mut session, &request, &source).await?;
    for line in imported.notices.iter().chain(&imported.problems) {
        context.output.notice(line);
    }
    let message = if imported.is_unchanged() {
        format!("the crosswalk {} is as in the file already, nothing changed", imported.name)
    } else {
        format!(
            "crosswalk {} from {} to {}: {}, {} added, {} changed, {} removed",
            imported.name,
            imported.source,
            imported.target,
            counted(imported.rows, "row"),
            imported.added,
            imported.changed,
            imported.removed
        )
    };
    context.output.ending(dry_run, &message, IMPORTED.one(&imported))?;
    Ok(if imported.left_out > 0 { Exit::Partial } else { Exit::Success })
}

fn open(args: &Args) -> Result<Source> {
    if let Some(document) = args.reading.document(&args.file, crosswalk::read)? {
        args.reading.refused(&format!("an {}", document.format.name()))?;
        if args.document.is_some() {
            return Err(Error::usage("--document is for the Reference Tool's references, and this is another format"));
        }
        return Ok(Source::Document(document));
    }
    args.reading.without_numbers("a crosswalk")?;
    Ok(Source::Table(Box::new(args.reading.table(&args.file, |_| crosswalk::LIST)?)))
}
