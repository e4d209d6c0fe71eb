//! Codes of a framework as people wrote them.

use crate::domain::code::{CodeIndex, Position, Reference};
use crate::domain::near::{self, COMPARED, Suggestions};
use crate::error::{Error, Result, shell_word};

/// What codes as people wrote them stand for.
#[derive(Debug, Default)]
pub struct Resolved {
    pub live: Vec<Position>,
    /// Successors of withdrawn codes, with the code.
    pub successors: Vec<(String, Position)>,
}

/// Looks codes up. A withdrawn one stands for its successors only where that was asked for. Exit 2 for a code that the
/// framework does not have, and for a withdrawn one.
pub fn resolve(
    index: &CodeIndex,
    near: &Suggestions,
    written: &str,
    accept_successors: bool,
    framework: &str,
) -> Result<Resolved> {
    let mut resolved = Resolved::default();
    for reference in index.find_all(written) {
        match reference {
            Reference::Known(position) => resolved.live.push(position),
            Reference::Withdrawn { code, successors } if accept_successors && !successors.is_empty() => {
                resolved.successors.extend(successors.into_iter().map(|position| (code.clone(), position)));
            }
            Reference::Withdrawn { code, successors } => {
                let error = Error::usage(format!("{code} is withdrawn from {framework}"));
                let codes: Vec<&str> = successors.iter().map(Position::code).collect();
                return Err(if codes.is_empty() {
                    error.hint("its content is now in several places; choose a code with `cmf framework show`")
                } else {
                    error
                        .detail(format!("its successors are {}", codes.join(", ")))
                        .hint("use one of them, or add --accept-successors to map to all of them, unconfirmed")
                });
            }
            Reference::Unknown { written } => {
                let error = Error::usage(format!("`{written}` is not a code of {framework}"));
                let shown = format!("see `cmf framework show {}`", shell_word(framework));
                return Err(error.hint(match near.of(&written, || index.near(&written)) {
                    Some(near) => near::question(&near).unwrap_or(shown),
                    None => format!("{shown}: only the first {COMPARED} wrong codes are compared with them"),
                }));
            }
        }
    }
    Ok(resolved)
}

/// The error of a code that is not one of these functions or categories, as `level` calls them.
pub fn unknown<'a>(level: &str, code: &str, codes: impl Iterator<Item = &'a str>) -> Error {
    let meant = near::did_you_mean(code, codes);
    Error::usage(format!("no framework has a {level} `{code}`"))
        .hint(meant.unwrap_or_else(|| "see `cmf framework show csf-2.0 --depth 2`".to_owned()))
}
