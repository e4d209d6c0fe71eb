//! What a statement can do to a database that is in use. The rules bear the names they have in squawk, where it has them;
//! its rules of style (`prefer-...`) are none of danger and are not here.

use std::collections::BTreeSet;

use crate::db::migrations::names_from;
use crate::db::migrations::sql::{Statement, Token, TokenKind, begins, has};

/// A rule that a statement breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub name: &'static str,
    pub danger: &'static str,
    pub instead: &'static str,
}

macro_rules! rules {
    ($($name:ident: $label:literal, $danger:literal, $instead:literal;)*) => {
        $(pub(super) const $name: Rule = Rule { name: $label, danger: $danger, instead: $instead };)*
        /// All rules about statements.
        pub const ALL: &[Rule] = &[$($name),*];
    };
}

rules! {
    VOLATILE_DEFAULT: "adding-field-with-default", "a column with a volatile or stored default rewrites the whole table, under a lock that blocks everyone",
        "add the column without it, fill it in batches, then set the default";
    REQUIRED_FIELD: "adding-required-field", "a NOT NULL column without a default fails if the table has rows",
        "add it with a constant default, or nullable";
    NOT_NULL: "adding-not-nullable-field", "SET NOT NULL reads the whole table under a lock that blocks everyone",
        "add CHECK (column IS NOT NULL) NOT VALID, validate it in the next migration, then SET NOT NULL";
    SERIAL_KEY: "adding-serial-primary-key-field", "a primary key, serial or identity column rewrites the table or builds its index under a lock that blocks everyone",
        "build a unique index concurrently, then ADD PRIMARY KEY USING INDEX";
    FOREIGN_KEY: "adding-foreign-key-constraint", "a foreign key reads the whole table while writes to both tables wait",
        "add it NOT VALID, and VALIDATE CONSTRAINT in the next migration";
    CHECK: "constraint-missing-not-valid", "a constraint reads the whole table under a lock that blocks everyone",
        "add it NOT VALID, and VALIDATE CONSTRAINT in the next migration";
    VALIDATE: "validating-in-the-same-transaction", "VALIDATE CONSTRAINT in the same migration reads the table while the lock of the first statement is held",
        "validate in a migration of its own";
    UNIQUE: "disallowed-unique-constraint", "a unique constraint builds its index under a lock that blocks everyone",
        "build a unique index concurrently, then ADD CONSTRAINT ... USING INDEX";
    COLUMN_TYPE: "changing-column-type", "a new type rewrites the whole table under a lock that blocks everyone, and programs get a different type",
        "add a new column, fill it, change the programs, drop the old one";
    RENAME_COLUMN: "renaming-column", "running programs use the old name", "add a new column, and drop the old one when nothing uses it";
    RENAME_TABLE: "renaming-table", "running programs use the old name", "make a view with the old name in the same transaction";
    DROP_COLUMN: "ban-drop-column", "running programs may use it, and its values are lost", "first make sure that nothing uses it";
    DROP_TABLE: "ban-drop-table", "running programs may use it, and its rows are lost", "first make sure that nothing uses it";
    DROP_SCHEMA: "ban-drop-schema", "everything in it is lost", "drop its contents one by one";
    DROP_DATABASE: "ban-drop-database", "a migration never drops a database", "use `cmf db drop`";
    DROP_NOT_NULL: "ban-drop-not-null", "running programs may not expect that a value is missing", "change the programs first";
    TRUNCATE_CASCADE: "ban-truncate-cascade", "it empties every table that refers to this one", "name the tables";
    CHAR_FIELD: "ban-char-field", "char(n) pads with blanks that count in some comparisons and not in others", "use varchar or text";
    DOMAIN: "ban-create-domain-with-constraint", "a domain's constraint cannot be changed without reading every table that uses it", "put the constraint on the table";
    ALTER_DOMAIN: "ban-alter-domain-with-add-constraint", "it reads every table that uses the domain, under locks", "put the constraint on the table";
    INDEX: "require-concurrent-index-creation", "writes wait until the index is built", "CREATE INDEX CONCURRENTLY, in a migration of its own with `run_in_transaction = false`";
    DROP_INDEX: "require-concurrent-index-deletion", "reads and writes wait for the lock", "DROP INDEX CONCURRENTLY, in a migration of its own with `run_in_transaction = false`";
    REINDEX: "require-concurrent-reindex", "writes wait until the index is built", "REINDEX ... CONCURRENTLY with `run_in_transaction = false`";
    DETACH: "require-concurrent-partition-detach", "reads and writes of the whole table wait", "DETACH PARTITION ... CONCURRENTLY with `run_in_transaction = false`";
    REPACK: "prefer-repack", "VACUUM FULL and CLUSTER rewrite the table while everyone waits", "use pg_repack, or plain VACUUM";
    LOCK: "ban-lock-table", "an explicit lock blocks others until the migration ends", "let the statements take the locks they need";
    DISABLE_TRIGGER: "ban-disable-trigger", "without triggers, data can become wrong; foreign keys are triggers too", "do not switch them off";
    TOO_LONG: "identifier-too-long", "Postgres silently cuts a name after 63 bytes", "use a shorter name";
    IN_TRANSACTION: "ban-concurrent-index-creation-in-transaction", "CONCURRENTLY fails inside a transaction", "write `run_in_transaction = false` into metadata.toml";
    SEVERAL: "several-statements-with-concurrent-index", "when the concurrent statement fails, those before it stay", "give it a migration of its own";
    UNNAMED: "unnamed-concurrent-index", "an interrupted build of an index without a name cannot be found", "name the index";
    IF_NOT_EXISTS: "concurrent-index-if-not-exists", "other tools accept an INVALID index of this name as valid", "leave out IF NOT EXISTS: cmf checks itself";
    NESTING: "transaction-nesting", "cmf already runs the migration in a transaction", "remove BEGIN and COMMIT";
    UNCOMMITTED: "ban-uncommitted-transaction", "the script begins a transaction and does not end it", "add COMMIT";
    COPY_CLIENT: "copy-with-client", "COPY FROM STDIN and COPY TO STDOUT wait for a client, which a migration does not have",
        "write the rows as INSERT statements, or load them with psql afterwards";
    OUTSIDE: "not-in-a-transaction", "this statement fails inside a transaction", "write `run_in_transaction = false` into metadata.toml";
    NEW_LABEL: "enum-value-used-when-added", "a value that ALTER TYPE adds cannot be used before its transaction ends",
        "use it in the next migration";
    GIVES_UP: "ban-discard", "cmf refuses it, because it drops the lock and the prepared statements of the session", "remove it, or use RESET ALL";
    PSQL: "psql-command", "a line that begins with a backslash is a command for psql, not for the server", "write it as SQL";
}

/// A broken rule and the line of the script.
pub(super) type Broken = (Rule, usize);

/// What a script that brings a migration up breaks.
pub(super) fn check_up(statements: &[Statement<'_>], in_transaction: bool) -> Vec<Broken> {
    let mut broken = check_both(statements, in_transaction);
    let mut new: BTreeSet<String> = BTreeSet::new();
    let mut added: BTreeSet<String> = BTreeSet::new();
    for statement in statements {
        for rule in dangers(statement, &mut new, &mut added) {
            broken.push((rule, statement.line));
        }
    }
    let concurrent = statements.iter().find(|statement| statement.contains(&["concurrently"]));
    let others = statements.iter().filter(|statement| !statement.starts_with(&["set"]) && !statement.starts_with(&["reset"]));
    if let Some(statement) = concurrent.filter(|_| others.count() > 1) {
        broken.push((SEVERAL, statement.line));
    }
    broken.sort_by_key(|(rule, line)| (*line, rule.name));
    broken.dedup();
    broken
}

/// What a script breaks whichever way it goes.
pub(super) fn check_both(statements: &[Statement<'_>], in_transaction: bool) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut open = None;
    let mut labels: Vec<&str> = Vec::new();
    for statement in statements {
        if in_transaction && runs_alone(statement) {
            broken.push((OUTSIDE, statement.line));
        }
        if statement.starts_with(&["discard"]) || statement.starts_with(&["deallocate", "all"]) {
            broken.push((GIVES_UP, statement.line));
        }
        if in_transaction {
            if statement.tokens.iter().any(|token| labels.contains(&token.text)) && !statement.starts_with(&["alter", "type"]) {
                broken.push((NEW_LABEL, statement.line));
            }
            labels.extend(label_added(statement));
        }
        if statement.text.starts_with('\\')
            || statement.text.contains("\n\\") && !statement.tokens.iter().any(|token| token.text.contains("\n\\"))
        {
            broken.push((PSQL, statement.line));
        }
        if statement.copies_with_client().is_some() {
            broken.push((COPY_CLIENT, statement.line));
        }
        if in_transaction && statement.controls_transaction() {
            broken.push((NESTING, statement.line));
        }
        if in_transaction && statement.contains(&["concurrently"]) && !statement.starts_with(&["refresh"]) {
            broken.push((IN_TRANSACTION, statement.line));
        }
        if statement.starts_with(&["begin"]) || statement.starts_with(&["start", "transaction"]) {
            open = Some(statement.line);
        } else if statement.controls_transaction() {
            open = None;
        }
    }
    broken.extend(open.filter(|_| !in_transaction).map(|line| (UNCOMMITTED, line)));
    broken
}

/// Whether a statement runs outside of transactions only.
fn runs_alone(statement: &Statement<'_>) -> bool {
    let begins = |words: &[&str]| statement.starts_with(words);
    begins(&["vacuum"])
        || begins(&["alter", "system"])
        || begins(&["create", "database"])
        || ["create", "drop"].iter().any(|verb| begins(&[verb, "tablespace"]))
        || begins(&["reindex", "database"])
        || begins(&["reindex", "system"])
}

/// The label that `ALTER TYPE t ADD VALUE 'x'` adds, as it is written.
fn label_added<'a>(statement: &Statement<'a>) -> Option<&'a str> {
    if !statement.starts_with(&["alter", "type"]) || !has(&statement.tokens, &["add", "value"]) {
        return None;
    }
    statement.tokens.iter().find(|token| token.text.starts_with('\'')).map(|token| token.text)
}

/// The name at a place of a statement, without its schema.
fn name_at(statement: &Statement<'_>, at: usize) -> Option<String> {
    names_from(statement, at).into_iter().next()?.pop()
}

/// The parts of `ALTER TABLE t a, b`: what stands between commas outside parentheses.
fn actions<'a, 'b>(tokens: &'b [Token<'a>]) -> Vec<&'b [Token<'a>]> {
    let mut depth = 0_usize;
    tokens
        .split(|token| {
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.is(",")
        })
        .collect()
}

fn dangers(statement: &Statement<'_>, new: &mut BTreeSet<String>, added: &mut BTreeSet<String>) -> Vec<Rule> {
    let tokens = &statement.tokens;
    let mut broken = Vec::new();
    let names = tokens.iter().filter(|token| matches!(token.kind, TokenKind::Quoted | TokenKind::Word));
    if names.clone().any(|token| token.name().len() > 63) {
        broken.push(TOO_LONG);
    }
    let is_definition = statement.starts_with(&["create"]) || statement.starts_with(&["alter"]);
    if is_definition && !makes_code(statement) && has_char(tokens) {
        broken.push(CHAR_FIELD);
    }
    if let Some(at) = table_made(statement) {
        new.extend(name_at(statement, at));
    } else if statement.starts_with(&["alter", "table"]) {
        if !name_at(statement, 2).is_some_and(|name| new.contains(&name)) {
            broken.extend(actions(&tokens[2..]).into_iter().enumerate().flat_map(|(position, action)| {
                // The first action stands behind the table's name.
                let start = if position == 0 { action.iter().position(starts_action).unwrap_or(0) } else { 0 };
                altered(&action[start..], added)
            }));
        }
    } else if let Some(at) = index_made(statement) {
        let on = tokens.iter().position(|token| token.is("on")).unwrap_or(at);
        let is_new = name_at(statement, on + 1).is_some_and(|name| new.contains(&name));
        if tokens.get(at).is_some_and(|token| token.is("concurrently")) {
            if tokens.get(at + 1).is_some_and(|token| token.is("if")) {
                broken.push(IF_NOT_EXISTS);
            } else if tokens.get(at + 1).is_some_and(|token| token.is("on")) {
                broken.push(UNNAMED);
            }
        } else if !is_new {
            broken.push(INDEX);
        }
    } else if statement.starts_with(&["alter", "domain"]) && has(tokens, &["add"]) {
        broken.push(ALTER_DOMAIN);
    } else if statement.starts_with(&["create", "domain"]) && (has(tokens, &["check"]) || has(tokens, &["not", "null"])) {
        broken.push(DOMAIN);
    } else if statement.starts_with(&["drop"]) {
        broken.extend(dropped(statement, new));
    } else if statement.starts_with(&["truncate"]) && has(tokens, &["cascade"]) {
        broken.push(TRUNCATE_CASCADE);
    } else if statement.starts_with(&["reindex"]) && !has(tokens, &["concurrently"]) {
        broken.push(REINDEX);
    } else if statement.starts_with(&["cluster"]) || statement.starts_with(&["vacuum"]) && has(tokens, &["full"]) {
        broken.push(REPACK);
    } else if statement.starts_with(&["lock"]) {
        broken.push(LOCK);
    }
    broken
}

/// `char(3)` or `character(3)`; not `varchar`, `character varying` or the internal `"char"`.
fn has_char(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|pair| (pair[0].is("char") || pair[0].is("character")) && pair[1].is("("))
}

fn makes_code(statement: &Statement<'_>) -> bool {
    statement.tokens.iter().take(4).any(|token| token.is("function") || token.is("procedure"))
}

/// Where the name stands in a statement that makes a table.
fn table_made(statement: &Statement<'_>) -> Option<usize> {
    let kinds = ["temp", "temporary", "unlogged", "local", "global"];
    let mut at = 1;
    while statement.tokens.get(at).is_some_and(|token| kinds.iter().any(|kind| token.is(kind))) {
        at += 1;
    }
    (statement.starts_with(&["create"]) && statement.tokens.get(at).is_some_and(|token| token.is("table"))).then_some(at + 1)
}

/// Where `CREATE INDEX` and `CREATE UNIQUE INDEX` continue.
fn index_made(statement: &Statement<'_>) -> Option<usize> {
    if statement.starts_with(&["create", "index"]) {
        Some(2)
    } else if statement.starts_with(&["create", "unique", "index"]) {
        Some(3)
    } else {
        None
    }
}

fn starts_action(token: &Token<'_>) -> bool {
    ["add", "drop", "alter", "rename", "detach", "disable", "validate", "set", "attach", "enable", "owner", "cluster"]
        .iter()
        .any(|word| token.is(word))
}

fn dropped(statement: &Statement<'_>, new: &BTreeSet<String>) -> Option<Rule> {
    let kind = statement.tokens.get(1)?;
    let is_new = name_at(statement, 2).is_some_and(|name| new.contains(&name));
    match kind.text.to_lowercase().as_str() {
        "table" if !is_new => Some(DROP_TABLE),
        "database" => Some(DROP_DATABASE),
        "schema" => Some(DROP_SCHEMA),
        "index" if !statement.tokens.get(2).is_some_and(|token| token.is("concurrently")) => Some(DROP_INDEX),
        _ => None,
    }
}

/// What one action of `ALTER TABLE` on a table that was there breaks.
fn altered(action: &[Token<'_>], added: &mut BTreeSet<String>) -> Vec<Rule> {
    let mut broken = Vec::new();
    let valid = !has(action, &["not", "valid"]);
    if begins(action, &["add"]) {
        let named = begins(action, &["add", "constraint"]);
        let rest = if named { action.get(3..).unwrap_or_default() } else { &action[1..] };
        if named {
            added.extend(action.get(2).map(Token::name));
        }
        if begins(rest, &["foreign", "key"]) {
            broken.extend(valid.then_some(FOREIGN_KEY));
        } else if begins(rest, &["check"]) || begins(rest, &["exclude"]) {
            broken.extend(valid.then_some(CHECK));
        } else if begins(rest, &["unique"]) {
            broken.extend((!has(rest, &["using", "index"])).then_some(UNIQUE));
        } else if begins(rest, &["primary", "key"]) {
            broken.extend((!has(rest, &["using", "index"])).then_some(SERIAL_KEY));
        } else if !named && !begins(rest, &["table"]) {
            broken.extend(column_added(rest));
        }
    } else if begins(action, &["validate", "constraint"]) {
        broken.extend(action.get(2).is_some_and(|name| added.contains(&name.name())).then_some(VALIDATE));
    } else if begins(action, &["drop"]) {
        if !begins(action, &["drop", "constraint"]) {
            broken.push(DROP_COLUMN);
        }
    } else if begins(action, &["rename"]) {
        match action.get(1) {
            Some(token) if token.is("to") => broken.push(RENAME_TABLE),
            Some(token) if token.is("constraint") => {}
            _ => broken.push(RENAME_COLUMN),
        }
    } else if begins(action, &["alter"]) {
        if has(action, &["type"]) {
            broken.push(COLUMN_TYPE);
        } else if has(action, &["set", "not", "null"]) {
            broken.push(NOT_NULL);
        } else if has(action, &["drop", "not", "null"]) {
            broken.push(DROP_NOT_NULL);
        }
    } else if begins(action, &["detach", "partition"]) {
        broken.extend((!has(action, &["concurrently"]) && !has(action, &["finalize"])).then_some(DETACH));
    } else if begins(action, &["disable", "trigger"]) {
        broken.push(DISABLE_TRIGGER);
    }
    broken
}

fn column_added(column: &[Token<'_>]) -> Vec<Rule> {
    let mut broken = Vec::new();
    let serial = column.iter().any(|token| ["serial", "bigserial", "smallserial"].iter().any(|kind| token.is(kind)));
    if serial || has(column, &["primary", "key"]) || has(column, &["as", "identity"]) {
        broken.push(SERIAL_KEY);
    } else if has(column, &["unique"]) {
        broken.push(UNIQUE);
    }
    if has(column, &["references"]) {
        broken.push(FOREIGN_KEY);
    }
    if has(column, &["check"]) {
        broken.push(CHECK);
    }
    let default = column.iter().position(|token| token.is("default"));
    let generated = has(column, &["generated", "always", "as", "("]);
    if has(column, &["not", "null"]) && default.is_none() && !generated && !serial && !has(column, &["as", "identity"]) {
        broken.push(REQUIRED_FIELD);
    }
    let stored = generated && has(column, &["stored"]);
    if stored || default.is_some_and(|at| is_volatile(&column[at + 1..])) {
        broken.push(VOLATILE_DEFAULT);
    }
    broken
}

/// Whether a default calls a function that may give each row another value. Those that give one value for the whole
/// statement are known; any other is suspect.
fn is_volatile(default: &[Token<'_>]) -> bool {
    const STEADY: [&str; 9] = [
        "now", "timezone", "current_setting", "transaction_timestamp", "statement_timestamp", "jsonb_build_object",
        "json_build_object", "to_jsonb", "array",
    ];
    let calls =
        default.windows(2).filter(|pair| pair[1].is("(") && matches!(pair[0].kind, TokenKind::Word | TokenKind::Quoted));
    let mut unknown = calls.filter(|pair| {
        let name = pair[0].name();
        // `numeric(10, 2)` after `::` is a type, not a call.
        !STEADY.contains(&name.as_str())
            && !["numeric", "decimal", "varchar", "char", "timestamp", "check", "and", "or", "not"].contains(&name.as_str())
    });
    unknown.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrations::sql::split;

    fn broken(sql: &str) -> Vec<&'static str> {
        check_up(&split(sql), true).into_iter().map(|(rule, _)| rule.name).collect()
    }

    fn bare(sql: &str) -> Vec<&'static str> {
        check_up(&split(sql), false).into_iter().map(|(rule, _)| rule.name).collect()
    }

    #[test]
    fn dangerous_statements_are_named() {
        for (sql, rule) in [
            ("ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()", "adding-field-with-default"),
            ("ALTER TABLE t ADD a timestamptz DEFAULT clock_timestamp()", "adding-field-with-default"),
            ("ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED", "adding-field-with-default"),
            ("ALTER TABLE t ADD COLUMN a int NOT NULL", "adding-required-field"),
            ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", "adding-not-nullable-field"),
            ("ALTER TABLE t ADD COLUMN a serial", "adding-serial-primary-key-field"),
            ("ALTER TABLE t ADD PRIMARY KEY (a)", "adding-serial-primary-key-field"),
            ("ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY", "adding-serial-primary-key-field"),
            ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a)", "adding-foreign-key-constraint"),
            ("ALTER TABLE t ADD COLUMN a int REFERENCES u", "adding-foreign-key-constraint"),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "constraint-missing-not-valid"),
            ("ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)", "disallowed-unique-constraint"),
            ("ALTER TABLE t ADD COLUMN a int UNIQUE", "disallowed-unique-constraint"),
            ("ALTER TABLE ONLY public.t ALTER a TYPE text", "changing-column-type"),
            ("ALTER TABLE t ALTER COLUMN a SET DATA TYPE text", "changing-column-type"),
            ("ALTER TABLE t RENAME COLUMN a TO b", "renaming-column"),
            ("ALTER TABLE t RENAME a TO b", "renaming-column"),
            ("ALTER TABLE t RENAME TO u", "renaming-table"),
            ("ALTER TABLE t DROP COLUMN a", "ban-drop-column"),
            ("ALTER TABLE t DROP a", "ban-drop-column"),
            ("DROP TABLE IF EXISTS t", "ban-drop-table"),
            ("DROP SCHEMA s CASCADE", "ban-drop-schema"),
            ("DROP DATABASE d", "ban-drop-database"),
            ("ALTER TABLE t ALTER a DROP NOT NULL", "ban-drop-not-null"),
            ("TRUNCATE t CASCADE", "ban-truncate-cascade"),
            ("CREATE TABLE t (a char(3))", "ban-char-field"),
            ("CREATE DOMAIN d AS text CHECK (value <> '')", "ban-create-domain-with-constraint"),
            ("ALTER DOMAIN d ADD CHECK (value <> '')", "ban-alter-domain-with-add-constraint"),
            ("CREATE UNIQUE INDEX i ON t (a)", "require-concurrent-index-creation"),
            ("DROP INDEX i", "require-concurrent-index-deletion"),
            ("REINDEX TABLE t", "require-concurrent-reindex"),
            ("ALTER TABLE t DETACH PARTITION p", "require-concurrent-partition-detach"),
            ("CLUSTER t USING i", "prefer-repack"),
            ("LOCK TABLE t IN SHARE MODE", "ban-lock-table"),
            ("ALTER TABLE t DISABLE TRIGGER ALL", "ban-disable-trigger"),
            ("CREATE INDEX CONCURRENTLY i ON t (a)", "ban-concurrent-index-creation-in-transaction"),
            ("COMMIT", "transaction-nesting"),
            ("\\set x 1", "psql-command"),
        ] {
            assert_eq!(broken(sql), [rule], "{sql}");
        }
        assert_eq!(broken(&format!("CREATE TABLE {} (a int)", "x".repeat(64))), ["identifier-too-long"]);
        assert_eq!(bare("CREATE INDEX CONCURRENTLY ON t (a)"), ["unnamed-concurrent-index"]);
        assert_eq!(bare("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)"), ["concurrent-index-if-not-exists"]);
        assert_eq!(bare("SELECT 1; CREATE INDEX CONCURRENTLY i ON t (a)"), ["several-statements-with-concurrent-index"]);
        assert_eq!(bare("BEGIN; SELECT 1"), ["ban-uncommitted-transaction"]);
        assert_eq!(
            broken("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c"),
            ["validating-in-the-same-transaction"]
        );
        assert_eq!(
            broken("ALTER TABLE t ADD a int NOT NULL, DROP COLUMN b, ALTER c TYPE numeric(10, 2)"),
            ["adding-required-field", "ban-drop-column", "changing-column-type"]
        );
        assert_eq!(
            broken("ALTER TABLE t ALTER c TYPE numeric(10, 2), DROP COLUMN b"),
            ["ban-drop-column", "changing-column-type"],
            "what follows a closed parenthesis is an action of its own"
        );
        assert!(ALL.len() > 30);
    }

    #[test]
    fn harmless_statements_are_let_through() {
        for sql in [
            "ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 7",
            "ALTER TABLE t ADD COLUMN a timestamp DEFAULT (now() AT TIME ZONE 'utc')",
            "ALTER TABLE t ADD COLUMN a numeric(10, 2) DEFAULT 0::numeric(10, 2)",
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a) NOT VALID",
            "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i",
            "ALTER TABLE t VALIDATE CONSTRAINT f",
            "ALTER TABLE t DROP CONSTRAINT c",
            "ALTER TABLE t RENAME CONSTRAINT c TO d",
            "ALTER TYPE e ADD VALUE 'x'",
            "CREATE TABLE t (a int PRIMARY KEY, b varchar(3), c character varying(3)); CREATE INDEX i ON t (a); ALTER TABLE t ADD UNIQUE (a); DROP TABLE t",
            "UPDATE t SET a = 'DROP TABLE x' WHERE b = 1",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ DROP TABLE t; SELECT 1 $$",
        ] {
            assert_eq!(broken(sql), Vec::<&str>::new(), "{sql}");
        }
        assert_eq!(bare("CREATE INDEX CONCURRENTLY i ON t (a)"), Vec::<&str>::new());
        assert_eq!(bare("DROP INDEX CONCURRENTLY i"), Vec::<&str>::new());
        assert_eq!(bare("BEGIN; UPDATE t SET a = 1; COMMIT"), Vec::<&str>::new());
    }
}
