//! What one schema has and another has not.

use std::collections::BTreeMap;

use super::read::is_ledger;
use super::remedy::{CONSTRAINT, beside, rank_of};
use super::{Difference, DifferenceKind, RankedSql, Remedy, Schema};

/// An object's kind, the table it hangs on, and its name.
type Key = (&'static str, String, String);

impl Schema {
    /// What differs in `found` from this schema, one difference an object. The order of columns does not count.
    pub fn differences(&self, found: &Schema) -> Vec<Difference> {
        let (there, aliases) = self.under_own_names(found);
        let (expected, found) = (self.objects(), there.objects());
        let mut all: Vec<Difference> = Vec::new();
        let gone = |objects: &BTreeMap<Key, String>, table: &str| {
            !is_ledger(table) && !objects.contains_key(&("table", String::new(), table.to_owned()))
        };
        for ((kind, table, name), definition) in &expected {
            let Some(other) = found.get(&(*kind, table.clone(), name.clone())) else {
                // With the table all that hangs on it is missing.
                if table.is_empty() || !gone(&found, table) {
                    all.push(difference(DifferenceKind::Missing, kind, table, name, Some(definition), None));
                }
                continue;
            };
            if !is_same(kind, definition, other) {
                all.push(difference(DifferenceKind::Changed, kind, table, name, Some(definition), Some(other)));
            }
        }
        for ((kind, table, name), definition) in &found {
            let known = expected.contains_key(&(*kind, table.clone(), name.clone()));
            // What comes with an extension changes nothing that is cmf's.
            if !known && *kind != "extension" && (table.is_empty() || !gone(&expected, table)) {
                all.push(difference(DifferenceKind::Extra, kind, table, name, None, Some(definition)));
            }
        }
        all.extend(self.other_owners(&there));
        let mut told = aliases;
        told.extend(renamed(all));
        for one in told.iter_mut().filter(|one| one.change != DifferenceKind::Renamed) {
            one.remedy = self.remedy(&there, one);
        }
        told
    }

    /// Whether it has the object of this difference.
    pub fn has(&self, one: &Difference) -> bool {
        self.objects().contains_key(&(one.kind, one.table.clone(), one.object.clone()))
    }

    /// The tables that another role owns than most of those that are expected: who migrates may not change these.
    fn other_owners(&self, found: &Schema) -> Vec<Difference> {
        let tables: Vec<_> = found.tables.iter().filter(|table| self.tables.iter().any(|own| own.name == table.name)).collect();
        let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
        for table in &tables {
            *owners.entry(&table.owner).or_default() += 1;
        }
        let Some((most, _)) = owners.into_iter().max_by_key(|(_, count)| *count) else { return Vec::new() };
        let most = most.to_owned();
        let others = tables.into_iter().filter(|table| table.owner != most);
        let told = |table: &super::TableDef| {
            difference(DifferenceKind::Changed, "owner", "", &table.name, Some(&most), Some(&table.owner))
        };
        others.map(told).collect()
    }

    fn objects(&self) -> BTreeMap<Key, String> {
        let mut objects = BTreeMap::new();
        let mut add = |kind, table: &str, name: &str, definition: String| {
            objects.insert((kind, table.to_owned(), name.to_owned()), definition);
        };
        for name in &self.extensions {
            add("extension", "", name, String::new());
        }
        for name in &self.schemas {
            add("schema", "", name, String::new());
        }
        for one in &self.enums {
            add("enum", "", &one.name, one.labels.join(", "));
        }
        for (kind, others) in
            [("type", &self.types), ("sequence", &self.sequences), ("function", &self.functions), ("view", &self.views)]
        {
            for other in others {
                add(kind, "", &other.name, other.definition.clone());
            }
        }
        for table in &self.tables {
            add("table", "", &table.name, table.comment.clone().unwrap_or_default());
            for column in &table.columns {
                let comment = column.comment.as_ref().map(|comment| format!(" -- {comment}")).unwrap_or_default();
                add("column", &table.name, &column.name, format!("{}{comment}", column.definition()));
            }
            for constraint in &table.constraints {
                add("constraint", &table.name, &constraint.name, constraint.definition.clone());
            }
            for index in &table.indexes {
                let invalid = if index.valid { "" } else { " (INVALID)" };
                add("index", &table.name, &index.name, format!("{}{invalid}", index.definition));
            }
            for trigger in &table.triggers {
                let state = if trigger.enabled == "O" { String::new() } else { format!(" ({})", trigger.enabled) };
                add("trigger", &table.name, &trigger.name, format!("{}{state}", trigger.definition));
            }
        }
        for table in self.tables.iter().chain(&self.ledgers) {
            for policy in &table.policies {
                add("policy", &table.name, &policy.name, policy.definition.clone());
            }
            if let Some(row_security) = &table.row_security {
                add("row-level security", &table.name, "", row_security.clone());
            }
        }
        objects
    }
}

fn difference(
    change: DifferenceKind,
    kind: &'static str,
    table: &str,
    name: &str,
    expected: Option<&String>,
    found: Option<&String>,
) -> Difference {
    let told = |text: Option<&String>| text.filter(|text| !text.is_empty()).cloned();
    let (table, object, remedy) = (table.to_owned(), name.to_owned(), Remedy::ByHand(String::new()));
    Difference { change, kind, table, object, expected: told(expected), found: told(found), remedy }
}

/// Whether two definitions say the same. A primary key may have more columns behind those that are expected, as that of a table
/// with partitions must.
fn is_same(kind: &str, expected: &str, found: &str) -> bool {
    let key = |text: &str| text.strip_prefix("PRIMARY KEY (").and_then(|text| text.strip_suffix(')')).map(str::to_owned);
    expected == found
        || kind == "constraint"
            && key(expected)
                .zip(key(found))
                .is_some_and(|(expected, found)| found.strip_prefix(&expected).is_some_and(|rest| rest.starts_with(", ")))
}

/// A constraint or index that is missing, and one more of the same definition on the same table, are one renamed. So is a key of
/// the same columns that does something else, and a unique index in the place of a constraint.
fn renamed(all: Vec<Difference>) -> Vec<Difference> {
    let mut left: Vec<Option<Difference>> = all.into_iter().map(Some).collect();
    let mut told = Vec::new();
    for at in 0..left.len() {
        let Some(missing) = left[at].take() else { continue };
        let partner = (missing.change == DifferenceKind::Missing && matches!(missing.kind, "constraint" | "index"))
            .then(|| {
                let found = |is: fn(&Difference, &Difference) -> bool| {
                    left.iter().position(|other| other.as_ref().is_some_and(|other| is(&missing, other)))
                };
                found(is_same_elsewhere).or_else(|| found(is_key_of_same_columns)).or_else(|| found(is_unique_index))
            })
            .flatten();
        let Some(extra) = partner.and_then(|at| left[at].take()) else {
            told.push(missing);
            continue;
        };
        let (table, is, wanted) = (&missing.table, &extra.object, &missing.object);
        let expected = missing.expected.as_deref().unwrap_or_default();
        let (rank, cure) = match (missing.kind, extra.kind) {
            ("constraint", "index") => {
                (CONSTRAINT, format!("ALTER TABLE {table} ADD CONSTRAINT {wanted} UNIQUE USING INDEX {is};"))
            }
            ("constraint", _) if !is_same_elsewhere(&missing, &extra) => {
                let kind = if expected.starts_with("FOREIGN KEY") { "f" } else { "u" };
                let anew = format!(
                    "ALTER TABLE {table} DROP CONSTRAINT {is};\nALTER TABLE {table} ADD CONSTRAINT {wanted} {expected};"
                );
                (rank_of(kind), anew)
            }
            ("constraint", _) => (0, format!("ALTER TABLE {table} RENAME CONSTRAINT {is} TO {wanted};")),
            _ => (0, format!("ALTER INDEX {} RENAME TO {wanted};", beside(table, is))),
        };
        told.push(Difference {
            change: DifferenceKind::Renamed,
            found: Some(is.clone()),
            expected: Some(wanted.clone()),
            remedy: Remedy::Statements(vec![RankedSql { rank, sql: cure }]),
            ..missing
        });
    }
    told
}

fn is_same_elsewhere(missing: &Difference, extra: &Difference) -> bool {
    // An index tells its own name in its definition.
    let plain = |one: &Difference, text: &Option<String>| {
        text.as_ref().map(|text| text.replacen(&format!("INDEX {} ", one.object), "INDEX ", 1))
    };
    extra.change == DifferenceKind::Extra
        && extra.kind == missing.kind
        && extra.table == missing.table
        && plain(extra, &extra.found)
            .zip(plain(missing, &missing.expected))
            .is_some_and(|(found, expected)| is_same(extra.kind, &expected, &found))
}

/// A foreign key of the same columns to the same ones, which acts otherwise when a row goes.
fn is_key_of_same_columns(missing: &Difference, extra: &Difference) -> bool {
    let columns = |text: &Option<String>| {
        let key = text.as_deref()?.strip_prefix("FOREIGN KEY ")?;
        let end = key.match_indices(')').nth(1)?.0;
        Some(key[..end].to_owned())
    };
    extra.change == DifferenceKind::Extra
        && (extra.kind, missing.kind) == ("constraint", "constraint")
        && extra.table == missing.table
        && columns(&missing.expected).is_some()
        && columns(&extra.found) == columns(&missing.expected)
}

/// A unique index on the columns of a unique constraint that is missing, without a condition.
fn is_unique_index(missing: &Difference, extra: &Difference) -> bool {
    let columns = |text: &str| text.split_once(" USING btree ").map(|(_, columns)| columns.to_owned());
    let (expected, found) = (missing.expected.as_deref().unwrap_or_default(), extra.found.as_deref().unwrap_or_default());
    extra.change == DifferenceKind::Extra
        && (extra.kind, missing.kind) == ("index", "constraint")
        && extra.table == missing.table
        && found.starts_with("CREATE UNIQUE INDEX ")
        && expected.strip_prefix("UNIQUE ").map(str::to_owned) == columns(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::schema::{ConstraintDef, IndexDef, TableDef, TriggerDef};

    fn table(constraint: &str, index: &str) -> Schema {
        Schema {
            tables: vec![TableDef {
                name: "t".into(),
                constraints: vec![ConstraintDef {
                    name: constraint.into(),
                    kind: "p".into(),
                    definition: "PRIMARY KEY (id)".into(),
                }],
                indexes: vec![IndexDef {
                    name: index.into(),
                    definition: format!("CREATE INDEX {index} ON public.t (a)"),
                    valid: true,
                }],
                ..TableDef::default()
            }],
            ..Schema::default()
        }
    }

    #[test]
    fn the_same_under_another_name_is_one_difference_with_its_cure() {
        let found = table("pk_t", "idx").differences(&table("t_pkey", "t_a_idx"));
        let told: Vec<_> = found.iter().map(|one| (one.change, one.remedy.sql().unwrap_or_default())).collect();
        assert_eq!(
            told,
            [
                (DifferenceKind::Renamed, "ALTER TABLE t RENAME CONSTRAINT t_pkey TO pk_t;".to_owned()),
                (DifferenceKind::Renamed, "ALTER INDEX t_a_idx RENAME TO idx;".to_owned()),
            ]
        );
        let names = |one: &Difference| (one.expected.clone().unwrap_or_default(), one.found.clone().unwrap_or_default());
        assert_eq!(
            found.iter().map(names).collect::<Vec<_>>(),
            [("pk_t", "t_pkey"), ("idx", "t_a_idx")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn what_is_switched_off_is_not_what_is_on() {
        let with = |enabled: &str, valid: bool, row_security: Option<&str>| {
            let mut schema = table("pk_t", "idx");
            let one = &mut schema.tables[0];
            one.indexes[0].valid = valid;
            one.row_security = row_security.map(str::to_owned);
            let definition = "CREATE TRIGGER tr AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION f()".into();
            one.triggers.push(TriggerDef { name: "tr".into(), definition, enabled: enabled.into() });
            schema
        };
        let on = Some("ENABLE ROW LEVEL SECURITY");
        let told = |found: &Schema| -> Vec<(DifferenceKind, &str)> {
            with("O", true, on).differences(found).iter().map(|one| (one.change, one.kind)).collect()
        };
        assert_eq!(told(&with("O", true, on)), []);
        for state in ["D", "R", "A"] {
            assert_eq!(told(&with(state, true, on)), [(DifferenceKind::Changed, "trigger")], "{state}");
        }
        assert_eq!(told(&with("O", false, on)), [(DifferenceKind::Changed, "index")]);
        assert_eq!(told(&with("O", true, None)), [(DifferenceKind::Missing, "row-level security")]);
    }

    #[test]
    fn with_a_table_all_that_hangs_on_it_is_one_difference() {
        let found = table("pk_t", "idx").differences(&Schema::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].change, found[0].kind, found[0].object.as_str()), (DifferenceKind::Missing, "table", "t"));
        let found = Schema::default().differences(&table("pk_t", "idx"));
        assert_eq!((found.len(), found[0].change), (1, DifferenceKind::Extra));
        assert_eq!(table("a", "b").differences(&table("a", "b")), []);
    }
}
