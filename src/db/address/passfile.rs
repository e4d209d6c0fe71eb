//! The password file (`~/.pgpass`): lines of `host:port:database:user:password`, where `*` stands for anything.

use std::path::Path;

use super::secrecy::refuse_exposed;
use crate::error::{Error, Exit, Result};
use crate::home::{self, Reached};

/// What a password is looked up for.
pub(super) struct Asked<'a> {
    /// The host's name, or the socket's directory.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The password of the first line that matches, or why the file of the usual place could not be read. Exit 78 when the file has
/// the password but others may read it too, or when a file that was named cannot be read.
pub(super) fn password(file: &Path, named: bool, asked: &Asked<'_>) -> Result<Reached<String>> {
    let found = if named { std::fs::read_to_string(file).map(Reached::There) } else { home::read(file) };
    let unreadable = |error: std::io::Error| {
        Error::new(Exit::Config, format!("the password file {} cannot be read: {error}", file.display()))
    };
    let text = match found {
        Ok(Reached::There(text)) => text,
        Ok(nothing) => return Ok(nothing),
        Err(error) => return Err(unreadable(error)),
    };
    let Some(password) = text.lines().find_map(|line| matching(line, asked)) else { return Ok(Reached::Absent) };
    refuse_exposed(file, "the password file", false)?;
    Ok(Reached::There(password))
}

/// The password of a line, if the line is for this login.
fn matching(line: &str, asked: &Asked<'_>) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    let port = asked.port.to_string();
    for wanted in [asked.host, &port, asked.database, asked.user] {
        let (field, after) = field(rest)?;
        // Only a bare `*` is the wildcard; `\*` is a name.
        if field != wanted && !rest.starts_with("*:") {
            return None;
        }
        rest = after;
    }
    Some(unescaped(rest))
}

/// The text up to the next unescaped `:`, and what follows it.
fn field(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            ':' if !escaped => return Some((unescaped(&text[..at]), &text[at + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.extend(characters.next()),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked<'_> = Asked { host: "h", port: 5432, database: "d", user: "u" };

    #[test]
    fn the_first_matching_line_counts() {
        for (line, password) in [
            ("h:5432:d:u:secret", Some("secret")),
            ("*:*:*:*:se\\:cr\\\\et ", Some("se:cr\\et ")),
            ("h:5432:d:other:secret", None),
            ("h:5433:*:*:secret", None),
            ("#h:5432:d:u:secret", None),
            ("h:5432:d:u", None),
            ("\\*:5432:d:u:secret", None),
            ("", None),
        ] {
            assert_eq!(matching(line, &ASKED).as_deref(), password, "{line}");
        }
        assert_eq!(matching("::1:5432:d:u:s", &Asked { host: "::1", ..ASKED }), None);
        assert_eq!(matching("\\:\\:1:5432:d:u:s", &Asked { host: "::1", ..ASKED }).as_deref(), Some("s"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused_where_it_matters() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        let password = |file: &Path, named, asked: &Asked<'_>| {
            password(file, named, asked).map(|found| if let Reached::There(password) = found { Some(password) } else { None })
        };
        assert_eq!(password(&file, false, &ASKED).unwrap(), None);
        assert_eq!(password(&file, true, &ASKED).unwrap_err().exit(), Exit::Config);
        std::fs::write(&file, "h:*:*:u:canary\n").unwrap();
        let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o644);
        let error = password(&file, false, &ASKED).unwrap_err();
        assert!(error.message().contains("(mode 0644)"), "{error}");
        assert!(!error.to_text().contains("canary"));
        assert_eq!(password(&file, false, &Asked { host: "other", ..ASKED }).unwrap(), None);
        for bits in [0o640, 0o604, 0o620, 0o610, 0o601] {
            mode(bits);
            assert_eq!(password(&file, false, &ASKED).unwrap_err().exit(), Exit::Config, "{bits:o}");
        }
        for bits in [0o600, 0o400] {
            mode(bits);
            assert_eq!(password(&file, false, &ASKED).unwrap().as_deref(), Some("canary"), "{bits:o}");
        }
    }
}
