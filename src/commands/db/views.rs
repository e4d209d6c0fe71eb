//! `cmf db views`: views for BI tools.

use serde_json::json;

use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::{grants, views};
use crate::error::{Error, Exit, Result};
use crate::output::{Columns, columns, words};

/// Arguments of `cmf db views`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Remove them
    #[arg(long)]
    drop: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Made,
    Updated,
    Unchanged,
    Removed,
}

impl Outcome {
    const ALL: [Self; 4] = [Outcome::Made, Outcome::Updated, Outcome::Unchanged, Outcome::Removed];

    const fn name(self) -> &'static str {
        match self {
            Outcome::Made => "made",
            Outcome::Updated => "updated",
            Outcome::Unchanged => "unchanged",
            Outcome::Removed => "removed",
        }
    }
}

words!(Outcome: name);
pub(super) const MADE: Columns<(String, Outcome)> =
    columns! { |(schema, outcome)| schema, outcome, views = views::VIEWS.map(str::to_owned).to_vec() };

/// Makes the views, brings them up to date, or removes them.
/// Exit 77 if the role may not; exit 1 if something else depends on them.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check_outcome(&MADE.table())?;
    let freshness = context.config().freshness(None);
    let mut session = context.open().await?;
    let home = session.schema().to_owned();
    let schema = views::schema_of(&home);
    if schema.len() > 63 {
        return Err(Error::usage(format!("the name of the views' schema, `{schema}`, is longer than 63 bytes")));
    }
    let outcome = session
        .change(false, async |tx| {
            let before = views::state(tx, &schema).await?;
            let readers = views::readers(tx, &home, &schema).await?;
            if before.is_some() {
                views::drop(tx, &schema).await?;
            }
            let outcome = if args.drop {
                if before.is_some() { Outcome::Removed } else { Outcome::Unchanged }
            } else {
                views::make(tx, &schema, &freshness).await?;
                for statement in readers.iter().flat_map(|role| views::rights(&schema, role, true)) {
                    grants::apply(tx, &statement).await?;
                }
                if before.is_none() {
                    Outcome::Made
                } else if before == views::state(tx, &schema).await? {
                    Outcome::Unchanged
                } else {
                    Outcome::Updated
                }
            };
            let told = json!({ "schema": schema, "outcome": outcome.name() });
            Ok((outcome, (outcome != Outcome::Unchanged).then(|| Audit::of("db.views", told))))
        })
        .await?;
    context.output.outcome(&format!("the views in {schema} are {}", outcome.name()), MADE.one(&(schema, outcome)))?;
    Ok(Exit::Success)
}
