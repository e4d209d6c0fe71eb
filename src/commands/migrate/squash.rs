//! `cmf migrate squash`: one migration in the place of many.

use super::new::FOLDER;
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::migrate::{MigrationSet, squash};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Up to this migration
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// What it is called, behind the version of the newest that it is made of
    #[arg(long, value_name = "NAME", default_value = "baseline", value_parser = word)]
    name: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

fn word(text: &str) -> std::result::Result<String, String> {
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word.then(|| text.to_owned()).ok_or_else(|| "use letters, digits and `_`".to_owned())
}

/// Exit 2 without a folder or a confirmation, 73 when the folder cannot be written, 78 when it cannot be read.
pub(super) fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let Some(folder) = &set.folder else {
        return Err(Error::usage("squash is for the migrations of a folder").hint("name it with --dir FOLDER"));
    };
    let to = args.to.as_deref().map(|to| set.find(to)).transpose()?.map(|migration| migration.version.as_str());
    let baseline = squash::plan(set, to, &args.name)?;
    let place = folder.join(&baseline.name).display().to_string();
    context.output.check_outcome(&FOLDER.one(&place))?;
    let made_of = counted(baseline.made_of.len(), "migration");
    let confirmed = context.output.confirm(&format!("Make {place} of {made_of}, and put these aside?"), args.yes)?;
    let aside = baseline.write(folder, &confirmed)?;
    if !baseline.has_way_back() {
        context.output.notice("one of them has no down.sql, so the baseline has none");
    }
    let message = format!("{made_of} became {place}; they are in {}, which nothing reads", aside.display());
    context.output.outcome(&message, FOLDER.one(&place))?;
    Ok(Exit::Success)
}
