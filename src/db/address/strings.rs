//! The two spellings of a connection: URL and `key=value`.

use crate::error::{Error, Exit, Result};

/// A parameter as it stands in a string.
pub(super) type Pair = (String, String);

/// Keeps hosts apart in a list that begins with it, whatever else they hold; no name holds this control character.
pub(super) const APART: &str = "\u{1f}";

/// What errors about a string begin with.
pub(super) const URL: &str = "the database URL";
pub(super) const PAIRS: &str = "the connection string";

/// A URL with a sign that may be one of the password.
fn wrong(message: &str) -> Error {
    unread(message)
        .hint("write it as postgres://USER@HOST:PORT/DATABASE; escape special characters of a password as %XX (@ %40, / %2F, : %3A, ? %3F, % %25)")
}

/// How an address with colons is written.
const BRACKETS: &str = "write it as postgres://USER@[::1]:PORT/DATABASE";

fn unread(message: &str) -> Error {
    Error::new(Exit::Config, format!("{URL} cannot be read: {message}"))
}

/// The parameters of a URL or a `key=value` string, in the order they stand. Exit 78 when it is neither. The message repeats
/// nothing of it.
pub(super) fn pairs(text: &str) -> Result<Vec<Pair>> {
    if text.contains('\0') {
        return Err(unread("it has a NUL character").hint("remove it: a file with the URL must be plain text"));
    }
    // A file with a secret ends with a line break; a blank that belongs to a URL is written %20.
    match text.trim().split_once("://") {
        Some(("postgres" | "postgresql", rest)) => url(rest),
        Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)) => Err(not_postgres()),
        _ if text.contains('=') => key_values(text),
        _ => Err(not_postgres()),
    }
}

fn not_postgres() -> Error {
    Error::new(Exit::Config, "the database URL does not start with postgres://")
        .hint("write it as postgres://USER@HOST:PORT/DATABASE, or as host=HOST dbname=DATABASE user=USER")
}

/// What follows `postgres://`.
fn url(rest: &str) -> Result<Vec<Pair>> {
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    let name = path.strip_prefix('/').unwrap_or(path);
    // A raw `/` or `?` in a password cuts the authority short and would send the login to another host.
    if name.contains(['/', '@']) {
        return Err(wrong("there is a `/` or `@` in the database's name; is it part of a password?"));
    }
    // Of a password with a `?` the rest would be taken for parameters.
    if query.is_some_and(|query| query.contains('@')) {
        return Err(wrong("there is an `@` after the `?`; is the `?` part of a password? Write the `@` of a parameter as %40"));
    }
    let mut pairs = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            pairs.push((key.to_owned(), value));
        }
    };
    let servers = match authority.matches('@').count() {
        0 => authority,
        1 => {
            let (login, servers) = authority.split_once('@').unwrap_or_default();
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            add("user", decoded(user)?);
            add("password", decoded(password)?);
            servers
        }
        _ => return Err(wrong("there are several `@` before the database's name; is one part of a password?")),
    };
    if !servers.is_empty() {
        let mut hosts = Vec::new();
        let mut ports = Vec::new();
        for server in servers.split(',') {
            let (host, port) = host_and_port(server)?;
            hosts.push(host);
            ports.push(port);
        }
        if hosts.iter().any(|host| !host.is_empty()) {
            // A socket's directory may hold a comma, escaped: such a list is marked and kept apart by another sign.
            let escaped_comma = hosts.iter().any(|host| host.contains(','));
            add("host", if escaped_comma { format!("{APART}{}", hosts.join(APART)) } else { hosts.join(",") });
        }
        if ports.iter().any(|port| !port.is_empty()) {
            let ports: Vec<&str> = ports.iter().map(|port| if port.is_empty() { "5432" } else { port.as_str() }).collect();
            add("port", ports.join(","));
        }
    }
    add("dbname", decoded(name)?);
    let mut parameters = Vec::new();
    for parameter in query.into_iter().flat_map(|query| query.split('&')).filter(|parameter| !parameter.is_empty()) {
        let (key, value) = parameter
            .split_once('=')
            .ok_or_else(|| wrong("a parameter after `?` has no `=`; is the `?` part of a password?"))?;
        if key.contains(['@', '/', ':']) {
            return Err(wrong("a parameter after `?` has no name; is the `?` part of a password?"));
        }
        // JDBC's spelling, which libpq takes too.
        match (key, value) {
            ("ssl", "true") => parameters.push(("sslmode".to_owned(), "require".to_owned())),
            _ => parameters.push((decoded(key)?, decoded(value)?)),
        }
    }
    // What a parameter says counts before what stands in front of it, as `postgres://u@localhost/d?host=/run/pg` means it.
    let parameters = unique(parameters, unread)?;
    pairs.retain(|(key, _)| !parameters.iter().any(|(given, _)| given == key));
    pairs.extend(parameters);
    Ok(pairs)
}

/// `host`, `host:port` or `[address]:port`.
fn host_and_port(server: &str) -> Result<(String, String)> {
    let (host, port) = if let Some(inside) = server.strip_prefix('[') {
        let (address, after) =
            inside.split_once(']').ok_or_else(|| unread("a `[` of an IPv6 address has no `]`").hint(BRACKETS))?;
        if !address.contains(':') {
            return Err(
                unread("brackets are for IPv6 addresses").hint("leave out the brackets: postgres://USER@HOST:PORT/DATABASE")
            );
        }
        match after.strip_prefix(':') {
            Some(port) => (address.to_owned(), port),
            None if after.is_empty() => (address.to_owned(), ""),
            None => return Err(unread("only a port can follow the `]` of an IPv6 address").hint(BRACKETS)),
        }
    } else {
        let (host, port) = server.split_once(':').unwrap_or((server, ""));
        if port.contains(':') {
            return Err(unread("an IPv6 address has no brackets").hint(BRACKETS));
        }
        (decoded(host)?, port)
    };
    if !port.chars().all(|c| c.is_ascii_digit()) {
        return Err(wrong("what follows the host's `:` is not a port number; is it part of a password?"));
    }
    Ok((host, port.to_owned()))
}

fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit =
            || rest.next().and_then(|byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        match (digit(), digit()) {
            (Some(high), Some(low)) if (high, low) != (0, 0) => bytes.push(high * 16 + low),
            _ => return Err(wrong("a `%` is not followed by two hexadecimal digits; write a `%` itself as %25")),
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong("its %XX do not make UTF-8"))
}

/// `key = value key2 = 'quoted \' value'`, as libpq reads it.
fn key_values(text: &str) -> Result<Vec<Pair>> {
    let unread = |message: &str| Error::new(Exit::Config, format!("{PAIRS} cannot be read: {message}"));
    let wrong = |message: &str| {
        unread(message).hint("write it as host=HOST dbname=DATABASE user=USER; put values with blanks into '...'")
    };
    let mut pairs: Vec<Pair> = Vec::new();
    let mut rest = text.trim_start();
    let mut quoted = false;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).ok_or_else(|| wrong("a word has no `=`"))?;
        let (key, after) = rest.split_at(end);
        let after = after.trim_start().strip_prefix('=').ok_or_else(|| wrong("a word has no `=`"))?.trim_start();
        let follows_bare_password = !quoted && pairs.last().is_some_and(|(key, _)| key == "password");
        if follows_bare_password && !super::keys::KEYS.iter().any(|known| known.name == key) {
            return Err(wrong("the word after the password is not a parameter; is it part of the password?"));
        }
        let mut value = String::new();
        let mut characters = after.char_indices();
        quoted = after.starts_with('\'');
        if quoted {
            characters.next();
        }
        let mut end = None;
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' => value.extend(characters.next().map(|(_, c)| c)),
                '\'' if quoted => {
                    end = Some(at + 1);
                    break;
                }
                c if !quoted && c.is_whitespace() => {
                    end = Some(at);
                    break;
                }
                c => value.push(c),
            }
        }
        if quoted && end.is_none() {
            return Err(wrong("a `'` is not closed"));
        }
        rest = &after[end.unwrap_or(after.len())..];
        if quoted && !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return Err(wrong("a blank is missing after a closing `'`"));
        }
        rest = rest.trim_start();
        pairs.push((key.to_owned(), value));
    }
    unique(pairs, unread)
}

/// Refuses a parameter that is there twice: which of the two was meant is a guess.
fn unique(pairs: Vec<Pair>, unread: impl Fn(&str) -> Error) -> Result<Vec<Pair>> {
    for (at, (key, _)) in pairs.iter().enumerate() {
        if pairs[..at].iter().any(|(earlier, _)| earlier == key) {
            return Err(match super::keys::KEYS.iter().find(|known| known.name == key) {
                Some(known) => unread(&format!("`{}` is given twice", known.name)),
                None => unread("a parameter is given twice"),
            }
            .hint("leave out one of them"));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match pairs(text) {
            Ok(pairs) => pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn urls_are_read_as_libpq_reads_them() {
        for (url, expected) in [
            ("postgres://", ""),
            ("postgresql://localhost", "host=localhost"),
            ("postgres://u@h:1/d", "user=u host=h port=1 dbname=d"),
            ("postgres://u:p%40%2F%3a@h/d", "user=u password=p@/: host=h dbname=d"),
            ("postgres://u:a:b#c@h/d", "user=u password=a:b#c host=h dbname=d"),
            ("postgres://h1,h2:7/d", "host=h1,h2 port=5432,7 dbname=d"),
            ("postgres://[::1]:7,[fe80::1]/d", "host=::1,fe80::1 port=7,5432 dbname=d"),
            ("postgres:///d?host=/run/pg", "dbname=d host=/run/pg"),
            ("postgres://%2Frun%2Fpg/d", "host=/run/pg dbname=d"),
            ("postgres://h?sslmode=require&application_name=a+b%20c", "host=h sslmode=require application_name=a+b c"),
            ("postgres://h/d?ssl=true", "host=h dbname=d sslmode=require"),
            ("postgres://u@localhost/d?host=/cloudsql/p:r:i", "user=u dbname=d host=/cloudsql/p:r:i"),
            ("postgres://u:p@h:1/d?host=h2&port=2&user=v", "password=p dbname=d host=h2 port=2 user=v"),
            (" postgres://u@h/d\n", "user=u host=h dbname=d"),
            ("\t\r\npostgresql://u@h/d?sslmode=require \r\n", "user=u host=h dbname=d sslmode=require"),
        ] {
            assert_eq!(read(url), expected, "{url}");
        }
    }

    #[test]
    fn what_would_dial_another_host_is_refused_and_not_repeated() {
        for (url, reason) in [
            ("mysql://root:canary@h/d", "does not start with postgres://"),
            ("mysql://u:canary@h/d?ssl=1", "does not start with postgres://"),
            ("canary", "does not start with postgres://"),
            ("postgres://u:can@ry@h/d", "several `@`"),
            ("postgres://u:canary/x@h/d", "`/` or `@` in the database's name"),
            ("postgres://u:1/canary@h", "`/` or `@` in the database's name"),
            ("postgres://u:1?canary@h", "`@` after the `?`"),
            ("postgres://u:1?canary@h/d?a=b", "`@` after the `?`"),
            ("postgres://u:1?user=canary@h/d", "`@` after the `?`"),
            ("postgres://u:1@h2/x?application_name=canary@h/d", "`@` after the `?`"),
            ("postgres://h?canary", "has no `=`"),
            ("postgres://h?canary/x=1", "has no name"),
            ("postgres://u:canary", "not a port number"),
            ("postgres://u:canary?x=y", "not a port number"),
            ("postgres://u:p%zzcanary@h/d", "two hexadecimal digits"),
            ("postgres://u:canary%@h/d", "two hexadecimal digits"),
            ("postgres://u:canary%00@h/d", "two hexadecimal digits"),
            ("postgres://u:canary%ff@h/d", "do not make UTF-8"),
            ("postgres://::1/canary", "has no brackets"),
            ("postgres://[::1/canary", "has no `]`"),
            ("postgres://h1/d?host=h2&host=canary", "`host` is given twice"),
            ("host=a password='canary", "is not closed"),
            ("host=a canary", "a word has no `=`"),
            ("host=a password='canary'b=c", "a blank is missing"),
            ("host=a password=my canary=1 dbname=d", "the word after the password"),
        ] {
            let message = read(url);
            assert!(message.contains(reason), "{url}: {message}");
            assert!(!message.contains("canary") && !message.contains("ry@"), "{url}: {message}");
        }
    }

    #[test]
    fn a_hint_is_about_what_is_wrong() {
        for (text, hint) in [
            ("postgres://u@h/d?sslmode=require&sslmode=prefer", "leave out one of them"),
            ("host=a host=b", "leave out one of them"),
            ("postgres://u@[::1]x/d", BRACKETS),
            ("postgres://u@::1/d", BRACKETS),
            ("postgres://u@[h]/d", "leave out the brackets: postgres://USER@HOST:PORT/DATABASE"),
        ] {
            assert_eq!(pairs(text).map(|_| ()).unwrap_err().hints(), [hint], "{text}");
        }
        let password = pairs("postgres://u:p@w@h/d").map(|_| ()).unwrap_err();
        assert!(password.hints()[0].contains("(@ %40"), "{password:?}");
    }

    #[test]
    fn key_values_are_read_as_libpq_reads_them() {
        for (text, expected) in [
            ("host=a port = 1", "host=a port=1"),
            (r"password='a \' b \\' user=x\ y", r"password=a ' b \ user=x y"),
            ("user= dbname=d", "user=dbname=d"),
            ("user='' dbname=d", "user= dbname=d"),
            (" host=a dbname=d\r\n", "host=a dbname=d"),
            ("password=a\\ \n dbname=d", "password=a  dbname=d"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
