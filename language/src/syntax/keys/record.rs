//! A mapping as one thing: its table of keys, the struct that it is read into, and how.

use super::Table;
use crate::syntax::reader::{Fields, Reader};

/// A mapping with a table of its own.
pub(in crate::syntax) trait Record: Sized {
    /// The keys that it may have.
    const TABLE: &'static Table;

    /// Reads the values of its keys.
    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Self;
}

/// Writes a struct, its [`Table`] and its [`Record`]: of each field its name and type, the method of the reader that reads its
/// value, and its key (see [`key`](super::key::key)), of which the meaning is the field's documentation too. With `at span` it
/// has a field for its place, too.
macro_rules! record {
    (
        $(#[$of_struct:meta])*
        pub struct $record:ident $(at $span:ident)?;
        $(#[$of_table:meta])*
        pub static $table:ident: $place:literal;
        $($field:ident: $type:ty = $read:ident, key!($name:literal, $shape:expr, $meaning:literal $($rest:tt)*);)+
    ) => {
        $(#[$of_table])*
        pub static $table: $crate::syntax::keys::Table = $crate::syntax::keys::Table {
            place: $place,
            keys: &[$($crate::syntax::keys::key!($name, $shape, $meaning $($rest)*)),+],
        };

        $(#[$of_struct])*
        #[derive(Debug, Default)]
        pub struct $record {
            $(
                /// The place of the whole entry.
                pub $span: $crate::source::Span,
            )?
            $(#[doc = $meaning] pub $field: $type,)+
        }

        impl $crate::syntax::keys::record::Record for $record {
            const TABLE: &'static $crate::syntax::keys::Table = &$table;

            fn read(
                reader: &mut $crate::syntax::reader::Reader<'_>,
                fields: &$crate::syntax::reader::Fields<'_>,
            ) -> Self {
                Self {
                    $($span: reader.short_fields(fields),)?
                    $($field: reader.$read(fields, $name),)+
                }
            }
        }
    };
}
pub(super) use record;
