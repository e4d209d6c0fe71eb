//! Framework > Function > Category > Subcategory.

/// A framework with its whole tree, in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Such as `NIST CSF`.
    pub name: String,
    /// Such as `2.0`.
    pub version: String,
    /// What it is about, if the source says.
    pub description: Option<String>,
    /// The functions in document order.
    pub functions: Vec<Function>,
}

/// The first level, such as `PR` or `GOVERN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The official code.
    pub code: String,
    /// The official name.
    pub name: String,
    /// What it is about, if the source says.
    pub description: Option<String>,
    /// The categories in document order.
    pub categories: Vec<Category>,
}

/// The second level, such as `PR.AA` or `GOVERN 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The official code.
    pub code: String,
    /// The official name.
    pub name: String,
    /// What it is about, if the source says.
    pub description: Option<String>,
    /// The subcategories in document order.
    pub subcategories: Vec<Subcategory>,
}

/// The third level, such as `PR.AA-01` or `GOVERN 1.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subcategory {
    /// The official code.
    pub code: String,
    /// The outcome it asks for.
    pub description: String,
}
