//! Storing a command's readings: in one transaction, done again when another session was in the way or the connection was lost,
//! and never twice.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::db::audit::Audit;
use crate::db::copy::Rows;
use crate::db::metrics::{self, Found, Wanted};
use crate::db::{readings, users};
use crate::domain::metric::Metric;
use crate::domain::reading::Identity;
use crate::error::{Cause, Error, Exit, Place, Result};
use crate::lookup;
use crate::record::input::Input;
use crate::record::link::Link;
use crate::record::recorder::Recorder;
use crate::record::refusals::Refusals;
use crate::record::rules::{OnConflict, Request, Rules};
use crate::record::source::{Readings, Spoken};
use crate::record::stream::Stream;
use crate::record::verdict::{Counts, Fate, Judged, Settled};
use crate::record::window;
use crate::session::{Session, Write, pauses};
use crate::tell::Tell;

/// What the audit row says was done.
const ACTION: &str = "reading.record";

/// How long waiting for a lock may take.
const LOCK: Duration = Duration::from_secs(5);

/// To compile a statement takes the server longer than to run it for the metrics of a file.
const NO_COMPILING: &str = "SET LOCAL jit = off";

/// How long a lost server is looked for.
const LOST: Duration = Duration::from_secs(30);

/// A command's readings, with the ids they are stored under.
pub struct Job<'a> {
    pub request: &'a Request,
    pub readings: Readings,
    pub identity: Identity,
    /// Whether the server let this command in: a connection lost since then is worth looking for.
    pub begun: bool,
    /// Whether the readings may be stored already, by an attempt whose answer never came.
    pub sent: bool,
    /// Whether the last attempt was refused only because several metrics have the names: somebody can fix that, and the readings
    /// are as they should be.
    pub ambiguous: bool,
    /// What is to be said of a file when it turns out to be stored by such an attempt.
    pub outcome: Option<Outcome>,
}

/// What became of a command's readings.
#[derive(Default)]
pub struct Outcome {
    pub counts: Counts,
    /// How many metrics were written to.
    pub metrics: usize,
    /// Each reading with its metric, where there are few.
    pub settled: Vec<(Settled, Metric)>,
    pub refusals: Refusals,
}

impl<'a> Job<'a> {
    pub fn new(request: &'a Request, readings: Readings) -> Self {
        Job {
            request,
            readings,
            identity: Identity::new(Uuid::now_v7()),
            begun: false,
            sent: false,
            ambiguous: false,
            outcome: None,
        }
    }

    /// Stores the readings. A serialization failure or a deadlock is met with up to five further attempts, and so is a lost
    /// connection, after which the ids tell what is stored. Exit 65 or 2 when a reading is refused, 69 when the server is or
    /// stays out of reach.
    pub async fn store(&mut self, link: &mut Link<'_>) -> Result<Outcome> {
        let mut lost_since: Option<Instant> = None;
        let mut pauses = pauses();
        loop {
            let error = match self.attempt(link).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) if error.is(Cause::Locked) => {
                    return Err(error.detail(format!("cmf waited {} seconds for it", LOCK.as_secs())));
                }
                Err(error) => error,
            };
            let lost = error.exit() == Exit::Unreachable;
            if lost {
                link.session = None;
            }
            let since = *lost_since.get_or_insert_with(Instant::now);
            let again = error.is(Cause::Transient) || (lost && self.begun && since.elapsed() < LOST);
            let Some(pause) = again.then(|| pauses.next()).flatten() else {
                return Err(if lost && self.sent {
                    error
                        .changed("It is unknown whether the readings were stored: the connection was lost.")
                        .hint("repeat the command with --at: what is stored already is skipped")
                } else {
                    error
                });
            };
            link.tell.debug(1, &|| format!("{}; again in {} ms", error.message(), pause.as_millis()));
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&mut self, link: &mut Link<'_>) -> Result<Outcome> {
        let session = match &mut link.session {
            Some(session) => session,
            none => none.insert((link.connect)().await?),
        };
        self.begun = true;
        let attempt = Attempt {
            request: self.request,
            identity: self.identity,
            sent: &mut self.sent,
            ambiguous: &mut self.ambiguous,
            tell: link.tell,
        };
        match &self.readings {
            Readings::Few(spoken) => attempt.spoken(session, spoken).await,
            Readings::Many(input) => attempt.many(session, input, &mut self.outcome).await,
        }
    }
}

/// One attempt to store the readings of a job.
struct Attempt<'a> {
    request: &'a Request,
    identity: Identity,
    sent: &'a mut bool,
    ambiguous: &'a mut bool,
    tell: &'a dyn Tell,
}

impl<'a> Attempt<'a> {
    async fn spoken(mut self, session: &mut Session, spoken: &[Spoken]) -> Result<Outcome> {
        let may_be_short = !*self.sent && !self.request.dry_run && self.request.on_conflict != OnConflict::Replace;
        if let [only] = spoken
            && may_be_short
            && let Some(outcome) = self.only(session, only).await?
        {
            return Ok(outcome);
        }
        self.few(session, spoken).await
    }

    /// Begins a transaction and looks up the names in the request.
    async fn begin<'d>(&self, session: &'d mut Session) -> Result<(Write<'d>, Rules<'a>)> {
        let Request { dry_run, statement_timeout, .. } = *self.request;
        let (mut tx, _) = session.write_briefly(dry_run, LOCK, statement_timeout, NO_COMPILING).await?;
        let rules = self.request.rules(&mut tx).await?;
        Ok((tx, rules))
    }

    /// Begins a transaction and finds and locks the metrics of a few readings.
    async fn find<'d>(&self, session: &'d mut Session, spoken: &[Spoken]) -> Result<(Write<'d>, Rules<'a>, Vec<Found>)> {
        let keys: Vec<&str> =
            spoken.iter().map(|spoken| spoken.metric.trim()).filter(|metric| !metric.contains('\0')).collect();
        let ids: Vec<Uuid> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        let wanted = Wanted { numbers: &keys, ids: &ids, catalog_id: None };
        // The usual case takes one way less to the server and back.
        if self.request.names_nobody() {
            let Request { dry_run, statement_timeout, .. } = *self.request;
            let (mut tx, found) = session.write_briefly(dry_run, LOCK, statement_timeout, &wanted.sql()).await?;
            let rules = self.request.rules(&mut tx).await?;
            return Ok((tx, rules, metrics::found(found)?));
        }
        let (mut tx, rules) = self.begin(session).await?;
        let wanted = Wanted { catalog_id: rules.catalog_id, ..wanted };
        let found = metrics::find_and_lock(&mut tx, &wanted).await?;
        Ok((tx, rules, found))
    }

    /// Stores the only reading of a command on the shortest way. Where there is anything to be said but that it is stored,
    /// nothing is done, and the long way says it.
    async fn only(&mut self, session: &mut Session, spoken: &Spoken) -> Result<Option<Outcome>> {
        let (mut tx, rules, found) = self.find(session, std::slice::from_ref(spoken)).await?;
        let [_] = found.as_slice() else { return Ok(None) };
        let dated = spoken.at.is_some();
        let mut recorder = Recorder::few(&mut tx, rules, &[&spoken.metric], found, dated).await?;
        if spoken.by.is_some() {
            recorder.load_users(&mut tx).await?;
        }
        let reading = match recorder.judge(self.identity.id(0), &spoken.given(1)) {
            Ok(reading) if recorder.holds(&reading) => reading,
            _ => return Ok(None),
        };
        *self.sent = true;
        let Some(settled) = recorder.store_only(tx, reading, ACTION).await? else {
            // The answer came, and nothing is stored.
            *self.sent = false;
            return Ok(None);
        };
        let mut refusals = Refusals::default();
        if let Some(doubt) = &settled.reading.doubt {
            refusals.doubt(None, doubt);
        }
        self.told();
        let Recorder { directory, counts, .. } = recorder;
        let metric = directory.metrics[settled.reading.metric].clone();
        Ok(Some(Outcome { counts, metrics: 1, settled: vec![(settled, metric)], refusals }))
    }

    fn told(&self) {
        self.tell.debug(2, &|| format!("stored under {}", self.identity.id(0)));
    }

    async fn few(self, session: &mut Session, spoken: &[Spoken]) -> Result<Outcome> {
        let (mut tx, rules, found) = self.find(session, spoken).await?;
        let keys: Vec<&str> = spoken.iter().map(|spoken| spoken.metric.as_str()).collect();
        let dated = spoken.iter().any(|spoken| spoken.at.is_some());
        let mut recorder = Recorder::few(&mut tx, rules, &keys, found, dated).await?;
        if spoken.iter().any(|spoken| spoken.by.is_some()) {
            recorder.load_users(&mut tx).await?;
        }
        let mut refusals = Refusals::default();
        let mut judged: Vec<Judged> = Vec::with_capacity(spoken.len());
        for (position, spoken) in (0_u32..).zip(spoken) {
            match recorder.judge(self.identity.id(position), &spoken.given(u64::from(position) + 1)) {
                Ok(reading) => judged.push(reading),
                Err(refused) => {
                    recorder.counts.refused += 1;
                    refusals.add(None, refused);
                }
            }
        }
        let mut settled = Vec::new();
        if *self.sent {
            // The metrics' rows are locked first: a transaction whose answer was lost has ended when that succeeds.
            recorder.lock(&mut tx, &judged).await?;
            let (first, last) = self.identity.range();
            let stored = readings::stored(&mut tx, first, last).await?;
            for (id, recorded_at) in stored {
                let Some(at) = judged.iter().position(|reading| reading.id == id) else { continue };
                let reading = judged.remove(at);
                recorder.counts.stored += 1;
                settled.push(Settled { reading, recorded_at: Some(recorded_at), outcome: Ok(Fate::Stored) });
            }
        }
        let found_stored = settled.len() as u64;
        settled.extend(recorder.settle(&mut tx, judged).await?);
        for settled in &settled {
            match &settled.outcome {
                Ok(_) => {
                    if let Some(doubt) = &settled.reading.doubt {
                        refusals.doubt(None, doubt);
                    }
                }
                Err(refused) => refusals.add(None, refused.clone()),
            }
        }
        refusals.flush()?;
        if refusals.count > 0 && !self.request.allow_partial {
            *self.ambiguous = refusals.are_ambiguous();
            let error = refusals.error(spoken.len() as u64, None);
            let missing = keys.iter().find(|key| self.request.catalog.is_none() && !recorder.directory.knows(key));
            let hint = match missing {
                Some(key) => lookup::metric::elsewhere(&mut tx, key).await.ok().flatten(),
                None => None,
            };
            return Err(hint.into_iter().fold(error, Error::hint));
        }
        recorder.finish(&mut tx, self.identity).await?;
        let new = recorder.counts.stored > found_stored || recorder.counts.stored + recorder.counts.replaced == 0;
        let note = (new || recorder.counts.replaced > 0).then(|| recorder.audited(None));
        let metrics = recorder.written();
        *self.sent = !self.request.dry_run;
        tx.settle(note.map(|note| Audit::of(ACTION, note).by(rules.by))).await?;
        self.told();
        let Recorder { directory, counts, .. } = recorder;
        let settled = settled
            .into_iter()
            .map(|settled| {
                let metric = directory.metrics[settled.reading.metric].clone();
                (settled, metric)
            })
            .collect();
        Ok(Outcome { counts, metrics, settled, refusals })
    }

    async fn many(self, session: &mut Session, input: &Input, told: &mut Option<Outcome>) -> Result<Outcome> {
        let (mut tx, rules) = self.begin(session).await?;
        readings::claim(&mut tx, self.identity.key()).await?;
        if *self.sent {
            let (first, last) = self.identity.range();
            let stored = readings::count_stored(&mut tx, first, last).await?;
            if let Some(stored) = u64::try_from(stored).ok().filter(|&stored| stored > 0) {
                if let Some(outcome) = told.take() {
                    return Ok(outcome);
                }
                let counts = Counts { stored, ..Counts::default() };
                return Ok(Outcome { counts, metrics: 0, settled: Vec::new(), refusals: Refusals::default() });
            }
        }
        let source = input.source()?;
        let mut recorder = Recorder::many(&mut tx, rules).await?;
        recorder.load_users(&mut tx).await?;
        if users::may_lock(&mut tx).await? {
            users::hold(&mut tx).await?;
        }
        let refusals = Refusals::of_file(input, self.request)?;
        let progress = self.tell.gauge(Some(input.size()), "bytes");
        progress.message("recording");
        let mut stream = Stream::new(self.identity, source, recorder, refusals);
        let mut rows = Rows::default();
        let mut compared = Vec::new();
        let mut window = stream.next().await?;
        while !window.is_empty() {
            let next = if window.unmet.is_empty() {
                stream.next().await
            } else {
                let mut copy = readings::copy(&mut tx).await?;
                for part in window.parts() {
                    part.write(self.identity, &stream.recorder.directory, &mut rows);
                    copy.send(&mut rows).await?;
                }
                // Most of the server's work, the check of foreign keys, begins with the end of the rows. So that is sent first.
                let (stored, next) = tokio::join!(biased; copy.finish(), stream.next());
                stored?;
                next
            };
            // A reading may have to be compared with one of its own window, which is stored now. Its metric is locked for that,
            // and nobody else records it from then on: so it waits until there are enough.
            compared.append(&mut window.compared);
            window = next?;
            if window.is_empty() || window::are_many(&compared) {
                let settled = stream.recorder.settle(&mut tx, std::mem::take(&mut compared)).await?;
                stream.refuse(settled)?;
            }
            progress.set(stream.source.position().unwrap_or_default());
        }
        let Stream { mut recorder, mut refusals, total, source, .. } = stream;
        drop(source);
        refusals.flush()?;
        let place = || Place::of(input.name());
        if refusals.count > 0 && !self.request.allow_partial {
            *self.ambiguous = refusals.are_ambiguous();
            return Err(refusals.error(u64::from(total), Some(input.name())));
        }
        recorder.check_percents().map_err(|error| error.at(place()))?;
        if !refusals.check_any(total).map_err(|error| error.at(place()))? {
            self.tell.notice(&format!("note: {} has no rows below its header", input.name()));
        }
        recorder.finish(&mut tx, self.identity).await?;
        let note = recorder.audited(Some(input.name()));
        let (counts, metrics, by) = (recorder.counts, recorder.written(), rules.by);
        drop(recorder);
        let outcome = told.insert(Outcome { counts, metrics, settled: Vec::new(), refusals });
        *self.sent = !self.request.dry_run;
        tx.finish(Audit::of(ACTION, note).by(by)).await?;
        Ok(std::mem::take(outcome))
    }
}
