//! What engines tell, printed.

use super::Output;
use crate::error::Error;
use crate::tell::{Gauge, Tell};

impl Tell for Output {
    fn notice(&self, message: &str) {
        Output::notice(self, message);
    }

    fn say(&self, message: &str) {
        Output::say(self, message);
    }

    fn warning(&self, error: &Error) {
        Output::warning(self, error);
    }

    fn debug(&self, level: u8, message: &dyn Fn() -> String) {
        Output::debug(self, level, message);
    }

    fn gauge(&self, total: Option<u64>, unit: &str) -> Box<dyn Gauge> {
        Box::new(self.progress(total, unit))
    }
}
