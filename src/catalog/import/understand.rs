//! What a file holds: its table, its columns and the framework of its codes.

use std::sync::Arc;

use uuid::Uuid;

use crate::db::{self, Connection};
use crate::domain::code::CodeIndex;
use crate::error::{Error, Result};
use crate::lookup;
use crate::lookup::framework::Known;
use crate::table::decision::Decision;
use crate::table::outline;
use crate::table::source::Source;
use crate::table::{self, Options, Prepared, Table};
use crate::tell::Tell;

/// A framework whose codes can be read.
pub struct Codes {
    pub known: Known,
    /// Its codes.
    pub index: CodeIndex,
}

impl Codes {
    pub fn id(&self) -> Uuid {
        self.known.row.id
    }
}

/// Finds out what a source holds, or what only the user can say about it.
pub async fn understand(
    source: &Arc<Source>,
    options: &Options,
    frameworks: &[Arc<Codes>],
    tell: &dyn Tell,
) -> Result<Prepared> {
    let gauge = tell.gauge(None, "rows");
    gauge.message(&format!("reading {}", source.file_name));
    let (source, options, frameworks) = (Arc::clone(source), options.clone(), frameworks.to_vec());
    blocking(move || {
        let indexes: Vec<&CodeIndex> = frameworks.iter().map(|codes| &codes.index).collect();
        table::prepare(&source, &options, &indexes, Some(&*gauge))
    })
    .await
}

/// Runs work that computes or reads files beside the runtime, so that a signal is still heard.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::failed(format!("the import stopped: {error}")))?
}

/// The framework asked for, or all that are in the database. Exit 2 when there is none of this name.
pub async fn frameworks(tx: &mut Connection, asked: Option<&str>) -> Result<Vec<Arc<Codes>>> {
    let rows = match asked {
        Some(name) => vec![lookup::framework::find(tx, name).await?],
        None => db::frameworks::list(tx).await?.into_iter().filter(|row| row.is_active).collect(),
    };
    let mut frameworks = Vec::new();
    for row in rows {
        let known = lookup::framework::known(tx, row).await?;
        let index = known.codes();
        frameworks.push(Arc::new(Codes { known, index }));
    }
    // CSF 2.0 comes first, so that it is taken where no code tells.
    frameworks.sort_by_key(|codes| codes.known.row.short_name() != "csf-2.0");
    Ok(frameworks)
}

/// The framework that knows most of the tables' codes, where they have some. Fails when there is no framework.
pub fn choose_framework(tables: &mut [Table], frameworks: &[Arc<Codes>], is_named: bool) -> Result<Option<Arc<Codes>>> {
    let has_codes = |table: &Table| {
        table.columns.mapped.iter().any(|mapped| mapped.field.is_code()) || table.defaults.keys().any(|field| field.is_code())
    };
    if !tables.iter().any(has_codes) {
        return Ok(None);
    }
    if frameworks.is_empty() {
        return Err(Error::failed("the sheet has framework codes, but the database has no framework")
            .hint("run `cmf seed` first, or ignore the codes with --map subcategory="));
    }
    let indexes: Vec<&CodeIndex> = frameworks.iter().map(|codes| &codes.index).collect();
    let mut known = vec![0; indexes.len()];
    for table in tables.iter_mut().filter(|table| has_codes(table)) {
        known.iter_mut().zip(outline::known_codes(table, &indexes)?).for_each(|(all, count)| *all += count);
    }
    let most = known.iter().copied().max().unwrap_or_default();
    let chosen = known.iter().position(|count| *count == most).unwrap_or_default();
    if let Some(codes) = frameworks.get(chosen) {
        let name = |codes: &Codes| codes.known.row.short_name();
        let others = frameworks.iter().zip(&known).enumerate().filter(|(at, (_, count))| *at != chosen && **count > 0);
        let rivals: Vec<(String, usize)> = others.map(|(_, (codes, count))| (name(codes), *count)).collect();
        // Editions of a framework share codes; a few in common are no question.
        let is_close = rivals.iter().any(|(_, count)| count * 2 > most);
        let why = format!("it has {most} of the codes that were checked");
        let decision = match is_named {
            true => Decision::asked("framework", name(codes)),
            false if is_close => Decision::told("framework", name(codes), why),
            false => Decision::certain("framework", name(codes), why),
        };
        let rivals = rivals.into_iter().map(|(name, count)| format!("{name} ({count})"));
        let decision = decision.over(rivals).option("--framework");
        tables.iter_mut().filter(|table| has_codes(table)).for_each(|table| table.decisions.push(decision.clone()));
    }
    Ok(frameworks.get(chosen).cloned())
}
