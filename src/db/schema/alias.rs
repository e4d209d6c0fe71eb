//! Types under other names: the same type is renamed and never made a second time.

use super::{Difference, DifferenceKind, EnumDef, RankedSql, Remedy, Schema};

impl Schema {
    /// What was found as if its enumerations had the names that they have here, and the difference that each name makes. Which is
    /// which is told by the columns that are of it.
    pub(super) fn under_own_names(&self, found: &Schema) -> (Schema, Vec<Difference>) {
        let mut renamed = found.clone();
        let mut told = Vec::new();
        for own in self.enums.iter().filter(|own| !found.enums.iter().any(|other| other.name == own.name)) {
            let Some(other) = self.alias_of(own, found) else { continue };
            renamed.rename_enum(&other.name, &own.name);
            told.push(Difference {
                change: DifferenceKind::Renamed,
                kind: "enum",
                table: String::new(),
                object: own.name.clone(),
                expected: Some(own.name.clone()),
                found: Some(other.name.clone()),
                remedy: Remedy::Statements(vec![RankedSql {
                    rank: 0,
                    sql: format!("ALTER TYPE {} RENAME TO {};", other.name, own.name),
                }]),
            });
        }
        (renamed, told)
    }

    /// The enumeration that the columns of this one are of instead.
    fn alias_of<'a>(&self, own: &EnumDef, found: &'a Schema) -> Option<&'a EnumDef> {
        let is_unknown = |name: &str| !self.enums.iter().any(|known| known.name == name);
        self.tables.iter().find_map(|table| {
            let there = found.tables.iter().find(|other| other.name == table.name)?;
            table.columns.iter().filter(|column| column.data_type == own.name).find_map(|column| {
                let other = there.columns.iter().find(|other| other.name == column.name)?;
                found.enums.iter().find(|known| known.name == other.data_type && is_unknown(&known.name))
            })
        })
    }

    fn rename_enum(&mut self, from: &str, to: &str) {
        for one in self.enums.iter_mut().filter(|one| one.name == from) {
            to.clone_into(&mut one.name);
        }
        for table in &mut self.tables {
            for column in &mut table.columns {
                if column.data_type == from {
                    to.clone_into(&mut column.data_type);
                }
                column.value = column.value.as_ref().map(|value| cast_to(value, from, to));
            }
            for constraint in &mut table.constraints {
                constraint.definition = cast_to(&constraint.definition, from, to);
            }
            for index in &mut table.indexes {
                index.definition = cast_to(&index.definition, from, to);
            }
        }
        for other in self.views.iter_mut().chain(&mut self.functions) {
            other.definition = cast_to(&other.definition, from, to);
        }
    }
}

/// An expression in which casts to one type are casts to another.
fn cast_to(text: &str, from: &str, to: &str) -> String {
    let (needle, mut result, mut rest) = (format!("::{from}"), String::new(), text);
    while let Some(at) = rest.find(&needle) {
        let end = at + needle.len();
        let is_whole = !rest[end..].starts_with(|c: char| c.is_alphanumeric() || "_$\"".contains(c));
        result.push_str(&rest[..at]);
        result.push_str(if is_whole { "::" } else { &rest[at..end] });
        result.push_str(if is_whole { to } else { "" });
        rest = &rest[end..];
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_is_told_from_the_beginning_of_a_longer_name() {
        assert_eq!(cast_to("(a = 'x'::mp) AND b <> 'x'::mpx", "mp", "m"), "(a = 'x'::m) AND b <> 'x'::mpx");
        assert_eq!(cast_to("'x'::\"MetricP\"[]", "\"MetricP\"", "metric_p"), "'x'::metric_p[]");
    }
}
