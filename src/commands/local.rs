//! `cmf local`: the private Postgres that cmf uses when no server is named.

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::local::{self, Cluster, Endpoint, ServerState};
use crate::output::{Columns, Confirmed, Format, Results, Shape, Shapes, Table, columns, words};
use crate::session::running_endpoint;
use clap::Subcommand;

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
    /// Print its URL, for psql and other programs; starts it if necessary
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

/// Runs `cmf local`. Exit 78 when the private Postgres cannot be set up here, 69 when it does not start or stop, 73 when the
/// disk is full.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.only_private("local")?;
    let context = &context.on_private();
    let cluster = Cluster::at(Context::data_dir()?);
    match args.command {
        Command::Destroy(_) => context.output.check_outcome(&ABSENT.one(&cluster))?,
        Command::Url => context.output.check(&URL.table())?,
        Command::Status => {}
        Command::Start | Command::Stop | Command::Upgrade => {
            context.output.check_outcome(&table(&cluster)?)?;
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
                "Delete the private Postgres in {} with everything in it ({})? This cannot be undone.",
                cluster.directory().display(),
                megabytes(cluster.status()?.size)
            );
            if cluster.exists()? {
                let confirmed = context.output.confirm(&question, args.yes)?;
                destroy(context, cluster, confirmed).await?;
            } else {
                context.output.outcome("there is no private Postgres, nothing to delete", ABSENT.one(&cluster))?;
            }
        }
    }
    Ok(Exit::Success)
}

async fn start(context: &Context, cluster: &Cluster) -> Result<()> {
    let ran = cluster.ready()?.is_some();
    context.open().await?.close().await?;
    let status = cluster.status()?;
    if let Some(runs) = status.binaries.as_ref().filter(|runs| local::others_are_named(runs)) {
        return Err(Error::new(
            Exit::Config,
            format!("the private Postgres is already running with the programs in {}, not those of CMF_PG_BIN", runs.display()),
        )
        .hint("run `cmf local stop`, then `cmf local start`"));
    }
    let version = status.version.clone().unwrap_or_default();
    let place = cluster.directory().display();
    let message = if ran { "is already running" } else { "runs" };
    context.output.outcome(&format!("the private Postgres {version} in {place} {message}"), table(cluster)?)
}

async fn stop(context: &Context, cluster: Cluster) -> Result<()> {
    let stopped = if cluster.exists()? {
        let cluster = cluster.clone();
        local::blocking(move || cluster.stop(&cluster.lock()?)).await?
    } else {
        false
    };
    let message = if stopped { "stopped the private Postgres" } else { "the private Postgres was not running" };
    context.output.outcome(message, table(&cluster)?)
}

fn status(context: &Context, cluster: &Cluster) -> Result<()> {
    context.output.results(table(cluster)?)
}

async fn url(context: &Context, cluster: &Cluster) -> Result<()> {
    context.open().await?.close().await?;
    let url = running_endpoint(cluster.directory())?.url(local::DATABASE);
    context.output.results(Results::from(URL.one(&url)).written_as(Format::Table, format!("{url}\n")))
}

async fn upgrade(context: &Context, cluster: Cluster) -> Result<()> {
    context.agree()?;
    context.output.say("moving the private Postgres to the newest version found");
    let upgraded = {
        let cluster = cluster.clone();
        local::blocking(move || cluster.upgrade(&cluster.lock()?)).await?
    };
    let Some(upgraded) = upgraded else {
        let version = cluster.status()?.version.unwrap_or_default();
        let message = format!("the private Postgres has version {version}, and no newer version is installed: nothing to do");
        return context.output.outcome(&message, table(&cluster)?);
    };
    context.output.notice(&format!(
        "moved the private Postgres from version {} to {}; the old data is in {}: delete it when everything works",
        upgraded.from,
        upgraded.to,
        upgraded.kept.display()
    ));
    context.output.outcome("it runs", table(&cluster)?)
}

async fn destroy(context: &Context, cluster: Cluster, _confirmed: Confirmed) -> Result<()> {
    let directory = cluster.directory().display().to_string();
    let table = ABSENT.one(&cluster);
    local::blocking(move || {
        let lock = cluster.lock()?;
        cluster.destroy(lock)
    })
    .await?;
    context.output.outcome(&format!("deleted the private Postgres in {directory}"), table)
}

const ABSENT: Columns<Cluster> = columns! { |cluster|
    data_dir = cluster.directory().display().to_string(), status: one_of(&["absent"]) = ServerState::Absent.name()
};
words!(ServerState: name);
const STATUS: Columns<(Cluster, local::Status)> = columns! { |(cluster, status)|
    status = status.state,
    pid = status.pid,
    version = &status.version,
    data_dir = cluster.directory().display().to_string(),
    size: for_people = megabytes(status.size),
    size_bytes: for_programs = status.size,
    socket = match &status.endpoint {
        Some(Endpoint::Socket { directory, .. }) => Some(directory.display().to_string()),
        _ => None,
    },
    port: for_programs = match &status.endpoint {
        Some(Endpoint::Socket { port, .. } | Endpoint::Loopback { port, .. }) => Some(i32::from(*port)),
        None => None,
    },
    binaries = status.binaries.as_ref().map(|folder| folder.display().to_string()),
    log = cluster.log().display().to_string()
};
const URL: Columns<String> = columns! { |url| url = url };

pub(super) fn shapes() -> Shapes {
    let status = ["local start", "local stop", "local status", "local upgrade"].map(|words| (words, Shape::one(&STATUS)));
    status.into_iter().chain([("local url", Shape::one(&URL)), ("local destroy", Shape::one(&ABSENT))]).collect()
}

fn table(cluster: &Cluster) -> Result<Table> {
    Ok(STATUS.one(&(cluster.clone(), cluster.status()?)))
}

/// Bytes in megabytes, to one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
