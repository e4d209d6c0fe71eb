//! Options that several verbs of `cmf migrate` take.

use std::time::Duration;

use crate::context::Context;
use crate::db::Address;
use crate::domain::span::timeout;
use crate::error::Result;
use crate::migrate::{Scratch, Timeouts};

/// How a run that changes the schema behaves towards others.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct TimeoutArgs {
    /// How long to wait for another session that migrates
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = timeout)]
    lock_wait: Duration,
    /// How long a migration in a transaction may wait for a lock; 0 is no limit
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = timeout)]
    lock_timeout: Duration,
    /// How long one statement of a migration in a transaction may run; 0 is no limit [default: the server's]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    statement_timeout: Option<Duration>,
    /// How often to retry a migration that met a lock or a deadlock
    #[arg(long, value_name = "TIMES", default_value_t = 5)]
    retries: u32,
}

impl From<&TimeoutArgs> for Timeouts {
    fn from(args: &TimeoutArgs) -> Self {
        let TimeoutArgs { lock_wait, lock_timeout, statement_timeout, retries } = *args;
        Timeouts { lock_wait, lock_timeout, statement_timeout, retries }
    }
}

/// Where to try migrations.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ScratchArgs {
    /// The server to make a scratch database on [default: the server itself]
    #[arg(long, value_name = "URL", env = "CMF_SCRATCH_URL", hide_env_values = true)]
    scratch_url: Option<String>,
}

impl ScratchArgs {
    pub(super) async fn make<'a>(&self, context: &'a Context) -> Result<Scratch<'a>> {
        // What is written is nobody's data.
        // The role of --role owns tables and need not make databases.
        let silent = &context.asking_nobody().as_role(None);
        let address = match &self.scratch_url {
            Some(url) => Address::parse(url)?,
            None => silent.address().await?,
        };
        Scratch::make(&address, &context.output, async |address| silent.connect(address).await).await
    }
}
