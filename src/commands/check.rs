//! `cmf check`: what is wrong with the metrics and scores of a catalog, for a pipeline or a cron line.

use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::choices::choices;
use crate::commands::Formats;
use crate::context::Context;
use crate::db;
use crate::domain::check::{Bounds, Checked, Rule};
use crate::domain::score::shown;
use crate::domain::span;
use crate::domain::text::counted;
use crate::doubts::Doubts;
use crate::error::{Error, Exit, Result};
use crate::everywhere::{self, AllSchemas};
use crate::files::{self, Force};
use crate::output::{Columns, Format, Results, Shape, columns, words};
use crate::report::junit;
use crate::score::check::{Wanted, check};
use crate::score::notify;
use crate::scoring::{SubjectArgs, Weighing, least, percent};

/// Arguments of `cmf check`.
#[derive(Debug, Clone, clap::Args)]
#[command(add = Formats(&[Format::Junit]))]
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

choices! { Rule:
    Rule::LowScore = "low_score", "A score is under its minimum (--min, --min-function)";
    Rule::FallenScore = "fallen_score", "A score has fallen by more than --max-fall";
    Rule::BelowTarget = "below_target", "A metric misses its target";
    Rule::Stale = "stale", "A metric has no recent reading";
    Rule::Jumped = "jumped", "The newest reading is far from those before it (--max-jump)";
    Rule::Doubtful = "doubtful", "The newest reading is doubtful (--max-percent, --max-factor)";
    Rule::Unmapped = "unmapped", "A metric is not mapped to a framework";
    Rule::AssumedDirection = "assumed_direction", "The direction of a metric is not set";
}
words!(Rule: as_str);
const FOUND: Columns<Checked> = columns! { |one|
    rule = one.rule, code = &one.code, name = &one.name, finding = &one.finding, value: for_programs = one.value.map(|value| value.normalize()),
    recorded_at: for_programs = one.recorded_at, fresh_share: for_programs = one.certainty.map(|certainty| shown(certainty.share)),
    score_low: for_programs = one.certainty.map(|certainty| shown(certainty.low)),
    score_high: for_programs = one.certainty.map(|certainty| shown(certainty.high)), id: for_programs = one.id
};

/// What this command prints.
pub fn shape() -> Shape {
    Shape::rows(&FOUND).or_of_schemas()
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
    // What a profile says counts for the rules that it is for.
    let is_typed = |key: &str| context.config().get(key).is_none();
    for (option, key, is_given, rule) in [
        ("--min", "min_score", args.min.is_some(), Rule::LowScore),
        ("--min-function", "min_functions", !args.min_function.is_empty(), Rule::LowScore),
        ("--max-fall", "max_fall", args.max_fall.is_some(), Rule::FallenScore),
    ] {
        if is_given && is_typed(key) && !args.rule.is_empty() && !args.rule.contains(&rule) {
            let word = rule.as_str();
            return Err(Error::usage(format!("{option} is for the rule {word}, which --rule leaves out"))
                .hint(format!("add {word} to --rule, or leave out {option}")));
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
    let wanted = Wanted { rules: &rules, least: args.min, functions: &args.min_function, most_fallen: args.max_fall };
    let checked = check(&mut tx, &subject, parameters, &wanted, &bounds).await?;
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
        let shown = |one: &Checked| Value::Object(FOUND.members(one));
        let notice = notify::Notice { subject: &subject, rules: &rules, at, found: &found, shown: &shown };
        if let Some((new, resolved)) = notify::run(&mut session, &notice, command, args.timeout).await? {
            context.output.say(&format!("notified of {} and {resolved} resolved", counted(new, "new finding")));
        }
    }
    Ok(if is_found && args.exit_code { Exit::Difference } else { Exit::Success })
}
