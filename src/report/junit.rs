//! What was checked as a report of tests in XML, which build servers show: a suite a rule, a case a metric or a score.

use super::plot::escaped;
use crate::domain::check::{Checked, Rule};

/// The checks of a subject as an XML document.
pub fn text(subject: &str, checked: &[Checked]) -> String {
    let failures = |checked: &[&Checked]| checked.iter().filter(|one| one.finding.is_some()).count();
    let all: Vec<&Checked> = checked.iter().collect();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
        escaped(subject),
        all.len(),
        failures(&all)
    );
    for rule in Rule::ALL {
        let cases: Vec<&Checked> = checked.iter().filter(|one| one.rule == rule).collect();
        if cases.is_empty() {
            continue;
        }
        let name = rule.as_str();
        text +=
            &format!(" <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n", cases.len(), failures(&cases));
        for case in cases {
            let called = case.code.iter().chain([&case.name]).map(String::as_str).collect::<Vec<_>>().join(" ");
            text += &format!("  <testcase classname=\"{name}\" name=\"{}\"", escaped(&called));
            text += &match &case.finding {
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
