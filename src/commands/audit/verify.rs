//! `cmf audit verify`: whether the chain of hashes holds.

use std::str::FromStr;

use crate::context::Context;
use crate::db;
use crate::domain::chain::{Break, BreakKind, Checked, Outside, is_hash};
use crate::error::{Exit, Result};
use crate::output::{Columns, Results, Shape, columns};

/// What no chain of hashes can find by itself.
const LIMIT: &str = "the chain cannot show that the newest changes were deleted, all hashes were recomputed, or a false change \
was added at the end; keep the head elsewhere: --head finds the first two";

/// What a row says of itself that the server does not hold it to.
pub(super) const CLAIM: &str =
    "do not trust `role` and `source`: a role that can add rows to the trail can write any name there";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A head that an earlier run printed; its change must still exist with that hash
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<Noted>,
}

/// The number and the hash of a change, noted earlier.
#[derive(Debug, Clone)]
struct Noted {
    seq: i64,
    hash: String,
}

impl FromStr for Noted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a head: write it as `cmf audit verify` prints it, such as 42:9f86d0...");
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().map_err(|_| wrong())?;
        let hash = hash.to_lowercase();
        if is_hash(&hash) { Ok(Noted { seq, hash }) } else { Err(wrong()) }
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read_one_state().await?;
    let noted = args.head.as_ref().map(|noted| (noted.seq, noted.hash.as_str()));
    let checked = db::audit::check(&mut tx, true, noted).await?;
    tx.end().await?;
    context.output.results(results(&checked))?;
    if !checked.findings.is_empty() {
        context.output.notice("to see what was changed, compare with a file of `cmf audit export`, or with a dump");
    }
    if args.head.is_none() {
        context.output.say(LIMIT);
    }
    context.output.say(CLAIM);
    Ok(if checked.findings.is_empty() { Exit::Success } else { Exit::Difference })
}

fn meaning(finding: &Break) -> String {
    let text = match finding.kind {
        BreakKind::Edited => "the change was edited",
        BreakKind::Replaced => "the change was replaced by another, or edited and its hash recomputed",
        BreakKind::Missing => match finding.until {
            Some(until) if finding.until != finding.seq => {
                return format!("deleted, with all up to {until}; or the change after them was inserted");
            }
            _ => "deleted; or the change after it was inserted",
        },
        BreakKind::Doubled => "another change has this number",
        BreakKind::Headless => "the first change, but it has the hash of one before it",
        BreakKind::Malformed => "claims to be in the chain, with a number or a hash that cmf never writes",
        BreakKind::Unchained => "not in the chain: added or edited outside cmf",
        BreakKind::Gone => "the change given with --head was deleted, with all after it",
        BreakKind::Rewritten => "the change given with --head has a different hash now",
    };
    text.to_owned()
}

const SUMMARY: Columns<Checked> = columns! { |checked|
    chained = checked.links,
    outside = checked.outside.values().map(|one| one.rows).sum::<u64>(),
    findings = checked.findings.len(),
    head = shown(checked)
};
const DOCUMENT: Columns<Checked> = columns! { |checked|
    chained = checked.links,
    head = shown(checked),
    findings: of(|| Shape::rows(&FINDINGS)) = FINDINGS.table_of(&checked.findings).to_json(),
    outside: of(|| Shape::rows(&OUTSIDE)) = OUTSIDE.table_of(outside(checked)).to_json()
};
const FINDINGS: Columns<Break> = columns! { |one|
    seq = one.seq.map_or("-".to_owned(), |seq| seq.to_string()),
    until: for_programs = one.until.map(|until| until.to_string()),
    id = one.row.as_ref().map(|row| row.id),
    timestamp = one.row.as_ref().map(|row| row.timestamp),
    action = one.row.as_ref().map(|row| &row.action),
    finding: for_programs = one.kind,
    meaning = meaning(one)
};
const OUTSIDE: Columns<(String, Outside)> =
    columns! { |(source, one)| source, rows = one.rows, first = one.first, last = one.last };

pub(super) fn shape() -> Shape {
    let tables = SUMMARY.names().chain(FINDINGS.names()).chain(OUTSIDE.names());
    Shape::one(&DOCUMENT).choosing(tables)
}

fn shown(checked: &Checked) -> Option<String> {
    checked.head.as_ref().map(|(seq, hash)| format!("{seq}:{hash}"))
}

fn outside(checked: &Checked) -> impl Iterator<Item = (String, Outside)> {
    checked.outside.iter().map(|(source, one)| (source.clone(), *one))
}

fn results(checked: &Checked) -> Results {
    let wrong = FINDINGS.table_of(&checked.findings);
    let others = OUTSIDE
        .table_of(outside(checked))
        .title("Outside the chain: written by other programs, or by cmf before there was a chain");
    let tables = [wrong, others].into_iter().filter(|table| !table.is_empty());
    Results::new([SUMMARY.one(checked)].into_iter().chain(tables).collect(), DOCUMENT.members(checked).into())
}
