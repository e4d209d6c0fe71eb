//! `cmf man`: manual pages of every command.

use std::path::PathBuf;

use clap_mangen::Man;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Force};

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("dir")))]
pub struct Args {
    /// Write a page for every command into this folder, instead of the page of cmf to stdout
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
}

/// Prints the manual page of `cmf`, or writes those of all commands. `root` is the tree with all that help has to say, and
/// `printed` makes a text of it one to be printed. Exit 73 when stdout or the folder cannot be written.
pub fn run(context: &Context, args: Args, mut root: clap::Command, printed: fn(&str) -> String) -> Result<Exit> {
    root.build();
    match args.dir {
        None => context.output.text(&page(&root, printed)?)?,
        Some(directory) => {
            let mut made = Vec::new();
            pages(&root, printed, &mut made)?;
            files::write_all(&directory, &made, args.force.into())?;
            context.output.say(&format!("wrote {} manual pages to {}", made.len(), directory.display()));
        }
    }
    Ok(Exit::Success)
}

/// The page of a command and those of all below it, by the file's name (`cmf-catalog-list.1`).
fn pages(command: &clap::Command, printed: fn(&str) -> String, made: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).replace(' ', "-");
    made.push((format!("{name}.1"), page(command, printed)?.into_bytes()));
    let mut shown = command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set());
    shown.try_for_each(|below| pages(below, printed, made))
}

fn page(command: &clap::Command, printed: fn(&str) -> String) -> Result<String> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).manual("cmf manual").source(format!("cmf {}", env!("CARGO_PKG_VERSION"))).date("");
    man.render(&mut page).map_err(|error| Error::new(Exit::Output, format!("cannot write the manual page: {error}")))?;
    // What clap calls extra is examples here.
    Ok(printed(&String::from_utf8_lossy(&page)).replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n"))
}
