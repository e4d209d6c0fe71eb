//! The names of what migrations make, from their scripts, and whether these are there without a record.

use std::collections::BTreeSet;

use super::set::MigrationSet;
use crate::db::migrations::sql::{self, TokenKind};
use crate::db::migrations::{self, Applied, Migration};
use crate::db::{Connection, schema};
use crate::error::{Error, Result};

/// Tables of the names that migrations make, where nothing says that these made them.
#[derive(Debug)]
pub struct Unrecorded {
    tables: Vec<String>,
    /// What to type next.
    pub command: String,
}

impl Unrecorded {
    /// It in words.
    pub fn message(&self) -> String {
        let named = self.tables.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if self.tables.len() > 3 { ", ..." } else { "" };
        format!("the tables exist ({named}{more}), but no migration is recorded")
    }
}

impl From<Unrecorded> for Error {
    fn from(found: Unrecorded) -> Self {
        Error::failed(found.message())
            .hint(format!("take them over with `{}`; it changes nothing unless you tell it to", found.command))
    }
}

/// Whether the tables of these migrations were made otherwise: they are there, and cmf never migrated here.
pub async fn unrecorded(tx: &mut Connection, set: &MigrationSet, applied: &[Applied]) -> Result<Option<Unrecorded>> {
    if !applied.is_empty() || !migrations::history(tx).await?.is_empty() {
        return Ok(None);
    }
    let made: Vec<String> = made_by(&set.migrations).tables.into_iter().collect();
    let tables = schema::there(tx, &made).await?;
    Ok((!tables.is_empty()).then(|| Unrecorded { tables, command: set.command("adopt") }))
}

/// What the migrations make, by name.
#[derive(Debug, Default)]
pub struct Named {
    pub tables: BTreeSet<String>,
    /// Tables, columns as `table.column`, types, indexes and constraints.
    pub all: BTreeSet<String>,
}

/// The tables, columns (as `table.column`), types, indexes and constraints that the migrations create and do not drop again.
pub fn made_by(migrations: &[Migration]) -> Named {
    let mut named = Named::default();
    for migration in migrations {
        let tokens: Vec<_> = sql::tokens(&migration.up).into_iter().filter(sql::Token::counts).collect();
        for (at, token) in tokens.iter().enumerate() {
            let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
            let preceded_by = |word: &str| before(1).is_some_and(|token| token.is(word));
            if !matches!(token.kind, TokenKind::Word | TokenKind::Quoted) {
                continue;
            }
            let is_dropped = (1..=4).any(|back| before(back).is_some_and(|token| token.is("DROP")));
            if is_dropped {
                named.all.remove(&token.name());
                named.tables.remove(&token.name());
            } else if token.is("IF") {
                // What may exist already says nothing.
            } else if preceded_by("TABLE") && before(2).is_some_and(|token| token.is("CREATE")) {
                named.tables.insert(token.name());
                named.all.insert(token.name());
                named.all.extend(columns(&tokens[at..]).map(|column| format!("{}.{column}", token.name())));
            } else if preceded_by("CONSTRAINT")
                || preceded_by("TYPE") && before(2).is_some_and(|token| token.is("CREATE"))
                || preceded_by("INDEX") && !token.is("CONCURRENTLY")
            {
                named.all.insert(token.name());
            }
        }
    }
    named
}

/// The columns of a `CREATE TABLE`, from the table's name on: what begins an entry of its list and is no constraint.
fn columns<'a>(tokens: &'a [sql::Token<'_>]) -> impl Iterator<Item = String> + 'a {
    let mut depth = 0_usize;
    let mut starts = false;
    let listed = tokens.iter().skip(1).map_while(move |token| {
        let is_start = starts && depth == 1;
        starts = false;
        if token.is("(") {
            depth += 1;
            starts = depth == 1;
        } else if token.is(")") {
            depth = depth.checked_sub(1).filter(|left| *left > 0)?;
        } else if token.is(",") {
            starts = true;
        }
        Some(is_start.then_some(token))
    });
    let words = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE"];
    listed.flatten().filter(move |token| !words.iter().any(|word| token.is(word))).map(sql::Token::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_migrations_themselves() {
        let named = made_by(&migrations::embedded().unwrap());
        assert_eq!(named.tables.len(), 13, "{:?}", named.tables);
        for name in [
            "users.email", "metrics.updated_at", "metric_history.value", "metric_direction", "uq_metric_catalogs_one_active",
            "pk_users", "idx_changelog_date", "fk_users_active_catalog",
        ] {
            assert!(named.all.contains(name), "{name}");
        }
        assert!(!named.all.contains("users.constraint"), "{:?}", named.all);
    }
}
