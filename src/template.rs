//! Templates of databases and their copies. What a database is stands in its comment: a template with a fingerprint of what is in
//! it, or a copy of one, and the time from which it may go.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

use crate::db::{databases, migrations};
use crate::error::{Error, Exit, Result, shell_word};
use crate::session::Session;

/// How the note on a template begins; the fingerprint of what is in it follows.
pub const TEMPLATE: &str = "cmf template ";

/// How the note on a copy begins; the name of its template follows.
pub const COPY: &str = "cmf copy of ";

/// What stands in a note before the time from which the database may be pruned.
const EXPIRES: &str = "; expires ";

/// How long to wait for another command that makes a template.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until no other command makes a template or migrates. Exit 1 where one does for two minutes.
pub async fn lock(server: &mut Session) -> Result<()> {
    let locked = async {
        while !migrations::try_lock(server.connection()).await? {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, locked).await.unwrap_or_else(|_| {
        Err(Error::failed("another command is making a template and did not end within 2 minutes")
            .hint("run the command again"))
    })
}

/// A note with the time from which the database may be pruned, by the server's clock.
pub async fn expiring(server: &mut Session, note: String, ttl: Option<TimeDelta>) -> Result<String> {
    let Some(ttl) = ttl else { return Ok(note) };
    let expires = databases::clock(server.connection()).await? + ttl;
    Ok(format!("{note}{EXPIRES}{}", expires.to_rfc3339_opts(SecondsFormat::Secs, true)))
}

/// A note without its time.
pub fn without_expiry(note: &str) -> &str {
    note.split(EXPIRES).next().unwrap_or_default()
}

/// Copies a template and returns its note; nothing if there is no such template.
pub async fn copy(server: &mut Session, template: &str, name: &str) -> Result<Option<String>> {
    let known = databases::find(server.connection(), template).await?;
    let comment = match known.map(|known| known.comment.unwrap_or_default()) {
        Some(comment) if comment.starts_with(TEMPLATE) => comment,
        Some(_) => {
            return Err(Error::failed(format!("database {template} is not a template")).hint(
                "make one with `cmf db template NAME --import FILE`; it holds the schema, the frameworks and the named files",
            ));
        }
        None => return Ok(None),
    };
    match databases::create(server.connection(), name, template).await {
        Ok(()) => Ok(Some(comment)),
        // Somebody may have taken it away since.
        Err(_) if databases::find(server.connection(), template).await?.is_none() => Ok(None),
        Err(error) if databases::find(server.connection(), name).await?.is_some() => {
            let _ = error;
            Err(Error::failed(format!("the database {name} exists already"))
                .hint(format!("choose another name, or drop it first with `cmf db drop {}`", shell_word(name))))
        }
        Err(error) => Err(refused(error, name)),
    }
}

/// The error where a template is not there.
pub fn absent(template: &str) -> Error {
    Error::failed(format!("there is no template `{template}`")).hint(format!("run `cmf db template {}`", shell_word(template)))
}

/// Whether a database is a copy or a template that cmf has made.
pub fn is_ours(listed: &databases::Listed) -> bool {
    let comment = listed.comment.as_deref().unwrap_or_default();
    comment.starts_with(TEMPLATE) || comment.starts_with(COPY)
}

/// A copy or a template whose time is over.
#[derive(Debug)]
pub struct Expired {
    pub name: String,
    pub until: NaiveDateTime,
    pub sessions: i64,
}

impl Expired {
    /// What is still in use stays until the next time.
    pub fn is_unused(&self) -> bool {
        self.sessions == 0
    }
}

/// The copies and templates whose names begin so and whose time is over.
pub async fn expired(server: &mut Session, prefix: &str) -> Result<Vec<Expired>> {
    let now = databases::clock(server.connection()).await?;
    let expiry = |comment: &str| comment.split_once(EXPIRES)?.1.parse::<DateTime<Utc>>().ok();
    let mut expired = Vec::new();
    for (name, listed) in databases::noted(server.connection(), &[TEMPLATE, COPY]).await? {
        match listed.comment.as_deref().and_then(expiry) {
            Some(until) if until <= now && name.starts_with(prefix) => {
                expired.push(Expired { name, until: until.naive_utc(), sessions: listed.sessions });
            }
            _ => {}
        }
    }
    Ok(expired)
}

/// A refusal to make a database, with what to do.
pub fn refused(error: Error, name: &str) -> Error {
    match error.exit() {
        Exit::Auth => error.hint(format!("grant the role CREATEDB, or let a superuser make `{name}`")),
        _ => error,
    }
}
