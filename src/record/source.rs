//! Where a command's readings come from: each with its place, in order, any number of times.

use crate::error::Result;
use crate::record::input::Input;
use crate::record::readings::{Given, Next};
use crate::record::refusals::Refusals;
use crate::record::verdict::Refused;

/// One reading in the user's words.
#[derive(Debug, Clone, Default)]
pub struct Spoken {
    pub metric: String,
    pub value: String,
    pub at: Option<String>,
    pub note: Option<String>,
    pub by: Option<String>,
    /// The unit that stands beside the value.
    pub unit: Option<String>,
}

impl Spoken {
    pub fn given(&self, line: u64) -> Given<'_> {
        Given {
            line,
            metric: &self.metric,
            value: &self.value,
            at: self.at.as_deref(),
            note: self.note.as_deref(),
            by: self.by.as_deref(),
            unit: self.unit.as_deref(),
            file: false,
        }
    }
}

pub enum Readings {
    Few(Vec<Spoken>),
    Many(Box<Input>),
}

impl Readings {
    /// The file they come from, as the user named it.
    pub fn file(&self) -> Option<&str> {
        match self {
            Readings::Few(_) => None,
            Readings::Many(input) => Some(input.name()),
        }
    }

    /// Hands out each reading and keeps those for which `take` gives a reason. Returns how many readings there are. Exit 65
    /// when the file cannot be read on, 73 when the file of refused lines cannot be written, and those of `take`.
    pub fn each(&self, refusals: &mut Refusals, mut take: impl FnMut(&Given<'_>) -> Result<Option<Refused>>) -> Result<u64> {
        let mut total = 0;
        match self {
            Readings::Few(spoken) => {
                for spoken in spoken {
                    total += 1;
                    if let Some(refused) = take(&spoken.given(total))? {
                        refusals.add(None, refused);
                    }
                }
            }
            Readings::Many(input) => {
                let mut source = input.source()?;
                loop {
                    let refused = match source.read()? {
                        Next::End => break,
                        Next::Left(left) => {
                            refusals.leave(Some(source.line()), left);
                            continue;
                        }
                        Next::Refused { column, reason } => Some(Refused::of_line(column, reason)),
                        Next::Reading(given) => take(&given)?,
                    };
                    if let Some(Refused { left: Some(left), .. }) = refused {
                        refusals.leave(Some(source.line()), left);
                        continue;
                    }
                    total += 1;
                    if let Some(refused) = refused {
                        refusals.refuse(source.line(), || source.row(), refused)?;
                    }
                }
            }
        }
        Ok(total)
    }
}
