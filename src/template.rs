//! Templates of databases and their copies. What a database is stands in its comment: a template with a fingerprint of what is in
//! it, or a copy of one, and the time from which it may go.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::db::{databases, migrations};
use crate::domain::text::hex;
use crate::error::{Error, Exit, Result, shell_word};
use crate::framework::seed;
use crate::session::Session;

/// How the note on a template begins; the fingerprint of what is in it follows.
const TEMPLATE: &str = "cmf template ";

/// How the note on a copy begins; the name of its template follows.
const COPY: &str = "cmf copy of ";

/// What stands in a note before the time from which the database may be pruned.
const EXPIRES: &str = "; expires ";

/// How long to wait for another command that makes a template.
const PATIENCE: Duration = Duration::from_mins(2);

/// Does work while no other command makes a template or migrates. Exit 1 where one does for two minutes.
async fn while_locked<T>(server: &mut Session, work: impl AsyncFnOnce(&mut Session) -> Result<T>) -> Result<T> {
    let locked = async {
        while !migrations::try_lock(server.connection()).await? {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, locked).await.unwrap_or_else(|_| {
        Err(Error::failed("another command is making a template and did not end within 2 minutes")
            .hint("run the command again"))
    })?;
    let done = work(server).await;
    let unlocked = migrations::unlock(server.connection()).await;
    let done = done?;
    unlocked.map(|()| done)
}

/// Makes a template of this name with this note unless it is current, and says whether it did; `fill` puts into a database what
/// the note says. Exit 1 where a database of this name is something else.
pub async fn make(
    server: &mut Session,
    name: &str,
    note: &str,
    ttl: Option<TimeDelta>,
    fill: impl AsyncFn(&str) -> Result<()>,
) -> Result<bool> {
    let work = async |server: &mut Session| {
        let known = databases::find(server.connection(), name).await?.map(|known| known.comment.unwrap_or_default());
        let is_current = known.as_deref().is_some_and(|comment| without_expiry(comment) == note)
            && !databases::is_outdated(server.connection(), name).await?;
        match &known {
            Some(comment) if !is_current && !comment.starts_with(TEMPLATE) => {
                return Err(Error::failed(format!("the database `{name}` exists and is not a template of cmf"))
                    .hint("choose another name"));
            }
            _ => {}
        }
        let noted = expiring(server, note.to_owned(), ttl).await?;
        if is_current {
            // Its time begins again.
            databases::comment(server.connection(), name, &noted).await?;
            return Ok(false);
        }
        let building = format!("{name}_building");
        // What a command that was killed has left.
        databases::drop(server.connection(), &building).await?;
        databases::create(server.connection(), &building, "template0").await.map_err(|error| refused(error, server, name))?;
        if let Err(error) = fill(&building).await {
            databases::drop(server.connection(), &building).await?;
            let became = if known.is_some() { "is as before" } else { "was not made" };
            return Err(error.changed(format!("Template {name} {became}.")));
        }
        databases::comment(server.connection(), &building, &noted).await?;
        if known.is_some() {
            databases::drop(server.connection(), name).await?;
        }
        databases::rename(server.connection(), &building, name).await?;
        server.note_change();
        // Nobody gets onto it, so nobody is in the way of a copy.
        databases::close(server.connection(), name).await?;
        Ok(true)
    };
    while_locked(server, work).await
}

/// What a template of this cmf holds: its migrations, its frameworks and the fixtures, in the schema of this run.
pub fn note(schema: Option<&str>, fixtures: Option<Sha256>) -> Result<String> {
    let hex = |digest: Sha256| hex(&digest.finalize()[..16]);
    let mut digest = Sha256::new();
    digest.update(schema.unwrap_or_default());
    for migration in migrations::embedded()? {
        digest.update(migration.fingerprint());
    }
    for bundled in seed::defaults() {
        digest.update(format!("{:?}", bundled.framework()?));
    }
    let with = fixtures.map(|fixtures| format!(" with {}", hex(fixtures))).unwrap_or_default();
    Ok(format!("{TEMPLATE}{} {}{with}", env!("CARGO_PKG_VERSION"), hex(digest)))
}

/// A note with the time from which the database may be pruned, by the server's clock.
async fn expiring(server: &mut Session, note: String, ttl: Option<TimeDelta>) -> Result<String> {
    let Some(ttl) = ttl else { return Ok(note) };
    let expires = databases::clock(server.connection()).await? + ttl;
    Ok(format!("{note}{EXPIRES}{}", expires.to_rfc3339_opts(SecondsFormat::Secs, true)))
}

/// A note without its time.
fn without_expiry(note: &str) -> &str {
    note.split(EXPIRES).next().unwrap_or_default()
}

/// Copies a template and notes whose copy it is. Says whether this version of cmf made the template, by the note that it gives one.
/// Exit 1 where there is no such template; `may_wait` says whether a lock holds on this server.
pub async fn clone(
    server: &mut Session,
    (template, name): (&str, &str),
    ttl: Option<TimeDelta>,
    note: &str,
    may_wait: impl AsyncFn(&mut Session) -> bool,
) -> Result<bool> {
    let comment = match copy(server, template, name).await? {
        Some(comment) => Some(comment),
        // It may be in the making: the old one goes before the new one gets its name. Under the lock nobody makes any.
        None if may_wait(server).await => while_locked(server, async |server| copy(server, template, name).await).await?,
        None => None,
    };
    let comment = comment.ok_or_else(|| {
        let hint = format!("run `cmf db template {}`", shell_word(template));
        Error::failed(format!("there is no template `{template}`")).hint(hint)
    })?;
    server.note_change();
    let noted = expiring(server, format!("{COPY}{template}"), ttl).await?;
    databases::comment(server.connection(), name, &noted).await?;
    // Which fixtures are in it is its maker's matter.
    Ok(without_expiry(&comment).split(" with ").next() == Some(note))
}

/// Copies a template and returns its note; nothing if there is no such template.
async fn copy(server: &mut Session, template: &str, name: &str) -> Result<Option<String>> {
    let known = databases::find(server.connection(), template).await?;
    let comment = match known.map(|known| known.comment.unwrap_or_default()) {
        Some(comment) if comment.starts_with(TEMPLATE) => comment,
        Some(_) => {
            return Err(Error::failed(format!("the database `{template}` is not a template")).hint(
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
            Err(Error::failed(format!("the database `{name}` exists already"))
                .hint(format!("choose another name, or drop it first with `cmf db drop {}`", shell_word(name))))
        }
        Err(error) => Err(refused(error, server, name)),
    }
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
pub fn refused(error: Error, server: &Session, name: &str) -> Error {
    match error.exit() {
        Exit::Auth => error.hint(format!("{}; or run this command as a superuser to make `{name}`", server.may_create())),
        _ => error,
    }
}
