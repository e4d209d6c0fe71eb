//! Whose metrics are scored, against which framework, and by which parameters.

use chrono::Duration;
use rust_decimal::Decimal;

use crate::choices::choices;
use crate::context::Context;
use crate::db::catalogs::Catalog;
use crate::db::{self, Connection};
use crate::domain::score::{Parameters, Rollup, Stale};
use crate::domain::span;
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::score::{Definitions, Subject, Through};

/// Which metrics, and against what.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SubjectArgs {
    /// Score this catalog, by name or id
    #[arg(long, value_name = "CATALOG")]
    pub catalog: Option<String>,
    /// Score the active catalog of this user
    #[arg(long, value_name = "USER")]
    pub owner: Option<String>,
    /// Score the default library: the metrics of no catalog
    #[arg(long, conflicts_with_all = ["catalog", "owner"])]
    pub default: bool,
    /// The framework, such as csf-2.0; without it the one the catalog is mapped to
    #[arg(long)]
    pub framework: Option<String>,
}

impl SubjectArgs {
    /// Finds the catalog and the framework, and says so where the mappings leave a choice. Exit 2 for names that are unknown or
    /// not unique, and if there is no active catalog.
    pub(crate) async fn resolve(&self, context: &Context, tx: &mut Connection) -> Result<Subject> {
        let catalog = self.catalog(tx).await?;
        let named = self.framework.as_deref().or(catalog.is_none().then_some(lookup::framework::USUAL));
        let framework = lookup::framework::chosen(&context.output, tx, named, catalog.as_ref()).await?;
        Ok(Subject { framework, catalog, via: None })
    }

    /// The same through a crosswalk, where one is named. Exit 2 also where no crosswalk leads to the framework.
    pub(crate) async fn resolve_via(&self, context: &Context, tx: &mut Connection, via: &ViaArg) -> Result<Subject> {
        let Some(text) = &via.via else { return self.resolve(context, tx).await };
        let catalog = self.catalog(tx).await?;
        let mapped = db::frameworks::mapped_by(tx, catalog.as_ref().map(|catalog| catalog.id)).await?;
        let (framework, via) = lookup::crosswalk::via(&context.output, tx, text, self.framework.as_deref(), &mapped).await?;
        Ok(Subject { framework, catalog, via: Some(via) })
    }

    async fn catalog(&self, tx: &mut Connection) -> Result<Option<Catalog>> {
        Ok(match (&self.catalog, self.default) {
            (_, true) => None,
            (Some(name), _) => Some(lookup::catalog::find(tx, name, self.owner.as_deref()).await?),
            (None, _) => Some(lookup::catalog::active(tx, self.owner.as_deref(), "--catalog ").await?),
        })
    }
}

/// Whether a framework is scored through another one.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ViaArg {
    /// Score the framework through a crosswalk: the framework that the metrics are mapped to, or the crosswalk's name
    #[arg(long, value_name = "FRAMEWORK|CROSSWALK")]
    pub via: Option<String>,
}

choices! { Definitions:
    Definitions::Then = "then", "Targets, bounds, directions, priorities and mappings as they were at the instant";
    Definitions::Now = "now", "As they are today";
}

/// Whose scores are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum By {
    /// Of functions
    #[default]
    Function,
    /// Of owners: who is responsible for metrics, as the sheet says
    Owner,
}

/// How scores are computed and rated.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct Method {
    #[command(flatten)]
    pub weighing: Weighing,
    /// Where a rating begins, such as very-low=95; may be given for each
    #[arg(long, value_name = "RATING=SCORE", value_parser = pair)]
    pub threshold: Vec<(String, Decimal)>,
}

/// How scores are computed, for the commands that show no rating.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct Weighing {
    /// How metrics become a function's score: the mean of its categories, or the weighted mean of all its metrics
    #[arg(long, value_enum, value_name = "ROLLUP")]
    pub rollup: Option<Rollup>,
    /// What a priority weighs, such as High=2; may be given for each
    #[arg(long, value_name = "PRIORITY=WEIGHT", value_parser = pair)]
    pub weight: Vec<(String, Decimal)>,
    /// Whether stale metrics count: keep counts them with their last value, exclude ignores them; without it keep
    #[arg(long, value_enum, value_name = "RULE")]
    pub stale: Option<Stale>,
    /// How old a reading may be, such as 35d; without it one and a half of its metric's frequency
    #[arg(long, value_name = "AGE", value_parser = span::age)]
    pub stale_after: Option<Duration>,
}

choices! { Stale:
    Stale::Keep = "keep", "They count with their last value";
    Stale::Exclude = "exclude", "They are not part of any mean, and are listed";
}
choices! { Rollup:
    Rollup::Category = "category", "A function is the mean of its categories";
    Rollup::Metric = "metric", "A function is the weighted mean of all its metrics";
}

/// Says by what crosswalk a framework was scored, and what does not count.
pub(crate) fn tell_through(context: &Context, through: Option<&Through>, framework: &str) {
    if let Some(through) = through {
        context.output.notice(&format!("note: {}", through.told(framework)));
    }
}

/// Reads `NAME=NUMBER`.
pub(crate) fn pair(text: &str) -> Result<(String, Decimal), String> {
    let (name, number) = text.split_once('=').ok_or("write it as NAME=NUMBER")?;
    let number = number.trim();
    let plain = !number.contains('_') && !number.contains(['e', 'E']);
    let value = number.parse().ok().filter(|_| plain).ok_or_else(|| format!("`{number}` is not a number"))?;
    Ok((name.trim().to_owned(), value))
}

/// Reads a score, or points of one.
pub(crate) fn percent(text: &str) -> Result<Decimal, String> {
    let score = text.parse().ok().filter(|score| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(score));
    score.ok_or_else(|| "it is not a score: scores are from 0 to 100".to_owned())
}

/// Reads the least score of something that has a code: `CODE=SCORE`.
pub(crate) fn least(text: &str) -> Result<(String, Decimal), String> {
    let (code, score) = pair(text)?;
    Ok((code, percent(&score.to_string())?))
}

impl Method {
    /// The parameters that these options make, on top of those of the profile. Exit 2 for unknown names, and for values that
    /// are out of range or out of order.
    pub(crate) fn parameters(&self, context: &Context) -> Result<Parameters> {
        self.weighing.with(context, &self.threshold)
    }
}

impl Weighing {
    /// Whether an option says how scores are computed.
    pub(crate) fn is_said(&self) -> bool {
        self.rollup.is_some() || !self.weight.is_empty() || self.stale.is_some() || self.stale_after.is_some()
    }

    /// The parameters that these options make, on top of those of the profile. Exit 2 for unknown names, and for values that
    /// are out of range or out of order.
    pub(crate) fn parameters(&self, context: &Context) -> Result<Parameters> {
        self.with(context, &[])
    }

    fn with(&self, context: &Context, threshold: &[(String, Decimal)]) -> Result<Parameters> {
        let usual = Parameters::default();
        let rollup = self.rollup.unwrap_or_default();
        let told = |key: &str, error: String, hint: &str| {
            let error = Error::usage(error).hint(hint);
            match (context.config().get(key), &context.config().profile, &context.config().file) {
                (Some(setting), Some(profile), Some(file)) => {
                    error.hint(format!("the profile `{profile}` in {} has {key} {}", file.display(), setting.values.join(", ")))
                }
                _ => error,
            }
        };
        let others = configured(context, "weights")?;
        let hint = "set them as in --weight High=3 --weight Medium=2 --weight Low=1";
        let weights = usual.weights.with(others.iter().chain(&self.weight)).map_err(|error| told("weights", error, hint))?;
        let others = configured(context, "thresholds")?;
        let hint = "set them as in --threshold very-low=90 --threshold low=75 --threshold medium=50 --threshold high=30";
        let thresholds =
            usual.thresholds.with(others.iter().chain(threshold)).map_err(|error| told("thresholds", error, hint))?;
        let freshness = context.config().freshness(self.stale_after);
        let stale = self.stale.unwrap_or(context.config().stale());
        Ok(Parameters { rollup, weights, thresholds, freshness, stale })
    }
}

/// The numbers by name that the profile has under a key.
fn configured(context: &Context, key: &str) -> Result<Vec<(String, Decimal)>> {
    let values = context.config().get(key).map(|setting| setting.values.as_slice()).unwrap_or_default();
    values.iter().map(|value| pair(value).map_err(|error| Error::new(Exit::Config, format!("{key}: {error}")))).collect()
}
