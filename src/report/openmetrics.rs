//! Figures as monitoring reads them: the text format of OpenMetrics, in the part of it that Prometheus reads too.

use std::fmt::Write as _;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::domain::score::{Certainty, shown};

/// The figures of one catalog.
#[derive(Debug, Clone)]
pub struct Figures {
    /// The schema of the tenant, where the figures of several stand side by side.
    pub schema: Option<String>,
    pub catalog: String,
    /// Such as `csf-2.0`.
    pub framework: String,
    pub metrics: Vec<Metric>,
    /// The functions, and the whole, which has no code.
    pub groups: Vec<Group>,
}

/// A metric with where it stands.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Its number, else its name; no other metric of the catalog has this name.
    pub called: String,
    /// The codes of its functions.
    pub functions: Vec<String>,
    /// The codes of its categories.
    pub categories: Vec<String>,
    /// What it is counted in.
    pub unit: Option<String>,
    /// Which values are good.
    pub direction: &'static str,
    /// How much it weighs.
    pub priority: &'static str,
    /// The newest reading.
    pub value: Option<Decimal>,
    /// The goal: one value, or the two bounds of a range.
    pub target: [Option<Decimal>; 3],
    /// In percent, as it is shown.
    pub score: Option<Decimal>,
    /// When the newest reading was taken, and how many seconds ago, UTC.
    pub read: Option<(NaiveDateTime, Decimal)>,
    /// Whether it has no reading that is young enough.
    pub is_stale: bool,
}

/// A function, or the whole.
#[derive(Debug, Clone)]
pub struct Group {
    /// The code of the function.
    pub code: Option<String>,
    /// In percent, as it is shown.
    pub score: Option<Decimal>,
    /// What of it is fresh.
    pub certainty: Option<Certainty>,
    /// How many metrics have a score, how many lack something for one, and of how many nobody set the direction.
    pub counts: [u64; 3],
}

/// A family of samples: its name, its unit, which the name ends with, and what it is.
#[derive(Clone, Copy)]
struct Family(&'static str, &'static str, &'static str);

/// A sample's labels as they are written, and its value.
type Samples = Vec<(String, Decimal)>;

/// The figures of one or several catalogs as text. Samples of a family stand together, as the format wants it.
pub fn text(all: &[Figures]) -> String {
    let mut families: Vec<(Family, Samples)> = Vec::new();
    for figures in all {
        for (at, (family, samples)) in figures.families().into_iter().enumerate() {
            match families.get_mut(at) {
                Some((_, known)) => known.extend(samples),
                None => families.push((family, samples)),
            }
        }
    }
    let mut text = String::new();
    for (Family(name, unit, help), samples) in &families {
        family(&mut text, name, unit, help, samples);
    }
    text + "# EOF\n"
}

impl Figures {
    /// Its samples, by family; those of all figures are the same families.
    fn families(&self) -> Vec<(Family, Samples)> {
        let labels: Vec<String> = self.metrics.iter().map(|metric| self.labels(metric)).collect();
        let metrics = |of: &dyn Fn(&Metric) -> Option<Decimal>| -> Samples {
            self.metrics.iter().zip(&labels).filter_map(|(metric, labels)| Some((labels.clone(), of(metric)?))).collect()
        };
        let ratio = |percent: Option<Decimal>| percent.map(|percent| percent / Decimal::ONE_HUNDRED);
        let stamp = |at: NaiveDateTime| Decimal::new(at.and_utc().timestamp_micros(), 6);
        let [functions, all] = [true, false].map(|has_code| move |group: &&Group| group.code.is_some() == has_code);
        let scores = |groups: Vec<&Group>| -> Samples {
            groups.iter().filter_map(|group| Some((self.group(group, None), ratio(group.score)?))).collect()
        };
        let counts = |groups: Vec<&Group>, states: &[(Option<&'static str>, usize)]| -> Samples {
            let each = |group: &&Group| -> Samples {
                states.iter().map(|(state, at)| (self.group(group, *state), group.counts[*at].into())).collect()
            };
            groups.iter().flat_map(each).collect()
        };
        let certain = |groups: Vec<&Group>, figure: fn(&Certainty) -> Decimal| -> Samples {
            let known =
                |group: &&Group| Some((self.group(group, None), ratio(Some(shown(figure(group.certainty.as_ref()?))))?));
            groups.iter().filter_map(known).collect()
        };
        let of = |is: &dyn Fn(&&Group) -> bool| self.groups.iter().filter(is).collect::<Vec<_>>();
        let states = [(Some("scored"), 0), (Some("not_scored"), 1)];
        let assumed = [(None, 2)];
        vec![
            (Family("cmf_metric_value", "", "Newest reading, in the unit of the label"), metrics(&|metric| metric.value)),
            (Family("cmf_metric_target", "", "Target, in the unit of the label"), metrics(&|metric| metric.target[0])),
            (Family("cmf_metric_target_lower", "", "Lower bound of a target range"), metrics(&|metric| metric.target[1])),
            (Family("cmf_metric_target_upper", "", "Upper bound of a target range"), metrics(&|metric| metric.target[2])),
            (
                Family("cmf_metric_score_ratio", "ratio", "Score from 0 to 1; a metric that cannot be scored has none"),
                metrics(&|metric| ratio(metric.score)),
            ),
            (
                Family("cmf_metric_reading_timestamp_seconds", "seconds", "When the newest reading was taken"),
                metrics(&|metric| metric.read.map(|(at, _)| stamp(at))),
            ),
            (
                Family("cmf_metric_reading_age_seconds", "seconds", "Age of the newest reading when this was written"),
                metrics(&|metric| metric.read.map(|(_, age)| age)),
            ),
            (
                Family(
                    "cmf_metric_stale",
                    "",
                    "1 if the newest reading is too old for the metric's frequency, or there is none",
                ),
                metrics(&|metric| Some(u8::from(metric.is_stale).into())),
            ),
            (Family("cmf_function_score_ratio", "ratio", "Score of a function from 0 to 1"), scores(of(&functions))),
            (
                Family("cmf_function_score_low_ratio", "ratio", "The score of a function if every stale metric stood at 0"),
                certain(of(&functions), |certainty| certainty.low),
            ),
            (
                Family("cmf_function_score_high_ratio", "ratio", "The score of a function if every stale metric stood at 1"),
                certain(of(&functions), |certainty| certainty.high),
            ),
            (
                Family(
                    "cmf_function_fresh_ratio",
                    "ratio",
                    "Share of the weight of a function that has a recent reading, from 0 to 1",
                ),
                certain(of(&functions), |certainty| certainty.share),
            ),
            (
                Family("cmf_function_metrics", "", "Metrics of a function that are scored, and those that cannot be"),
                counts(of(&functions), &states),
            ),
            (
                Family("cmf_function_assumed_directions", "", "Metrics of its score whose direction is not set"),
                counts(of(&functions), &assumed),
            ),
            (Family("cmf_overall_score_ratio", "ratio", "Overall score from 0 to 1"), scores(of(&all))),
            (
                Family("cmf_overall_score_low_ratio", "ratio", "The score of the whole if every stale metric stood at 0"),
                certain(of(&all), |certainty| certainty.low),
            ),
            (
                Family("cmf_overall_score_high_ratio", "ratio", "The score of the whole if every stale metric stood at 1"),
                certain(of(&all), |certainty| certainty.high),
            ),
            (
                Family(
                    "cmf_overall_fresh_ratio",
                    "ratio",
                    "Share of the weight of the whole that has a recent reading, from 0 to 1",
                ),
                certain(of(&all), |certainty| certainty.share),
            ),
            (Family("cmf_overall_metrics", "", "Metrics that are scored, and those that cannot be"), counts(of(&all), &states)),
            (
                Family("cmf_overall_assumed_directions", "", "Metrics of the score whose direction is not set"),
                counts(of(&all), &assumed),
            ),
        ]
    }

    /// The label of the tenant, where there is one.
    fn tenant(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.schema.as_deref().map(|schema| ("schema", schema)).into_iter()
    }

    fn labels(&self, metric: &Metric) -> String {
        let (functions, categories) = (metric.functions.join(","), metric.categories.join(","));
        let own = [
            ("catalog", self.catalog.as_str()),
            ("metric", &metric.called),
            ("function", &functions),
            ("category", &categories),
            ("unit", metric.unit.as_deref().unwrap_or_default()),
            ("direction", metric.direction),
            ("priority", metric.priority),
        ];
        written(&self.tenant().chain(own).collect::<Vec<_>>())
    }

    /// The labels of a function, or of the whole.
    fn group(&self, group: &Group, state: Option<&str>) -> String {
        let own = self.tenant().chain([("catalog", self.catalog.as_str()), ("framework", self.framework.as_str())]);
        let labels = own.chain(group.code.as_deref().map(|code| ("function", code))).chain(state.map(|state| ("state", state)));
        written(&labels.collect::<Vec<_>>())
    }
}

fn family(text: &mut String, name: &str, unit: &str, help: &str, samples: &Samples) {
    if samples.is_empty() {
        return;
    }
    // Writing into a text never fails.
    let _ = writeln!(text, "# TYPE {name} gauge");
    if !unit.is_empty() {
        let _ = writeln!(text, "# UNIT {name} {unit}");
    }
    let _ = writeln!(text, "# HELP {name} {help}.");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{{{labels}}} {}", value.normalize());
    }
}

/// Labels as they are written. All samples of a family have the same ones; an empty one is as none.
fn written(labels: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect::<Vec<_>>().join(",")
}
