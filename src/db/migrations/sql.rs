//! SQL as text: its tokens, its statements, and what of it counts.
//!
//! The rules are those of PostgreSQL's scanner with `standard_conforming_strings` on, and of psql for what ends a
//! statement: a `;` outside quotes, comments, parentheses and the body of `CREATE FUNCTION ... BEGIN ATOMIC`.

use sha2::{Digest, Sha256};

use crate::domain::text::hex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Blanks and line ends.
    Space,
    /// `-- ...` or `/* ... */`.
    Comment,
    /// A keyword, an unquoted name, or a number.
    Word,
    /// `"name"`.
    Quoted,
    /// `'...'`, `E'...'`, `$$...$$`.
    Text,
    /// Anything else, one character.
    Sign,
}

/// A piece of SQL. All tokens of a text together are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: TokenKind,
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub at: usize,
}

impl Token<'_> {
    /// Whether it is this keyword or sign, in whatever case.
    pub fn is(&self, word: &str) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Sign) && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it means something to the server.
    pub fn counts(&self) -> bool {
        !matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// The name it spells: unquoted as it is, or folded to lower case.
    pub fn name(&self) -> String {
        match self.kind {
            TokenKind::Quoted => self.text.trim_matches('"').replace("\"\"", "\""),
            _ => self.text.to_lowercase(),
        }
    }
}

/// The tokens of a text. What is not closed reaches to its end.
pub fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (kind, length) = token(rest, first);
        tokens.push(Token { kind, text: &rest[..length], at });
        at += length;
    }
    tokens
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_name(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit() || c == '$'
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn token(rest: &str, first: char) -> (TokenKind, usize) {
    let mut chars = rest.chars();
    chars.next();
    let second = chars.next();
    match (first, second) {
        (c, _) if is_space(c) => (TokenKind::Space, run(rest, is_space)),
        ('-', Some('-')) => (TokenKind::Comment, run(rest, |c| c != '\n' && c != '\r')),
        ('/', Some('*')) => (TokenKind::Comment, block_comment(rest)),
        ('\'', _) => (TokenKind::Text, quoted(rest, 0, '\'', false)),
        ('e' | 'E', Some('\'')) => (TokenKind::Text, quoted(rest, 1, '\'', true)),
        ('b' | 'B' | 'x' | 'X' | 'n' | 'N', Some('\'')) => (TokenKind::Text, quoted(rest, 1, '\'', false)),
        ('u' | 'U', Some('&')) if rest[2..].starts_with('\'') => (TokenKind::Text, quoted(rest, 2, '\'', false)),
        ('u' | 'U', Some('&')) if rest[2..].starts_with('"') => (TokenKind::Quoted, quoted(rest, 2, '"', false)),
        ('"', _) => (TokenKind::Quoted, quoted(rest, 0, '"', false)),
        ('$', _) => dollar(rest),
        (c, _) if is_name_start(c) => (TokenKind::Word, run(rest, is_name)),
        (c, _) if c.is_ascii_digit() => (TokenKind::Word, run(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.')),
        (c, _) => (TokenKind::Sign, c.len_utf8()),
    }
}

/// The length of a comment that may hold comments.
fn block_comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a quoted piece whose opening quote is at `open`. A doubled quote is one quote inside.
fn quoted(rest: &str, open: usize, quote: char, backslashes: bool) -> usize {
    let mut chars = rest[open + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if backslashes && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|&(_, next)| next == quote).is_none() {
            return open + 1 + at + 1;
        }
    }
    rest.len()
}

/// `$$...$$`, `$tag$...$tag$`, or a parameter or lone sign.
fn dollar(rest: &str) -> (TokenKind, usize) {
    let tag = run(&rest[1..], |c| is_name(c) && c != '$');
    let starts_as_name = rest[1..].chars().next().is_some_and(|c| is_name_start(c) || c == '$');
    if !starts_as_name || !rest[1 + tag..].starts_with('$') {
        return (TokenKind::Sign, 1);
    }
    let mark = &rest[..tag + 2];
    let length = rest[mark.len()..].find(mark).map_or(rest.len(), |at| at + 2 * mark.len());
    (TokenKind::Text, length)
}

pub fn begins(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.len() >= words.len() && words.iter().zip(tokens).all(|(word, token)| token.is(word))
}

/// Whether these words follow each other anywhere in tokens.
pub fn has(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.windows(words.len()).any(|window| begins(window, words))
}

/// The end of a `COPY` that is the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientEnd {
    /// The client sends the rows.
    Stdin,
    /// The client takes the rows.
    Stdout,
}

impl std::fmt::Display for ClientEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ClientEnd::Stdin => "FROM STDIN",
            ClientEnd::Stdout => "TO STDOUT",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// From its first to its last word, without the `;`.
    pub text: &'a str,
    /// The line of the script that it begins on, from 1.
    pub line: usize,
    pub tokens: Vec<Token<'a>>,
}

impl Statement<'_> {
    pub fn starts_with(&self, words: &[&str]) -> bool {
        begins(&self.tokens, words)
    }

    /// Whether these words follow each other anywhere in it.
    pub fn contains(&self, words: &[&str]) -> bool {
        has(&self.tokens, words)
    }

    /// Whether it is a `COPY` whose rows the client sends or takes. Postgres takes either word in either direction.
    pub fn copies_with_client(&self) -> Option<ClientEnd> {
        if !self.starts_with(&["copy"]) {
            return None;
        }
        let mut depth = 0_usize;
        let mut before = None;
        for token in &self.tokens {
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ if depth == 0 && (token.is("stdin") || token.is("stdout")) => match before {
                    Some("from") => return Some(ClientEnd::Stdin),
                    Some("to") => return Some(ClientEnd::Stdout),
                    _ => {}
                },
                _ => {}
            }
            before = ["from", "to"].into_iter().find(|word| token.is(word));
        }
        None
    }

    /// Whether it begins or ends a transaction.
    pub fn controls_transaction(&self) -> bool {
        let rolls_back_all = self.starts_with(&["rollback"]) && !self.contains(&["to"]);
        rolls_back_all
            || ["begin", "commit", "end", "abort"].iter().any(|word| self.starts_with(&[word]))
            || self.starts_with(&["start", "transaction"])
            || self.starts_with(&["prepare", "transaction"])
    }
}

pub fn split(sql: &str) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut current: Vec<Token<'_>> = Vec::new();
    let mut parentheses = 0_usize;
    let mut body = 0_usize;
    for token in tokens(sql).into_iter().filter(Token::counts) {
        match token.text {
            "(" => parentheses += 1,
            ")" => parentheses = parentheses.saturating_sub(1),
            ";" if token.kind == TokenKind::Sign && parentheses == 0 && body == 0 => {
                statements.extend(statement(sql, std::mem::take(&mut current)));
                continue;
            }
            _ if parentheses == 0 && makes_routine(&current) => {
                if token.is("begin") || (body > 0 && token.is("case")) {
                    body += 1;
                } else if token.is("end") {
                    body = body.saturating_sub(1);
                }
            }
            _ => {}
        }
        current.push(token);
    }
    statements.extend(statement(sql, current));
    statements
}

fn makes_routine(tokens: &[Token<'_>]) -> bool {
    let words: Vec<_> = tokens.iter().take(4).collect();
    let routine = |token: &&Token<'_>| token.is("function") || token.is("procedure");
    match words.as_slice() {
        [create, or, replace, kind, ..] if or.is("or") && replace.is("replace") => create.is("create") && routine(kind),
        [create, kind, ..] => create.is("create") && routine(kind),
        _ => false,
    }
}

fn statement<'a>(sql: &'a str, tokens: Vec<Token<'a>>) -> Option<Statement<'a>> {
    let (start, last) = (tokens.first()?.at, tokens.last()?);
    Some(Statement { text: &sql[start..last.at + last.text.len()], line: sql[..start].matches('\n').count() + 1, tokens })
}

/// A fingerprint of a script: SHA-256 in hexadecimal of what counts in it. Comments, blanks between tokens and the kind of
/// line ends do not.
pub fn checksum(sql: &str) -> String {
    let mut digest = Sha256::new();
    for token in tokens(sql).iter().filter(|token| token.counts()) {
        digest.update(token.text.replace("\r\n", "\n"));
        digest.update([0]);
    }
    hex(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(sql: &str) -> Vec<&str> {
        split(sql).iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn a_semicolon_counts_only_at_the_top() {
        assert_eq!(texts("SELECT ';'; SELECT 2"), ["SELECT ';'", "SELECT 2"]);
        assert_eq!(texts("SELECT E'\\';'; SELECT 'it''s;';"), ["SELECT E'\\';'", "SELECT 'it''s;'"]);
        assert_eq!(texts("SELECT '\\'; SELECT 2"), ["SELECT '\\'", "SELECT 2"]);
        assert_eq!(texts("DO $$ BEGIN; END $$; DO $a$ $$;$$ ; $a$"), ["DO $$ BEGIN; END $$", "DO $a$ $$;$$ ; $a$"]);
        assert_eq!(texts("SELECT a$b$c; SELECT $1; x"), ["SELECT a$b$c", "SELECT $1", "x"]);
        assert_eq!(texts("/* ; /* ; */ ; */ SELECT 1 -- ; not here\n; SELECT \"a;b\""), ["SELECT 1", "SELECT \"a;b\""]);
        assert_eq!(
            texts("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); x"),
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "x"]
        );
        assert_eq!(
            texts(
                "create or replace function f() returns int begin atomic select case 1 when 1 then 2 end; select 3; end; begin; end"
            ),
            [
                "create or replace function f() returns int begin atomic select case 1 when 1 then 2 end; select 3; end",
                "begin",
                "end"
            ]
        );
        assert_eq!(texts(";;  -- nothing\n ; "), Vec::<&str>::new());
        assert_eq!(texts("SELECT 'open; x"), ["SELECT 'open; x"]);
    }

    #[test]
    fn a_copy_with_the_client_is_told_from_its_words_elsewhere() {
        let end = |sql: &str| split(sql).iter().find_map(Statement::copies_with_client);
        for sql in [
            "copy t from stdin",
            "/* x */ COPY s.\"t\" (a, b)\nFROM -- rows\nSTDIN WITH (FORMAT csv);\n1\t2\n\\.",
            "COPY t FROM STDOUT",
        ] {
            assert_eq!(end(sql), Some(ClientEnd::Stdin), "{sql}");
        }
        for sql in ["COPY (SELECT a FROM t) TO stdout", "select 1; copy binary t to STDOUT"] {
            assert_eq!(end(sql), Some(ClientEnd::Stdout), "{sql}");
        }
        for sql in [
            "COPY t FROM '/tmp/x'",
            "COPY (SELECT a FROM stdin) TO '/tmp/x'",
            "COPY stdin FROM PROGRAM 'cat'",
            "SELECT 'copy t from stdin'",
            "-- copy t from stdin\nSELECT 1",
            "DO $$ BEGIN EXECUTE 'copy t from stdin'; END $$",
            "INSERT INTO t SELECT * FROM stdin",
        ] {
            assert_eq!(end(sql), None, "{sql}");
        }
    }

    #[test]
    fn a_statement_knows_its_line() {
        let lines: Vec<_> = split("-- one\nSELECT 1;\n\n/* x\n */ SELECT\n2; SELECT 3").iter().map(|s| s.line).collect();
        assert_eq!(lines, [2, 5, 6]);
    }

    #[test]
    fn comments_blanks_and_line_ends_do_not_count_and_the_rest_does() {
        let one = checksum("CREATE TABLE t (\n  a integer -- why\n);\n");
        assert_eq!(one, checksum("/* moved */ CREATE TABLE t (\r\n a   integer\r\n)  ;"));
        assert_ne!(one, checksum("CREATE TABLE t (a bigint);"));
        assert_ne!(checksum("SELECT 'a  b'"), checksum("SELECT 'a b'"));
        assert_eq!(checksum("SELECT 'a\r\nb'"), checksum("SELECT 'a\nb'"));
        assert_ne!(checksum("SELECT '-- a'"), checksum("SELECT '-- b'"));
        assert_ne!(checksum("SELECT ab"), checksum("SELECT a b"));
    }

    /// A token that a semicolon inside does not end, and that what follows cannot change.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z_][a-z0-9_]{0,6}"
                .prop_filter("no routine", |word| !["create", "e", "b", "x", "n", "u"].contains(&word.as_str())),
            "[a-z;' \n-]{0,8}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
            "[a-z;' \\\\\n]{0,8}".prop_map(|text| format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))),
            "[a-z;\" ]{1,8}".prop_map(|text| format!("\"{}\"", text.replace('"', "\"\""))),
            ("[a-z]{0,3}", "[a-z;'\" \n-]{0,8}").prop_map(|(tag, text)| format!("${tag}${text}${tag}$")),
            "[a-z;' ]{0,8}".prop_map(|text| format!("/* {text} /* ; */ */ 1")),
            "[a-z;'$ ]{0,8}".prop_map(|text| format!("-- {text}\n2")),
            "[a-z; ]{0,8}".prop_map(|text| format!("(a; {text})")),
            "[0-9]{1,4}",
            "[+*<>=,.]",
        ]
    }

    fn statement_text() -> impl Strategy<Value = String> {
        prop::collection::vec(piece(), 1..6).prop_map(|pieces| format!("SELECT {} z", pieces.join(" ")))
    }

    proptest! {
        #[test]
        fn tokens_together_are_the_text(sql in "\\PC*|[-/*'\"$;a-zE\\\\\n() ]{0,40}") {
            let together: String = tokens(&sql).iter().map(|token| token.text).collect();
            prop_assert_eq!(&together, &sql);
            for statement in split(&sql) {
                prop_assert!(!statement.text.is_empty());
            }
        }

        #[test]
        fn what_was_joined_is_split_again(statements in prop::collection::vec(statement_text(), 0..5)) {
            let script = statements.join(" ; -- ; next\n");
            prop_assert_eq!(split(&script).iter().map(|s| s.text.to_owned()).collect::<Vec<_>>(), statements);
        }

        #[test]
        fn a_comment_anywhere_between_tokens_leaves_the_checksum(sql in statement_text()) {
            let commented: String =
                tokens(&sql).iter().map(|token| format!("{}{}", token.text, if token.text.starts_with("--") { "\n" } else { "/* ; */" })).collect();
            prop_assert_eq!(checksum(&commented), checksum(&sql));
        }
    }
}
