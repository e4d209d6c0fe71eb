//! Kinds of which each value has a name.

/// An enum, and the function that says the name of a value. With `ALL`, the values too, in the order in which they stand here.
macro_rules! named {
    (
        $(#[$about:meta])* $vis:vis enum $kind:ident { $($(#[$says:meta])* $value:ident = $name:literal,)+ }
        $(#[$tells:meta])* $called:ident
    ) => {
        $(#[$about])*
        $vis enum $kind {
            $($(#[$says])* $value,)+
        }

        impl $kind {
            $(#[$tells])*
            pub const fn $called(self) -> &'static str {
                match self {
                    $(Self::$value => $name,)+
                }
            }
        }
    };
    (
        $(#[$about:meta])* $vis:vis enum $kind:ident { $($(#[$says:meta])* $value:ident = $name:literal,)+ }
        ALL $(#[$tells:meta])* $called:ident
    ) => {
        named! {
            $(#[$about])* $vis enum $kind { $($(#[$says])* $value = $name,)+ }
            $(#[$tells])* $called
        }

        impl $kind {
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$value),+];
        }
    };
}
pub(crate) use named;
