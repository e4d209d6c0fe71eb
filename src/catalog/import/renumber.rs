//! Rows whose name is that of a metric of the catalog, and whose number is another: the user says whether it is the same metric.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::newcomers::Existing;
use crate::db::newcomers::Newcomer;
use crate::db::{self, Connection};
use crate::domain::renumber::{are_alike, namesakes};
use crate::domain::text::folded;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Result};
use crate::table::decision::Decision;

/// What a row becomes whose name is that of a metric of the catalog, and whose number is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renumber {
    /// That metric under its new number, with its id and readings.
    Keep,
    /// A new metric beside that one.
    New,
}

/// Rows and metrics of one name, and of different numbers.
#[derive(Debug, Clone)]
pub struct Renumbered {
    rows: Vec<Newcomer>,
    known: Vec<Existing>,
}

/// A metric's number in words, or that it has none.
pub(super) fn called(number: Option<&str>) -> String {
    number.map_or_else(|| "no number".to_owned(), |number| format!("number `{number}`"))
}

fn all<'n>(numbers: impl Iterator<Item = Option<&'n str>>) -> String {
    numbers.map(called).collect::<Vec<_>>().join(" and ")
}

impl Renumbered {
    /// The row and the metric that it can be, where there is one of each.
    fn pair(&self) -> Option<(&Newcomer, &Existing)> {
        match (self.rows.as_slice(), self.known.as_slice()) {
            ([row], [known]) => Some((row, known)),
            _ => None,
        }
    }

    /// What is told of it, on one line.
    pub fn line(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(|row| row.row.to_string()).collect();
        let name = self.rows.first().map_or("", |row| row.name.as_str());
        let new = all(self.rows.iter().map(|row| row.metric_number.as_deref()));
        let old = all(self.known.iter().map(|known| known.metric_number.as_deref()));
        let more = match self.pair() {
            None => "; it is unclear which of them is the same metric",
            Some((row, known)) => match (&row.metric_number, &known.metric_number) {
                (Some(new), Some(old)) if are_alike(new, old) => ", which looks like the same number",
                _ => "",
            },
        };
        let place = agreeing(rows.len(), "row", "rows");
        format!("{place} {}: `{name}` has {new}, in the catalog {old}{more}", rows.join(", "))
    }

    /// The name of the metric that has another number now.
    pub fn name(&self) -> Option<&str> {
        self.rows.first().map(|row| row.name.as_str())
    }

    /// The rows of the sheet with their numbers.
    pub fn rows(&self) -> impl Iterator<Item = (i64, Option<String>)> {
        self.rows.iter().map(|row| (row.row, row.metric_number.clone()))
    }

    /// The metrics of the catalog with theirs.
    pub fn known(&self) -> impl Iterator<Item = (Uuid, Option<String>)> {
        self.known.iter().map(|known| (known.id, known.metric_number.clone()))
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| json!({ "row": row.row, "metric_number": row.metric_number }));
        let known = self.known.iter().map(|known| json!({ "id": known.id, "metric_number": known.metric_number }));
        json!({
            "name": self.rows.first().map(|row| &row.name), "rows": rows.collect::<Vec<_>>(), "known": known.collect::<Vec<_>>(),
        })
    }
}

/// Finds them among the staged rows and what the catalog has, of which neither found a partner by its key. A metric whose item
/// was removed counts where no item has the name.
pub(super) async fn find(tx: &mut Connection, catalog_id: Uuid) -> Result<Vec<Renumbered>> {
    let staged = db::newcomers::staged(tx).await?;
    let mut known = Vec::new();
    db::newcomers::existing(tx, catalog_id, |one| {
        if !staged.contains(&one.id) {
            known.push(one);
        }
    })
    .await?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let items: HashSet<String> = known.iter().filter(|known| known.is_item).map(|known| folded(&known.name)).collect();
    known.retain(|known| known.is_item || !items.contains(&folded(&known.name)));
    let names: HashSet<String> = known.iter().map(|known| folded(&known.name)).collect();
    let mut rows = Vec::new();
    db::newcomers::newcomers(tx, |row| {
        if names.contains(&folded(&row.name)) {
            rows.push(row);
        }
    })
    .await?;
    let found = namesakes(rows.iter().map(|row| row.name.as_str()), known.iter().map(|known| known.name.as_str()));
    let some = |places: &[usize]| places.iter().map(|&place| rows[place].clone()).collect();
    Ok(found
        .iter()
        .map(|same| Renumbered { rows: some(&same.new), known: same.old.iter().map(|&at| known[at].clone()).collect() })
        .collect())
}

/// Lets the staged rows be the metrics of their names. Exit 65 if several have the name.
pub(super) async fn keep(tx: &mut Connection, renumbered: &[Renumbered]) -> Result<()> {
    let unclear: Vec<&Renumbered> = renumbered.iter().filter(|one| one.pair().is_none()).collect();
    if !unclear.is_empty() {
        let what = counted(unclear.len(), "name");
        let has = agreeing(unclear.len(), "has", "have");
        let error = Error::data(format!(
            "{what} of the sheet {has} several rows or metrics, with numbers that differ from the catalog"
        ));
        return Err(lines(error, &unclear.into_iter().map(Renumbered::line).collect::<Vec<_>>())
            .hint("write the catalog's number into the row of that metric")
            .hint("--renumber new makes new metrics of all of them"));
    }
    let pairs = renumbered.iter().filter_map(Renumbered::pair);
    let (rows, known): (Vec<Uuid>, Vec<Uuid>) = pairs.map(|(row, known)| (row.id, known.id)).unzip();
    db::newcomers::take_over(tx, &rows, &known).await
}

/// What was done, for the result.
pub(super) fn decisions(renumbered: &[Renumbered], renumber: Option<Renumber>) -> Vec<Decision> {
    let (chosen, why) = match renumber {
        Some(Renumber::Keep) => ("the same metric", "it keeps its id and readings under the new number"),
        Some(Renumber::New) => ("a new metric", "its number is different"),
        None => return Vec::new(),
    };
    let decision = |why: String| Decision { why, ..Decision::told("renumbered", chosen, "").option("--renumber") };
    let mut told: Vec<Decision> =
        renumbered.iter().take(LISTED).map(|one| decision(format!("{}: {why}", one.line()))).collect();
    if renumbered.len() > LISTED {
        told.push(decision(format!("{} more metrics have a different number: {why}", renumbered.len() - LISTED)));
    }
    told
}

/// How many are listed.
pub const LISTED: usize = 20;

/// The error with these lines, as many as are listed.
pub fn lines(mut error: Error, lines: &[String]) -> Error {
    for line in lines.iter().take(LISTED) {
        error = error.detail(line);
    }
    if lines.len() > LISTED { error.detail(format!("and {} more", lines.len() - LISTED)) } else { error }
}
