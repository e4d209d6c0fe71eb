//! `cmf undo`: takes changes back.

use serde_json::Value;

use crate::commands::UNDO_OWN;
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::{Columns, Format, Results, Shape, columns};
use crate::undo::{self, Effect, Line, Taken, Undone, Which};

#[derive(Debug, clap::Args)]
#[command(add = UNDO_OWN)]
pub struct Args {
    /// The number of the change, as `cmf audit list` shows it (`seq`); without it, the newest
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    seq: Option<i64>,

    /// Undo the change with this number and all later ones, the newest first
    #[arg(long, value_name = "SEQ", conflicts_with = "seq", value_parser = clap::value_parser!(i64).range(1..))]
    to: Option<i64>,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

const CHANGES: Columns<Taken> = columns! { |taken| seq, action, timestamp, role };
const EFFECTS: Columns<Effect> = columns! { |effect| table, removed, changed, restored };
const LINES: Columns<Line> = columns! { |line|
    seq, table: for_programs, row, what: one_of(&["goes", "changes", "comes back"]), field, now, before
};
const DOCUMENT: Columns<(Undone, bool, Option<i64>)> = columns! { |(undone, is_dry, seq)|
    changes: of(|| Shape::rows(&CHANGES)) = CHANGES.table_of(&undone.changes).to_json(),
    tables: of(|| Shape::rows(&EFFECTS)) = EFFECTS.table_of(&undone.effects).to_json(),
    rows: of(|| Shape::rows(&LINES)) = LINES.table_of(&undone.lines).to_json(),
    notes = undone.notes.iter().map(|note| Value::from(note.as_str())).collect::<Vec<_>>(),
    dry_run = *is_dry,
    undo = *seq
};

pub fn shape() -> Shape {
    let tables = CHANGES.names().chain(EFFECTS.names()).chain(LINES.names());
    Shape::one(&DOCUMENT).choosing(tables)
}

fn results(undone: Undone, is_dry: bool, seq: Option<i64>) -> Results {
    let title = "The first rows";
    let tables =
        vec![CHANGES.table_of(&undone.changes), EFFECTS.table_of(&undone.effects), LINES.table_of(&undone.lines).title(title)];
    let tables = tables.into_iter().filter(|table| !table.is_empty()).collect();
    Results::new(tables, DOCUMENT.members(&(undone, is_dry, seq)).into())
}

/// Runs `cmf undo`. Exit 2 for a number that no change has, exit 1 if something stands in the way, exit 77 if the role
/// may not.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let which = match (args.seq, args.to) {
        (Some(seq), _) => Which::One(seq),
        (None, Some(seq)) => Which::Since(seq),
        (None, None) => Which::Newest,
    };
    context.output.check(&vec![CHANGES.table(), EFFECTS.table(), LINES.table()])?;
    let mut session = context.open().await?;
    let mut shown = None;
    if !args.yes && !args.dry_run {
        let would = undo::undo(&mut session, which, None, true).await?;
        let question = format!("This undoes {}.", listed(&would));
        for line in lines(&would) {
            context.output.notice(&line);
        }
        context.output.confirm(&question, false)?;
        shown = Some(would.seqs());
    }
    let undone = undo::undo(&mut session, which, shown, args.dry_run).await?;
    let message = format!("undid {}", listed(&undone));
    for note in &undone.notes {
        context.output.notice(&format!("note: {note}"));
    }
    if args.dry_run {
        context.output.results(results(undone, true, None))?;
        context.output.say("dry run: nothing changed");
    } else if context.output.format() == Format::Table {
        context.output.say(&message);
    } else {
        context.output.results(results(undone, false, session.written()))?;
    }
    Ok(Exit::Success)
}

/// What is undone, in words.
fn listed(undone: &Undone) -> String {
    let changes: Vec<String> = undone.changes.iter().map(|change| format!("{} ({})", change.seq, change.action)).collect();
    let rows: u64 = undone.effects.iter().map(|effect| effect.removed + effect.changed + effect.restored).sum();
    let noun = if changes.len() == 1 { "change" } else { "changes" };
    format!("{noun} {}: {}", changes.join(", "), counted(rows, "row"))
}

/// What a person is shown before the question.
fn lines(undone: &Undone) -> Vec<String> {
    let effects = undone.effects.iter().map(|effect| {
        let counts = [(effect.removed, "to remove"), (effect.changed, "to change back"), (effect.restored, "to restore")];
        let counts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        format!("{}: {}", effect.table, counts.join(", "))
    });
    let rows = undone.lines.iter().map(|line| match &line.field {
        Some(field) => {
            let of = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
            format!("  {} {field}: {} -> {}", line.row, of(&line.now), of(&line.before))
        }
        None => format!("  {}: {}", line.row, if line.what == "goes" { "to remove" } else { "to restore" }),
    });
    effects.chain(rows).collect()
}
