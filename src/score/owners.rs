//! Who is responsible for metrics, and how they stand.

use std::collections::BTreeMap;

use super::{Certain, Figures, Loaded};
use crate::domain::score::{Score, Sum, Weighed};

/// Who is responsible for metrics, with the weighted mean of these.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    /// None for the metrics of nobody.
    pub name: Option<String>,
    pub figures: Figures,
}

/// All of them by name; the metrics of nobody come last.
pub(crate) fn owners(loaded: &Loaded) -> Vec<Owner> {
    let parameters = loaded.tally.parameters();
    let mut all: BTreeMap<(bool, Option<&str>), Sum> = BTreeMap::new();
    for scored in &loaded.metrics {
        let owner = scored.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty());
        let measure = scored.metric.measure();
        let weight = parameters.weights.of(measure.priority);
        all.entry((owner.is_none(), owner)).or_default().add(&Weighed::new(weight, &measure, measure.score().ok()));
    }
    let owner = |((_, name), sum): ((bool, Option<&str>), Sum)| {
        let score = sum.mean().map(|exact| Score { exact, rating: parameters.thresholds.rate(exact) });
        let certain = Certain::new(sum.certainty(), sum.stale);
        let counts = [sum.scoreable, sum.unscoreable, sum.assumed];
        Owner { name: name.map(str::to_owned), figures: Figures::new(score, counts, certain) }
    };
    all.into_iter().map(owner).collect()
}
