//! What has to hold in the data.

use serde_json::json;

use crate::db;
use crate::db::audit::Audit;
use crate::db::doctor::Offenders;
use crate::domain::chain::Break;
use crate::domain::finding::{Findings, Severity};
use crate::domain::text::{agreeing, counted};
use crate::error::{Exit, Result};
use crate::session::Session;

/// How many changes that do not fit into the chain are named.
const EXAMPLES: usize = 3;

/// How many days before the end of the last partition it is told.
const LEAD: i64 = 31;

/// Whether the months to come have partitions, where readings are divided.
async fn months(tx: &mut db::Connection, findings: &mut Findings) -> Result<()> {
    if !db::partitions::is_divided(tx).await? {
        return Ok(());
    }
    let today = db::scores::now(tx).await?.date();
    let all = db::partitions::list(tx).await?;
    let more = "cmf db partition metric_history --ahead 3";
    match all.iter().filter_map(|one| one.to).max() {
        Some(end) if (end - today).num_days() > LEAD => {
            findings.ok("partitions", format!("{}, the last one ends before {end}", counted(all.len(), "partition")));
        }
        Some(end) if end > today => findings.warning("partitions", format!("readings from {end} on have no partition"), more),
        _ => findings.wrong("partitions", "the readings of today have no partition", more),
    }
    Ok(())
}

/// Fixes what can be fixed without losing anything, in one transaction. Returns how many rows; nothing where the role may not.
pub async fn fix(session: &mut Session) -> Result<Option<u64>> {
    let fixed = session.change(false, async |tx| {
        let users = db::doctor::mend_active(tx).await?;
        let values = db::doctor::mend_current_values(tx).await?;
        let rows = u64::try_from(values.len()).unwrap_or(u64::MAX) + users;
        let result = json!({ "current_values": values.len(), "metric_ids": values, "active_catalogs": users });
        Ok((Some(rows), (rows > 0).then(|| Audit::of("doctor.fix", result))))
    });
    match fixed.await {
        // Whoever may not change anything still hears what is wrong.
        Err(error) if error.exit() == Exit::Auth => Ok(None),
        fixed => fixed,
    }
}

/// Looks at every invariant and adds what was found.
pub async fn invariants(session: &mut Session, findings: &mut Findings) -> Result<()> {
    let mut tx = session.read().await?;
    months(&mut tx, findings).await?;
    let newest = db::doctor::newest_readings(&mut tx).await?;
    let mut add = |check, state, found: Offenders, (noun, one, many): (&str, &str, &str), none: &str, fix: &str| {
        if found.count == 0 {
            findings.ok(check, none);
            return;
        }
        let more = if usize::try_from(found.count).unwrap_or(usize::MAX) > found.examples.len() { ", ..." } else { "" };
        let what = agreeing(found.count, one, many);
        let text = format!("{} {what}: {}{more}", counted(found.count, noun), found.examples.join(", "));
        if state == Severity::Wrong { findings.wrong(check, text, fix) } else { findings.warning(check, text, fix) }
    };
    add(
        "one active catalog",
        Severity::Wrong,
        db::doctor::owners_with_several_active(&mut tx).await?,
        ("owner", "has several active catalogs", "have several active catalogs"),
        "every owner has one or none",
        "cmf catalog activate CATALOG --owner OWNER",
    );
    add(
        "active catalog of users",
        Severity::Wrong,
        db::doctor::users_with_another_active(&mut tx).await?,
        ("user", "points at a catalog that is not the active one", "point at a catalog that is not the active one"),
        "users and catalogs agree",
        "cmf doctor --fix",
    );
    add(
        "mappings",
        Severity::Wrong,
        db::doctor::mappings_to_unknown_codes(&mut tx, false).await?,
        ("mapping", "is to a code that its framework does not have", "are to codes that their framework does not have"),
        "every mapped code exists",
        "cmf map set ITEM CODE --catalog CATALOG --owner OWNER",
    );
    add(
        "crosswalks",
        Severity::Wrong,
        db::doctor::mappings_to_unknown_codes(&mut tx, true).await?,
        (
            "crosswalk row",
            "leads to a code that its framework does not have",
            "lead to codes that their framework does not have",
        ),
        "every row of a crosswalk leads to a known code",
        "cmf framework crosswalk verify",
    );
    add(
        "functions",
        Severity::Wrong,
        db::doctor::metrics_of_unknown_functions(&mut tx).await?,
        (
            "metric",
            "of the default library has a function that no framework has",
            "of the default library have a function that no framework has",
        ),
        "every function of the default library is known",
        "cmf metric set METRIC --function CODE",
    );
    let undo = newest.first_future.map(|id| format!("cmf record undo {id}")).unwrap_or_default();
    // The newest reading may be one of those: it is not to become the current value.
    let fix = if undo.is_empty() { "cmf doctor --fix".to_owned() } else { format!("first {undo}, then cmf doctor --fix") };
    add(
        "current values",
        Severity::Wrong,
        newest.stale,
        ("metric", "differs from its newest reading", "differ from their newest reading"),
        "every current value is the newest reading",
        &fix,
    );
    add(
        "values without reading",
        Severity::Warning,
        newest.without,
        ("metric", "has a value but no reading", "have a value but no reading"),
        "every current value has a reading",
        "cmf record METRIC VALUE",
    );
    add(
        "targets",
        Severity::Warning,
        db::doctor::metrics_without_target(&mut tx).await?,
        ("metric", "cannot be scored: a target or bounds are missing", "cannot be scored: a target or bounds are missing"),
        "every metric has a target",
        "cmf metric set METRIC --target VALUE",
    );
    add(
        "units",
        Severity::Warning,
        db::doctor::metrics_without_unit(&mut tx).await?,
        ("metric", "has no unit", "have no unit"),
        "every metric has a unit",
        "cmf metric set METRIC --unit UNIT",
    );
    // That is how `import --prune` leaves a metric with readings: nothing is lost yet, and the advice loses nothing either.
    add(
        "orphans",
        Severity::Warning,
        db::doctor::metrics_without_item(&mut tx).await?,
        ("metric", "of a catalog has no item in it", "of a catalog have no item in it"),
        "every metric of a catalog has its item",
        "cmf import FILE --mode upsert --catalog CATALOG, from a FILE with its row: the metric keeps its id and its readings",
    );
    add(
        "activation",
        Severity::Warning,
        db::doctor::items_without_metric(&mut tx).await?,
        ("item", "of an active catalog is mapped but not yet a metric", "of active catalogs are mapped but not yet metrics"),
        "every mapped item of an active catalog is a metric",
        "cmf catalog activate CATALOG",
    );
    add(
        "names",
        Severity::Warning,
        db::doctor::namesakes(&mut tx).await?,
        ("name", "or number is shared by several metrics", "or numbers are shared by several metrics"),
        "every number and name belongs to one metric",
        "cmf metric set ID --number NUMBER",
    );
    add(
        "future readings",
        Severity::Warning,
        newest.future,
        ("reading", "is in the future", "are in the future"),
        "no reading is in the future",
        &undo,
    );
    tx.end().await
}

/// Looks at the audit trail: numbers and links, and rows that say to be of cmf and are not in the chain. Whether each row is what
/// its hash was made of is left to `cmf audit verify`, for it takes long.
pub async fn trail(session: &mut Session, findings: &mut Findings) -> Result<()> {
    const CHECK: &str = "audit trail";
    let mut tx = session.read().await?;
    let checked = match db::audit::check(&mut tx, false, None).await {
        Err(error) if error.exit() == Exit::Auth => {
            findings.skipped(CHECK, error.message());
            return tx.end().await;
        }
        checked => checked?,
    };
    tx.end().await?;
    let found = &checked.findings;
    if found.is_empty() {
        findings.ok(CHECK, "numbers and links agree; `cmf audit verify` also checks the contents of each change");
        return Ok(());
    }
    let shown = |one: &Break| match (&one.row, one.seq) {
        (Some(row), _) => format!("{} ({})", row.id, one.kind.name()),
        (None, seq) => format!("{} ({})", seq.unwrap_or_default(), one.kind.name()),
    };
    let examples: Vec<String> = found.iter().take(EXAMPLES).map(shown).collect();
    let more = if found.len() > examples.len() { ", ..." } else { "" };
    let what = agreeing(found.len(), "does not fit", "do not fit");
    let text = format!("{} {what} into the chain: {}{more}", counted(found.len(), "change"), examples.join(", "));
    findings.wrong(CHECK, text, "cmf audit verify");
    Ok(())
}
