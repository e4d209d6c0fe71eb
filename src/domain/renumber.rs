//! Metrics that kept their name and have another number: by their keys they are strangers, and yet they may be the same.

use std::collections::HashMap;

use super::code::key_of;
use super::text::folded;

/// Newcomers and known ones of one name, by their positions in what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namesakes {
    pub new: Vec<usize>,
    pub old: Vec<usize>,
}

impl Namesakes {
    /// The new one and the old one, where there is one of each: then they can be the same metric.
    pub fn pair(&self) -> Option<(usize, usize)> {
        match (self.new.as_slice(), self.old.as_slice()) {
            ([new], [old]) => Some((*new, *old)),
            _ => None,
        }
    }
}

/// The namesakes among newcomers and known ones that found no partner by their keys, in the order of the new ones.
pub fn namesakes<'a>(new: impl IntoIterator<Item = &'a str>, old: impl IntoIterator<Item = &'a str>) -> Vec<Namesakes> {
    let mut known: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, name) in old.into_iter().enumerate() {
        known.entry(folded(name)).or_default().push(place);
    }
    let mut found: Vec<Namesakes> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (place, name) in new.into_iter().enumerate() {
        let name = folded(name);
        if let Some(&seen) = places.get(&name) {
            found[seen].new.push(place);
        } else if let Some(old) = known.remove(&name) {
            places.insert(name, found.len());
            found.push(Namesakes { new: vec![place], old });
        }
    }
    found
}

/// Whether two numbers look like one that is written in two ways, such as `M-2` and `M-02`.
pub fn are_alike(one: &str, other: &str) -> bool {
    key_of(one) == key_of(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_of_a_name_can_be_the_same_metric() {
        let found = namesakes(["New", " mttd ", "Patch age"], ["MTTD", "Gone", "patch AGE"]);
        let pairs: Vec<_> = found.iter().map(Namesakes::pair).collect();
        assert_eq!(pairs, [Some((1, 0)), Some((2, 2))]);
        assert!(namesakes(["MTTR"], ["MTTD"]).is_empty() && namesakes(["MTTD"], []).is_empty());
    }

    #[test]
    fn of_several_of_a_name_none_is_chosen() {
        let found = namesakes(["A", "B", "a"], ["A", "b", "B"]);
        assert_eq!(found, [Namesakes { new: vec![0, 2], old: vec![0] }, Namesakes { new: vec![1], old: vec![1, 2] }]);
        assert!(found.iter().all(|same| same.pair().is_none()));
    }

    #[test]
    fn numbers_that_differ_in_zeros_case_or_marks_are_alike() {
        assert!(are_alike("M-02", "M-2") && are_alike("m2", "M-02") && are_alike("PR.001", "PR-1"));
        assert!(!are_alike("M-9", "M-2") && !are_alike("M-12", "M-1.2") && !are_alike("10", "SEC-010"));
    }
}
