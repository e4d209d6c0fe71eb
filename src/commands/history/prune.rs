//! `cmf history prune`: lets old readings go.

use chrono::{Datelike, Months, NaiveDateTime, NaiveTime, TimeDelta};
use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::{self, retention};
use crate::domain::span;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Delete readings older than this, such as 3y, 18mo or 400d; the month of that day stays complete
    #[arg(long, value_name = "AGE", value_parser = older)]
    older: Older,
    /// What to keep of them: the last reading of each month, or only the last one of each metric
    #[arg(long, value_enum, default_value_t = Keep::Monthly)]
    keep: Keep,
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Clone, Copy)]
enum Older {
    Months(u32),
    Span(TimeDelta),
}

/// Reads an age in years (`y`), months (`mo`) or what durations are written in.
fn older(text: &str) -> std::result::Result<Older, String> {
    let months = |unit: &str, each: u32| {
        let number = text.trim().strip_suffix(unit)?.trim_end().parse::<u32>().ok()?;
        number.checked_mul(each).filter(|months| *months <= 12_000).map(Older::Months)
    };
    months("y", 12).or_else(|| months("mo", 1)).map_or_else(
        || {
            let no_age = || "it is not an age: write it as 400d, 18mo or 3y".to_owned();
            let is_long = |why: &String| why.contains("too long");
            span::age(text).map(Older::Span).map_err(|why| if is_long(&why) { why } else { no_age() })
        },
        Ok,
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Keep {
    /// The last reading of each month (UTC): scores at the ends of months stay as they are
    Monthly,
    /// The last reading before the time: scores from then on stay as they are
    None,
}

/// What went, and what stays of what is old.
pub(super) struct Pruned {
    before: NaiveDateTime,
    keep: &'static str,
    metrics: usize,
    deleted: u64,
    kept: i64,
}

pub(super) const PRUNED: Columns<Pruned> = columns! { |pruned|
    before = pruned.before, keep = pruned.keep, metric_count = pruned.metrics, deleted = pruned.deleted, kept = pruned.kept
};

/// Exit 2 when it is not confirmed.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check_outcome(&PRUNED.table())?;
    let keeps_months = args.keep == Keep::Monthly;
    let keep = if keeps_months { "monthly" } else { "none" };
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let now = db::scores::now(&mut tx).await?;
    let then = match args.older {
        Older::Months(months) => now.checked_sub_months(Months::new(months)),
        Older::Span(span) => now.checked_sub_signed(span),
    };
    let then = then.unwrap_or_default();
    let before = then.date().with_day(1).unwrap_or(then.date()).and_time(NaiveTime::MIN);
    let old = retention::old(&mut tx, before, keeps_months).await?;
    tx.end().await?;
    let what = counted(old.readings, "reading");
    let day = before.date();
    if old.readings == 0 {
        let pruned = Pruned { before, keep, metrics: 0, deleted: 0, kept: old.all };
        context.output.outcome(&format!("nothing to do: no reading before {day} can be deleted"), PRUNED.one(&pruned))?;
        return Ok(Exit::Success);
    }
    let question = format!("This deletes {what} from before {day} of {}.", context.place()?);
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    let pruned = session
        .change(args.dry_run, async |tx| {
            let deleted = retention::prune(tx, before, keeps_months, &old.metric_ids, &confirmed).await?;
            let kept = old.all - i64::try_from(deleted).unwrap_or(i64::MAX);
            let pruned = Pruned { before, keep, metrics: old.metric_ids.len(), deleted, kept };
            let told = json!({ "before": before.date(), "keep": keep, "readings": deleted, "metrics": pruned.metrics });
            Ok((pruned, (deleted > 0).then(|| Audit::of("history.prune", told))))
        })
        .await?;
    let message = format!("deleted {} from before {day}", counted(pruned.deleted, "reading"));
    context.output.ending(args.dry_run, &message, PRUNED.one(&pruned))?;
    Ok(Exit::Success)
}
