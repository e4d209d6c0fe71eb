//! Before and after of every row that a command changes.

use std::collections::BTreeMap;

use cmf::domain::image::{Columns, Image};
use serde_json::Value;

use crate::every::{JOURNEY, files, prepare, walk};
use crate::support::Db;

const TABLES: [&str; 12] = [
    "frameworks", "framework_functions", "framework_categories", "framework_subcategories", "users", "metric_catalogs",
    "metric_catalog_items", "metric_catalog_framework_mappings", "metrics", "metric_history", "function_scores",
    "framework_scores",
];

/// All rows by table and id, without what no image has.
fn rows(db: &Db) -> BTreeMap<(String, String), Value> {
    let mut rows = BTreeMap::new();
    if db.one("SELECT to_regclass('metrics')").is_empty() {
        return rows;
    }
    let mut session = db.session();
    for table in TABLES {
        let words = format!("SELECT to_jsonb(x) - '{{updated_at,password_hash,preferences}}'::text[] FROM {table} x");
        for row in session.rows(&words) {
            let row: Value = serde_json::from_str(&row).expect("a row");
            rows.insert((table.to_owned(), row["id"].as_str().expect("an id").to_owned()), row);
        }
    }
    rows
}

fn put(row: &mut Value, columns: &Columns) {
    for (column, value) in columns.parts().into_iter().filter(|(column, _)| column != "updated_at") {
        row[&column] = serde_json::from_str(value.get()).expect("a value");
    }
}

/// What the image makes of the state before: added rows are those of the state after.
fn applied(
    image: &Image,
    before: &BTreeMap<(String, String), Value>,
    after: &BTreeMap<(String, String), Value>,
) -> BTreeMap<(String, String), Value> {
    let mut state = before.clone();
    for (table, changed) in &image.tables {
        for one in changed {
            let key = (table.clone(), one.id.to_string());
            match (&one.before, &one.after) {
                (None, _) => {
                    assert!(!before.contains_key(&key) && one.is.is_some(), "{key:?} was added");
                    state.extend(after.get(&key).map(|row| (key, row.clone())));
                }
                (Some(old), None) => {
                    let mut row = Value::Object(serde_json::Map::new());
                    put(&mut row, old);
                    assert_eq!(state.remove(&key).as_ref(), Some(&row), "{key:?} was removed");
                }
                (Some(old), Some(new)) => {
                    let row = state.get_mut(&key).expect("a row that was changed");
                    let mut was = row.clone();
                    put(&mut was, old);
                    assert_eq!(*row, was, "{key:?} before");
                    put(row, new);
                }
            }
        }
    }
    for range in &image.readings {
        let (first, last) = (range.first.to_string(), range.last.to_string());
        let added = after.iter().filter(|((table, id), _)| table == "metric_history" && (&first..=&last).contains(&id));
        state.extend(added.filter(|(key, _)| !before.contains_key(*key)).map(|(key, row)| (key.clone(), row.clone())));
    }
    state
}

/// The catalog that a row is of, as images call it; none for what is of no catalog.
fn catalog_of(rows: &BTreeMap<(String, String), Value>, key: &(String, String)) -> Option<String> {
    let row = rows.get(key)?;
    let of = |table: &str, column: &str| catalog_of(rows, &(table.to_owned(), row[column].as_str()?.to_owned()));
    match key.0.as_str() {
        "metric_catalog_items" | "metrics" => Some(row["catalog_id"].as_str().unwrap_or("library").to_owned()),
        "metric_catalog_framework_mappings" => of("metric_catalog_items", "catalog_item_id"),
        "metric_history" => of("metrics", "metric_id"),
        _ => None,
    }
}

#[test]
fn every_command_leaves_before_and_after_of_each_row_that_it_changed() {
    let (db, folder) = (Db::empty(), files());
    let mut wrong = Vec::new();
    for (line, _, action) in JOURNEY {
        prepare(&db, folder.path(), line);
        let before = rows(&db);
        walk(db.command(), &db, folder.path(), line);
        let is_own = |action: &&&str| !["migrate", "db"].contains(&action.split('.').next().unwrap_or_default());
        let Some(action) = action.as_ref().filter(is_own) else { continue };
        let after = rows(&db);
        let newest = "FROM ai_change_log ORDER BY (result #>> '{chain,seq}')::int DESC NULLS LAST LIMIT 1";
        let data = db.one(&format!("SELECT result #>> '{{image,data}}' {newest}"));
        let image = if data.is_empty() { Some(Image::default()) } else { Image::read(&data) };
        let image = image.unwrap_or_else(|| panic!("{line}: {data}"));
        let state = applied(&image, &before, &after);
        if state != after {
            let lacks: Vec<_> = after.iter().filter(|(key, row)| state.get(*key) != Some(row)).take(3).collect();
            let keeps: Vec<_> = state.keys().filter(|key| !after.contains_key(*key)).take(3).collect();
            wrong.push(format!("{action}: {line}\n  lacks {lacks:?}\n  keeps {keeps:?}"));
        }
        // Past scores of a catalog read no image that does not name it.
        let named = db.one(&format!("SELECT result #> '{{image,catalogs}}' {newest}"));
        if named.is_empty() {
            assert!(
                data.is_empty() || ["undo", "reading.record"].contains(action),
                "{action} does not say of which catalogs it is"
            );
            continue;
        }
        let named: Vec<String> = serde_json::from_str(&named).expect("catalogs");
        let keys = image.tables.iter().flat_map(|(table, rows)| rows.iter().map(|row| (table.clone(), row.id.to_string())));
        for catalog in keys.flat_map(|key| [catalog_of(&before, &key), catalog_of(&after, &key)]).flatten() {
            assert!(named.contains(&catalog), "{action} changed {catalog} and names {named:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_chain_holds_without_the_data_of_an_image_and_not_with_other_data() {
    let db = Db::seeded();
    let change = |set: &str| db.execute(&format!("UPDATE ai_change_log SET result = {set} WHERE action = 'seed'"));
    db.cmf(["audit", "verify"]).ok();
    db.execute("UPDATE users SET password_hash = '$argon2id$x'");
    db.cmf(["user", "deactivate", "analyst"]).ok();
    let kept = "SELECT result #>> '{image,data}' FROM ai_change_log WHERE action = 'user.deactivate'";
    assert!(db.one(kept).contains("is_active") && !db.one(kept).contains("argon"), "{}", db.one(kept));
    let size = db.one("SELECT length(result #>> '{image,data}') FROM ai_change_log WHERE action = 'seed'");
    assert!(size.parse::<u32>().expect("a length") > 1_000, "{size}");
    change("jsonb_set(result, '{image,data}', to_jsonb((result #>> '{image,data}') || 'A'))");
    assert_eq!(db.cmf(["audit", "verify"]).code, 4);
    change("result #- '{image,data}'");
    db.cmf(["audit", "verify"]).ok();
    change("jsonb_set(result, '{image,rows}', '1')");
    assert_eq!(db.cmf(["audit", "verify"]).code, 4);
}

/// What holds the key of a metric: somebody who adds a reading and did not commit yet.
#[test]
fn rows_whose_keys_others_hold_are_in_the_image_and_are_taken_back() {
    let db = Db::seeded();
    for number in ["X-1", "X-2"] {
        db.cmf(["metric", "add", number, "--number", number, "--function", "PR", "--direction", "binary"]).ok();
        db.cmf(["record", &format!("{number}=0"), "--at", "2026-01-01"]).ok();
    }
    let before = rows(&db);
    let mut others = [db.session(), db.session()];
    for (holder, held) in others.iter_mut().zip(["TRUE", "metric_number = 'X-1'"]) {
        holder.rows("BEGIN");
        holder.rows(&format!("SELECT id FROM metrics WHERE {held} FOR KEY SHARE"));
    }
    let commands: [&[&str]; 3] =
        [&["record", "X-1=1", "X-2=1"], &["metric", "set", "X-1", "--target", "5"], &["metric", "lock", "X-1", "X-2"]];
    for (command, changed) in commands.into_iter().zip(["2", "1", "2"]) {
        db.cmf(command.iter().copied()).ok();
        let count = "SELECT result #>> '{image,tables,metrics,changed}' FROM ai_change_log
                     ORDER BY (result #>> '{chain,seq}')::int DESC NULLS LAST LIMIT 1";
        assert_eq!(db.one(count), changed, "{command:?}");
    }
    let first = db.one("SELECT max((result #>> '{chain,seq}')::int) - 2 FROM ai_change_log");
    db.cmf(["undo", "--to", &first, "--yes"]).ok();
    drop(others);
    let after = rows(&db);
    let others: Vec<_> = before.iter().filter(|(key, row)| after.get(*key) != Some(*row)).collect();
    assert!(others.is_empty() && after.len() == before.len(), "{others:?} became {after:?}");
}
