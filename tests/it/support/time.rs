//! The one place where tests let time pass.

use std::time::{Duration, Instant};

/// How long a condition may take on a busy machine before the test fails.
const LIMIT: Duration = Duration::from_mins(1);

/// Waits until something is so. A test waits for a condition this way and never for a time.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LIMIT, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lets time pass in the few tests whose subject is time: a kill at an instant, an answer that is late.
pub fn let_pass(time: Duration) {
    std::thread::sleep(time);
}
