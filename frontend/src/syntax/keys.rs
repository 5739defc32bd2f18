//! The one table of the language's keys: what may stand where, of what shape, and what it means.
//!
//! The reader takes its checks and suggestions from it, the manual its tables, and editors the JSON Schema.

mod attachments;
mod file;
pub mod form;
mod image;
mod key;
mod settings;
mod stage;
mod step;

pub use attachments::{BIND, CACHE, MOUNT, SECRET, SSH_AGENT, TMPFS};
pub use file::{ARG, FILE};
pub use form::Form;
pub use image::{HEALTHCHECK, IMAGE};
use key::key;
pub use key::{Key, Presence, Shape, Table};
pub use settings::DEFAULTS;
use stage::SOURCE;
pub use stage::{ORIGIN, STAGE};
pub use step::{ACTIONS, COPY, MKDIR, REMOVE, RUN, STEP, SYMLINK, WRITE};

/// The tables, by the names that the manual has for them.
pub static TABLES: [(&str, &Table); 19] = [
    ("FILE", &FILE),
    ("ARG", &ARG),
    ("SECRET", &SECRET),
    ("CACHE", &CACHE),
    ("SSH_AGENT", &SSH_AGENT),
    ("MOUNT", &MOUNT),
    ("BIND", &BIND),
    ("TMPFS", &TMPFS),
    ("ORIGIN", &ORIGIN),
    ("DEFAULTS", &DEFAULTS),
    ("STAGE", &STAGE),
    ("RUN", &RUN),
    ("COPY", &COPY),
    ("WRITE", &WRITE),
    ("MKDIR", &MKDIR),
    ("REMOVE", &REMOVE),
    ("SYMLINK", &SYMLINK),
    ("IMAGE", &IMAGE),
    ("HEALTHCHECK", &HEALTHCHECK),
];
