//! The statements that make an object as it should be, where they lose nothing, and what is to be done by hand where they
//! might.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::dump::{add, create, create_enum, enable};
use super::{
    ColumnDef, Difference, DifferenceKind, EnumDef, IndexDef, ObjectDef, RankedSql, Remedy, Schema, TableDef, TriggerDef,
};
use crate::db::literal;
use crate::db::migrations::quote;
use crate::error::Result;

/// All statements of differences, in an order in which each finds what it builds on.
pub fn in_order(differences: &[Difference]) -> Vec<&str> {
    let mut all: Vec<&RankedSql> = differences
        .iter()
        .filter_map(|one| match &one.remedy {
            Remedy::Statements(statements) => Some(statements),
            Remedy::ByHand(_) => None,
        })
        .flatten()
        .collect();
    all.sort_by_key(|statement| statement.rank);
    all.into_iter().map(|statement| statement.sql.as_str()).collect()
}

/// Runs a statement that fixes a schema.
pub async fn run(conn: &mut PgConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// After tables and columns, because they refer to them.
pub(super) const CONSTRAINT: u8 = 7;
const INDEX: u8 = 8;
/// After the keys that it refers to.
const FOREIGN_KEY: u8 = 9;
const TRIGGER: u8 = 12;

/// Where a kind stands among the statements.
fn rank(kind: &str) -> u8 {
    match kind {
        "schema" => 1,
        "extension" => 2,
        "enum" => 3,
        "type" | "sequence" => 4,
        "table" => 5,
        "column" => 6,
        "constraint" => CONSTRAINT,
        "index" => INDEX,
        "function" => 10,
        "view" => 11,
        _ => TRIGGER,
    }
}

impl Schema {
    /// What makes this difference in `found` as it is here.
    pub(super) fn remedy(&self, found: &Schema, one: &Difference) -> Remedy {
        let outcome = match one.change {
            DifferenceKind::Missing => self.make(one),
            DifferenceKind::Changed => self.change(found, one),
            DifferenceKind::Extra | DifferenceKind::Renamed => Err(extra(one)),
        };
        outcome.map_or_else(Remedy::ByHand, Remedy::Statements)
    }

    fn table(&self, name: &str) -> Option<&TableDef> {
        self.tables.iter().find(|table| table.name == name)
    }

    fn definition(&self, one: &Difference) -> Option<&str> {
        let others = match one.kind {
            "type" => &self.types,
            "sequence" => &self.sequences,
            "function" => &self.functions,
            "view" => &self.views,
            _ => return None,
        };
        others.iter().find(|other| other.name == one.object).map(|other| other.definition.as_str())
    }

    fn make(&self, one: &Difference) -> Result<Vec<RankedSql>, String> {
        let (kind, name) = (one.kind, one.object.as_str());
        let plain = |sql: String| Ok(vec![RankedSql { rank: rank(kind), sql }]);
        let gone = || format!("no migration makes this {kind}");
        let table = self.table(&one.table);
        match kind {
            "schema" => plain(format!("CREATE SCHEMA {};", quote(name))),
            "extension" => plain(format!("CREATE EXTENSION {name};")),
            "enum" => plain(create_enum(self.enums.iter().find(|known| known.name == name).ok_or_else(gone)?)),
            "table" => Ok(whole(self.table(name).ok_or_else(gone)?)),
            "column" => {
                let table = table.ok_or_else(gone)?;
                let column = table.columns.iter().find(|column| column.name == name).ok_or_else(gone)?;
                column_added(&table.name, column)
            }
            "constraint" => {
                let table = table.ok_or_else(gone)?;
                let constraint = table.constraints.iter().find(|constraint| constraint.name == name).ok_or_else(gone)?;
                Ok(vec![RankedSql { rank: rank_of(&constraint.kind), sql: add(&table.name, constraint) }])
            }
            "index" => plain(format!("{};", index(table, name).ok_or_else(gone)?.definition)),
            "trigger" => plain(trigger_made(&one.table, trigger(table, name).ok_or_else(gone)?)),
            "policy" => plain(format!("{};", policy(table, name).ok_or_else(gone)?.definition)),
            "row-level security" => {
                let wanted = table.and_then(|table| table.row_security.as_ref()).ok_or_else(gone)?;
                plain(format!("ALTER TABLE {} {wanted};", one.table))
            }
            _ => plain(format!("{};", self.definition(one).ok_or_else(gone)?.trim_end())),
        }
    }

    /// Changes what is another than it should be.
    fn change(&self, found: &Schema, one: &Difference) -> Result<Vec<RankedSql>, String> {
        let (kind, name) = (one.kind, one.object.as_str());
        let plain = |sql: String| Ok(vec![RankedSql { rank: rank(kind), sql }]);
        let gone = || format!("no migration makes this {kind}");
        let (table, there) = (self.table(&one.table), found.table(&one.table));
        match kind {
            "table" => {
                let comment = self.table(name).and_then(|table| table.comment.as_deref());
                plain(format!("COMMENT ON TABLE {name} IS {};", comment.map_or_else(|| "NULL".to_owned(), literal)))
            }
            "column" => {
                let of = |table: Option<&TableDef>| table?.columns.iter().find(|column| column.name == name).cloned();
                let should = of(table).ok_or_else(gone)?;
                let is_enum = self.enums.iter().any(|known| known.name == should.data_type);
                column_changed(&one.table, &of(there).ok_or_else(gone)?, &should, is_enum)
            }
            "constraint" => {
                let constraint = table.and_then(|table| table.constraints.iter().find(|known| known.name == name));
                let constraint = constraint.ok_or_else(gone)?;
                let (table, rank) = (one.table.as_str(), rank_of(&constraint.kind));
                if one.found.as_deref() == Some(&format!("{} NOT VALID", constraint.definition)) {
                    return Ok(vec![RankedSql { rank, sql: format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name};") }]);
                }
                if constraint.kind == "p" {
                    return Err("other tables may have foreign keys to a primary key: make it again by hand".to_owned());
                }
                let sql = format!("ALTER TABLE {table} DROP CONSTRAINT {name};\n{}", add(table, constraint));
                Ok(vec![RankedSql { rank, sql }])
            }
            "index" => {
                let index = index(table, name).ok_or_else(gone)?;
                plain(format!("DROP INDEX {};\n{};", beside(&one.table, name), index.definition))
            }
            "owner" => plain(format!("ALTER TABLE {name} OWNER TO {};", quote(one.expected.as_deref().unwrap_or_default()))),
            "trigger" => {
                let made = trigger_made(&one.table, trigger(table, name).ok_or_else(gone)?);
                plain(format!("DROP TRIGGER {name} ON {};\n{made}", one.table))
            }
            "policy" => {
                let policy = policy(table, name).ok_or_else(gone)?;
                plain(format!("DROP POLICY {name} ON {};\n{};", one.table, policy.definition))
            }
            "enum" => {
                let of = |schema: &Schema| schema.enums.iter().find(|known| known.name == name).cloned();
                Ok(labels_added(&of(found).ok_or_else(gone)?, &of(self).ok_or_else(gone)?)?)
            }
            // The definition says OR REPLACE.
            "function" => plain(format!("{};", self.definition(one).ok_or_else(gone)?.trim_end())),
            "view" => {
                let definition = self.definition(one).ok_or_else(gone)?;
                let was = found.definition(one).unwrap_or_default();
                let what = if was.starts_with("CREATE MATERIALIZED") { "MATERIALIZED VIEW" } else { "VIEW" };
                plain(format!("DROP {what} {name};\n{definition};"))
            }
            _ => Err(format!("change a {kind} that is in use by hand")),
        }
    }
}

fn index<'a>(table: Option<&'a TableDef>, name: &str) -> Option<&'a IndexDef> {
    table?.indexes.iter().find(|index| index.name == name)
}

fn trigger<'a>(table: Option<&'a TableDef>, name: &str) -> Option<&'a TriggerDef> {
    table?.triggers.iter().find(|trigger| trigger.name == name)
}

fn policy<'a>(table: Option<&'a TableDef>, name: &str) -> Option<&'a ObjectDef> {
    table?.policies.iter().find(|policy| policy.name == name)
}

pub(super) fn rank_of(kind: &str) -> u8 {
    if kind == "f" { FOREIGN_KEY } else { CONSTRAINT }
}

/// A table that is missing, empty, with all that hangs on it.
fn whole(table: &TableDef) -> Vec<RankedSql> {
    let mut statements = vec![RankedSql { rank: rank("table"), sql: create(table).trim_end().to_owned() }];
    for key in table.constraints.iter().filter(|constraint| constraint.kind == "f") {
        statements.push(RankedSql { rank: FOREIGN_KEY, sql: add(&table.name, key) });
    }
    for trigger in &table.triggers {
        statements.push(RankedSql { rank: TRIGGER, sql: trigger_made(&table.name, trigger) });
    }
    statements
}

fn trigger_made(table: &str, trigger: &TriggerDef) -> String {
    let state = enable(table, trigger).map(|state| format!("\n{state}")).unwrap_or_default();
    format!("{};{state}", trigger.definition)
}

fn column_added(table: &str, column: &ColumnDef) -> Result<Vec<RankedSql>, String> {
    let name = &column.name;
    if column.not_null && column.value.is_none() {
        return Err(format!(
            "the existing rows need values, which only you know: ALTER TABLE {table} ADD COLUMN {name} {}; fill it; \
             ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL",
            column.data_type
        ));
    }
    let mut sql = format!("ALTER TABLE {table} ADD COLUMN {name} {};", column.definition());
    if column.comment.is_some() {
        sql.push('\n');
        sql.push_str(&commented(table, column));
    }
    Ok(vec![RankedSql { rank: rank("column"), sql }])
}

fn commented(table: &str, column: &ColumnDef) -> String {
    let comment = column.comment.as_deref().map_or_else(|| "NULL".to_owned(), literal);
    format!("COMMENT ON COLUMN {table}.{} IS {comment};", column.name)
}

fn column_changed(table: &str, is: &ColumnDef, should: &ColumnDef, is_enum: bool) -> Result<Vec<RankedSql>, String> {
    let change = format!("ALTER TABLE {table} ALTER COLUMN {}", should.name);
    let is_default = |column: &ColumnDef| column.value.as_ref().is_none_or(|value| value.starts_with("DEFAULT "));
    let mut lines = Vec::new();
    if is.data_type != should.data_type {
        let using = converted(&is.data_type, should, is_enum);
        if using.is_none() && !keeps_values(&is.data_type, &should.data_type) {
            return Err(format!(
                "a different type can change the values: {change} TYPE {ty} USING {}::{ty}",
                should.name,
                ty = should.data_type
            ));
        }
        if using.is_some() && is.value.is_some() {
            // It is of the other type. The one that should be is set below.
            lines.push(format!("{change} DROP DEFAULT;"));
        }
        let using = using.map(|using| format!(" USING {using}")).unwrap_or_default();
        lines.push(format!("{change} TYPE {}{using};", should.data_type));
    }
    if is.value != should.value {
        if !is_default(is) || !is_default(should) {
            return Err("make a generated column again by hand".to_owned());
        }
        lines.push(match &should.value {
            Some(default) => format!("{change} SET {default};"),
            None => format!("{change} DROP DEFAULT;"),
        });
    }
    match (is.not_null, should.not_null) {
        (false, true) => lines.push(format!("{change} SET NOT NULL;")),
        (true, false) => lines.push(format!("{change} DROP NOT NULL;")),
        _ => {}
    }
    if is.comment != should.comment {
        lines.push(commented(table, should));
    }
    Ok(vec![RankedSql { rank: rank("column"), sql: lines.join("\n") }])
}

/// How values of another kind become the same values: an instant with a zone in UTC, and text one of the labels of a type, where
/// Postgres refuses what is none of them.
fn converted(from: &str, should: &ColumnDef, is_enum: bool) -> Option<String> {
    let name = &should.name;
    match (from, should.data_type.as_str()) {
        ("timestamp with time zone", "timestamp without time zone") => Some(format!("{name} AT TIME ZONE 'UTC'")),
        (_, to) if is_enum && is_text(from) => Some(format!("{name}::text::{to}")),
        _ => None,
    }
}

fn is_text(kind: &str) -> bool {
    kind == "text" || kind.starts_with("character varying")
}

/// Whether values of one type become the same values of the other, or are refused.
fn keeps_values(from: &str, to: &str) -> bool {
    let base = |text: &str| text.split(" COLLATE ").next().unwrap_or(text).to_owned();
    let (from, to) = (base(from), base(to));
    let is_integer = |text: &str| ["smallint", "integer", "bigint"].contains(&text);
    // Postgres rounds silently, and refuses what is too large.
    let scale = |text: &str| text.strip_prefix("numeric(")?.strip_suffix(')')?.split_once(',')?.1.parse::<i32>().ok();
    (is_text(&from) && is_text(&to))
        || (is_integer(&from) && is_integer(&to))
        || scale(&from).zip(scale(&to)).is_some_and(|(from, to)| from <= to)
}

/// The labels that are missing, each in its place.
fn labels_added(is: &EnumDef, should: &EnumDef) -> Result<Vec<RankedSql>, String> {
    let name = &should.name;
    let mut is = is.clone();
    let mut lines = Vec::new();
    // SQLAlchemy writes the names of a class where the values were meant.
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let known = is.labels.clone();
    for label in is.labels.iter_mut().filter(|label| !should.labels.contains(label)) {
        let mut alike = should.labels.iter().filter(|wanted| !known.contains(wanted) && letters(wanted) == letters(label));
        if let (Some(wanted), None) = (alike.next(), alike.next()) {
            lines.push(format!("ALTER TYPE {name} RENAME VALUE {} TO {};", literal(label), literal(wanted)));
            label.clone_from(wanted);
        }
    }
    let is_subset = is.labels.iter().all(|label| should.labels.contains(label));
    let mut in_order = should.labels.iter().filter(|label| is.labels.contains(label));
    if !is_subset {
        return Err(format!("Postgres cannot remove a label from a type, and rows may use it: make {name} again by hand"));
    }
    if !is.labels.iter().all(|label| in_order.next() == Some(label)) {
        return Err(format!("Postgres cannot reorder the labels of a type: make {name} again by hand"));
    }
    for (at, label) in should.labels.iter().enumerate().filter(|(_, label)| !is.labels.contains(label)) {
        let place = match (at.checked_sub(1).map(|before| &should.labels[before]), is.labels.first()) {
            (Some(before), _) => format!(" AFTER {}", literal(before)),
            (None, Some(first)) => format!(" BEFORE {}", literal(first)),
            (None, None) => String::new(),
        };
        lines.push(format!("ALTER TYPE {name} ADD VALUE {}{place};", literal(label)));
    }
    Ok(vec![RankedSql { rank: rank("enum"), sql: lines.join("\n") }])
}

/// What is to be done with something that no migration made.
fn extra(one: &Difference) -> String {
    let (table, name) = (one.table.as_str(), one.object.as_str());
    let (what, drop) = match one.kind {
        "column" if !one.may_stay() => {
            let change = format!("ALTER TABLE {table} ALTER COLUMN {name}");
            return format!("cmf writes no value for it: {change} DROP NOT NULL, or {change} SET DEFAULT ...");
        }
        // No statement is named that would lose it.
        "column" | "table" | "schema" | "sequence" => {
            return "it may hold somebody's data; `cmf migrate drift --allow-extra` accepts it as it is".to_owned();
        }
        "constraint" => ("somebody may need it", format!("ALTER TABLE {table} DROP CONSTRAINT {name}")),
        "index" => ("somebody may need it", format!("DROP INDEX {}", beside(table, name))),
        "trigger" => ("somebody may need it", format!("DROP TRIGGER {name} ON {table}")),
        "policy" => ("it may hide rows from some roles", format!("DROP POLICY {name} ON {table}")),
        "row-level security" => (
            "it hides rows from some roles",
            format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"),
        ),
        "enum" | "type" => ("somebody may use it", format!("DROP TYPE {name}")),
        kind => ("somebody may use it", format!("DROP {} {name}", kind.to_uppercase())),
    };
    format!("{what}; if nobody needs it: {drop}")
}

/// A name in the schema of a table, as SQL writes both.
pub(super) fn beside(table: &str, name: &str) -> String {
    let mut quoted = false;
    let dot = table.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == '.' && !quoted
    });
    dot.map_or_else(|| name.to_owned(), |(at, _)| format!("{}.{name}", &table[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_changed_only_where_no_value_changes() {
        for (from, to, keeps) in [
            ("text", "character varying(255)", true),
            ("character varying(50)", "text COLLATE \"C\"", true),
            ("smallint", "bigint", true),
            ("bigint", "integer", true),
            ("numeric(10,2)", "numeric(15,4)", true),
            ("numeric(15,4)", "numeric(15,2)", false),
            ("numeric(15,2)", "numeric(15,4)", true),
            ("numeric", "numeric(15,4)", false),
            ("double precision", "numeric(15,4)", false),
            ("character(5)", "text", false),
        ] {
            assert_eq!(keeps_values(from, to), keeps, "{from} to {to}");
        }
    }

    #[test]
    fn labels_are_added_in_their_places_and_never_taken_out() {
        let one =
            |labels: &[&str]| EnumDef { name: "e".into(), labels: labels.iter().map(|&label| label.to_owned()).collect() };
        let should = one(&["a", "b", "c"]);
        let added = |is: &[&str]| labels_added(&one(is), &should).map(|statements| statements[0].sql.clone());
        assert_eq!(added(&["b"]).unwrap(), "ALTER TYPE e ADD VALUE 'a' BEFORE 'b';\nALTER TYPE e ADD VALUE 'c' AFTER 'b';");
        assert_eq!(added(&["c"]).unwrap(), "ALTER TYPE e ADD VALUE 'a' BEFORE 'c';\nALTER TYPE e ADD VALUE 'b' AFTER 'a';");
        assert!(added(&["a", "b", "c", "d"]).unwrap_err().contains("cannot remove a label"));
        assert!(added(&["b", "a", "c"]).unwrap_err().contains("reorder"));
    }

    #[test]
    fn triggers_and_row_security_are_made_as_they_are_switched() {
        let trigger =
            |enabled: &str| TriggerDef { name: "g".into(), definition: "CREATE TRIGGER g".into(), enabled: enabled.into() };
        let made = |kind: &'static str, enabled: &str| {
            let row_security = Some("ENABLE ROW LEVEL SECURITY".to_owned());
            let table = TableDef { name: "t".into(), triggers: vec![trigger(enabled)], row_security, ..TableDef::default() };
            let one = Difference {
                change: DifferenceKind::Missing,
                kind,
                table: "t".into(),
                object: "g".into(),
                expected: None,
                found: None,
                remedy: Remedy::Statements(Vec::new()),
            };
            let schema = Schema { tables: vec![table], ..Schema::default() };
            schema.make(&one).map(|statements| Remedy::Statements(statements).sql()).ok().flatten().unwrap_or_default()
        };
        assert_eq!(made("trigger", "O"), "CREATE TRIGGER g;");
        for (enabled, words) in [("D", "DISABLE"), ("R", "ENABLE REPLICA"), ("A", "ENABLE ALWAYS")] {
            assert_eq!(made("trigger", enabled), format!("CREATE TRIGGER g;\nALTER TABLE t {words} TRIGGER g;"));
        }
        assert_eq!(made("row-level security", "O"), "ALTER TABLE t ENABLE ROW LEVEL SECURITY;");
    }

    #[test]
    fn a_name_stands_in_the_schema_of_its_table() {
        assert_eq!(beside("t", "i"), "i");
        assert_eq!(beside("other.t", "i"), "other.i");
        assert_eq!(beside("\"a.b\"", "i"), "i");
        assert_eq!(beside("\"a.b\".t", "i"), "\"a.b\".i");
    }
}
