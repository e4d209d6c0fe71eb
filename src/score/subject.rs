//! Whose scores, against which framework.

use uuid::Uuid;

use crate::db::catalogs::Catalog;
use crate::db::frameworks::Row as Framework;

/// Whose scores, against which framework.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub framework: Framework,
    /// None is the default library.
    pub catalog: Option<Catalog>,
}

impl Subject {
    /// The catalog's id; none for the default library.
    pub(crate) fn catalog_id(&self) -> Option<Uuid> {
        self.catalog.as_ref().map(|catalog| catalog.id)
    }

    pub(crate) fn owner_id(&self) -> Option<Uuid> {
        self.catalog.as_ref().map(|catalog| catalog.owner_id)
    }

    /// The catalog's name, in words for the default library.
    pub(crate) fn name(&self) -> &str {
        self.catalog.as_ref().map_or("default library", |catalog| &catalog.name)
    }
}
