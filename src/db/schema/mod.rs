//! A schema as Postgres's catalogs tell it: to compare with another, and to print as SQL.

mod difference;
mod dump;
mod read;

pub use difference::{Change, Difference};
pub use read::{alembic_version, read};

/// Everything that migrations make, in the schemas that were asked for. What belongs to an extension is the extension's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    pub extensions: Vec<String>,
    /// Schemas besides `public`.
    pub schemas: Vec<String>,
    pub enums: Vec<Enum>,
    /// Domains and composite types.
    pub types: Vec<Other>,
    pub sequences: Vec<Other>,
    pub functions: Vec<Other>,
    pub tables: Vec<Table>,
    pub views: Vec<Other>,
}

/// An enumeration and its labels in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    pub name: String,
    pub labels: Vec<String>,
}

/// An object that SQL describes as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub name: String,
    /// The statement that makes it.
    pub definition: String,
}

/// A table with what hangs on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// With its schema where that is not `public`; quoted where it must be.
    pub name: String,
    pub comment: Option<String>,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// Those that are not part of a constraint.
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The type, collation, NOT NULL and default, as `CREATE TABLE` writes them.
    pub definition: String,
    pub comment: Option<String>,
}

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    pub name: String,
    /// `p` primary key, `u` unique, `f` foreign key, `c` check, `x` exclusion.
    pub kind: String,
    pub definition: String,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub definition: String,
    /// An index whose concurrent build was interrupted is not.
    pub valid: bool,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    pub name: String,
    pub definition: String,
    /// `O` enabled, `D` disabled, `R` replica, `A` always.
    pub enabled: String,
}

impl Schema {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Schema { extensions: self.extensions.clone(), ..Schema::default() }
    }

    /// The schemas in which it has something.
    pub fn names(&self) -> Vec<String> {
        let mut names = self.schemas.clone();
        names.push("public".to_owned());
        names
    }

    /// Whether a table has a column.
    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.iter().any(|known| known.name == table && known.columns.iter().any(|known| known.name == column))
    }
}
