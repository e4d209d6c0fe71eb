//! `cmf db create`, `drop`, `reset` and `wait`: a whole database made, taken away and awaited.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Target;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::{self, Address, databases};
use crate::domain::span;
use crate::domain::text::counted;
use crate::error::{Cause, Error, Exit, Result, shell_word};
use crate::framework::seed;
use crate::migrate::{self, pooler, scratch};
use crate::output::{Columns, Confirmed, columns};
use crate::session::{Session, Whereabouts, running_address};
use crate::template::refused;

/// Databases that every server has and needs.
const OF_THE_SERVER: [&str; 3] = ["postgres", "template0", "template1"];

/// What follows from a pooler for what migrates.
pub(super) const NO_LOCK: &str = "no lock holds";

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Apply all migrations, too
    #[arg(long)]
    migrate: bool,
    /// Apply all migrations and put the bundled frameworks in, too
    #[arg(long)]
    seed: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Drop {
    /// A copy or a template that `cmf db clone` or `cmf db template` made, instead of the database that the URL names
    #[arg(conflicts_with = "confirm")]
    pub name: Option<String>,
    /// The database's name, as the confirmation
    #[arg(long, value_name = "DBNAME")]
    confirm: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Reset {
    /// The database's name, as the confirmation
    #[arg(long, value_name = "DBNAME")]
    confirm: Option<String>,
    /// Put the bundled frameworks in, too
    #[arg(long)]
    seed: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Wait {
    /// How long at most
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = span::timeout)]
    timeout: Duration,
}

pub(super) const CHANGED: Columns<(String, bool)> = columns! { |(database, changed)| database, changed };
pub(super) const WAITED: Columns<(String, u64)> = columns! { |(address, milliseconds)| address, milliseconds };

/// Makes the database of this run.
pub(super) async fn create(context: &Context, args: Create) -> Result<Exit> {
    context.output.check_outcome(&CHANGED.table())?;
    let address = context.address().await?;
    let name = address.database_name().to_owned();
    let (from, mut server) = maintenance(context, &address).await?;
    let known = databases::find(server.connection(), &name).await?.is_some();
    if args.migrate || args.seed {
        pooler::refuse(&mut server, &from, NO_LOCK).await?;
    }
    context.agree()?;
    if !known {
        databases::create(server.connection(), &name, "template0").await.map_err(|error| refused(error, &server, &name))?;
        server.note_change();
    }
    server.close().await?;
    if args.migrate || args.seed {
        fill(context, &address, args.seed).await.map_err(|error| {
            if known { error } else { error.changed(format!("Database {name} was created, and is not complete.")) }
        })?;
    }
    if known {
        context.output.notice(&format!("database {name} exists already"));
    }
    context.output.outcome(&format!("created database {name}"), CHANGED.one(&(name, !known)))?;
    Ok(Exit::Success)
}

/// Drops the database of this run with everything in it. Exit 2 without the confirmation.
pub(super) async fn drop(context: &Context, args: Drop) -> Result<Exit> {
    context.output.check_outcome(&CHANGED.table())?;
    if matches!(context.place()?, Whereabouts::Private(_)) {
        return Err(Error::usage("the private Postgres can only be deleted as a whole").hint("run `cmf local destroy`"));
    }
    refuse_tenant(context)?;
    let address = context.address().await?;
    let name = address.database_name().to_owned();
    let (from, mut server) = maintenance(context, &address).await?;
    if databases::find(server.connection(), &name).await?.is_none() {
        context.output.notice(&format!("there is no database {name}: nothing was dropped"));
        context.output.outcome("dropped nothing", CHANGED.one(&(name, false)))?;
        return Ok(Exit::Success);
    }
    let confirmed = confirm(context, &mut server, &from, &address, args.confirm.as_deref()).await?;
    context.agree()?;
    take_away(&mut server, &name, &confirmed).await?;
    server.close().await?;
    context.output.outcome(&format!("dropped database {name}"), CHANGED.one(&(name, true)))?;
    Ok(Exit::Success)
}

/// Drops the database of this run and makes it again, with the schema and nothing else in it. Exit 2 without the confirmation.
pub(super) async fn reset(context: &Context, args: Reset) -> Result<Exit> {
    refuse_tenant(context)?;
    context.output.check_outcome(&CHANGED.table())?;
    let address = context.address().await?;
    let name = address.database_name().to_owned();
    let (from, mut server) = maintenance(context, &address).await?;
    pooler::refuse(&mut server, &from, NO_LOCK).await?;
    if databases::find(server.connection(), &name).await?.is_some() {
        let confirmed = confirm(context, &mut server, &from, &address, args.confirm.as_deref()).await?;
        context.agree()?;
        take_away(&mut server, &name, &confirmed).await?;
    }
    context.agree()?;
    let made = databases::create(server.connection(), &name, "template0").await.map_err(|error| refused(error, &server, &name));
    made.map_err(|error| error.changed(format!("Database {name} was dropped, and not created again.")))?;
    server.close().await?;
    fill(context, &address, args.seed)
        .await
        .map_err(|error| error.changed(format!("Database {name} was dropped and created again, and is not complete.")))?;
    let mut session = context.connect(&address).await?;
    let made = json!({ "database": name, "seeded": args.seed });
    session.change(false, async |_| Ok(((), Some(Audit::of("db.reset", made.clone()))))).await?;
    session.close().await?;
    context.output.outcome(&format!("reset database {name}"), CHANGED.one(&(name, true)))?;
    Ok(Exit::Success)
}

/// Connects to a database to make and drop others from.
pub(super) async fn maintenance(context: &Context, address: &Address) -> Result<(Address, Session)> {
    scratch::maintenance(address, &context.output, async |here| context.connect(here).await).await
}

/// Waits until the server is ready. Exit 69 when it does not in time.
pub(super) async fn wait(context: &Context, args: Wait) -> Result<Exit> {
    let started = Instant::now();
    let session = context.open_within(Some(args.timeout)).await?;
    session.close().await?;
    let waited = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let message = format!("the server is ready after {:.1} s", started.elapsed().as_secs_f64());
    context.output.outcome(&message, WAITED.one(&(context.place()?.to_string(), waited)))?;
    Ok(Exit::Success)
}

/// Refuses for a tenant what takes away the database with all tenants.
fn refuse_tenant(context: &Context) -> Result<()> {
    match context.schema() {
        Some((schema, origin)) => Err(Error::usage(format!(
            "this works on the whole database with all its schemas, but {origin} names the schema `{schema}`"
        ))
        .hint(format!(
            "leave out the schema, or empty only `{schema}`: `cmf --schema {word} migrate down --all --confirm {word}`",
            word = shell_word(schema)
        ))),
        None => Ok(()),
    }
}

async fn confirm(
    context: &Context,
    server: &mut Session,
    from: &Address,
    address: &Address,
    given: Option<&str>,
) -> Result<Confirmed> {
    let name = address.database_name();
    if from.database_name() == name && !OF_THE_SERVER.contains(&name) {
        return Err(Error::new(
            Exit::Auth,
            format!(
                "{address} is the only database that this role can connect to, and a database cannot be dropped from inside"
            ),
        )
        .hint("GRANT CONNECT ON DATABASE postgres TO the role, or drop it as another role"));
    }
    if OF_THE_SERVER.contains(&name) {
        return Err(Error::usage(format!("{name} belongs to the server itself: cmf does not drop it"))
            .hint("name the database to drop in the URL"));
    }
    let sessions = databases::find(server.connection(), name).await?.map_or(0, |listed| listed.sessions);
    let mut session = context.connect(address).await?;
    let tables = session.survey(async |tx| db::dumps::tables(tx, None).await).await?;
    session.close().await?;
    let question = format!(
        "This drops database `{address}` with its {} and ends the {} on it. This cannot be undone.",
        counted(tables, "table"),
        counted(sessions, "session")
    );
    context.output.confirm_by_name(&question, name, given)
}

pub(super) async fn take_away(server: &mut Session, name: &str, _confirmed: &Confirmed) -> Result<()> {
    if let Err(error) = databases::drop(server.connection(), name).await {
        let owner = if error.is(Cause::NoRight) { databases::owner(server.connection(), name).await? } else { None };
        return Err(error.owned_by(owner));
    }
    server.note_change();
    Ok(())
}

/// Brings a database's schema up and, where wanted, puts the frameworks in that seeding without a name puts in.
pub(super) async fn fill(context: &Context, address: &Address, with_frameworks: bool) -> Result<()> {
    let mut session = context.connect(address).await?;
    migrate::bring_up(&mut session, &context.output, Some(address.clone())).await?;
    if with_frameworks {
        seed::into(&mut session, &seed::defaults(), false).await?;
    }
    session.close().await
}

/// Postgres's own programs for the database of this run.
pub(super) async fn programs(context: &Context) -> Result<Target> {
    let mut session = context.open().await?;
    let (address, private) = match context.place()? {
        Whereabouts::Named(address) => (*address, None),
        Whereabouts::Private(directory) => (running_address(&directory)?, Some(directory)),
    };
    if private.is_none() {
        pooler::refuse(&mut session, &address, "the settings of pg_dump and pg_restore would stay with servers of others")
            .await?;
    }
    Target::of(session, address, context.schema().map(|(name, _)| name.to_owned()), private).await
}
