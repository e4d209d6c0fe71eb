//! `cmf db partition`: the readings of a tenant that is too large for one table.

use clap::ValueEnum;

use crate::context::Context;
use crate::db::partitions::Partition;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::migrate::{Migrator, partition};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The table
    #[arg(value_enum)]
    table: Divisible,
    /// How to divide its rows; without it cmf only makes the partitions of the coming months
    #[arg(long, value_enum, conflicts_with = "undo")]
    by: Option<By>,
    /// How many coming months have partitions
    #[arg(long, value_name = "MONTHS", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=60), conflicts_with = "undo")]
    ahead: u8,
    /// Make one table of the partitions again
    #[arg(long)]
    undo: bool,
    /// Do not ask
    #[arg(long, requires = "undo")]
    yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Divisible {
    /// The readings
    #[value(name = "metric_history")]
    MetricHistory,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    /// By the month of `recorded_at`, UTC
    Month,
}

pub(super) const PARTITION: Columns<Partition> = columns! { |one|
    partition = &one.name, from_day = one.from.map(|day| day.to_string()), to_day = one.to.map(|day| day.to_string())
};

/// Exit 1 when something hangs on the table that would be left behind, exit 2 when `--undo` is not confirmed.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let (Divisible::MetricHistory, None | Some(By::Month)) = (args.table, args.by);
    context.output.check_outcome(&PARTITION.table())?;
    let mut session = context.open().await?;
    let standing = partition::standing(&mut session).await?;
    if args.by.is_none() && !standing.is_divided && !(args.undo && standing.copy.is_some()) {
        return Err(
            Error::usage("metric_history has no partitions").hint("`cmf db partition metric_history --by month` divides it")
        );
    }
    partition::check(&mut session).await?;
    let confirmed = if args.undo {
        let question = format!("This copies all readings of {} into one table.", context.place()?);
        Some(context.output.confirm(&question, args.yes)?)
    } else {
        None
    };
    let freshness = context.config().freshness(None);
    let mut migrator = Migrator::new(&mut session, &context.output);
    migrator.address = context.place()?.address();
    let (message, partitions) = if let Some(confirmed) = &confirmed {
        migrator.unite(&freshness, confirmed).await?;
        ("the readings are in one table".to_owned(), Vec::new())
    } else {
        let divided = migrator.partition(args.ahead.into(), &freshness).await?;
        (format!("made {}", counted(divided.made.len(), "partition")), divided.partitions)
    };
    session.close().await?;
    context.output.outcome(&message, PARTITION.table_of(partitions))?;
    Ok(Exit::Success)
}
