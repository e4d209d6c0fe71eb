//! Workbooks of each format with bytes changed at random: in the file as it is, and in the parts of its archive.

use super::made::{self, Parts, ROWS};
use super::{Random, import};
use crate::support::{Db, shared};
use crate::variants;

fn text() -> Vec<u8> {
    ROWS.map(|row| row.join(",")).join("\n").into_bytes()
}

fn change(random: &mut Random, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    let count = 1 + random.below(64).min(bytes.len() - at - 1);
    match random.below(7) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => (0..=random.below(16)).for_each(|_| {
            let at = random.below(bytes.len());
            bytes[at] = random.byte();
        }),
        2 => bytes.truncate(at),
        3 => bytes[at..at + count].fill(if random.below(2) == 0 { 0 } else { 0xff }),
        4 => drop(bytes.drain(at..at + count)),
        5 => {
            let piece = bytes[at..at + count].to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, piece.iter().copied().cycle().take(count * (1 + random.below(20))));
        }
        // A number becomes a large one.
        _ => match bytes[at..].iter().position(u8::is_ascii_digit) {
            Some(digit) => drop(bytes.splice(at + digit..=at + digit, *b"4294967295")),
            None => bytes[at] = 0xff,
        },
    }
}

fn parts(random: &mut Random, mut parts: Parts) -> Vec<u8> {
    for _ in 0..=random.below(3) {
        let at = random.below(parts.len());
        change(random, &mut parts[at].1);
    }
    let mut bytes = made::zipped(&parts);
    if random.below(3) == 0 {
        change(random, &mut bytes);
    }
    bytes
}

fn mutated(each: usize, seed: u64, kinds: &[&str], workbook: &[u8]) {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(seed);
    let (mut read, mut refused) = (0, 0);
    for kind in kinds {
        for number in 0..each {
            let bytes = match *kind {
                "xlsx" => parts(&mut random, made::xlsx()),
                "xlsb" => parts(&mut random, made::xlsb()),
                "ods" => parts(&mut random, made::ods()),
                _ => {
                    let mut bytes = match *kind {
                        "xls" if number % 2 == 0 => workbook.to_owned(),
                        "xls" => made::xls(),
                        _ => text(),
                    };
                    for _ in 0..=random.below(4) {
                        change(&mut random, &mut bytes);
                    }
                    bytes
                }
            };
            let path = folder.path().join(format!("{number}.{kind}"));
            std::fs::write(&path, &bytes).expect("a file");
            let run = import(&db, &format!("{kind} {number} of seed {seed}"), &path);
            if run.code == 0 { read += 1 } else { refused += 1 }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(refused > 0, "the changes changed nothing");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
}

const ALL: [&str; 5] = ["xlsx", "xlsb", "xls", "ods", "csv"];

#[test]
fn damaged_workbooks_are_refused_or_read() {
    mutated(3, 0x5eed, &ALL, &variants::xls());
}

/// The long form: `cargo nextest run --run-ignored only three_hundred_damaged`.
#[test]
#[ignore = "takes a minute"]
fn three_hundred_damaged_workbooks_are_refused_or_read() {
    mutated(60, 0x00c0_ffee, &ALL, &variants::xls());
}

#[test]
fn damaged_copies_of_a_sample_are_refused_or_read() {
    let Some(sample) = shared("samples/alma_pctcells.xls", "hostile::mutated::damaged_workbooks_are_refused_or_read") else {
        return;
    };
    mutated(4, 0x5eed, &["xls"], &std::fs::read(sample).expect("the sample"));
}
