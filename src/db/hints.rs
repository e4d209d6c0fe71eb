//! What to do about a refusal that statements of cmf and of migrations can meet.

use sqlx::postgres::PgDatabaseError;

/// What to do where the views for BI tools stand in the way of a statement.
pub(super) fn views(refused: &PgDatabaseError) -> Option<&'static str> {
    let is_of_views = refused.detail().is_some_and(|detail| detail.contains(" cmf_views"));
    is_of_views.then_some(
        "the views for BI tools use it: remove them with `cmf db views --drop`, and make them again with `cmf db views`",
    )
}
