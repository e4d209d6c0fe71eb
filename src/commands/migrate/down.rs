//! `cmf migrate down` and `redo`: the way back, with what it costs shown before.

use std::path::PathBuf;

use super::engine::{Engine, revertible};
use super::options::{Patience, Source};
use super::{address, report};
use crate::commands;
use crate::context::Context;
use crate::db;
use crate::db::migrations::sql::{Statement, split};
use crate::db::migrations::{self, Migration};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::session::Session;

/// Arguments of `cmf migrate down`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take all migrations down; the schema is empty then
    #[arg(long, conflicts_with = "to")]
    all: bool,
    /// Take down everything newer than this migration
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The database's name, as the confirmation of --all
    #[arg(long, value_name = "DBNAME", requires = "all")]
    confirm: Option<String>,
    #[command(flatten)]
    patience: Patience,
}

/// Arguments of `cmf migrate redo`.
#[derive(Debug, clap::Args)]
pub struct Redo {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    patience: Patience,
}

/// Runs `cmf migrate down`.
///
/// # Errors
/// Exit 1 when there is no way back or a script fails, 2 without a confirmation.
pub(super) async fn run(context: &Context, dir: Option<PathBuf>, args: Args) -> Result<Exit> {
    context.output.check_outcome(&super::listing())?;
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let applied = super::applied(context, &mut session, true).await?;
    let stop = args.to.as_deref().map(|to| source.find(to)).transpose()?.map(|migration| migration.version.clone());
    if let Some(stop) = stop.as_ref().filter(|stop| !applied.iter().any(|row| &row.version == *stop)) {
        return Err(Error::usage(format!("{stop} is not applied, so nothing can be taken down to it")));
    }
    let newest_first = applied.iter().rev().map(|row| row.version.clone());
    let targets: Vec<String> = match &stop {
        Some(stop) => newest_first.take_while(|version| version > stop).collect(),
        None if args.all => newest_first.collect(),
        None => newest_first.take(1).collect(),
    };
    let migrations = revertible(&source, &targets)?;
    if migrations.is_empty() {
        context.output.notice(match stop {
            Some(_) => "nothing to do: nothing newer is applied",
            None => "nothing to do: no migration is applied",
        });
        return report(context, "took down", &[]);
    }
    show_losses(context, &mut session, &migrations).await?;
    let name = db::current_database(session.connection()).await?;
    let confirmed = if args.all {
        let question =
            format!("This takes down {} and drops everything they made in `{name}`.", counted(migrations.len(), "migration"));
        context.output.confirm_by_name(&question, &name, args.confirm.as_deref())?
    } else {
        let names: Vec<&str> = migrations.iter().map(|migration| migration.name.as_str()).collect();
        context.output.confirm(&format!("Take down {} of database `{name}`?", names.join(", ")), args.yes)?
    };
    let mut engine = Engine::new(&mut session, &context.output, args.patience);
    engine.address = address(context)?;
    let steps = engine.down(&source, &targets, &confirmed).await?;
    session.close().await?;
    report(context, "took down", &steps)
}

/// Runs `cmf migrate redo`.
///
/// # Errors
/// As [`run`].
pub(super) async fn redo(context: &Context, dir: Option<PathBuf>, args: Redo) -> Result<Exit> {
    context.output.check_outcome(&super::listing())?;
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let Some(newest) = super::applied(context, &mut session, true).await?.pop() else {
        return Err(Error::failed("no migration is applied, so there is none to do again")
            .hint(format!("run `{}`", source.command("up"))));
    };
    let migrations = revertible(&source, std::slice::from_ref(&newest.version))?;
    show_losses(context, &mut session, &migrations).await?;
    let name = db::current_database(session.connection()).await?;
    let question = format!("Take down {} of database `{name}` and apply it again?", migrations[0].name);
    let confirmed = context.output.confirm(&question, args.yes)?;
    let mut engine = Engine::new(&mut session, &context.output, args.patience);
    engine.address = address(context)?;
    let steps = engine.redo(&source, &newest.version, &confirmed).await?;
    session.close().await?;
    report(context, "ran", &steps)
}

/// Says what the scripts drop, with the rows that go with it.
async fn show_losses(context: &Context, session: &mut Session, migrations: &[&Migration]) -> Result<()> {
    let mut tx = session.read().await?;
    for migration in migrations {
        for statement in split(migration.down.as_deref().unwrap_or_default()) {
            for loss in losses(&statement) {
                let rows = match &loss.table {
                    Some(table) => migrations::row_count(&mut tx, table).await?,
                    None => None,
                };
                let rows = match rows {
                    Some((1, false)) => " (1 row)".to_owned(),
                    Some((rows, false)) => format!(" ({rows} rows)"),
                    Some((rows, true)) => format!(" (about {rows} rows)"),
                    None => String::new(),
                };
                context.output.notice(&format!("{}: {}{rows}", migration.name, loss.what));
            }
        }
    }
    tx.end().await
}

/// Something that a statement takes away.
#[derive(Debug, PartialEq, Eq)]
struct Loss {
    what: String,
    /// The table whose rows are lost or hold what is lost.
    table: Option<Vec<String>>,
}

fn losses(statement: &Statement<'_>) -> Vec<Loss> {
    let after = |words: &[&str]| -> Option<usize> {
        statement.starts_with(words).then_some(words.len()).map(|at| {
            let skips = statement.tokens.get(at).is_some_and(|token| token.is("if"));
            if skips { at + 2 } else { at }
        })
    };
    let list = |at: usize, what: &str, is_table: bool| -> Vec<Loss> {
        let names = migrations::names_from(statement, at);
        let loss = |name: Vec<String>| Loss { what: format!("{what} {}", name.join(".")), table: is_table.then_some(name) };
        names.into_iter().map(loss).collect()
    };
    if let Some(at) = after(&["drop", "table"]) {
        return list(at, "drops table", true);
    }
    if let Some(at) = after(&["truncate", "table"]).or_else(|| after(&["truncate"])) {
        return list(at, "empties table", true);
    }
    if let Some(at) = after(&["delete", "from"]) {
        return list(at, "deletes from table", true);
    }
    if let Some(at) = after(&["alter", "table"])
        && let Some(name) = migrations::names_from(statement, at).into_iter().next()
    {
        let drops = statement.tokens.windows(3).filter(|words| words[0].is("drop"));
        return drops
            .map(|words| {
                let (kind, dropped) = match &words[1] {
                    column if column.is("column") || column.is("constraint") => (column.text.to_lowercase(), &words[2]),
                    column => ("column".to_owned(), column),
                };
                let dropped = if dropped.is("if") { "if it exists".to_owned() } else { dropped.name() };
                let table = (kind == "column").then(|| name.clone());
                Loss { what: format!("drops {kind} {dropped} of {}", name.join(".")), table }
            })
            .collect();
    }
    if let Some(kind) = statement.tokens.get(1).filter(|_| statement.starts_with(&["drop"])) {
        let mut at = 2;
        for skipped in ["concurrently", "if", "exists"] {
            at += usize::from(statement.tokens.get(at).is_some_and(|token| token.is(skipped)));
        }
        return list(at, &format!("drops {}", kind.text.to_lowercase()), false);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str) -> Vec<String> {
        split(sql)
            .iter()
            .flat_map(losses)
            .map(|loss| format!("{}{}", loss.what, if loss.table.is_some() { " +" } else { "" }))
            .collect()
    }

    #[test]
    fn what_a_script_takes_away_is_named() {
        assert_eq!(
            told("DROP TABLE IF EXISTS a, public.b CASCADE; drop type t"),
            ["drops table a +", "drops table public.b +", "drops type t"]
        );
        assert_eq!(
            told("ALTER TABLE a DROP COLUMN b, DROP CONSTRAINT c"),
            ["drops column b of a +", "drops constraint c of a"]
        );
        assert_eq!(
            told("DROP INDEX CONCURRENTLY IF EXISTS i; TRUNCATE a; DELETE FROM b WHERE x"),
            ["drops index i", "empties table a +", "deletes from table b +"]
        );
        assert_eq!(told("CREATE TABLE a (b int)"), Vec::<String>::new());
    }
}
