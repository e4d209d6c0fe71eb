//! `cmf due`: what has to be measured, by whom, since when.

use chrono::{Duration, NaiveDateTime};

use crate::commands::Formats;
use crate::context::Context;
use crate::db;
use crate::db::metric_entries::{Entry, MetricScope};
use crate::domain::due::{Due, State};
use crate::domain::item::Field;
use crate::domain::text::{counted, folded};
use crate::domain::{near, span};
use crate::error::{Error, Exit, Result, shell_word};
use crate::lookup;
use crate::output::{Columns, Format, Results, Shape, columns};
use crate::report::calendar::{self, Event};

/// Arguments of `cmf due`.
#[derive(Debug, clap::Args)]
#[command(add = Formats(&[Format::Ics]))]
pub struct Args {
    /// Look in this catalog; without it, in the active catalogs and the default library
    #[arg(long, value_name = "CATALOG")]
    catalog: Option<String>,
    /// Only metrics of this owner, as the sheet names who is responsible
    #[arg(id = "responsible", long = "owner", value_name = "NAME")]
    owner: Option<String>,
    /// Also what becomes due within this time, such as 7d; a calendar has everything without it
    #[arg(long, value_name = "TIME", value_parser = span::age)]
    within: Option<Duration>,
    /// Exit with 4 if anything is due
    #[arg(long)]
    exit_code: bool,
}

/// A metric that is to be measured.
struct Row {
    entry: Entry,
    due: Due,
    now: NaiveDateTime,
    /// How often it is measured, if nobody set it.
    usual: String,
}

impl Row {
    fn owner(&self) -> Option<&String> {
        self.entry.spec.get(&Field::Owner)
    }

    /// How often it is measured, in words.
    fn frequency(&self) -> String {
        self.entry.frequency().map_or_else(|| format!("{}, assumed", self.usual), str::to_owned)
    }

    /// Days that it is late; less than 0 if it is not.
    fn days(&self) -> i64 {
        self.now.signed_duration_since(self.due.at).num_days()
    }

    fn event(&self) -> Event {
        let metric = &self.entry.metric;
        let last = match self.entry.last_reading {
            Some(at) => format!("Last reading: {}", at.date()),
            None => "Last reading: none".to_owned(),
        };
        let mut description = vec![format!("Measured: {}", self.frequency()), last];
        description.extend(self.owner().map(|owner| format!("Owner: {owner}")));
        description.extend(metric.target_text().map(|target| format!("Target: {target}")));
        description.extend(metric.catalog.as_ref().map(|catalog| format!("Catalog: {catalog}")));
        description.push(format!("cmf record {} VALUE", shell_word(metric.label())));
        Event {
            uid: format!("{}@cmf", metric.id),
            day: self.due.at.date(),
            summary: format!("Measure {}", metric.called()),
            description,
            contact: self.owner().cloned(),
        }
    }
}

const STATES: [&str; 4] = {
    let [never, stale, due, soon] = State::ALL;
    [never.as_str(), stale.as_str(), due.as_str(), soon.as_str()]
};
const DUE: Columns<Row> = columns! { |row|
    metric_number = &row.entry.metric.metric_number, name = &row.entry.metric.name, owner = row.owner(),
    state: one_of(&STATES) = row.due.state.as_str(), due: for_people = row.due.at.date().to_string(),
    due_at: for_programs = row.due.at, days_late = row.days(), measured: for_people = row.frequency(),
    frequency: for_programs = row.entry.frequency(), last_reading = row.entry.last_reading,
    catalog = &row.entry.metric.catalog, id: for_programs = row.entry.metric.id
};

/// What this command prints.
pub fn shape() -> Shape {
    Shape::rows(&DUE)
}

/// Runs `cmf due`.
/// Exit 2 for a catalog that is unknown or not unique, and for an owner of no metric.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check(&DUE.table())?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::if_named(&mut tx, args.catalog.as_deref(), None).await?;
    let scope = catalog.as_ref().map_or(MetricScope::Active, |catalog| MetricScope::Catalog(catalog.id));
    let now = db::scores::now(&mut tx).await?;
    let entries = db::metric_entries::list(&mut tx, scope, None).await?;
    tx.end().await?;
    let total = entries.len();
    let is_of =
        |entry: &Entry, wanted: &str| entry.spec.get(&Field::Owner).is_some_and(|owner| folded(owner) == folded(wanted));
    if let Some(wanted) = args.owner.as_deref().filter(|wanted| !entries.iter().any(|entry| is_of(entry, wanted))) {
        let owners = entries.iter().filter_map(|entry| entry.spec.get(&Field::Owner)).map(String::as_str);
        let error = Error::usage(format!("no metric has the owner `{wanted}`"));
        let hint = near::did_you_mean(wanted, owners).unwrap_or_else(|| "`cmf metric list` shows owners".to_owned());
        return Err(error.hint(hint));
    }
    let freshness = context.config().freshness(None);
    let days = freshness.usual.period().num_days();
    let usual = if days > 0 { format!("every {}", counted(days, "day")) } else { "hourly".to_owned() };
    let is_calendar = context.output.format() == Format::Ics;
    let mut rows: Vec<Row> = entries
        .into_iter()
        .filter(|entry| args.owner.as_deref().is_none_or(|wanted| is_of(entry, wanted)))
        .map(|entry| Row {
            due: Due::of(&freshness, entry.last_reading, entry.frequency(), entry.created_at, now),
            entry,
            now,
            usual: usual.clone(),
        })
        .filter(|row| match args.within {
            None if is_calendar => true,
            within => row.due.is_within(now, within.unwrap_or_default()),
        })
        .collect();
    rows.sort_by_key(|row| row.due.at);
    let any = rows.iter().any(|row| args.within.is_some() || row.due.state != State::Soon);
    let events: Vec<Event> = if is_calendar { rows.iter().map(Row::event).collect() } else { Vec::new() };
    let name = catalog.as_ref().map_or("cmf", |catalog| &catalog.name);
    let count = rows.len();
    let results = Results::from(DUE.table_of(rows));
    context.output.results(results.written_as(Format::Ics, calendar::text(name, now, &events)))?;
    context.output.say(&format!("{count} of {}", counted(total, "metric")));
    Ok(if any && args.exit_code { Exit::Difference } else { Exit::Success })
}
