//! The environment variables that cmf reads for itself. One that is empty or misspelt says that somebody meant something else
//! than what would happen without it.

use crate::domain::near;
use crate::error::{Error, Exit, Result};

#[derive(Debug, Clone, Copy)]
struct Variable {
    name: &'static str,
    /// The option that comes before it.
    option: Option<&'static str>,
    /// Whether it may be empty, as somebody's word for "none".
    may_be_empty: bool,
}

const fn of(name: &'static str, option: &'static str) -> Variable {
    Variable { name, option: Some(option), may_be_empty: false }
}

const fn alone(name: &'static str) -> Variable {
    Variable { name, option: None, may_be_empty: false }
}

const fn or_empty(name: &'static str) -> Variable {
    Variable { name, option: None, may_be_empty: true }
}

const VARIABLES: &[Variable] = &[
    of("CMF_DATABASE_URL", "--database-url"),
    of("CMF_PROFILE", "--profile"),
    of("CMF_SCHEMA", "--schema"),
    of("CMF_OWNER", "--owner"),
    of("CMF_FRAMEWORK", "--framework"),
    of("CMF_SPOOL", "--spool"),
    of("CMF_SPOOL_LIMIT", "--spool-limit"),
    of("CMF_MAX_PERCENT", "--max-percent"),
    of("CMF_MAX_FACTOR", "--max-factor"),
    of("CMF_MAX_JUMP", "--max-jump"),
    of("CMF_SCRATCH_URL", "--scratch-url"),
    alone("CMF_CONFIG"),
    alone("CMF_DATA_DIR"),
    alone("CMF_PG_BIN"),
    alone("CMF_ANSWER_TIMEOUT"),
    // An empty key is refused where a model is asked.
    or_empty("CMF_API_KEY"),
    or_empty("CMF_PAGER"),
    or_empty("CMF_COMPLETE"),
];

/// The variable that says what this option says, without its `--`.
pub fn variable_of(option: &str) -> Option<&'static str> {
    VARIABLES.iter().find(|one| one.option.and_then(|own| own.strip_prefix("--")) == Some(option)).map(|one| one.name)
}

/// What the variables of the tests of cmf begin with.
const OF_TESTS: [&str; 2] = ["CMF_TEST_", "CMF_BLESS"];

/// The value of a variable that another program may have set. Exit 78 when it is set and empty, or no text.
pub fn value(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Err(Error::empty_variable(name)),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::new(Exit::Config, format!("{name} is not UTF-8 text"))),
    }
}

/// Looks at all variables of this process that begin like cmf's; `is_given` tells whether an option is on the command line,
/// so that its variable does not count. Returns a warning for each that cmf does not know. Exit 78 when one is set and empty.
pub fn check(is_given: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let mut names: Vec<(String, bool)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.is_empty())))
        .filter(|(name, _)| name.starts_with("CMF_") && !OF_TESTS.iter().any(|mark| name.starts_with(mark)))
        .collect();
    names.sort();
    let mut warnings = Vec::new();
    for (name, is_empty) in names {
        match VARIABLES.iter().find(|known| known.name == name) {
            Some(known) if is_empty && !known.may_be_empty && !known.option.is_some_and(&is_given) => {
                return Err(Error::empty_variable(&name));
            }
            Some(_) => {}
            None => warnings.push(unknown(&name)),
        }
    }
    Ok(warnings)
}

fn unknown(name: &str) -> String {
    let told = format!("warning: cmf does not know the variable {name} and does not use it");
    let known = VARIABLES.iter().map(|known| known.name.trim_start_matches("CMF_"));
    match near::near(name.trim_start_matches("CMF_"), known, 1)[..] {
        [near] => format!("{told}; did you mean CMF_{near}?"),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_told_with_the_nearest() {
        for (name, near) in [
            ("CMF_DATABSE_URL", "did you mean CMF_DATABASE_URL?"),
            ("CMF_SCEMA", "did you mean CMF_SCHEMA?"),
            ("CMF_DATABASE", "did you mean CMF_DATABASE_URL?"),
            ("CMF_XYZZY", "does not use it"),
        ] {
            assert!(unknown(name).ends_with(near), "{}", unknown(name));
        }
    }

    /// Whatever name of a variable stands in the source is in the list, so that nobody is warned of one that works.
    #[test]
    fn the_list_has_every_variable_that_is_read() {
        fn names(folder: &std::path::Path, found: &mut std::collections::BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    names(&path, found);
                } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("config/variables.rs")
                {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let quoted = text.split("\"CMF_").skip(1).filter_map(|rest| rest.split_once('"'));
                    let names =
                        quoted.filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
                    found.extend(names.map(|(name, _)| format!("CMF_{name}")));
                }
            }
        }
        let mut found = std::collections::BTreeSet::new();
        names(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let mut known: Vec<&str> = VARIABLES.iter().map(|known| known.name).collect();
        known.sort_unstable();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), known);
    }
}
