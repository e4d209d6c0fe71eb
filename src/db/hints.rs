//! What to do about a refusal that statements of cmf and of migrations can meet.

use sqlx::postgres::PgDatabaseError;

/// What to do where the views for BI tools stand in the way of a statement.
pub(super) fn views(refused: &PgDatabaseError) -> Option<&'static str> {
    let is_of_views = refused.detail().is_some_and(|detail| detail.contains(" cmf_views"));
    is_of_views
        .then_some("views for BI tools are made of it: `cmf db views --drop` removes them, `cmf db views` makes them again")
}
