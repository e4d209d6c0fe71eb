//! The places of the framework that a row names.

use std::collections::BTreeMap;

use super::code_cells::Lookup;
use super::{Builder, Notes};
use crate::domain::code::{Position, Reference, is_range_of_codes, most_specific};
use crate::domain::item::Field;
use crate::domain::near::COMPARED;
use crate::error::shell_word;

impl Builder<'_, '_> {
    /// The places that the code columns name, deepest level only.
    pub(super) fn positions(&mut self) -> Vec<Position> {
        let Some(mut lookup) = self.lookup.take() else { return Vec::new() };
        let positions = self.looked_up(&mut lookup);
        *self.lookup = Some(lookup);
        positions
    }

    fn looked_up(&mut self, lookup: &mut Lookup<'_>) -> Vec<Position> {
        let Lookup { cells, near } = lookup;
        let index = cells.index;
        let mut named: Vec<(Field, Option<usize>, Position)> = Vec::new();
        let mut withdrawn: Option<Field> = None;
        for field in [Field::Function, Field::Category, Field::Subcategory] {
            let Some((column, cell)) = self.cell(field) else { continue };
            let (references, has_foreign) = cells.find(cell.text);
            if *has_foreign {
                Notes::add(&mut self.notes.foreign, self.row.number);
            }
            for reference in references {
                match reference {
                    Reference::Known(position) => named.push((field, column, position.clone())),
                    Reference::Withdrawn { successors, .. } if self.successors.is_some() && !successors.is_empty() => {
                        withdrawn = Some(field);
                        self.successors.iter_mut().for_each(|all| all.extend(successors.iter().cloned()));
                    }
                    Reference::Withdrawn { code, successors } => {
                        let codes: Vec<&str> = successors.iter().map(Position::code).collect();
                        let remedy = if codes.is_empty() {
                            "it has no successor: remove it".to_owned()
                        } else {
                            format!(
                                "its content is now in {}; --accept-successors maps it there, unconfirmed",
                                codes.join(", ")
                            )
                        };
                        self.problem(column, "withdrawn_code", format!("{code} was withdrawn from the framework"), remedy);
                    }
                    Reference::Unknown { written } => {
                        let shown: String = written.chars().take(60).collect();
                        let remedy = if is_range_of_codes(written) {
                            "write each code of the range".to_owned()
                        } else {
                            let all = format!("see the codes with `cmf framework show {}`", shell_word(index.framework()));
                            match near.of(written, || index.near(written)) {
                                Some(near) if near.is_empty() => all,
                                Some(near) => format!("did you mean {}?", near.join(" or ")),
                                None => format!("{all}: only the first {COMPARED} wrong codes are compared with them"),
                            }
                        };
                        self.problem(
                            column,
                            "unknown_code",
                            format!("`{shown}` is not a code of {}", index.framework()),
                            remedy,
                        );
                    }
                }
            }
        }
        // What stands above a withdrawn code was said of it, not of its successors.
        if let Some(withdrawn) = withdrawn {
            named.retain(|(field, ..)| *field >= withdrawn);
        }
        let above = if withdrawn.is_some() { &BTreeMap::new() } else { self.above };
        let own = named.len();
        // The rows above speak for this one where it says nothing against them.
        for field in [Field::Subcategory, Field::Category, Field::Function] {
            let Some(text) = above.get(&field) else { continue };
            if named.iter().any(|(known, ..)| *known == field) {
                continue;
            }
            for reference in &cells.find(text).0 {
                if let Reference::Known(position) = reference
                    && (named.is_empty() || named.iter().any(|other| position.contains(&other.2)))
                {
                    named.push((field, None, position.clone()));
                }
            }
        }
        if named.len() > own {
            Notes::add(&mut self.notes.inherited, self.row.number);
        }
        // A function or category that no deeper code of another column lies in contradicts that column.
        let deepest = named.iter().map(|(field, ..)| *field).max();
        for (field, column, position) in named.clone() {
            let covered = Some(field) == deepest
                || named.iter().any(|(other, _, deeper)| *other > field && (position.contains(deeper) || position == *deeper));
            if !covered {
                let others: Vec<&str> = named.iter().filter(|other| other.0 > field).map(|other| other.2.code()).collect();
                let reason = format!("{} does not hold {}", position.code(), others.join(", "));
                self.problem(column, "codes_disagree", reason, "correct one of the two columns");
            }
        }
        let mut positions: Vec<Position> = Vec::new();
        for (_, _, position) in named {
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        if let Some(all) = &mut self.successors {
            all.sort();
            all.dedup();
            all.retain(|one| !positions.contains(one));
            *all = most_specific(std::mem::take(all));
        }
        most_specific(positions)
    }
}
