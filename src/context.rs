//! What every command needs to know: the global options, the printer, and where the database is.

use std::path::PathBuf;

use clap::Args;

use crate::db::{self, Database};
use crate::error::{Error, Exit, Result};
use crate::local;
use crate::output::{Format, Output, Selection};

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own
    #[arg(long, global = true, value_name = "URL", env = "CMF_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,

    /// Show these columns only, in this order; works for every format, and a wrong name lists the right ones
    #[arg(long, global = true, value_name = "NAME,...", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Sort rows by these columns; a - before a name sorts from high to low
    #[arg(long, global = true, value_name = "[-]NAME,...", value_delimiter = ',', allow_hyphen_values = true)]
    pub sort: Vec<String>,

    /// Print long results on a terminal instead of in the pager
    #[arg(long, global = true)]
    pub no_pager: bool,

    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more; twice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Where the database of this run is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A server that somebody named. It is never migrated or seeded without being asked.
    Named(Box<db::Address>),
    /// The private Postgres in this data directory.
    Private(PathBuf),
}

/// The state a command runs in.
#[derive(Debug)]
pub struct Context {
    /// The printer.
    pub output: Output,
    global: Global,
    private_only: bool,
}

impl Context {
    /// The context for these options.
    pub fn new(global: Global) -> Self {
        let output =
            Output::new(global.format, global.quiet, global.verbose).selecting(Selection::new(&global.columns, &global.sort));
        let output = if global.no_pager { output.without_pager() } else { output };
        Context { output, global, private_only: false }
    }

    /// The same for the demo: on the private Postgres, whatever the options and the environment name, and telling each step.
    #[must_use]
    pub fn for_demo(&self) -> Self {
        Context { output: self.output.talkative().without_pager(), global: self.global.clone(), private_only: true }
    }

    /// Where the database is: `--database-url`, else `CMF_DATABASE_URL`, else `DATABASE_URL`, else the private Postgres.
    ///
    /// # Errors
    /// Exit 78 when the URL is not one of a Postgres server.
    pub fn place(&self) -> Result<Place> {
        let named = self.global.database_url.clone().or_else(|| std::env::var("DATABASE_URL").ok());
        match named.filter(|url| !url.is_empty() && !self.private_only) {
            Some(url) => Ok(Place::Named(Box::new(db::Address::parse(&url)?))),
            None => Ok(Place::Private(Self::data_dir()?)),
        }
    }

    /// The data directory of the private Postgres: `CMF_DATA_DIR`, else the user's usual place for data.
    ///
    /// # Errors
    /// Exit 78 when there is neither `CMF_DATA_DIR` nor a home directory.
    pub fn data_dir() -> Result<PathBuf> {
        local::default_data_dir().ok_or_else(|| {
            Error::new(Exit::Config, "no home directory to keep a private Postgres in")
                .hint("set CMF_DATA_DIR to a directory, or name a server with --database-url")
        })
    }

    /// Connects to an address.
    ///
    /// # Errors
    /// Exit 69 when the server cannot be reached, 77 when it refuses the user.
    pub async fn connect(&self, address: &db::Address) -> Result<Database> {
        self.output.debug(1, || format!("connecting to {address}"));
        Database::connect(address).await
    }
}
