//! The rows that stand in the way of what a schema should have.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::{Difference, DifferenceKind, Remedy, Schema, TableDef};
use crate::domain::text::counted;
use crate::error::Result;

/// How many rows are named.
const NAMED: i64 = 3;

/// Gives the differences whose statements rows would refuse another remedy: the rows, by name. A column without values, values
/// that are there twice, keys that lead nowhere, and what a check forbids.
pub async fn contradicted(
    conn: &mut PgConnection,
    expected: &Schema,
    found: &Schema,
    mut differences: Vec<Difference>,
) -> Result<Vec<Difference>> {
    let questions: Vec<_> = differences.iter().map(|one| question(expected, found, &differences, one)).collect();
    for (one, question) in differences.iter_mut().zip(questions) {
        let Some(Question { sql, what }) = question else { continue };
        let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *conn).await?;
        let (count, examples): (i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        if count > 0 {
            let more = if count > NAMED { ", ..." } else { "" };
            let rows = counted(count, what.0);
            one.remedy = Remedy::ByHand(format!("{rows} {}: {}{more}", what.1, examples.unwrap_or_default()));
        }
    }
    Ok(differences)
}

struct Question {
    /// Gives how many, and some of them.
    sql: String,
    /// What they are, and what is wrong with them.
    what: (&'static str, &'static str),
}

fn question(expected: &Schema, found: &Schema, all: &[Difference], one: &Difference) -> Option<Question> {
    one.remedy.sql()?;
    let table = found.tables.iter().find(|table| table.name == one.table)?;
    let has = |names: &str| split(names).iter().all(|name| table.columns.iter().any(|column| column.name == *name));
    let key = key_of(table);
    let name = &table.name;
    let rows = |condition: &str, wrong: &'static str| {
        let found = format!("SELECT {key} AS cmf_row, row_number() OVER () AS n FROM {name} WHERE {condition}");
        Some(Question { sql: counting(&found), what: ("row", wrong) })
    };
    let twice = |columns: &str, condition: &str| {
        let filled: Vec<String> = split(columns).iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let found = format!(
            "SELECT concat('(', concat_ws(', ', {columns}), ') in ', array_to_string((array_agg(cmf_row ORDER BY cmf_row))[1:3], ', ')) AS cmf_row,
                    row_number() OVER () AS n
             FROM (SELECT {key} AS cmf_row, {name}.* FROM {name} WHERE {} AND {condition}) AS filled GROUP BY {columns} HAVING count(*) > 1",
            filled.join(" AND ")
        );
        Some(Question { sql: counting(&found), what: ("value", "in more than one row") })
    };
    let definition = one.expected.as_deref().unwrap_or_default();
    match (one.kind, one.change) {
        ("column", DifferenceKind::Changed) => {
            let of = |schema: &Schema| {
                let table = schema.tables.iter().find(|known| known.name == one.table)?;
                table.columns.iter().find(|column| column.name == one.object).map(|column| column.not_null)
            };
            (of(expected)? && !of(found)?).then(|| rows(&format!("{} IS NULL", one.object), "without a value"))?
        }
        ("constraint", DifferenceKind::Missing | DifferenceKind::Changed) => {
            if let Some(columns) = ["UNIQUE (", "PRIMARY KEY ("].iter().find_map(|head| definition.strip_prefix(head)) {
                let columns = columns.split_once(')')?.0;
                return has(columns).then(|| twice(columns, "TRUE"))?;
            }
            if let Some(condition) = definition.strip_prefix("CHECK ") {
                let is_other = |other: &Difference| {
                    let is_column = other.kind == "column" && other.table == one.table && other.change != DifferenceKind::Extra;
                    is_column && (other.change == DifferenceKind::Missing || other.remedy.sql().is_none())
                };
                return (!all.iter().any(is_other)).then(|| rows(&format!("NOT {condition}"), "against it"))?;
            }
            let (columns, rest) = definition.strip_prefix("FOREIGN KEY (")?.split_once(") REFERENCES ")?;
            let (target, theirs) = rest.split_once('(')?;
            let theirs = theirs.split_once(')')?.0;
            let other = found.tables.iter().find(|table| table.name == target)?;
            if !has(columns) || !split(theirs).iter().all(|name| other.columns.iter().any(|column| column.name == *name)) {
                return None;
            }
            let pairs: Vec<String> =
                split(columns).iter().zip(split(theirs)).map(|(own, their)| format!("o.{their} = {name}.{own}")).collect();
            let filled: Vec<String> = split(columns).iter().map(|column| format!("{column} IS NOT NULL")).collect();
            let condition =
                format!("{} AND NOT EXISTS (SELECT FROM {target} o WHERE {})", filled.join(" AND "), pairs.join(" AND "));
            rows(&condition, "whose key points to no row")
        }
        ("index", DifferenceKind::Missing | DifferenceKind::Changed) => {
            let columns = definition.strip_prefix("CREATE UNIQUE INDEX ")?.split_once(" USING btree (")?.1;
            let (columns, rest) = columns.split_once(')')?;
            let condition = rest.trim().strip_prefix("WHERE ").unwrap_or("TRUE");
            has(columns).then(|| twice(columns, condition))?
        }
        _ => None,
    }
}

fn counting(found: &str) -> String {
    format!("SELECT count(*), string_agg(cmf_row, ', ' ORDER BY n) FILTER (WHERE n <= {NAMED}) FROM ({found}) AS found")
}

fn split(columns: &str) -> Vec<&str> {
    columns.split(", ").collect()
}

/// What names a row: its primary key, or where it is.
fn key_of(table: &TableDef) -> String {
    let key = table.constraints.iter().find(|constraint| constraint.kind == "p");
    let columns = key.and_then(|key| key.definition.strip_prefix("PRIMARY KEY (")?.strip_suffix(')'));
    columns.map_or_else(|| "ctid::text".to_owned(), |columns| format!("concat_ws(' ', {columns})"))
}
