//! A difference between two schemas, and what makes it go.

use crate::domain::named::named;
use crate::domain::text::printable;

named! {
    /// In which way an object differs.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum DifferenceKind {
        /// Expected, and not there.
        Missing = "missing",
        /// There, and not expected.
        Extra = "extra",
        /// There, and other than expected.
        Changed = "changed",
        /// There under another name.
        Renamed = "renamed",
    }
    ALL
    word
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub change: DifferenceKind,
    /// `table`, `column`, `constraint`, `index`...
    pub kind: &'static str,
    /// The table it hangs on; empty where it hangs on none.
    pub table: String,
    pub object: String,
    pub expected: Option<String>,
    pub found: Option<String>,
    pub remedy: Remedy,
}

impl Difference {
    /// Whether it is more than the migrations make and does not stand in the way of cmf. What hides rows does; so does a column
    /// that takes no row from whoever does not know it.
    pub fn may_stay(&self) -> bool {
        let found = self.found.as_deref().unwrap_or_default();
        let wants_value = found.contains(" NOT NULL") && !found.contains(" DEFAULT ") && !found.contains(" GENERATED ");
        self.change == DifferenceKind::Extra
            && !matches!(self.kind, "policy" | "row-level security")
            && (self.kind != "column" || !wants_value)
    }

    /// Its kind and name, as the ledger notes what was accepted.
    pub fn label(&self) -> String {
        format!("{} {}", self.kind, self.name())
    }

    /// Its name, with the table before a dot where it hangs on one, or the table's where it has none of its own.
    pub fn name(&self) -> String {
        let names = [self.table.as_str(), self.object.as_str()];
        names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(".")
    }

    /// It in words, on one line.
    pub fn line(&self) -> String {
        let (expected, found) = (self.expected.as_deref().unwrap_or("nothing"), self.found.as_deref().unwrap_or("nothing"));
        let what = match self.change {
            DifferenceKind::Missing => self.expected.as_ref().map(|text| format!(": {text}")).unwrap_or_default(),
            DifferenceKind::Extra => self.found.as_ref().map(|text| format!(": {text}")).unwrap_or_default(),
            DifferenceKind::Changed => format!(": is {found}, should be {expected}"),
            DifferenceKind::Renamed => format!(" is called {found}"),
        };
        printable(&format!("{} {} {}{what}", self.change.word(), self.kind, self.name()))
    }
}

/// What makes an object as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// These lose nothing: where rows are in the way, Postgres refuses them.
    Statements(Vec<RankedSql>),
    /// Somebody has to decide; the text says what and why.
    ByHand(String),
}

impl Remedy {
    pub fn sql(&self) -> Option<String> {
        match self {
            Remedy::Statements(statements) => {
                Some(statements.iter().map(|statement| statement.sql.as_str()).collect::<Vec<_>>().join("\n"))
            }
            Remedy::ByHand(_) => None,
        }
    }

    pub fn by_hand(&self) -> Option<&str> {
        match self {
            Remedy::Statements(_) => None,
            Remedy::ByHand(text) => Some(text),
        }
    }
}

/// One statement, or several that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedSql {
    /// What has a lower rank comes first.
    pub rank: u8,
    pub sql: String,
}
