//! What was checked as a report of tests in XML, which build servers show: a suite a rule, a case a metric or a score.

use super::plot::escaped;
use crate::domain::check::{Checked, Rule};
use crate::domain::lint::{self, Finding, Measure};

/// One thing that was looked at by a rule, and what was found.
struct Case<'a> {
    name: String,
    finding: Option<&'a str>,
}

/// The checks of a subject as an XML document.
pub fn text(subject: &str, checked: &[Checked]) -> String {
    let case = |one: &Checked| one.code.iter().chain([&one.name]).map(String::as_str).collect::<Vec<_>>().join(" ");
    let suite = |rule: Rule| {
        let cases = checked.iter().filter(|one| one.rule == rule);
        let cases = cases.map(|one| Case { name: case(one), finding: one.finding.as_deref() });
        (rule.as_str(), cases.collect())
    };
    document(subject, &Rule::ALL.map(suite))
}

/// The measures of a catalog by each rule as an XML document.
pub fn linted(catalog: &str, measures: &[Measure], rules: &[&lint::Rule], findings: &[Finding]) -> String {
    let suite = |rule: &&lint::Rule| {
        let mut found = findings.iter().filter(|one| one.rule.id == rule.id).peekable();
        let case = |(position, measure): (usize, &Measure)| {
            let finding = found.next_if(|one| one.measure == position).map(|one| one.message.as_str());
            let name = measure.item.metric_number.iter().chain([&measure.item.name]).map(String::as_str);
            Case { name: name.collect::<Vec<_>>().join(" "), finding }
        };
        (rule.id, measures.iter().enumerate().map(case).collect())
    };
    document(catalog, &rules.iter().map(suite).collect::<Vec<_>>())
}

fn document(subject: &str, suites: &[(&str, Vec<Case<'_>>)]) -> String {
    let failures = |cases: &[Case<'_>]| cases.iter().filter(|case| case.finding.is_some()).count();
    let all: usize = suites.iter().map(|(_, cases)| cases.len()).sum();
    let failed: usize = suites.iter().map(|(_, cases)| failures(cases)).sum();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{all}\" failures=\"{failed}\">\n",
        escaped(subject),
    );
    for (name, cases) in suites.iter().filter(|(_, cases)| !cases.is_empty()) {
        text +=
            &format!(" <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n", cases.len(), failures(cases));
        for case in cases {
            text += &format!("  <testcase classname=\"{name}\" name=\"{}\"", escaped(&case.name));
            text += &match case.finding {
                None => "/>\n".to_owned(),
                Some(finding) => {
                    let finding = escaped(finding);
                    format!(">\n   <failure type=\"{name}\" message=\"{finding}\">{finding}</failure>\n  </testcase>\n")
                }
            };
        }
        text += " </testsuite>\n";
    }
    text + "</testsuites>\n"
}
