//! `cmf demo`: the main job on bundled data, as commands that the user can repeat.

use std::path::{Path, PathBuf};

use chrono::Utc;

use crate::context::Context;
use crate::domain::text::{counted, printable};
use crate::error::{Error, Exit, Result};
use crate::files::{self, Existing, Force};
use crate::{lookup, sample};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder for the bundled sheet and readings, unless the current folder has them as fixtures
    #[arg(long, default_value = "cmf-demo", value_name = "DIR")]
    dir: PathBuf,
    /// The owner of the catalog; without it, the user with the name of your login
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    #[command(flatten)]
    force: Force,
}

/// Runs the commands of the demo one after the other, each printed before it runs. It works on the private Postgres alone, so that
/// a database named in the environment never receives sample data. Exit 2 when the owner has another active catalog, which the demo would make inactive; exit 73 when the files cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    for origin in context.only_private("demo")?.into_iter().chain(context.schema().map(|(_, origin)| origin)) {
        context.output.notice(&format!("note: the demo uses the private Postgres, not the server that {origin} names"));
    }
    let context = &context.for_demo();
    if context.output.selects() {
        return Err(Error::usage("--columns and --sort are for one result, but the demo runs several commands"));
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let owner = lookup::user::open(&mut tx, args.owner.as_deref()).await?;
    let standing = sample::standing(&mut tx, &owner, "cmf demo").await?;
    tx.end().await?;
    session.close().await?;
    let owner = owner.username;
    let existing = args.force.into();
    let readings = sample::readings(Utc::now())?;
    let readings = match args.dir.join(sample::READINGS) {
        // An earlier run has written it, and recorded what it says.
        written if standing.is_some() && existing == Existing::Keep && is_written(&written) => shown(&written),
        _ => provide(Path::new(sample::READINGS), readings.as_bytes(), &args.dir, existing)?,
    };
    let (path, content) = sample::SHEET;
    let sheet = if standing.is_none() { Some(provide(Path::new(path), content, &args.dir, existing)?) } else { None };
    let mut steps = sample::steps(sheet.as_deref(), &readings, &owner);
    let looks = [vec!["history", "PR-001", "--catalog", sample::CATALOG, "--last", "5"], vec!["score", "--owner", &owner]];
    steps.extend(looks.map(|words| words.into_iter().map(str::to_owned).collect()));
    if let Some(sizes) = standing {
        context.output.notice(&format!(
            "the catalog `{}` of {owner} is there from an earlier run: {}, {}; the rest runs again",
            sample::CATALOG,
            counted(sizes.items, "item"),
            counted(sizes.metrics, "metric")
        ));
    }
    for words in &steps {
        context.output.notice_lines(&format!("\n$ {}", printable(&as_typed(words))));
        context.perform(words).await?;
    }
    context.output.notice_lines(
        "\nNow with your own sheet:\n\
         \x20 cmf import FILE --dry-run    see what would happen\n\
         \x20 cmf import FILE --activate   do it\n\
         \x20 cmf score                    your scores; `cmf score explain` shows why\n\
         \x20 cmf report --out FILE.html   a page for a browser\n\
         `cmf local status` shows where the data is, `cmf local destroy` removes all of it.",
    );
    Ok(Exit::Success)
}

/// Whether an earlier run has written this file of readings.
fn is_written(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.starts_with(sample::HEADER))
}

/// The path of a bundled file: the project's own where the current folder has the same, else written below `directory`.
fn provide(path: &Path, content: &[u8], directory: &Path, existing: Existing) -> Result<String> {
    let is_there = |path: &Path| std::fs::read(path).is_ok_and(|present| present == *content);
    if is_there(path) {
        return Ok(shown(path));
    }
    let target = directory.join(path.file_name().unwrap_or_default());
    if !is_there(&target) {
        files::make_directory(directory).map_err(|error| error.hint("name another folder with --dir"))?;
        files::write(&target, content, existing).map_err(|error| error.hint("name another folder with --dir"))?;
    }
    Ok(shown(&target))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A command as a shell takes it.
fn as_typed(words: &[String]) -> String {
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
