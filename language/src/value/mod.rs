//! The forms of scalars. A form is one value: its name in the manual and in messages, the pattern that editors check, and the
//! function that parses it. Tables of keys refer to forms, and the planner parses with them.

mod account;
mod amount;
mod digest;
mod mode;
mod network;
mod time;
mod words;

pub use account::{Account, OWNER};
pub(crate) use amount::UNLIMITED;
pub use amount::{
    COUNT, CPUS, CPUSET, EXIT_CODE, ID, IDENTIFIER, MEMORY, SIZE, TIMES, ULIMIT_VALUE,
};
pub use digest::{CHECKSUM, COMMIT, SHA256};
pub use mode::{COPY_MODE, MODE, MOUNT_MODE};
pub use network::{HOSTNAME, PORT, Ports};
pub use time::{DURATION, LIMIT, TIME};
pub use words::{
    ANNOTATED, COPIED_TIMES, EXISTENCE, FILE_KIND, FLAG, INPUT_KIND, InputKind, LAYERS, LEVEL,
    NETWORK, NO_CHECK, RESOLVE, SHARING, Words, flag,
};

/// The largest number that all programs that parse JSON represent exactly.
const EXACT: u64 = (1 << 53) - 1;

/// The form of a scalar, independent of what it is parsed to.
#[derive(Debug)]
pub struct Form {
    /// The name in the manual.
    pub name: &'static str,
    /// The description for "expected …" in an error.
    pub wanted: &'static str,
    /// A regular expression for the strings with this form.
    pub pattern: &'static str,
    /// The first and the last number with this form; `None` if numbers don't have it.
    pub numbers: Option<(u64, u64)>,
    /// Reports whether a string has this form.
    pub accepts: fn(&str) -> bool,
}

/// A form is only equal to itself: two forms may look alike and have different meanings.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Form {}

/// A form with the function that parses it.
#[derive(Debug)]
pub struct Rule<T: 'static> {
    /// The form.
    pub form: Form,
    /// Parses a string; `None` if it doesn't have the form.
    pub read: fn(&str) -> Option<T>,
}

/// Defines a [`Rule`]: its name, its result and parser, and its form.
macro_rules! form {
    (
        $(#[$doc:meta])*
        $static:ident: $type:ty = $read:expr;
        name: $name:expr,
        wanted: $wanted:expr,
        pattern: $pattern:expr,
        numbers: $numbers:expr,
    ) => {
        $(#[$doc])*
        pub static $static: $crate::value::Rule<$type> = $crate::value::Rule {
            form: $crate::value::Form {
                name: $name,
                wanted: $wanted,
                pattern: $pattern,
                numbers: $numbers,
                accepts: |text| ($static.read)(text).is_some(),
            },
            read: $read,
        };
    };
}
use form;
