//! What every command needs to know: the global options, the printer, and where the database is.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::{Duration, Instant};

use clap::Args;

use crate::config::{Config, variables};
use crate::db;
use crate::error::{Error, Exit, Result};
use crate::local;
use crate::output::{Format, Output, Selection};
use crate::ready;
use crate::session::{Opening, Run, Session, Whereabouts, running_address, too_many};

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own
    #[arg(long, global = true, value_name = "URL", env = "CMF_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// The profile of the configuration file to take values from that are not given here
    #[arg(long, global = true, value_name = "NAME", env = "CMF_PROFILE")]
    pub profile: Option<String>,

    /// The schema of a tenant, instead of public
    #[arg(long, global = true, value_name = "NAME", env = "CMF_SCHEMA")]
    pub schema: Option<String>,

    /// Do not ask before writing, where the profile says `confirm = true`
    #[arg(short = 'y', long, global = true)]
    pub yes: bool,

    /// Do not ask before changing more rows than are kept for `cmf undo`
    #[arg(long, global = true)]
    pub no_undo: bool,

    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,

    /// Show these columns only, in this order; works for every format, and a wrong name lists the right ones
    #[arg(long, global = true, value_name = "COLUMN,...", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Sort rows by these columns; a - before a name sorts from high to low
    #[arg(long, global = true, value_name = "[-]COLUMN,...", value_delimiter = ',', allow_hyphen_values = true)]
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

/// A command that runs within another one.
pub(crate) type Performed<'a> = Pin<Box<dyn Future<Output = Result<Exit>> + 'a>>;

/// Runs a command from its arguments without the leading `cmf`.
pub(crate) type Perform = for<'a> fn(&'a Context, &'a [String]) -> Performed<'a>;

/// The state a command runs in.
#[derive(Debug, Clone)]
pub struct Context {
    pub output: Output,
    global: Global,
    config: Config,
    private_only: bool,
    /// The database to work on, whatever the options and the environment name.
    at: Option<Box<db::Address>>,
    deadline: Option<Instant>,
    /// The role whose rights the sessions have, if it is not the one that logs in.
    role: Option<String>,
    run: Run,
    perform: Option<Perform>,
}

impl Context {
    pub fn new(global: Global, config: Config) -> Self {
        let output =
            Output::new(global.format, global.quiet, global.verbose).selecting(Selection::new(&global.columns, &global.sort));
        let output = if global.no_pager { output.without_pager() } else { output };
        let (asker, no_undo) = (output.clone(), global.no_undo);
        let run = Run::default().asking_to_forgo(move |rows| {
            if !asker.can_ask() {
                return Err(too_many(rows));
            }
            let question = format!("This changes {rows} rows, too many to store: `cmf undo` cannot undo it.");
            asker.confirm(&question, false).map(drop)
        });
        // Said before, so that the work need not be done a second time after the question.
        let run = if no_undo { run.forgoing() } else { run };
        Context { output, global, config, private_only: false, at: None, deadline: None, role: None, run, perform: None }
    }

    /// The same where a command may consist of others.
    #[must_use]
    pub(crate) fn performing(self, perform: Perform) -> Self {
        Context { perform: Some(perform), ..self }
    }

    /// The profile that was named on the command line.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.global.profile.as_deref()
    }

    /// Runs a command that this one consists of, from its arguments without the leading `cmf`. Its result is printed.
    /// Fails as that command does.
    pub async fn perform(&self, words: &[String]) -> Result<Exit> {
        let perform = self.perform.ok_or_else(|| Error::failed("no command can be run from here"))?;
        perform(self, words).await
    }

    /// The same on this server, whatever the options and the environment name.
    #[must_use]
    pub fn at(&self, at: db::Address) -> Self {
        Context { at: Some(Box::new(at)), private_only: false, ..self.clone() }
    }

    /// The same on a database that this command has made, for commands that it consists of: nobody asked for their results.
    #[must_use]
    pub fn within(&self, at: db::Address) -> Self {
        self.asking_nobody().at(at).muted()
    }

    /// The same for commands that a command consists of: nobody asked for their results.
    #[must_use]
    pub fn muted(&self) -> Self {
        Context { output: self.output.muted(), ..self.clone() }
    }

    /// The same on the private Postgres, whatever the options and the environment name.
    #[must_use]
    pub fn on_private(&self) -> Self {
        Context { private_only: true, ..self.clone() }
    }

    /// The same for the demo: on the private Postgres, whatever the options and the environment name, and telling each step.
    #[must_use]
    pub fn for_demo(&self) -> Self {
        Context {
            output: self.output.talkative().without_pager(),
            global: Global { schema: None, ..self.global.clone() },
            config: Config::default(),
            ..self.on_private()
        }
    }

    /// What the configuration says for this run.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the choice of the profile comes from, in words.
    pub fn profile_origin(&self) -> &'static str {
        match (&self.global.profile, std::env::var("CMF_PROFILE")) {
            (Some(given), Ok(variable)) if *given == variable => "CMF_PROFILE",
            (Some(_), _) => "--profile",
            (None, _) => "default",
        }
    }

    /// The URL of the server that somebody named, and who: `--database-url`, `CMF_DATABASE_URL`, `DATABASE_URL` or the profile.
    /// Exit 78 when `DATABASE_URL` is set and empty: somebody meant to name a server.
    pub fn database_url(&self) -> Result<Option<(String, String)>> {
        if self.private_only {
            return Ok(None);
        }
        if let Some(url) = self.global.database_url.clone() {
            let is_variable = std::env::var("CMF_DATABASE_URL").is_ok_and(|variable| variable == url);
            return Ok(Some((url, if is_variable { "CMF_DATABASE_URL" } else { "--database-url" }.to_owned())));
        }
        if let Some(url) = variables::value("DATABASE_URL")? {
            return Ok(Some((url, "DATABASE_URL".to_owned())));
        }
        let url = self.config.get("database_url").and_then(|setting| setting.values.first()).cloned();
        Ok(url.map(|url| (url, format!("profile {}", self.config.profile.as_deref().unwrap_or_default()))))
    }

    /// Refuses a server that is named for a command which works on the private Postgres alone: it would not be touched.
    /// Returns who named one elsewhere than on the command line. Exit 2 for `--database-url`.
    pub fn only_private(&self, command: &str) -> Result<Option<String>> {
        // A name that is empty is no matter if it is not used.
        let origin = self.database_url().ok().flatten().map(|(_, origin)| origin);
        if origin.as_deref() == Some("--database-url") {
            let message = format!("`cmf {command}` works only on the private Postgres, not on the server of --database-url");
            return Err(Error::usage(message).hint("leave out --database-url"));
        }
        Ok(origin)
    }

    /// The tenant's schema, and who named it; nothing for `public`.
    pub fn schema(&self) -> Option<(&str, String)> {
        if let Some(name) = self.global.schema.as_deref() {
            let variable = std::env::var("CMF_SCHEMA").is_ok_and(|variable| variable == name);
            return Some((name, if variable { "CMF_SCHEMA" } else { "--schema" }.to_owned()));
        }
        let name = self.config.get("schema")?.values.first()?;
        Some((name, format!("profile {}", self.config.profile.as_deref().unwrap_or_default())))
    }

    /// The same on another schema.
    #[must_use]
    pub fn in_schema(&self, name: &str) -> Self {
        Context { global: Global { schema: Some(name.to_owned()), ..self.global.clone() }, ..self.clone() }
    }

    /// The same with the rights of this role, or of the one that logs in.
    #[must_use]
    pub fn as_role(&self, role: Option<&str>) -> Self {
        Context { role: role.map(str::to_owned), ..self.clone() }
    }

    /// The same where no attempt to connect continues after this.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Context { deadline: Some(deadline), ..self.clone() }
    }

    /// The same where this question is asked before something is written.
    #[must_use]
    pub fn asking(self, question: String) -> Self {
        let output = self.output.clone();
        // Once a run: a question that the command has asked itself will do.
        let run = self
            .run
            .clone()
            .asking(move || if output.was_confirmed() { Ok(()) } else { output.confirm(&question, false).map(drop) });
        Context { run, ..self }
    }

    /// The same if nobody is asked, for what is nobody's data.
    #[must_use]
    pub fn asking_nobody(&self) -> Self {
        Context { run: Run::default(), ..self.clone() }
    }

    /// Asks before something is written by what does not begin with [`Session::change`].
    pub fn agree(&self) -> Result<()> {
        self.run.agree()
    }

    /// What the sessions of this run share.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Where the database is: `--database-url`, else `CMF_DATABASE_URL`, else `DATABASE_URL`, else the profile's, else the
    /// private Postgres. Exit 78 when the URL is not one of a Postgres server, and when none is named and the configuration
    /// file, which may name one, cannot be read.
    pub fn place(&self) -> Result<Whereabouts> {
        if let Some(at) = &self.at {
            return Ok(Whereabouts::Named(at.clone()));
        }
        match self.database_url()? {
            Some((url, origin)) => {
                let address = db::Address::parse_from(&url, &origin)?;
                Ok(Whereabouts::Named(Box::new(address)))
            }
            None => match &self.config.out_of_reach {
                Some(missed) if !self.private_only => {
                    Err(Error::new(Exit::Config, format!("no server is named, and the configuration file {missed}"))
                        .hint("name the server with --database-url, or a file that you can read with CMF_CONFIG"))
                }
                _ => Ok(Whereabouts::Private(Self::data_dir()?)),
            },
        }
    }

    /// The data directory of the private Postgres: `CMF_DATA_DIR`, else the user's usual place for data. Exit 78 when there is
    /// neither `CMF_DATA_DIR` nor a home directory.
    pub fn data_dir() -> Result<PathBuf> {
        local::default_data_dir().ok_or_else(|| {
            Error::new(Exit::Config, "there is no home directory for a private Postgres")
                .hint("set CMF_DATA_DIR to a directory, or name a server with --database-url")
        })
    }

    /// How this run opens its sessions.
    pub fn opening(&self) -> Opening<'_> {
        let schema = self.schema().map(|(name, _)| name);
        Opening { run: &self.run, schema, role: self.role.as_deref(), deadline: self.deadline, tell: &self.output }
    }

    /// Connects to the database of this run. The private Postgres is started, and made ready on first use.
    pub async fn open(&self) -> Result<Session> {
        match self.place()? {
            Whereabouts::Named(address) => self.connect(&address).await,
            Whereabouts::Private(directory) => Box::pin(self.opening().private(&directory, ready::make_ready)).await,
        }
    }

    /// Opens a session, trying again for as long as the server does not answer. The time is that for all attempts together.
    pub async fn open_within(&self, wait: Option<Duration>) -> Result<Session> {
        const PAUSE: Duration = Duration::from_millis(200);
        let Some(wait) = wait else { return self.open().await };
        let deadline = Instant::now() + wait;
        let limited = self.until(deadline);
        let mut told: Option<Error> = None;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // The private Postgres takes its time to start, too. An attempt that ends by itself says more.
            let attempt = tokio::time::timeout(left + PAUSE, limited.open()).await.unwrap_or_else(|_| {
                Err(Error::new(Exit::Unreachable, format!("the server was not ready after {:.1} s", wait.as_secs_f64())))
            });
            match attempt {
                Err(error) if error.exit() == Exit::Unreachable => {
                    // An attempt that was cut short says less than a whole one before it.
                    let cut = Instant::now() >= deadline;
                    if cut {
                        return Err(told.unwrap_or(error));
                    }
                    self.output.debug(1, || format!("{}: trying again", error.message()));
                    told = Some(error);
                    tokio::time::sleep(PAUSE.min(deadline.saturating_duration_since(Instant::now()))).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// The same where it makes nothing and starts nothing: nothing where the private Postgres does not run.
    pub async fn open_running(&self) -> Result<Option<Session>> {
        match self.place()? {
            Whereabouts::Named(address) => self.connect(&address).await.map(Some),
            Whereabouts::Private(directory) => self.opening().running(&directory).await,
        }
    }

    /// Where the database of this run is; the private Postgres is started and made ready for that.
    pub async fn address(&self) -> Result<db::Address> {
        match self.place()? {
            Whereabouts::Named(address) => Ok(*address),
            Whereabouts::Private(directory) => {
                self.open().await?.close().await?;
                running_address(&directory)
            }
        }
    }

    /// Connects to an address. Exit 69 when the server cannot be reached, 77 when it refuses the user.
    pub async fn connect(&self, address: &db::Address) -> Result<Session> {
        self.opening().connect(address).await
    }
}
