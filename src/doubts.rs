//! When a reading is doubtful: the options of every command that judges readings.

use rust_decimal::Decimal;

use crate::domain::reading::{Limits, Value};

/// When a reading is doubtful.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_field_names, reason = "they are called as their options")]
pub(crate) struct Doubts {
    /// A percentage above this is doubtful
    #[arg(long, value_name = "N", default_value = "100", value_parser = limit, env = "CMF_MAX_PERCENT")]
    max_percent: Decimal,

    /// A value of more than this many times its target is doubtful, unless lower is better
    #[arg(long, value_name = "N", default_value = "10", value_parser = limit, env = "CMF_MAX_FACTOR")]
    max_factor: Decimal,

    /// A value is doubtful if it differs from the one before it by more than this many times the metric's usual change
    #[arg(long, value_name = "N", default_value = "10", value_parser = jump, env = "CMF_MAX_JUMP")]
    max_jump: Decimal,
}

impl Doubts {
    /// The same without what clap needs.
    pub(crate) fn limits(&self) -> Limits {
        Limits { percent: self.max_percent, factor: self.max_factor, jump: self.max_jump }
    }
}

fn limit(text: &str) -> Result<Decimal, String> {
    let limit = Value::parse(text).map_err(|reason| format!("it {reason}"))?;
    if limit > Value::ZERO { Ok(limit.decimal()) } else { Err("it must be above 0".into()) }
}

fn jump(text: &str) -> Result<Decimal, String> {
    limit(text).and_then(|jump| if jump >= Decimal::ONE { Ok(jump) } else { Err("it must be at least 1".into()) })
}
