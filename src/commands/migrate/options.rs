//! Options that several verbs of `cmf migrate` take.

use std::time::Duration;

use crate::context::Context;
use crate::db::Address;
use crate::db::schema::{self, Difference};
use crate::domain::span::timeout;
use crate::error::Result;
use crate::migrate::{Scratch, Timeouts};
use crate::output::Confirmed;

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

/// How `--fix` runs statements that change the schema.
#[derive(Debug, clap::Args)]
pub(super) struct FixArgs {
    /// Do not ask
    #[arg(long, requires = "changes")]
    yes: bool,
    /// How long a statement of --fix may wait for a lock; 0 is no limit
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = timeout)]
    pub(super) lock_timeout: Duration,
}

impl FixArgs {
    /// Shows the statements that remove differences, and asks whether to run them.
    pub(super) fn agree(&self, context: &Context, differences: &[Difference]) -> Result<Confirmed> {
        if !self.yes {
            context.output.notice_text(&(schema::in_order(differences).join("\n") + "\n"));
        }
        context.output.confirm(&format!("Run this in one transaction on {}?", context.place()?), self.yes)
    }

    pub(super) fn timeouts(&self) -> Timeouts {
        Timeouts { lock_timeout: self.lock_timeout, ..Timeouts::default() }
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
