//! A command in every schema that has the tables of cmf.

use crate::context::Context;
use crate::db::schemas;
use crate::domain::text::counted;
use crate::error::{Cause, Error, Exit, Result, shell_word};

/// The option of commands that can do it.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct AllSchemas {
    /// Do it in every schema that has the tables of cmf; if one fails, it is named and the others are still done
    #[arg(long)]
    pub all_schemas: bool,
}

/// The schemas that have the tables of cmf. Fails when there are none.
pub(crate) async fn schemas(context: &Context) -> Result<Vec<String>> {
    let mut session = context.open().await?;
    let names = session.survey(schemas::migrated).await?;
    session.close().await?;
    if names.is_empty() {
        return Err(
            Error::failed("no schema of this database has the tables of cmf").hint("`cmf tenant create NAME` makes one")
        );
    }
    Ok(names)
}

/// Does `work` in each of them. An exit code of one that is no error is that of all. Exit 1 when one failed, after all were done.
pub(crate) async fn run(context: &Context, work: impl AsyncFn(&Context) -> Result<Exit>) -> Result<Exit> {
    let output = context.output.for_schemas();
    let (mut exit, mut failed) = (Exit::Success, Vec::new());
    let names = schemas(context).await?;
    for name in &names {
        let mut here = context.in_schema(name);
        here.output = output.of_schema(name);
        match work(&here).await {
            Ok(Exit::Success) => {}
            Ok(other) => exit = other,
            Err(error) if error.is(Cause::ClosedPipe) || matches!(error.exit(), Exit::Interrupted | Exit::Terminated) => {
                return Err(error);
            }
            Err(error) if error.is(Cause::NoUsers) => skipped(context, name, &error),
            Err(error) => failed.push(told(context, name, error)),
        }
    }
    output.end_schemas()?;
    refuse(&failed, names.len())?;
    Ok(exit)
}

/// The error of a command in one of several schemas. The commands to type are for this schema.
pub(crate) fn of_schema(error: Error, name: &str) -> Error {
    let here = format!("`cmf --schema {} ", shell_word(name));
    let error = error.detail(format!("in the schema `{name}`"));
    error.reworded(|text| if text.contains("--schema") { text.to_owned() } else { text.replace("`cmf ", &here) })
}

/// Tells why there is nothing to do in one.
pub(crate) fn skipped(context: &Context, name: &str, error: &Error) {
    context.output.notice(&format!("skipped the schema `{name}`: {}", error.message()));
}

/// Tells why one failed, and returns its name.
pub(crate) fn told(context: &Context, name: &str, error: Error) -> String {
    context.output.warning(&of_schema(error, name));
    name.to_owned()
}

/// The error at the end where some failed.
pub(crate) fn refuse(failed: &[String], all: usize) -> Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    let named = failed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let error = Error::failed(format!("{} failed: {named}", counted(failed.len(), "schema")));
    let error = if failed.len() == all { error } else { error.changed("In all other schemas the command did its work.") };
    Err(error.hint("the warnings above say why; run the command again once that is corrected"))
}
