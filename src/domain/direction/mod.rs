//! Which values of a metric are good, where no column says it: what its words, unit and target tell, and what the user says.

mod given;
mod rules;
mod words;

pub use self::given::{Rule, Rules};
pub use self::rules::{Facts, Told, told};
