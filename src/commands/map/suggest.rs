//! `cmf map suggest`: ranked subcategories for every item without a confirmed mapping.

use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;

use super::scope::{ScopeArgs, probability, say_what_is_next};
use crate::config::variables;
use crate::context::Context;
use crate::db::mappings::Item;
use crate::domain::span;
use crate::domain::suggest::Suggestion;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result, shell_word};
use crate::map::model::Asker;
use crate::map::suggest::{self, Outcome, Request};
use crate::output::{Columns, columns};
use crate::provider::Endpoint;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
    /// How many suggestions an item gets
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=50))]
    top: u16,
    /// Leave out suggestions below this confidence
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability, default_value = "0")]
    min_confidence: Decimal,
    /// Confirm each item's best suggestion if its confidence is at least this
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability)]
    auto_confirm: Option<Decimal>,
    /// Show what would be suggested and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    model: Options,
}

/// Which kind of server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Provider {
    /// Any server with a chat-completions endpoint
    OpenaiCompatible,
}

/// Options of `cmf map suggest` for a model.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "With a model")]
pub(super) struct Options {
    /// Ask a model instead of the method in cmf; it can only suggest
    #[arg(long, value_enum, requires_all = ["endpoint", "model"], conflicts_with = "auto_confirm")]
    provider: Option<Provider>,
    /// The URL of the server, such as `https://HOST/v1`
    #[arg(long, value_name = "URL", requires = "provider")]
    endpoint: Option<String>,
    /// The model's name
    #[arg(long, value_name = "NAME", requires = "provider")]
    model: Option<String>,
    /// A file with the API key; without it the key is in `CMF_API_KEY`, if there is one
    #[arg(long, value_name = "FILE", requires = "provider")]
    key_file: Option<PathBuf>,
    /// How many items go into one request
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=50))]
    batch: u16,
    /// How long one request may take, from 1s to 10m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = span::request)]
    timeout: Duration,
    /// How often a failed request is tried again
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10))]
    retries: u32,
    /// What a million tokens cost, for the estimate
    #[arg(long, value_name = "PRICE", requires = "provider", value_parser = price)]
    price: Option<Decimal>,
    /// Send without asking, whatever the estimate
    #[arg(long)]
    yes: bool,
    /// Store the answers that came although some requests failed; exit 3
    #[arg(long)]
    allow_partial: bool,
}

fn price(text: &str) -> std::result::Result<Decimal, String> {
    let price = text.parse::<Decimal>().ok().filter(|price| !price.is_sign_negative());
    price.ok_or_else(|| "a price is a number from 0 up, such as 0.15".to_owned())
}

impl Options {
    /// The model to ask, if one is named.
    fn asker(&self) -> Result<Option<Asker>> {
        let (Some(Provider::OpenaiCompatible), Some(url), Some(model)) = (self.provider, &self.endpoint, &self.model) else {
            return Ok(None);
        };
        let key = match &self.key_file {
            Some(path) => {
                let shown = path.display();
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Error::new(Exit::Config, format!("the key file {shown} cannot be read: {error}"))
                        .hint("name a file that holds the key with --key-file")
                })?;
                if text.trim().is_empty() {
                    return Err(Error::new(Exit::Config, format!("the key file {shown} is empty"))
                        .hint("write the key into it, or name another file with --key-file"));
                }
                Some((text, format!("--key-file {}", shell_word(shown))))
            }
            None => variables::value("CMF_API_KEY")?.map(|key| (key, "CMF_API_KEY".to_owned())),
        };
        Ok(Some(Asker {
            provider: "openai-compatible",
            endpoint: Endpoint::new(url, model, key, self.timeout, self.retries)?,
            batch: self.batch.into(),
            price: self.price,
            allow_partial: self.allow_partial,
        }))
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check(&SUGGESTION.table())?;
    let asker = args.model.asker()?;
    let request = Request {
        scope: args.scope.into(),
        top: args.top.into(),
        min_confidence: args.min_confidence,
        auto_confirm: args.auto_confirm,
        dry_run: args.dry_run,
    };
    let mut session = context.open().await?;
    let outcome = match asker {
        None => suggest::by_text(&mut session, &context.output, &request).await?,
        Some(asker) => {
            let agree = |estimate: &str| {
                // Sending texts away cannot be undone.
                let question = format!("Send {estimate}?");
                if args.dry_run { Ok(false) } else { context.output.confirm(&question, args.model.yes).map(|_| true) }
            };
            let Some(outcome) = suggest::by_model(&mut session, &context.output, &request, &asker, agree).await? else {
                context.output.say("nothing was sent, nothing changed");
                return Ok(Exit::Success);
            };
            outcome
        }
    };
    report(context, &request, &outcome)?;
    Ok(if outcome.failed > 0 { Exit::Partial } else { Exit::Success })
}

pub(super) const SUGGESTION: Columns<(Item, usize, Suggestion, bool)> = columns! { |(item, rank, one, is_confirmed)|
    catalog: for_programs = &item.catalog, metric_number = &item.metric_number, name = &item.name,
    item_id: for_programs = item.id, rank = rank + 1, code = one.position.code(), confidence = one.confidence, is_confirmed,
    words = one.words.join(", ")
};

fn report(context: &Context, request: &Request, outcome: &Outcome) -> Result<()> {
    let ranked = outcome.suggested.iter().flat_map(|one| {
        one.suggestions
            .iter()
            .enumerate()
            .map(|(rank, suggestion)| (one.item.clone(), rank, suggestion.clone(), request.confirms(rank, suggestion)))
    });
    let rows: Vec<_> = ranked.collect();
    let confirmed = rows.iter().filter(|(.., is_confirmed)| *is_confirmed).count();
    let with = outcome.suggested.iter().filter(|one| !one.suggestions.is_empty()).count();
    let message = if outcome.items == 0 {
        "there are no items: import a catalog with `cmf import FILE`".to_owned()
    } else {
        format!(
            "{with} of {} without a confirmed mapping to {} got suggestions",
            counted(outcome.suggested.len(), "item"),
            outcome.framework
        )
    };
    context.output.results(SUGGESTION.table_of(rows))?;
    context.output.say(&message);
    for (language, count) in &outcome.unspoken {
        context.output.notice(&format!(
            "{} in {language}, for which cmf has no words of {}: their text gives no suggestions. \
             Describe them in English, or ask a model with `--provider`",
            counted(*count, "item"),
            outcome.framework
        ));
    }
    if request.auto_confirm.is_some() {
        let verb = if request.dry_run { "would confirm" } else { "confirmed" };
        context.output.notice(&format!("{verb} {} without review", counted(confirmed, "suggestion")));
    }
    say_what_is_next(context, request.dry_run, with);
    Ok(())
}
