//! `cmf audit verify`: whether the chain of hashes holds.

use std::str::FromStr;

use serde_json::json;

use crate::context::Context;
use crate::db;
use crate::domain::chain::{Break, BreakKind, Checked, is_hash};
use crate::error::{Exit, Result};
use crate::output::{Results, Table};

/// What no chain of hashes can find by itself.
const LIMIT: &str = "not found by a chain: that the newest changes, up to the end, were deleted, that all hashes from some change on \
were made anew, or that somebody who may add rows added a false one at the end; keep the head elsewhere and give it back with --head, \
which finds the first two";

/// What a row says of itself that the server does not hold it to.
pub(super) const CLAIM: &str =
    "`role` and `source` are what the writer of a change says: a role that may add rows to the trail can write others";

/// Arguments of `cmf audit verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A head that an earlier run printed; its change must still be there with that hash
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
        let wrong = || format!("`{text}` is no head: write it as `cmf audit verify` prints it, such as 42:9f86d0...");
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
    if args.head.is_none() {
        context.output.say(LIMIT);
    }
    context.output.say(CLAIM);
    Ok(if checked.findings.is_empty() { Exit::Success } else { Exit::Difference })
}

/// A finding in words.
fn meaning(finding: &Break) -> String {
    let text = match finding.kind {
        BreakKind::Edited => "the change was edited",
        BreakKind::Replaced => "the change was replaced by another, or edited with its hash made anew",
        BreakKind::Missing => match finding.until {
            Some(until) if finding.until != finding.seq => {
                return format!("deleted, with all up to {until}; or the change after them was slipped in");
            }
            _ => "deleted; or the change after it was slipped in",
        },
        BreakKind::Doubled => "another change has this number",
        BreakKind::Headless => "the first change, and it holds the hash of one before it",
        BreakKind::Malformed => "says that it is in the chain, with a number or a hash that cmf never writes",
        BreakKind::Unchained => "says that it is from cmf, is newer than the chain and not in it",
        BreakKind::Gone => "the change given with --head is gone, and what came after it",
        BreakKind::Rewritten => "the change given with --head has another hash now",
    };
    text.to_owned()
}

fn results(checked: &Checked) -> Results {
    let outside_rows: u64 = checked.outside.values().map(|one| one.rows).sum();
    let mut summary = Table::new(["chained", "outside", "findings", "head"]).single();
    let shown = checked.head.as_ref().map(|(seq, hash)| format!("{seq}:{hash}"));
    summary.row([checked.links.into(), outside_rows.into(), checked.findings.len().into(), shown.clone().into()]);
    let mut wrong = Table::new(["seq", "until", "id", "timestamp", "action", "finding", "meaning"])
        .only_for_programs(&["until", "finding"]);
    for one in &checked.findings {
        let row = one.row.as_ref();
        wrong.row([
            one.seq.map_or("-".to_owned(), |seq| seq.to_string()).into(),
            one.until.map(|until| until.to_string()).into(),
            row.map(|row| row.id).into(),
            row.map(|row| row.timestamp).into(),
            row.map(|row| row.action.clone()).into(),
            one.kind.name().into(),
            meaning(one).into(),
        ]);
    }
    let mut others = Table::new(["source", "rows", "first", "last"])
        .title("Outside the chain: written by other programs, or by cmf before there was a chain");
    for (source, one) in &checked.outside {
        others.row([source.as_str().into(), one.rows.into(), one.first.into(), one.last.into()]);
    }
    let json = json!({
        "chained": checked.links,
        "head": shown,
        "findings": wrong.to_json(),
        "outside": others.to_json(),
    });
    let mut tables = vec![summary];
    tables.extend([wrong, others].into_iter().filter(|table| !table.is_empty()));
    Results::new(tables, json)
}
