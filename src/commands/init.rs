//! `cmf init`: the first questions, and a profile of the answers.

use std::path::{Path, PathBuf};

use crate::config::{USUAL, profile};
use crate::context::Context;
use crate::db::{self, Address};
use crate::error::{Error, Exit, Result, shell_word};
use crate::import::bundled;
use crate::lookup::{self, tenants};
use crate::output::{Columns, Format, Shape, columns};
use crate::record::spool::Spool;
use crate::{files, local};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the data in a private Postgres of cmf's own; --database-url names a server instead
    #[arg(long)]
    private: bool,
    /// Create the tables on a server that has none, without asking
    #[arg(long, conflicts_with = "private")]
    migrate: bool,
    /// The framework that metrics are mapped to
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,
    /// Who owns the catalogs; a user of this name is created if there is none
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// The email address of a user that is created; without it USER@localhost
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The first spreadsheet to import and activate
    #[arg(long, value_name = "FILE", conflicts_with = "no_sheet")]
    sheet: Option<PathBuf>,
    /// Import nothing yet
    #[arg(long)]
    no_sheet: bool,
    /// The folder for readings while the database is down
    #[arg(long, value_name = "DIR", conflicts_with = "no_spool")]
    spool: Option<PathBuf>,
    /// Keep no readings while the database is down
    #[arg(long)]
    no_spool: bool,
    /// The profile to write
    #[arg(long, value_name = "NAME", default_value = USUAL)]
    name: String,
    /// Replace the profile of this name
    #[arg(long)]
    force: bool,
}

/// What was made.
struct Made {
    profile: String,
    file: String,
    database: String,
    framework: String,
    owner: String,
    spool: Option<String>,
    crontab: String,
}

const MADE: Columns<Made> =
    columns! { |made| profile, config_file = &made.file, database, framework, owner, spool = &made.spool, crontab };

pub fn shape() -> Shape {
    Shape::one(&MADE)
}

/// Where the data is to be.
enum Home {
    Private,
    Server(String),
}

/// Runs `cmf init`. Exit 2 if an answer is missing and nobody can be asked, 73 if the profile is there and stays.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let file = profile::file(context.config())?;
    if !args.force && profile::is_there(&file, &args.name)? {
        return Err(Error::new(Exit::Output, format!("the profile `{}` exists already in {}", args.name, file.display()))
            .hint("add --force to replace it, or --name NAME to write another one"));
    }
    context.output.check(&MADE.table())?;
    let home = home(context, &args)?;
    let framework = framework(context, args.framework.as_deref())?;
    let owner = match &args.owner {
        Some(owner) => owner.clone(),
        None => asked(context, "Who owns the catalogs?", "--owner USER", local::login().as_deref())?,
    };
    let sheet = match &args.sheet {
        None if args.no_sheet => None,
        None => named(asked(
            context,
            "The first spreadsheet to import (`none`: later)?",
            "--sheet FILE or --no-sheet",
            Some("none"),
        )?),
        Some(sheet) => Some(sheet.clone()),
    };
    // A file that is not there is known now, and not when all else is done.
    sheet.as_deref().map_or(Ok(()), |sheet| files::open(sheet).map(drop))?;
    let spool = match &args.spool {
        None if args.no_spool => None,
        None => {
            // Beside the configuration, where the user has a place of their own already.
            let usual = file.with_file_name("spool").display().to_string();
            let question = "A folder for readings while the database is down (`none`: refuse them)?";
            named(asked(context, question, "--spool DIR or --no-spool", Some(&usual))?)
        }
        Some(spool) => Some(spool.clone()),
    };
    spool.clone().map_or(Ok(()), |spool| Spool::new(spool, 0).check())?;
    let spool = spool.map(|spool| std::path::absolute(&spool).unwrap_or(spool).display().to_string());

    let place = match &home {
        Home::Private => context.on_private(),
        Home::Server(url) => context.at(Address::parse(url)?),
    };
    let database = match &home {
        Home::Private => "the private Postgres".to_owned(),
        Home::Server(url) => Address::parse(url)?.url(),
    };
    let metric = prepare(context, &place, &args, &framework, &owner, sheet.as_deref()).await?;

    let mut values = vec![("owner", owner.clone()), ("framework", framework.clone())];
    if let Home::Server(url) = &home {
        values.insert(0, ("database_url", url.clone()));
    }
    values.extend(context.schema().map(|(schema, _)| ("schema", schema.to_owned())));
    values.extend(spool.clone().map(|spool| ("spool", spool)));
    profile::write(&file, &args.name, &values)?;
    let made = Made {
        crontab: crontab(&args.name, metric.as_deref()),
        profile: args.name,
        file: file.display().to_string(),
        database,
        framework,
        owner,
        spool,
    };
    if context.output.format() != Format::Table {
        return context.output.results(MADE.one(&made)).map(|()| Exit::Success);
    }
    context.output.notice(&format!("wrote the profile {} into {}", made.profile, made.file));
    context.output.notice("a line for crontab that records the output of a command each morning:");
    context.output.text(&format!("{}\n", made.crontab))?;
    context.output.notice(&format!("next: `cmf{} status` shows your scores and what to do", selected(&made.profile)));
    Ok(Exit::Success)
}

fn home(context: &Context, args: &Args) -> Result<Home> {
    let said = context.database_url()?.filter(|(_, origin)| origin == "--database-url" || origin == "CMF_DATABASE_URL");
    if let Some((url, origin)) = said {
        if args.private {
            return Err(
                Error::usage(format!("--private and {origin} name two different databases")).hint("leave out one of them")
            );
        }
        Address::parse(&url)?;
        return Ok(Home::Server(url));
    }
    if args.private {
        return Ok(Home::Private);
    }
    let question = "Where should the data be: `private` for cmf's own Postgres, or the URL of a server?";
    let answer = asked(context, question, "--private or --database-url URL", Some("private"))?;
    if answer.eq_ignore_ascii_case("private") {
        return Ok(Home::Private);
    }
    Address::parse(&answer)?;
    Ok(Home::Server(answer))
}

fn framework(context: &Context, given: Option<&str>) -> Result<String> {
    let known = bundled::ALL.map(|one| one.short_name).join(", ");
    let question = format!("Which framework are metrics mapped to: {known}?");
    let answer = match given {
        Some(given) => given.to_owned(),
        None => asked(context, &question, "--framework FRAMEWORK", Some(lookup::framework::USUAL))?,
    };
    Ok(bundled::named(&answer)?.short_name.to_owned())
}

/// The answer to a question; the usual one where Enter is pressed. Exit 2 without a terminal, with the option that answers it.
fn asked(context: &Context, question: &str, option: &str, usual: Option<&str>) -> Result<String> {
    if !context.output.can_ask() {
        return Err(Error::usage(format!("{question} This question needs an answer, and there is no terminal"))
            .hint(format!("add {option}")));
    }
    let shown = usual.map(|usual| format!(" [{usual}]")).unwrap_or_default();
    let answer = context.output.ask_line(&format!("{question}{shown}"))?;
    let answer = answer.ok_or_else(|| Error::failed("no answer"))?;
    let answer = if answer.is_empty() { usual.unwrap_or_default().to_owned() } else { answer };
    if answer.is_empty() { Err(Error::usage("the answer is empty").hint(format!("add {option}"))) } else { Ok(answer) }
}

fn named(answer: String) -> Option<PathBuf> {
    (!answer.eq_ignore_ascii_case("none")).then(|| answer.into())
}

/// Brings into the database what the answers say, by the commands that a user would type. Returns the number of a metric.
async fn prepare(
    context: &Context,
    place: &Context,
    args: &Args,
    framework: &str,
    owner: &str,
    sheet: Option<&Path>,
) -> Result<Option<String>> {
    let quiet = place.muted();
    let mut session = place.open().await?;
    let schema = session.schema().to_owned();
    let mut tx = session.read().await?;
    tenants::check(&mut tx, &schema).await?;
    let is_migrated = db::migrations::has_ledger(&mut tx).await? || db::dumps::tables(&mut tx, Some(&schema)).await? > 0;
    tx.end().await?;
    if !is_migrated {
        context.output.confirm("The database has no tables of cmf. Create them with `cmf migrate up`?", args.migrate)?;
        quiet.perform(&words(["migrate", "up"])).await?;
    }
    quiet.perform(&words(["seed", framework])).await?;
    let is_known = session.look(db::users::list).await?.iter().any(|user| user.username == owner);
    if !is_known {
        let email = args.email.clone().unwrap_or_else(|| format!("{owner}@localhost"));
        quiet.perform(&words(["user", "create", owner, "--email", &email])).await?;
    }
    if let Some(sheet) = sheet {
        let sheet = sheet.display().to_string();
        // What an import decided is for who reads it.
        let shown = if context.output.format() == Format::Table { place } else { &quiet };
        shown.perform(&words(["import", &sheet, "--owner", owner, "--framework", framework, "--activate"])).await?;
    }
    let metrics = session.look(async |tx| db::metrics::in_scope(tx, None, None).await).await?;
    session.close().await?;
    Ok(metrics.first().map(|metric| metric.label().to_owned()))
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// What a command takes to use this profile.
fn selected(profile: &str) -> String {
    if profile == USUAL { String::new() } else { format!(" --profile {}", shell_word(profile)) }
}

/// A line for crontab. Cron takes `%` for the end of the line.
fn crontab(profile: &str, metric: Option<&str>) -> String {
    let program = std::env::current_exe().map_or_else(|_| "cmf".to_owned(), |program| program.display().to_string());
    let profile = selected(profile);
    let metric = metric.map_or_else(|| "METRIC".to_owned(), shell_word);
    format!("0 6 * * * {}{profile} record {metric} -- COMMAND", shell_word(program)).replace('%', "\\%")
}
