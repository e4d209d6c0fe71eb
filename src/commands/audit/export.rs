//! `cmf audit export`: the trail as a file.

use std::path::PathBuf;

use chrono::Utc;

use crate::context::Context;
use crate::db;
use crate::db::audit::Position;
use crate::domain::moment::Moment;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::files::{Force, NewFile};

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("out")))]
pub(super) struct Args {
    /// The file to write; without it, and with -, the lines go to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    /// Only from this time on: 2026-03-01, 2026-03-01T08:00:00Z, or an age such as 12h, 35d, 6w
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
}

/// How many rows are in memory at a time.
const PAGE: i64 = 1000;

/// Writes every column of every row; `result` is as stored, with the place in the chain.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let now = Utc::now().naive_utc();
    let at = |moment: Option<Moment>| moment.and_then(|moment| moment.before(now));
    let (since, until) = (at(args.since), at(args.until));
    let mut file = args.out.as_deref().map(|path| NewFile::create(path, args.force.into())).transpose()?;
    let mut session = context.open().await?;
    let mut tx = session.read_one_state().await?;
    let mut after = Position::default();
    let mut rows = 0_u64;
    loop {
        let page = db::audit::page(&mut tx, since, until, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position.clone();
        rows += u64::try_from(page.len()).unwrap_or_default();
        let lines: String = page.iter().map(|row| format!("{}\n", row.json)).collect();
        match &mut file {
            Some(file) => file.write(lines.as_bytes())?,
            None => context.output.json_lines(&lines)?,
        }
    }
    tx.end().await?;
    if let Some(file) = file {
        file.keep()?;
        let path = args.out.unwrap_or_default();
        context.output.say(&format!("wrote {} to {}", counted(rows, "change"), path.display()));
    }
    Ok(Exit::Success)
}
