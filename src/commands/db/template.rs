//! `cmf db template` and `clone`: a migrated and seeded database in milliseconds, for tests that each want one.

use std::fmt::Write;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::whole::{NO_LOCK, fill, maintenance, refused};
use crate::context::Context;
use crate::db::migrations::{self, sql};
use crate::db::{Address, databases};
use crate::error::{Error, Exit, Result, shell_word};
use crate::migrate::pooler;
use crate::output::{Columns, Format, columns};
use crate::seed;
use crate::session::Session;

/// How the note on a template begins; the fingerprint of what is in it follows.
const NOTE: &str = "cmf template ";

/// How long to wait for another command that makes a template.
const PATIENCE: Duration = Duration::from_mins(2);

/// Arguments of `cmf db template`.
#[derive(Debug, clap::Args)]
pub(super) struct Template {
    /// What to call it
    name: String,
}

/// Arguments of `cmf db clone`.
#[derive(Debug, clap::Args)]
pub(super) struct Clone {
    /// The template, as `cmf db template` made it
    template: String,
    /// What to call the copy; made up when left out
    name: Option<String>,
}

pub(super) const MADE: Columns<(String, bool)> = columns! { |(template, changed)| template, changed };
pub(super) const CLONED: Columns<(String, String)> = columns! { |(database, url)| database, url };

/// Makes a template: a database with the schema and the bundled frameworks. One that is there is kept while it is current
/// and made anew when it is not. Exit 1 when a database of this name is something else.
pub(super) async fn template(context: &Context, args: Template) -> Result<Exit> {
    context.output.check_outcome(&MADE.table())?;
    let address = context.address().await?;
    let (from, mut server) = maintenance(context, &address).await?;
    pooler::refuse(&mut server, &from, NO_LOCK).await?;
    context.agree()?;
    lock(&mut server).await?;
    let outcome = make(context, &mut server, &address, &args.name).await;
    let unlocked = migrations::unlock(server.connection()).await;
    let made = outcome?;
    unlocked?;
    server.close().await?;
    let message = if made { format!("made template {}", args.name) } else { format!("template {} is current", args.name) };
    context.output.outcome(&message, MADE.one(&(args.name, made)))?;
    Ok(Exit::Success)
}

/// Makes the template unless it is current, and says whether it did.
async fn make(context: &Context, server: &mut Session, address: &Address, name: &str) -> Result<bool> {
    let note = note(context)?;
    let known = databases::find(server.connection(), name).await?;
    match &known {
        Some(known) if known.comment.as_deref() == Some(&note) => return Ok(false),
        Some(known) if !known.comment.as_deref().unwrap_or_default().starts_with(NOTE) => {
            return Err(Error::failed(format!("database {name} exists and is no template of cmf: it stays as it is"))
                .hint("choose another name"));
        }
        _ => {}
    }
    let building = format!("{name}_building");
    // What a command that was killed has left.
    databases::drop(server.connection(), &building).await?;
    databases::create(server.connection(), &building, "template0").await.map_err(|error| refused(error, &building))?;
    fill(context, &address.database(&building), true).await?;
    databases::comment(server.connection(), &building, &note).await?;
    if known.is_some() {
        databases::drop(server.connection(), name).await?;
    }
    databases::rename(server.connection(), &building, name).await?;
    // Nobody gets onto it, so nobody is in the way of a copy.
    databases::close(server.connection(), name).await?;
    Ok(true)
}

async fn lock(server: &mut Session) -> Result<()> {
    let locked = async {
        while !migrations::try_lock(server.connection()).await? {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, locked).await.unwrap_or_else(|_| {
        Err(Error::failed("another command makes a template and did not end within 2 minutes").hint("run the command again"))
    })
}

/// What a template of this cmf holds: its migrations and its frameworks, in the schema of this run.
fn note(context: &Context) -> Result<String> {
    let mut digest = Sha256::new();
    if let Some((schema, _)) = context.schema() {
        digest.update(schema);
    }
    for migration in migrations::embedded()? {
        digest.update(sql::checksum(&migration.up));
    }
    for bundled in seed::defaults() {
        digest.update(format!("{:?}", bundled.framework()?));
    }
    let mut note = format!("{NOTE}{} ", env!("CARGO_PKG_VERSION"));
    for byte in digest.finalize().iter().take(16) {
        let _ = write!(note, "{byte:02x}");
    }
    Ok(note)
}

/// Copies a template and prints the copy's URL, without a password. Exit 1 when there is no such template or the name is taken.
pub(super) async fn clone(context: &Context, args: Clone) -> Result<Exit> {
    context.output.check(&CLONED.table())?;
    let address = context.address().await?;
    let (from, mut server) = maintenance(context, &address).await?;
    let name = args.name.unwrap_or_else(|| {
        let random = uuid::Uuid::new_v4().simple().to_string();
        format!("{}_{}", args.template, &random[..8])
    });
    context.agree()?;
    let comment = match copy(&mut server, &args.template, &name).await? {
        Some(comment) => comment,
        // It may be in the making: the old one goes before the new one gets its name. Under the lock nobody makes any.
        None if pooler::refuse(&mut server, &from, NO_LOCK).await.is_ok() => {
            lock(&mut server).await?;
            let copied = copy(&mut server, &args.template, &name).await;
            let unlocked = migrations::unlock(server.connection()).await;
            let copied = copied?;
            unlocked?;
            copied.ok_or_else(|| absent(&args.template))?
        }
        None => return Err(absent(&args.template)),
    };
    if comment != note(context)? {
        context.output.notice(&format!(
            "template {} was made by another cmf: `cmf db template {}` makes it anew",
            args.template,
            shell_word(&args.template)
        ));
    }
    server.close().await?;
    let url = databases::url(&address.database(&name));
    if context.output.format() == Format::Table {
        context.output.text(&format!("{url}\n"))?;
    } else {
        context.output.results(CLONED.one(&(name, url)))?;
    }
    Ok(Exit::Success)
}

/// Copies a template and returns its note; nothing where there is no such template.
async fn copy(server: &mut Session, template: &str, name: &str) -> Result<Option<String>> {
    let known = databases::find(server.connection(), template).await?;
    let Some(comment) = known.and_then(|known| known.comment).filter(|comment| comment.starts_with(NOTE)) else {
        return Ok(None);
    };
    match databases::create(server.connection(), name, template).await {
        Ok(()) => Ok(Some(comment)),
        // Somebody may have taken it away since.
        Err(_) if databases::find(server.connection(), template).await?.is_none() => Ok(None),
        Err(error) => Err(refused(error, name)),
    }
}

fn absent(template: &str) -> Error {
    Error::failed(format!("there is no template `{template}`")).hint(format!("run `cmf db template {}`", shell_word(template)))
}
