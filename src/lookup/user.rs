//! A user by name, and the one that a command works for.

use crate::db::users::User;
use crate::db::{self, Connection};
use crate::domain::near;
use crate::error::{Cause, Error, Result, shell_word};
use crate::local;

/// The user of this name. Exit 2 when there is none; the hint lists those that there are.
pub async fn find(tx: &mut Connection, name: &str) -> Result<User> {
    let mut users = db::users::list(tx).await?;
    if let Some(at) = users.iter().position(|user| user.username == name) {
        return Ok(users.swap_remove(at));
    }
    let names: Vec<&str> = users.iter().map(|user| user.username.as_str()).collect();
    let error = Error::usage(format!("there is no user `{name}`"));
    Err(if names.is_empty() {
        error.hint(format!("create one with `cmf user create {} --email ADDRESS`", shell_word(name)))
    } else {
        error.hint(
            near::did_you_mean(name, names.iter().copied()).unwrap_or_else(|| format!("the users are: {}", names.join(", "))),
        )
    })
}

/// [`find`] where a name is given.
pub async fn if_named(tx: &mut Connection, name: Option<&str>) -> Result<Option<User>> {
    match name {
        Some(name) => find(tx, name).await.map(Some),
        None => Ok(None),
    }
}

/// What to do where no user can own anything.
pub(super) const MAKE: &str =
    "create one with `cmf user create NAME --email ADDRESS`, or open one again with `cmf user activate NAME`";

/// The user a command works for: the one named with `--owner`, else the only one there is, else the one named like the login.
/// Exit 2 when the name is unknown, or when none is named and there are several; the hint lists them.
pub async fn owner(tx: &mut Connection, given: Option<&str>) -> Result<User> {
    if let Some(name) = given {
        return find(tx, name).await;
    }
    let mut users = db::users::list(tx).await?;
    users.retain(|user| user.is_active);
    let login = local::login();
    match users.as_slice() {
        [] => Err(Error::usage("there is no active user who can own this").hint(MAKE).because(Cause::NoUsers)),
        [only] => Ok(only.clone()),
        several => several.iter().find(|user| Some(&user.username) == login.as_ref()).cloned().ok_or_else(|| {
            let names: Vec<_> = several.iter().map(|user| user.username.as_str()).collect();
            Error::usage("there are several users, and none has the name of your login")
                .hint(format!("name one with --owner: {}", names.join(", ")))
        }),
    }
}

/// The user that something new is to be of, as [`owner`] finds one: a closed account can own nothing new and record nothing.
pub async fn open(tx: &mut Connection, given: Option<&str>) -> Result<User> {
    let user = owner(tx, given).await?;
    if user.is_active {
        return Ok(user);
    }
    let name = &user.username;
    Err(Error::usage(format!("the account of {name} is closed: it cannot own new things or record"))
        .hint(format!("name another user, or open it again with `cmf user activate {}`", shell_word(name))))
}
