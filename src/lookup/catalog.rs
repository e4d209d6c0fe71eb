//! A catalog by its name or id.

use crate::db::catalogs::Catalog;
use crate::db::{self, Connection};
use crate::domain::near;
use crate::domain::text::{first_of, folded};
use crate::error::{Cause, Error, Result, shell_word};
use crate::lookup::user;

/// The catalog people mean: by id or by name (in any case), of this owner if one is given. Exit 2 when there is none (with
/// near names) or when several owners have one of this name.
pub async fn find(tx: &mut Connection, text: &str, owner: Option<&str>) -> Result<Catalog> {
    let owner_id = user::if_named(tx, owner).await?.map(|user| user.id);
    let catalogs = db::catalogs::list(tx, owner_id).await?;
    let wanted = folded(text);
    let exact: Vec<&Catalog> =
        catalogs.iter().filter(|catalog| catalog.name == text || catalog.id.to_string() == wanted).collect();
    let found =
        if exact.is_empty() { catalogs.iter().filter(|catalog| folded(&catalog.name) == wanted).collect() } else { exact };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let crosswalks = db::crosswalks::list(tx).await?;
            if let Some(crosswalk) = crosswalks.iter().find(|row| folded(&row.name) == wanted || row.id.to_string() == wanted) {
                return Err(Error::usage(format!("`{}` is a crosswalk, not a catalog", crosswalk.name)).hint(format!(
                    "see `cmf framework crosswalk show {}`; `cmf catalog list` lists the catalogs",
                    shell_word(&crosswalk.name)
                )));
            }
            let otherwise = if catalogs.is_empty() { "import one with `cmf import FILE`" } else { "see `cmf catalog list`" };
            let meant = near::did_you_mean(text, catalogs.iter().map(|catalog| catalog.name.as_str()));
            Err(Error::usage(format!("there is no catalog `{text}`")).hint(meant.unwrap_or_else(|| otherwise.to_owned())))
        }
        several => {
            let mut error = Error::usage(format!("{} catalogs are called `{text}`", several.len()));
            for catalog in several {
                error = error.detail(format!("{} of {}, created {}", catalog.id, catalog.owner, catalog.created_at));
            }
            Err(error.hint("use the id instead of the name"))
        }
    }
}

/// [`find`] where a name is given.
pub async fn if_named(tx: &mut Connection, text: Option<&str>, owner: Option<&str>) -> Result<Option<Catalog>> {
    match text {
        Some(text) => find(tx, text, owner).await.map(Some),
        None => Ok(None),
    }
}

/// The active catalog of this user, or of the only one. Exit 2 when there is none; `option` is what the command wants before a name.
pub(crate) async fn active(tx: &mut Connection, owner: Option<&str>, option: &str) -> Result<Catalog> {
    let user = match user::owner(tx, owner).await {
        Err(error) if error.is(Cause::NoUsers) => {
            let message =
                format!("the schema `{}` has no active user, so it has no catalog to show", db::current_schema(tx).await?);
            return Err(Error::usage(message).hint(user::MAKE).because(Cause::NoUsers));
        }
        found => found?,
    };
    let catalogs = db::catalogs::list(tx, Some(user.id)).await?;
    let names: Vec<String> = catalogs.iter().map(|catalog| shell_word(&catalog.name)).collect();
    catalogs.into_iter().find(|catalog| catalog.is_active).ok_or_else(|| {
        let name = &user.username;
        let mut error = Error::usage(format!("{name} has no active catalog"));
        if !user.is_active {
            error = Error::usage(format!("{name} has no active catalog, and the account is closed"))
                .hint(format!("first open the account: `cmf user activate {}`", shell_word(name)));
        }
        match names.as_slice() {
            [] => error.hint(
                "import one with `cmf import FILE --activate`; commands that score take --default for the default library",
            ),
            [only] => error.hint(format!("add {option}{only}, or run `cmf catalog activate {only}`")),
            [first, others @ ..] => error
                .hint(format!("add {option}{first}, or run `cmf catalog activate {first}`"))
                .hint(format!("other catalogs: {}", first_of(others.iter().map(String::as_str), 6))),
        }
    })
}
