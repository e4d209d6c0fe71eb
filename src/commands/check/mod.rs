//! `cmf check`: what is wrong with the metrics and scores of a catalog, for a pipeline or a cron line.

mod found;
mod notify;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use rust_decimal::Decimal;
use uuid::Uuid;

use self::found::FOUND;
use crate::context::Context;
use crate::db::metric_entries::MetricScope;
use crate::db::{self, Connection};
use crate::domain::check::{Bounds, Checked, Known, Rule, Scored};
use crate::domain::number::finite;
use crate::domain::reading::Recent;
use crate::domain::span;
use crate::domain::text::counted;
use crate::doubts::Doubts;
use crate::error::{Error, Exit, Result};
use crate::everywhere::{self, AllSchemas};
use crate::files::{self, Force};
use crate::output::{Format, Results, Shape, Shapes};
use crate::report::junit;
use crate::score::{self, Subject};
use crate::scoring::{SubjectArgs, Weighing, least, percent};

/// Arguments of `cmf check`.
#[derive(Debug, Clone, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("junit")), mut_arg("junit", |arg| arg.conflicts_with("all_schemas")))]
pub struct Args {
    #[command(flatten)]
    scope: SubjectArgs,

    /// Use only these rules; without it by all
    #[arg(long, value_enum, value_name = "RULE,...", value_delimiter = ',')]
    rule: Vec<Rule>,

    /// The least overall score
    #[arg(long, value_name = "SCORE", value_parser = percent)]
    min: Option<Decimal>,

    /// The least score of a function, such as PR=60; may be given for each
    #[arg(long, value_name = "CODE=SCORE", value_parser = least)]
    min_function: Vec<(String, Decimal)>,

    /// How many points a score may be lower than the last stored one that was another
    #[arg(long, value_name = "POINTS", value_parser = percent)]
    max_fall: Option<Decimal>,

    #[command(flatten)]
    doubts: Doubts,

    #[command(flatten)]
    weighing: Weighing,

    /// Exit with 4 if something is found
    #[arg(long)]
    exit_code: bool,

    /// Write what was looked at into this file as a report of tests in XML, for build servers
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    #[command(flatten)]
    force: Force,

    /// Run this command, without a shell, when there are new or resolved findings; it reads JSON from standard input
    #[arg(long, value_name = "COMMAND")]
    notify_command: Option<String>,

    /// How long that command may take; 0s is no limit
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = span::timeout)]
    timeout: Duration,

    #[command(flatten)]
    tenants: AllSchemas,
}

impl ValueEnum for Rule {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Rule::LowScore => "A score is under its minimum (--min, --min-function)",
            Rule::FallenScore => "A score has fallen by more than --max-fall",
            Rule::BelowTarget => "A metric misses its target",
            Rule::Stale => "A metric has no recent reading",
            Rule::Jumped => "The newest reading is far from those before it (--max-jump)",
            Rule::Doubtful => "The newest reading is doubtful (--max-percent, --max-factor)",
            Rule::Unmapped => "A metric is not mapped to a framework",
            Rule::AssumedDirection => "The direction of a metric is not set",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// What this command prints.
pub(super) fn shapes() -> Shapes {
    vec![("check", Shape::rows(&FOUND).or_of_schemas())]
}

/// Runs `cmf check`.
/// Exit 2 for a catalog, framework or function that is unknown, 73 when the XML cannot be written, 1 when the command for
/// notifications fails.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if args.tenants.all_schemas {
        let args = Args { tenants: AllSchemas::default(), ..args };
        return everywhere::run(context, async |here| Box::pin(run(here, args.clone())).await).await;
    }
    let parameters = args.weighing.parameters(context)?;
    for rule in &args.rule {
        let (has_bound, hint) = match rule {
            Rule::LowScore => (args.min.is_some() || !args.min_function.is_empty(), "give --min or --min-function"),
            Rule::FallenScore => (args.max_fall.is_some(), "give --max-fall"),
            _ => continue,
        };
        if !has_bound {
            return Err(Error::usage(format!("the rule {} needs a limit to compare with", rule.as_str())).hint(hint));
        }
    }
    args.junit.as_ref().map_or(Ok(()), |path| files::check(path, args.force.into()))?;
    context.output.check(&FOUND.table())?;
    let rules: Vec<Rule> = Rule::ALL.into_iter().filter(|rule| args.rule.is_empty() || args.rule.contains(rule)).collect();
    let mut session = context.open().await?;
    let mut tx = session.read_one_state().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let at = db::scores::now(&mut tx).await?;
    let bounds = Bounds { freshness: parameters.freshness, limits: args.doubts.limits(), at };
    let mut checked = Vec::new();
    if rules.iter().any(|rule| matches!(rule, Rule::LowScore | Rule::FallenScore)) {
        let overall = score::score(&mut tx, &subject, parameters).await?;
        checked = scores(&mut tx, &subject, &overall, &args, &rules).await?;
    }
    checked.extend(metrics(&mut tx, &subject, &rules, &bounds).await?);
    tx.end().await?;
    let junit = junit::text(subject.name(), &checked);
    if let Some(path) = &args.junit {
        files::write(path, junit.as_bytes(), args.force.into())?;
    }
    let count = checked.len();
    let found: Vec<Checked> = checked.into_iter().filter(|one| one.finding.is_some()).collect();
    let is_found = !found.is_empty();
    let title = format!("{}, {}", subject.name(), subject.framework.short_name());
    let results = Results::from(FOUND.table_of(found.clone()).title(title));
    context.output.results(results.written_as(Format::Junit, junit))?;
    context.output.say(&format!("{} of {} found something", found.len(), counted(count, "check")));
    if let Some(command) = &args.notify_command {
        notify::run(
            context,
            &mut session,
            &notify::Notice { subject: &subject, rules: &rules, at, found: &found },
            command,
            args.timeout,
        )
        .await?;
    }
    Ok(if is_found && args.exit_code { Exit::Difference } else { Exit::Success })
}

/// Looks at the scores.
async fn scores(
    tx: &mut Connection,
    subject: &Subject,
    overall: &score::Overall,
    args: &Args,
    rules: &[Rule],
) -> Result<Vec<Checked>> {
    let functions = &overall.breakdown.functions;
    let all = std::iter::once((None, "Overall", overall.figures()))
        .chain(functions.iter().map(|function| (Some(&function.function_code), function.name.as_str(), function.figures)));
    let mut checked = Vec::new();
    for (code, _) in &args.min_function {
        overall.function(code)?;
    }
    for (code, name, figures) in all {
        let mut scored = Scored {
            code: code.cloned(),
            name: name.to_owned(),
            score: finite(figures.score),
            before: Vec::new(),
            certainty: figures.certain.certainty(),
        };
        let least = match code {
            None => args.min,
            Some(code) => args.min_function.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, least)| *least),
        };
        if let Some(least) = least.filter(|_| rules.contains(&Rule::LowScore)) {
            checked.push(scored.least(least));
        }
        if let Some(most) = args.max_fall.filter(|_| rules.contains(&Rule::FallenScore)) {
            let (framework, catalog) = (subject.framework.id, subject.catalog_id());
            let before = db::scores::history(tx, framework, catalog, code.map(String::as_str), None, None).await?;
            scored.before = before.into_iter().map(|point| point.score).collect();
            checked.extend(scored.fallen(most));
        }
    }
    Ok(checked)
}

/// Looks at the metrics.
async fn metrics(tx: &mut Connection, subject: &Subject, rules: &[Rule], bounds: &Bounds) -> Result<Vec<Checked>> {
    let scope = subject.catalog_id().map_or(MetricScope::Default, MetricScope::Catalog);
    let entries = db::metric_entries::list(tx, scope, None).await?;
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.metric.id).collect();
    let mut recent: HashMap<Uuid, Recent> = db::readings::recent(tx, &ids).await?.into_iter().collect();
    let known: Vec<Known<'_>> = entries
        .iter()
        .map(|entry| Known {
            metric: &entry.metric,
            recent: recent.remove(&entry.metric.id).unwrap_or_default().or(entry.metric.measure().current),
            recorded_at: entry.last_reading,
            frequency: entry.frequency(),
            is_mapped: entry.is_mapped,
        })
        .collect();
    Ok(rules.iter().flat_map(|rule| known.iter().filter_map(|metric| metric.checked(*rule, bounds))).collect())
}
