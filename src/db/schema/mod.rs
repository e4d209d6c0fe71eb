//! A schema as Postgres's catalogs tell it: to compare with another, and to print as SQL.

mod alias;
mod change;
mod difference;
mod dump;
mod read;
mod remedy;
mod rows;

pub use change::{Difference, DifferenceKind, RankedSql, Remedy};
pub use read::{alembic_version, read, there};
pub use remedy::{in_order, run};
pub use rows::contradicted;

/// Everything that migrations make, in the schemas that were asked for. What belongs to an extension is the extension's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    pub extensions: Vec<String>,
    /// Schemas besides `public`.
    pub schemas: Vec<String>,
    pub enums: Vec<EnumDef>,
    /// Domains and composite types.
    pub types: Vec<ObjectDef>,
    pub sequences: Vec<ObjectDef>,
    pub functions: Vec<ObjectDef>,
    pub tables: Vec<TableDef>,
    /// The lists of applied migrations, no part of what migrations make, as far as row-level security hides rows of them.
    pub ledgers: Vec<TableDef>,
    pub views: Vec<ObjectDef>,
}

/// An enumeration and its labels in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumDef {
    pub name: String,
    pub labels: Vec<String>,
}

/// An object that SQL describes as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectDef {
    pub name: String,
    pub definition: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableDef {
    /// With its schema if that is not `public`; quoted where it must be.
    pub name: String,
    pub owner: String,
    pub comment: Option<String>,
    /// How its rows are divided, such as `RANGE (recorded_at)`, where it has partitions.
    pub divided: Option<String>,
    /// The statements that make its partitions, which are no tables of their own here.
    pub partitions: Vec<String>,
    pub columns: Vec<ColumnDef>,
    pub constraints: Vec<ConstraintDef>,
    /// Those that are not part of a constraint.
    pub indexes: Vec<IndexDef>,
    pub triggers: Vec<TriggerDef>,
    /// What `ALTER TABLE` says to have policies count, where they do.
    pub row_security: Option<String>,
    pub policies: Vec<ObjectDef>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDef {
    pub name: String,
    /// With its collation if that is not the type's own.
    pub data_type: String,
    pub not_null: bool,
    /// `DEFAULT ...` or `GENERATED ...`, as `CREATE TABLE` writes it.
    pub value: Option<String>,
    pub comment: Option<String>,
}

impl ColumnDef {
    /// The type, NOT NULL and default, as `CREATE TABLE` writes them.
    pub fn definition(&self) -> String {
        let not_null = if self.not_null { " NOT NULL" } else { "" };
        let value = self.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
        format!("{}{not_null}{value}", self.data_type)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintDef {
    pub name: String,
    /// `p` primary key, `u` unique, `f` foreign key, `c` check, `x` exclusion.
    pub kind: String,
    pub definition: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDef {
    pub name: String,
    pub definition: String,
    /// An index whose concurrent build was interrupted is not.
    pub valid: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerDef {
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

    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.iter().any(|known| known.name == table && known.columns.iter().any(|known| known.name == column))
    }
}
