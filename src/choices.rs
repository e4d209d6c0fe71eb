//! The values that an option takes, where engines know what they mean.

/// Each value of a kind with the word that is typed for it, and its help.
macro_rules! choices {
    ($kind:ty: $($value:path = $word:literal, $help:literal);+ $(;)?) => {
        impl clap::ValueEnum for $kind {
            fn value_variants<'a>() -> &'a [Self] {
                &[$($value),+]
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                Some(match self {
                    $($value => clap::builder::PossibleValue::new($word).help($help)),+
                })
            }
        }
    };
}
pub(crate) use choices;
