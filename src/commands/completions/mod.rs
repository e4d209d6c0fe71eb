//! `cmf completions`: completion scripts for shells, and the answers to them. The scripts ask cmf itself what can follow, so
//! that they never go out of date and know the names in the database.

mod names;

use std::ffi::OsString;

use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::output::{Format, Output};

/// The variable by which a shell's script asks for an answer; its value is the shell's name.
const ASKED: &str = "CMF_COMPLETE";

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
pub fn script(shell: Shell) -> Result<String> {
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

/// Answers a shell that asks what can follow the words typed so far. Returns the exit code if one asked. `tree` makes the
/// whole command tree. Whatever goes wrong, the answer is empty and nothing is said: an error message in the middle of a command line helps nobody.
pub fn answer(tree: fn() -> clap::Command) -> Option<Exit> {
    let shell = std::env::var(ASKED).ok().filter(|name| !name.is_empty())?;
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let shells = Shells::builtins();
    let (Some(completer), false) = (shells.completer(&shell), words.is_empty()) else { return Some(Exit::Usage) };
    let mut command = names::completing(tree, &words, &shell);
    command.build();
    let mut answer = Vec::new();
    let directory = std::env::current_dir().ok();
    if completer.write_complete(&mut command, words, directory.as_deref(), &mut answer).is_ok() {
        let output = Output::new(Format::Table, true, 0);
        let _ = output.text(&String::from_utf8_lossy(&answer));
    }
    Some(Exit::Success)
}
