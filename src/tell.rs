//! What an engine has to say while it works: the printer listens, and so may a test.

use crate::error::Error;

/// Who is told what happens.
pub trait Tell {
    /// A remark that belongs to the result, whoever reads it.
    fn notice(&self, message: &str);

    /// A remark for somebody who watches.
    fn say(&self, message: &str);

    /// What went wrong and stops nothing.
    fn warning(&self, error: &Error);

    /// A remark for who asked for details: from `level` 1 on, made only when it is told.
    fn debug(&self, level: u8, message: &dyn Fn() -> String);

    /// How far something is that takes long, in units such as `rows` or `bytes`. `total` is what there is in all, where that is
    /// known.
    fn gauge(&self, total: Option<u64>, unit: &str) -> Box<dyn Gauge>;
}

/// How far something is; it disappears when dropped.
pub trait Gauge: Send + Sync {
    /// How much there is in all, as far as is known by now.
    fn total(&self, total: u64);

    /// What is being done.
    fn message(&self, message: &str);

    fn set(&self, position: u64);

    /// So many units further.
    fn advance(&self, by: u64);
}
