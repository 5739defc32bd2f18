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
mod template;

pub use attachments::{BIND, CACHE, MOUNT, SECRET, SSH_AGENT, TMPFS};
pub use file::{ARG, FILE};
pub use form::Form;
pub use image::{HEALTHCHECK, IMAGE};
use key::key;
pub use key::{Key, Presence, Shape, Table};
pub use settings::DEFAULTS;
use stage::SOURCE;
pub use stage::{ORIGIN, STAGE};
pub use step::{ACTIONS, COPY, MKDIR, PARALLEL, REMOVE, RUN, STEP, SYMLINK, USE, WRITE};
pub use template::{INPUT, MATRIX, TEMPLATE};

/// The tables, by the names that the manual has for them.
pub static TABLES: [(&str, &Table); 24] = [
    ("FILE", &FILE),
    ("ARG", &ARG),
    ("TEMPLATE", &TEMPLATE),
    ("INPUT", &INPUT),
    ("SECRET", &SECRET),
    ("CACHE", &CACHE),
    ("SSH_AGENT", &SSH_AGENT),
    ("MOUNT", &MOUNT),
    ("BIND", &BIND),
    ("TMPFS", &TMPFS),
    ("ORIGIN", &ORIGIN),
    ("DEFAULTS", &DEFAULTS),
    ("STAGE", &STAGE),
    ("MATRIX", &MATRIX),
    ("RUN", &RUN),
    ("COPY", &COPY),
    ("WRITE", &WRITE),
    ("MKDIR", &MKDIR),
    ("REMOVE", &REMOVE),
    ("SYMLINK", &SYMLINK),
    ("PARALLEL", &PARALLEL),
    ("USE", &USE),
    ("IMAGE", &IMAGE),
    ("HEALTHCHECK", &HEALTHCHECK),
];
