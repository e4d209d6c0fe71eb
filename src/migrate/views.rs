//! The views for BI tools: made, brought up to date, removed.

use serde_json::json;

use crate::db::audit::Audit;
use crate::db::{grants, views};
use crate::domain::frequency::Freshness;
use crate::domain::named::named;
use crate::error::Result;
use crate::session::Session;

named! {
    /// What became of the views.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Outcome {
        Made = "made",
        Updated = "updated",
        Unchanged = "unchanged",
        Removed = "removed",
    }
    ALL
    name
}

/// Makes the views of a session's schema in this one, brings them up to date, or removes them. Exit 77 if the role may not; exit 1
/// if something else depends on them.
pub async fn renew(session: &mut Session, schema: &str, freshness: &Freshness, is_drop: bool) -> Result<Outcome> {
    let home = session.schema().to_owned();
    session
        .change(false, async |tx| {
            let before = views::state(tx, schema).await?;
            let readers = views::readers(tx, &home, schema).await?;
            if before.is_some() {
                views::drop(tx, schema).await?;
            }
            let outcome = if is_drop {
                if before.is_some() { Outcome::Removed } else { Outcome::Unchanged }
            } else {
                views::make(tx, schema, freshness).await?;
                for statement in readers.iter().flat_map(|role| views::rights(schema, role, true)) {
                    grants::apply(tx, &statement).await?;
                }
                if before.is_none() {
                    Outcome::Made
                } else if before == views::state(tx, schema).await? {
                    Outcome::Unchanged
                } else {
                    Outcome::Updated
                }
            };
            let told = json!({ "schema": schema, "outcome": outcome.name() });
            Ok((outcome, (outcome != Outcome::Unchanged).then(|| Audit::of("db.views", told))))
        })
        .await
}
