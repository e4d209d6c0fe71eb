//! The items of catalogs and their mappings, in bulk.

use std::io::Write as _;

use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgCopyIn};
use uuid::Uuid;

use crate::domain::code::Position;
use crate::domain::item::Item;
use crate::error::Result;

/// Rows on their way into a table.
pub struct Copy<'c>(PgCopyIn<&'c mut PgConnection>);

impl Copy<'_> {
    /// Sends whole lines.
    ///
    /// # Errors
    /// When the server refuses or the connection is lost.
    pub async fn send(&mut self, lines: &[u8]) -> Result<()> {
        self.0.send(lines).await?;
        Ok(())
    }

    /// Ends the copy and returns how many rows arrived.
    ///
    /// # Errors
    /// When the server refuses a row.
    pub async fn finish(self) -> Result<u64> {
        Ok(self.0.finish().await?)
    }

    /// Takes the copy back; the transaction can only be rolled back after it.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn abort(self) -> Result<()> {
        Ok(self.0.abort("the import has problems").await?)
    }
}

/// Begins to copy items, as [`line`] writes them.
///
/// # Errors
/// When the database refuses.
pub async fn copy(conn: &mut PgConnection) -> Result<Copy<'_>> {
    let statement = "COPY metric_catalog_items (id, catalog_id, original_data, name, description, current_value, target_value, \
                     unit, direction, priority) FROM STDIN";
    Ok(Copy(conn.copy_in_raw(statement).await?))
}

/// Begins to copy mappings, as [`mapping_line`] writes them.
///
/// # Errors
/// When the database refuses.
pub async fn copy_mappings(conn: &mut PgConnection) -> Result<Copy<'_>> {
    let statement = "COPY metric_catalog_framework_mappings (id, catalog_item_id, framework_id, function_code, category_code, \
                     subcategory_code, confidence, is_ai_suggested, is_confirmed) FROM STDIN";
    Ok(Copy(conn.copy_in_raw(statement).await?))
}

/// Adds an item as a line of a copy.
pub fn line(lines: &mut Vec<u8>, id: Uuid, catalog_id: Uuid, item: &Item, original_data: &str) {
    push_id(lines, id);
    lines.push(b'\t');
    push_id(lines, catalog_id);
    lines.push(b'\t');
    push(lines, original_data);
    lines.push(b'\t');
    push(lines, &item.name);
    {
        let text = &item.description;
        lines.push(b'\t');
        push_option(lines, text.as_deref());
    }
    for number in [item.current_value, item.target_value] {
        lines.push(b'\t');
        push_number(lines, number);
    }
    for text in [
        item.unit.as_deref(),
        item.direction.map(super::super::domain::metric::Direction::as_str),
        item.priority.map(super::super::domain::metric::Priority::as_str),
    ] {
        lines.push(b'\t');
        push_option(lines, text);
    }
    lines.push(b'\n');
}

/// Adds a confirmed mapping with confidence 1 as a line of a copy.
pub fn mapping_line(lines: &mut Vec<u8>, item_id: Uuid, framework_id: Uuid, position: &Position) {
    push_id(lines, Uuid::now_v7());
    lines.push(b'\t');
    push_id(lines, item_id);
    lines.push(b'\t');
    push_id(lines, framework_id);
    lines.push(b'\t');
    push(lines, &position.function);
    for code in [&position.category, &position.subcategory] {
        lines.push(b'\t');
        push_option(lines, code.as_deref());
    }
    lines.extend_from_slice(b"\t1\tf\tt\n");
}

fn push_id(lines: &mut Vec<u8>, id: Uuid) {
    let mut buffer = Uuid::encode_buffer();
    lines.extend_from_slice(id.as_hyphenated().encode_lower(&mut buffer).as_bytes());
}

fn push_option(lines: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push(lines, text),
        None => lines.extend_from_slice(b"\\N"),
    }
}

fn push_number(lines: &mut Vec<u8>, number: Option<Decimal>) {
    match number {
        // Writing to a vector cannot fail.
        Some(number) => {
            let _ = write!(lines, "{number}");
        }
        None => lines.extend_from_slice(b"\\N"),
    }
}

/// A value of a copy line: backslash and what would end the value or the line are escaped.
fn push(lines: &mut Vec<u8>, text: &str) {
    let mut plain = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            _ => continue,
        };
        lines.extend_from_slice(&bytes[plain..at]);
        lines.extend_from_slice(escape);
        plain = at + 1;
    }
    lines.extend_from_slice(&bytes[plain..]);
}

/// Creates a catalog.
///
/// # Errors
/// When the database refuses.
pub async fn insert_catalog(
    conn: &mut PgConnection,
    id: Uuid,
    name: &str,
    description: Option<&str>,
    owner_id: Uuid,
    source_file: &str,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO metric_catalogs (id, name, description, owner_id, source_file) VALUES ($1, $2, $3, $4, $5)",
        id,
        name,
        description,
        owner_id,
        source_file,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps how a catalog was imported.
///
/// # Errors
/// When the database refuses.
pub async fn set_import_metadata(conn: &mut PgConnection, catalog_id: Uuid, metadata: &Value) -> Result<()> {
    sqlx::query!("UPDATE metric_catalogs SET import_metadata = $2 WHERE id = $1", catalog_id, metadata).execute(conn).await?;
    Ok(())
}

/// The name of the owner's catalog that this sheet of this file became, if it was imported before.
///
/// # Errors
/// When the database refuses.
pub async fn imported_before(
    conn: &mut PgConnection,
    owner_id: Uuid,
    sha256: &str,
    sheet: Option<&str>,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT name FROM metric_catalogs
         WHERE owner_id = $1 AND import_metadata ->> 'sha256' = $2 AND import_metadata ->> 'sheet' IS NOT DISTINCT FROM $3
         ORDER BY created_at DESC LIMIT 1",
        owner_id,
        sha256,
        sheet,
    )
    .fetch_optional(conn)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_value_is_escaped() {
        let mut lines = Vec::new();
        push(&mut lines, "a\\b\tc\nd\re");
        assert_eq!(lines, b"a\\\\b\\tc\\nd\\re");
    }
}
