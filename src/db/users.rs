//! Users: who owns catalogs and who recorded a reading.

use chrono::NaiveDateTime;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::images::{Scope, watch};
use super::stored;
use super::value::Time;
use crate::error::Result;

/// A user with the name of the active catalog.
#[derive(Debug, Clone)]
pub struct User {
    pub id: Uuid,
    pub username: String,
    pub email: String,
    pub is_active: bool,
    pub active_catalog: Option<String>,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// Creates a user and returns the id. Fails when the name or the email address is taken (`uq_users_username`,
/// `uq_users_email`).
pub async fn insert(conn: &mut PgConnection, username: &str, email: &str) -> Result<Uuid> {
    watch(conn, Scope::Users).await?;
    let id = Uuid::now_v7();
    let inserted =
        sqlx::query!("INSERT INTO users (id, username, email) VALUES ($1, $2, $3)", id, username, email).execute(conn).await?;
    stored::all("users", 1, inserted.rows_affected())?;
    Ok(id)
}

pub async fn list(conn: &mut PgConnection) -> Result<Vec<User>> {
    Ok(sqlx::query_as!(
        User,
        r#"SELECT u.id, u.username, u.email, u.is_active, c.name AS "active_catalog?", u.created_at AS "created_at!: Time"
           FROM users u LEFT JOIN metric_catalogs c ON c.id = u.active_catalog_id
           ORDER BY u.username"#
    )
    .fetch_all(conn)
    .await?)
}

/// Whether this role may lock rows of users.
pub async fn may_lock(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT has_any_column_privilege('users', 'UPDATE') AS "may!""#).fetch_one(conn).await?)
}

/// Holds on to the table until the transaction ends, as every row that refers to a user does; no row of it is locked. Without it
/// the check of a reading's foreign keys takes and frees that lock for each one that nobody is named for: an eighth of the
/// server's work on a large file. (`LOCK TABLE` needs the right to change the whole table.)
pub async fn hold(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT id FROM users LIMIT 0 FOR KEY SHARE").fetch_optional(conn).await?;
    Ok(())
}

/// Opens or closes an account. Returns whether that changed it.
pub async fn set_active(conn: &mut PgConnection, id: Uuid, is_active: bool) -> Result<bool> {
    watch(conn, Scope::Users).await?;
    let changed = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (SELECT id FROM users WHERE id = $1 AND is_active <> $2 FOR NO KEY UPDATE),
           written AS (UPDATE users SET is_active = $2 WHERE id IN (SELECT id FROM meant) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        id,
        is_active
    )
    .fetch_one(conn)
    .await?;
    Ok(stored::all("users", changed.meant, changed.written)? == 1)
}

/// Sets the hash of a user's password, in the PHC string format.
pub async fn set_password_hash(conn: &mut PgConnection, id: Uuid, password_hash: &str) -> Result<()> {
    watch(conn, Scope::Users).await?;
    let changed = sqlx::query!("UPDATE users SET password_hash = $2 WHERE id = $1", id, password_hash).execute(conn).await?;
    stored::all("users", 1, changed.rows_affected())?;
    Ok(())
}
