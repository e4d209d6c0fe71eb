//! What has to hold in the data.

use super::{Findings, State};
use crate::db::doctor::Found;
use crate::db::{self, Database};
use crate::error::Result;

/// Looks at every invariant and adds what was found.
pub(super) async fn invariants(database: &mut Database, findings: &mut Findings) -> Result<()> {
    let mut tx = database.begin().await?;
    let mut add = |check, state, found: Found, what: &str, none: &str, mend: &str| {
        if found.count == 0 {
            findings.ok(check, none);
            return;
        }
        let more = if usize::try_from(found.count).unwrap_or(usize::MAX) > found.examples.len() { ", ..." } else { "" };
        let text = format!("{} {what}: {}{more}", found.count, found.examples.join(", "));
        if state == State::Wrong { findings.wrong(check, text, mend) } else { findings.warning(check, text, mend) }
    };
    add(
        "one active catalog",
        State::Wrong,
        db::doctor::owners_with_several_active(&mut tx).await?,
        "owners have several active catalogs",
        "every owner has one or none",
        "cmf catalog activate CATALOG",
    );
    add(
        "active catalog of users",
        State::Wrong,
        db::doctor::users_with_another_active(&mut tx).await?,
        "users point at another catalog than the active one",
        "users and catalogs agree",
        "cmf doctor --fix",
    );
    add(
        "mappings",
        State::Wrong,
        db::doctor::mappings_to_unknown_codes(&mut tx).await?,
        "mappings are to codes that their framework has not",
        "every mapped code is known",
        "cmf map set ITEM CODE --catalog CATALOG",
    );
    add(
        "functions",
        State::Wrong,
        db::doctor::metrics_of_unknown_functions(&mut tx).await?,
        "metrics of the default library have a function that no framework has",
        "every function of the default library is known",
        "cmf metric set METRIC --function CODE",
    );
    add(
        "current values",
        State::Wrong,
        db::doctor::stale_current_values(&mut tx).await?,
        "metrics have another value than their newest reading",
        "every current value is the newest reading",
        "cmf doctor --fix",
    );
    add(
        "values without reading",
        State::Warning,
        db::doctor::values_without_reading(&mut tx).await?,
        "metrics have a value and no reading",
        "every current value has a reading",
        "cmf record METRIC VALUE",
    );
    add(
        "targets",
        State::Warning,
        db::doctor::metrics_without_target(&mut tx).await?,
        "metrics cannot be scored for want of a target or bounds",
        "every metric has a target",
        "cmf metric set METRIC --target VALUE, or --lower VALUE --upper VALUE for a range",
    );
    add(
        "units",
        State::Warning,
        db::doctor::metrics_without_unit(&mut tx).await?,
        "metrics have no unit",
        "every metric has a unit",
        "cmf metric set METRIC --unit UNIT",
    );
    add(
        "orphans",
        State::Wrong,
        db::doctor::metrics_without_item(&mut tx).await?,
        "metrics of a catalog have no item there",
        "every metric of a catalog has its item",
        "cmf metric rm METRIC --all",
    );
    add(
        "names",
        State::Warning,
        db::doctor::namesakes(&mut tx).await?,
        "numbers or names stand for several metrics",
        "every number and name is one metric's",
        "cmf metric set ID --number NUMBER",
    );
    add(
        "future readings",
        State::Warning,
        db::doctor::future_readings(&mut tx).await?,
        "readings lie in the future",
        "no reading lies in the future",
        "cmf record undo ID",
    );
    tx.rollback().await
}
