//! `cmf map set`, `confirm` and `reject`: decisions about single items, or about all suggestions above a confidence.

use rust_decimal::Decimal;

use super::scope::{ScopeArgs, probability};
use crate::context::Context;
use crate::db::mappings::Mapping;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::map::decide::{self, Decided, How};
use crate::output::{Columns, Table, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Set {
    /// The item: its metric number, name or id
    item: String,
    /// The codes, in any spelling
    #[arg(required = true)]
    codes: Vec<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Keep the item's other mappings to the framework
    #[arg(long)]
    add: bool,
    /// Map a withdrawn code to its successors, unconfirmed
    #[arg(long)]
    accept_successors: bool,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Confirm {
    /// The item: its metric number, name or id; with --above, all items
    #[arg(required_unless_present = "above")]
    item: Option<String>,
    /// Which of its suggestions; the best one if none is named
    codes: Vec<String>,
    /// Confirm each item's best suggestion if its confidence is at least this
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability, conflicts_with = "codes")]
    above: Option<Decimal>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Reject {
    /// The item: its metric number, name or id
    item: String,
    /// Which of its mappings, a confirmed one among them; all of its suggestions if none is named
    codes: Vec<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What a command does: said as done, or as what would be done.
fn end(context: &Context, dry_run: bool, message: &str, table: Table) -> Result<Exit> {
    if dry_run {
        context.output.say("dry run: nothing changed");
    }
    context.output.outcome(message, table)?;
    Ok(Exit::Success)
}

/// The framework and a mapping to it, after a command.
pub(super) const DECIDED: Columns<(String, Mapping)> = columns! { |(framework, mapping)|
    name = &mapping.item, framework, code = mapping.code(), confidence = mapping.confidence,
    is_ai_suggested = mapping.is_ai_suggested, is_confirmed = mapping.is_confirmed
};
pub(super) const CONFIRMED: Columns<(String, Mapping)> = columns! { |(framework, mapping)|
    name = &mapping.item, framework, code = mapping.code(), confidence = mapping.confidence
};

/// Mappings after a command, as a table.
fn filled(columns: &Columns<(String, Mapping)>, decided: &Decided) -> Table {
    columns.table_of(decided.mappings.iter().map(|mapping| (decided.framework.clone(), mapping.clone())))
}

fn codes(decided: &Decided) -> String {
    decided.mappings.iter().map(Mapping::code).collect::<Vec<_>>().join(", ")
}

pub(super) async fn set(context: &Context, args: Set) -> Result<Exit> {
    context.output.check_outcome(&DECIDED.table())?;
    let mut session = context.open().await?;
    let how = How { add: args.add, accept_successors: args.accept_successors, dry_run: args.dry_run };
    let decided = decide::set(&mut session, &context.output, &args.scope.into(), &args.item, &args.codes, how).await?;
    let message = if decided.changed == 0 {
        format!("nothing changed: {} already has this mapping", decided.item)
    } else {
        let verb = if args.dry_run { "would map" } else { "mapped" };
        format!("{verb} {} to {}", decided.item, codes(&decided))
    };
    end(context, args.dry_run, &message, filled(&DECIDED, &decided))
}

pub(super) async fn confirm(context: &Context, args: Confirm) -> Result<Exit> {
    context.output.check_outcome(&CONFIRMED.table())?;
    let mut session = context.open().await?;
    let (scope, item) = (args.scope.into(), args.item.as_deref());
    let decided = decide::confirm(&mut session, &scope, item, &args.codes, args.above, args.dry_run).await?;
    let message = match decided.changed {
        0 => "nothing changed: there is nothing to confirm".to_owned(),
        count => {
            let verb = if args.dry_run { "would confirm" } else { "confirmed" };
            format!("{verb} {}", counted(count, "mapping"))
        }
    };
    end(context, args.dry_run, &message, filled(&CONFIRMED, &decided))
}

pub(super) async fn reject(context: &Context, args: Reject) -> Result<Exit> {
    context.output.check_outcome(&DECIDED.table())?;
    let mut session = context.open().await?;
    let decided = decide::reject(&mut session, &args.scope.into(), &args.item, &args.codes, args.dry_run).await?;
    let verb = if args.dry_run { "would reject" } else { "rejected" };
    let message = format!("{verb} {} for {}", codes(&decided), decided.item);
    end(context, args.dry_run, &message, filled(&DECIDED, &decided))
}
