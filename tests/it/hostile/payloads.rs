//! Text that is code somewhere.
