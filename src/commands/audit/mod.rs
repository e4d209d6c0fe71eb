//! `cmf audit`: who changed what, and when, and whether anybody tampered with that.

mod export;
mod prune;
mod verify;

use chrono::{NaiveDateTime, Utc};

use crate::context::Context;
use crate::db;
use crate::db::audit::{Entry, Filter};
use crate::domain::chain::End;
use crate::domain::moment::Moment;
use crate::domain::{near, undo};
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::{Columns, Shape, columns};

#[derive(Debug, clap::Args)]
struct List {
    /// Only this action, such as catalog.activate, or all of a noun, such as catalog
    #[arg(long)]
    action: Option<String>,
    /// Only what was done for this user
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only from this time on: 2026-03-01, 2026-03-01T08:00:00Z, or an age such as 12h, 35d, 6w
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The change's number (`seq`), or its id, or enough of the beginning of the id to be unique
    #[arg(value_name = "CHANGE")]
    id: String,
}

noun! {
    /// Runs `cmf audit`. Exit 2 for an action, user or id that is unknown.
    |context|
    /// List the changes, newest first
    List(args: List), Reads(Reader), Shape::rows(&LISTING) => list(context, args).await;
    /// Show one change with all details
    Show(args: Show), Reads(Reader), Shape::one(&WHOLE) => show(context, &args.id).await;
    /// Write the changes with all columns as JSON lines, oldest first
    Export(args: export::Args), Reads(Reader) => export::run(context, args).await;
    /// Check the chain of hashes; exit 4 if a change was edited or deleted
    Verify(args: verify::Args), Reads(Reader), verify::shape() => verify::run(context, args).await;
    /// Remove the stored rows of old changes, which cannot be undone then
    PruneImages(args: prune::Args), Changes(Migrator), Shape::one(&prune::PRUNED) => prune::run(context, args).await;
}

async fn list(context: &Context, args: List) -> Result<Exit> {
    let now = Utc::now().naive_utc();
    let at = |moment: Option<Moment>| -> Option<NaiveDateTime> { moment.and_then(|moment| moment.before(now)) };
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let user_id = lookup::user::if_named(&mut tx, args.user.as_deref()).await?.map(|user| user.id);
    let filter =
        Filter { action: args.action, user_id, since: at(args.since), until: at(args.until), limit: i64::from(args.limit) + 1 };
    let mut entries = db::audit::list(&mut tx, &filter).await?;
    if entries.is_empty()
        && let Some(action) = &filter.action
    {
        let known = db::audit::actions(&mut tx).await?;
        if !known.iter().any(|other| other == action || other.split('.').next() == Some(action)) {
            return Err(unknown(action, &known));
        }
    }
    let undos = db::audit::undos(&mut tx).await?;
    tx.end().await?;
    let by = undo::taken_back(&undos);
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    let marked = entries.into_iter().map(|entry| {
        let undone = entry.seq().and_then(|seq| by.get(&seq).copied());
        (entry, undone)
    });
    context.output.results(LISTING.table_of(marked))?;
    if more {
        let newest = if limit == 1 { "change is".to_owned() } else { format!("{limit} changes are") };
        context.output.notice(&format!("only the newest {newest} shown; --limit and --until show more"));
    }
    Ok(Exit::Success)
}

impl Entry {
    /// The row's number in the chain.
    fn seq(&self) -> Option<i64> {
        let chain = self.chain.as_ref().filter(|chain| End::read(chain).is_some())?;
        chain.get("seq")?.as_i64()
    }

    /// What else the chain keeps of the row: who was logged in to the database by the word of the writer (`role`), hashes.
    fn link(&self, name: &str) -> Option<String> {
        self.chain.as_ref()?.get(name)?.as_str().map(str::to_owned)
    }
}

fn unknown(action: &str, known: &[String]) -> Error {
    let error = Error::usage(format!("the audit trail has no action `{action}`"));
    match near::did_you_mean(action, known.iter().map(String::as_str)) {
        Some(meant) => error.hint(meant),
        None if known.is_empty() => error.hint("the audit trail is empty"),
        None => error.hint(format!("there are: {}", known.join(", "))),
    }
}

/// How many changes are named where several have ids that begin so.
const FOUND: i64 = 10;

async fn show(context: &Context, id: &str) -> Result<Exit> {
    let wanted = id.trim().to_lowercase();
    if wanted.is_empty() || !wanted.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return Err(Error::usage(format!("`{id}` is not a number, an id or the start of an id")).hint("see `cmf audit list`"));
    }
    let mut session = context.open().await?;
    let mut found = session.look(async |tx| db::audit::find(tx, &wanted, FOUND + 1).await).await?;
    match (found.pop(), found.is_empty()) {
        (Some(entry), true) => {
            context.output.results(WHOLE.one(&entry))?;
            context.output.say(verify::CLAIM);
        }
        (None, _) => {
            return Err(Error::usage(format!("no change has the number or the id `{id}`")).hint("see `cmf audit list`"));
        }
        (Some(last), false) => {
            let mut error = Error::usage(format!("several changes have the number `{id}` or ids that begin with it"));
            found.push(last);
            let shown = usize::try_from(FOUND).unwrap_or(usize::MAX);
            for entry in found.iter().take(shown) {
                let seq = entry.seq().map(|seq| format!("{seq} ")).unwrap_or_default();
                error = error.detail(format!("{seq}{} {}", entry.id, entry.action));
            }
            if found.len() > shown {
                error = error.detail("and older ones");
            }
            return Err(error.hint("type the number of the change, or more characters of its id"));
        }
    }
    Ok(Exit::Success)
}

/// A change, and the one that took it back.
const LISTING: Columns<(Entry, Option<i64>)> = columns! { |(entry, undone)|
    seq = entry.seq(), timestamp = entry.timestamp, action = &entry.action, undone = *undone, username = &entry.username,
    result = &entry.result, source = &entry.source, role: for_programs = entry.link("role"), id = entry.id
};
const WHOLE: Columns<Entry> = columns! { |entry|
    id, timestamp, action, source, mode, username, role = entry.link("role"), prompt, ai_provider, ai_model, tokens_used, result,
    seq = entry.seq(), prev = entry.link("prev"), hash = entry.link("hash")
};
