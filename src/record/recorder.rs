//! One transaction's worth of recording: which metric a reading is of, whether it is stored, and what becomes of it.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::db::audit::Audit;
use crate::db::metrics::{self, Found};
use crate::db::{self, Connection, images, readings};
use crate::domain::image::{Image, Readings};
use crate::domain::metric::{Direction, Metric};
use crate::domain::moment::{self, Day};
use crate::domain::number::Number;
use crate::domain::reading::{self, Counted, Identity, Recent, Value};
use crate::domain::unit::{self, is_percent};
use crate::error::{Error, Result, shell_word};
use crate::record::directory::Directory;
use crate::record::lanes::Lanes;
use crate::record::readings::{Given, Left, Why};
use crate::record::rules::{OnConflict, Request, Rules};
use crate::record::verdict::{Counts, Fate, Judged, Refused, Settled};
use crate::session::Write;
use crate::table::words;

/// The state of recording in one transaction.
pub struct Recorder<'a> {
    rules: Rules<'a>,
    pub directory: Directory,
    users: HashMap<String, Uuid>,
    /// The server's clock at the start, where there are dated readings.
    now: Option<NaiveDateTime>,
    /// When the transaction began, by that clock, where it was asked for.
    begun: Option<NaiveDateTime>,
    locked: BTreeSet<usize>,
    written: BTreeSet<usize>,
    lanes: Option<Lanes>,
    pub counts: Counts,
    /// By metric, the readings before.
    recent: Vec<Recent>,
    /// The first percentage that looks like a fraction, and the first that does not.
    percents: [Option<String>; 2],
}

impl<'a> Recorder<'a> {
    /// For a few readings, whose metrics were `found` by number or id and are locked: all metrics are only loaded when one of
    /// them is called otherwise. The server's clock is only asked for where readings are `dated`.
    pub async fn few(tx: &mut Connection, rules: Rules<'a>, keys: &[&str], found: Vec<Found>, dated: bool) -> Result<Self> {
        let now = if dated { Some(metrics::clock(tx).await?) } else { None };
        let begun = found.first().and_then(|found| found.begun);
        let (found, recent) = found
            .into_iter()
            .map(|Found { metric, recent, .. }| {
                let recent = recent.or(metric.measure().current);
                (metric, recent)
            })
            .unzip();
        let directory = Directory::new(found);
        if keys.iter().all(|key| directory.knows(key)) {
            let mut recorder = Recorder::new(rules, directory, now);
            recorder.recent = recent;
            recorder.begun = begun;
            recorder.locked = (0..recorder.directory.metrics.len()).collect();
            return Ok(recorder);
        }
        let all = metrics::in_scope(tx, rules.catalog_id, None).await?;
        let mut recorder = Recorder::new(rules, Directory::new(all), now);
        let named = keys.iter().filter_map(|key| recorder.directory.find(key).ok());
        let named = named.map(|position| recorder.directory.metrics[position].id).collect::<Vec<_>>();
        recorder.load_recent(tx, &named).await?;
        Ok(recorder)
    }

    /// Loads the newest readings of metrics, which tell what is far from them.
    async fn load_recent(&mut self, tx: &mut Connection, ids: &[Uuid]) -> Result<()> {
        self.recent = vec![Recent::default(); self.directory.metrics.len()];
        for (id, recent) in readings::recent(tx, ids).await? {
            if let Some(position) = self.directory.position(id) {
                self.recent[position] = recent.or(self.directory.metrics[position].measure().current);
            }
        }
        Ok(())
    }

    /// For many readings: all metrics and users are loaded, and locked as they are written to.
    pub async fn many(tx: &mut Connection, rules: Rules<'a>) -> Result<Self> {
        let all = metrics::in_scope(tx, rules.catalog_id, None).await?;
        let now = metrics::clock(tx).await?;
        let mut recorder = Recorder::new(rules, Directory::new(all), Some(now));
        let mut extents = vec![None; recorder.directory.metrics.len()];
        for extent in metrics::extents(tx, rules.catalog_id).await? {
            if let Some(position) = recorder.directory.position(extent.id) {
                extents[position] = Some(extent);
            }
        }
        recorder.lanes = Some(Lanes::new(extents));
        let ids: Vec<Uuid> = recorder.directory.metrics.iter().map(|metric| metric.id).collect();
        recorder.load_recent(tx, &ids).await?;
        Ok(recorder)
    }

    /// The instant of a reading that can meet no other one: it lies outside of what its metric has, and the file did not name
    /// its instant before. It counts as stored: the caller stores it without a comparison.
    pub fn unmet(&mut self, reading: &Judged) -> Option<NaiveDateTime> {
        let (lanes, at) = (self.lanes.as_mut()?, reading.at?);
        if !lanes.is_unmet(reading.metric, at) {
            return None;
        }
        lanes.unmet[reading.metric] = true;
        self.counts.stored += 1;
        Some(at)
    }

    fn new(rules: Rules<'a>, directory: Directory, now: Option<NaiveDateTime>) -> Self {
        Recorder {
            rules,
            directory,
            users: HashMap::new(),
            now,
            begun: None,
            locked: BTreeSet::new(),
            written: BTreeSet::new(),
            lanes: None,
            counts: Counts::default(),
            recent: Vec::new(),
            percents: [None, None],
        }
    }

    /// Loads the users, for readings that name who recorded them.
    pub async fn load_users(&mut self, tx: &mut Connection) -> Result<()> {
        self.users = db::users::list(tx).await?.into_iter().map(|user| (user.username, user.id)).collect();
        Ok(())
    }

    /// Judges a reading by itself.
    pub fn judge(&mut self, id: Uuid, given: &Given<'_>) -> std::result::Result<Judged, Refused> {
        let position = self.directory.find(given.metric).map_err(|refused| {
            let is_total = given.file && !refused.several && words::names_total(given.metric);
            let left = is_total.then(|| Left { why: Why::Total, shown: given.metric.to_owned() });
            Refused { left, ..refused }
        })?;
        let metric = &self.directory.metrics[position];
        let counted = Counted::parse(given.value).and_then(Result::ok);
        let is_percentage = given.value.ends_with('%') || counted.is_some();
        let value = reading::parse_value(given.value, metric.unit.as_deref(), metric.direction)
            .and_then(|value| {
                let is_plain = self.rules.request.scale && metric.unit.as_deref().is_some_and(is_percent) && !is_percentage;
                if is_plain { value.hundredfold() } else { Ok(value) }
            })
            .map_err(|reason| {
                let what = match (metric.direction, &metric.unit) {
                    (Direction::Binary, _) => "yes or no".to_owned(),
                    (_, Some(unit)) => format!("the value in {unit}"),
                    (_, None) => "a number".to_owned(),
                };
                let remedy = format!("write {what}; `cmf metric show {}` shows the metric", shell_word(metric.label()));
                let refused = Refused::new("value", format!("{}: the value `{}` {reason}", metric.label(), given.value));
                Refused { remedy: Some(remedy.into()), ..refused }
            })?;
        let at = given
            .at
            .map(|text| {
                reading::parse_instant(text, self.rules.request.zone, Day::Start)
                    .map_err(|reason| Refused::new("at", format!("the time `{text}` {reason}")))
            })
            .transpose()?;
        if at.zip(self.now).is_some_and(|(at, now)| at > now + reading::FUTURE_LIMIT) && !self.rules.request.allow_future {
            let reason = format!(
                "the time `{}` is more than 5 minutes in the future (--allow-future stores it)",
                given.at.unwrap_or_default()
            );
            return Err(Refused::new("at", reason));
        }
        if metric.is_locked && !self.rules.request.override_lock {
            return Err(locked(metric));
        }
        let by = match given.by {
            None => self.rules.by,
            Some(name) => match self.users.get(name) {
                Some(id) => Some(*id),
                None => return Err(Refused::new("by", format!("there is no user `{name}`"))),
            },
        };
        if given.note.is_some_and(|note| note.contains('\0')) {
            return Err(Refused::new("note", "the note has a NUL character, which Postgres cannot store".into()));
        }
        let mut measure = metric.measure();
        let recent = self.recent.get(position);
        measure.current = recent.and_then(Recent::last).or(measure.current);
        let Request { limits, scale, as_is, .. } = self.rules.request;
        let as_written = *scale || *as_is || is_percentage;
        let jump = || recent.filter(|_| metric.direction != Direction::Binary)?.jump(value, limits.jump);
        let doubt = reading::doubt(value, metric.unit.as_deref(), &measure, limits, as_written)
            .or_else(|| Some((jump()?, Some("--max-jump"))));
        if !as_written && metric.unit.as_deref().is_some_and(is_percent) {
            let place = if reading::is_fraction(value, &measure) { Some(0) } else { (value > Value::ONE).then_some(1) };
            if let Some(place) = place.filter(|place| self.percents[*place].is_none()) {
                let row = if given.file { format!(" (row {})", given.line) } else { String::new() };
                self.percents[place] = Some(format!("{value} of {}{row}", metric.label()));
            }
        }
        if let Some(recent) = self.recent.get_mut(position) {
            recent.add(value);
        }
        let own = metric.unit.as_deref().zip(given.unit).filter(|(unit, own)| unit::is_usual(own) && !unit::agree(unit, own));
        let doubt = own
            .map(|(unit, own)| (format!("the unit of {value} is {own}, but that of the metric is {unit}"), None))
            .or(doubt)
            .map(|(doubt, option)| (format!("{}: {doubt}", metric.label()), option));
        if let Some((doubt, option)) = &doubt
            && self.rules.request.strict
        {
            let raise = option.map(|option| format!(", or raise {option}")).unwrap_or_default();
            let how = format!("leave out --strict if it is right{raise}");
            return Err(Refused { remedy: Some(how.into()), ..Refused::new("value", format!("refused by --strict: {doubt}")) });
        }
        let doubt = doubt.map(|(doubt, _)| doubt);
        let note = counted.map(|counted| counted.noted(given.note)).or(given.note.map(str::to_owned));
        Ok(Judged { line: given.line, metric: position, id, value, at, note, by, doubt, raw: None })
    }

    /// Refuses percentages of which some look like fractions and others do not: one of them would be a hundred times wrong.
    /// Exit 65 with both.
    pub fn check_percents(&self) -> Result<()> {
        match &self.percents {
            [Some(fraction), Some(whole)] => Err(Error::data(format!(
                "some values of metrics in % look like fractions, others do not: {fraction}, and {whole}"
            ))
            .hint("write them all the same way, such as 95%")
            .hint("or --percent as-is stores all of them as written, and --percent scale multiplies them by 100")),
            _ => Ok(()),
        }
    }

    /// Locks the metrics of these readings, stores what is new and says what became of each.
    pub async fn settle(&mut self, tx: &mut Connection, judged: Vec<Judged>) -> Result<Vec<Settled>> {
        if judged.is_empty() {
            return Ok(Vec::new());
        }
        self.lock(tx, &judged).await?;
        let mut settled = self.settle_all(tx, judged).await?;
        for settled in &settled {
            match &settled.outcome {
                Ok(fate) => {
                    self.counts.add(*fate);
                    if matches!(fate, Fate::Stored | Fate::Replaced) {
                        self.written.insert(settled.reading.metric);
                    }
                }
                Err(_) => self.counts.refused += 1,
            }
        }
        settled.sort_by_key(|settled| settled.reading.line);
        Ok(settled)
    }

    /// The usual case of a cron job on the short way: the only reading of a command, whose metric's row is locked, is stored and
    /// committed by one message. Where the metric has a value at its instant already, nothing is done and none is returned.
    /// Fails when the database refuses, or the connection is lost before it answers.
    pub async fn store_only(&mut self, mut tx: Write<'_>, reading: Judged, action: &str) -> Result<Option<Settled>> {
        self.counts.add(Fate::Stored);
        self.written.insert(reading.metric);
        let only = readings::Only {
            created_at: self.begun,
            id: reading.id,
            metric_id: self.directory.metrics[reading.metric].id,
            value: reading.value.decimal(),
            recorded_at: reading.at,
            note: reading.note.as_deref(),
            recorded_by: reading.by,
        };
        let Some((at, current, claimed)) = readings::add_only(&mut tx, &only).await? else {
            tx.unchanged().await?;
            return Ok(None);
        };
        let metric = &self.directory.metrics[reading.metric];
        let added = Readings::only(reading.id, reading.value.decimal(), at);
        let image = Image::of_reading(added, metric.id, metric.current_value, current).sealed();
        tx.finish_claimed(claimed, Audit::of(action, self.audited(None)).with(image).by(reading.by)).await?;
        Ok(Some(Settled { reading, recorded_at: Some(at), outcome: Ok(Fate::Stored) }))
    }

    async fn settle_all(&mut self, tx: &mut Connection, judged: Vec<Judged>) -> Result<Vec<Settled>> {
        let mut settled = Vec::with_capacity(judged.len());
        let mut batch = readings::Batch::default();
        let mut sent: Vec<Judged> = Vec::with_capacity(judged.len());
        // Instants named before in this batch, so that the statement sees each of them once.
        let mut seen: HashMap<(usize, Option<NaiveDateTime>), usize> = HashMap::with_capacity(judged.len());
        let mut again: Vec<(Judged, usize)> = Vec::new();
        for reading in judged {
            let metric = &self.directory.metrics[reading.metric];
            if metric.is_locked && !self.rules.request.override_lock {
                let recorded_at = reading.at;
                let outcome = Err(locked(metric));
                settled.push(Settled { reading, recorded_at, outcome });
                continue;
            }
            if let Some(&first) = seen.get(&(reading.metric, reading.at)) {
                again.push((reading, first));
                continue;
            }
            seen.insert((reading.metric, reading.at), sent.len());
            batch.ids.push(reading.id);
            batch.metric_ids.push(metric.id);
            batch.values.push(reading.value.decimal());
            batch.recorded_at.push(reading.at);
            batch.notes.push(reading.note.clone());
            batch.recorded_by.push(reading.by);
            sent.push(reading);
        }
        // In one batch the last of several values for an instant counts where the new one replaces the old one.
        let mut fates: Vec<(Judged, usize, bool)> = Vec::new();
        for (reading, first) in again {
            let known = &sent[first];
            let same = known.value == reading.value && reading.at.is_some();
            if !same && reading.at.is_some() && self.rules.request.on_conflict == OnConflict::Replace {
                batch.values[first] = reading.value.decimal();
                batch.notes[first].clone_from(&reading.note);
                batch.recorded_by[first] = reading.by;
            }
            fates.push((reading, first, same));
        }
        let met: HashMap<Uuid, readings::Met> = if sent.is_empty() {
            HashMap::new()
        } else {
            readings::add(tx, &batch).await?.into_iter().map(|met| (met.id, met)).collect()
        };
        let differs = |(place, reading): (usize, &Judged)| {
            met.get(&reading.id).is_some_and(|met| met.known_value.is_some_and(|known| known != batch.values[place].into()))
        };
        if self.rules.request.on_conflict == OnConflict::Replace && sent.iter().enumerate().any(differs) {
            readings::replace(tx, &batch).await?;
        }
        for (reading, first, same) in fates {
            let known = &sent[first];
            let recorded_at = met.get(&known.id).map(|met| met.recorded_at).or(reading.at);
            let outcome = match (reading.at, same, self.rules.request.on_conflict) {
                (None, ..) => Err(Refused::new("at", format!("{} is given twice without a time", self.label(&reading)))),
                (Some(_), true, _) => Ok(Fate::Repeated),
                (Some(at), false, OnConflict::Refuse) => Err(Refused::new(
                    "value",
                    format!(
                        "{} is given twice for {}: as {} and as {} (--on-conflict skip stores the first, --on-conflict replace the last)",
                        self.label(&reading),
                        moment::text(at),
                        known.value,
                        reading.value
                    ),
                )),
                (Some(_), false, OnConflict::Replace) => Ok(Fate::Replaced),
                (Some(_), false, OnConflict::Skip) => Ok(Fate::Skipped),
            };
            settled.push(Settled { reading, recorded_at, outcome });
        }
        for (place, reading) in sent.into_iter().enumerate() {
            let Some(met) = met.get(&reading.id) else { continue };
            let outcome = self.outcome(&reading, batch.values[place], met.known_value);
            settled.push(Settled { reading, recorded_at: Some(met.recorded_at), outcome });
        }
        Ok(settled)
    }

    /// What becomes of a reading whose metric had this value at its instant.
    fn outcome(&self, reading: &Judged, value: Decimal, known: Option<Number>) -> std::result::Result<Fate, Refused> {
        match (known, self.rules.request.on_conflict) {
            (None, _) => Ok(Fate::Stored),
            (Some(known), _) if known == value.into() => Ok(Fate::Repeated),
            (Some(known), OnConflict::Refuse) => Err(self.conflict(reading, known)),
            (Some(_), OnConflict::Replace) => Ok(Fate::Replaced),
            (Some(_), OnConflict::Skip) => Ok(Fate::Skipped),
        }
    }

    /// Locks the metrics of these readings. Fails when the database refuses, or another session holds a lock for too long.
    pub async fn lock(&mut self, tx: &mut Connection, judged: &[Judged]) -> Result<()> {
        let mut ids: Vec<Uuid> = judged
            .iter()
            .filter(|reading| !self.locked.contains(&reading.metric))
            .map(|reading| self.directory.metrics[reading.metric].id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        for (id, is_locked) in metrics::lock(tx, &ids).await? {
            if let Some(position) = self.directory.position(id) {
                self.directory.metrics.all_mut()[position].is_locked = is_locked;
                self.locked.insert(position);
            }
        }
        Ok(())
    }

    /// Makes the current values of the metrics written to those of their newest readings. What was stored without a comparison
    /// is compared now where somebody else recorded the same metric meanwhile. Fails when the database refuses; a transient
    /// error when readings of another session met those of this one.
    pub async fn finish(&mut self, tx: &mut Connection, identity: Identity) -> Result<()> {
        let unmet = self.lanes.iter().flat_map(|lanes| lanes.unmet.iter().enumerate());
        self.written.extend(unmet.filter(|(_, is_unmet)| **is_unmet).map(|(position, _)| position));
        if self.written.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = self.written.iter().map(|&position| self.directory.metrics[position].id).collect();
        if let Some(lanes) = &self.lanes {
            // In the order of the ids, which is that of the directory, and before anything is compared.
            for (id, is_locked) in metrics::lock(tx, &ids).await? {
                // What needed no comparison was stored because its metric was not locked when the file was begun.
                let is_unmet = self.directory.position(id).is_some_and(|position| lanes.unmet[position]);
                if is_locked && is_unmet && !self.rules.request.override_lock {
                    return Err(Error::failed("a metric was locked meanwhile").hint("run the command again").transient());
                }
            }
            let mut changed = Vec::new();
            for (id, version) in metrics::versions(tx, &ids).await? {
                let Some(position) = self.directory.position(id) else { continue };
                let before = lanes.extents[position].as_ref().map(|extent| &extent.version);
                if lanes.unmet[position] && before != Some(&version) {
                    changed.push(id);
                }
            }
            let (first, last) = identity.range();
            if !changed.is_empty() && readings::collide(tx, &changed, first, last).await? {
                return Err(Error::failed("another session recorded readings of the same times meanwhile")
                    .hint("run the command again")
                    .transient());
            }
        }
        // The memory of a file's readings is not needed for what follows.
        self.lanes = None;
        images::watch(tx, images::Scope::Metrics(&ids)).await?;
        images::added(tx, identity.range()).await?;
        metrics::refresh_current_values(tx, &ids).await
    }

    /// What the audit row tells, once [`Recorder::finish`] has been called.
    pub fn audited(&self, file: Option<&str>) -> serde_json::Value {
        let Counts { stored, repeated, replaced, skipped, refused } = self.counts;
        let mut audited = json!({
            "file": file,
            "metrics": self.written(),
            "stored": stored,
            "repeated": repeated,
            "replaced": replaced,
            "skipped": skipped,
            "refused": refused,
        });
        if let Some(evidence) = &self.rules.request.evidence {
            audited["evidence"] = json!(evidence);
        }
        audited
    }

    /// Whether the metric's row of this reading is locked by the transaction.
    pub fn holds(&self, reading: &Judged) -> bool {
        self.locked.contains(&reading.metric)
    }

    /// How many metrics were written to, once [`Recorder::finish`] has been called.
    pub fn written(&self) -> usize {
        self.written.len()
    }

    fn label(&self, reading: &Judged) -> &str {
        self.directory.metrics[reading.metric].label()
    }

    fn conflict(&self, reading: &Judged, known: Number) -> Refused {
        let reason = format!(
            "{} already has the value {} at {}, not {} (add --on-conflict replace, or --on-conflict skip)",
            self.label(reading),
            known.normalize(),
            reading.at.map(moment::text).unwrap_or_default(),
            reading.value,
        );
        Refused::new("value", reason)
    }
}

fn locked(metric: &Metric) -> Refused {
    let reason = format!("{} is locked, so it accepts no readings (--override-lock records anyway)", metric.label());
    let remedy = format!("`cmf metric unlock {}` unlocks it; --override-lock records once", shell_word(metric.label()));
    Refused { remedy: Some(remedy.into()), ..Refused::new("metric", reason) }
}
