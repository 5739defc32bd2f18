//! The forms that scalars have: what they are in words, for the planner's errors, and as a pattern, for the JSON Schema.

/// A form of scalars.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// What the manual calls it.
    pub name: &'static str,
    /// What it looks like; "it is …" of an error.
    pub wanted: &'static str,
    /// A regular expression of the texts that have it.
    pub pattern: &'static str,
    /// The numbers that have it, the first and the last; `None` if a number has not.
    pub numbers: Option<(u64, u64)>,
}

/// The largest number that every program that reads JSON takes as it is.
const EXACT: u64 = (1 << 53) - 1;

/// The largest number of a user or a group that a process can have.
pub const MAX_ID: u32 = i32::MAX as u32;

/// The number of a user or a group.
pub static ID: Form = Form {
    name: "number",
    wanted: "a number from 0 to 4294967295",
    pattern: "^\\+?[0-9]+$",
    numbers: Some((0, u32::MAX as u64)),
};

/// A count.
pub static COUNT: Form = Form {
    name: "number",
    wanted: "a number from 0 on",
    pattern: "^\\+?[0-9]+$",
    numbers: Some((0, u32::MAX as u64)),
};

/// How often something is tried again.
pub static TIMES: Form = Form {
    name: "number",
    wanted: "a number of times from 1 to 100",
    pattern: "^\\+?[0-9]{1,3}$",
    numbers: Some((1, 100)),
};

/// A process's exit code.
pub static EXIT_CODE: Form = Form {
    name: "number",
    wanted: "a number from 0 to 255",
    pattern: "^\\+?[0-9]{1,3}$",
    numbers: Some((0, 255)),
};

/// The permissions of a file. Editors read `0644` as the number 644.
pub static MODE: Form = Form {
    name: "octal mode",
    wanted: "an octal number such as 0644",
    pattern: "^(0o)?[0-7]{3,5}$",
    numbers: Some((0, 77777)),
};

/// The permissions of what is copied.
pub static COPY_MODE: Form = Form {
    name: "mode",
    wanted: "an octal number such as 0644, or a change such as u=rwX,go=rX",
    pattern: "^((0o)?[0-7]{3,5}|[ugoa]*[-+=][rwxXstugo]*(,[ugoa]*[-+=][rwxXstugo]*)*)$",
    numbers: Some((0, 77777)),
};

/// A size.
pub static SIZE: Form = Form {
    name: "size",
    wanted: "a size in bytes, optionally with the suffix k, m or g (KiB, MiB or GiB; MB isn't one, since it may mean either)",
    pattern: "^[0-9]+([kKmMgG]([iI][bB])?|[bB])?$",
    numbers: Some((0, EXACT)),
};

/// A limit of memory.
pub static MEMORY: Form = Form {
    name: "size",
    wanted: "a number of bytes from 6m on, such as 512m or 2g, or `unlimited`",
    pattern: "^([0-9]+([kKmMgG]([iI][bB])?|[bB])?|unlimited)$",
    numbers: Some((6 << 20, EXACT)),
};

/// A number of processors.
pub static CPUS: Form = Form {
    name: "number",
    wanted: "a number of processors from 0.01 on, such as 2 or 0.5, or `unlimited`",
    pattern: "^([0-9]+(\\.[0-9]{1,3})?|unlimited)$",
    numbers: Some((0, 1023)),
};

/// A list of processors.
pub static CPUSET: Form = Form {
    name: "processors",
    wanted: "numbers and ranges of processors such as 0-3,5, each below 1024",
    pattern: "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$",
    numbers: Some((0, 1023)),
};

/// A limit of a process.
pub static ULIMIT_VALUE: Form = Form {
    name: "number",
    wanted: "a number from 0 on, or `unlimited`; two of them are written `{ soft: 1, hard: 2 }`",
    pattern: "^([0-9]+|unlimited)$",
    numbers: Some((0, EXACT)),
};

/// A duration.
pub static DURATION: Form = Form {
    name: "duration",
    wanted: "a duration such as 30s, 500ms or 1m30s",
    pattern: "^([0-9]+(ms|s|m|h))+$",
    numbers: None,
};

/// A limit of time.
pub static LIMIT: Form = Form {
    name: "duration",
    wanted: "a duration such as 10m or 1m30s, longer than 0s",
    pattern: "^([0-9]+(ms|s|m|h))+$",
    numbers: None,
};

/// A point in time.
pub static TIME: Form = Form {
    name: "time",
    wanted: "a number of seconds since 1970, or a time such as 2026-01-31T12:00:00Z",
    pattern: "^([0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[-+][0-9]{2}:[0-9]{2}))?)$",
    numbers: Some((0, i64::MAX as u64)),
};

/// A port, or a range of ports.
pub static PORT: Form = Form {
    name: "port",
    wanted: "a port from 1 to 65535 or a range such as 8000-8010, optionally with /tcp, /udp or /sctp",
    pattern: "^[0-9]+(-[0-9]+)?(/([tT][cC][pP]|[uU][dD][pP]|[sS][cC][tT][pP]))?$",
    numbers: Some((1, 65535)),
};

/// The checksum of a download.
pub static CHECKSUM: Form = Form {
    name: "checksum",
    wanted: "`sha256:` and 64 hexadecimal digits",
    pattern: "^sha256:[0-9a-f]{64}$",
    numbers: None,
};

/// The digest of a file.
pub static SHA256: Form = Form {
    name: "digest",
    wanted: "64 hexadecimal digits, as `sha256sum` prints them",
    pattern: "^(sha256:)?[0-9a-fA-F]{64}$",
    numbers: None,
};

/// A commit's hash, or how it begins.
pub static COMMIT: Form = Form {
    name: "hash",
    wanted: "the hash of a commit, or at least its first 7 hexadecimal digits",
    pattern: "^[0-9a-f]{7,64}$",
    numbers: Some((0, u64::MAX)),
};

/// The name of a host: as long as Linux takes it, of letters that every resolver takes.
pub static HOSTNAME: Form = Form {
    name: "host name",
    wanted: "up to 64 letters, digits, `.`, `-` and `_`, with a letter, a digit or `_` at both ends",
    pattern: "^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$",
    numbers: Some((0, EXACT)),
};

/// How something is called outside of the file.
pub static IDENTIFIER: Form = Form {
    name: "string",
    wanted: "a string that is not empty and has no zero byte",
    pattern: "^[^\\u0000]+$",
    numbers: Some((0, EXACT)),
};

/// A user with or without a group.
pub static OWNER: Form = Form {
    name: "user",
    wanted: "a user, or `user:group`, by names or by numbers from 0 to 2147483647",
    pattern: "^[^: ]+(:[^: ]+)?$",
    numbers: Some((0, MAX_ID as u64)),
};
