//! The sample: a starter catalog and a year of its readings, which end with this day.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::db;
use crate::db::Connection;
use crate::db::catalogs::Sizes;
use crate::db::users::User;
use crate::error::{Error, Result};

pub const CATALOG: &str = "Starter CSF 2.0";

/// The catalog's sheet, by its name among the fixtures.
pub const SHEET: (&str, &[u8]) =
    ("fixtures/catalogs/starter-csf-2.0.xlsx", include_bytes!("../fixtures/catalogs/starter-csf-2.0.xlsx"));

/// The name of the file of readings.
pub const READINGS: &str = "starter-csf-2.0.csv";

/// The first line of that file.
pub const HEADER: &str = "metric,value,at,note\n";

const WRITTEN: &str = include_str!("../fixtures/readings/starter-csf-2.0.csv");

/// The readings as a CSV file, all of them later by as many days as bring the last one to within a day before `now`.
/// When the bundled file is not as it should be.
pub fn readings(now: DateTime<Utc>) -> Result<String> {
    let broken = || Error::failed("the bundled readings cannot be read");
    let at = |line: &str| line.split(',').nth(2).and_then(|at| at.parse::<DateTime<Utc>>().ok()).ok_or_else(broken);
    let lines = WRITTEN.strip_prefix(HEADER).ok_or_else(broken)?;
    let last = lines.lines().map(at).collect::<Result<Vec<_>>>()?.into_iter().max().ok_or_else(broken)?;
    let later = TimeDelta::days((now - last).num_seconds().div_euclid(24 * 60 * 60));
    lines.lines().try_fold(HEADER.to_owned(), |mut text, line| {
        let cells: Vec<&str> = line.split(',').collect();
        let shifted = (at(line)? + later).to_rfc3339_opts(SecondsFormat::Secs, true);
        text.push_str(&[&cells[..2], &[&*shifted], &cells[3..]].concat().join(","));
        text.push('\n');
        Ok(text)
    })
}

/// The sizes of this user's sample where it stands already.
/// Exit 2 when another catalog of theirs is active, which the sample would make inactive; `command` is the one to run instead.
pub async fn standing(tx: &mut Connection, owner: &User, command: &str) -> Result<Option<Sizes>> {
    let catalogs = db::catalogs::list(tx, Some(owner.id)).await?;
    if let Some(other) = catalogs.iter().find(|catalog| catalog.is_active && catalog.name != CATALOG) {
        let message =
            format!("{} has the active catalog `{}`, and the sample would make it inactive", owner.username, other.name);
        return Err(Error::usage(message).hint(format!(
            "use another user: `cmf user create sample --email sample@example.org`, then `{command} --owner sample`"
        )));
    }
    let Some(standing) = catalogs.iter().find(|catalog| catalog.name == CATALOG) else { return Ok(None) };
    Ok(db::catalogs::sizes(tx, &[standing.id]).await?.get(&standing.id).copied())
}

/// The commands that bring the sample in, as argument lists without the leading `cmf`.
pub fn steps(sheet: Option<&str>, readings: &str, owner: &str) -> Vec<Vec<String>> {
    let import = sheet.map(|sheet| vec!["import", sheet, "--name", CATALOG, "--owner", owner]);
    let others = [
        vec!["catalog", "activate", CATALOG, "--owner", owner],
        vec!["record", "--file", readings, "--by", owner, "--catalog", CATALOG],
    ];
    import.into_iter().chain(others).map(|words| words.into_iter().map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_end_within_a_day_before_now() {
        for now in ["2026-11-16T05:59:59Z", "2026-11-16T06:00:00Z", "2031-03-01T12:00:00Z"] {
            let now: DateTime<Utc> = now.parse().expect("a time");
            let text = readings(now).expect("readings");
            assert_eq!(text.lines().count(), WRITTEN.lines().count());
            let times = text.lines().skip(1).map(|line| line.split(',').nth(2).expect("a time").parse::<DateTime<Utc>>());
            let last = times.map(|at| at.expect("a time")).max().expect("readings");
            assert!(last <= now && now - last < TimeDelta::days(1), "{last} {now}");
        }
    }
}
