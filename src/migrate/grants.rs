//! The rights of database roles that may do their work and nothing else.

use serde_json::json;

use crate::db::audit::Audit;
use crate::db::grants::{self, Ground, Work};
use crate::db::{Connection, migrations, views};
use crate::error::{Error, Exit, Result};
use crate::session::Session;
use crate::tell::Tell;

/// The statements that give a role what it needs for its work. Exit 1 when the tables are not there, or where the role is to get
/// the rights now and is not there.
pub async fn statements(
    session: &mut Session,
    tell: &dyn Tell,
    (name, work): (&str, Work),
    apply: bool,
) -> Result<Vec<String>> {
    let schema = session.schema().to_owned();
    let of_views = views::schema_of(&schema);
    let look =
        async |tx: &mut Connection| Ok((grants::ground(tx, &schema, name).await?, views::are_there(tx, &of_views).await?));
    let (ground, has_views) = session.survey(look).await?;
    check(tell, &ground, work, &schema, name, apply)?;
    let mut statements = ground.statements(work, &schema, name);
    if has_views && work != Work::Migrator {
        statements.extend(views::rights(&of_views, name, !matches!(work, Work::Recorder | Work::Corrector)));
    }
    Ok(statements)
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
        let create = format!("CREATE ROLE {} LOGIN PASSWORD '...'", migrations::quote(name));
        if apply {
            return Err(Error::failed(format!("the server has no role `{name}`"))
                .hint(format!("create it first, as a superuser in psql: {create}; \\password sets another password")));
        }
        tell.notice(&format!("the server has no role `{name}` yet: create it first, as a superuser in psql: {create}"));
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
            .hint("name another role, or make another role the owner: `cmf db grants --role migrator OTHER --apply`"));
    }
    Ok(())
}
