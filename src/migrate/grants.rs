//! The rights of database roles that may do their work and nothing else.

use serde_json::json;

use crate::db::audit::Audit;
use crate::db::grants::{self, Ground, Work};
use crate::db::{Connection, migrations, views};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::session::Session;
use crate::tell::Tell;

/// What gives a role what it needs for its work.
#[derive(Debug)]
pub struct Grants {
    pub statements: Vec<String>,
    /// The tables that it takes from other roles, whose own they are now.
    pub taken: Option<String>,
}

/// The statements that give a role what it needs for its work. Exit 1 when the tables are not there, or where the role is to get
/// the rights now and is not there.
pub async fn statements(session: &mut Session, tell: &dyn Tell, (name, work): (&str, Work), apply: bool) -> Result<Grants> {
    let schema = session.schema().to_owned();
    let of_views = views::schema_of(&schema);
    let look = async |tx: &mut Connection| {
        let ground = grants::ground(tx, &schema, name).await?;
        Ok((ground, grants::owners(tx, &schema).await?, views::are_there(tx, &of_views).await?))
    };
    let (ground, mut owners, has_views) = session.survey(look).await?;
    check(tell, &ground, work, &schema, name, apply)?;
    let mut statements = ground.statements(work, &schema, name);
    if has_views && work != Work::Migrator {
        statements.extend(views::rights(&of_views, name, !matches!(work, Work::Recorder | Work::Corrector)));
    }
    owners.retain(|owner| work == Work::Migrator && owner != name);
    let tables = ground.tables.len() - ground.owned.len();
    let taken = (!owners.is_empty())
        .then(|| format!("{} of the schema `{schema}` from {}", counted(tables, "table"), owners.join(", ")));
    Ok(Grants { statements, taken })
}

/// Grants the rights, revokes all others, and returns what the role can do beyond them; `role` is what the trail calls
/// it. Exit 77 when whoever is logged in may not grant all of it; nothing is granted then.
pub async fn apply(
    session: &mut Session,
    (name, role, work): (&str, &str, Work),
    statements: &[String],
) -> Result<Vec<String>> {
    session.agree()?;
    let schema = session.schema().to_owned();
    let mut tx = session.plain().await?;
    for statement in statements {
        grants::apply(&mut tx, statement).await?;
    }
    // Who may not grant something is told so by a warning only.
    let comparison = grants::compare(&mut tx, work, &schema, name).await?;
    if !comparison.lacks.is_empty() {
        let error = Error::new(Exit::Auth, format!("some rights could not be granted to {name}, so none was"));
        let error = comparison.lacks.iter().fold(error, Error::detail);
        return Err(error.hint("run the command as the owner of the tables"));
    }
    let exceeds = comparison.exceeds;
    if migrations::has_audit(&mut tx).await? {
        let undo = work == Work::Corrector;
        let result = json!({ "name": name, "role": role, "undo": undo, "schema": schema, "beyond": exceeds });
        tx.finish(Audit::of("db.grants", result)).await?;
    } else {
        tx.commit().await?;
    }
    Ok(exceeds)
}

/// Says what grants cannot do here.
fn check(tell: &dyn Tell, ground: &Ground, work: Work, schema: &str, name: &str, apply: bool) -> Result<()> {
    if !ground.has_role {
        let role = migrations::quote(name);
        // A password in a statement would stand in the log of the server and in the history of psql.
        let create = format!("create it first, as a superuser in psql: CREATE ROLE {role} LOGIN; then \\password {role}");
        if apply {
            return Err(Error::failed(format!("the server has no role `{name}`")).hint(create));
        }
        tell.notice(&format!("the server has no role `{name}` yet: {create}"));
    }
    if ground.tables.is_empty() && work != Work::Migrator {
        return Err(Error::failed(format!("schema {schema} has no tables of cmf to grant rights on")).hint(
            "run `cmf migrate up` first; to make a role that can do that: `cmf db grants --role migrator NAME --apply`",
        ));
    }
    if ground.is_superuser {
        tell.notice(&format!("{name} is a superuser: no grant limits it"));
    }
    if work != Work::Migrator && !ground.owned.is_empty() {
        return Err(Error::failed(format!("{name} owns tables here, and an owner can do everything with them"))
            .detail(ground.owned.join(", "))
            .hint(
                "name another role, or make another one the owner of all tables: `cmf db grants --role migrator OTHER --apply`",
            ));
    }
    Ok(())
}
