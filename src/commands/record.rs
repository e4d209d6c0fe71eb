//! Placeholder until the noun is built.
use crate::context::Context;
use crate::error::{Error, Exit, Result};

/// Arguments of `cmf record`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs `cmf record`.
///
/// # Errors
/// Always, for now.
pub async fn run(_context: &Context, _args: Args) -> Result<Exit> {
    Err(Error::failed("not built yet"))
}
