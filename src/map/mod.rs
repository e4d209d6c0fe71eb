//! Which subcategory each item of a catalog is about: what its text suggests, what its other mappings say, and what is decided.

pub mod carry;
pub mod decide;
pub mod model;
pub mod review;
pub mod sheet;
mod speakers;
pub mod suggest;

use std::collections::HashSet;

use uuid::Uuid;

use crate::db::mappings::{Item, Mapping};
use crate::db::{self, Connection};
use crate::error::Result;
use crate::lookup::framework::Known;
use crate::lookup::{catalog, framework};

/// Which catalog and framework are meant, by their names.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The catalog; all of them if none is named.
    pub catalog: Option<String>,
    pub owner: Option<String>,
    pub framework: String,
}

/// The catalog and framework of a scope.
#[derive(Debug)]
pub struct Scoped {
    /// None where all catalogs are meant.
    pub catalog_id: Option<Uuid>,
    pub known: Known,
}

impl Scope {
    /// Finds the catalog and the framework. Exit 2 when one of them is not there.
    pub async fn resolve(&self, tx: &mut Connection) -> Result<Scoped> {
        let row = framework::find(tx, &self.framework).await?;
        let known = framework::known(tx, row).await?;
        let catalog = catalog::if_named(tx, self.catalog.as_deref(), self.owner.as_deref()).await?;
        Ok(Scoped { catalog_id: catalog.map(|catalog| catalog.id), known })
    }
}

impl Scoped {
    /// The name that people type for the framework.
    pub fn framework(&self) -> String {
        self.known.row.short_name()
    }

    async fn items(&self, tx: &mut Connection) -> Result<Vec<Item>> {
        db::mappings::items(tx, self.catalog_id, self.known.row.id).await
    }

    async fn mappings(&self, tx: &mut Connection) -> Result<Vec<Mapping>> {
        db::mappings::list(tx, self.catalog_id, Some(self.known.row.id)).await
    }

    async fn rejected(&self, tx: &mut Connection) -> Result<Rejected> {
        db::mappings::rejected(tx, self.known.row.id).await
    }
}

/// Items with the codes that were rejected for them.
type Rejected = HashSet<(Uuid, String)>;

/// What an item's suggestions are made from.
fn text_of(item: &Item) -> String {
    format!("{}. {}", item.name, item.description.as_deref().unwrap_or_default())
}
