//! What a check prints of what it found.

use crate::domain::check::{Checked, Rule};
use crate::domain::score::shown;
use crate::output::{Columns, columns, words};

words!(Rule: as_str);
pub(super) const FOUND: Columns<Checked> = columns! { |one|
    rule = one.rule, code = &one.code, name = &one.name, finding = &one.finding, value: for_programs = one.value.map(|value| value.normalize()),
    recorded_at: for_programs = one.recorded_at, fresh_share: for_programs = one.certainty.map(|certainty| shown(certainty.share)),
    score_low: for_programs = one.certainty.map(|certainty| shown(certainty.low)),
    score_high: for_programs = one.certainty.map(|certainty| shown(certainty.high)), id: for_programs = one.id
};
