//! `cmf audit verify`: whether the chain of hashes holds.

use std::str::FromStr;

use serde_json::json;

use crate::commands;
use crate::context::Context;
use crate::db;
use crate::db::audit::{Finding, Head, Outside};
use crate::error::{Exit, Result};
use crate::output::{Cell, Results, Table};

/// What no chain of hashes can find by itself.
const LIMIT: &str = "not found by a chain: that the newest changes, up to the end, were deleted, or all hashes made anew; keep the \
head elsewhere and give it back with --head";

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
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        Ok(Noted { seq, hash })
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let mut database = commands::connect(context).await?;
    let mut tx = database.begin_snapshot().await?;
    let head = db::audit::head(&mut tx).await?;
    let mut findings = db::audit::findings(&mut tx).await?;
    let outside = db::audit::outside(&mut tx).await?;
    if let Some(noted) = &args.head {
        let hashes = db::audit::hash_of(&mut tx, noted.seq).await?;
        if hashes.iter().all(|hash| *hash != noted.hash) {
            let kind = if hashes.is_empty() { "gone" } else { "rewritten" };
            let seq = noted.seq.to_string();
            findings.push(Finding { seq, id: None, timestamp: None, action: None, kind: kind.to_owned(), until: None });
        }
    }
    tx.rollback().await?;
    context.output.results(results(head.as_ref(), &findings, &outside))?;
    if args.head.is_none() {
        context.output.say(LIMIT);
    }
    Ok(if findings.is_empty() { Exit::Success } else { Exit::Difference })
}

/// A finding in words.
fn meaning(finding: &Finding) -> String {
    match finding.kind.as_str() {
        "edited" => "the change was edited".to_owned(),
        "replaced" => "the change was replaced by another, or edited with its hash made anew".to_owned(),
        "missing" if finding.until.as_ref().is_some_and(|until| *until != finding.seq) => {
            format!("deleted, with all up to {}", finding.until.as_deref().unwrap_or_default())
        }
        "missing" => "deleted".to_owned(),
        "doubled" => "another change has this number".to_owned(),
        "unchained" => "bears the name of cmf, is newer than the chain and not in it".to_owned(),
        "gone" => "the change given with --head is gone, and what came after it".to_owned(),
        "rewritten" => "the change given with --head has another hash now".to_owned(),
        other => other.to_owned(),
    }
}

fn results(head: Option<&Head>, findings: &[Finding], outside: &[Outside]) -> Results {
    let outside_rows: i64 = outside.iter().map(|one| one.rows).sum();
    let mut summary = Table::new(["chained", "outside", "findings", "head"]).single();
    let shown = head.map(|head| format!("{}:{}", head.seq, head.hash));
    summary.row([head.map_or(0, |head| head.rows).into(), outside_rows.into(), findings.len().into(), shown.clone().into()]);
    let mut wrong = Table::new(["seq", "until", "id", "timestamp", "action", "finding", "meaning"])
        .only_for_programs(&["until", "finding"]);
    for one in findings {
        wrong.row([
            one.seq.as_str().into(),
            one.until.clone().into(),
            one.id.into(),
            one.timestamp.into(),
            one.action.clone().into(),
            one.kind.as_str().into(),
            meaning(one).into(),
        ]);
    }
    let mut others = Table::new(["source", "rows", "first", "last"])
        .title("Outside the chain: written by other programs, or by cmf before there was a chain");
    for one in outside {
        others.row([one.source.as_str().into(), Cell::Int(one.rows), one.first.into(), one.last.into()]);
    }
    let json = json!({
        "chained": head.map_or(0, |head| head.rows),
        "head": shown,
        "findings": wrong.to_json(),
        "outside": others.to_json(),
    });
    let mut tables = vec![summary];
    tables.extend([wrong, others].into_iter().filter(|table| !table.is_empty()));
    Results::new(tables, json)
}
