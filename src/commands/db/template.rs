//! `cmf db template` and `clone`: a database with schema, frameworks and fixtures in milliseconds, for tests that each want one.
//! `prune` takes away those whose time is over.

use std::path::PathBuf;

use chrono::{TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::whole::{CHANGED, NO_LOCK, fill, maintenance, take_away};
use crate::context::Context;
use crate::db::databases;
use crate::domain::span;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result, shell_word};
use crate::files;
use crate::migrate::pooler;
use crate::output::{Columns, Format, Results, columns};
use crate::sample;
use crate::session::{Session, Whereabouts};
use crate::template::{self, Expired, is_ours};

/// The largest fixture, in megabytes.
const MOST: u64 = 1_000;

#[derive(Debug, clap::Args)]
pub(super) struct Template {
    /// Its name
    name: String,
    #[command(flatten)]
    fixtures: Fixtures,
    /// How long it is needed: `cmf db prune` drops it after that
    #[arg(long, value_name = "TIME", value_parser = span::validity)]
    ttl: Option<TimeDelta>,
}

/// What a template holds beside the schema and the frameworks.
#[derive(Debug, clap::Args)]
struct Fixtures {
    /// Import this catalog into it; may be given several times
    #[arg(long, value_name = "FILE")]
    import: Vec<PathBuf>,
    /// The column map for the imports: a file that `cmf import --save-map` wrote
    #[arg(long, value_name = "FILE", requires = "import")]
    map_file: Option<PathBuf>,
    /// Activate the imported catalog
    #[arg(long, requires = "import")]
    activate: bool,
    /// Record this file of readings in it; may be given several times
    #[arg(long, value_name = "FILE")]
    record: Vec<PathBuf>,
    /// Add the starter catalog and a year of readings that ends today
    #[arg(long, conflicts_with = "activate")]
    sample: bool,
    /// Who owns the catalogs: a user that is made in the template
    #[arg(long, value_name = "USER", default_value = "cmf")]
    owner: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Clone {
    /// The template, as `cmf db template` made it
    template: String,
    /// The name of the copy; without it cmf makes one up
    name: Option<String>,
    /// How long it is needed: `cmf db prune` drops it after that
    #[arg(long, value_name = "TIME", value_parser = span::validity)]
    ttl: Option<TimeDelta>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Prune {
    /// Only those whose names begin with this
    #[arg(value_name = "PREFIX", default_value = "")]
    prefix: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be dropped and drop nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const MADE: Columns<(String, bool)> = columns! { |(template, changed)| template, changed };
pub(super) const CLONED: Columns<(String, String)> = columns! { |(database, url)| database, url };
pub(super) const PRUNED: Columns<Expired> =
    columns! { |one| database = &one.name, expired_at = one.until, sessions, dropped = one.is_unused() };

/// Makes a template: a database with the schema, the bundled frameworks, and the fixtures that are named. One that is there is kept
/// while it is current and made again when it is not. Exit 1 when a database of this name is something else, and what an import or a recording of a fixture says.
pub(super) async fn template(context: &Context, args: Template) -> Result<Exit> {
    context.output.check_outcome(&MADE.table())?;
    let fixtures = &args.fixtures;
    if fixtures.activate && fixtures.import.len() > 1 {
        return Err(Error::usage("--activate works with one --import only: a user has one active catalog")
            .hint("leave out --activate, or import one catalog"));
    }
    // They are read before a server is asked for anything.
    let digest = if fixtures.steps().is_empty() { None } else { Some(fixtures.digest()?) };
    let note = template::note(schema(context), digest)?;
    let address = context.address().await?;
    let (from, mut server) = maintenance(context, &address).await?;
    pooler::refuse(&mut server, &from, NO_LOCK).await?;
    context.agree()?;
    let fill = async |name: &str| {
        let place = address.database(name);
        fill(&context.asking_nobody(), &place, true).await?;
        // The commands that bring the fixtures in have options that this one does not have.
        let own = |hint: &str| {
            hint.split(|c: char| c.is_whitespace() || c == '`').all(|word| !word.starts_with("--") || OWN.contains(&word))
        };
        put_in(&context.within(place), fixtures).await.map_err(|error| error.only_hints(own))
    };
    let made = template::make(&mut server, &args.name, &note, args.ttl, fill).await?;
    server.close().await?;
    let message = if made { format!("made template {}", args.name) } else { format!("template {} is current", args.name) };
    context.output.outcome(&message, MADE.one(&(args.name, made)))?;
    Ok(Exit::Success)
}

/// The options by which fixtures are named.
const OWN: [&str; 5] = ["--import", "--map-file", "--record", "--activate", "--owner"];

/// The schema of this run, if it is not the usual one.
fn schema(context: &Context) -> Option<&str> {
    context.schema().map(|(schema, _)| schema)
}

/// Puts the fixtures into a new database, by the commands that a user would type.
async fn put_in(context: &Context, fixtures: &Fixtures) -> Result<()> {
    for words in fixtures.steps() {
        let exit = context.perform(&words).await?;
        if exit != Exit::Success {
            return Err(Error::new(exit, format!("`cmf {}` did only part of its work", words.join(" "))));
        }
    }
    Ok(())
}

impl Fixtures {
    /// The commands that bring them in, as argument lists without the leading `cmf`.
    fn steps(&self) -> Vec<Vec<String>> {
        let owner = &*self.owner;
        let email = format!("{owner}@localhost");
        let mut steps = Vec::new();
        let mut step = |words: &[&str]| steps.push(words.iter().map(|word| (*word).to_owned()).collect());
        if self.sample || !self.import.is_empty() || !self.record.is_empty() {
            step(&["user", "create", owner, "--email", &email]);
        }
        let map_file = self.map_file.as_ref().map(|path| path.display().to_string());
        for file in &self.import {
            let map: Vec<&str> = map_file.iter().flat_map(|file| ["--map-file", file]).collect();
            let activate: &[&str] = if self.activate { &["--activate"] } else { &[] };
            step(&[&["import", &file.display().to_string(), "--owner", owner], &*map, activate].concat());
        }
        if self.sample {
            step(&["seed", "--sample", "--owner", owner]);
        }
        for file in &self.record {
            step(&["record", "--file", &file.display().to_string(), "--by", owner]);
        }
        steps
    }

    /// What tells these fixtures from others: what is in the files and what is done with them.
    fn digest(&self) -> Result<Sha256> {
        let mut digest = Sha256::new();
        for words in self.steps() {
            digest.update(format!("{words:?}"));
        }
        for path in self.import.iter().chain(&self.map_file).chain(&self.record) {
            digest.update(files::read(path, MOST)?);
        }
        if self.sample {
            digest.update(sample::readings(Utc::now())?);
        }
        Ok(digest)
    }
}

/// Copies a template and prints the copy's URL, without a password. Exit 1 when there is no such template or the name is taken.
pub(super) async fn clone(context: &Context, args: Clone) -> Result<Exit> {
    context.output.check(&CLONED.table())?;
    let address = context.address().await?;
    let (from, mut server) = maintenance(context, &address).await?;
    let name = args.name.unwrap_or_else(|| {
        let random = uuid::Uuid::new_v4().simple().to_string();
        format!("{}_{}", args.template, &random[..8])
    });
    context.agree()?;
    let note = template::note(schema(context), None)?;
    let may_wait = async |server: &mut Session| pooler::refuse(server, &from, NO_LOCK).await.is_ok();
    let is_current = template::clone(&mut server, (&args.template, &name), args.ttl, &note, may_wait).await?;
    if !is_current {
        context.output.notice(&format!(
            "template {} was made by another version of cmf: `cmf db template {}` makes it again",
            args.template,
            shell_word(&args.template)
        ));
    }
    server.close().await?;
    let url = databases::url(&address.database(&name));
    let line = format!("{url}\n");
    context.output.results(Results::from(CLONED.one(&(name, url))).written_as(Format::Table, line)).map(|()| Exit::Success)
}

/// Drops a copy or a template. Its name is the confirmation: what is in it can be made again.
pub(super) async fn drop_copy(context: &Context, name: String) -> Result<Exit> {
    let address = context.address().await?;
    let (_, mut server) = maintenance(context, &address).await?;
    let known = databases::find(server.connection(), &name).await?;
    match &known {
        None => context.output.notice(&format!("there is no database {name}: nothing was dropped")),
        Some(listed) if is_ours(listed) => {
            let confirmed = context.output.confirm_by_name("", &name, Some(&name))?;
            context.agree()?;
            take_away(&mut server, &name, &confirmed).await?;
        }
        Some(_) if matches!(context.place()?, Whereabouts::Private(_)) && name == address.database_name() => {
            return Err(Error::usage(format!(
                "the database `{name}` is that of the private Postgres, which is deleted as a whole"
            ))
            .hint("run `cmf local destroy`"));
        }
        Some(_) => {
            return Err(Error::usage(format!("the database `{name}` is not a copy or a template that cmf made")).hint(
                format!("to drop it all the same, name it in the URL and run `cmf db drop --confirm {}`", shell_word(&name)),
            ));
        }
    }
    server.close().await?;
    let message = if known.is_some() { format!("dropped database {name}") } else { "dropped nothing".to_owned() };
    context.output.outcome(&message, CHANGED.one(&(name, known.is_some())))?;
    Ok(Exit::Success)
}

/// Drops copies and templates whose time is over and that nobody is on.
/// Exit 2 without a confirmation.
pub(super) async fn prune(context: &Context, args: Prune) -> Result<Exit> {
    context.output.check(&PRUNED.table())?;
    let address = context.address().await?;
    let (_, mut server) = maintenance(context, &address).await?;
    let expired = template::expired(&mut server, &args.prefix).await?;
    let unused: Vec<&Expired> = expired.iter().filter(|one| one.is_unused()).collect();
    if !args.dry_run && !unused.is_empty() {
        let names: Vec<&str> = unused.iter().map(|one| &*one.name).collect();
        let question = format!("This drops {}: {}.", counted(names.len(), "database"), names.join(", "));
        let confirmed = context.output.confirm(&question, args.yes)?;
        context.agree()?;
        for name in names {
            take_away(&mut server, name, &confirmed).await?;
        }
    }
    server.close().await?;
    context.output.results(PRUNED.table_of(&expired))?;
    if args.dry_run {
        context.output.say("dry run: nothing changed");
    } else if expired.len() > unused.len() {
        context.output.notice("databases in use were not dropped: run the command again when their sessions have ended");
    }
    Ok(Exit::Success)
}
