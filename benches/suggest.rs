//! How good mapping suggestions are, how honest their confidence, and how fast they come.
//!
//! `cargo bench --bench suggest [-- FOLDER]`, FOLDER being the one that holds `mappings/` and `frameworks/` (default `../shared`).
//!
//! CSF 1.1, SP 800-66r2 and SP 800-53r5 are part of what is searched: their rows are measured without their own document
//! (cross-validation), and the confidence is fitted and judged the same way. Weights are chosen on these, the metrics of the starter
//! catalog, and the odd rows of `statements.csv`; its even rows and the names of KPIs are held out. `kpi_*.csv` were written
//! before any suggestion was looked at, with every code that is right; the author of the vocabularies of French and Dutch wrote the
//! names in them, too, so they are too good.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cmf::domain::code::Position;
use cmf::domain::language::Language;
use cmf::domain::suggest::{self, CONFIDENCE, Suggester};
use cmf::import::{bundled, framework, words};

/// How many properties the confidence is made of.
const FEATURES: usize = CONFIDENCE.len() - 1;

struct Row {
    text: String,
    gold: BTreeSet<String>,
}

type Failure = Box<dyn std::error::Error>;

/// Texts with their codes, and the suggester that has not seen them.
struct Set {
    name: &'static str,
    rows: Vec<Row>,
    index: Suggester,
}

/// What is searched beside the texts of the framework.
#[derive(Clone, Copy)]
struct With {
    official: bool,
    vocabulary: bool,
    examples: bool,
    neighbours: bool,
}

const ALL: With = With { official: true, vocabulary: true, examples: true, neighbours: true };
/// The documents whose texts are neighbours.
const DOCUMENTS: [&str; 3] = ["CSF 1.1", "SP 800-66r2", "SP 800-53r5"];

fn main() -> Result<(), Failure> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let official = official(&folder)?;

    println!("hits in %: subcategory at 1/3/5, category at 1; documents without their own texts");
    for (what, with) in [
        ("all", ALL),
        ("without neighbours", With { neighbours: false, ..ALL }),
        ("without vocabulary", With { vocabulary: false, ..ALL }),
        ("as bundled", With { official: false, ..ALL }),
    ] {
        let scores = sets(&official, with)?.into_iter().map(|set| format!("{}: {}", set.name, hits(&set.index, &set.rows)));
        println!("{what:20} {}", scores.collect::<Vec<_>>().join("   "));
    }
    let ai_rmf = Suggester::new(Language::English, targets("ai-rmf-1.0", None, ALL)?);
    println!("{:20} {}", "AI RMF, as bundled", hits(&ai_rmf, &starter("ai-rmf-1.0")?));

    let sets = sets(&official, ALL)?;
    let bundled = self::sets(&official, With { official: false, ..ALL })?;
    let both = |name: &str| {
        let sets = sets.iter().chain(&bundled).filter(|set| set.name == name);
        sets.flat_map(|set| judged(&set.index, &set.rows)).collect()
    };
    let documents: Vec<Vec<Judged>> = DOCUMENTS.map(both).into();
    let fitted = fit(documents.iter().flatten());
    println!("\nconfidence: fitted on the documents {fitted:.3?}, in the code {CONFIDENCE:.3?}");
    println!("share that is right by confidence (number): of all five candidates a row, then of the first");
    for set in &sets {
        let judged = judged(&set.index, &set.rows);
        println!("{:20} {}", set.name, table(judged.iter().map(|one| (one.confidence, one.right))));
        println!("{:20} {}", "", table(judged.iter().filter(|one| one.rank == 0).map(|one| (one.confidence, one.right))));
    }
    for (left_out, name) in DOCUMENTS.iter().enumerate() {
        let others = documents.iter().enumerate().filter(|(at, _)| *at != left_out).flat_map(|(_, document)| document);
        let weights = fit(others);
        let again = refitted(&documents[left_out], weights);
        println!("{name}, fitted on the others: {}", table(again.into_iter()));
    }

    let texts: Vec<&str> = sets.iter().flat_map(|set| &set.rows).map(|row| row.text.as_str()).collect();
    let start = Instant::now();
    let index = english(&official, ALL, None)?;
    let built = start.elapsed();
    let mut found = 0;
    for text in texts.iter().cycle().take(1000) {
        found += index.suggest(text, 5).len();
    }
    println!("\n1000 items: {:?} with {built:?} for the index, {found} suggestions, peak memory {}", start.elapsed(), peak());
    Ok(())
}

fn sets(official: &framework::FrameworkFile, with: With) -> Result<Vec<Set>, Failure> {
    let mut sets = Vec::new();
    for name in DOCUMENTS {
        let neighbours = words::neighbours("csf-2.0").map_err(|error| error.to_text())?;
        let rows = neighbours.into_iter().filter(|one| one.source == name);
        let rows = rows.map(|one| Row { text: one.text, gold: one.codes.into_iter().collect() }).collect();
        sets.push(Set { name, rows, index: english(official, with, Some(name))? });
    }
    for (name, rows) in [
        ("starter metrics", starter("csf-2.0")?),
        ("statements, tuned", statements(0)?),
        ("statements, held out", statements(1)?),
        ("names of KPIs", names("kpi_names")?),
    ] {
        sets.push(Set { name, rows, index: english(official, with, None)? });
    }
    for (name, file, language) in
        [("French names", "kpi_french", Language::French), ("Dutch names", "kpi_dutch", Language::Dutch)]
    {
        let translations = words::translations("csf-2.0", language).map_err(|error| error.to_text())?.ok_or("translated")?;
        let translated = suggest::translated(targets("csf-2.0", Some(official), with)?, &translations);
        sets.push(Set { name, rows: names(file)?, index: Suggester::new(language, translated) });
    }
    Ok(sets)
}

/// The places of a bundled framework, with the official file's texts where they are wanted.
fn targets(
    short_name: &str,
    official: Option<&framework::FrameworkFile>,
    with: With,
) -> Result<Vec<(Position, suggest::Target)>, Failure> {
    let bundled = bundled::find(short_name).ok_or("it is bundled")?.framework().map_err(|error| error.to_text())?;
    let vocabulary = words::vocabulary(short_name).map_err(|error| error.to_text())?;
    let none = BTreeMap::new();
    let vocabulary = if with.vocabulary { &vocabulary } else { &none };
    Ok(match official.filter(|_| with.official) {
        Some(file) => {
            let examples = if with.examples { &file.examples } else { &none };
            suggest::targets(&file.framework, Some(&bundled), examples, vocabulary)
        }
        None => suggest::targets(&bundled, None, &none, vocabulary),
    })
}

/// What is searched for English texts, without the texts of one document.
fn english(official: &framework::FrameworkFile, with: With, without: Option<&str>) -> Result<Suggester, Failure> {
    let mut neighbours = words::neighbours("csf-2.0").map_err(|error| error.to_text())?;
    neighbours.retain(|one| with.neighbours && Some(one.source.as_str()) != without);
    Ok(Suggester::new(Language::English, targets("csf-2.0", Some(official), with)?).with_neighbours(&neighbours))
}

/// The official texts from NIST's CPRT file.
fn official(folder: &Path) -> Result<framework::FrameworkFile, Failure> {
    let path = folder.join("frameworks/cprt_CSF_2_0_0.rocklambros-48f1e906.json");
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let read = framework::read(&bytes, &path.display().to_string()).map_err(|error| error.to_text())?;
    read.ok_or_else(|| "it is no document of a framework".into())
}

fn starter(framework: &str) -> Result<Vec<Row>, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/catalogs/starter-{framework}.csv"));
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap_or_default();
    let (name, description, code) = (column("Metric Name"), column("Description"), column("Subcategory"));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        rows.push(Row { text: format!("{}. {}", &record[name], &record[description]), gold: [record[code].to_owned()].into() });
    }
    Ok(rows)
}

/// Every second of the statements, from the first or from the second one.
fn statements(from: usize) -> Result<Vec<Row>, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/statements.csv");
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(path)?.records().skip(from).step_by(2) {
        let record = record?;
        rows.push(Row { text: record[1].to_owned(), gold: record[2].split(' ').map(str::to_owned).collect() });
    }
    Ok(rows)
}

/// Names of metrics with every code that is right.
fn names(file: &str) -> Result<Vec<Row>, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/{file}.csv"));
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(path)?.records() {
        let record = record?;
        rows.push(Row { text: record[0].to_owned(), gold: record[1].split(' ').map(str::to_owned).collect() });
    }
    Ok(rows)
}

fn category(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

fn hits(index: &Suggester, rows: &[Row]) -> String {
    let mut hits = [0_usize; 4];
    for row in rows {
        let codes: Vec<String> = index.suggest(&row.text, 5).iter().map(|one| one.position.code().to_owned()).collect();
        for (hit, top) in hits.iter_mut().zip([1, 3, 5]) {
            *hit += usize::from(codes.iter().take(top).any(|code| row.gold.contains(code)));
        }
        hits[3] += usize::from(codes.first().is_some_and(|code| row.gold.iter().any(|gold| category(gold) == category(code))));
    }
    let [one, three, five, category] = hits.map(|hit| (200 * hit / rows.len().max(1)).div_ceil(2));
    format!("{one}/{three}/{five} and {category}")
}

/// A candidate, and whether it is right.
struct Judged {
    rank: usize,
    features: [f64; FEATURES],
    confidence: f64,
    right: bool,
}

fn judged(index: &Suggester, rows: &[Row]) -> Vec<Judged> {
    rows.iter()
        .flat_map(|row| {
            let suggestions = index.suggest(&row.text, 5);
            index.candidates(&row.text, 5).into_iter().zip(suggestions).enumerate().map(|(rank, (candidate, suggestion))| {
                Judged {
                    rank,
                    features: candidate.features(),
                    confidence: suggestion.confidence.to_string().parse().unwrap_or_default(),
                    right: row.gold.contains(suggestion.position.code()),
                }
            })
        })
        .collect()
}

fn probability(weights: [f64; FEATURES + 1], features: [f64; FEATURES]) -> f64 {
    let logit = weights[0] + weights[1..].iter().zip(features).map(|(weight, feature)| weight * feature).sum::<f64>();
    1.0 / (1.0 + (-logit).exp())
}

fn fit<'a>(judged: impl Iterator<Item = &'a Judged>) -> [f64; FEATURES + 1] {
    descend(&judged.map(|one| (one.features, one.right)).collect::<Vec<_>>())
}

/// The confidences by other weights. As everywhere, none has more than the one before it.
fn refitted(judged: &[Judged], weights: [f64; FEATURES + 1]) -> Vec<(f64, bool)> {
    let mut most = 1.0_f64;
    let again = judged.iter().map(|one| {
        most = if one.rank == 0 { 1.0 } else { most }.min(probability(weights, one.features));
        (most, one.right)
    });
    again.collect()
}

/// Logistic regression by gradient descent on standardised features, a little ridge.
fn descend(samples: &[([f64; FEATURES], bool)]) -> [f64; FEATURES + 1] {
    let count = f64::from(u32::try_from(samples.len()).unwrap_or(u32::MAX));
    let mean: [f64; FEATURES] = std::array::from_fn(|j| samples.iter().map(|(features, _)| features[j]).sum::<f64>() / count);
    let deviation: [f64; FEATURES] = std::array::from_fn(|j| {
        (samples.iter().map(|(features, _)| (features[j] - mean[j]).powi(2)).sum::<f64>() / count).sqrt().max(1e-9)
    });
    let mut weights = [0.0_f64; FEATURES + 1];
    for _ in 0..3000 {
        let mut gradient = [0.0_f64; FEATURES + 1];
        for (features, right) in samples {
            let standard: [f64; FEATURES] = std::array::from_fn(|j| (features[j] - mean[j]) / deviation[j]);
            let error = probability(weights, standard) - f64::from(u8::from(*right));
            gradient[0] += error;
            for j in 0..FEATURES {
                gradient[j + 1] += error * standard[j];
            }
        }
        for (j, weight) in weights.iter_mut().enumerate() {
            let ridge = if j == 0 { 0.0 } else { 0.01 * *weight };
            *weight -= 0.5 * (gradient[j] / count + ridge);
        }
    }
    let mut plain = [0.0; FEATURES + 1];
    plain[0] = weights[0];
    for j in 0..FEATURES {
        plain[j + 1] = weights[j + 1] / deviation[j];
        plain[0] -= weights[j + 1] * mean[j] / deviation[j];
    }
    plain
}

fn table(samples: impl Iterator<Item = (f64, bool)>) -> String {
    let mut bins: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    for (confidence, right) in samples {
        let bin = (0..10).rev().find(|bin| confidence >= f64::from(*bin) / 10.0).unwrap_or(0);
        let (count, hits) = bins.entry(bin).or_default();
        *count += 1;
        *hits += usize::from(right);
    }
    let cells: Vec<String> =
        bins.iter().map(|(bin, (count, hits))| format!("0.{bin}+ {}% ({count})", 100 * hits / count)).collect();
    cells.join("  ")
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown").trim_start_matches("VmHWM:").trim().to_owned()
}
