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
    pub code: String,
    pub name: String,
    /// What it is about, if the source says.
    pub description: Option<String>,
    /// The categories in document order.
    pub categories: Vec<Category>,
}

/// The second level, such as `PR.AA` or `GOVERN 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub code: String,
    pub name: String,
    /// What it is about, if the source says.
    pub description: Option<String>,
    /// The subcategories in document order.
    pub subcategories: Vec<Subcategory>,
}

/// The third level, such as `PR.AA-01` or `GOVERN 1.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subcategory {
    pub code: String,
    pub description: String,
}

impl Framework {
    /// The name people type, such as `csf-2.0` for `NIST CSF` 2.0 and `ai-rmf-1.0` for `NIST AI RMF` 1.0.
    pub fn short_name(&self) -> String {
        short_name(&self.name, &self.version)
    }
}

/// The name people type for a framework: its name without `NIST`, in lower case and with dashes, then its version.
pub fn short_name(name: &str, version: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || c == '-' || c == '_')
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("nist"))
        .map(str::to_lowercase)
        .chain([version.to_lowercase()])
        .collect();
    words.join("-")
}

/// A category's code and name, and the codes of its subcategories.
#[cfg(test)]
type CategoryCodes<'a> = (&'a str, &'a str, &'a [&'a str]);

/// A framework for tests, of the codes and names of its functions.
#[cfg(test)]
pub(crate) fn framework(codes: &[(&str, &str, &[CategoryCodes])]) -> Framework {
    let functions = codes
        .iter()
        .map(|(code, name, categories)| Function {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            description: None,
            categories: categories
                .iter()
                .map(|(code, name, subcategories)| Category {
                    code: (*code).to_owned(),
                    name: (*name).to_owned(),
                    description: None,
                    subcategories: subcategories
                        .iter()
                        .map(|code| Subcategory { code: (*code).to_owned(), description: String::new() })
                        .collect(),
                })
                .collect(),
        })
        .collect();
    Framework { name: "F".to_owned(), version: "1".to_owned(), description: None, functions }
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn short_names_are_what_people_type() {
        assert_eq!(short_name("NIST CSF", "2.0"), "csf-2.0");
        assert_eq!(short_name("NIST AI RMF", "1.0"), "ai-rmf-1.0");
        assert_eq!(short_name("SP 800-53", "r5"), "sp-800-53-r5");
        assert_eq!(short_name("NIST-SP_800-53", "R5"), "sp-800-53-r5");
    }
}
