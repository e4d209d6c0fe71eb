//! `cmf db views`: views for BI tools.

use crate::context::Context;
use crate::db::views;
use crate::error::{Error, Exit, Result};
use crate::migrate::views::{Outcome, renew};
use crate::output::{Columns, columns, words};

/// Arguments of `cmf db views`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Remove them
    #[arg(long)]
    drop: bool,
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
    let schema = views::schema_of(session.schema());
    if schema.len() > 63 {
        return Err(Error::usage(format!("the name of the views' schema, `{schema}`, is longer than 63 bytes")));
    }
    let outcome = renew(&mut session, &schema, &freshness, args.drop).await?;
    context.output.outcome(&format!("the views in {schema} are {}", outcome.name()), MADE.one(&(schema, outcome)))?;
    Ok(Exit::Success)
}
