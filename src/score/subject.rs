//! Whose scores, against which framework.

use uuid::Uuid;

use crate::db::catalogs::Catalog;
use crate::db::frameworks::Row as Framework;
use crate::lookup::crosswalk::Via;

/// Whose scores, against which framework.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub framework: Framework,
    /// None is the default library.
    pub catalog: Option<Catalog>,
    /// How the framework is reached, where the metrics are mapped to another one.
    pub via: Option<Via>,
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

    /// The framework that the metrics are mapped to.
    pub(crate) fn mapped(&self) -> &Framework {
        self.via.as_ref().map_or(&self.framework, |via| &via.framework)
    }

    /// The framework as it is shown, with the one that it is scored through.
    pub(crate) fn against(&self) -> String {
        let framework = self.framework.short_name();
        match &self.via {
            Some(via) => format!("{framework} through {}", via.framework.short_name()),
            None => framework,
        }
    }
}
