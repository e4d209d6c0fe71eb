//! What a measure should have by NIST SP 800-55 and ISO/IEC 27004, and what makes one useless: rules over the items of a catalog.

mod alike;
mod rule;
mod rules;
mod targets;

use chrono::NaiveDate;

use self::rule::Looked;
pub use self::rule::{Finding, Level, Measure, Profile, Rule};
pub use self::rules::RULES;

/// The rules that count.
pub fn rules(profile: Option<Profile>, ids: &[String]) -> Vec<&'static Rule> {
    RULES.iter().filter(|rule| rule.is_of(profile) && (ids.is_empty() || ids.iter().any(|id| id == rule.id))).collect()
}

/// What is wrong with measures, in their order, by these rules.
pub fn lint(measures: &[Measure], rules: &[&'static Rule], profile: Option<Profile>, today: NaiveDate) -> Vec<Finding> {
    let alike = alike::find(measures);
    let mut findings = Vec::new();
    for (position, measure) in measures.iter().enumerate() {
        let other = |found: &[Option<usize>]| found[position].map(|other| &measures[other]);
        let (same, near) = (other(&alike.same), other(&alike.near));
        let looked = Looked { measure, profile, today, same, near };
        let broken = rules.iter().filter_map(|rule| Some((*rule, (rule.look)(&looked)?)));
        findings.extend(broken.map(|(rule, message)| Finding { rule, measure: position, message }));
    }
    findings
}

#[cfg(test)]
mod tests;
