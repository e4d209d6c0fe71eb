//! `cmf man`: manual pages of every command.

use std::path::{Path, PathBuf};

use clap_mangen::Man;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Existing};

/// Arguments of `cmf man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write a page for every command into this folder, instead of the page of cmf to stdout
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints the manual page of `cmf`, or writes those of all commands. `root` is the tree with all that help has to say, and
/// `printed` makes a text of it one to be printed.
///
/// # Errors
/// Exit 73 when stdout or the folder cannot be written.
pub fn run(context: &Context, args: Args, mut root: clap::Command, printed: fn(&str) -> String) -> Result<Exit> {
    root.build();
    match args.dir {
        None => context.output.text(&page(&root, printed)?)?,
        Some(directory) => {
            files::make_directory(&directory)?;
            let count = write_all(&root, &directory, printed)?;
            context.output.say(&format!("wrote {count} manual pages to {}", directory.display()));
        }
    }
    Ok(Exit::Success)
}

/// Writes the page of a command and of all below it (`cmf-catalog-list.1`), and returns how many.
fn write_all(command: &clap::Command, directory: &Path, printed: fn(&str) -> String) -> Result<usize> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).replace(' ', "-");
    let file = directory.join(format!("{name}.1"));
    files::write(&file, page(command, printed)?.as_bytes(), Existing::Replace)?;
    let mut count = 1;
    for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
        count += write_all(below, directory, printed)?;
    }
    Ok(count)
}

fn page(command: &clap::Command, printed: fn(&str) -> String) -> Result<String> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).manual("cmf manual").source(format!("cmf {}", env!("CARGO_PKG_VERSION"))).date("");
    man.render(&mut page).map_err(|error| Error::new(Exit::Output, format!("cannot write the manual page: {error}")))?;
    // What clap calls extra is examples here.
    Ok(printed(&String::from_utf8_lossy(&page)).replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n"))
}
