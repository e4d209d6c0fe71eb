//! `cmf map review`: item by item on the terminal.

use rust_decimal::Decimal;

use super::scope::{ScopeArgs, probability};
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::map::review::{self, Case, KEYS, Open, Review, Step, Which};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Only items whose best candidate has at least this confidence
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability)]
    above: Option<Decimal>,
    /// Only items whose best candidate has less than this confidence, or that have none
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability)]
    below: Option<Decimal>,
    /// Only items whose best candidate is in this function, such as PR
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// How many candidates are shown for an item
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=9))]
    top: u16,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const REVIEWED: Columns<[usize; 4]> = columns! { |[items, mapped, rejected, left]| items, mapped, rejected, left };

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check_outcome(&REVIEWED.table())?;
    if !context.output.can_ask() {
        return Err(Error::usage("`cmf map review` needs a terminal")
            .hint("use `cmf map export --xlsx FILE.xlsx` and `cmf map import FILE.xlsx`, or `cmf map confirm --above 0.9`"));
    }
    // Nothing is held in the database while a person thinks.
    let mut session = context.open().await?;
    let which = Which { above: args.above, below: args.below, function: args.function };
    let open = review::open(&mut session, &args.scope.into(), &which, args.top.into()).await?;
    drop(session);
    if open.cases.is_empty() {
        let message = match open.others {
            0 => format!("every item has a confirmed mapping to {}", open.framework()),
            others => format!("none of the {} to decide matches the options", counted(others, "item")),
        };
        context.output.notice(&message);
        return Ok(Exit::Success);
    }
    let review = ask(context, &open)?;
    let mut session = context.open().await?;
    let (mapped, rejected) = open.store(&mut session, &review, args.dry_run).await?;
    let left = open.cases.len() - mapped - rejected;
    let message = format!("mapped {}, {} left to decide", counted(mapped, "item"), counted(left, "item"));
    context.output.outcome(&message, REVIEWED.one(&[open.cases.len(), mapped, rejected, left]))?;
    Ok(Exit::Success)
}

fn ask(context: &Context, open: &Open) -> Result<Review> {
    let framework = open.framework();
    let mut review = Review::default();
    context.output.notice_wrapped(KEYS, 2);
    while let Some(case) = open.cases.get(review.len()) {
        show(context, open, case, review.len() + 1);
        let Some(typed) = context.output.ask_line("accept, choose, skip, undo, quit?")? else { break };
        match review.take(&typed, case, &open.index, &framework) {
            Step::Next => {}
            Step::Again(message) => context.output.notice_wrapped(&message, 2),
            Step::Stop => break,
        }
    }
    Ok(review)
}

fn show(context: &Context, open: &Open, case: &Case, number: usize) {
    let (item, of) = (&case.item, open.cases.len());
    let title = item.metric_number.as_ref().map_or_else(|| item.name.clone(), |id| format!("{id} {}", item.name));
    context.output.notice("");
    context.output.notice_wrapped(&format!("[{number}/{of}] {title} (catalog {})", item.catalog), 6);
    if let Some(description) = &item.description {
        context.output.notice_wrapped(&format!("    {description}"), 4);
    }
    if let Some(heading) = &item.heading {
        context.output.notice_wrapped(&format!("    below: {heading}"), 6);
    }
    let shown = [Some(&item.name), item.description.as_ref(), item.metric_number.as_ref()];
    let cells = case.row.iter().filter(|(_, cell)| !shown.contains(&Some(cell)));
    let row: Vec<String> = cells.map(|(header, cell)| format!("{header}: {cell}")).collect();
    if !row.is_empty() {
        context.output.notice_wrapped(&format!("    row: {}", row.join(" | ")), 6);
    }
    for (number, candidate) in case.candidates.iter().enumerate() {
        let text = open.text_of(&candidate.position);
        let confidence = candidate.confidence.round_dp(2);
        context.output.notice_wrapped(&format!("  {} {} {confidence} {text}", number + 1, candidate.position.code()), 4);
        if !candidate.words.is_empty() {
            context.output.notice_wrapped(&format!("    matched: {}", candidate.words), 6);
        }
        if let Some(neighbour) = &candidate.neighbour {
            context.output.notice_wrapped(&format!("    like {}", shortened(neighbour)), 6);
        }
    }
}

/// As much of a text as helps to decide.
fn shortened(text: &str) -> String {
    const MOST: usize = 160;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{}...", start.rsplit_once(' ').map_or(start.as_str(), |(whole, _)| whole))
}
