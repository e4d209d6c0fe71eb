//! `cmf migrate lint`: what is wrong with migrations before they run, and what is dangerous in them. No database is asked.

use std::path::Path;

use crate::context::Context;
use crate::domain::text::{counted, printable};
use crate::error::{Exit, Result};
use crate::migrate::lint;
use crate::output::{Format, Table};

/// Arguments of `cmf migrate lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the rules instead
    #[arg(long)]
    rules: bool,
}

/// # Errors
/// Exit 78 when the folder cannot be read.
pub(super) fn run(context: &Context, dir: Option<&Path>, args: Args) -> Result<Exit> {
    if args.rules {
        let mut table = Table::new(["rule", "danger", "instead"]);
        for rule in lint::RULES {
            table.row([rule.name.into(), rule.danger.into(), rule.instead.into()]);
        }
        return context.output.results(table).map(|()| Exit::Success);
    }
    let migrations = lint::read(dir)?;
    let violations = lint::check(&migrations);
    let mut table = Table::new(["file", "line", "rule", "message", "hint"]);
    if violations.is_empty() {
        return context
            .output
            .outcome(&format!("nothing to say about {}", counted(migrations.len(), "migration")), table)
            .map(|()| Exit::Success);
    }
    let mut text = String::new();
    for one in violations {
        let line = one.line.map(|line| format!(":{line}")).unwrap_or_default();
        text.push_str(&printable(&format!("{}{line}: {}: {}; {}", one.file, one.rule, one.message, one.hint)));
        text.push('\n');
        table.row([one.file.into(), one.line.into(), one.rule.into(), one.message.into(), one.hint.into()]);
    }
    if context.output.format() == Format::Table {
        context.output.text(&text)?;
    } else {
        context.output.results(table)?;
    }
    Ok(Exit::Difference)
}
