//! A crosswalk by its name, or by the frameworks that it joins.

use uuid::Uuid;

use crate::db::crosswalks::Crosswalk as Row;
use crate::db::frameworks::Row as Framework;
use crate::db::{self, Connection};
use crate::domain::code::{Position, lowest};
use crate::domain::crosswalk::{Crosswalk, Pair};
use crate::domain::near;
use crate::domain::text::folded;
use crate::error::{Error, Result, shell_word};
use crate::import::bundled;
use crate::lookup::framework;
use crate::tell::Tell;

/// A way to a framework that nothing is mapped to.
#[derive(Debug, Clone)]
pub struct Via {
    /// The framework that metrics are mapped to.
    pub framework: Framework,
    pub id: Uuid,
    pub name: String,
    /// Its rows, from the codes of that framework.
    pub crosswalk: Crosswalk,
    /// The codes of the framework that it leads to, those without any below them, in document order.
    pub codes: Vec<Position>,
}

fn called<'a>(crosswalks: &'a [Row], text: &str) -> Vec<&'a Row> {
    let wanted = folded(text);
    crosswalks.iter().filter(|row| folded(&row.name) == wanted || row.id.to_string() == wanted).collect()
}

/// The crosswalk of this name or id. Exit 2 when there is none (with near names), or several.
pub async fn find(tx: &mut Connection, text: &str) -> Result<Row> {
    let crosswalks = db::crosswalks::list(tx).await?;
    match called(&crosswalks, text).as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let otherwise = if crosswalks.is_empty() {
                "import one with `cmf framework crosswalk import FILE`"
            } else {
                "see `cmf framework crosswalk list`"
            };
            let meant = near::did_you_mean(text, crosswalks.iter().map(|row| row.name.as_str()));
            Err(Error::usage(format!("no crosswalk is called `{text}`")).hint(meant.unwrap_or_else(|| otherwise.to_owned())))
        }
        several => {
            let mut error = Error::usage(format!("{} crosswalks are called `{text}`", several.len()));
            for row in several {
                error = error.detail(format!("{} of {}", row.id, row.owner));
            }
            Err(error.hint("give the id instead of the name"))
        }
    }
}

/// The way that `text` names, a crosswalk or the framework that metrics are mapped to, and the framework that it leads to:
/// `to`, or for a crosswalk the end that nothing in `mapped` is. Exit 2 where there is no such way, or several.
pub async fn via(
    tell: &dyn Tell,
    tx: &mut Connection,
    text: &str,
    to: Option<&str>,
    mapped: &[Uuid],
) -> Result<(Framework, Via)> {
    let crosswalks = db::crosswalks::list(tx).await?;
    let frameworks = db::frameworks::list(tx).await?;
    let to =
        to.map(|name| framework::named(&frameworks, name).ok_or_else(|| framework::unknown(&frameworks, name))).transpose()?;
    let name = |id: Option<Uuid>| {
        let row = frameworks.iter().find(|row| Some(row.id) == id);
        row.map_or_else(|| "an unknown framework".to_owned(), Framework::short_name)
    };
    let (row, from, to) = if let Some(from) = framework::named(&frameworks, text) {
        let Some(to) = to else {
            let mut ends: Vec<String> = crosswalks
                .iter()
                .filter(|row| [row.source_id, row.target_id].contains(&Some(from.id)))
                .map(|row| name(if row.source_id == Some(from.id) { row.target_id } else { row.source_id }))
                .map(|end| format!("--framework {}", shell_word(&end)))
                .collect();
            ends.sort();
            ends.dedup();
            let hint = if ends.is_empty() {
                "no crosswalk begins or ends there: import one with `cmf framework crosswalk import FILE`".to_owned()
            } else {
                format!("add {}", ends.join(" or "))
            };
            return Err(Error::usage(format!("--via {text} needs the framework that it leads to")).hint(hint));
        };
        let from_name = from.short_name();
        if from.id == to.id {
            return Err(Error::usage(format!("--via {text} is the framework that is scored itself"))
                .hint("leave out --via, or name another framework with --framework"));
        }
        let ends = [Some(from.id), Some(to.id)];
        let joins = |row: &&Row| {
            let own = [row.source_id, row.target_id];
            own == ends || own == [ends[1], ends[0]]
        };
        let found: Vec<&Row> = crosswalks.iter().filter(joins).collect();
        match found.as_slice() {
            [one] => (*one, from, to),
            [] => {
                let error =
                    Error::usage(format!("there is no crosswalk between {from_name} and {}", to.short_name())).hint(format!(
                        "import one with `cmf framework crosswalk import FILE --source {} --target {}`",
                        shell_word(&from_name),
                        shell_word(to.short_name())
                    ));
                let mut known: Vec<String> =
                    crosswalks.iter().map(|row| format!("{} and {}", name(row.source_id), name(row.target_id))).collect();
                known.sort();
                known.dedup();
                return Err(if known.is_empty() { error } else { error.hint(format!("there are: {}", known.join("; "))) });
            }
            several => {
                let names: Vec<String> = several.iter().map(|row| format!("--via {}", shell_word(&row.name))).collect();
                return Err(Error::usage(format!("{} crosswalks join {from_name} and {}", several.len(), to.short_name()))
                    .hint(format!("name one: {}", names.join(" or "))));
            }
        }
    } else {
        if called(&crosswalks, text).is_empty() {
            let known = frameworks.iter().map(Framework::short_name).collect::<Vec<_>>();
            let all = known.iter().map(String::as_str).chain(crosswalks.iter().map(|row| row.name.as_str()));
            if let Some(bundled) = bundled::find(text) {
                let name = &bundled.short_name;
                return Err(Error::usage(format!("the framework `{name}` is not in the database"))
                    .hint(format!("run `cmf seed {name}`, then bring in a crosswalk: `cmf framework crosswalk import FILE`")));
            }
            let meant = near::did_you_mean(text, all)
                .unwrap_or_else(|| "see `cmf framework list` and `cmf framework crosswalk list`".to_owned());
            return Err(Error::usage(format!("no framework and no crosswalk is called `{text}`")).hint(meant));
        }
        let row = find(tx, text).await?;
        let row = crosswalks
            .iter()
            .find(|known| known.id == row.id)
            .ok_or_else(|| Error::failed("the crosswalk was deleted while cmf was reading it"))?;
        let end = |id: Option<Uuid>| frameworks.iter().find(|known| Some(known.id) == id);
        let (Some(source), Some(target)) = (end(row.source_id), end(row.target_id)) else {
            return Err(Error::failed(format!("a framework of the crosswalk {} is not in the database", row.name))
                .hint("import it again, then the crosswalk"));
        };
        match to {
            Some(to) if to.id == target.id => (row, source, target),
            Some(to) if to.id == source.id => (row, target, source),
            Some(to) => {
                return Err(Error::usage(format!("the crosswalk {} does not lead to {}", row.name, to.short_name()))
                    .hint(format!("it joins {} and {}", source.short_name(), target.short_name())));
            }
            None if mapped.contains(&target.id) && !mapped.contains(&source.id) => (row, target, source),
            None => (row, source, target),
        }
    };
    let (stored, foreign) = db::crosswalks::rows(tx, row.id).await?;
    if foreign > 0 {
        tell.notice(&format!("{foreign} rows of the crosswalk {} were not written by cmf and do not count", row.name));
    }
    let is_forward = row.source_id == Some(from.id);
    let pairs = stored.into_iter().map(|one| if is_forward { one.pair } else { one.pair.flipped() });
    let pairs: Vec<Pair> = pairs.collect();
    let tree = db::frameworks::assembled(to, db::frameworks::tree(tx, to.id).await?);
    let via = Via {
        framework: from.clone(),
        id: row.id,
        name: row.name.clone(),
        crosswalk: Crosswalk::new(pairs),
        codes: lowest(&tree),
    };
    Ok((to.clone(), via))
}
