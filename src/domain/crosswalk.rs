//! Crosswalks: which codes of one framework are about the same as which codes of another one.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::code::Position;
use super::text::folded;

named! {
    /// How what one code asks for relates to what another one asks for, as sets (NIST IR 8477).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Relation {
        /// Both ask for the same.
        Equal = "equal",
        /// The first asks for a part of what the second asks for.
        Subset = "subset",
        /// The first asks for all that the second asks for, and more.
        Superset = "superset",
        /// They have a part in common, and each asks for more.
        Intersects = "intersects",
    }
    ALL
    /// The word for it.
    as_str
}

impl Relation {
    /// The part of a metric's weight that counts at the second code, where the metric was mapped to the first.
    pub fn weight(self) -> Decimal {
        match self {
            Self::Equal => Decimal::ONE,
            Self::Subset => Decimal::new(75, 2),
            Self::Superset => Decimal::new(5, 1),
            Self::Intersects => Decimal::new(25, 2),
        }
    }

    /// The same seen from the second code.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Subset => Self::Superset,
            Self::Superset => Self::Subset,
            same => same,
        }
    }

    /// What is known of a part of the first code.
    #[must_use]
    pub fn of_part(self) -> Self {
        match self {
            Self::Equal | Self::Subset => Self::Subset,
            Self::Superset | Self::Intersects => Self::Intersects,
        }
    }

    /// The relation that a word of a file names; `None` inside for two codes that the file says have nothing in common.
    pub fn read(text: &str) -> Option<Option<Self>> {
        let word: String = folded(text).chars().map(|c| if matches!(c, '-' | '_') { ' ' } else { c }).collect();
        let word = word.strip_prefix("is ").unwrap_or(&word);
        Some(match word.trim() {
            "=" | "equal" | "equals" | "equal to" | "equivalent" | "equivalent to" | "exact" | "same" => Some(Self::Equal),
            "⊂" | "⊆" | "subset" | "subset of" | "is subset of" | "a subset of" => Some(Self::Subset),
            "⊃" | "⊇" | "superset" | "superset of" | "a superset of" => Some(Self::Superset),
            "∩" | "intersect" | "intersects" | "intersects with" | "intersection" | "overlaps" => Some(Self::Intersects),
            "not related" | "not related to" | "no relationship" | "no relation" | "none" => None,
            _ => return None,
        })
    }
}

impl std::fmt::Display for Relation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One row: a code of the source, a code of the target, and what the first is to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Where in the source's framework.
    pub source: Position,
    /// Where in the target's.
    pub target: Position,
    /// What the source is to the target.
    pub relation: Relation,
    /// How sure the file is of it, from 0 to 1; none where it does not say.
    pub confidence: Option<Decimal>,
    /// The row of the file, counted as the file counts.
    pub row: u64,
}

impl Pair {
    /// The same seen from the target.
    #[must_use]
    pub fn flipped(self) -> Self {
        let Pair { source, target, relation, confidence, row } = self;
        Pair { source: target, target: source, relation: relation.flipped(), confidence, row }
    }
}

/// A way from a code to another framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The position of its row among the pairs.
    pub pair: usize,
    /// What the code is to the row's target. It is not the row's own relation where the row is of a code above it.
    pub relation: Relation,
    /// The part of a metric's weight that counts there, above 0.
    pub part: Decimal,
}

/// The rows that lead from one framework to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crosswalk {
    pairs: Vec<Pair>,
    by_source: BTreeMap<String, Vec<usize>>,
}

impl Crosswalk {
    /// Of these rows, which lead from the framework that metrics are mapped to.
    pub fn new(pairs: Vec<Pair>) -> Self {
        let mut by_source: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, pair) in pairs.iter().enumerate() {
            by_source.entry(pair.source.code().to_owned()).or_default().push(at);
        }
        Crosswalk { pairs, by_source }
    }

    /// The rows.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The ways from a place: the rows of its code, else those of the nearest code above it that has any, of which it is a
    /// part. What is broader than any row has none: nobody knows which of the codes below it is meant.
    pub fn ways(&self, from: &Position) -> Vec<Way> {
        let codes = [from.subcategory.as_deref(), from.category.as_deref(), Some(from.function.as_str())];
        for code in codes.into_iter().flatten() {
            let Some(rows) = self.by_source.get(code) else { continue };
            let is_own = code == from.code();
            let ways = rows.iter().filter_map(|&at| {
                let Pair { relation, confidence, .. } = &self.pairs[at];
                let relation = if is_own { *relation } else { relation.of_part() };
                let part = relation.weight() * confidence.unwrap_or(Decimal::ONE);
                (part > Decimal::ZERO).then_some(Way { pair: at, relation, part })
            });
            return ways.collect();
        }
        Vec::new()
    }

    /// The codes that these ways lead to.
    pub fn reached<'a>(&'a self, ways: impl Iterator<Item = &'a Way>) -> BTreeSet<&'a str> {
        ways.filter_map(|way| self.pairs.get(way.pair)).map(|pair| pair.target.code()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(code: &str) -> Position {
        let function = code.split('.').next().unwrap_or_default().to_owned();
        let category = code.contains('.').then(|| code.split('-').next().unwrap_or_default().to_owned());
        Position { function, category, subcategory: code.contains('-').then(|| code.to_owned()) }
    }

    fn pair(source: &str, relation: Relation, confidence: Option<i64>) -> Pair {
        let confidence = confidence.map(|hundredths| Decimal::new(hundredths, 2));
        Pair { source: place(source), target: place("T.X-1"), relation, confidence, row: 2 }
    }

    #[test]
    fn a_relation_is_read_as_the_formats_write_it_and_flips() {
        for (text, expected) in [
            ("equal", Relation::Equal),
            ("equivalent-to", Relation::Equal),
            ("equal-to", Relation::Equal),
            ("Subset Of", Relation::Subset),
            ("is a subset of", Relation::Subset),
            ("superset_of", Relation::Superset),
            ("intersects with", Relation::Intersects),
            ("intersect", Relation::Intersects),
        ] {
            assert_eq!(Relation::read(text), Some(Some(expected)), "{text}");
        }
        assert_eq!(Relation::read("not_related"), Some(None));
        assert_eq!(Relation::read("no-relationship"), Some(None));
        assert_eq!((Relation::read("cousin of"), Relation::read("")), (None, None));
        assert_eq!(
            Relation::ALL.map(Relation::flipped),
            [Relation::Equal, Relation::Superset, Relation::Subset, Relation::Intersects]
        );
        for relation in Relation::ALL {
            assert_eq!(Relation::read(relation.as_str()), Some(Some(relation)));
            assert_eq!(relation.flipped().flipped(), relation);
        }
    }

    #[test]
    fn a_code_goes_its_own_way_else_that_of_the_code_above_it_as_a_part() {
        use Relation::{Equal, Intersects, Subset, Superset};
        let crosswalk =
            Crosswalk::new(vec![pair("S.A", Equal, None), pair("S.A-1", Superset, Some(80)), pair("S.B", Superset, None)]);
        let ways = |code: &str| {
            let ways = crosswalk.ways(&place(code));
            ways.iter().map(|way| (way.pair, way.relation, way.part.normalize().to_string())).collect::<Vec<_>>()
        };
        assert_eq!(ways("S.A-1"), [(1, Superset, "0.4".to_owned())]);
        assert_eq!(ways("S.A-2"), [(0, Subset, "0.75".to_owned())]);
        assert_eq!(ways("S.A"), [(0, Equal, "1".to_owned())]);
        assert_eq!(ways("S.B-9"), [(2, Intersects, "0.25".to_owned())]);
        // The function is broader than any row, and nothing is known of the other one.
        assert_eq!((ways("S"), ways("S.C-1")), (vec![], vec![]));
        assert_eq!(Crosswalk::new(vec![pair("S.A", Equal, Some(0))]).ways(&place("S.A")), []);
    }
}
