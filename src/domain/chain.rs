//! Whether the rows of the audit trail are a chain.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::Value;
use uuid::Uuid;

/// The largest number of a link. Nobody writes so many; whoever claims one above it has no place in the chain.
pub const LAST: i64 = 999_999_999_999_999;

/// Where the chain ends: what the next link needs of the newest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    seq: i64,
    /// The hash of the newest link.
    pub hash: String,
}

impl End {
    /// Reads the place of a row in the chain. A row can come from anybody who may add rows, so that only a number from 1 to
    /// [`LAST`] with a whole hash is a place; everything else is outside the chain.
    pub fn read(chain: &Value) -> Option<Self> {
        let seq = chain.get("seq")?.as_i64().filter(|seq| (1..=LAST).contains(seq))?;
        let hash = chain.get("hash")?.as_str().filter(|hash| is_hash(hash))?;
        Some(End { seq, hash: hash.to_owned() })
    }

    /// The number of the next link. After the last number, which only a false row can have, it is the last again: no row
    /// keeps others from being written, and the check names them.
    pub fn next(&self) -> i64 {
        (self.seq + 1).min(LAST)
    }
}

/// Whether this is a SHA-256 as a link holds it: 64 digits in small letters.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A row of the trail.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: Uuid,
    /// UTC.
    pub timestamp: NaiveDateTime,
    pub action: String,
    /// Who says to have written it.
    pub source: String,
    /// Its place in the chain.
    pub link: Option<Link>,
    /// Whether it says that it has a place in the chain, be it one or not.
    pub claims: bool,
}

/// The place of a row in the chain.
#[derive(Debug, Clone)]
pub struct Link {
    /// From 1 to [`LAST`].
    pub seq: i64,
    /// The hash of the row before it, as the row holds it.
    pub prev: Option<String>,
    /// The hash of the row, as the row holds it.
    pub hash: String,
    /// The hash made of the row as it is; none where that was not asked for.
    pub made: Option<String>,
}

named! {
    /// How a row, or a gap, breaks the chain.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum BreakKind {
        /// The row is not what its hash was made of.
        Edited = "edited",
        /// No row has the numbers from `seq` to `until`.
        Missing = "missing",
        /// Another row has the same number.
        Doubled = "doubled",
        /// Row and hash agree, and the next row holds another hash.
        Replaced = "replaced",
        /// It is the first, and holds the hash of one before it.
        Headless = "headless",
        /// It says that it has a place in the chain, and that is not a place.
        Malformed = "malformed",
        /// It says that cmf wrote it after the chain had begun, and has no place in it.
        Unchained = "unchained",
        /// The noted row is not there.
        Gone = "gone",
        /// The noted row has another hash.
        Rewritten = "rewritten",
    }
    ALL
    name
}

/// Where the chain does not hold.
#[derive(Debug, Clone)]
pub struct Break {
    /// What is wrong.
    pub kind: BreakKind,
    /// The link's number.
    pub seq: Option<i64>,
    /// The last number of those that are missing from `seq` on.
    pub until: Option<i64>,
    /// The row; nothing where it is missing.
    pub row: Option<BrokenRow>,
}

/// The row of a finding.
#[derive(Debug, Clone)]
pub struct BrokenRow {
    pub id: Uuid,
    /// UTC.
    pub timestamp: NaiveDateTime,
    pub action: String,
}

/// Rows outside the chain, by who says to have written them.
#[derive(Debug, Clone, Copy)]
pub struct Outside {
    pub rows: u64,
    pub first: NaiveDateTime,
    pub last: NaiveDateTime,
}

/// What a check of all rows found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// How many rows are links.
    pub links: u64,
    /// The number and the hash of the newest link.
    pub head: Option<(i64, String)>,
    /// Where the chain does not hold, by number.
    pub findings: Vec<Break>,
    /// The rows that are no links.
    pub outside: BTreeMap<String, Outside>,
}

/// The check, which is told all rows: the links by their numbers, then the others.
#[derive(Debug, Default)]
pub struct Check {
    checked: Checked,
    /// The links of the newest number so far.
    newest: Vec<(BrokenRow, Link)>,
    began: Option<NaiveDateTime>,
    noted: Option<Noted>,
}

#[derive(Debug)]
struct Noted {
    seq: i64,
    hash: String,
    /// Whether a row has its number, and whether one has its hash too.
    found: Option<bool>,
}

impl Check {
    /// A check that also looks for a link whose number and hash were noted earlier.
    pub fn new(noted: Option<(i64, &str)>) -> Self {
        let noted = noted.map(|(seq, hash)| Noted { seq, hash: hash.to_owned(), found: None });
        Check { noted, ..Check::default() }
    }

    pub fn add(&mut self, row: Row) {
        let found = BrokenRow { id: row.id, timestamp: row.timestamp, action: row.action };
        let Some(link) = row.link else {
            let at = row.timestamp;
            let outside = self.checked.outside.entry(row.source.clone()).or_insert(Outside { rows: 0, first: at, last: at });
            outside.rows += 1;
            outside.first = outside.first.min(at);
            outside.last = outside.last.max(at);
            if row.claims {
                self.find(BreakKind::Malformed, None, Some(found));
            } else if row.source == "cmf" && self.began.is_some_and(|began| at > began) {
                self.find(BreakKind::Unchained, None, Some(found));
            }
            return;
        };
        self.checked.links += 1;
        self.began = Some(self.began.map_or(found.timestamp, |began| began.min(found.timestamp)));
        self.checked.head = Some((link.seq, link.hash.clone()));
        if let Some(noted) = self.noted.as_mut().filter(|noted| noted.seq == link.seq) {
            noted.found = Some(noted.found.unwrap_or_default() || noted.hash == link.hash);
        }
        let before = self.newest.first().map_or(0, |(_, before)| before.seq);
        if link.seq == before {
            self.find(BreakKind::Doubled, Some(link.seq), Some(found.clone()));
        } else {
            if link.seq > before + 1 {
                let until = Some(link.seq - 1);
                self.checked.findings.push(Break { kind: BreakKind::Missing, seq: Some(before + 1), until, row: None });
            } else if before == 0 {
                if link.prev.is_some() {
                    self.find(BreakKind::Headless, Some(link.seq), Some(found.clone()));
                }
            } else if self.newest.iter().all(|(_, before)| link.prev.as_ref() != Some(&before.hash)) {
                // The edited ones are named already.
                let replaced: Vec<_> = self.newest.iter().filter(|(_, before)| !before.is_edited()).cloned().collect();
                for (found, before) in replaced {
                    self.find(BreakKind::Replaced, Some(before.seq), Some(found));
                }
            }
            self.newest.clear();
        }
        if link.is_edited() {
            self.find(BreakKind::Edited, Some(link.seq), Some(found.clone()));
        }
        self.newest.push((found, link));
    }

    fn find(&mut self, kind: BreakKind, seq: Option<i64>, row: Option<BrokenRow>) {
        self.checked.findings.push(Break { kind, seq, until: None, row });
    }

    /// What was found.
    pub fn end(mut self) -> Checked {
        if let Some(noted) = &self.noted {
            let kind = match noted.found {
                Some(true) => None,
                Some(false) => Some(BreakKind::Rewritten),
                None => Some(BreakKind::Gone),
            };
            let seq = Some(noted.seq);
            self.checked.findings.extend(kind.map(|kind| Break { kind, seq, until: None, row: None }));
        }
        self.checked
    }
}

impl Link {
    fn is_edited(&self) -> bool {
        self.made.as_ref().is_some_and(|made| *made != self.hash)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_is_a_whole_number_in_range_with_a_whole_hash() {
        let hash = "0123456789abcdef".repeat(4);
        let read = |seq: Value, hash: Value| End::read(&json!({ "seq": seq, "hash": hash })).map(|end| end.next());
        assert_eq!(read(json!(1), json!(hash)), Some(2));
        assert_eq!(read(json!(LAST), json!(hash)), Some(LAST));
        for seq in [json!(0), json!(-1), json!(LAST + 1), json!(u64::MAX), json!(1e300), json!(7.5), json!("7"), json!(null)] {
            assert_eq!(read(seq.clone(), json!(hash)), None, "{seq}");
        }
        for wrong in [json!(null), json!(7), json!(""), json!(hash.to_uppercase()), json!(hash[1..]), json!(format!("{hash}0"))]
        {
            assert_eq!(read(json!(7), wrong.clone()), None, "{wrong}");
        }
        for chain in [json!(null), json!([]), json!("seq"), json!({}), json!({ "seq": 7 })] {
            assert_eq!(End::read(&chain), None, "{chain}");
        }
    }

    /// A chain of `n` rows, and what a check of it finds after a change.
    fn found(n: i64, change: impl FnOnce(&mut Vec<Row>)) -> Vec<String> {
        let hash = |seq: i64| format!("{seq:064x}");
        let mut rows: Vec<Row> = (1..=n)
            .map(|seq| Row {
                id: Uuid::from_u128(u128::from(seq.unsigned_abs())),
                timestamp: NaiveDateTime::default(),
                action: "a".to_owned(),
                source: "cmf".to_owned(),
                link: Some(Link { seq, prev: (seq > 1).then(|| hash(seq - 1)), hash: hash(seq), made: Some(hash(seq)) }),
                claims: true,
            })
            .collect();
        change(&mut rows);
        rows.sort_by_key(|row| (row.link.is_none(), row.link.as_ref().map(|link| link.seq), row.id));
        let mut check = Check::default();
        for row in rows {
            check.add(row);
        }
        let name = |one: &Break| format!("{} {}", one.seq.unwrap_or_default(), one.kind.name());
        check.end().findings.iter().map(name).collect()
    }

    fn link(rows: &mut [Row], row: usize) -> &mut Link {
        rows[row].link.as_mut().unwrap()
    }

    #[test]
    fn each_way_to_break_the_chain_has_its_name() {
        assert!(found(4, |_| ()).is_empty());
        assert_eq!(found(4, |rows| drop(rows.remove(1))), ["2 missing"]);
        assert_eq!(found(4, |rows| drop(rows.remove(0))), ["1 missing"]);
        assert_eq!(found(4, |rows| link(rows, 2).made = Some("x".into())), ["3 edited"]);
        assert_eq!(found(4, |rows| link(rows, 0).prev = Some("x".into())), ["1 headless"]);
        assert_eq!(found(4, |rows| link(rows, 2).prev = None), ["2 replaced"]);
        assert_eq!(found(4, |rows| link(rows, 3).seq = LAST), ["4 missing"]);
        assert_eq!(found(4, |rows| rows[2].link = None), ["3 missing", "0 malformed"]);
        let doubled = |rows: &mut Vec<Row>| {
            let mut other = rows[1].clone();
            other.id = Uuid::max();
            other.link.as_mut().unwrap().hash = "f".repeat(64);
            other.link.as_mut().unwrap().made = Some("f".repeat(64));
            rows.push(other);
        };
        assert_eq!(found(4, doubled), ["2 doubled"]);
    }
}
