//! `cmf local`: the private Postgres that cmf uses when no server is named.

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::local::{self, Cluster, Endpoint, ServerState};
use crate::output::{Columns, Confirmed, Format, Results, Shape, Table, columns, words};
use crate::session::running_endpoint;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

verbs! { |context, cluster: &Cluster|
    /// Start it; every command that needs it does so by itself
    Start, Reads(Reader), Shape::one(&STATUS) => start(context, cluster).await;
    /// Stop it; open transactions are rolled back
    Stop, Reads(Reader), Shape::one(&STATUS) => stop(context, cluster).await;
    /// Show whether it runs, where it is and how large
    Status, Reads(Reader), Shape::one(&STATUS) => context.output.results(table(cluster)?).map(|()| Exit::Success);
    /// Print its URL, for psql and other programs; starts it if necessary
    Url, Reads(Reader), Shape::one(&URL) => url(context, cluster).await;
    /// Move its data to the newest version of Postgres found; the old data is kept
    Upgrade, Reads(Reader), Shape::one(&STATUS) => upgrade(context, cluster).await;
    /// Stop it and delete it with everything in it
    Destroy(args: Destroy), Changes(Importer), Shape::one(&ABSENT) => to_destroy(context, cluster, args.yes).await;
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
    args.command.run(context, &Cluster::at(Context::data_dir()?)).await
}

async fn start(context: &Context, cluster: &Cluster) -> Result<Exit> {
    context.output.check_outcome(&table(cluster)?)?;
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
    context.output.outcome(&format!("the private Postgres {version} in {place} {message}"), table(cluster)?)?;
    Ok(Exit::Success)
}

async fn stop(context: &Context, cluster: &Cluster) -> Result<Exit> {
    context.output.check_outcome(&table(cluster)?)?;
    let stopped = if cluster.exists()? {
        let cluster = cluster.clone();
        local::blocking(move || cluster.stop(&cluster.lock()?)).await?
    } else {
        false
    };
    let message = if stopped { "stopped the private Postgres" } else { "the private Postgres was not running" };
    context.output.outcome(message, table(cluster)?)?;
    Ok(Exit::Success)
}

async fn url(context: &Context, cluster: &Cluster) -> Result<Exit> {
    context.output.check(&URL.table())?;
    context.open().await?.close().await?;
    let url = running_endpoint(cluster.directory())?.url(local::DATABASE);
    context.output.results(Results::from(URL.one(&url)).written_as(Format::Table, format!("{url}\n")))?;
    Ok(Exit::Success)
}

async fn upgrade(context: &Context, cluster: &Cluster) -> Result<Exit> {
    context.output.check_outcome(&table(cluster)?)?;
    context.agree()?;
    context.output.say("moving the private Postgres to the newest version found");
    let upgraded = {
        let cluster = cluster.clone();
        local::blocking(move || cluster.upgrade(&cluster.lock()?)).await?
    };
    let Some(upgraded) = upgraded else {
        let version = cluster.status()?.version.unwrap_or_default();
        let message = format!("the private Postgres has version {version}, and no newer version is installed: nothing to do");
        context.output.outcome(&message, table(cluster)?)?;
        return Ok(Exit::Success);
    };
    context.output.notice(&format!(
        "moved the private Postgres from version {} to {}; the old data is in {}: delete it when everything works",
        upgraded.from,
        upgraded.to,
        upgraded.kept.display()
    ));
    context.output.outcome("it runs", table(cluster)?)?;
    Ok(Exit::Success)
}

async fn to_destroy(context: &Context, cluster: &Cluster, yes: bool) -> Result<Exit> {
    context.output.check_outcome(&ABSENT.one(cluster))?;
    if !cluster.exists()? {
        context.output.outcome("there is no private Postgres, nothing to delete", ABSENT.one(cluster))?;
        return Ok(Exit::Success);
    }
    let (directory, size) = (cluster.directory().display(), megabytes(cluster.status()?.size));
    let question = format!("Delete the private Postgres in {directory} with everything in it ({size})? This cannot be undone.");
    destroy(cluster, context.output.confirm(&question, yes)?).await?;
    context.output.outcome(&format!("deleted the private Postgres in {directory}"), ABSENT.one(cluster))?;
    Ok(Exit::Success)
}

async fn destroy(cluster: &Cluster, _confirmed: Confirmed) -> Result<()> {
    let cluster = cluster.clone();
    local::blocking(move || cluster.destroy(cluster.lock()?)).await
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

fn table(cluster: &Cluster) -> Result<Table> {
    Ok(STATUS.one(&(cluster.clone(), cluster.status()?)))
}

/// Bytes in megabytes, to one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
