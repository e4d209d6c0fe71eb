//! The frameworks at both ends of a crosswalk: by name, else by what a file says of them.

use crate::db::Connection;
use crate::db::frameworks::Row;
use crate::domain::code::{CodeIndex, Position, Reference};
use crate::domain::near;
use crate::domain::text::{first_of, folded};
use crate::error::{Error, Place, Result, shell_word};
use crate::import::bundled;
use crate::lookup;
use crate::lookup::framework::Known;
use crate::table::problem::repeated;

/// Letters and digits alone, as names of frameworks are compared: `ISO/IEC 27001:2022`, `iso27001-2022`, `NIST CSF v2.0`.
pub(crate) fn bare(name: &str) -> String {
    let name = folded(name).replace("nist", "").replace("iec", "");
    let name = name.rsplit('/').next().filter(|_| name.contains(".json") || name.contains(".xml")).unwrap_or(&name).to_owned();
    let mut bare = String::new();
    for (at, c) in name.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        // A version may be written `v2.0`.
        let is_mark = c == 'v' && name[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        if !is_mark {
            bare.push(c);
        }
    }
    bare
}

/// One side of a crosswalk.
pub(crate) struct End {
    pub(crate) known: Known,
    pub(crate) index: CodeIndex,
    /// Why this framework was taken, if no option names it.
    pub(crate) told: Option<String>,
}

/// The framework of one side: the one that is named, else the one that the file names, else the only one that has all codes.
pub(crate) async fn end(
    tx: &mut Connection,
    (side, given, called): (&str, Option<&str>, &str),
    codes: &[&str],
    frameworks: &[Row],
    place: &Place,
) -> Result<End> {
    if let Some(name) = given {
        let row = lookup::framework::named(frameworks, name).ok_or_else(|| lookup::framework::unknown(frameworks, name))?;
        let known = lookup::framework::known(tx, row.clone()).await?;
        return Ok(End { index: known.codes(), known, told: None });
    }
    let wanted = bare(called);
    let by_name = frameworks.iter().find(|row| !wanted.is_empty() && bare(&row.short_name()) == wanted);
    if let Some(row) = by_name {
        let known = lookup::framework::known(tx, row.clone()).await?;
        let told = Some(format!("note: the {side} is {}, which the file calls `{}`", row.short_name(), repeated(called)));
        return Ok(End { index: known.codes(), known, told });
    }
    let mut having = Vec::new();
    // The framework that has the most of them, with those that it lacks.
    let mut nearest: Option<(String, Vec<&str>)> = None;
    for row in frameworks {
        let known = lookup::framework::known(tx, row.clone()).await?;
        let index = known.codes();
        let lacks = lacking(&index, codes);
        if nearest.as_ref().is_none_or(|(_, least)| lacks.len() < least.len()) {
            nearest = Some((row.short_name(), lacks.clone()));
        }
        if !codes.is_empty() && lacks.is_empty() {
            having.push(End { known, index, told: None });
        }
    }
    let name = |end: &End| end.known.row.short_name();
    match having.as_slice() {
        [only] => {
            let told = format!("note: the {side} is {}, the only framework that has all of these codes", name(only));
            having.pop().map(|end| End { told: Some(told), ..end }).ok_or_else(|| Error::failed("no framework"))
        }
        [] => {
            let what = if called.is_empty() { String::new() } else { format!(" (`{}`)", repeated(called)) };
            let mut error =
                Error::usage(format!("no framework in the database has all {side} codes of the file{what}")).at(place.clone());
            // One that has few of them is another one.
            let likely = nearest.as_ref().filter(|(_, lacks)| 2 * lacks.len() < codes.len());
            let unknown = likely.map_or(codes, |(_, lacks)| lacks);
            if !unknown.is_empty() {
                let named: Vec<String> = unknown.iter().map(|code| format!("`{}`", repeated(code))).collect();
                let named = first_of(named.iter().map(String::as_str), NAMED);
                error = error.detail(format!("unknown: {named}"));
            }
            if let Some((name, lacks)) = likely {
                error = error.hint(format!(
                    "{name} has all but {} of them: if it is meant, name it with --{side} {}",
                    lacks.len(),
                    shell_word(name)
                ));
            }
            let in_binary = bundled::ALL.into_iter().find(|bundled| {
                let is_there = frameworks.iter().any(|row| row.short_name() == bundled.short_name);
                let tree = bundled.framework();
                !is_there && !codes.is_empty() && tree.is_ok_and(|tree| lacking(&CodeIndex::new(&tree), codes).is_empty())
            });
            Err(match in_binary {
                Some(bundled) => error.hint(format!("first run `cmf seed {}`, which has them all", bundled.short_name)),
                None => error.hint("first import the framework that has them: `cmf framework import FILE`"),
            })
        }
        several => {
            let names: Vec<String> = several.iter().map(|end| format!("--{side} {}", shell_word(name(end)))).collect();
            Err(Error::usage(format!("several frameworks have all {side} codes of the file"))
                .hint(format!("say which one is meant: {}", names.join(" or "))))
        }
    }
}

/// How many unknown codes are named.
const NAMED: usize = 5;

/// The codes that a framework does not have.
fn lacking<'c>(index: &CodeIndex, codes: &[&'c str]) -> Vec<&'c str> {
    codes.iter().copied().filter(|code| matches!(index.resolve(code), Reference::Unknown { .. })).collect()
}

/// The place of a code as it is written. The error says why there is none.
pub(crate) fn place(end: &End, written: &str) -> std::result::Result<Position, String> {
    let framework = end.known.row.short_name();
    // The controls of Annex A are written with and without its letter.
    let bare = written.strip_prefix("A.").map(|bare| end.index.resolve(bare));
    let found = match (end.index.resolve(written), bare) {
        (Reference::Unknown { .. }, Some(known @ Reference::Known(_))) => known,
        (found, _) => found,
    };
    match found {
        Reference::Known(position) => Ok(position),
        Reference::Withdrawn { code, successors } => {
            let codes: Vec<&str> = successors.iter().map(Position::code).collect();
            let successors =
                if codes.is_empty() { String::new() } else { format!(": its successors are {}", codes.join(", ")) };
            Err(format!("{code} is withdrawn from {framework}{successors}"))
        }
        Reference::Unknown { written } => {
            let near = near::question(&end.index.near(&written)).map(|near| format!("; {near}")).unwrap_or_default();
            Err(format!("`{}` is not a code of {framework}{near}", repeated(&written)))
        }
    }
}
