//! The value of `RUN --mount`.

use crate::go;
use crate::mistake::Mistake;

/// The type of a mount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MountKind {
    /// Files of a stage, an image or the context.
    #[default]
    Bind,
    /// A directory that persists between builds.
    Cache,
    /// A directory in memory.
    Tmpfs,
    /// A secret of the client.
    Secret,
    /// The socket of an SSH agent.
    Ssh,
}

/// How concurrent builds share a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// They use it at the same time.
    Shared,
    /// Each has its own.
    Private,
    /// They use it one after the other.
    Locked,
}

/// A mount of `RUN`, with variables expanded. Missing values are empty.
///
/// ```
/// use buildkit_dockerfile::{Mount, MountKind};
///
/// let mount = Mount::read("type=cache,target=/root/.npm", &mut |value| Ok(value.to_owned()))?;
/// assert_eq!((mount.kind, mount.target.as_str()), (MountKind::Cache, "/root/.npm"));
/// # Ok::<(), buildkit_dockerfile::Mistake>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Mount {
    /// The type of the mount.
    pub kind: MountKind,
    /// The source of the files: a stage, an image or a context; empty for the build context.
    pub from: String,
    /// The path in the source.
    pub source: String,
    /// The path of the mount.
    pub target: String,
    /// Whether the mount is read-only.
    pub readonly: bool,
    /// The maximum size of a tmpfs, in bytes; 0 for no limit.
    pub size: i64,
    /// The ID of a cache, a secret or an SSH agent.
    pub id: String,
    /// How a cache is shared.
    pub sharing: Option<Sharing>,
    /// Whether the client must provide the secret or the SSH agent.
    pub required: bool,
    /// The environment variable for a secret.
    pub env: Option<String>,
    /// The permissions of a new cache, a secret or a socket.
    pub mode: Option<u32>,
    /// The numeric ID of the owner.
    pub uid: Option<u32>,
    /// The numeric ID of the group.
    pub gid: Option<u32>,
}

const KINDS: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];
const SHARINGS: [&str; 3] = ["shared", "private", "locked"];
const KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

impl MountKind {
    fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [
            Self::Bind,
            Self::Cache,
            Self::Tmpfs,
            Self::Secret,
            Self::Ssh,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// A function that expands the variables in a text.
type Expand<'a> = dyn FnMut(&str) -> Result<String, Mistake> + 'a;

/// Parses what is known before variables are: the source of the mount.
pub(super) fn source(value: &str) -> Result<String, Mistake> {
    let mut from = String::new();
    for field in fields(value)? {
        let Some((key, value)) = field.split_once('=') else {
            continue;
        };
        let key = key.to_lowercase();
        if key == "from" {
            if value.find('$').is_some_and(|at| at + 1 != value.len()) {
                return Err(Mistake::new(format!(
                    "'{key}' doesn't support variable expansion, define alias stage instead"
                )));
            }
            value.clone_into(&mut from);
        }
    }
    Ok(from)
}

fn fields(value: &str) -> Result<Vec<String>, Mistake> {
    go::csv_fields(value).map_err(|error| Mistake::new(error).within("failed to parse csv mounts"))
}

impl Mount {
    /// Parses the value of `--mount`, with a function that expands variables in values.
    ///
    /// # Errors
    ///
    /// Returns Docker's message, without a location.
    pub fn read(text: &str, expand: &mut Expand<'_>) -> Result<Self, Mistake> {
        let mut mount = Self::default();
        let mut readonly = None;
        for field in fields(text)? {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key.to_lowercase(), Some(expand(value)?)),
                None => (field.to_lowercase(), None),
            };
            mount.set(&key, value, &field, &mut readonly)?;
        }
        mount.finish(readonly)
    }

    fn set(
        &mut self,
        key: &str,
        value: Option<String>,
        field: &str,
        readonly: &mut Option<bool>,
    ) -> Result<(), Mistake> {
        let unexpected = |kind: MountKind| {
            Mistake::new(format!(
                "unexpected key '{key}' for mount type '{}'",
                kind.name()
            ))
        };
        let Some(value) = value else {
            match key {
                "readonly" | "ro" => *readonly = Some(true),
                "readwrite" | "rw" => *readonly = Some(false),
                "required" if matches!(self.kind, MountKind::Secret | MountKind::Ssh) => {
                    self.required = true;
                }
                "required" => return Err(unexpected(self.kind)),
                _ => {
                    return Err(Mistake::new(format!(
                        "invalid field '{field}' must be a key=value pair"
                    )));
                }
            }
            return Ok(());
        };
        let boolean = || {
            go::parse_bool(&value)
                .ok_or_else(|| Mistake::new(format!("invalid value for {key}: {value}")))
        };
        let number = |base| {
            u32::from_str_radix(&value, base)
                .ok()
                // Go accepts no sign here.
                .filter(|_| !value.starts_with('+'))
                .ok_or_else(|| Mistake::new(format!("invalid value {value} for {key}")))
        };
        match key {
            "type" => {
                self.kind = MountKind::parse(&value.to_lowercase()).ok_or_else(|| {
                    Mistake::new(format!("unsupported mount type {}", go::quote(&value)))
                        .suggesting(&value, KINDS)
                })?;
            }
            "from" => self.from = value,
            "source" | "src" => self.source = value,
            "target" | "dst" | "destination" => self.target = value,
            "readonly" | "ro" => *readonly = Some(boolean()?),
            "readwrite" | "rw" => *readonly = Some(!boolean()?),
            "required" if matches!(self.kind, MountKind::Secret | MountKind::Ssh) => {
                self.required = boolean()?;
            }
            "size" if self.kind == MountKind::Tmpfs => {
                self.size = go::parse_size(&value)
                    .ok_or_else(|| Mistake::new(format!("invalid value for {key}: {value}")))?;
            }
            "required" | "size" => return Err(unexpected(self.kind)),
            "id" => self.id = value,
            "sharing" => {
                self.sharing = Some(match value.to_lowercase().as_str() {
                    "shared" => Sharing::Shared,
                    "private" => Sharing::Private,
                    "locked" => Sharing::Locked,
                    _ => {
                        return Err(Mistake::new(format!(
                            "unsupported sharing value {}",
                            go::quote(&value)
                        ))
                        .suggesting(&value, SHARINGS));
                    }
                });
            }
            "mode" => self.mode = Some(number(8)?),
            "uid" => self.uid = Some(number(10)?),
            "gid" => self.gid = Some(number(10)?),
            "env" => self.env = Some(value),
            _ => {
                return Err(Mistake::new(format!("unexpected key '{key}' in '{field}'"))
                    .suggesting(key, KEYS));
            }
        }
        Ok(())
    }

    /// Checks rules that involve several keys.
    fn finish(mut self, readonly: Option<bool>) -> Result<Self, Mistake> {
        let kind = self.kind;
        let has_owner = matches!(kind, MountKind::Secret | MountKind::Ssh | MountKind::Cache);
        if !has_owner {
            for (key, is_there) in [
                ("mode", self.mode.is_some()),
                ("uid", self.uid.is_some()),
                ("gid", self.gid.is_some()),
            ] {
                if is_there {
                    let kind = go::quote(kind.name());
                    return Err(Mistake::new(format!(
                        "{key} not allowed for {kind} type mounts"
                    )));
                }
            }
        }
        self.readonly = readonly.unwrap_or(!matches!(kind, MountKind::Cache | MountKind::Tmpfs));
        if kind == MountKind::Secret {
            let problem = if !self.from.is_empty() {
                Some("secret mount should not have a from")
            } else if self.sharing.is_some() {
                Some("secret mount should not define sharing")
            } else if self.source.is_empty() && self.target.is_empty() && self.id.is_empty() {
                Some("invalid secret mount. one of source, target required")
            } else if !self.source.is_empty() && !self.id.is_empty() {
                Some("both source and id can't be set")
            } else {
                None
            };
            if let Some(problem) = problem {
                return Err(Mistake::new(problem));
            }
        }
        if self.sharing.is_some() && kind != MountKind::Cache {
            return Err(Mistake::new(format!(
                "invalid cache sharing set for {} mount",
                kind.name()
            )));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Mount, String> {
        Mount::read(text, &mut |value| Ok(value.to_owned())).map_err(|mistake| mistake.message)
    }

    #[test]
    fn mounts_are_read() {
        let mount = read("type=cache,target=/root/.cache,id=x,sharing=locked,mode=0755").unwrap();
        assert_eq!(mount.kind, MountKind::Cache);
        assert_eq!(
            (mount.target.as_str(), mount.id.as_str()),
            ("/root/.cache", "x")
        );
        assert_eq!(
            (mount.sharing, mount.mode),
            (Some(Sharing::Locked), Some(0o755))
        );
        assert!(!mount.readonly);
        assert!(read("target=/x").unwrap().readonly);
        assert!(!read("target=/x,rw").unwrap().readonly);
    }

    #[test]
    fn mistakes_have_dockers_words() {
        for (text, message) in [
            (
                "type=cahce",
                "unsupported mount type \"cahce\" (did you mean cache?)",
            ),
            (
                "tagret=/x",
                "unexpected key 'tagret' in 'tagret=/x' (did you mean target?)",
            ),
            (
                "type=secret",
                "invalid secret mount. one of source, target required",
            ),
            ("type=tmpfs,size=x", "invalid value for size: x"),
            (
                "target=/x,uid=1",
                "uid not allowed for \"bind\" type mounts",
            ),
            ("target", "invalid field 'target' must be a key=value pair"),
        ] {
            assert_eq!(read(text).unwrap_err(), message, "{text}");
        }
    }
}
