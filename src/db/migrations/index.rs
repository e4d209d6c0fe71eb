//! Indexes that are built beside the work of others, and what an interrupted build leaves.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::sql::{Statement, Token, TokenKind};
use crate::error::Result;

/// The index of a `CREATE INDEX CONCURRENTLY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcurrentIndex {
    /// The index's own name; the server makes one up if there is none.
    pub name: Option<String>,
    /// The schema of its table, which is the index's too, where it is written.
    pub schema: Option<String>,
    /// `IF NOT EXISTS`, which takes an INVALID index for a good one.
    pub if_not_exists: bool,
}

impl ConcurrentIndex {
    /// The index that a statement builds, if it is one that builds an index concurrently.
    pub fn of(statement: &Statement<'_>) -> Option<Self> {
        let mut words = statement.tokens.iter().peekable();
        words.next_if(|token| token.is("create"))?;
        words.next_if(|token| token.is("unique"));
        words.next_if(|token| token.is("index"))?;
        words.next_if(|token| token.is("concurrently"))?;
        let if_not_exists = words.next_if(|token| token.is("if")).is_some();
        if if_not_exists {
            words.nth(1);
        }
        let name = words.next_if(|token| !token.is("on")).map(Token::name);
        words.next_if(|token| token.is("on"))?;
        words.next_if(|token| token.is("only"));
        let table = words.next()?;
        let schema = words.next().filter(|token| token.is(".")).map(|_| table.name());
        Some(ConcurrentIndex { name, schema, if_not_exists })
    }

    fn quoted(&self) -> Option<String> {
        let name = quote(self.name.as_deref()?);
        Some(match &self.schema {
            Some(schema) => format!("{}.{name}", quote(schema)),
            None => name,
        })
    }
}

/// The index that a `DROP INDEX CONCURRENTLY` drops, where it names one only.
pub fn dropped_concurrently(statement: &Statement<'_>) -> bool {
    statement.starts_with(&["drop", "index", "concurrently"]) && !statement.tokens.iter().any(|token| token.is(","))
}

/// A name as SQL takes it literally.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in a list of a statement, from a token on and after words such as `IF EXISTS`: `a, b.c, "d"`, up to the first word that
/// belongs to no name.
pub fn names_from(statement: &Statement<'_>, mut at: usize) -> Vec<Vec<String>> {
    for skipped in ["concurrently", "if", "not", "exists", "only"] {
        at += usize::from(statement.tokens.get(at).is_some_and(|token| token.is(skipped)));
    }
    let mut names = Vec::new();
    let is_name =
        |at: usize| statement.tokens.get(at).is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted));
    while is_name(at) {
        let mut name = vec![statement.tokens[at].name()];
        while statement.tokens.get(at + 1).is_some_and(|token| token.is(".")) && is_name(at + 2) {
            name.push(statement.tokens[at + 2].name());
            at += 2;
        }
        names.push(name);
        if !statement.tokens.get(at + 1).is_some_and(|token| token.is(",")) {
            break;
        }
        at += 2;
    }
    names
}

/// Whether the index is there, and if so whether it is valid.
pub async fn index_state(conn: &mut PgConnection, index: &ConcurrentIndex) -> Result<Option<bool>> {
    let Some(name) = index.quoted() else { return Ok(None) };
    Ok(sqlx::query_scalar!("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", name)
        .fetch_optional(conn)
        .await?)
}

/// Drops an index beside the work of others.
pub async fn drop_index(conn: &mut PgConnection, index: &ConcurrentIndex) -> Result<()> {
    if let Some(name) = index.quoted() {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))).execute(conn).await?;
    }
    Ok(())
}

/// The indexes of the schema that are not valid.
pub async fn invalid_indexes(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT c.relname AS "name!" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
           WHERE NOT i.indisvalid AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind = 'i' ORDER BY 1"#
    )
    .fetch_all(conn)
    .await?)
}

/// How many rows a table has: counted up to a million, estimated from the server's statistics beyond. Nothing where there
/// is no such table.
pub async fn row_count(conn: &mut PgConnection, table: &[String]) -> Result<Option<(i64, bool)>> {
    const COUNTED: i64 = 1_000_000;
    let name = table.iter().map(|part| quote(part)).collect::<Vec<_>>().join(".");
    let Some(estimate) = sqlx::query_scalar!("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass($1)", name)
        .fetch_optional(&mut *conn)
        .await?
        .flatten()
    else {
        return Ok(None);
    };
    let count = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {}) AS counted", COUNTED + 1);
    let counted: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(conn).await?;
    Ok(Some(if counted > COUNTED { (estimate.max(counted), true) } else { (counted, false) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrations::sql::split;

    #[test]
    fn a_concurrent_index_is_known_by_its_statement() {
        let of = |sql: &str| ConcurrentIndex::of(&split(sql)[0]);
        let index = |name: Option<&str>, schema: Option<&str>, if_not_exists| {
            Some(ConcurrentIndex { name: name.map(str::to_owned), schema: schema.map(str::to_owned), if_not_exists })
        };
        assert_eq!(of("create unique index /* x */ concurrently IDX on t (a)"), index(Some("idx"), None, false));
        assert_eq!(
            of("CREATE INDEX CONCURRENTLY IF NOT EXISTS \"I\"\"x\" ON ONLY \"S\".t (a)"),
            index(Some("I\"x"), Some("S"), true)
        );
        assert_eq!(of("CREATE INDEX CONCURRENTLY ON t (a)"), index(None, None, false));
        assert_eq!(of("CREATE INDEX i ON t (a)"), None);
        assert_eq!(of("DROP INDEX CONCURRENTLY i"), None);
    }

    #[test]
    fn a_list_of_names_ends_where_no_comma_follows() {
        let statement = &split("DROP TABLE a, b.\"C\", d CASCADE")[0];
        assert_eq!(names_from(statement, 2), [vec!["a".to_owned()], vec!["b".into(), "C".into()], vec!["d".into()]]);
    }
}
