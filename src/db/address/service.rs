//! Service files: named sets of parameters (`[name]`, then `key=value` lines).

use std::path::Path;

use super::keys;
use super::strings::Pair;
use crate::error::{Error, Exit, Place, Result};
use crate::home::{self, Reached};

/// The parameters of a service in a file. The file need be neither there nor in reach, unless somebody named it. Exit 78 for a
/// file that cannot be read, and for a line of the service that is no parameter; the error names the line.
pub(super) fn parameters(file: &Path, named: bool, service: &str) -> Result<Reached<Vec<Pair>>> {
    let found = if named { std::fs::read_to_string(file).map(Reached::There) } else { home::read(file) };
    let text = match found {
        Ok(Reached::There(text)) => text,
        Ok(Reached::Absent) => return Ok(Reached::Absent),
        Ok(Reached::OutOfReach(missed)) => return Ok(Reached::OutOfReach(missed)),
        Err(error) => {
            return Err(Error::new(Exit::Config, format!("the service file {} cannot be read: {error}", file.display())));
        }
    };
    let mut found = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if found.is_some() {
                break;
            }
            if name == service {
                found = Some(Vec::new());
            }
            continue;
        }
        let Some(pairs) = &mut found else { continue };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place =
            || Place { file: Some(file.display().to_string()), row: u64::try_from(number + 1).ok(), ..Place::default() };
        let (key, value) = line.split_once('=').ok_or_else(|| {
            Error::new(Exit::Config, format!("a line of the service `{service}` is not KEY=VALUE")).at(place())
        })?;
        let key = keys::find(key.trim(), &format!("the service `{service}`")).map_err(|error| error.at(place()))?;
        if matches!(key.name, "service" | "servicefile") {
            return Err(Error::new(Exit::Config, format!("the service `{service}` names another service")).at(place()));
        }
        pairs.push((key.name.to_owned(), value.trim().to_owned()));
    }
    Ok(found.map_or(Reached::Absent, Reached::There))
}
