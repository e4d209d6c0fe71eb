//! `cmf user`: who owns catalogs and records readings.

use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use crate::commands;
use crate::context::Context;
use crate::db;
use crate::db::audit::Audit;
use crate::domain::password;
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::Table;

/// Arguments of `cmf user`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a user
    Create(Create),
    /// List the users
    List,
    /// Close a user's account; what it owns and recorded stays
    Deactivate(Name),
    /// Open a closed account again
    Activate(Name),
    /// Set a user's password, asked for on the terminal or read from standard input
    SetPassword(Name),
}

#[derive(Debug, clap::Args)]
struct Name {
    /// The user's name
    #[arg(value_name = "USER")]
    user: String,
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The user's name, at most 100 characters
    name: String,
    /// The user's email address, at most 255 characters
    #[arg(long)]
    email: String,
}

/// Runs `cmf user`.
///
/// # Errors
/// Exit 2 for a name or address that cannot be one, exit 1 when it is taken.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::Create(args) => create(context, args).await,
        Command::List => list(context).await,
        Command::Deactivate(args) => set_active(context, &args.user, false).await,
        Command::Activate(args) => set_active(context, &args.user, true).await,
        Command::SetPassword(args) => set_password(context, &args.user).await,
    }
}

async fn create(context: &Context, args: Create) -> Result<Exit> {
    let Create { name, email } = args;
    check_name(&name)?;
    check_email(&email)?;
    let mut session = commands::connect(context).await?;
    let mut tx = session.write().await?;
    let id = db::users::insert(&mut tx, &name, &email).await?;
    let mut table = Table::new(["id", "username", "email"]).single();
    table.row([id.into(), name.as_str().into(), email.into()]);
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("user.create", json!({ "username": name })).by(Some(id))).await?;
    context.output.outcome(&format!("created user {name}"), table)?;
    Ok(Exit::Success)
}

async fn list(context: &Context) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let users = db::users::list(&mut tx).await?;
    tx.end().await?;
    let mut table =
        Table::new(["id", "username", "email", "is_active", "active_catalog", "created_at"]).only_for_programs(&["id"]);
    for user in users {
        table.row([
            user.id.into(),
            user.username.into(),
            user.email.into(),
            user.is_active.into(),
            user.active_catalog.into(),
            user.created_at.into(),
        ]);
    }
    context.output.results(table)?;
    Ok(Exit::Success)
}

async fn set_active(context: &Context, name: &str, is_active: bool) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.write().await?;
    let user = lookup::user::find(&mut tx, name).await?;
    let changed = db::users::set_active(&mut tx, user.id, is_active).await?;
    let mut table = Table::new(["id", "username", "is_active", "changed"]).single();
    table.row([user.id.into(), name.into(), is_active.into(), changed.into()]);
    context.output.check_outcome(&table)?;
    if changed {
        let action = if is_active { "user.activate" } else { "user.deactivate" };
        tx.finish(Audit::of(action, json!({ "username": name })).by(Some(user.id))).await?;
    } else {
        tx.unchanged().await?;
    }
    let message = match (changed, is_active) {
        (true, true) => format!("user {name} is active"),
        (true, false) => format!("user {name} is inactive; catalogs and readings stay"),
        (false, true) => format!("user {name} was active already"),
        (false, false) => format!("user {name} was inactive already"),
    };
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

/// What is kept is an argon2id hash; the password itself is neither printed nor logged nor an argument.
async fn set_password(context: &Context, name: &str) -> Result<Exit> {
    let mut table = Table::new(["id", "username", "changed"]).single();
    context.output.check_outcome(&table)?;
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let user = lookup::user::find(&mut tx, name).await?;
    tx.end().await?;
    let password = context.output.ask_password(&format!("new password of {name}"))?;
    let hash = password::hash(&password, Uuid::new_v4().as_bytes()).map_err(|weakness| {
        Error::usage(format!("this cannot be a password: {weakness}")).hint("nothing changed; run the command again")
    })?;
    let mut tx = session.write().await?;
    db::users::set_password_hash(&mut tx, user.id, &hash).await?;
    tx.finish(Audit::of("user.set-password", json!({ "username": name })).by(Some(user.id))).await?;
    table.row([user.id.into(), name.into(), true.into()]);
    context.output.outcome(&format!("user {name} has a new password"), table)?;
    Ok(Exit::Success)
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        return Err(Error::usage("a user name is not empty and has no blanks around it and no control characters"));
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
