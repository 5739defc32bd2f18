//! The one table of the language's keys: what may stand where, of what shape, and what it means.
//!
//! The reader takes its checks and suggestions from it, the manual its tables, and editors the JSON Schema.

mod assert;
mod attachments;
mod file;
mod files;
mod image;
mod key;
mod limits;
mod lint;
mod origin;
mod record;
mod remote;
mod run;
mod settings;
mod stage;
mod step;
mod template;

pub use assert::{
    ASSERT, ASSERT_COMMAND, ASSERT_FILE, ASSERT_IMAGE, ASSERT_OUTPUT, FileFact, Output,
};
pub use attachments::{
    BIND, Bind, CACHE, Cache, MOUNT, Mount, RETRY, Retry, SECRET, SSH_AGENT, Secret, SshAgent,
    TMPFS, Tmpfs,
};
pub use file::{ARG, Arg, FILE, IMPORT, Import};
pub use files::{COPY, MKDIR, REMOVE, SYMLINK, WRITE};
pub use image::{
    ANNOTATION, Annotation, Check, HEALTHCHECK, Healthcheck, IMAGE, INHERIT, Image, Inherit,
};
use key::key;
pub use key::{Key, Presence, Shape, Table};
pub use limits::{DEVICE, Device, LIMITS, Limits, ULIMIT, ULIMITS};
use limits::{LIMITS_KEY, ULIMITS_KEY};
pub use lint::LINT;
use origin::SOURCE;
pub use origin::{
    CONTEXT_ORIGIN, DOCKERFILE_ORIGIN, GIT_ORIGIN, HTTP_ORIGIN, IMAGE_ORIGIN, LAYOUT_ORIGIN,
    ORIGIN, ORIGINS, OriginKind, STAGE_ORIGIN,
};
pub(super) use record::Record;
pub use remote::{FETCH, GIT, GIT_SSH};
pub use run::RUN;
pub use settings::DEFAULTS;
pub use stage::{LAYER, STAGE};
pub use step::{ACTIONS, ActionKind, PARALLEL, STEP, STEP_OPTIONS, USE};
pub use template::{INPUT, MATRIX, TEMPLATE};

/// The tables, by the names that the manual has for them.
pub static TABLES: [(&str, &Table); 49] = [
    ("FILE", &FILE),
    ("ARG", &ARG),
    ("LINT", &LINT),
    ("IMPORT", &IMPORT),
    ("TEMPLATE", &TEMPLATE),
    ("INPUT", &INPUT),
    ("SECRET", &SECRET),
    ("CACHE", &CACHE),
    ("SSH_AGENT", &SSH_AGENT),
    ("MOUNT", &MOUNT),
    ("BIND", &BIND),
    ("TMPFS", &TMPFS),
    ("RETRY", &RETRY),
    ("LIMITS", &LIMITS),
    ("ULIMITS", &ULIMITS),
    ("ULIMIT", &ULIMIT),
    ("DEVICE", &DEVICE),
    ("ORIGIN", &ORIGIN),
    ("IMAGE_ORIGIN", &IMAGE_ORIGIN),
    ("STAGE_ORIGIN", &STAGE_ORIGIN),
    ("CONTEXT_ORIGIN", &CONTEXT_ORIGIN),
    ("GIT_ORIGIN", &GIT_ORIGIN),
    ("HTTP_ORIGIN", &HTTP_ORIGIN),
    ("LAYOUT_ORIGIN", &LAYOUT_ORIGIN),
    ("DOCKERFILE_ORIGIN", &DOCKERFILE_ORIGIN),
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
    ("FETCH", &FETCH),
    ("GIT", &GIT),
    ("GIT_SSH", &GIT_SSH),
    ("LAYER", &LAYER),
    ("ASSERT", &ASSERT),
    ("ASSERT_FILE", &ASSERT_FILE),
    ("ASSERT_IMAGE", &ASSERT_IMAGE),
    ("ASSERT_COMMAND", &ASSERT_COMMAND),
    ("ASSERT_OUTPUT", &ASSERT_OUTPUT),
    ("IMAGE", &IMAGE),
    ("ANNOTATION", &ANNOTATION),
    ("INHERIT", &INHERIT),
    ("HEALTHCHECK", &HEALTHCHECK),
];
