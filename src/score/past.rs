//! The definitions of past instants for a subject.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Subject;
use crate::db::scores::{Detail, Made, Valued};
use crate::db::{self, Connection};
use crate::domain::image::{Changed, How, Image};
use crate::domain::listed::Listed;
use crate::domain::metric::Metric;
use crate::domain::moment;
use crate::domain::number::Number;
use crate::domain::past::{Definition, Mapped, Point, Readings, Said, Timeline, Unknown, column, reading, unknown};
use crate::domain::score::Age;
use crate::error::Result;
use crate::tell::Tell;

const METRICS: &str = "metrics";
const ITEMS: &str = "metric_catalog_items";
const MAPPINGS: &str = "metric_catalog_framework_mappings";
const HISTORY: &str = "metric_history";

/// Metrics that are named.
const NAMED: usize = 5;

/// Which definitions a past instant is scored with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Definitions {
    /// Those of the instant.
    #[default]
    Then,
    /// Those of today.
    Now,
}

/// A metric that changed since.
#[derive(Debug)]
struct Row {
    definition: Timeline<Definition>,
    mappings: Vec<Timeline<Mapped>>,
    /// Its readings that went with it, and when.
    gone: Vec<(NaiveDateTime, Readings)>,
}

/// What a metric was.
#[derive(Debug)]
pub(crate) enum Was<'a> {
    AsToday,
    /// It did not count.
    Uncounted,
    Other(Then<'a>),
}

/// What a metric was at an instant.
#[derive(Debug)]
pub(crate) struct Then<'p> {
    pub definition: &'p Definition,
    pub functions: Vec<String>,
    pub categories: Vec<Option<String>>,
    pub subcategories: Vec<Option<String>>,
    /// Its value and when that was read, where the table no longer has it.
    pub value: Option<(Option<Decimal>, Option<NaiveDateTime>)>,
}

impl Then<'_> {
    /// Puts it in the place of today's.
    pub(crate) fn put(self, detail: &mut Detail) {
        let Definition { metric_number, name, unit, measure, is_locked, .. } = self.definition;
        let metric = &mut detail.metric;
        metric.metric_number.clone_from(metric_number);
        metric.name.clone_from(name);
        metric.unit.clone_from(unit);
        metric.is_assumed &= metric.direction == measure.direction;
        (metric.direction, metric.priority, metric.is_locked) = (measure.direction, measure.priority, *is_locked);
        metric.target_value = measure.target.map(Number::from);
        metric.target_lower = measure.lower.map(Number::from);
        metric.target_upper = measure.upper.map(Number::from);
        (detail.functions, detail.categories, detail.subcategories) = (self.functions, self.categories, self.subcategories);
        if let Some((value, recorded_at)) = self.value {
            metric.current_value = value.map(Number::from);
            detail.recorded_at = recorded_at;
        }
    }
}

/// The definitions of a subject at past instants, as far as they differ from today's.
#[derive(Debug, Default)]
pub(crate) struct Past {
    instants: Vec<NaiveDateTime>,
    /// Of when the definitions are, by instant.
    of: Vec<NaiveDateTime>,
    rows: HashMap<Uuid, Row>,
    /// What items said that say something else today.
    said: HashMap<Uuid, Timeline<Said>>,
    framework_id: Uuid,
    catalog_id: Option<Uuid>,
    /// The framework's functions, for the default library.
    functions: HashSet<String>,
}

impl Past {
    /// Rebuilds them, and tells what is not known.
    pub(crate) async fn read(
        tx: &mut Connection,
        subject: &Subject,
        instants: &[NaiveDateTime],
        definitions: Definitions,
        tell: &dyn Tell,
    ) -> Result<Self> {
        let (framework_id, catalog_id) = (subject.mapped().id, subject.catalog_id());
        let mut past = Past { instants: instants.to_vec(), of: instants.to_vec(), framework_id, catalog_id, ..Past::default() };
        if definitions == Definitions::Now || instants.is_empty() {
            return Ok(past);
        }
        let mut trail = Trail::read(tx, subject).await?;
        let since = trail.since;
        if let Some(since) = since {
            past.of.iter_mut().for_each(|instant| *instant = (*instant).max(since));
        }
        trail.tell(tx, subject, instants, tell).await?;
        let Some(earliest) = past.of.iter().min().copied() else { return Ok(past) };
        let is_later = |points: &Vec<Point>| points.last().is_some_and(|point| point.at > earliest);
        let mappings: HashMap<Uuid, Vec<Point>> = trail.mappings.into_iter().filter(|(_, points)| is_later(points)).collect();
        let mut items: BTreeSet<Uuid> =
            mappings.values().flatten().filter_map(|point| column(point.change.before.as_ref()?, "catalog_item_id")).collect();
        items.extend(mappings.keys().filter_map(|id| trail.mapped.get(id)));
        items.extend(trail.metrics.iter().filter(|(_, points)| is_later(points)).map(|(id, _)| *id));
        let ids: Vec<Uuid> = items.into_iter().filter(|id| trail.ids.contains(id)).collect();
        let mut metrics = db::scores::definitions_of(tx, &ids).await?;
        let mut places: HashMap<Uuid, Vec<Timeline<Mapped>>> = HashMap::new();
        let mut there: HashSet<Uuid> = HashSet::new();
        for (id, mapped) in db::scores::places_of(tx, &ids).await? {
            there.insert(id);
            let own = places.entry(mapped.item_id).or_default();
            own.push(match mappings.get(&id) {
                Some(points) => Timeline::new(points, Some(mapped)),
                None => Timeline::always(mapped),
            });
        }
        for (_, points) in mappings.iter().filter(|(id, _)| !there.contains(id)) {
            let item = points.iter().filter_map(|point| column(point.change.before.as_ref()?, "catalog_item_id")).next_back();
            let Some(item) = item else { continue };
            places.entry(item).or_default().push(Timeline::new(points, None));
        }
        if catalog_id.is_none() {
            let outline = db::scores::outline(tx, framework_id).await?;
            past.functions = outline.into_iter().map(|function| function.code).collect();
        }
        for id in ids {
            let points = trail.metrics.get(&id).map(Vec::as_slice).unwrap_or_default();
            let definition = Timeline::new(points, metrics.remove(&id));
            let (mappings, gone) = (places.remove(&id).unwrap_or_default(), trail.gone.remove(&id).unwrap_or_default());
            past.rows.insert(id, Row { definition, mappings, gone });
        }
        trail.items.retain(|id, points| trail.ids.contains(id) && is_later(points));
        let ids: Vec<Uuid> = trail.items.keys().copied().collect();
        let mut today = db::scores::said_of(tx, &ids).await?;
        for (id, points) in trail.items {
            let said = today.remove(&id);
            let timeline = Timeline::new(&points, said.clone());
            if said.is_none_or(|said| !timeline.is_always(&said)) {
                past.said.insert(id, timeline);
            }
        }
        Ok(past)
    }

    /// How often a metric was to be measured at the instant of this position, where that is known from before; else `today`.
    pub(crate) fn frequency<'a>(&'a self, position: usize, id: Uuid, today: Option<&'a str>) -> Option<&'a str> {
        let said = self.of.get(position).and_then(|of| self.said.get(&id)?.at(*of));
        said.map_or(today, |said| said.frequency.as_deref())
    }

    /// What a metric was at the instant of this position.
    pub(crate) fn then(&self, position: usize, id: Uuid) -> Was<'_> {
        match self.rows.get(&id).map(|row| self.of_row(row, position)) {
            None => Was::AsToday,
            Some(None) => Was::Uncounted,
            Some(Some(then)) => Was::Other(then),
        }
    }

    pub(crate) fn instant(&self, position: usize) -> Option<NaiveDateTime> {
        self.instants.get(position).copied()
    }

    fn of_row<'p>(&'p self, row: &'p Row, position: usize) -> Option<Then<'p>> {
        let (of, instant) = (*self.of.get(position)?, *self.instants.get(position)?);
        let definition = row.definition.at(of).filter(|definition| definition.catalog_id == self.catalog_id)?;
        let mut subcategories = Vec::new();
        let (functions, categories): (Vec<String>, Vec<Option<String>>) = if self.catalog_id.is_some() {
            let mapped = row.mappings.iter().filter_map(|mapping| mapping.at(of));
            mapped
                .filter(|mapped| mapped.framework_id == self.framework_id && mapped.is_confirmed)
                .map(|mapped| {
                    subcategories.push(mapped.subcategory.clone());
                    (mapped.function.clone(), mapped.category.clone())
                })
                .unzip()
        } else {
            let own = self.functions.contains(&definition.csf_function);
            own.then(|| (definition.csf_function.clone(), definition.csf_category.clone())).into_iter().unzip()
        };
        if functions.is_empty() {
            return None;
        }
        let value =
            row.gone.iter().find(|(at, _)| *at > of).map(|(_, readings)| match readings.range(..=instant).next_back() {
                Some((at, value)) => (Some(*value), Some(*at)),
                None if readings.is_empty() && definition.created_at.is_some_and(|at| at <= instant) => {
                    (definition.current_value, None)
                }
                None => (None, None),
            });
        Some(Then { definition, functions, categories, subcategories, value })
    }

    /// The metrics that counted at some of these positions and are not among those seen, with their values in the table at
    /// each.
    pub(crate) async fn unseen(&self, tx: &mut Connection, seen: &HashSet<Uuid>, positions: &[usize]) -> Result<Vec<Valued>> {
        let counted = |row: &Row| positions.iter().any(|position| self.of_row(row, *position).is_some());
        let mut unseen: Vec<Uuid> =
            self.rows.iter().filter(|(id, row)| !seen.contains(id) && counted(row)).map(|(id, _)| *id).collect();
        if unseen.is_empty() {
            return Ok(Vec::new());
        }
        unseen.sort_unstable();
        let instants: Vec<NaiveDateTime> = positions.iter().filter_map(|position| self.instant(*position)).collect();
        let mut valued: HashMap<Uuid, Valued> =
            db::scores::values_at(tx, &unseen, &instants).await?.into_iter().map(|valued| (valued.id, valued)).collect();
        let none = |id| Valued { id, values: vec![None; positions.len()], recorded_at: vec![None; positions.len()] };
        Ok(unseen.into_iter().map(|id| valued.remove(&id).unwrap_or_else(|| none(id))).collect())
    }

    /// The same as details of one instant.
    pub(crate) async fn unseen_details(
        &self,
        tx: &mut Connection,
        subject: &Subject,
        position: usize,
        seen: &HashSet<Uuid>,
    ) -> Result<Vec<Detail>> {
        let mut details = Vec::new();
        for Valued { id, values, recorded_at } in self.unseen(tx, seen, &[position]).await? {
            let Was::Other(then) = self.then(position, id) else { continue };
            let metric = Metric {
                id,
                metric_number: None,
                name: String::new(),
                unit: None,
                direction: then.definition.measure.direction,
                priority: then.definition.measure.priority,
                current_value: values.first().copied().flatten().map(Number::from),
                target_value: None,
                target_lower: None,
                target_upper: None,
                is_assumed: false,
                is_locked: false,
                catalog: subject.catalog.as_ref().map(|catalog| catalog.name.clone()),
                age: Age::Fresh,
            };
            let recorded_at = recorded_at.first().copied().flatten();
            let frequency = self.frequency(position, id, None).map(str::to_owned);
            let (functions, categories, subcategories) = (Vec::new(), Vec::new(), Vec::new());
            let mut detail =
                Detail { metric, recorded_at, frequency, owner: None, told_by: None, functions, categories, subcategories };
            then.put(&mut detail);
            details.push(detail);
        }
        Ok(details)
    }

    /// Whether anything is not as today.
    pub(crate) fn is_today(&self) -> bool {
        self.rows.is_empty() && self.said.is_empty()
    }
}

/// What the trail knows of a subject.
struct Trail {
    /// Its metrics, of today and of before.
    ids: HashSet<Uuid>,
    metrics: HashMap<Uuid, Vec<Point>>,
    mappings: HashMap<Uuid, Vec<Point>>,
    items: HashMap<Uuid, Vec<Point>>,
    gone: HashMap<Uuid, Vec<(NaiveDateTime, Readings)>>,
    /// The metrics of today's mappings that changed.
    mapped: HashMap<Uuid, Uuid>,
    /// Since when the definitions are known, where the subject's first is.
    since: Option<NaiveDateTime>,
    /// When the first change was kept.
    first: Option<NaiveDateTime>,
    /// Metrics that nobody knows the beginning of, although changes were kept then already.
    slipped: Vec<(Uuid, NaiveDateTime)>,
}

impl Trail {
    async fn read(tx: &mut Connection, subject: &Subject) -> Result<Self> {
        let catalog_id = subject.catalog_id();
        let kept = db::scores::kept(tx, catalog_id).await?;
        let first = kept.first().map(|one| one.at);
        let mut blind = None;
        let (mut metrics, mut mappings, mut items) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut gone = HashMap::new();
        for one in kept.into_iter().filter(|one| one.concerns) {
            let Some(mut image) = one.data.as_deref().and_then(Image::read) else {
                blind = Some(one.at);
                // What was before it is not known any more.
                metrics.clear();
                mappings.clear();
                items.clear();
                gone.clear();
                continue;
            };
            if let Some(changed) = image.tables.get_mut(ITEMS) {
                changed.retain(Said::is_other);
            }
            let mut take = |table: &str, points: &mut HashMap<Uuid, Vec<Point>>| {
                for change in image.tables.remove(table).unwrap_or_default() {
                    points.entry(change.id).or_default().push(Point { at: one.at, change });
                }
            };
            take(METRICS, &mut metrics);
            take(MAPPINGS, &mut mappings);
            take(ITEMS, &mut items);
            let removed: Vec<_> = image.tables.remove(HISTORY).unwrap_or_default();
            for (id, at, value) in removed.iter().filter_map(|row| reading(row.before.as_ref()?)) {
                let last = metrics.get(&id).and_then(|points: &Vec<Point>| points.last());
                if !last.is_some_and(|last| last.at == one.at && last.change.how() == How::Removed) {
                    continue;
                }
                let all: &mut Vec<(NaiveDateTime, Readings)> = gone.entry(id).or_default();
                match all.last_mut().filter(|(when, _)| *when == one.at) {
                    Some((_, readings)) => drop(readings.insert(at, value)),
                    None => all.push((one.at, Readings::from([(at, value)]))),
                }
            }
        }
        // A metric that went without readings has none then.
        for (id, points) in &metrics {
            for point in points.iter().filter(|point| point.change.how() == How::Removed) {
                let all = gone.entry(*id).or_default();
                if !all.iter().any(|(at, _)| *at == point.at) {
                    all.push((point.at, Readings::new()));
                    all.sort_by_key(|(at, _)| *at);
                }
            }
        }
        let made = db::scores::made(tx, catalog_id).await?;
        let mut ids: HashSet<Uuid> = made.keys().copied().collect();
        for (id, points) in &metrics {
            let of = points.iter().filter_map(|point| column::<Option<Uuid>>(point.change.before.as_ref()?, "catalog_id"));
            if of.into_iter().any(|of| of == catalog_id) {
                ids.insert(*id);
            }
        }
        metrics.retain(|id, _| ids.contains(id));
        let is_own = |points: &Vec<Point>| {
            let mut items = points.iter().filter_map(|point| column(point.change.before.as_ref()?, "catalog_item_id"));
            items.any(|item: Uuid| ids.contains(&item))
        };
        let changed: Vec<Uuid> = mappings.keys().copied().collect();
        let mut mapped =
            if catalog_id.is_some() && !changed.is_empty() { db::scores::mapped(tx, &changed).await? } else { HashMap::new() };
        mapped.retain(|_, item| ids.contains(item));
        // Those that another program made came when they say. Of a metric whose beginning nobody knows, the earliest counts before, too.
        if let (Some(first), None, Some(catalog_id)) = (first, blind, catalog_id) {
            let begins = |item| metrics.get(&item).and_then(|points| points.first()).map(|point| point.change.how());
            for Made { id, item_id, at, is_earliest } in db::scores::mapped_since(tx, catalog_id, first).await? {
                if is_earliest && begins(item_id) != Some(How::Added) {
                    continue;
                }
                mapped.insert(id, item_id);
                let change = Changed { id, before: None, after: None, was: None, is: None };
                mappings.entry(id).or_insert_with(|| vec![Point { at, change }]);
            }
        }
        mappings.retain(|id, points| mapped.contains_key(id) || is_own(points));
        let mut slipped = Vec::new();
        let mut begins: Vec<Option<NaiveDateTime>> = metrics
            .values()
            .map(|points| points.first().filter(|point| point.change.how() == How::Added).map(|point| point.at))
            .collect();
        for (id, made) in made.into_iter().filter(|(id, _)| !metrics.contains_key(id)) {
            let made = made.filter(|made| blind.is_none() && first.is_some_and(|at| at < *made));
            match made {
                Some(made) => slipped.push((id, made)),
                None => begins.push(None),
            }
        }
        let begin = begins.iter().copied().min().flatten();
        let since = begin.max(blind);
        Ok(Trail { ids, metrics, mappings, items, gone, mapped, since, first, slipped })
    }

    /// Tells what is not known of these instants.
    async fn tell(&self, tx: &mut Connection, subject: &Subject, instants: &[NaiveDateTime], tell: &dyn Tell) -> Result<()> {
        let now = db::scores::now(tx).await?;
        let before = |known: NaiveDateTime| instants.iter().any(|instant| *instant < known);
        match (self.since, self.first) {
            (Some(since), _) if before(since) => tell.notice(&format!(
                "the definitions of {} are known since {}: before that, cmf uses the earliest known ones (--definitions now uses today's)",
                subject.name(),
                moment::text(since)
            )),
            (None, Some(first)) if before(first) => tell.notice(&format!(
                "changes of definitions are known since {}: before that, cmf uses the earliest known ones",
                moment::text(first)
            )),
            (None, None) if before(now) && !self.ids.is_empty() => {
                tell.notice("no change of a definition is known: cmf uses today's definitions");
            }
            _ => {}
        }
        let mut found: HashMap<Uuid, Unknown> = HashMap::new();
        let touches = |(since, until): &Unknown| instants.iter().any(|at| at > since && *at < until.unwrap_or(now));
        // What was changed after the last command matters where an instant is later.
        let latest = instants.iter().max().copied();
        let followed = |all: &HashMap<Uuid, Vec<Point>>| -> Vec<Uuid> {
            let is_followed = |points: &Vec<Point>| points.last().map(|point| point.at) < latest;
            all.iter().filter(|(_, points)| is_followed(points)).map(|(id, _)| *id).collect()
        };
        let digests = db::images::digests_of(tx, METRICS, &followed(&self.metrics)).await?;
        for (id, points) in &self.metrics {
            let digest = digests.get(id).map(String::as_str);
            found.extend(unknown(points, digest).into_iter().filter(touches).map(|one| (*id, one)));
        }
        let digests = db::images::digests_of(tx, MAPPINGS, &followed(&self.mappings)).await?;
        for (id, points) in &self.mappings {
            let item = points.iter().find_map(|point| column(point.change.before.as_ref()?, "catalog_item_id"));
            let digest = digests.get(id).map(String::as_str);
            let one = unknown(points, digest).into_iter().rfind(touches);
            found.extend(item.or(self.mapped.get(id).copied()).zip(one));
        }
        found.extend(self.slipped.iter().map(|(id, made)| (*id, (*made, None))).filter(|(_, one)| touches(one)));
        if found.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = found.keys().copied().collect();
        let mut names: HashMap<Uuid, String> = db::scores::names(tx, &ids)
            .await?
            .into_iter()
            .map(|called| (called.id, called.metric_number.unwrap_or(called.name)))
            .collect();
        let mut lines: Vec<String> = found
            .into_iter()
            .map(|(id, (since, until))| {
                let name = names.remove(&id).unwrap_or_else(|| id.to_string());
                let until = until.map(|until| format!(" until {}", moment::text(until))).unwrap_or_default();
                format!("{name}: unknown since {}{until}", moment::text(since))
            })
            .collect();
        lines.sort_unstable();
        let mut listed = Listed::of_at_most(NAMED);
        for line in &lines {
            listed.add(|| line.clone());
        }
        tell.notice(&format!(
            "definitions were changed outside cmf, so their earlier values are unknown: {}",
            listed.lines().join("; ")
        ));
        Ok(())
    }
}
