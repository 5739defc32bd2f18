//! How much of the machine a script may use.

use super::Shape::{Either, Flag, Form, Record};
use super::record::record;
use super::{Key, Shape, Table, key};
use crate::expression::Text;
use crate::value::{CPUS, CPUSET, MEMORY, ULIMIT_VALUE};

record! {
    /// Limits of all processes of a script together.
    pub struct Limits;
    /// Limits of memory and processors, for all processes of a script together.
    pub static LIMITS: "`limits`";

    memory: Option<Text> = string_of, key!(
        "memory",
        Form(&MEMORY.form),
        "The most memory that its processes may use together, in bytes or with `k`, `m`, `g`. If they need more, one is killed. Needs BuildKit 0.31.",
        default: "no limit",
        example: "2g"
    );
    cpus: Option<Text> = string_of, key!(
        "cpus",
        Form(&CPUS.form),
        "How many processors' time its processes may use together: `2`, or a fraction such as `0.5`, which needs BuildKit 0.31.",
        default: "all",
        example: "2"
    );
    cpuset: Option<Text> = string_of, key!(
        "cpuset",
        Form(&CPUSET.form),
        "The processors that they run on: numbers and ranges.",
        default: "any",
        example: "0-3,5"
    );
}

/// The value of a ulimit.
const VALUE: Shape = Either(&Form(&ULIMIT_VALUE.form), &Record(&ULIMIT));

/// Limits of each single process, by the names that Docker has for them.
pub static ULIMITS: Table = Table {
    place: "`ulimits`",
    keys: &[
        key!("core", VALUE, "The size of a core file, in bytes.", example: "0"),
        key!("cpu", VALUE, "Processor time, in seconds.", example: "600"),
        key!("data", VALUE, "The data segment, in bytes.", example: "1073741824"),
        key!("fsize", VALUE, "The size of a file that it writes, in bytes.", example: "1073741824"),
        key!("locks", VALUE, "File locks.", example: "1000"),
        key!("memlock", VALUE, "Memory that is never swapped, in bytes.", example: "67108864"),
        key!("msgqueue", VALUE, "Message queues, in bytes.", example: "819200"),
        key!("nice", VALUE, "20 minus the lowest nice value.", example: "20"),
        key!("nofile", VALUE, "Open files.", example: "{ soft: 1024, hard: 4096 }"),
        key!("nproc", VALUE, "Processes and threads of the user.", example: "4096"),
        key!("rss", VALUE, "Resident memory, in bytes; Linux ignores it.", example: "1073741824"),
        key!("rtprio", VALUE, "The highest real-time priority.", example: "0"),
        key!("rttime", VALUE, "Real-time processor time without a pause, in microseconds.", example: "1000000"),
        key!("sigpending", VALUE, "Pending signals of the user.", example: "1000"),
        key!("stack", VALUE, "The stack, in bytes.", example: "unlimited"),
    ],
};

/// The long form of a ulimit.
pub static ULIMIT: Table = Table {
    place: "a ulimit",
    keys: &[
        key!(
            "soft",
            Form(&ULIMIT_VALUE.form),
            "The limit in force, which the process may raise up to the hard one.",
            Required,
            example: "1024"
        ),
        key!("hard", Form(&ULIMIT_VALUE.form), "The highest limit.", Required, example: "4096"),
    ],
};

record! {
    /// A device of the daemon's machine.
    pub struct Device at span;
    /// The long form of a device.
    pub static DEVICE: "a device";

    name: Option<Text> = string_of, key!(
        "name",
        Shape::Text,
        "The device: `VENDOR/CLASS=NAME`, `VENDOR/CLASS=*` for all of a class, or `VENDOR/CLASS` for the first one.",
        Required,
        example: "nvidia.com/gpu=all"
    );
    optional: Option<Text> = string_of, key!("optional", Flag, "`true`: if it is missing, the build continues without it.", default: "`false`", example: "true");
}

pub(super) const LIMITS_KEY: Key = key!(
    "limits",
    Record(&LIMITS),
    "How much memory and processor time the processes of a script may use together.",
    example: "{ memory: 2g, cpus: 2 }"
);

pub(super) const ULIMITS_KEY: Key = key!(
    "ulimits",
    Record(&ULIMITS),
    "Limits for each process of a script, as set by `ulimit`: a number, `unlimited`, or `{ soft, hard }`.",
    example: "{ nofile: 4096 }"
);
