//! `cmf demo`: the main job on bundled data, as commands that the user can repeat.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::db;
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::files::{self, Existing, Force};
use crate::lookup;

const CATALOG: &str = "Starter CSF 2.0";
const SHEET: (&str, &[u8]) =
    ("fixtures/catalogs/starter-csf-2.0.xlsx", include_bytes!("../../fixtures/catalogs/starter-csf-2.0.xlsx"));
const READINGS: (&str, &[u8]) =
    ("fixtures/readings/starter-csf-2.0.csv", include_bytes!("../../fixtures/readings/starter-csf-2.0.csv"));

/// Arguments of `cmf demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the bundled sheet and readings are written, unless the current folder has them as fixtures
    #[arg(long, default_value = "cmf-demo", value_name = "DIR")]
    dir: PathBuf,
    /// Whose catalog it becomes; without it, the user named after your login
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    #[command(flatten)]
    force: Force,
}

/// The demo as the commands it consists of.
#[derive(Debug)]
pub(crate) struct Script {
    /// Commands as argument lists, without the leading `cmf`.
    pub steps: Vec<Vec<String>>,
    /// What stands already from an earlier run.
    pub stands: Option<String>,
}

/// Looks at what stands, writes the bundled files and returns the commands to run. The demo works on the private Postgres
/// alone, so that a database named in the environment never receives sample data. Exit 2 when the owner has another active
/// catalog, which the demo would make inactive; exit 73 when the files cannot be written.
pub(crate) async fn prepare(context: &Context, args: Args) -> Result<Script> {
    if context.output.selects() {
        return Err(Error::usage("--columns and --sort are for the result of one command, and the demo runs several"));
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let owner = lookup::user::open(&mut tx, args.owner.as_deref()).await?;
    let catalogs = db::catalogs::list(&mut tx, Some(owner.id)).await?;
    let standing = catalogs.iter().find(|catalog| catalog.name == CATALOG);
    let sizes = db::catalogs::sizes(&mut tx, &standing.iter().map(|catalog| catalog.id).collect::<Vec<_>>()).await?;
    tx.end().await?;
    let owner = owner.username;
    if let Some(other) = catalogs.iter().find(|catalog| catalog.is_active && catalog.name != CATALOG) {
        return Err(Error::usage(format!("{owner} has the active catalog {}, which the demo would make inactive", other.name))
            .hint("run it for another user: `cmf user create demo --email demo@example.org`, then `cmf demo --owner demo`"));
    }
    let readings = provide(&READINGS, &args.dir, args.force.into())?;
    let mut steps = Vec::new();
    let mut step = |words: &[&str]| steps.push(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    if standing.is_none() {
        step(&["import", &provide(&SHEET, &args.dir, args.force.into())?, "--name", CATALOG, "--owner", &owner]);
    }
    step(&["catalog", "activate", CATALOG, "--owner", &owner]);
    step(&["record", "--file", &readings, "--by", &owner, "--catalog", CATALOG]);
    step(&["history", "PR-001", "--catalog", CATALOG, "--last", "5"]);
    step(&["score", "--owner", &owner]);
    let stands = standing.map(|catalog| {
        let size = sizes.get(&catalog.id).copied().unwrap_or_default();
        format!(
            "the catalog `{CATALOG}` of {owner} stands from an earlier run: {}, {}; the rest runs again",
            counted(size.items, "item"),
            counted(size.metrics, "metric")
        )
    });
    Ok(Script { steps, stands })
}

/// The path of a bundled file: the project's own where the current folder has the same, else written below `directory`.
fn provide((path, content): &(&str, &[u8]), directory: &Path, existing: Existing) -> Result<String> {
    let is_there = |path: &Path| std::fs::read(path).is_ok_and(|present| present == *content);
    if is_there(Path::new(path)) {
        return Ok((*path).to_owned());
    }
    let name = Path::new(path).file_name().unwrap_or_default();
    // The sheet and the readings have the same stem; their endings tell them apart.
    let target = directory.join(name);
    if !is_there(&target) {
        files::make_directory(directory).map_err(|error| error.hint("name another folder with --dir"))?;
        files::write(&target, content, existing).map_err(|error| error.hint("name another folder with --dir"))?;
    }
    Ok(target.display().to_string())
}

/// A command as a shell takes it.
pub(crate) fn as_typed(words: &[String]) -> String {
    let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./:=@%".contains(c));
    words.iter().fold("cmf".to_owned(), |line, word| {
        if plain(word) { format!("{line} {word}") } else { format!("{line} '{}'", word.replace('\'', "'\\''")) }
    })
}

#[cfg(test)]
mod tests {
    use super::as_typed;

    #[test]
    fn commands_can_be_pasted_into_a_shell() {
        let words = ["import", "it's.xlsx", "--name", "Starter CSF 2.0"].map(str::to_owned);
        assert_eq!(as_typed(&words), r"cmf import 'it'\''s.xlsx' --name 'Starter CSF 2.0'");
    }
}
