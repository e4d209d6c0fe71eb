//! `cmf doctor`: looks for what is wrong, and says which command fixes it.

use std::path::PathBuf;

use crate::context::Context;
use crate::doctor::{data, server};
use crate::domain::finding::{Finding, Findings, Severity};
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::everywhere::{self, AllSchemas};
use crate::migrate::health as schema;
use crate::output::{Columns, Shape, Table, columns, words};
use crate::record::spool::health as spool;
use crate::session::{Session, Whereabouts};

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Fix what can be fixed without losing anything: current values that differ from their newest readings, and users
    /// whose active catalog is not the one marked active
    #[arg(long)]
    fix: bool,
    /// The folder in which `cmf record` keeps readings while the database is out of reach
    #[arg(long, value_name = "DIR", env = "CMF_SPOOL")]
    spool: Option<PathBuf>,
    #[command(flatten)]
    tenants: AllSchemas,
}

words!(Severity: word);
const FINDING: Columns<Finding> = columns! { |one| check = one.check, state, finding = &one.text, fix };

fn table(findings: &Findings) -> Table {
    FINDING.table_of(&findings.0)
}

pub fn shape() -> Shape {
    Shape::rows(&FINDING).or_of_schemas()
}

/// Runs `cmf doctor`. Exit 78 when it is not clear which database is meant. What is wrong with that database is a finding, not
/// an error.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if args.tenants.all_schemas {
        let args = Args { tenants: AllSchemas::default(), ..args };
        return everywhere::run(context, async |here| Box::pin(run(here, args.clone())).await).await;
    }
    let place = context.place()?;
    let mut findings = Findings::default();
    context.output.check(&table(&findings))?;
    let mut fixed = Some(0);
    match connect(context, &place, &mut findings).await? {
        Some(mut session) => {
            match look(&mut session, &place, &mut findings, args.fix).await {
                // Whoever may only record may not look either; what the role is fit for is a finding already.
                Err(error) if error.exit() == Exit::Auth => findings.skipped("data", error.message()),
                looked => fixed = looked?,
            }
        }
        None => findings.skipped("data", "not checked: there is no database"),
    }
    server::files(context.config().out_of_reach.iter(), &place, &mut findings);
    spool::look(args.spool.as_deref(), &mut findings);
    server::disk(&place, &mut findings);
    for fix in findings.0.iter_mut().filter_map(|one| one.fix.as_mut()) {
        *fix = context.output.command(fix);
    }
    context.output.results(table(&findings))?;
    let (wrong, warnings) = (findings.count(Severity::Wrong), findings.count(Severity::Warning));
    let is_fixable = findings.0.iter().any(|one| one.fix.as_deref().is_some_and(|fix| fix.starts_with(FIX)));
    match fixed {
        Some(0) => {}
        Some(rows) => context.output.notice(&format!("fixed {}", counted(rows, "row"))),
        None if is_fixable => context
            .output
            .notice("nothing was fixed: this role in the database may only read, but a fix needs the role importer"),
        None => {}
    }
    context.output.say(&format!("{wrong} wrong, {warnings} to look at, {} ok", findings.count(Severity::Ok)));
    Ok(if wrong > 0 { Exit::Difference } else { Exit::Success })
}

/// The command that fixes what can be fixed.
const FIX: &str = "cmf doctor --fix";

/// Looks at the server, the schema and what is in it, which is fixed first where that is asked for. Returns how many rows were.
async fn look(session: &mut Session, place: &Whereabouts, findings: &mut Findings, is_fixing: bool) -> Result<Option<u64>> {
    server::server(session, place, findings).await?;
    // First, because the list of applied migrations is a table too.
    let sees_all = server::row_security(session, findings).await?;
    let is_whole = match schema::migrations(session, findings).await {
        Err(error) if !sees_all && error.exit() == Exit::Auth => false,
        looked => looked?,
    };
    if !sees_all {
        findings.skipped("data", "not checked: this role does not see all rows");
        return Ok(Some(0));
    }
    if !is_whole {
        findings.skipped("data", "not checked: the schema is not current");
        return Ok(Some(0));
    }
    let fixed = if is_fixing { data::fix(session).await? } else { Some(0) };
    data::invariants(session, findings).await?;
    data::trail(session, findings).await?;
    Ok(fixed)
}

/// Connects, where that makes nothing: a private Postgres that was never used is not made for a look.
async fn connect(context: &Context, place: &Whereabouts, findings: &mut Findings) -> Result<Option<Session>> {
    if let Whereabouts::Private(directory) = place
        && !server::has_cluster(directory)
    {
        findings.ok("connection", format!("no private Postgres in {} yet; the first command makes it", directory.display()));
        return Ok(None);
    }
    match context.open().await {
        Ok(session) => {
            findings.ok("connection", place.to_string());
            Ok(Some(session))
        }
        Err(error) if matches!(error.exit(), Exit::Interrupted | Exit::Terminated) => Err(error),
        Err(error) => {
            let fix = error.hints().first().cloned().unwrap_or_else(|| "cmf doctor -vv".to_owned());
            findings.wrong("connection", error.message(), fix);
            Ok(None)
        }
    }
}
