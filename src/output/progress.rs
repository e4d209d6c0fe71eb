//! Progress bars.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Output;
use crate::domain::text::printable;
use crate::tell::Gauge;

impl Output {
    /// A progress bar over `total` units (bytes or rows), drawn on a terminal only.
    pub fn progress(&self, total: Option<u64>, unit: &str) -> Progress {
        let target = if self.stderr_is_terminal && !self.quiet && !super::is_dumb() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let progress =
            Progress { bar: ProgressBar::with_draw_target(total, target), unit: unit.to_owned(), is_ascii: self.is_ascii };
        progress.style(total.is_some());
        progress
    }
}

/// A running progress bar; it disappears when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    unit: String,
    is_ascii: bool,
}

impl Progress {
    fn style(&self, has_total: bool) {
        let template = match (has_total, self.unit.as_str()) {
            (true, "bytes") => "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}".to_owned(),
            (true, unit) => format!("{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit} {{rate}} {{eta}}"),
            (false, unit) => format!("{{msg}} {{human_pos}} {unit} {{rate}}"),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            let rate = |state: &ProgressState, text: &mut dyn Write| {
                // Nothing to do about a line that cannot be written.
                let _ = write!(text, "{:.0}/s", state.per_sec());
            };
            let style = if self.is_ascii { style.progress_chars("#-") } else { style };
            self.bar.set_style(style.with_key("rate", rate));
        }
    }
}

impl Gauge for Progress {
    fn total(&self, total: u64) {
        if self.bar.length().is_none() {
            self.style(true);
        }
        self.bar.set_length(total);
    }

    fn message(&self, message: &str) {
        self.bar.set_message(printable(message));
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn set(&self, position: u64) {
        self.bar.set_position(position);
    }

    fn advance(&self, by: u64) {
        self.bar.inc(by);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
