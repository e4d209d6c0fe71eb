//! Why something is no reading.

/// Why a text is refused, as the end of a sentence that starts with the text.
pub type Reason = String;
