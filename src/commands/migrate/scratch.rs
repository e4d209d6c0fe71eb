//! A database made for one command, to try migrations on; it goes with the command, also when a signal ends it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::engine::Engine;
use super::options::{Patience, Source};
use super::pooler;
use crate::context::Context;
use crate::db::migrations::Migration;
use crate::db::schema::{self, Schema};
use crate::db::{Address, databases, schemas};
use crate::error::{Error, Exit, Result};
use crate::output::{Format, Output};
use crate::session::{Run, Session};

const PREFIX: &str = "cmf_scratch_";

/// What was left by a kill -9 is dropped by a later command, once it is this old.
const STALE: Duration = Duration::from_mins(10);

/// Where to try migrations.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Where {
    /// The server to make a scratch database on [default: the server itself]
    #[arg(long, value_name = "URL", env = "CMF_SCRATCH_URL", hide_env_values = true)]
    scratch_url: Option<String>,
}

/// A scratch database, dropped with this.
pub(super) struct Scratch {
    /// Taken on the way out.
    session: Option<Session>,
    maintenance: Address,
    name: String,
    output: Output,
}

impl Scratch {
    pub(super) async fn make(context: &Context, place: &Where) -> Result<Self> {
        // What is written is nobody's data.
        let context = &context.asking_nobody();
        let address = match &place.scratch_url {
            Some(url) => Address::parse(url)?,
            None => context.address().await?,
        };
        let (maintenance, mut server) = context.maintenance(&address).await?;
        let so = "a scratch database cannot be made, or dropped for certain";
        pooler::refuse(&mut server, &maintenance, so).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        for name in databases::unused(server.connection(), PREFIX).await? {
            let made = name[PREFIX.len()..].split('_').next().and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
            if made.is_some_and(|made| made + STALE < now) {
                databases::drop(server.connection(), &name).await?;
            }
        }
        // The random part keeps commands of the same second apart.
        let random = uuid::Uuid::new_v4().simple().to_string();
        let name = format!("{PREFIX}{}_{}", now.as_secs(), &random[..12]);
        databases::create(server.connection(), &name, "template0").await.map_err(|error| match error.exit() {
            Exit::Auth => error
                .hint("this needs a scratch database: grant the role CREATEDB, or name another server of the same version with --scratch-url"),
            _ => error,
        })?;
        // From here on it is dropped whatever happens.
        let mut scratch = Scratch { session: None, maintenance, name, output: Output::new(Format::Table, true, 0) };
        let mut session = context.connect(&address.database(&scratch.name)).await?;
        // Also where no migration is applied, which would make it.
        let home = session.schema().to_owned();
        let mut tx = session.plain().await?;
        schemas::create(&mut tx, &home).await?;
        tx.commit().await?;
        scratch.session = Some(session);
        server.close().await?;
        Ok(scratch)
    }

    pub(super) fn session(&mut self) -> Result<&mut Session> {
        self.session.as_mut().ok_or_else(|| Error::failed("the scratch database has gone"))
    }

    /// Applies exactly these migrations.
    pub(super) async fn apply(&mut self, migrations: &[Migration]) -> Result<()> {
        let output = self.output.clone();
        let source = Source { folder: None::<PathBuf>, migrations: migrations.to_vec() };
        let mut engine = Engine::new(self.session()?, &output, Patience::default());
        engine.allow_out_of_order = true;
        engine.up(&source, None).await?;
        Ok(())
    }

    /// Takes the newest of these migrations down.
    pub(super) async fn take_down(&mut self, migrations: &[Migration]) -> Result<()> {
        let output = self.output.clone();
        let source = Source { folder: None::<PathBuf>, migrations: migrations.to_vec() };
        let newest: Vec<String> = migrations.last().map(|migration| migration.version.clone()).into_iter().collect();
        let confirmed = output.confirm("", true)?;
        Engine::new(self.session()?, &output, Patience::default()).down(&source, &newest, &confirmed).await?;
        Ok(())
    }

    /// What is in it now.
    pub(super) async fn schema(&mut self) -> Result<Schema> {
        let mut tx = self.session()?.read().await?;
        let schema = schema::read(&mut tx, &[]).await?;
        tx.end().await?;
        Ok(schema)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.session.take());
        let (address, name) = (self.maintenance.clone(), self.name.clone());
        // A runtime cannot wait inside another, and the one of the command may be on its way out after a signal. What this
        // fails to drop, a later command drops.
        let work = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let dropped = async {
                    let mut server = Session::connect(&address, &Run::default()).await.ok()?;
                    databases::drop(server.connection(), &name).await.ok()
                };
                tokio::time::timeout(Duration::from_secs(5), dropped).await.ok().flatten()
            })
        });
        let _ = work.join();
    }
}
