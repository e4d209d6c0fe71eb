//! What several verbs of `cmf map` take and say.

use rust_decimal::Decimal;

use crate::context::Context;
use crate::map;

/// Which catalog a command works on.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CatalogArgs {
    /// The catalog; all of them if none is named
    #[arg(long)]
    pub(super) catalog: Option<String>,
    /// The catalog's owner, if several have one of this name
    #[arg(long, requires = "catalog")]
    pub(super) owner: Option<String>,
}

/// Which catalog and framework a command works on.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ScopeArgs {
    #[command(flatten)]
    of: CatalogArgs,
    /// The framework
    #[arg(long, default_value = "csf-2.0")]
    framework: String,
}

impl From<ScopeArgs> for map::Scope {
    fn from(scope: ScopeArgs) -> Self {
        map::Scope { catalog: scope.of.catalog, owner: scope.of.owner, framework: scope.framework }
    }
}

/// What to do with suggestions that were stored.
pub(super) fn say_what_is_next(context: &Context, dry_run: bool, count: usize) {
    if dry_run {
        context.output.say("dry run: nothing changed");
    } else if count > 0 {
        context.output.say("decide with `cmf map review`, or `cmf map export --xlsx FILE.xlsx`");
    }
}

/// A probability from the command line.
pub(super) fn probability(text: &str) -> std::result::Result<Decimal, String> {
    match text.parse::<Decimal>() {
        Ok(number) if number >= Decimal::ZERO && number <= Decimal::ONE => Ok(number),
        _ => Err("a confidence is a number from 0 to 1, such as 0.9".to_owned()),
    }
}
