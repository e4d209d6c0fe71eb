//! A schema as Postgres's catalogs tell it: to compare with another, and to print as SQL.

mod difference;
mod dump;
mod mend;
mod read;

pub use difference::{Change, Difference};
pub use mend::{Remedy, Statement, in_order, run};
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
    /// The lists of applied migrations, no part of what migrations make, as far as row-level security hides rows of them.
    pub ledgers: Vec<Table>,
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
    /// What `ALTER TABLE` says to have policies count, where they do.
    pub row_security: Option<String>,
    pub policies: Vec<Other>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// With its collation where that is not the type's own.
    pub data_type: String,
    pub not_null: bool,
    /// `DEFAULT ...` or `GENERATED ...`, as `CREATE TABLE` writes it.
    pub value: Option<String>,
    pub comment: Option<String>,
}

impl Column {
    /// The type, NOT NULL and default, as `CREATE TABLE` writes them.
    pub fn definition(&self) -> String {
        let not_null = if self.not_null { " NOT NULL" } else { "" };
        let value = self.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
        format!("{}{not_null}{value}", self.data_type)
    }
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

    /// The schemas in which it has something; `home` is the one in which plain names resolve.
    pub fn names(&self, home: &str) -> Vec<String> {
        let mut names = self.schemas.clone();
        names.push(home.to_owned());
        names
    }

    /// Whether a table has a column.
    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.iter().any(|known| known.name == table && known.columns.iter().any(|known| known.name == column))
    }
}
