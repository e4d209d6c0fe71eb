//! What a file holds: its table, its columns and the framework of its codes.

use std::sync::Arc;

use uuid::Uuid;

use super::args::Args;
use super::ask;
use crate::context::Context;
use crate::db::{self, Connection};
use crate::domain::code::CodeIndex;
use crate::error::{Error, Result};
use crate::import::build;
use crate::import::source::Source;
use crate::import::table::{self, Draft, Found, Options, Table, Watch};
use crate::lookup;
use crate::lookup::framework::Known;
use crate::output::Progress;
use crate::tell::Gauge as _;

/// Progress of the first pass, drawn by the printer.
struct Reading(Arc<Progress>);

impl Watch for Reading {
    fn rows(&self, rows: u64, all: Option<u64>) {
        if let Some(all) = all {
            self.0.total(all);
        }
        self.0.set(rows);
    }
}

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

/// A file of which only the first rows were looked at.
pub(super) struct Unread<'f> {
    pub(super) draft: Box<Draft>,
    pub(super) options: Options,
    pub(super) frameworks: &'f [Codes],
}

/// What looking at a file came to.
pub(super) enum Understood {
    /// All of it is read.
    Read(Table),
    /// Its first rows tell what the others will be, if nothing comes between.
    Guessed(Table, Box<Draft>),
}

/// Finds out what a source holds, asking about columns where somebody can be asked. A long one is not read to its end: its rows
/// are read while those before them are on their way to the database.
pub(super) async fn understand(
    context: &Context,
    args: &Args,
    source: &Arc<Source>,
    options: &mut Options,
    frameworks: &[Codes],
) -> Result<Understood> {
    let mut is_asked = false;
    // A column map is of the whole sheet, and is wanted even where the rows cannot be imported.
    let is_whole = args.save_map.is_some();
    loop {
        let reading = Reading(Arc::new(context.output.progress(None, "rows")));
        reading.0.message(&format!("reading {}", source.file_name));
        let indexes: Vec<Arc<CodeIndex>> = frameworks.iter().map(|codes| Arc::clone(&codes.index)).collect();
        let (source, asked) = (Arc::clone(source), options.clone());
        let prepared = blocking(move || {
            let indexes: Vec<&CodeIndex> = indexes.iter().map(Arc::as_ref).collect();
            let draft = match table::find(&source, &asked, &indexes)? {
                Found::Draft(draft) => draft,
                Found::Unclear(unclear) => return Ok(Err(unclear)),
            };
            let guess = if is_whole { None } else { draft.guess(&asked, &indexes)? };
            Ok(Ok(match guess {
                Some(table) => Understood::Guessed(table, draft),
                None => Understood::Read(draft.read(&source, &asked, &indexes, &reading)?),
            }))
        })
        .await?;
        match prepared {
            Ok(understood) => {
                if is_asked && args.save_map.is_none() {
                    context.output.say("keep these answers for the next time with --save-map FILE.toml");
                }
                return Ok(understood);
            }
            Err(unclear) if args.yes || !context.output.can_ask() => return Err(unclear.error),
            Err(unclear) => {
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
    let known = build::known_codes(table, &indexes)?;
    let most = known.iter().copied().max().unwrap_or_default();
    let chosen = known.iter().position(|count| *count == most).unwrap_or_default();
    Ok(frameworks.get(chosen))
}
