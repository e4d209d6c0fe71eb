//! `cmf completions`: completion scripts for shells.

use clap_complete::Shell;

use crate::cli;
use crate::context::Context;
use crate::error::{Exit, Result};

/// Arguments of `cmf completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to complete for
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completion script of one shell to stdout.
///
/// # Errors
/// Exit 73 when stdout cannot be written.
pub fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.text(&script(args.shell))?;
    Ok(Exit::Success)
}

/// The completion script of one shell; `completions/` holds these, and a test checks that they are current.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "cmf", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
