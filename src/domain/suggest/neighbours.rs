//! What texts of other documents were mapped to: the nearest ones vote for their codes.

use std::collections::{BTreeMap, HashMap};

use super::index::{Counts, Vectors, count_pieces, number};
use super::words::Terms;
use crate::domain::code::Position;

/// How many of the nearest texts have a vote.
const NEAREST: usize = 20;

/// From which cosine on the nearest text is trusted whole.
const NEAR: f64 = 0.8;

/// From which cosine on a text is worth a look.
const ALIKE: f64 = 0.15;

/// A text of another document, and the codes that it was mapped to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// The document that it is from.
    pub source: String,
    pub text: String,
    pub codes: Vec<String>,
}

/// The index of the neighbours.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    pieces: Vectors,
    /// For each text the numbers of its places.
    places: Vec<Vec<usize>>,
    all: Vec<Neighbour>,
}

impl Neighbours {
    pub(super) fn new(neighbours: &[Neighbour], positions: &[Position], terms: &Terms) -> Self {
        let numbers: HashMap<&str, usize> = positions.iter().enumerate().map(|(at, position)| (position.code(), at)).collect();
        let known = |one: &Neighbour| one.codes.iter().filter_map(|code| numbers.get(code.as_str()).copied()).collect();
        let pieces =
            Vectors::new(neighbours.iter().map(|one| count_pieces(terms, [(1.0, one.text.as_str())].into_iter())).collect());
        Neighbours { pieces, places: neighbours.iter().map(known).collect(), all: neighbours.to_vec() }
    }

    /// The votes for each place, the most being 1; none where nothing is near.
    pub(super) fn votes(&self, pieces: &Counts, count: usize) -> Vec<f64> {
        let near = self.pieces.near(pieces);
        let mut order: Vec<usize> = (0..near.len()).filter(|&at| near[at] > 0.0).collect();
        order.sort_by(|&a, &b| near[b].total_cmp(&near[a]).then(a.cmp(&b)));
        let mut votes = BTreeMap::new();
        for &at in order.iter().take(NEAREST) {
            let places = &self.places[at];
            let vote = near[at].powi(2) / number(places.len().max(1));
            for &place in places {
                *votes.entry(place).or_insert(0.0) += vote;
            }
        }
        let most = votes.values().copied().fold(0.0, f64::max);
        let nearest = order.first().map_or(0.0, |&at| near[at]);
        let trust = (nearest / NEAR).min(1.0);
        let mut all = vec![0.0; count];
        for (place, vote) in votes {
            all[place] = trust * vote / most;
        }
        all
    }

    /// The text nearest to this one among those that were mapped to a place.
    pub(super) fn nearest(&self, pieces: &Counts, place: usize) -> Option<&Neighbour> {
        let near = self.pieces.near(pieces);
        let mapped = (0..near.len()).filter(|&at| near[at] >= ALIKE && self.places[at].contains(&place));
        mapped.max_by(|&a, &b| near[a].total_cmp(&near[b])).map(|at| &self.all[at])
    }
}
