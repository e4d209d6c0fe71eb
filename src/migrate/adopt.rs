//! Taking over a database whose tables were made by another tool or by hand.

use serde_json::json;

use super::drift;
use super::migrator::Migrator;
use super::scratch::Scratch;
use super::set::MigrationSet;
use super::status::{finish, refuse_applied};
use crate::db::audit::Audit;
use crate::db::migrations::{self, Migration};
use crate::db::schema::{self, Difference, Schema};
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::local;
use crate::session::{Limits, Session};

/// What a database is, seen from the migrations.
#[derive(Debug)]
pub struct Adoption {
    /// How many of the migrations make what it is, or is to become. It may be behind: the newest state that fits counts.
    pub count: usize,
    expected: Schema,
    /// What differs from that, and stands in the way.
    pub differences: Vec<Difference>,
    /// What is more, and may stay.
    pub extras: Vec<Difference>,
}

impl Adoption {
    /// Whether nothing is in the way but what statements bring to the schema.
    pub fn is_fixable(&self) -> bool {
        self.differences.iter().all(|one| one.remedy.sql().is_some())
    }
}

/// Refuses a database that cannot be adopted whatever its tables are, and says which version alembic notes for it. Looked at are
/// these schemas, or all when none is named. Exit 1 when migrations are applied, when it is empty, and when it is that of the
/// original web application.
pub async fn check(session: &mut Session, set: &MigrationSet, only: &[String]) -> Result<Option<String>> {
    let mut tx = session.read().await?;
    refuse_applied(&migrations::applied(&mut tx).await?)?;
    let found = schema::read(&mut tx, only).await?;
    let alembic = schema::alembic_version(&mut tx).await?;
    tx.end().await?;
    if found.is_empty() {
        return Err(Error::failed("nothing to adopt: the database is empty").hint(format!("run `{}`", set.command("up"))));
    }
    if found.has_column("frameworks", "code") && found.has_column("metrics", "priority_rank") {
        let version = alembic.map(|version| format!(" (alembic version {version})")).unwrap_or_default();
        return Err(Error::failed(format!(
            "this is the database of the original web application{version}: a different schema with the same table names"
        ))
        .detail("it has frameworks.code and metrics.priority_rank, which the schema of cmf does not have")
        .hint("cmf cannot convert it: export its metrics to a spreadsheet, and `cmf import` that into a new database"));
    }
    Ok(alembic)
}

/// Compares the database with what the migrations make one after the other; what is more may stay where that is allowed. Fails
/// when a migration fails, or there are none.
pub async fn compare(
    session: &mut Session,
    scratch: &mut Scratch<'_>,
    set: &MigrationSet,
    allows_extra: bool,
) -> Result<Adoption> {
    scratch.refuse_other_version(session).await?;
    let mut states: Vec<Schema> = Vec::new();
    for count in 1..=set.migrations.len() {
        states.push(scratch.made_by(&set.migrations[..count]).await?);
    }
    let Some(latest) = states.last() else {
        return Err(Error::failed("there are no migrations to adopt").hint("name the folder of your migrations with --dir"));
    };
    let found = drift::read(session, &latest.names(session.schema())).await?;
    let seen = |at: usize| -> (Vec<Difference>, Vec<Difference>) {
        // What a later migration makes is not somebody's own.
        let is_own = |one: &Difference| states[at + 1..].iter().any(|later| later.has(one));
        states[at].differences(&found).into_iter().partition(|one| allows_extra && one.may_stay() && !is_own(one))
    };
    let newest = states.len() - 1;
    let fitting = (0..states.len()).rev().find(|at| seen(*at).1.is_empty()).unwrap_or(newest);
    let (extras, differences) = seen(fitting);
    let expected = states.swap_remove(fitting);
    let differences = session.look(async |tx| schema::contradicted(tx, &expected, &found, differences).await).await?;
    Ok(Adoption { count: fitting + 1, expected, differences, extras })
}

/// The error for a database that differs, after its differences were shown; `adopt` is the command without options.
pub fn refusal(plan: &Adoption, adopt: &str) -> Error {
    let (fixable, left): (Vec<_>, Vec<_>) = plan.differences.iter().partition(|one| one.remedy.sql().is_some());
    let (extra, by_hand): (Vec<_>, Vec<_>) = left.into_iter().partition(|one| one.may_stay());
    let mut error =
        Error::failed(format!("the schema is not what the migrations make: {}", counted(plan.differences.len(), "difference")));
    let mut options = String::new();
    if !extra.is_empty() {
        options.push_str(" --allow-extra");
        let objects = match extra.len() {
            1 => "this object".to_owned(),
            count => format!("these {count} objects"),
        };
        let adopts = if fixable.is_empty() && by_hand.is_empty() { " and adopts the database" } else { "" };
        error = error.hint(format!("`{adopt} --allow-extra` keeps {objects}{adopts}"));
    }
    if !fixable.is_empty() {
        options.push_str(" --fix");
        error = error.hint(format!(
            "`{adopt}{options}` shows the statements for {} of them, asks, and runs them; `--sql` prints them",
            fixable.len()
        ));
    }
    if !by_hand.is_empty() {
        error = error.hint(format!("{} to decide by hand: each says what is in the way", by_hand.len()));
    }
    error
}

impl Migrator<'_> {
    /// Records migrations as applied that make what is there, after the statements ran that make it so. In one transaction: looks
    /// again, now that nobody else migrates. Fails when something was applied or changed meanwhile, or a statement is refused;
    /// nothing is changed then.
    pub async fn adopt(&mut self, adopted: &[Migration], plan: &Adoption) -> Result<()> {
        self.while_locked(async |this| {
            let names = plan.expected.names(this.session.schema());
            let limits = Limits { lock: this.timeouts.lock_timeout, statement: None, durable: true };
            let mut tx = this.session.plain().await?;
            tx.limit(limits).await?;
            refuse_applied(&migrations::applied(&mut tx).await?)?;
            let is_extra = |one: &Difference| one.may_stay() && plan.extras.iter().any(|extra| extra.label() == one.label());
            let mut now = plan.expected.differences(&schema::read(&mut tx, &names).await?);
            now.retain(|one| !is_extra(one));
            if now != plan.differences {
                return Err(Error::failed("another session changed the schema meanwhile").hint("run the command again"));
            }
            drift::run(&mut tx, &plan.differences, "cmf migrate adopt --sql").await?;
            if !plan.differences.is_empty() {
                let after = plan.expected.differences(&schema::read(&mut tx, &names).await?);
                if let Some(one) = after.iter().find(|one| !is_extra(one)) {
                    let error = Error::failed("the statements do not lead to the schema of the migrations");
                    return Err(error.detail(one.line()));
                }
            }
            migrations::create_ledger(&mut tx).await?;
            for migration in adopted {
                migrations::insert_applied(&mut tx, &migration.version).await?;
                migrations::insert_record(&mut tx, migration, "adopt", None, None, local::login().as_deref()).await?;
            }
            drift::accept(&mut tx, &plan.extras).await?;
            let versions: Vec<&str> = adopted.iter().map(|migration| migration.version.as_str()).collect();
            let mut result = json!({ "recorded": versions });
            if !plan.differences.is_empty() {
                result["fixed"] = plan.differences.iter().map(|one| format!("{} {}", one.change.word(), one.label())).collect();
            }
            if !plan.extras.is_empty() {
                result["accepted"] = plan.extras.iter().map(Difference::label).collect();
            }
            finish(tx, Audit::of("migrate.adopt", result)).await
        })
        .await
    }
}
