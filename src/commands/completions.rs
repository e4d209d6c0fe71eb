//! `cmf completions`: completion scripts for shells. They ask cmf itself what can follow, so that they never go out of date and
//! know the names in the database.

use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::context::Context;
use crate::error::{Error, Exit, Result};

/// The variable by which a shell's script asks for an answer; its value is the shell's name.
pub const ASKED: &str = "CMF_COMPLETE";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to complete for
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completion script of one shell to stdout.
pub fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.text(&script(args.shell)?)?;
    Ok(Exit::Success)
}

/// The completion script of one shell; `completions/` holds these, and a test checks that they are current. Fails when there is
/// none for this shell.
fn script(shell: Shell) -> Result<String> {
    let name = shell.to_string();
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(&name) else {
        return Err(Error::usage(format!("there is no completion script for {name}")));
    };
    let mut script = Vec::new();
    completer
        .write_registration(ASKED, "cmf", "cmf", "cmf", &mut script)
        .map_err(|error| Error::failed(format!("cannot write the completion script: {error}")))?;
    let mut script = String::from_utf8_lossy(&script).trim_start().to_owned();
    if shell == Shell::Zsh {
        // Behind a field of `--map` its column follows, and no blank.
        for (before, after) in [
            ("local -a other=()", "local -a other=()\n        local -a open=()"),
            (
                "            else\n                other+=",
                "            elif [[ \"$value\" == *= ]]; then\n                open+=(\"$completion\")\n            else\n                other+=",
            ),
            (
                "_describe -V 'values' other\n",
                "_describe -V 'values' other\n        [[ -n $open ]] && _describe -V 'values' open -S ''\n",
            ),
        ] {
            script = script.replacen(before, after, 1);
        }
        // As a file in $fpath the script is loaded by the first Tab, which is to be answered too.
        script.push_str("\nif [[ \"${funcstack[1]}\" == _cmf ]]; then\n    _clap_dynamic_completer_cmf \"$@\"\nfi\n");
    }
    Ok(script)
}
