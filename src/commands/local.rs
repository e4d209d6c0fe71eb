//! `cmf local`: the private Postgres that cmf uses when no server is named.

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use crate::commands::seed;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::{self, Address, migrations};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::import::bundled;
use crate::local::{self, Cluster, Endpoint, Lock, Started, State};
use crate::migrate;
use crate::output::{Confirmed, Format, Table};
use crate::session::{Run, Session};

/// The database that every server has; used to make cmf's own.
const MAINTENANCE: &str = "postgres";

/// Arguments of `cmf local`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start it; every command that needs it does so by itself
    Start,
    /// Stop it; open transactions are rolled back
    Stop,
    /// Show whether it runs, where it is and how large
    Status,
    /// Print its URL, for psql and other programs; starts it if need be
    Url,
    /// Move its data to the newest version of Postgres found; the old data is kept
    Upgrade,
    /// Stop it and delete it with everything in it
    Destroy(Destroy),
}

#[derive(Debug, clap::Args)]
struct Destroy {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs `cmf local`.
///
/// # Errors
/// Exit 78 when the private Postgres cannot be set up here, 69 when it does not start or stop, 73 when the disk is full.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.only_private("local")?;
    let cluster = Cluster::at(Context::data_dir()?);
    match args.command {
        Command::Destroy(_) => context.output.check_outcome(&absent(&cluster))?,
        Command::Url => context.output.check(&Table::new(["url"]))?,
        Command::Status => {}
        Command::Start | Command::Stop | Command::Upgrade => {
            context.output.check_outcome(&table(&cluster, cluster.status()?))?;
        }
    }
    match args.command {
        Command::Start => start(context, &cluster).await?,
        Command::Stop => stop(context, cluster).await?,
        Command::Status => status(context, &cluster)?,
        Command::Url => url(context, &cluster).await?,
        Command::Upgrade => upgrade(context, cluster).await?,
        Command::Destroy(args) => {
            let question = format!(
                "Delete the private Postgres in {} with everything in it ({})?",
                cluster.directory().display(),
                megabytes(cluster.status()?.size)
            );
            if cluster.exists()? {
                let confirmed = context.output.confirm(&question, args.yes)?;
                destroy(context, cluster, confirmed).await?;
            } else {
                context.output.outcome("there is no private Postgres, nothing to delete", absent(&cluster))?;
            }
        }
    }
    Ok(Exit::Success)
}

/// Connects to the private Postgres: starts it where it does not run and, on first use and after an update of cmf that
/// brings new migrations, prepares it.
///
/// # Errors
/// As [`run`], and what migrating and seeding can say.
pub(crate) async fn open(context: &Context, directory: &Path) -> Result<Session> {
    let cluster = Cluster::at(directory);
    if let Some(endpoint) = cluster.ready()?
        && is_prepared(&cluster)?
    {
        match context.connect(&address(&endpoint, local::DATABASE)?).await {
            // The server is gone, or on its way down or up.
            Err(error) if error.exit() == Exit::Unreachable => context.output.debug(1, || error.message().to_owned()),
            other => return other,
        }
    }
    let (lock, started) = bring_up(context, &cluster).await?;
    if !is_prepared(&cluster)? {
        prepare(context, &cluster, &lock, &started).await?;
    }
    context.connect(&address(&started.endpoint, local::DATABASE)?).await
}

/// Where cmf's database of the private Postgres is, which is made ready first.
///
/// # Errors
/// As [`open`].
pub(crate) async fn address_of(context: &Context, directory: &Path) -> Result<Address> {
    open(context, directory).await?.close().await?;
    running_address(directory)
}

/// Connects to the private Postgres where it runs already; starts and prepares nothing.
///
/// # Errors
/// When the server does not answer, or the directory is another user's.
pub(crate) async fn open_if_running(context: &Context, directory: &Path) -> Result<Option<Session>> {
    match Cluster::at(directory).ready()? {
        Some(endpoint) => context.connect(&address(&endpoint, local::DATABASE)?).await.map(Some),
        None => Ok(None),
    }
}

/// Starts the server if need be. The lock comes back with it, for those who go on.
async fn bring_up(context: &Context, cluster: &Cluster) -> Result<(Lock, Started)> {
    context.output.debug(1, || format!("starting the private Postgres in {}", cluster.directory().display()));
    let cluster = cluster.clone();
    blocking(move || {
        let lock = cluster.lock()?;
        let started = cluster.start(&lock)?;
        Ok((lock, started))
    })
    .await
}

/// Runs what waits for processes and locks beside the runtime, so that a signal ends the command all the same.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Error::failed(format!("a thread ended early: {error}"))))
}

fn address(endpoint: &Endpoint, database: &str) -> Result<Address> {
    match endpoint {
        Endpoint::Socket { directory, port } => Address::socket(directory, *port, local::USER, database),
        Endpoint::Loopback { port, password } => Address::loopback(*port, local::USER, password, database),
    }
}

/// The address of the private Postgres, which runs.
///
/// # Errors
/// Exit 69 when it was stopped meanwhile.
pub(crate) fn running_address(directory: &Path) -> Result<Address> {
    match Cluster::at(directory).ready()? {
        Some(endpoint) => address(&endpoint, local::DATABASE),
        None => Err(Error::new(Exit::Unreachable, "the private Postgres was stopped meanwhile").hint("run the command again")),
    }
}

/// Lets the next command look whether migrations are missing, although it is not the first.
///
/// # Errors
/// Exit 73 when the note of it cannot be written.
pub(crate) fn forget_preparation(directory: &Path) -> Result<()> {
    let cluster = Cluster::at(directory);
    cluster.stamp(&cluster.lock()?, "0")
}

/// Whether the note in the data directory says that all migrations of this binary are there.
fn is_prepared(cluster: &Cluster) -> Result<bool> {
    let latest = migrations::latest()?.unwrap_or_default();
    Ok(cluster.stamped()?.is_some_and(|stamped| stamped >= latest))
}

/// Makes the database, its schema and, the first time, the bundled frameworks and a user named after the login.
async fn prepare(context: &Context, cluster: &Cluster, lock: &Lock, started: &Started) -> Result<()> {
    let mut maintenance = Session::connect(&address(&started.endpoint, MAINTENANCE)?, &Run::default()).await?;
    if !db::local::has_database(maintenance.connection()).await? {
        db::local::create_database(maintenance.connection()).await?;
    }
    maintenance.close().await?;

    // Whatever schema the command is for, the first to be made ready is `public`.
    let mut session = Session::connect(&address(&started.endpoint, local::DATABASE)?, &Run::default()).await?;
    let is_first = cluster.stamped()?.is_none();
    let steps = migrate::bring_up(&mut session, &context.output, None).await?;
    let mut message = if is_first {
        format!("made a private Postgres in {}", cluster.directory().display())
    } else {
        format!("brought the private Postgres in {} up to date", cluster.directory().display())
    };
    if !steps.is_empty() {
        message.push_str(&format!(", applied {}", counted(steps.len(), "migration")));
    }
    if is_first {
        let mut tx = session.write().await?;
        let defaults: Vec<_> = bundled::ALL.into_iter().filter(|bundled| bundled.by_default).collect();
        let seeded = seed::seed(&mut tx, &defaults).await?;
        tx.settle(seed::audit(&seeded)).await?;
        let names: Vec<String> = seeded.into_iter().map(|one| one.short_name).collect();
        message.push_str(&format!(", seeded {}", names.join(", ")));
        let mut tx = session.write().await?;
        if db::users::list(&mut tx).await?.is_empty() {
            let name = local::login().unwrap_or_else(|| local::USER.to_owned());
            let id = db::users::insert(&mut tx, &name, &format!("{name}@localhost")).await?;
            tx.finish(Audit::of("user.create", json!({ "username": name })).by(Some(id))).await?;
            message.push_str(&format!(", created the user {name}"));
        } else {
            tx.unchanged().await?;
        }
    }
    session.close().await?;
    cluster.stamp(lock, &migrations::latest()?.unwrap_or_default())?;
    context.output.notice(&message);
    Ok(())
}

async fn start(context: &Context, cluster: &Cluster) -> Result<()> {
    let ran = cluster.ready()?.is_some();
    open(context, cluster.directory()).await?.close().await?;
    let status = cluster.status()?;
    if let (Some(asked), Some(runs)) = (std::env::var_os("CMF_PG_BIN").filter(|folder| !folder.is_empty()), &status.binaries)
        && Path::new(&asked).canonicalize().ok() != runs.canonicalize().ok()
    {
        return Err(Error::new(
            Exit::Config,
            format!("the private Postgres runs already, with the programs in {}, not those of CMF_PG_BIN", runs.display()),
        )
        .hint("run `cmf local stop`, then `cmf local start`"));
    }
    let version = status.version.clone().unwrap_or_default();
    let place = cluster.directory().display();
    let message = if ran { "runs already" } else { "runs" };
    context.output.outcome(&format!("the private Postgres {version} in {place} {message}"), table(cluster, status))
}

async fn stop(context: &Context, cluster: Cluster) -> Result<()> {
    let stopped = if cluster.exists()? {
        let cluster = cluster.clone();
        blocking(move || cluster.stop(&cluster.lock()?)).await?
    } else {
        false
    };
    let message = if stopped { "stopped the private Postgres" } else { "the private Postgres did not run" };
    let status = cluster.status()?;
    context.output.outcome(message, table(&cluster, status))
}

fn status(context: &Context, cluster: &Cluster) -> Result<()> {
    let status = cluster.status()?;
    context.output.results(table(cluster, status))
}

async fn url(context: &Context, cluster: &Cluster) -> Result<()> {
    open(context, cluster.directory()).await?.close().await?;
    let Some(endpoint) = cluster.ready()? else {
        return Err(Error::new(Exit::Unreachable, "the private Postgres was stopped meanwhile").hint("run the command again"));
    };
    let url = endpoint.url(local::DATABASE);
    if context.output.format() == Format::Table {
        return context.output.text(&format!("{url}\n"));
    }
    let mut table = Table::new(["url"]).single();
    table.row([url.into()]);
    context.output.results(table)
}

async fn upgrade(context: &Context, cluster: Cluster) -> Result<()> {
    context.agree()?;
    context.output.say("moving the private Postgres to the newest version found");
    let upgraded = {
        let cluster = cluster.clone();
        blocking(move || cluster.upgrade(&cluster.lock()?)).await?
    };
    let status = cluster.status()?;
    let Some(upgraded) = upgraded else {
        let version = status.version.clone().unwrap_or_default();
        let message = format!("the private Postgres is of version {version}, and no newer one is found here: nothing to do");
        return context.output.outcome(&message, table(&cluster, status));
    };
    context.output.notice(&format!(
        "moved the private Postgres from version {} to {}; the old data is kept in {}, delete it when all is well",
        upgraded.from,
        upgraded.to,
        upgraded.kept.display()
    ));
    context.output.outcome("it runs", table(&cluster, status))
}

async fn destroy(context: &Context, cluster: Cluster, _confirmed: Confirmed) -> Result<()> {
    let directory = cluster.directory().display().to_string();
    let table = absent(&cluster);
    blocking(move || {
        let lock = cluster.lock()?;
        cluster.destroy(lock)
    })
    .await?;
    context.output.outcome(&format!("deleted the private Postgres in {directory}"), table)
}

fn absent(cluster: &Cluster) -> Table {
    let mut table = Table::new(["data_dir", "status"]).single();
    table.row([cluster.directory().display().to_string().into(), State::Absent.name().into()]);
    table
}

fn table(cluster: &Cluster, status: local::Status) -> Table {
    let mut table =
        Table::new(["status", "pid", "version", "data_dir", "size", "size_bytes", "socket", "port", "binaries", "log"])
            .only_for_people(&["size"])
            .only_for_programs(&["size_bytes", "port"])
            .single();
    let (socket, port) = match status.endpoint {
        Some(Endpoint::Socket { directory, port }) => (Some(directory.display().to_string()), Some(i32::from(port))),
        Some(Endpoint::Loopback { port, .. }) => (None, Some(i32::from(port))),
        None => (None, None),
    };
    table.row([
        status.state.name().into(),
        status.pid.map(i64::from).into(),
        status.version.into(),
        cluster.directory().display().to_string().into(),
        megabytes(status.size).into(),
        status.size.into(),
        socket.into(),
        port.into(),
        status.binaries.map(|folder| folder.display().to_string()).into(),
        cluster.log().display().to_string().into(),
    ]);
    table
}

/// Bytes in megabytes, to one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
