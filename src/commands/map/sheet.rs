//! `cmf map export` and `cmf map import`: decisions in a spreadsheet.

use std::path::PathBuf;

use super::scope::ScopeArgs;
use crate::commands::FileFields;
use crate::context::Context;
use crate::db::mappings::Line;
use crate::domain::text::counted;
use crate::error::{Exit, Result, shell_word};
use crate::files::{self, Force, NewFile};
use crate::map;
use crate::map::sheet::{self, Changes, LIST};
use crate::output::{Columns, columns};
use crate::reading::{self, Reading};

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("xlsx")))]
pub(super) struct Export {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Write a workbook; without it the rows are printed, with --format csv as CSV
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    /// Only items without a confirmed mapping
    #[arg(long)]
    pending: bool,
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("save_map")), add = FileFields(|| LIST.names()))]
pub(super) struct Import {
    /// The edited workbook or CSV
    file: PathBuf,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Map withdrawn codes to their successors, unconfirmed
    #[arg(long)]
    accept_successors: bool,
    #[command(flatten)]
    reading: Reading,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const LINE: Columns<Line> = columns! { |line|
    item_id: for_programs, catalog, metric_number, name, description: for_programs, code, confidence, is_ai_suggested, is_confirmed
};
pub(super) const EXPORTED: Columns<(String, usize, u32)> = columns! { |(file, items, rows)| file, items, rows };
pub(super) const IMPORTED: Columns<(usize, Changes)> = columns! { |(items, changes)|
    items, added = changes.added.len(), confirmed = changes.confirmed.len(), unconfirmed = changes.withdrawn.len(),
    removed = changes.removed.len()
};

pub(super) async fn export(context: &Context, args: Export) -> Result<Exit> {
    let mut written = None;
    if let Some(path) = &args.xlsx {
        files::named_workbook(path, "--xlsx")?;
        context.output.check_outcome(&EXPORTED.table())?;
        written = Some((path, NewFile::create(path, args.force.into())?));
    }
    let mut session = context.open().await?;
    let scope = map::Scope::from(args.scope);
    let Some((path, mut written)) = written else {
        let mut rows = context.output.rows(LINE.table())?;
        sheet::lines(&mut session, &scope, args.pending, |line| rows.row(LINE.row(&line))).await?;
        rows.finish()?;
        return Ok(Exit::Success);
    };
    let (items, rows) = sheet::workbook(&mut session, &scope, args.pending, LINE.names(), &mut written).await?;
    written.keep()?;
    let file = path.display().to_string();
    let message = format!(
        "wrote {} to {file}; edit `code` and `is_confirmed`, then `cmf map import {}`",
        counted(items, "item"),
        shell_word(&file)
    );
    files::outcome(&context.output, path, &message, EXPORTED.one(&(file, items, rows)))?;
    Ok(Exit::Success)
}

pub(super) async fn import(context: &Context, args: Import) -> Result<Exit> {
    args.reading.without_numbers("a sheet of mappings")?;
    let table = args.reading.table(&args.file, |_| LIST)?;
    reading::tell(&context.output, &table.decisions);

    let mut session = context.open().await?;
    let scope = map::Scope::from(args.scope);
    context.output.check_outcome(&IMPORTED.table())?;
    let (sheet, changes) = sheet::apply(&mut session, &scope, &table, args.accept_successors, args.dry_run).await?;
    sheet.notices.iter().for_each(|notice| context.output.notice(notice));
    let message = if changes.is_empty() {
        "nothing changed: the mappings are already as in the file".to_owned()
    } else {
        format!(
            "{} of {}: {} added, {} confirmed, {} no longer confirmed, {} removed",
            if args.dry_run { "would change mappings" } else { "changed mappings" },
            counted(sheet.items.len(), "item"),
            changes.added.len(),
            changes.confirmed.len(),
            changes.withdrawn.len(),
            changes.removed.len()
        )
    };
    context.output.outcome(&message, IMPORTED.one(&(sheet.items.len(), changes)))?;
    Ok(Exit::Success)
}
