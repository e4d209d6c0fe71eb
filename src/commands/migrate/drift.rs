//! `cmf migrate drift`: what differs from what the migrations made, and the way back.

use super::options::{FixArgs, ScratchArgs};
use super::runs::migrator;
use crate::context::Context;
use crate::db::schema::{Difference, DifferenceKind};
use crate::domain::text::{agreeing, counted, printable};
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::drift::{self, Drift};
use crate::output::{Columns, Format, Results, columns, words};
use crate::session::Session;

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("changes").args(["fix", "allow_extra"]).multiple(true))]
pub struct Args {
    /// Print the statements that bring the schema back, to review and run; what they do not fix is in comments
    #[arg(long, conflicts_with = "fix")]
    sql: bool,
    /// Run these statements, in one transaction; what may hold data or belong to somebody stays and is named
    #[arg(long)]
    fix: bool,
    /// Accept what no migration made (columns, tables, indexes, sequences, triggers, views): it stays, and no longer counts as a difference
    #[arg(long, conflicts_with_all = ["sql", "fix"])]
    allow_extra: bool,
    #[command(flatten)]
    how: FixArgs,
    #[command(flatten)]
    scratch: ScratchArgs,
}

words!(DifferenceKind: word);
/// A difference from what the migrations made.
pub(super) const DIFFERENCE: Columns<Difference> = columns! { |one|
    change = one.change, kind, name = one.name(), expected, found, cure = one.remedy.sql(), by_hand = one.remedy.by_hand()
};

/// Prints differences: a line each for people, where it is wanted with the reason why it is left to decide; a row each for programs.
pub(super) fn print(context: &Context, differences: &[Difference], with_reasons: bool) -> Result<()> {
    let reason = |one: &Difference| match one.remedy.by_hand().filter(|_| with_reasons && !one.may_stay()) {
        Some(by_hand) => format!("\n  {}", printable(by_hand)),
        None => String::new(),
    };
    let lines = differences.iter().map(|one| format!("{}{}\n", one.line(), reason(one))).collect();
    context.output.results(Results::from(DIFFERENCE.table_of(differences)).written_as(Format::Table, lines))
}

/// Fails when an applied migration is unknown, or no scratch database can be made; exit 2 if `--fix` is not confirmed.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    context.output.check_outcome(&DIFFERENCE.table())?;
    let mut session = context.open().await?;
    let applied = super::runs::applied(context, &mut session, true).await?;
    let repeated = super::runs::repeated(&mut session).await?;
    let changed: Vec<&str> = set
        .to_repeat(&repeated, None)
        .into_iter()
        .filter(|one| repeated.iter().any(|row| row.version == one.version))
        .map(|one| one.name.as_str())
        .collect();
    if !changed.is_empty() {
        let up = set.command("up");
        context.output.notice(&format!("changed since it ran: {}; what it makes differs until `{up}`", changed.join(", ")));
    }
    let applied = drift::applied(set, &applied, &repeated)?;
    let drift =
        drift::find(&mut session, args.scratch.make(context).await?, &applied, &context.config().freshness(None)).await?;
    if applied.is_empty() && !drift.is_empty {
        context.output.notice("no migration is recorded here: `cmf migrate adopt` takes over tables that other tools made");
    }
    if !drift.accepted.is_empty() {
        let told = counted(drift.accepted.len(), "object");
        context.output.say(&format!("{told} that no migration made, and that `cmf migrate log` shows as accepted"));
    }
    let (extras, others): (Vec<_>, Vec<_>) =
        drift.differences.iter().cloned().partition(|one| args.allow_extra && one.may_stay());
    if !extras.is_empty() {
        migrator(context, &mut session)?.accept(&extras).await?;
        let labels: Vec<String> = extras.iter().map(Difference::label).collect();
        context.output.notice(&format!("accepted, {}: {}", counted(labels.len(), "object"), labels.join(", ")));
    }
    let drift = Drift { differences: others, ..drift };
    if drift.differences.is_empty() {
        let message = format!("the schema is what its {} make", counted(applied.len(), "migration"));
        context.output.outcome(&message, DIFFERENCE.table())?;
        return Ok(Exit::Success);
    }
    if args.fix {
        return fix(context, &mut session, &drift, &args).await;
    }
    if args.sql && context.output.format() == Format::Table {
        context.output.text(&drift::script(&drift.differences, session.schema(), args.how.lock_timeout))?;
        return Ok(Exit::Success);
    }
    print(context, &drift.differences, false)?;
    let curable = drift.differences.iter().filter(|one| one.remedy.sql().is_some()).count();
    let fix = set.command("drift");
    let remedy = match (curable, drift.differences.len() - curable) {
        (0, _) => {
            format!("cmf does not change these itself, because data could be lost; `{fix} --sql` shows what to run by hand")
        }
        (_, 0) => format!("`{fix} --fix` brings all of it back, `{fix} --sql` prints the statements"),
        (some, _) => format!("`{fix} --fix` brings {some} of them back, `{fix} --sql` prints the statements"),
    };
    let may_stay = drift.differences.iter().any(Difference::may_stay);
    let extra = if may_stay {
        format!(", `{fix} --allow-extra` accepts extra tables, columns, indexes and constraints")
    } else {
        String::new()
    };
    context.output.notice(&format!("{remedy}{extra}"));
    Ok(Exit::Difference)
}

/// Shows the statements, asks, and runs them.
async fn fix(context: &Context, session: &mut Session, drift: &Drift, args: &Args) -> Result<Exit> {
    let (curable, left): (Vec<_>, Vec<_>) = drift.differences.iter().partition(|one| one.remedy.sql().is_some());
    if !curable.is_empty() {
        let confirmed = args.how.agree(context, &drift.differences)?;
        let mut migrator = migrator(context, session)?;
        migrator.timeouts = args.how.timeouts();
        migrator.fix(drift, &confirmed).await?;
        if curable.iter().any(|one| one.change == DifferenceKind::Missing && matches!(one.kind, "table" | "view" | "sequence"))
        {
            context.output.notice("only the owner can use what was made again: see `cmf db grants`");
        }
    }
    let count = curable.len();
    let told = match count {
        0 => "cmf can bring none of the differences back".to_owned(),
        count => format!("{} {} brought back", counted(count, "difference"), agreeing(count, "was", "were")),
    };
    if left.is_empty() {
        context.output.outcome(&told, DIFFERENCE.table_of(curable))?;
        return Ok(Exit::Success);
    }
    context.output.notice(&format!("{told}; {} left for you to decide:", left.len()));
    for one in &left {
        let by_hand = printable(one.remedy.by_hand().unwrap_or_default());
        context.output.notice_lines(&format!("  {}\n    {by_hand}", one.line()));
    }
    if context.output.format() != Format::Table {
        context.output.results(DIFFERENCE.table_of(left))?;
    }
    Ok(Exit::Difference)
}
