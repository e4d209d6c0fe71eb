//! What a check prints of what it found.

use crate::domain::check::{Checked, Rule};
use crate::output::{Columns, columns, words};

words!(Rule: as_str);
pub(super) const FOUND: Columns<Checked> = columns! { |one|
    rule = one.rule, code = &one.code, name = &one.name, finding = &one.finding, value: for_programs = one.value.map(|value| value.normalize()),
    recorded_at: for_programs = one.recorded_at, id: for_programs = one.id
};
