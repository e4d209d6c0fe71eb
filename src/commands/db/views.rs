//! `cmf db views`: views for BI tools.

use crate::context::Context;
use crate::db::migrations::quote;
use crate::db::views::{self, LONGEST};
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
    if session.schema().len() > LONGEST {
        let name = session.schema();
        return Err(Error::failed(format!("the name of the views' schema, `{schema}`, is longer than 63 bytes")).hint(
            format!(
                "the schema's name may have at most {LONGEST} bytes: rename it with ALTER SCHEMA {} RENAME TO NAME",
                quote(name)
            ),
        ));
    }
    let outcome = renew(&mut session, &schema, &freshness, args.drop).await?;
    context.output.outcome(&format!("the views in {schema} are {}", outcome.name()), MADE.one(&(schema, outcome)))?;
    Ok(Exit::Success)
}
