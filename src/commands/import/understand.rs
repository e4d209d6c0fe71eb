//! What a file holds: its table, its columns and the framework of its codes.

use std::sync::Arc;

use uuid::Uuid;

use super::args::Args;
use super::ask;
use crate::context::Context;
use crate::db::{self, Connection};
use crate::domain::code::CodeIndex;
use crate::error::{Error, Result};
use crate::table::outline;
use crate::table::source::Source;
use crate::table::{self, Options, Prepared, Table};
use crate::lookup;
use crate::lookup::framework::Known;
use crate::tell::Gauge as _;

/// A framework whose codes can be read.
pub(super) struct Codes {
    pub(super) known: Known,
    pub(super) index: Arc<CodeIndex>,
}

impl Codes {
    pub(super) fn id(&self) -> Uuid {
        self.known.row.id
    }
}

/// Finds out what a source holds, asking about columns where somebody can be asked.
pub(super) async fn understand(
    context: &Context,
    args: &Args,
    source: &Arc<Source>,
    options: &mut Options,
    frameworks: &[Codes],
) -> Result<Table> {
    let mut is_asked = false;
    loop {
        let progress = context.output.progress(None, "rows");
        progress.message(&format!("reading {}", source.file_name));
        let indexes: Vec<Arc<CodeIndex>> = frameworks.iter().map(|codes| Arc::clone(&codes.index)).collect();
        let (source, asked) = (Arc::clone(source), options.clone());
        let prepared = blocking(move || {
            let indexes: Vec<&CodeIndex> = indexes.iter().map(Arc::as_ref).collect();
            table::prepare(&source, &asked, &indexes, Some(&progress))
        })
        .await?;
        match prepared {
            Prepared::Table(table) => {
                if is_asked && args.reading.save_map.is_none() {
                    context.output.say("keep these answers for the next time with --save-map FILE.toml");
                }
                return Ok(*table);
            }
            Prepared::Unclear(unclear) if args.yes || !context.output.can_ask() => return Err(unclear.error),
            Prepared::Unclear(unclear) => {
                ask::ask(context, *unclear, options)?;
                is_asked = true;
            }
        }
    }
}

/// Runs work that computes or reads files beside the runtime, so that a signal is still heard.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::failed(format!("the import broke off: {error}")))?
}

/// The framework asked for, or all that are in the database.
pub(super) async fn frameworks(tx: &mut Connection, asked: Option<&str>) -> Result<Vec<Codes>> {
    let rows = match asked {
        Some(name) => vec![lookup::framework::find(tx, name).await?],
        None => db::frameworks::list(tx).await?.into_iter().filter(|row| row.is_active).collect(),
    };
    let mut frameworks = Vec::new();
    for row in rows {
        let known = lookup::framework::known(tx, row).await?;
        let index = Arc::new(known.codes());
        frameworks.push(Codes { known, index });
    }
    // CSF 2.0 comes first, so that it is taken where no code tells.
    frameworks.sort_by_key(|codes| codes.known.row.short_name() != "csf-2.0");
    Ok(frameworks)
}

/// The framework that knows most of the table's codes, where it has some.
///
/// # Errors
/// When there is no framework.
pub(super) fn choose_framework<'f>(table: &mut Table, frameworks: &'f [Codes]) -> Result<Option<&'f Codes>> {
    let has_codes =
        table.columns.mapped.iter().any(|mapped| mapped.field.is_code()) || table.defaults.keys().any(|field| field.is_code());
    if !has_codes {
        return Ok(None);
    }
    if frameworks.is_empty() {
        return Err(Error::failed("the sheet has framework codes, and there is no framework in the database")
            .hint("run `cmf seed` first, or leave the codes out with --map subcategory="));
    }
    let indexes: Vec<&CodeIndex> = frameworks.iter().map(|codes| codes.index.as_ref()).collect();
    let known = outline::known_codes(table, &indexes)?;
    let most = known.iter().copied().max().unwrap_or_default();
    let chosen = known.iter().position(|count| *count == most).unwrap_or_default();
    Ok(frameworks.get(chosen))
}
