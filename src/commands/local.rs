//! Placeholder until the noun is built.
use crate::context::Context;
use crate::error::{Error, Exit, Result};

/// Arguments of `cmf local`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs `cmf local`.
///
/// # Errors
/// Always, for now.
pub async fn run(_context: &Context, _args: Args) -> Result<Exit> {
    Err(Error::failed("not built yet"))
}

pub(crate) async fn open(_context: &Context, _directory: &std::path::Path) -> Result<crate::db::Database> {
    Err(Error::failed("not built yet"))
}
