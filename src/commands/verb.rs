//! What is known of a command, said once with its arguments: what it does to a database, as which role, and what it prints.

use clap::ValueEnum;
use clap::builder::CommandExt;

use crate::output::{Format, Shape};

/// A role in the database, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Owns the tables: `migrate`, `seed`, `framework import`, `user`, and all that the others do
    Migrator,
    /// `import`, `map`, `catalog`, `metric`, `score`, `record undo`, and all that recorder and reader do
    Importer,
    /// `record` and `history`: adds readings and brings current values up to date, nothing else
    Recorder,
    /// Looks at everything but password hashes, and writes nothing
    Reader,
}

impl Role {
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// What a command does to a database, and the role that has the rights for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing, or has its own words for that. It writes a file where an option or an argument names one.
    Reads(Role),
    /// The same, and it always writes a file.
    Dumps(Role),
    /// It changes something only with `--fix`.
    Fixes(Role),
    Changes(Role),
}

/// What a command prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prints(pub fn() -> Shape);

/// The only formats that the command has beside those of all commands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formats(pub &'static [Format]);

/// The fields that its `--map` knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileFields(pub fn() -> Vec<&'static str>);

/// What works without the right that a command needs. `NAME` stands for the role in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WithLess(pub fn(&str, &str) -> String);

/// Of commands that undo something.
pub(crate) const UNDO_OWN: WithLess = WithLess(|name, at| {
    format!("`cmf db grants {name} --role recorder --undo --apply{at}` lets it undo its own readings, and no more")
});

impl CommandExt for Effect {}
impl CommandExt for Prints {}
impl CommandExt for Formats {}
impl CommandExt for FileFields {}
impl CommandExt for WithLess {}

/// The verbs of a noun in the order of the help: what each takes, what it does, what it prints if it prints a result, and what runs
/// it.
macro_rules! verbs {
    (|$context:ident $(, $more:ident: $kind:ty)*| $($(#[$about:meta])+ $verb:ident $(($args:ident: $taken:ty))?,
        $effect:ident($role:ident) $(, $shape:expr)? => $run:expr;)+) => {
        #[derive(Debug, clap::Subcommand)]
        enum Command {
            $($(#[$about])+
            #[command(add = $crate::commands::Effect::$effect($crate::commands::Role::$role))]
            $(#[command(add = $crate::commands::Prints(|| $shape))])?
            $verb $(($taken))?),+
        }

        impl Command {
            async fn run(self, $context: &Context $(, $more: $kind)*) -> Result<Exit> {
                match self {
                    $(Command::$verb $(($args))? => $run),+
                }
            }
        }
    };
}

/// A noun that has verbs and nothing else. What is said before them is about what runs them.
macro_rules! noun {
    ($(#[$runs:meta])+ |$context:ident| $($verbs:tt)+) => {
        #[derive(Debug, clap::Args)]
        pub struct Args {
            #[command(subcommand)]
            command: Command,
        }

        verbs! { |$context| $($verbs)+ }

        $(#[$runs])+
        pub async fn run(context: &Context, args: Args) -> Result<Exit> {
            args.command.run(context).await
        }
    };
}
