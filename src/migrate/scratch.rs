//! A database made for one command, to try migrations on; it goes with the command, also when a signal ends it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::migrator::Migrator;
use super::pooler;
use super::set::MigrationSet;
use crate::db::migrations::{self, Migration, MigrationScript};
use crate::db::schema::{self, Schema};
use crate::db::{Address, databases, dumps, schemas, views};
use crate::domain::frequency::Freshness;
use crate::error::{Error, Exit, Result};
use crate::session::{Run, Session};
use crate::tell::Tell;

const PREFIX: &str = "cmf_scratch_";

/// What was left by a kill -9 is dropped by a later command, once it is this old.
const STALE: Duration = Duration::from_mins(10);

/// A scratch database, dropped with this.
pub struct Scratch<'a> {
    /// Taken on the way out.
    session: Option<Session>,
    maintenance: Address,
    name: String,
    tell: &'a dyn Tell,
}

/// Connects to a database to make and drop others from: one that every server has, else the one that is named, because a
/// role may be let into its own database only.
pub async fn maintenance(
    address: &Address,
    tell: &dyn Tell,
    connect: impl AsyncFn(&Address) -> Result<Session>,
) -> Result<(Address, Session)> {
    let mut first = None;
    for name in ["postgres", "template1", address.database_name()] {
        let here = address.database(name);
        match connect(&here).await {
            Ok(session) => return Ok((here, session)),
            Err(error) if matches!(error.exit(), Exit::Config | Exit::Auth) => {
                tell.debug(1, &|| error.message().to_owned());
                first.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(first.unwrap_or_else(|| Error::failed("there is no database to connect to")))
}

impl<'a> Scratch<'a> {
    /// Makes one on the server of an address, to which `connect` connects. Exit 77 when the role may not, exit 1 if a pooler
    /// stands before the server.
    pub async fn make(
        address: &Address,
        tell: &'a dyn Tell,
        connect: impl AsyncFn(&Address) -> Result<Session>,
    ) -> Result<Self> {
        let (maintenance, mut server) = maintenance(address, tell, &connect).await?;
        let so = "cmf cannot make a scratch database here, or be sure to drop it";
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
                .hint("this needs a scratch database: name another server of the same version with --scratch-url")
                .hint(server.may_create()),
            _ => error,
        })?;
        // From here on it is dropped whatever happens.
        let mut scratch = Scratch { session: None, maintenance, name, tell };
        let mut session = connect(&address.database(&scratch.name)).await?;
        // Also where no migration is applied, which would make it.
        let home = session.schema().to_owned();
        let mut tx = session.plain().await?;
        schemas::create(&mut tx, &home).await?;
        tx.commit().await?;
        scratch.session = Some(session);
        server.close().await?;
        Ok(scratch)
    }

    /// Refuses to compare with a database on another version of Postgres, which writes the same schema in other words. Fails when
    /// the versions differ.
    pub(super) async fn refuse_other_version(&mut self, session: &mut Session) -> Result<()> {
        let (here, _) = dumps::server(self.session()?.connection()).await?;
        let (there, _) = dumps::server(session.connection()).await?;
        if here == there {
            return Ok(());
        }
        Err(Error::failed(format!(
            "the scratch database is on Postgres {here}, the database on {there}: they print the same schema differently"
        ))
        .hint(format!("name a server of version {there} with --scratch-url")))
    }

    pub(super) fn session(&mut self) -> Result<&mut Session> {
        self.session.as_mut().ok_or_else(|| Error::failed("the scratch database no longer exists"))
    }

    /// Applies those of these migrations that are not applied.
    pub(super) async fn apply(&mut self, migrations: &[Migration]) -> Result<()> {
        let (tell, set) = (self.tell, MigrationSet::of(None, migrations.to_vec()));
        let mut migrator = Migrator::new(self.session()?, tell);
        migrator.allow_out_of_order = true;
        migrator.up(&set, None).await?;
        Ok(())
    }

    pub async fn made_by(&mut self, migrations: &[Migration]) -> Result<Schema> {
        self.apply(migrations).await?;
        self.schema().await
    }

    /// Runs the script of a migration that has run once more, as it runs when it has changed.
    pub(super) async fn run_again(&mut self, migration: &Migration) -> Result<Schema> {
        let session = self.session()?;
        let home = session.schema().to_owned();
        let mut tx = session.plain().await?;
        let script = MigrationScript { name: &migration.name, file: "up.sql", line: 1, sql: &migration.up };
        migrations::run_script(&mut tx, &script).await?;
        migrations::reset_names(&mut tx, &home).await?;
        tx.commit().await?;
        self.schema().await
    }

    /// What is in it with the views for BI tools.
    pub(super) async fn with_views(&mut self, schema: &str, freshness: &Freshness) -> Result<Schema> {
        let mut tx = self.session()?.plain().await?;
        views::make(&mut tx, schema, freshness).await?;
        tx.commit().await?;
        self.schema().await
    }

    /// Takes the newest of these migrations down.
    pub(super) async fn take_down(&mut self, migrations: &[Migration]) -> Result<()> {
        let (tell, set) = (self.tell, MigrationSet::of(None, migrations.to_vec()));
        let newest: Vec<String> = migrations.last().map(|migration| migration.version.clone()).into_iter().collect();
        Migrator::new(self.session()?, tell).take_down(&set, &newest).await?;
        Ok(())
    }

    pub(super) async fn schema(&mut self) -> Result<Schema> {
        let mut tx = self.session()?.read().await?;
        let schema = schema::read(&mut tx, &[]).await?;
        tx.end().await?;
        Ok(schema)
    }
}

impl Drop for Scratch<'_> {
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
