//! A profile as it is written into the configuration file.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Config;
use crate::error::{Error, Exit, Result};
use crate::files;

/// Whether the file has a profile of this name. Exit 78 when it cannot be read, or is not a configuration.
pub fn is_there(file: &Path, name: &str) -> Result<bool> {
    let text = present(file)?;
    Ok(text.is_some_and(|text| section(&text, name).is_some() || profiles(&text).is_some_and(|known| known.contains_key(name))))
}

/// Writes a profile with these values into the file, in place of one of its name; the rest of the file stays as it is. Only the
/// file's owner may read what holds a password. Exit 73 when it cannot be written, 78 when a value makes no sense, or when the file has
/// the profile in a form that cannot be replaced.
pub fn write(file: &Path, name: &str, values: &[(&str, String)]) -> Result<()> {
    let before = present(file)?.unwrap_or_default();
    let text = with_profile(&before, name, values)
        .ok_or_else(|| Error::new(Exit::Config, format!("the profile `{name}` is not written as [profile.{name}]")))?;
    let (_, holds_secret) = Config::read(&text, file, Some(name))?;
    if let Some(folder) = file.parent() {
        files::make_directory(folder)?;
    }
    files::write_over(file, text.as_bytes(), holds_secret)
}

/// The usual place of the file: where the configuration of this run is looked for.
pub fn file(config: &Config) -> Result<PathBuf> {
    config.file.clone().ok_or_else(|| {
        Error::new(Exit::Config, "cmf has no home directory for a configuration file").hint("name the file with CMF_CONFIG")
    })
}

fn present(file: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(super::wrong(file, format!("the configuration file cannot be read: {error}"))),
    }
}

fn profiles(text: &str) -> Option<Table> {
    let mut table: Table = text.parse().ok()?;
    match table.remove("profile") {
        Some(Value::Table(profiles)) => Some(profiles),
        _ => None,
    }
}

/// The lines of a profile's own section: from its header to the next one of another.
fn section(text: &str, name: &str) -> Option<(usize, usize)> {
    let is_header = |line: &str, of: &str| {
        let line = line.trim();
        line.strip_prefix('[').and_then(|rest| rest.split(']').next()).is_some_and(|header| {
            let header: Vec<&str> = header.split('.').map(|part| part.trim().trim_matches(['"', '\''])).collect();
            header.len() > 1 && header[0] == "profile" && header[1] == of
        })
    };
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| is_header(line, name))?;
    let further = lines[start + 1..].iter().position(|line| line.trim_start().starts_with('[') && !is_header(line, name));
    Some((start, further.map_or(lines.len(), |further| start + 1 + further)))
}

/// The text with the profile, where it can be written without touching the others.
fn with_profile(text: &str, name: &str, values: &[(&str, String)]) -> Option<String> {
    let others = |text: &str| {
        let mut known = profiles(text).unwrap_or_default();
        known.remove(name);
        known
    };
    let written: String = values.iter().map(|(key, value)| format!("{key} = {}\n", Value::String(value.clone()))).collect();
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let name_written = if is_plain { name.to_owned() } else { Value::String(name.to_owned()).to_string() };
    let written = format!("[profile.{name_written}]\n{written}");
    let lines: Vec<&str> = text.lines().collect();
    let (before, after) = match section(text, name) {
        Some((start, end)) => (lines[..start].join("\n"), lines[end..].join("\n")),
        None => (text.trim_end().to_owned(), String::new()),
    };
    let parts = [before.trim_end().to_owned(), written.trim_end().to_owned(), after.trim().to_owned()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let new = parts.join("\n\n") + "\n";
    // What else the file says is as before, however it is written.
    let known = profiles(&new)?;
    (known.contains_key(name) && others(&new) == others(text)).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_added_or_replaced_and_the_others_stay() {
        let values = [("owner", "ada".to_owned()), ("database_url", "postgres://h/d".to_owned())];
        let with = |text: &str, name: &str| with_profile(text, name, &values);
        let own = "[profile.default]\nowner = \"ada\"\ndatabase_url = \"postgres://h/d\"\n";
        assert_eq!(with("", "default").as_deref(), Some(own));
        let other = "# ours\n[profile.prod]\nowner = 'eve' # not ada\n";
        assert_eq!(with(other, "default"), Some(format!("{other}\n{own}")));
        let three = format!("{other}\n[profile.default]\nowner = 'bob'\n[profile.default.weights]\nHigh = 2\n[profile.z]\n");
        assert_eq!(with(&three, "default"), Some(format!("{other}\n{own}\n[profile.z]\n")));
        // One that has no section of its own would be there twice.
        assert_eq!(with("profile.default.owner = 'bob'\n", "default"), None);
        assert_eq!(with("[profile]\ndefault = { owner = 'bob' }\n", "default"), None);
        assert!(with("", "two words").is_some_and(|text| text.starts_with("[profile.\"two words\"]")));
    }
}
