//! `cmf migrate drift`: what differs from what the migrations made, and the way back.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::address;
use super::engine::Engine;
use super::options::{Patience, Source};
use super::scratch::{Scratch, Where};
use crate::commands;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::migrations::{self, Migration};
use crate::db::schema::{self, Change, Difference, Schema};
use crate::domain::span::timeout;
use crate::domain::text::{agreeing, counted, printable};
use crate::error::{Error, Exit, Result};
use crate::output::{Confirmed, Format, Table};
use crate::session::Session;

/// Arguments of `cmf migrate drift`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the statements that bring the schema back, to review and run; what they leave is in comments
    #[arg(long, conflicts_with = "fix")]
    sql: bool,
    /// Run these statements, in one transaction; what may hold data or is somebody's own is left and named
    #[arg(long)]
    fix: bool,
    /// Do not ask
    #[arg(long, requires = "fix")]
    yes: bool,
    /// How long a statement of --fix may wait for a lock; 0 for ever
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = timeout)]
    lock_timeout: Duration,
    #[command(flatten)]
    place: Where,
}

/// The differences, a row each.
fn table_of(differences: &[Difference]) -> Table {
    let mut table = Table::new(["change", "kind", "name", "expected", "found", "cure", "by_hand"]);
    for one in differences {
        table.row([
            one.change.word().into(),
            one.kind.into(),
            one.name().into(),
            one.expected.as_deref().into(),
            one.found.as_deref().into(),
            one.remedy.sql().into(),
            one.remedy.by_hand().into(),
        ]);
    }
    table
}

/// A difference on one line.
pub(super) fn line(one: &Difference) -> String {
    let (expected, found) = (one.expected.as_deref().unwrap_or("nothing"), one.found.as_deref().unwrap_or("nothing"));
    let what = match one.change {
        Change::Missing => one.expected.as_ref().map(|text| format!(": {text}")).unwrap_or_default(),
        Change::Extra => one.found.as_ref().map(|text| format!(": {text}")).unwrap_or_default(),
        Change::Changed => format!(": is {found}, should be {expected}"),
        Change::Renamed => format!(" is called {found}"),
    };
    printable(&format!("{} {} {}{what}", one.change.word(), one.kind, one.name()))
}

/// Prints differences: a line each for people, a row each for programs.
pub(super) fn print(context: &Context, differences: &[Difference]) -> Result<()> {
    if context.output.format() == Format::Table {
        let lines: Vec<String> = differences.iter().map(|one| line(one) + "\n").collect();
        return context.output.text(&lines.concat());
    }
    context.output.results(table_of(differences))
}

/// Reads what is in these schemas, or in all when none is named.
pub(super) async fn read(session: &mut Session, only: &[String]) -> Result<Schema> {
    let mut tx = session.read().await?;
    let schema = schema::read(&mut tx, only).await?;
    tx.end().await?;
    Ok(schema)
}

/// Runs `cmf migrate drift`.
///
/// # Errors
/// When an applied migration is not at hand, or no scratch database can be made; exit 2 where `--fix` is not confirmed.
pub(super) async fn run(context: &Context, dir: Option<PathBuf>, args: Args) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let applied = super::applied(context, &mut session, true).await?;
    if let Some(row) = applied.iter().find(|row| !source.migrations.iter().any(|one| one.version == row.version)) {
        return Err(Error::failed(format!(
            "the applied migration {} is not among those at hand, so nobody knows what it made",
            row.version
        ))
        .hint("use the cmf that applied it, or name its folder with --dir"));
    }
    let stands: Vec<Migration> =
        source.migrations.iter().filter(|one| applied.iter().any(|row| row.version == one.version)).cloned().collect();
    let mut scratch = Scratch::make(context, &args.place).await?;
    scratch.apply(&stands).await?;
    let expected = scratch.schema().await?;
    drop(scratch);
    context.output.check_outcome(&table_of(&[]))?;
    let names = expected.names(session.schema());
    let found = read(&mut session, &names).await?;
    let differences = expected.differences(&found);
    if applied.is_empty() && !found.is_empty() {
        context.output.notice("no migration is recorded here: `cmf migrate adopt` takes over tables made otherwise");
    }
    if differences.is_empty() {
        context
            .output
            .outcome(&format!("the schema is what its {} make", counted(stands.len(), "migration")), table_of(&[]))?;
        return Ok(Exit::Success);
    }
    if args.fix {
        return fix(context, &mut session, &expected, &differences, &args).await;
    }
    if args.sql && context.output.format() == Format::Table {
        context.output.text(&script(&differences, session.schema(), args.lock_timeout))?;
        return Ok(Exit::Success);
    }
    print(context, &differences)?;
    let curable = differences.iter().filter(|one| one.remedy.sql().is_some()).count();
    let fix = source.command("drift");
    match (curable, differences.len() - curable) {
        (0, _) => context.output.say(&format!("by hand; `{fix} --sql` tells what to decide")),
        (_, 0) => context.output.say(&format!("`{fix} --fix` brings all of it back, `{fix} --sql` prints the statements")),
        (some, _) => {
            context.output.say(&format!("`{fix} --fix` brings {some} of them back, `{fix} --sql` prints the statements"));
        }
    }
    Ok(Exit::Difference)
}

/// The statements as a script, with what they leave in comments before them.
fn script(differences: &[Difference], home: &str, lock_timeout: Duration) -> String {
    let mut text = String::new();
    for (one, by_hand) in differences.iter().filter_map(|one| Some((one, one.remedy.by_hand()?))) {
        text.push_str(&format!("-- left: {}\n--   {}\n", line(one), printable(by_hand)));
    }
    let statements = schema::in_order(differences);
    if statements.is_empty() {
        return text;
    }
    let home = migrations::quote(home);
    text.push_str(&format!(
        "BEGIN;\nSET LOCAL search_path = {home};\nSET LOCAL lock_timeout = {};\n",
        lock_timeout.as_millis()
    ));
    text.push_str(&statements.join("\n"));
    text.push_str("\nCOMMIT;\n");
    text
}

/// Shows the statements, asks, and runs them.
async fn fix(
    context: &Context,
    session: &mut Session,
    expected: &Schema,
    differences: &[Difference],
    args: &Args,
) -> Result<Exit> {
    let (curable, left): (Vec<_>, Vec<_>) = differences.iter().cloned().partition(|one| one.remedy.sql().is_some());
    let statements = schema::in_order(&curable);
    if !statements.is_empty() {
        if !args.yes {
            context.output.notice_text(&(statements.join("\n") + "\n"));
        }
        let place = context.place()?;
        let question = format!("Run this in one transaction on {place}?");
        let confirmed = context.output.confirm(&question, args.yes)?;
        let patience = Patience { lock_timeout: args.lock_timeout, ..Patience::default() };
        let mut engine = Engine::new(session, &context.output, patience);
        engine.address = address(context)?;
        engine.lock().await?;
        let outcome = mend(engine.session, expected, differences, &statements, args.lock_timeout, &confirmed).await;
        engine.unlock(outcome).await?;
        if curable.iter().any(|one| one.change == Change::Missing && matches!(one.kind, "table" | "view" | "sequence")) {
            context.output.notice("nobody but its owner may use what was made anew: see `cmf db grants`");
        }
    }
    let count = curable.len();
    let told = format!("{} {} brought back", counted(count, "difference"), agreeing(count, "was", "were"));
    if left.is_empty() {
        context.output.outcome(&told, table_of(&curable))?;
        return Ok(Exit::Success);
    }
    context.output.notice(&format!("{told}; {} left to decide by hand:", left.len()));
    for one in &left {
        context.output.notice_lines(&format!("  {}\n    {}", line(one), printable(one.remedy.by_hand().unwrap_or_default())));
    }
    if context.output.format() != Format::Table {
        context.output.results(table_of(&left))?;
    }
    Ok(Exit::Difference)
}

/// In one transaction: looks again, now that nobody else migrates, runs the statements, and looks whether they did it.
async fn mend(
    session: &mut Session,
    expected: &Schema,
    differences: &[Difference],
    statements: &[&str],
    lock_timeout: Duration,
    _confirmed: &Confirmed,
) -> Result<()> {
    let names = expected.names(session.schema());
    let mut tx = session.plain().await?;
    let limit = u64::try_from(lock_timeout.as_millis()).unwrap_or(u64::MAX);
    migrations::limit_transaction(&mut tx, limit, None, true).await?;
    if expected.differences(&schema::read(&mut tx, &names).await?) != differences {
        return Err(Error::failed("the schema changed meanwhile, and nothing was done").hint("run the command again"));
    }
    for statement in statements {
        schema::run(&mut tx, statement).await.map_err(|error| {
            let hint = "`cmf migrate drift --sql` prints all statements, to run those that do";
            error.detail(format!("refused, and nothing was changed: {statement}")).hint(hint)
        })?;
    }
    let after = expected.differences(&schema::read(&mut tx, &names).await?);
    if let Some(one) = after.iter().find(|one| one.remedy.sql().is_some()) {
        return Err(Error::failed("the statements do not bring the schema back, and nothing was changed").detail(line(one)));
    }
    if migrations::has_audit(&mut tx).await? {
        let is_mended = |one: &&Difference| one.remedy.sql().is_some();
        let mended = differences.iter().filter(is_mended);
        let mended: Vec<String> = mended.map(|one| format!("{} {} {}", one.change.word(), one.kind, one.name())).collect();
        return tx.finish(Audit::of("migrate.drift", json!({ "mended": mended }))).await;
    }
    tx.commit().await
}
