//! A file of the spool: a first line with what holds for all readings, a line for each reading, and a last line with their number
//! and the fingerprint of all before it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::moment::{self, Day};
use crate::domain::reading::{self, Identity};
use crate::domain::text::hex;
use crate::error::{Error, Place, Result};
use crate::record::fields::SPOOL_FRAME;
use crate::record::input::Input;
use crate::record::job::Job;
use crate::record::readings::{Given, Left, Why};
use crate::record::rules::Request;
use crate::record::source::{Readings, Spoken};
use crate::record::verdict::Refused;
use crate::table::{LONGEST_LINE, words};

/// Up to so many readings are stored as those of a command line are, without loading all metrics.
const FEW: u64 = 100;

/// Before this second, the first of 2025, no clock is right on which this program runs: a computer that just started shows 1970,
/// or when its system was built.
const EARLIEST: i64 = 1_735_689_600;

/// The first line of a file: what holds for all of its readings.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head<R> {
    cmf_spool: u32,
    identity: Uuid,
    #[serde(flatten)]
    request: R,
}

impl<'a> Head<&'a Request> {
    pub(super) fn of(identity: Identity, request: &'a Request) -> Self {
        Head { cmf_spool: 1, identity: identity.id(0), request }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    metric: String,
    value: String,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    unit: Option<String>,
}

/// The last line: how many readings there are, and the fingerprint of all before it.
#[derive(Debug, Serialize, Deserialize)]
struct Foot {
    cmf_spool: String,
    readings: u64,
    sha256: String,
}

/// A file of the spool that can be stored.
pub struct Kept {
    name: String,
    file: File,
    request: Request,
    identity: Identity,
    readings: u64,
}

/// A writer that takes the fingerprint of what passes.
pub(super) struct Hashed<W> {
    pub(super) inner: W,
    hash: Sha256,
    pub(super) bytes: u64,
}

impl<W: Write> Hashed<W> {
    pub(super) fn new(inner: W) -> Self {
        Hashed { inner, hash: Sha256::new(), bytes: 0 }
    }

    pub(super) fn line<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.text(&line)
    }

    pub(super) fn text(&mut self, line: &[u8]) -> io::Result<()> {
        self.hash.update(line);
        self.bytes += line.len() as u64;
        self.inner.write_all(line)
    }

    /// Writes the last line.
    pub(super) fn end(&mut self, readings: u64) -> io::Result<()> {
        let foot = Foot { cmf_spool: "end".to_owned(), readings, sha256: hex(&self.hash.clone().finalize()) };
        self.line(&foot)
    }
}

/// Reads the frame of a file and takes its fingerprint.
pub(super) fn read(file: File, name: String, now: &Request) -> std::result::Result<Kept, String> {
    let mut lines = BufReader::new(&file);
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    let mut head: Option<Head<Request>> = None;
    let mut readings = 0;
    loop {
        line.clear();
        let limit = LONGEST_LINE as u64 + 1;
        let count = lines.by_ref().take(limit).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        if count == 0 {
            return Err(if head.is_none() { "it is empty" } else { "its end is missing" }.into());
        }
        if count > LONGEST_LINE {
            return Err("a line is longer than 1 MB".into());
        }
        if head.is_none() {
            head = Some(serde_json::from_slice(&line).map_err(|_| "its first line cannot be read")?);
        } else if line.starts_with(SPOOL_FRAME.as_bytes()) {
            let foot: Foot = serde_json::from_slice(&line).map_err(|_| "its last line cannot be read")?;
            if foot.readings != readings || foot.sha256 != hex(&hash.finalize()) {
                return Err("its fingerprint differs".into());
            }
            break;
        } else {
            readings += 1;
        }
        hash.update(&line);
    }
    let head = head.filter(|head| head.cmf_spool == 1).ok_or("its format is unknown")?;
    let request = Request { dry_run: now.dry_run, statement_timeout: now.statement_timeout, ..head.request };
    Ok(Kept { name, file, request, identity: Identity::new(head.identity), readings })
}

impl Kept {
    /// The job that stores it. Its readings may be stored already, by a command that ended before it removed the file. Exit 65
    /// when the file cannot be read.
    pub fn job(&self) -> Result<Job<'_>> {
        let readings = if self.readings > FEW {
            Readings::Many(Box::new(Input::of(&self.name, &self.file)?))
        } else {
            Readings::Few(self.spoken()?)
        };
        Ok(Job { identity: self.identity, sent: true, ..Job::new(&self.request, readings) })
    }

    fn spoken(&self) -> Result<Vec<Spoken>> {
        let broken = |error: &dyn std::fmt::Display| {
            Error::data(format!("a spool file cannot be read: {error}")).at(Place::of(&self.name))
        };
        let mut text = String::new();
        let mut file = &self.file;
        file.rewind().and_then(|()| file.read_to_string(&mut text)).map_err(|error| broken(&error))?;
        text.lines()
            .filter(|line| !line.starts_with(SPOOL_FRAME))
            .map(|line| {
                let Line { metric, value, at, note, by, unit } = serde_json::from_str(line).map_err(|error| broken(&error))?;
                Ok(Spoken { metric, value, at: Some(at), note, by, unit })
            })
            .collect()
    }
}

/// Whether a clock that shows this time was ever set.
pub(super) fn is_set(now: NaiveDateTime) -> bool {
    now.and_utc().timestamp() >= EARLIEST
}

/// The line that a reading is kept as, with what can be checked of it without the database.
///
/// A reading without a time gets that of this computer. Where its clock cannot be right, it gets none: what is written in the
/// place of the time says so, and is refused when the reading is to be stored. Somebody who knows the time can write it there.
pub(super) fn checked(given: &Given<'_>, request: &Request, now: NaiveDateTime) -> std::result::Result<Vec<u8>, Refused> {
    if given.file && words::names_total(given.metric) {
        let left = Some(Left { why: Why::Total, shown: given.metric.to_owned() });
        return Err(Refused { left, ..Refused::new("metric", "is a total".into()) });
    }
    reading::check_value(given.value)
        .map_err(|reason| Refused::new("value", format!("{}: the value `{}` {reason}", given.metric, given.value)))?;
    let at = match given.at {
        None if !is_set(now) => format!("unknown, because the clock of the computer showed {}", moment::text(now)),
        None => moment::text(now),
        Some(text) => {
            let at = reading::parse_instant(text, request.zone, Day::Start)
                .map_err(|reason| Refused::new("at", format!("the time `{text}` {reason}")))?;
            // Whether it is in the future is not known where the clock is wrong; the server's clock decides it later.
            if is_set(now) && at > now + reading::FUTURE_LIMIT && !request.allow_future {
                let reason = format!("the time `{text}` is more than 5 minutes in the future (--allow-future stores it)");
                return Err(Refused::new("at", reason));
            }
            moment::text(at)
        }
    };
    let line = Line {
        metric: given.metric.to_owned(),
        value: given.value.to_owned(),
        at,
        note: given.note.map(str::to_owned),
        by: given.by.map(str::to_owned),
        unit: given.unit.map(str::to_owned),
    };
    let mut text = serde_json::to_vec(&line).map_err(|error| Refused::new("metric", error.to_string()))?;
    text.push(b'\n');
    if text.len() > LONGEST_LINE {
        return Err(Refused::new("note", "the reading is longer than 1 MB, the limit of a line in the spool".into()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    use crate::domain::reading::{Limits, Zone};
    use crate::record::rules::OnConflict;

    #[test]
    fn the_longest_reading_that_is_taken_is_read_again() {
        let now = reading::parse_instant("2026-01-01", Zone::Utc, Day::Start).expect("a time");
        let line = |length: usize| {
            let note = Some("n".repeat(length));
            let spoken = Spoken { metric: "M".into(), value: "1".into(), note, ..Spoken::default() };
            checked(&spoken.given(1), &Request::default(), now).ok()
        };
        let frame = line(0).expect("a line").len();
        assert!(line(LONGEST_LINE - frame + 1).is_none());
        let longest = line(LONGEST_LINE - frame).expect("the longest line");
        assert_eq!(longest.len(), LONGEST_LINE);
        let mut file = tempfile::tempfile().expect("a file");
        let mut writer = Hashed::new(&mut file);
        writer.line(&Head::of(Identity::new(Uuid::now_v7()), &Request::default())).expect("the first line");
        writer.text(&longest).expect("the reading");
        writer.end(1).expect("the last line");
        file.rewind().expect("the beginning");
        let kept = read(file, "kept".into(), &Request::default()).map(|kept| kept.readings);
        assert_eq!(kept, Ok(1));
    }

    #[test]
    fn a_clock_that_was_never_set_dates_nothing() {
        let request = Request::default();
        let time = |text: &str| reading::parse_instant(text, Zone::Utc, Day::Start).expect("a time");
        let kept = |at: Option<&str>, now: &str| -> String {
            let spoken = Spoken { metric: "PR-001".into(), value: "1".into(), at: at.map(str::to_owned), ..Spoken::default() };
            let line = checked(&spoken.given(1), &request, time(now)).map_err(|refused| refused.reason);
            let line: Line = serde_json::from_slice(&line.expect("a line")).expect("JSON");
            line.at
        };
        assert_eq!(kept(None, "2025-01-01T00:00:00Z"), "2025-01-01T00:00:00Z");
        for shown in ["1970-01-01T00:00:12Z", "2024-12-31T23:59:59Z"] {
            let at = kept(None, shown);
            assert_eq!(at, format!("unknown, because the clock of the computer showed {shown}"));
            assert!(reading::parse_instant(&at, Zone::Utc, Day::Start).is_err(), "{at} would be stored");
        }
        // A time that was said is not this clock's, and such a clock cannot tell what is in the future.
        assert_eq!(kept(Some("1970-01-01"), "2026-01-01"), "1970-01-01T00:00:00Z");
        assert_eq!(kept(Some("2026-03-01"), "1970-01-01"), "2026-03-01T00:00:00Z");
        // Five minutes is what the clocks of two computers may differ by.
        assert_eq!(kept(Some("2026-01-01T00:05:00Z"), "2026-01-01"), "2026-01-01T00:05:00Z");
        for later in ["2026-01-01T00:05:01Z", "2026-03-01"] {
            let spoken = Spoken { metric: "M".into(), value: "1".into(), at: Some(later.into()), ..Spoken::default() };
            let refused = checked(&spoken.given(1), &request, time("2026-01-01")).map_err(|refused| refused.reason);
            assert!(refused.is_err_and(|reason| reason.contains("future")), "{later}");
        }
    }

    #[test]
    fn what_was_asked_for_is_asked_for_again_when_the_spool_is_drained() {
        let kept = |asked: &Request| -> Request {
            let mut file = tempfile::tempfile().expect("a file");
            let mut written = Hashed::new(&mut file);
            written.line(&Head::of(Identity::new(uuid::Uuid::now_v7()), asked)).expect("the head");
            written.end(0).expect("the foot");
            file.rewind().expect("its begin");
            read(file, "a.readings".to_owned(), &Request::default()).expect("a spool file").request
        };
        for (what, request) in [
            ("nothing", Request::default()),
            ("by", Request { by: Some("ada".into()), ..Request::default() }),
            ("catalog", Request { catalog: Some("Ours".into()), ..Request::default() }),
            ("replace", Request { on_conflict: OnConflict::Replace, ..Request::default() }),
            ("skip", Request { on_conflict: OnConflict::Skip, ..Request::default() }),
            ("override_lock", Request { override_lock: true, ..Request::default() }),
            ("allow_future", Request { allow_future: true, ..Request::default() }),
            ("allow_partial", Request { allow_partial: true, ..Request::default() }),
            ("strict", Request { strict: true, ..Request::default() }),
            ("percent", Request { limits: Limits { percent: Decimal::from(110), ..Limits::default() }, ..Request::default() }),
            ("factor", Request { limits: Limits { factor: Decimal::from(3), ..Limits::default() }, ..Request::default() }),
        ] {
            assert_eq!(format!("{:?}", kept(&request)), format!("{request:?}"), "{what}");
        }
    }
}
