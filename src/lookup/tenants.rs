//! What to say where the schema of a run has no tables of cmf: the tenants that there are, for a name may be mistyped.

use crate::db::{self, Connection, PUBLIC, migrations, schemas};
use crate::domain::near;
use crate::error::{Cause, Error, Result, shell_word};
use crate::session::Session;

/// How many tenants are listed.
const LISTED: usize = 10;

/// A schema in which nothing was migrated.
pub struct Missing {
    cause: Option<Cause>,
    pub message: String,
    pub hint: String,
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        missing.cause.into_iter().fold(Error::failed(missing.message).hint(missing.hint), Error::because)
    }
}

/// What is to be said where the schema of a run has no tables of cmf; nothing where it has, and nothing in a database that
/// was never migrated and has no tenants.
pub async fn missing(tx: &mut Connection, schema: &str) -> Result<Option<Missing>> {
    if migrations::has_ledger(tx).await? {
        return Ok(None);
    }
    let tenants = schemas::migrated(tx).await?;
    if schema == PUBLIC {
        return Ok((!tenants.is_empty()).then(|| Missing {
            cause: None,
            message: "the schema `public`, which is used without --schema, has no tables of cmf".to_owned(),
            hint: format!("name a tenant with --schema: {}", listed("", &tenants)),
        }));
    }
    if db::dumps::tables(tx, Some(schema)).await? > 0 {
        return Ok(None);
    }
    Ok(Some(Missing {
        cause: Some(Cause::NoTenant),
        message: format!("there is no tenant `{schema}` in this database"),
        hint: if tenants.is_empty() {
            format!("`cmf --schema {} migrate up` makes it", shell_word(schema))
        } else {
            format!("the schemas with tables of cmf: {}", listed(schema, &tenants))
        },
    }))
}

/// Refuses a schema that [`missing`] has something to say of.
pub async fn check(tx: &mut Connection, schema: &str) -> Result<()> {
    missing(tx, schema).await?.map_or(Ok(()), |missing| Err(missing.into()))
}

/// Names, those first that are like the one that was typed.
fn listed(typed: &str, tenants: &[String]) -> String {
    let quoted = tenants.iter().map(|name| format!("`{name}`"));
    let mut names = near::quoted(typed, tenants.iter().map(String::as_str));
    let others: Vec<String> = quoted.filter(|name| !names.contains(name)).collect();
    names.extend(others);
    let more = if names.len() > LISTED { format!(", ... (`cmf db schemas` lists all {})", names.len()) } else { String::new() };
    names.truncate(LISTED);
    format!("{}{more}", names.join(", "))
}

/// The role that owns the tables of the schema, as far as anybody may know it.
pub async fn owner(session: &mut Session) -> Option<String> {
    let schema = session.schema().to_owned();
    let owners = session.survey(async |tx| db::grants::owners(tx, &schema).await).await.ok()?;
    // Of several, none may do it all.
    <[String; 1]>::try_from(owners).ok().map(|[owner]| owner)
}

/// The error of a command that may not write, with what makes the server refuse that.
async fn unwritable(session: &mut Session, error: Error) -> Error {
    match session.survey(async |tx| db::doctor::refusal(tx).await).await {
        Ok(Some(refusal)) => error.restated(format!("the database accepts no writes: {}", refusal.why()), refusal.remedy()),
        // It accepts them by now.
        _ => error,
    }
}

/// The error of a command that did not find its tables, with what is known about the tenants of the database, or of one that may not
/// write, with why.
pub async fn explained(session: &mut Session, error: Error) -> Error {
    if error.is(Cause::NoWrites) {
        return unwritable(session, error).await;
    }
    let schema = session.schema().to_owned();
    match session.look(async |tx| missing(tx, &schema).await).await {
        Ok(Some(Missing { message, hint, cause })) => cause.into_iter().fold(error.restated(message, hint), Error::because),
        // The tables are there, for others.
        Err(shut) if shut.is(Cause::NoRight) => shut,
        // What was found out first counts.
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_near_names_come_first_and_the_list_ends() {
        let tenants: Vec<String> = ["acme", "beta", "globex"].map(str::to_owned).into();
        assert_eq!(listed("globx", &tenants), "`globex`, `acme`, `beta`");
        let many: Vec<String> = (0..30).map(|number| format!("t{number:02}")).collect();
        let told = listed("zzz", &many);
        assert!(told.starts_with("`t00`, `t01`") && told.ends_with("`t09`, ... (`cmf db schemas` lists all 30)"), "{told}");
    }
}
