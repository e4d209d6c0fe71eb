//! Who is told when a check finds something else than the last time. What was told is in the audit trail, so that it is told once
//! whichever computer looks.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Subject;
use crate::db;
use crate::db::audit::Audit;
use crate::domain::check::{Checked, Rule};
use crate::domain::moment;
use crate::domain::secret;
use crate::domain::text::hex;
use crate::error::{Error, Result};
use crate::program::{self, End};
use crate::session::Session;

/// What the audit row says was done.
const ACTION: &str = "check.notify";

/// What there is to tell.
pub(crate) struct Notice<'a> {
    pub subject: &'a Subject,
    pub rules: &'a [Rule],
    pub at: NaiveDateTime,
    pub found: &'a [Checked],
    /// What is told of a finding.
    pub shown: &'a dyn Fn(&Checked) -> Value,
}

impl Notice<'_> {
    /// What one command is told of: the same subject, by the same rules.
    fn topic(&self, command: &str) -> String {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.as_str()).collect();
        let topic = json!([self.subject.catalog_id(), self.subject.framework.id, rules, command]);
        hex(&Sha256::digest(topic.to_string()))
    }
}

/// Runs the command where something is new or resolved since it was told the last time, and notes what it was told once it has
/// ended well. Returns how many are new and how many resolved, where it ran.
/// Exit 1 when it cannot be run or fails: it is run again by the next check.
pub(crate) async fn run(
    session: &mut Session,
    notice: &Notice<'_>,
    command: &str,
    limit: Duration,
) -> Result<Option<(usize, usize)>> {
    let topic = notice.topic(command);
    let told = session.look(async |tx| db::audit::newest_of_topic(tx, ACTION, &topic).await).await?.unwrap_or_default();
    let told: &[Value] = told["open"].as_array().map_or(&[], Vec::as_slice);
    let key_of = |value: &Value| value["key"].as_str().unwrap_or_default().to_owned();
    let (before, now): (BTreeSet<String>, BTreeSet<String>) =
        (told.iter().map(key_of).collect(), notice.found.iter().map(Checked::key).collect());
    if before == now {
        return Ok(None);
    }
    let shown = notice.shown;
    let new: Vec<Value> = notice.found.iter().filter(|one| !before.contains(&one.key())).map(shown).collect();
    let resolved: Vec<Value> = told.iter().filter(|one| !now.contains(&key_of(one))).map(without_key).collect();
    let (catalog, framework) = (notice.subject.name(), notice.subject.framework.short_name());
    let (opened, gone) = (new.len(), resolved.len());
    let message = json!({
        "catalog": catalog, "framework": framework, "at": moment::text(notice.at),
        "summary": format!("{catalog}: {} found, {opened} new, {gone} resolved", notice.found.len()),
        "new": new, "resolved": resolved, "found": notice.found.iter().map(shown).collect::<Vec<_>>(),
    });
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    tell(&words, &message, limit).await?;
    let open: Vec<Value> = notice
        .found
        .iter()
        .map(|one| json!({ "key": one.key(), "rule": one.rule.as_str(), "code": one.code, "name": one.name }))
        .collect();
    let noted = json!({
        "topic": topic, "catalog": catalog, "catalog_id": notice.subject.catalog_id(), "framework": framework,
        "command": secret::hidden(&words), "new": opened, "resolved": gone, "open": open,
    });
    session.change(false, async |_| Ok(((), Some(Audit::of(ACTION, noted.clone()))))).await?;
    Ok(Some((opened, gone)))
}

fn without_key(one: &Value) -> Value {
    let members = one.as_object().into_iter().flatten().filter(|(name, _)| *name != "key");
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

async fn tell(words: &[String], message: &Value, limit: Duration) -> Result<()> {
    let again = "the findings stay unreported: the next `cmf check` with --notify-command runs it again";
    let program = words.first().map(String::as_str).unwrap_or_default();
    let failed = |what: String| Error::failed(format!("the program `{program}` of --notify-command {what}")).detail(again);
    let input = format!("{message:#}\n");
    let ended = program::run(words, &[], input.as_bytes(), limit)
        .await
        .map_err(|error| failed(format!("cannot be run: {error}")).hint(program::NOT_RUN))?;
    match ended.end {
        End::Exit(0) => Ok(()),
        end => {
            let told = failed(format!("failed: {end}"));
            let told = ended.said.lines().fold(told, |told, line| told.detail(format!("it said: {line}")));
            Err(end.remedy().into_iter().fold(told, Error::hint))
        }
    }
}
