//! Values over time as text: in one line, and as a plot of lines for a terminal.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// One character a value, at most 40; more are thinned out.
pub fn sparkline(values: &[Decimal]) -> String {
    const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let count = values.len().min(40);
    let thinned: Vec<Decimal> = (0..count).map(|i| values[i * (values.len() - 1) / (count - 1).max(1)]).collect();
    let (low, high) = bounds(&thinned);
    let step = |value: &Decimal| {
        let part = ((value - low) * Decimal::from(7)).checked_div(high - low).unwrap_or(Decimal::new(35, 1));
        STEPS[part.round().to_usize().unwrap_or_default().min(7)]
    };
    thinned.iter().map(step).collect()
}

fn bounds(values: &[Decimal]) -> (Decimal, Decimal) {
    let low = values.iter().copied().min().unwrap_or_default();
    let high = values.iter().copied().max().unwrap_or_default();
    (low, high)
}

/// A line of scores over time, 10 rows high, with its scale at the left and its ends below.
pub fn plot(series: &[(NaiveDateTime, Decimal)], width: usize) -> String {
    const ROWS: usize = 10;
    let (Some(&(start, _)), Some(&(end, _))) = (series.first(), series.last()) else { return String::new() };
    let span = Decimal::from((end - start).num_seconds().max(1));
    let steps = Decimal::from(width.saturating_sub(1).max(1));
    // The score at each column: between two readings of the series, on the straight line from one to the other.
    let values: Vec<Decimal> = (0..width)
        .map(|column| {
            let second = span * Decimal::from(column) / steps;
            let age = |at: NaiveDateTime| Decimal::from((at - start).num_seconds());
            let after = series.partition_point(|&(at, _)| age(at) < second).min(series.len() - 1);
            let ((t0, v0), (t1, v1)) = (series[after.saturating_sub(1)], series[after]);
            let part = (second - age(t0)).checked_div(age(t1) - age(t0)).unwrap_or(Decimal::ONE);
            v0 + (v1 - v0) * part.clamp(Decimal::ZERO, Decimal::ONE)
        })
        .collect();
    let (low, high) = bounds(&values);
    let (low, high) = (low.floor(), high.ceil().max(low.floor() + Decimal::ONE));
    let row = |value: &Decimal| {
        let part = (value - low) / (high - low) * Decimal::from(ROWS - 1);
        part.round().to_usize().unwrap_or_default().min(ROWS - 1)
    };
    let rows: Vec<usize> = values.iter().map(row).collect();
    let mut grid = vec![vec![' '; width]; ROWS];
    for column in 0..width {
        let (from, to) = (rows[column], *rows.get(column + 1).unwrap_or(&rows[column]));
        if from == to {
            grid[from][column] = '─';
            continue;
        }
        let (down, up) = (from.min(to), from.max(to));
        grid[from][column] = if to > from { '╯' } else { '╮' };
        grid[to][column] = if to > from { '╭' } else { '╰' };
        for line in &mut grid[down + 1..up] {
            line[column] = '│';
        }
    }
    let mut text = String::new();
    for (i, line) in grid.iter().enumerate().rev() {
        let label = low + (high - low) * Decimal::from(i) / Decimal::from(ROWS - 1);
        let line: String = line.iter().collect();
        text.push_str(&format!("{:>6} ┤{}\n", label.round_dp(1).to_string(), line.trim_end()));
    }
    let (first, last) = (start.date().to_string(), end.date().to_string());
    text.push_str(&format!("        {first}{}{last}\n", " ".repeat(width.saturating_sub(first.len() + last.len()).max(1))));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[i64]) -> Vec<(NaiveDateTime, Decimal)> {
        let start: NaiveDateTime = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day").into();
        (0..).zip(values).map(|(week, value)| (start + chrono::Duration::weeks(week), Decimal::from(*value))).collect()
    }

    #[test]
    fn a_plot_rises_where_the_scores_do() {
        let text = plot(&series(&[10, 10, 90, 90]), 40);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 11);
        assert!(lines[0].starts_with("    90 ┤") && lines[0].ends_with('─'), "{text}");
        assert!(lines[9].starts_with("    10 ┤─"), "{text}");
        assert!(lines[10].contains("2026-01-01") && lines[10].ends_with("2026-01-22"), "{text}");
        assert!(plot(&series(&[50, 50]), 30).contains('─'));
    }

    #[test]
    fn a_sparkline_has_one_step_a_value_and_at_most_forty() {
        let values = |values: &[i64]| values.iter().map(|value| Decimal::from(*value)).collect::<Vec<_>>();
        assert_eq!(sparkline(&values(&[0, 50, 100])), "▁▅█");
        assert_eq!(sparkline(&values(&[7])), "▅");
        assert_eq!(sparkline(&values(&(0..500).collect::<Vec<_>>())).chars().count(), 40);
    }
}
