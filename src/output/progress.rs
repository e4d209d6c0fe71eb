//! Progress bars.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Output, printable};

impl Output {
    /// A progress bar over `total` units (bytes or rows), drawn on a terminal only.
    pub fn progress(&self, total: Option<u64>, unit: &str) -> Progress {
        let target =
            if self.stderr_is_terminal && !self.quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match (total.is_some(), unit) {
            (true, "bytes") => "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}".to_owned(),
            (true, unit) => format!("{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit} {{per_sec}} {{eta}}"),
            (false, unit) => format!("{{msg}} {{human_pos}} {unit} {{per_sec}}"),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Progress(bar)
    }
}

/// A running progress bar; it disappears when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// What is being done.
    pub fn message(&self, message: &str) {
        self.0.set_message(printable(message));
        self.0.enable_steady_tick(Duration::from_millis(200));
    }

    /// How far it is.
    pub fn set(&self, position: u64) {
        self.0.set_position(position);
    }

    /// So many units further.
    pub fn advance(&self, by: u64) {
        self.0.inc(by);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
