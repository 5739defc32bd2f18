//! What a scalar can stand for. A form is one value: what the manual and messages call it, the pattern that editors check it by,
//! and the function that reads it. Tables of keys name it, and the planner reads by it.

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

/// The largest number that every program that reads JSON takes as it is.
const EXACT: u64 = (1 << 53) - 1;

/// The form of a scalar: how it is described, whatever is made of it.
#[derive(Debug)]
pub struct Form {
    /// What the manual calls it.
    pub name: &'static str,
    /// What it looks like; "expected …" of an error.
    pub wanted: &'static str,
    /// A regular expression of the strings that have it.
    pub pattern: &'static str,
    /// The numbers that have it, the first and the last; `None` if a number has not.
    pub numbers: Option<(u64, u64)>,
    /// Tells whether a string has it.
    pub accepts: fn(&str) -> bool,
}

/// A form is equal to itself only: two of them may look alike and mean different things.
impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Form {}

/// A form with the function that reads it.
#[derive(Debug)]
pub struct Rule<T: 'static> {
    /// The form.
    pub form: Form,
    /// Reads a string; `None` if it hasn't the form.
    pub read: fn(&str) -> Option<T>,
}

/// Writes a [`Rule`]: its name, what it reads and how, and its form.
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
