//! Crosswalks. A crosswalk is a row of `metric_catalogs` that is marked in its `import_metadata`; each row of its file is an item
//! with one mapping, which leads to the target framework. Statements over catalogs, items and mappings leave them out.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::value::Json;
use super::{mappings, stored};
use crate::domain::code::Position;
use crate::domain::crosswalk::{Pair, Relation};
use crate::error::Result;

/// What marks a crosswalk among catalogs, as `kind` in its `import_metadata`. The statements have the word themselves.
pub const KIND: &str = "crosswalk";

const ITEMS: &str = "metric_catalog_items";
const MAPPINGS: &str = "metric_catalog_framework_mappings";

/// A crosswalk without its rows.
#[derive(Debug, Clone)]
pub struct Crosswalk {
    pub id: Uuid,
    pub name: String,
    pub owner_id: Uuid,
    pub owner: String,
    pub source_file: Option<String>,
    /// The framework of the codes that it leads from; none where that is not said, or gone.
    pub source_id: Option<Uuid>,
    /// The framework that it leads to.
    pub target_id: Option<Uuid>,
    /// How its file was written.
    pub format: Option<String>,
    pub rows: i64,
}

/// All of them, by name.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Crosswalk>> {
    Ok(sqlx::query_as!(
        Crosswalk,
        r#"SELECT c.id, c.name, c.owner_id, u.username AS owner, c.source_file,
                  (SELECT f.id FROM frameworks f WHERE f.id::text = c.import_metadata ->> 'source_framework_id') AS "source_id?",
                  (SELECT f.id FROM frameworks f WHERE f.id::text = c.import_metadata ->> 'target_framework_id') AS "target_id?",
                  c.import_metadata ->> 'format' AS format,
                  (SELECT count(*) FROM metric_catalog_items i WHERE i.catalog_id = c.id) AS "rows!"
           FROM metric_catalogs c JOIN users u ON u.id = c.owner_id
           WHERE c.import_metadata ->> 'kind' = 'crosswalk'
           ORDER BY c.name, c.created_at, c.id"#
    )
    .fetch_all(conn)
    .await?)
}

/// A row of a crosswalk as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub item_id: Uuid,
    pub mapping_id: Uuid,
    pub pair: Pair,
    /// What the file says beside it.
    pub note: Option<String>,
    pub original_data: Value,
}

/// The rows of a crosswalk, in the order of its file. What another program wrote in another form is not among them; the second
/// value counts that.
pub async fn rows(conn: &mut PgConnection, id: Uuid) -> Result<(Vec<Stored>, usize)> {
    let rows = sqlx::query!(
        r#"SELECT i.id AS item_id, m.id AS mapping_id, i.original_data AS "original_data!: Json", i.description, m.function_code,
                  m.category_code, m.subcategory_code, m.confidence
           FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id
           WHERE i.catalog_id = $1 AND m.is_confirmed ORDER BY i.id, m.id"#,
        id
    )
    .fetch_all(conn)
    .await?;
    let mut foreign = 0;
    let mut all = Vec::new();
    for row in rows {
        let original_data = Option::<Value>::from(row.original_data).unwrap_or_default();
        let target = Position { function: row.function_code, category: row.category_code, subcategory: row.subcategory_code };
        let Some((source, relation, number)) = read(&original_data) else {
            foreign += 1;
            continue;
        };
        let pair = Pair { source, target, relation, confidence: row.confidence, row: number };
        let (item_id, mapping_id, note) = (row.item_id, row.mapping_id, row.description);
        all.push(Stored { item_id, mapping_id, pair, note, original_data });
    }
    all.sort_by(|a, b| a.pair.row.cmp(&b.pair.row).then(a.item_id.cmp(&b.item_id)));
    Ok((all, foreign))
}

/// Where a row leads from, what that is to where it leads, and its number in the file.
fn read(original_data: &Value) -> Option<(Position, Relation, u64)> {
    let parsed = &original_data["parsed"];
    let code = |name: &str| parsed["source"][name].as_str().map(str::to_owned);
    let source = Position { function: code("function")?, category: code("category"), subcategory: code("subcategory") };
    let relation = Relation::read(parsed["relation"].as_str()?).flatten()?;
    Some((source, relation, original_data["source"]["row"].as_u64().unwrap_or_default()))
}

/// A row to store.
#[derive(Debug, Clone)]
pub struct New {
    pub pair: Pair,
    pub note: Option<String>,
    /// The cells of its row by their headers.
    pub cells: Value,
    pub sheet: Option<String>,
}

impl New {
    /// The row as the item keeps it.
    pub fn original_data(&self) -> Value {
        let Position { function, category, subcategory } = &self.pair.source;
        json!({
            "row": self.cells,
            "parsed": {
                "source": { "function": function, "category": category, "subcategory": subcategory },
                "relation": self.pair.relation.as_str(),
            },
            "source": { "sheet": self.sheet, "row": self.pair.row },
        })
    }

    fn name(&self) -> String {
        format!("{} -> {}", self.pair.source.code(), self.pair.target.code())
    }
}

/// Adds rows to a crosswalk, which is locked.
pub async fn insert(conn: &mut PgConnection, id: Uuid, target_id: Uuid, new: &[New]) -> Result<()> {
    let ids: Vec<Uuid> = new.iter().map(|_| Uuid::now_v7()).collect();
    let now = super::scores::now(&mut *conn).await?;
    let inserted = sqlx::query!(
        "INSERT INTO metric_catalog_items (id, catalog_id, original_data, name, description, created_at, updated_at)
         SELECT t.id, $1, t.data, t.name, t.description, $6::timestamp, $6
         FROM unnest($2::uuid[], $3::jsonb[], $4::text[], $5::text[]) AS t (id, data, name, description)",
        id,
        &ids,
        &new.iter().map(New::original_data).collect::<Vec<_>>(),
        &new.iter().map(New::name).collect::<Vec<_>>(),
        &new.iter().map(|one| one.note.clone()).collect::<Vec<_>>() as &[Option<String>],
        now,
    )
    .execute(&mut *conn)
    .await?;
    stored::all(ITEMS, new.len(), inserted.rows_affected())?;
    let leading = |(item_id, one): (&Uuid, &New)| mappings::New {
        item_id: *item_id,
        position: one.pair.target.clone(),
        confidence: one.pair.confidence,
        is_ai_suggested: false,
        is_confirmed: true,
    };
    mappings::insert(conn, target_id, &ids.iter().zip(new).map(leading).collect::<Vec<_>>()).await?;
    Ok(())
}

/// Writes stored rows again.
pub async fn update(conn: &mut PgConnection, changed: &[(Stored, New)]) -> Result<()> {
    let updated = sqlx::query!(
        "UPDATE metric_catalog_items i SET original_data = t.data, description = t.description, updated_at = now() AT TIME ZONE 'utc'
         FROM unnest($1::uuid[], $2::jsonb[], $3::text[]) AS t (id, data, description) WHERE i.id = t.id",
        &changed.iter().map(|(stored, _)| stored.item_id).collect::<Vec<_>>(),
        &changed.iter().map(|(_, new)| new.original_data()).collect::<Vec<_>>(),
        &changed.iter().map(|(_, new)| new.note.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(&mut *conn)
    .await?;
    stored::all(ITEMS, changed.len(), updated.rows_affected())?;
    let updated = sqlx::query!(
        "UPDATE metric_catalog_framework_mappings m SET confidence = t.confidence
         FROM unnest($1::uuid[], $2::numeric[]) AS t (id, confidence) WHERE m.id = t.id",
        &changed.iter().map(|(stored, _)| stored.mapping_id).collect::<Vec<_>>(),
        &changed.iter().map(|(_, new)| new.pair.confidence).collect::<Vec<_>>() as &[Option<Decimal>],
    )
    .execute(conn)
    .await?;
    stored::all(MAPPINGS, changed.len(), updated.rows_affected())?;
    Ok(())
}

/// Removes rows.
pub async fn delete_rows(conn: &mut PgConnection, gone: &[Stored]) -> Result<()> {
    mappings::delete(conn, &gone.iter().map(|row| row.mapping_id).collect::<Vec<_>>()).await?;
    let ids: Vec<Uuid> = gone.iter().map(|row| row.item_id).collect();
    let deleted = sqlx::query!("DELETE FROM metric_catalog_items WHERE id = ANY($1)", &ids).execute(conn).await?;
    stored::all(ITEMS, gone.len(), deleted.rows_affected())?;
    Ok(())
}
