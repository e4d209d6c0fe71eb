//! Which changes of the trail still count, and which are to be undone, in which order.

use std::collections::{BTreeMap, BTreeSet};

/// A change of the trail: its number, and those that it undid.
pub trait Change {
    /// Its number in the chain.
    fn seq(&self) -> i64;

    /// The numbers of the changes that it undid; none but for an undo.
    fn undone(&self) -> &[i64];
}

/// The changes that are undone for now, each with the undo that did it. An undo that was undone itself did not. The
/// changes are told from the newest on.
pub fn taken_back<'c, C: Change + 'c>(newest_first: impl IntoIterator<Item = &'c C>) -> BTreeMap<i64, i64> {
    let mut by = BTreeMap::new();
    for change in newest_first {
        if !by.contains_key(&change.seq()) {
            for seq in change.undone() {
                by.entry(*seq).or_insert_with(|| change.seq());
            }
        }
    }
    by
}

/// The changes from a number on that have to be undone for things to be as before it, from the newest on. A change and the
/// undo of it are left alone where both are among them.
pub fn since<C: Change>(newest_first: &[C], first: i64) -> Vec<&C> {
    let by = taken_back(newest_first);
    let mut again: BTreeSet<i64> = BTreeSet::new();
    let mut chosen = Vec::new();
    for change in newest_first.iter().filter(|change| change.seq() >= first) {
        let counts = !by.contains_key(&change.seq()) || again.contains(&change.seq());
        let is_within = !change.undone().is_empty() && change.undone().iter().all(|seq| *seq >= first);
        if counts && !is_within {
            again.extend(change.undone());
            chosen.push(change);
        }
    }
    chosen
}

/// The changes after a number that still make a difference to those at it and before, from the newest on.
pub fn later<C: Change>(newest_first: &[C], than: i64) -> Vec<&C> {
    since(newest_first, than + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct One(i64, Vec<i64>);

    impl Change for One {
        fn seq(&self) -> i64 {
            self.0
        }

        fn undone(&self) -> &[i64] {
            &self.1
        }
    }

    fn trail(undone: &[&[i64]]) -> Vec<One> {
        let mut changes: Vec<One> = (1..).zip(undone).map(|(seq, undone)| One(seq, undone.to_vec())).collect();
        changes.reverse();
        changes
    }

    fn seqs(chosen: &[&One]) -> Vec<i64> {
        chosen.iter().map(|one| one.0).collect()
    }

    #[test]
    fn an_undo_that_was_taken_back_took_nothing_back() {
        let of = |undone: &[&[i64]]| taken_back(&trail(undone)).into_iter().collect::<Vec<_>>();
        assert_eq!(of(&[&[], &[]]), []);
        assert_eq!(of(&[&[], &[1]]), [(1, 2)]);
        assert_eq!(of(&[&[], &[1], &[2]]), [(2, 3)]);
        assert_eq!(of(&[&[], &[1], &[2], &[1]]), [(1, 4), (2, 3)]);
        assert_eq!(of(&[&[], &[1], &[2], &[3]]), [(1, 2), (3, 4)]);
        assert_eq!(of(&[&[], &[], &[2, 1], &[]]), [(1, 3), (2, 3)]);
    }

    #[test]
    fn what_was_taken_back_within_is_left_alone() {
        let of = |undone: &[&[i64]], first: i64| seqs(&since(&trail(undone), first));
        assert_eq!(of(&[&[], &[], &[]], 2), [3, 2]);
        // 2 is undone by 3.
        assert_eq!(of(&[&[], &[], &[2], &[]], 2), [4]);
        assert_eq!(of(&[&[], &[], &[2], &[]], 1), [4, 1]);
        // 3 undid what is before 2: it is done again.
        assert_eq!(of(&[&[], &[], &[1]], 2), [3, 2]);
        assert_eq!(of(&[&[], &[], &[2, 1]], 2), [3, 2]);
        // 2 was undone and done again.
        assert_eq!(of(&[&[], &[], &[2], &[3]], 2), [2]);
        assert_eq!(of(&[&[], &[], &[2], &[3]], 3), Vec::<i64>::new());
        assert_eq!(of(&[&[], &[], &[2], &[3]], 4), [4]);
    }

    /// A program of changes, each of which switches one light, or undoes an earlier one that counts.
    #[test]
    fn to_take_back_all_since_a_change_gives_the_state_before_it() {
        let mut random = 4_711_u64;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap_or_default() % below
        };
        for _ in 0..2_000 {
            let mut changes: Vec<One> = Vec::new();
            // How often each change has effect after each step: once or not at all.
            let mut states: Vec<BTreeSet<i64>> = vec![BTreeSet::new()];
            for seq in 1..10 {
                let by: BTreeMap<i64, i64> = taken_back(changes.iter().rev());
                // A later change of the same light stands in the way.
                let newest_first: Vec<One> = changes.iter().rev().map(|one| One(one.0, one.1.clone())).collect();
                let is_free = |seq: i64| {
                    let own = light(&changes, seq);
                    later(&newest_first, seq).iter().all(|other| light(&changes, other.0) != own)
                };
                let counting: Vec<i64> = (1..seq).filter(|seq| !by.contains_key(seq) && is_free(*seq)).collect();
                let mut state = states.last().cloned().unwrap_or_default();
                let undone = match counting.as_slice() {
                    some if !some.is_empty() && next(2) == 0 => vec![some[next(some.len())]],
                    _ => Vec::new(),
                };
                toggle(&changes, &mut state, seq, &undone);
                changes.push(One(seq, undone));
                states.push(state);
            }
            changes.reverse();
            for first in 1..10 {
                let mut state = states.last().cloned().unwrap_or_default();
                let chosen = since(&changes, first);
                let known: Vec<One> = changes.iter().rev().map(|one| One(one.0, one.1.clone())).collect();
                if !chosen.is_empty() {
                    toggle(&known, &mut state, 10, &seqs(&chosen));
                }
                let before = usize::try_from(first - 1).unwrap_or_default();
                assert_eq!(state, states[before], "{changes:?} from {first}: {chosen:?}");
            }
        }
    }

    /// The light that a change switches.
    fn light(known: &[One], seq: i64) -> i64 {
        let undone = known.iter().find(|one| one.0 == seq).and_then(|one| one.1.first());
        undone.map_or(seq, |seq| light(known, *seq))
    }

    /// What is on after a change: it does its own, or takes others back, which for an undo is to do those again.
    fn toggle(known: &[One], state: &mut BTreeSet<i64>, seq: i64, undone: &[i64]) {
        fn flip(known: &[One], state: &mut BTreeSet<i64>, seq: i64) {
            let undone: &[i64] = known.iter().find(|one| one.0 == seq).map_or(&[], |one| &one.1);
            if undone.is_empty() && !state.remove(&seq) {
                state.insert(seq);
            }
            for seq in undone {
                flip(known, state, *seq);
            }
        }
        if undone.is_empty() {
            state.insert(seq);
        }
        for seq in undone {
            flip(known, state, *seq);
        }
    }
}
