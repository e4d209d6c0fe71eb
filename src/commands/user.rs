//! `cmf user`: who owns catalogs and records readings.

use serde_json::json;
use uuid::Uuid;

use crate::context::Context;
use crate::db;
use crate::db::audit::Audit;
use crate::db::users::User;
use crate::domain::password;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result, shell_word};
use crate::lookup;
use crate::output::{Columns, Shape, columns};

#[derive(Debug, clap::Args)]
struct Name {
    /// The user's name
    #[arg(value_name = "USER")]
    user: String,
}

#[derive(Debug, Clone, clap::Args)]
struct Create {
    /// The user's name, at most 100 characters
    name: String,
    /// The user's email address, at most 255 characters
    #[arg(long)]
    email: String,
}

noun! {
    /// Runs `cmf user`. Exit 2 for a name or address that cannot be one, exit 1 when it is taken.
    |context|
    /// Create a user
    Create(args: Create), Changes(Migrator), Shape::one(&CREATED) => create(context, args).await;
    /// List the users
    List, Reads(Reader), Shape::rows(&LISTING) => list(context).await;
    /// Close a user's account; what it owns and recorded stays
    Deactivate(args: Name), Changes(Migrator), Shape::one(&SWITCHED) => set_active(context, &args.user, false).await;
    /// Open a closed account again
    Activate(args: Name), Changes(Migrator), Shape::one(&SWITCHED) => set_active(context, &args.user, true).await;
    /// Set a user's password, asked for on the terminal or read from standard input
    SetPassword(args: Name), Changes(Migrator), Shape::one(&RENEWED) => set_password(context, &args.user).await;
}

const CREATED: Columns<(Uuid, Create)> = columns! { |(id, user)| id, username = &user.name, email = &user.email };
const LISTING: Columns<User> = columns! { |user| id: for_programs, username, email, is_active, active_catalog, created_at };
const SWITCHED: Columns<(User, bool)> =
    columns! { |(user, changed)| id = user.id, username = &user.username, is_active = user.is_active, changed };
const RENEWED: Columns<User> = columns! { |user| id, username, changed = true };

async fn create(context: &Context, args: Create) -> Result<Exit> {
    let name = args.name.clone();
    check_name(&name)?;
    check_email(&args.email)?;
    let mut session = context.open().await?;
    let table = session
        .change(false, async |tx| {
            let id = db::users::insert(tx, &name, &args.email).await?;
            let table = CREATED.one(&(id, args.clone()));
            context.output.check_outcome(&table)?;
            Ok((table, Some(Audit::of("user.create", json!({ "username": name, "user_id": id })))))
        })
        .await?;
    context.output.outcome(&format!("created user {name}"), table)?;
    Ok(Exit::Success)
}

async fn list(context: &Context) -> Result<Exit> {
    let users = context.open().await?.look(db::users::list).await?;
    context.output.results(LISTING.table_of(users)).map(|()| Exit::Success)
}

async fn set_active(context: &Context, name: &str, is_active: bool) -> Result<Exit> {
    let mut session = context.open().await?;
    let action = if is_active { "user.activate" } else { "user.deactivate" };
    let (changed, left, owned, table) = session
        .change(false, async |tx| {
            let user = User { is_active, ..lookup::user::find(tx, name).await? };
            let changed = db::users::set_active(tx, user.id, is_active).await?;
            let id = user.id;
            let table = SWITCHED.one(&(user, changed));
            context.output.check_outcome(&table)?;
            let audit = changed.then(|| Audit::of(action, json!({ "username": name, "user_id": id })));
            let left = db::users::list(tx).await?.iter().filter(|user| user.is_active).count();
            let owned = if changed && !is_active { db::catalogs::list(tx, Some(id)).await?.len() } else { 0 };
            Ok(((changed, left, owned, table), audit))
        })
        .await?;
    let message = match (changed, is_active) {
        (true, true) => format!("user {name} is active"),
        (true, false) => format!("user {name} is inactive; catalogs and readings stay"),
        (false, true) => format!("user {name} was active already"),
        (false, false) => format!("user {name} was inactive already"),
    };
    context.output.outcome(&message, table)?;
    if owned > 0 {
        context.output.notice(&format!(
            "note: {name} still owns {}: `cmf catalog chown CATALOG USER` gives one to another user",
            counted(owned, "catalog")
        ));
    }
    if left == 0 {
        context.output.notice(&format!(
            "note: no user is active now, so no catalog can be imported: `cmf user activate {}` opens this one again",
            shell_word(name)
        ));
    }
    Ok(Exit::Success)
}

/// What is kept is an argon2id hash; the password itself is neither printed nor logged nor an argument.
async fn set_password(context: &Context, name: &str) -> Result<Exit> {
    context.output.check_outcome(&RENEWED.table())?;
    let mut session = context.open().await?;
    let user = session.look(async |tx| lookup::user::find(tx, name).await).await?;
    let password = context.output.ask_password(&format!("new password of {name}"))?;
    let hash = password::hash(&password, Uuid::new_v4().as_bytes()).map_err(|weakness| {
        Error::usage(format!("the password is not accepted: {weakness}"))
            .hint("choose a longer or less usual one, and run the command again")
    })?;
    session
        .change(false, async |tx| {
            db::users::set_password_hash(tx, user.id, &hash).await?;
            Ok(((), Some(Audit::of("user.set-password", json!({ "username": name, "user_id": user.id })))))
        })
        .await?;
    context.output.outcome(&format!("user {name} has a new password"), RENEWED.one(&user))?;
    Ok(Exit::Success)
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        return Err(Error::usage("a user name cannot be empty, or have control characters, or blanks at its ends")
            .hint("choose a name such as ada"));
    }
    if name.chars().count() > 100 {
        return Err(Error::usage("a user name has at most 100 characters"));
    }
    Ok(())
}

fn check_email(email: &str) -> Result<()> {
    let plausible =
        email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
            && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if !plausible {
        return Err(Error::usage(format!("`{email}` is not an email address")).hint("write it as NAME@DOMAIN"));
    }
    if email.chars().count() > 255 {
        return Err(Error::usage("an email address has at most 255 characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_as_many_characters_as_its_column() {
        assert!(check_name(&"\u{e9}".repeat(100)).is_ok());
        assert!(check_name(&"\u{e9}".repeat(101)).is_err());
    }
}
