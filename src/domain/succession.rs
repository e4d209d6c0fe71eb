//! Where the codes of one framework, or of an earlier edition, went in another one.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::domain::code::{CodeIndex, Position, Withdrawal, most_specific};

/// How certain a place is that is one of `count` successors of a code: 0.9 for the only one, shared by several.
pub fn certainty(count: usize) -> Decimal {
    let count = Decimal::from(count.max(1));
    (Decimal::new(9, 1) / count).round_dp(4)
}

/// The probability that one of two independent pieces of evidence is right.
pub fn either(left: Decimal, right: Decimal) -> Decimal {
    (Decimal::ONE - (Decimal::ONE - left) * (Decimal::ONE - right)).round_dp(4)
}

/// From the codes of one framework to the places of another.
#[derive(Debug, Clone)]
pub struct Succession {
    table: HashMap<String, Vec<String>>,
    live: CodeIndex,
}

impl Succession {
    /// By a table of codes and their successors in the framework of `live`. A code that is not in the table is its own
    /// successor where it lives on.
    pub fn new(table: &[Withdrawal], live: CodeIndex) -> Self {
        let table = table.iter().map(|one| (one.code.to_lowercase(), one.successors.clone())).collect();
        Succession { table, live }
    }

    /// The successors of a place, the deepest ones only: a category beside its own subcategory says nothing more.
    pub fn of(&self, position: &Position) -> Vec<Position> {
        let code = position.code();
        let itself = [code.to_owned()];
        let codes = self.table.get(&code.to_lowercase()).map_or(itself.as_slice(), Vec::as_slice);
        let mut found: Vec<Position> = Vec::new();
        for place in codes.iter().filter_map(|code| self.live.find(code)) {
            if !found.contains(place) {
                found.push(place.clone());
            }
        }
        most_specific(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::framework::framework;

    fn place(code: &str) -> Position {
        Position { function: "A".to_owned(), category: Some("A.Y".to_owned()), subcategory: Some(code.to_owned()) }
    }

    #[test]
    fn a_code_goes_to_its_successors_or_lives_on_and_the_deepest_count() {
        let to = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let table = [
            Withdrawal { code: "A.Y-1".to_owned(), successors: to(&["A.X", "A.X-01", "A.X-02"]) },
            Withdrawal { code: "A.Y-2".to_owned(), successors: Vec::new() },
        ];
        let succession =
            Succession::new(&table, CodeIndex::new(&framework(&[("A", "Alpha", &[("A.X", "Ex", &["A.X-01", "A.X-02"])])])));
        let codes = |code: &str| succession.of(&place(code)).iter().map(|one| one.code().to_owned()).collect::<Vec<_>>();
        assert_eq!(codes("a.y-1"), ["A.X-01", "A.X-02"]);
        assert_eq!(codes("A.Y-2"), Vec::<String>::new());
        assert_eq!(codes("A.X-02"), ["A.X-02"]);
        assert_eq!(codes("A.Y-3"), Vec::<String>::new());
    }

    #[test]
    fn certainty_is_shared_and_grows_with_a_second_reason() {
        assert_eq!([certainty(1), certainty(2), certainty(0)], [Decimal::new(9, 1), Decimal::new(45, 2), Decimal::new(9, 1)]);
        assert_eq!(either(Decimal::new(9, 1), Decimal::new(5, 1)), Decimal::new(95, 2));
        assert_eq!(either(Decimal::ONE, Decimal::ZERO), Decimal::ONE);
    }
}
