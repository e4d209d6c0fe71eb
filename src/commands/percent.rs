//! `--percent`: what plain numbers mean in a file whose unit is %.

use clap::ValueEnum;

use crate::import::table::Percent;

/// What plain numbers mean where the unit is %.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum PercentArg {
    /// Times 100 when every one of them is at most 1
    #[default]
    Auto,
    /// Times 100
    Scale,
    /// As written
    AsIs,
}

impl From<PercentArg> for Percent {
    fn from(given: PercentArg) -> Self {
        match given {
            PercentArg::Auto => Percent::Auto,
            PercentArg::Scale => Percent::Scale,
            PercentArg::AsIs => Percent::AsIs,
        }
    }
}
