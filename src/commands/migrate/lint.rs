//! `cmf migrate lint`: what is wrong with migrations before they run, and what is dangerous in them. No database is asked.

use std::path::Path;

use crate::context::Context;
use crate::domain::text::{counted, printable};
use crate::error::{Exit, Result};
use crate::migrate::lint::{self, Rule, Violation};
use crate::output::{Columns, Format, Results, columns};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the rules instead
    #[arg(long)]
    rules: bool,
}

pub(super) const RULE: Columns<Rule> = columns! { |rule| rule = rule.name, danger, instead };
pub(super) const VIOLATION: Columns<Violation> = columns! { |one| file, line, rule, message, hint };

/// Exit 78 when the folder cannot be read.
pub(super) fn run(context: &Context, dir: Option<&Path>, args: Args) -> Result<Exit> {
    if args.rules {
        return context.output.results(RULE.table_of(lint::RULES)).map(|()| Exit::Success);
    }
    let migrations = lint::read(dir)?;
    let violations = lint::check(&migrations);
    if violations.is_empty() {
        return context
            .output
            .outcome(&format!("no findings in {}", counted(migrations.len(), "migration")), VIOLATION.table())
            .map(|()| Exit::Success);
    }
    let mut text = String::new();
    for one in &violations {
        let line = one.line.map(|line| format!(":{line}")).unwrap_or_default();
        text.push_str(&printable(&format!("{}{line}: {}: {}; {}", one.file, one.rule, one.message, one.hint)));
        text.push('\n');
    }
    context.output.results(Results::from(VIOLATION.table_of(violations)).written_as(Format::Table, text))?;
    Ok(Exit::Difference)
}
