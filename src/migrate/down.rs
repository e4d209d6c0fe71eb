//! What taking migrations down costs.

use crate::db::migrations::sql::{Statement, split};
use crate::db::migrations::{self, Applied, Migration};
use crate::error::Result;
use crate::session::Session;

/// The versions to take down, newest first: all, those newer than one, or the newest alone.
pub fn targets(applied: &[Applied], all: bool, stop: Option<&str>) -> Vec<String> {
    let newest_first = applied.iter().rev().map(|row| row.version.clone());
    match stop {
        Some(stop) => newest_first.take_while(|version| version.as_str() > stop).collect(),
        None => newest_first.take(if all { usize::MAX } else { 1 }).collect(),
    }
}

/// What the scripts drop, with the rows that go with it, a line each.
pub async fn losses(session: &mut Session, migrations: &[&Migration]) -> Result<Vec<String>> {
    let mut told = Vec::new();
    let mut tx = session.read().await?;
    for migration in migrations {
        for statement in split(migration.down.as_deref().unwrap_or_default()) {
            for loss in losses_of(&statement) {
                let rows = match &loss.table {
                    Some(table) => migrations::row_count(&mut tx, table).await?,
                    None => None,
                };
                let rows = match rows {
                    Some((1, false)) => " (1 row)".to_owned(),
                    Some((rows, false)) => format!(" ({rows} rows)"),
                    Some((rows, true)) => format!(" (about {rows} rows)"),
                    None => String::new(),
                };
                told.push(format!("{}: {}{rows}", migration.name, loss.what));
            }
        }
    }
    tx.end().await?;
    Ok(told)
}

/// Something that a statement takes away.
#[derive(Debug, PartialEq, Eq)]
struct Loss {
    what: String,
    /// The table whose rows are lost or hold what is lost.
    table: Option<Vec<String>>,
}

fn losses_of(statement: &Statement<'_>) -> Vec<Loss> {
    const TAKE_ROWS: [(&[&str], &str); 4] = [
        (&["drop", "table"], "drops table"),
        (&["truncate", "table"], "empties table"),
        (&["truncate"], "empties table"),
        (&["delete", "from"], "deletes from table"),
    ];
    let list = |at: usize, what: &str, is_table: bool| -> Vec<Loss> {
        let names = migrations::names_from(statement, at);
        let loss = |name: Vec<String>| Loss { what: format!("{what} {}", name.join(".")), table: is_table.then_some(name) };
        names.into_iter().map(loss).collect()
    };
    if let Some((words, what)) = TAKE_ROWS.iter().find(|(words, _)| statement.starts_with(words)) {
        return list(words.len(), what, true);
    }
    if statement.starts_with(&["alter", "table"])
        && let Some(name) = migrations::names_from(statement, 2).into_iter().next()
    {
        let drops = statement.tokens.windows(3).filter(|words| words[0].is("drop"));
        return drops
            .map(|words| {
                let (kind, dropped) = match &words[1] {
                    column if column.is("column") || column.is("constraint") => (column.text.to_lowercase(), &words[2]),
                    column => ("column".to_owned(), column),
                };
                let dropped = if dropped.is("if") { "if it exists".to_owned() } else { dropped.name() };
                let table = (kind == "column").then(|| name.clone());
                Loss { what: format!("drops {kind} {dropped} of {}", name.join(".")), table }
            })
            .collect();
    }
    if let Some(kind) = statement.tokens.get(1).filter(|_| statement.starts_with(&["drop"])) {
        return list(2, &format!("drops {}", kind.text.to_lowercase()), false);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str) -> Vec<String> {
        split(sql)
            .iter()
            .flat_map(losses_of)
            .map(|loss| format!("{}{}", loss.what, if loss.table.is_some() { " +" } else { "" }))
            .collect()
    }

    #[test]
    fn what_a_script_takes_away_is_named() {
        assert_eq!(
            told("DROP TABLE IF EXISTS a, public.b CASCADE; drop type t"),
            ["drops table a +", "drops table public.b +", "drops type t"]
        );
        assert_eq!(
            told("ALTER TABLE a DROP COLUMN b, DROP CONSTRAINT c"),
            ["drops column b of a +", "drops constraint c of a"]
        );
        assert_eq!(
            told("DROP INDEX CONCURRENTLY IF EXISTS i; TRUNCATE a; DELETE FROM b WHERE x"),
            ["drops index i", "empties table a +", "deletes from table b +"]
        );
        assert_eq!(told("CREATE TABLE a (b int)"), Vec::<String>::new());
    }
}
