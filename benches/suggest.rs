//! How good mapping suggestions are, how honest their confidence, and how fast they come.
//!
//! `cargo bench --bench suggest [-- FOLDER]`, FOLDER being the one that holds `mappings/` and `frameworks/` (default `../shared`).
//!
//! Nothing is tuned on the rows of FOLDER. The vocabulary is written from general knowledge of the field, with every phrase of
//! three words and more that occurs in such a row taken out again. Weights are chosen on the metrics of the starter catalog and
//! on the odd rows of `statements.csv`: controls, questions and names of metrics in words of our own, whose even rows are held
//! out. The confidence is fitted on the starter catalog only, and judged there by five folds.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cmf::domain::suggest::{self, CONFIDENCE, Suggester};
use cmf::import::{bundled, framework};

/// How many properties the confidence is made of.
const FEATURES: usize = CONFIDENCE.len() - 1;

struct Row {
    text: String,
    gold: BTreeSet<String>,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let official = official(&folder)?;
    let sets = [
        ("CSF 1.1 to 2.0", rows(&folder.join("mappings/csf11_to_csf20.jsonl"))?),
        ("SP 800-66r2", rows(&folder.join("mappings/sp80066_to_csf20.jsonl"))?),
        ("starter metrics", starter("csf-2.0")?),
        ("statements, tuned", statements(0)?),
        ("statements, held out", statements(1)?),
    ];

    println!("hits in %: subcategory at 1/3/5, category at 1");
    for (what, vocabulary, paraphrase, examples) in [
        ("all", true, true, true),
        ("without vocabulary", false, true, true),
        ("without examples", true, true, false),
        ("official text alone", false, false, false),
    ] {
        let index = index(&official, vocabulary, paraphrase, examples)?;
        let scores: Vec<String> = sets.iter().map(|(name, rows)| format!("{name}: {}", hits(&index, rows))).collect();
        println!("{what:22} {}", scores.join("   "));
    }

    let bundled = bundled_index("csf-2.0")?;
    let scores: Vec<String> = sets.iter().map(|(name, rows)| format!("{name}: {}", hits(&bundled, rows))).collect();
    println!("{:22} {}", "as bundled", scores.join("   "));
    println!("{:22} {}", "AI RMF, as bundled", hits(&bundled_index("ai-rmf-1.0")?, &starter("ai-rmf-1.0")?));

    let index = index(&official, true, true, true)?;
    let fitted = fit(&index, &sets[2].1);
    println!("\nconfidence: fitted on the starter metrics {fitted:.3?}, in the code {CONFIDENCE:.3?}");
    println!("share that is right, of all five candidates a row, by confidence (number of candidates)");
    for (name, rows) in &sets {
        println!("{name:20} {}", bins(&index, rows));
    }
    println!("starter, five folds, each judged by the other four: {}", folds(&index, &sets[2].1));

    let texts: Vec<&str> = sets.iter().flat_map(|(_, rows)| rows).map(|row| row.text.as_str()).collect();
    let start = Instant::now();
    let index = self::index(&official, true, true, true)?;
    let built = start.elapsed();
    let mut found = 0;
    for text in texts.iter().cycle().take(1000) {
        found += index.suggest(text, 5).len();
    }
    println!("\n1000 items: {:?} with {built:?} for the index, {found} suggestions, peak memory {}", start.elapsed(), peak());
    Ok(())
}

/// The official texts from NIST's CPRT file.
fn official(folder: &Path) -> Result<framework::FrameworkFile, Failure> {
    let path = folder.join("frameworks/cprt_CSF_2_0_0.rocklambros-48f1e906.json");
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let read = framework::read(&bytes, &path.display().to_string()).map_err(|error| error.to_text())?;
    read.ok_or_else(|| "it is no document of a framework".into())
}

fn index(source: &framework::FrameworkFile, vocabulary: bool, paraphrase: bool, examples: bool) -> Result<Suggester, Failure> {
    let bundled = bundled::find("csf-2.0").ok_or("csf-2.0 is bundled")?;
    let wording = bundled.framework().map_err(|error| error.to_text())?;
    let words = bundled::vocabulary("csf-2.0").map_err(|error| error.to_text())?;
    let none = BTreeMap::new();
    Ok(Suggester::new(suggest::targets(
        &source.framework,
        paraphrase.then_some(&wording),
        if examples { &source.examples } else { &none },
        if vocabulary { &words } else { &none },
    )))
}

/// What is searched where no official file was imported.
fn bundled_index(short_name: &str) -> Result<Suggester, Failure> {
    let bundled = bundled::find(short_name).ok_or("it is bundled")?;
    let framework = bundled.framework().map_err(|error| error.to_text())?;
    let words = bundled::vocabulary(short_name).map_err(|error| error.to_text())?;
    Ok(Suggester::new(suggest::targets(&framework, None, &BTreeMap::new(), &words)))
}

fn rows(path: &Path) -> Result<Vec<Row>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line)?;
            let gold =
                row["gold"].as_array().into_iter().flatten().filter_map(|code| code.as_str().map(str::to_owned)).collect();
            Ok(Row { text: row["text"].as_str().unwrap_or_default().to_owned(), gold })
        })
        .collect()
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

/// Candidates with whether they are right.
fn judged(index: &Suggester, rows: &[Row]) -> Vec<([f64; FEATURES], f64, bool)> {
    rows.iter()
        .flat_map(|row| {
            let suggestions = index.suggest(&row.text, 5);
            index.candidates(&row.text, 5).into_iter().zip(suggestions).map(|(candidate, suggestion)| {
                let confidence = suggestion.confidence.to_string().parse().unwrap_or_default();
                (candidate.features(), confidence, row.gold.contains(suggestion.position.code()))
            })
        })
        .collect()
}

fn probability(weights: [f64; FEATURES + 1], features: [f64; FEATURES]) -> f64 {
    let logit = weights[0] + weights[1..].iter().zip(features).map(|(weight, feature)| weight * feature).sum::<f64>();
    1.0 / (1.0 + (-logit).exp())
}

fn fit(index: &Suggester, rows: &[Row]) -> [f64; FEATURES + 1] {
    descend(&judged(index, rows).into_iter().map(|(features, _, right)| (features, right)).collect::<Vec<_>>())
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

fn bins(index: &Suggester, rows: &[Row]) -> String {
    table(judged(index, rows).into_iter().map(|(_, confidence, right)| (confidence, right)))
}

fn folds(index: &Suggester, rows: &[Row]) -> String {
    let rows: Vec<Vec<([f64; FEATURES], bool)>> = rows
        .iter()
        .map(|row| judged(index, std::slice::from_ref(row)).into_iter().map(|(features, _, right)| (features, right)).collect())
        .collect();
    let mut all = Vec::new();
    for fold in 0..5 {
        let part = |is_tested: bool| {
            rows.iter().enumerate().filter(move |(number, _)| (number % 5 == fold) == is_tested).map(|(_, row)| row)
        };
        let weights = descend(&part(false).flatten().copied().collect::<Vec<_>>());
        for row in part(true) {
            // As everywhere, none has more confidence than the one before it.
            let mut most = 1.0_f64;
            all.extend(row.iter().map(|(features, right)| {
                most = most.min(probability(weights, *features));
                (most, *right)
            }));
        }
    }
    table(all.into_iter())
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown").trim_start_matches("VmHWM:").trim().to_owned()
}
