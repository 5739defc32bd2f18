//! Actions of file nodes.

use buildkit_llb::{Copy, FileAction, Mkdir, Mkfile, Owner, Remove, Symlink, Timestamp};
use serde::Deserialize;

use super::{BuiltNodes, Failure};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum ActionFields {
    Mkdir {
        path: String,
        #[serde(default)]
        mode: u32,
        #[serde(default)]
        parents: bool,
        #[serde(flatten)]
        attributes: Attributes,
    },
    Mkfile {
        path: String,
        #[serde(default)]
        mode: u32,
        #[serde(default)]
        data: String,
        #[serde(flatten)]
        attributes: Attributes,
    },
    Symlink {
        path: String,
        target: String,
        #[serde(flatten)]
        attributes: Attributes,
    },
    Rm {
        path: String,
        #[serde(default)]
        allow_not_found: bool,
        #[serde(default)]
        allow_wildcard: bool,
    },
    Copy(Box<CopyFields>),
}

/// The attributes of all actions that create something.
#[derive(Deserialize)]
pub(super) struct Attributes {
    #[serde(default)]
    owner: Option<OwnerFields>,
    #[serde(default)]
    timestamp: Option<f64>,
}

#[derive(Deserialize)]
struct OwnerFields {
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    uid: Option<u32>,
    #[serde(default)]
    gid: Option<u32>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "as the format has it")]
pub(super) struct CopyFields {
    #[serde(default)]
    from: Option<String>,
    src: String,
    dest: String,
    #[serde(default)]
    mode: Option<u32>,
    #[serde(default)]
    mode_str: String,
    #[serde(default)]
    follow_symlinks: bool,
    #[serde(default)]
    copy_dir_contents: bool,
    #[serde(default)]
    unpack: bool,
    #[serde(default)]
    create_dest_path: bool,
    #[serde(default)]
    allow_wildcard: bool,
    #[serde(default)]
    allow_empty_wildcard: bool,
    #[serde(default)]
    replace_existing: bool,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(flatten)]
    attributes: Attributes,
}

/// Applies the attributes of all actions that create something.
macro_rules! attributed {
    ($action:expr, $attributes:expr) => {{
        let mut action = $action;
        if let Some(owner) = &$attributes.owner {
            action = action.owner(owner.owner());
        }
        if let Some(time) = $attributes.timestamp {
            action = action.created(timestamp(time));
        }
        action
    }};
}

impl ActionFields {
    pub(super) fn action(&self, made: &BuiltNodes) -> Result<FileAction, Failure> {
        Ok(match self {
            Self::Mkdir {
                path,
                mode,
                parents,
                attributes,
            } => {
                let mkdir = Mkdir::new(path, *mode);
                let mkdir = if *parents { mkdir.parents() } else { mkdir };
                attributed!(mkdir, attributes).into()
            }
            Self::Mkfile {
                path,
                mode,
                data,
                attributes,
            } => attributed!(Mkfile::new(path, *mode, data.clone()), attributes).into(),
            Self::Symlink {
                path,
                target,
                attributes,
            } => attributed!(Symlink::new(target, path), attributes).into(),
            Self::Rm {
                path,
                allow_not_found,
                allow_wildcard,
            } => {
                let mut remove = Remove::new(path);
                if *allow_not_found {
                    remove = remove.allow_not_found();
                }
                if *allow_wildcard {
                    remove = remove.wildcards();
                }
                remove.into()
            }
            Self::Copy(fields) => fields.copy(made)?.into(),
        })
    }
}

/// Sets an option of a copy.
type Setter = fn(Copy) -> Copy;

impl CopyFields {
    fn copy(&self, made: &BuiltNodes) -> Result<Copy, Failure> {
        let from = made.state(self.from.as_deref().unwrap_or("scratch"))?;
        let copy = Copy::new(&from, &self.src, &self.dest)
            .include(&self.include)
            .exclude(&self.exclude)
            .required(&self.required);
        let mut copy = attributed!(copy, self.attributes);
        if let Some(mode) = self.mode {
            copy = copy.mode(mode);
        }
        let options: [(bool, Setter); 7] = [
            (self.follow_symlinks, Copy::follow_symlinks),
            (self.copy_dir_contents, Copy::contents),
            (self.unpack, Copy::unpack),
            (self.create_dest_path, Copy::parents),
            (self.allow_wildcard, Copy::wildcards),
            (self.allow_empty_wildcard, Copy::allow_no_match),
            (self.replace_existing, Copy::replace),
        ];
        for (_, option) in options.iter().filter(|(set, _)| *set) {
            copy = option(copy);
        }
        Ok(copy.symbolic_mode(&*self.mode_str))
    }
}

impl OwnerFields {
    fn owner(&self) -> Owner {
        let mut owner = Owner::new();
        if let Some(uid) = self.uid {
            owner = owner.user(uid);
        }
        if let Some(gid) = self.gid {
            owner = owner.group(gid);
        }
        if let Some(user) = &self.user {
            owner = owner.user(&**user);
        }
        if let Some(group) = &self.group {
            owner = owner.group(&**group);
        }
        owner
    }
}

/// The program that made the vectors read numbers as doubles, so the last digits of a time aren't those in the file.
#[expect(
    clippy::cast_possible_truncation,
    reason = "nanoseconds are integral in the vectors"
)]
fn timestamp(nanoseconds: f64) -> Timestamp {
    Timestamp::from_nanoseconds(nanoseconds as i64)
}
