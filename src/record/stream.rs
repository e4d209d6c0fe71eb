//! A file of readings on its way into the database.

use crate::domain::reading::Identity;
use crate::error::{Error, Result};
use crate::record::readings::{Next, ReadingRows};
use crate::record::recorder::Recorder;
use crate::record::refusals::Refusals;
use crate::record::verdict::{Refused, Settled};
use crate::record::window::Window;

/// After how many lines the thread turns to the connection.
const PAUSE: u64 = 500;

/// A file on its way into the database.
pub struct Stream<'a> {
    identity: Identity,
    pub source: ReadingRows,
    pub recorder: Recorder<'a>,
    pub refusals: Refusals,
    /// How many readings the file has so far.
    pub total: u32,
    over: bool,
}

impl<'a> Stream<'a> {
    pub fn new(identity: Identity, source: ReadingRows, recorder: Recorder<'a>, refusals: Refusals) -> Self {
        Stream { identity, source, recorder, refusals, total: 0, over: false }
    }

    /// Reads the next readings, in the order in which they are to be stored. There are none when the file is over. Exit 65 when
    /// the file cannot be read on, 73 when the file of refused lines cannot be written.
    pub async fn next(&mut self) -> Result<Window> {
        let mut window = Window::default();
        for turn in 1_u64.. {
            if self.over || window.is_full() {
                break;
            }
            if turn.is_multiple_of(PAUSE) {
                // What was sent before may still be on its way, which the same thread sees to.
                tokio::task::yield_now().await;
            }
            match self.source.read()? {
                Next::End => self.over = true,
                Next::Left(left) => self.refusals.leave(Some(self.source.line()), left),
                Next::Refused { column, reason } => {
                    self.total = counted(self.total)?;
                    self.recorder.counts.refused += 1;
                    self.refusals.refuse(self.source.line(), || self.source.row(), Refused::of_line(column, reason))?;
                }
                Next::Reading(given) => {
                    let position = self.total;
                    self.total = counted(self.total)?;
                    match self.recorder.judge(self.identity.id(position), &given) {
                        Ok(mut reading) => {
                            if let Some(doubt) = &reading.doubt {
                                self.refusals.doubt(Some(reading.line), doubt);
                            }
                            if let Some(at) = self.recorder.unmet(&reading) {
                                window.add(reading, at, position);
                            } else {
                                reading.raw = self.refusals.wants_rows().then(|| Box::new(self.source.row()));
                                window.compare(reading);
                            }
                        }
                        // A row of totals, unless a metric has this name.
                        Err(Refused { left: Some(left), .. }) => {
                            self.total = position;
                            self.refusals.leave(Some(self.source.line()), left);
                        }
                        Err(mut refused) => {
                            if refused.column.as_deref() == Some("value")
                                && let Some(column) = self.source.wide_column()
                            {
                                refused.column = Some(column.to_owned().into());
                            }
                            self.recorder.counts.refused += 1;
                            self.refusals.refuse(self.source.line(), || self.source.row(), refused)?;
                        }
                    }
                }
            }
        }
        window.order();
        Ok(window)
    }

    /// Keeps those that were refused when they were compared. Exit 73 when the file of refused lines cannot be written.
    pub fn refuse(&mut self, settled: Vec<Settled>) -> Result<()> {
        for Settled { reading, outcome, .. } in settled {
            if let Err(refused) = outcome {
                let line = reading.line;
                match reading.raw {
                    Some(row) => self.refusals.refuse(line, || *row, refused)?,
                    None => self.refusals.add(Some(line), refused),
                }
            }
        }
        Ok(())
    }
}

/// Counts one more reading of a file. The ids of a command are made for four thousand million of them.
fn counted(total: u32) -> Result<u32> {
    total.checked_add(1).ok_or_else(|| Error::data("a file holds at most 4294967295 readings").hint("split it"))
}
