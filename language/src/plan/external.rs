//! What neither the file nor the build context holds: images, contexts of the client's, repositories, downloads.

use buildkit_llb::{Checksum, Platform, Reference, ResolveMode};

use super::StageId;
use super::remote::{GitSource, HttpSource};

/// Something from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum External {
    /// An image, for a platform of its own if it has one.
    Image(ImageSource, Option<Platform>),
    /// What the client calls by a name.
    Context(String),
    /// A repository.
    Git(Box<GitSource>),
    /// A file on a server.
    Http(Box<HttpSource>),
    /// An image of an OCI layout, for a platform of its own if it has one.
    Layout(LayoutSource, Option<Platform>),
    /// What a Dockerfile makes, for a platform of its own if it has one.
    Dockerfile(Box<DockerfileSource>, Option<Platform>),
}

/// An image of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageSource {
    /// Its reference, with a tag or a digest.
    pub reference: Reference,
    /// Where the daemon looks it up; `None`: as the client says.
    pub resolve: Option<ResolveMode>,
}

/// An image of an OCI layout of the client's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayoutSource {
    /// The layout: a named context of the client's, or a store of its session.
    pub name: String,
    /// The image in it; `None` if the named context says which.
    pub digest: Option<Checksum>,
}

/// A Dockerfile of the build context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DockerfileSource {
    /// Its path.
    pub path: String,
    /// The stage of it; `None` for the last one.
    pub target: Option<String>,
    /// Its build arguments.
    pub args: Vec<(String, String)>,
    /// The stages that its names stand for.
    pub contexts: Vec<(String, StageId)>,
}

impl External {
    /// Lists the stages of the file that it needs.
    pub fn stages(&self) -> impl Iterator<Item = StageId> {
        let contexts = match self {
            Self::Dockerfile(file, _) => file.contexts.as_slice(),
            _ => &[],
        };
        contexts.iter().map(|(_, id)| *id)
    }

    /// Returns the platform that it is taken for in a stage of this platform.
    pub fn platform<'a>(&'a self, stage: &'a Platform) -> &'a Platform {
        self.own_platform().unwrap_or(stage)
    }

    /// Returns the platform that the file asks for.
    pub fn own_platform(&self) -> Option<&Platform> {
        match self {
            Self::Image(_, platform)
            | Self::Layout(_, platform)
            | Self::Dockerfile(_, platform) => platform.as_ref(),
            Self::Context(_) | Self::Git(_) | Self::Http(_) => None,
        }
    }

    /// Says in few words what it is.
    pub fn description(&self) -> String {
        match self {
            Self::Image(image, _) => image.reference.familiar(),
            Self::Context(name) => format!("context {name}"),
            Self::Git(git) => match git.reference.as_deref().or(git.commit()) {
                Some(reference) => format!("{}#{reference}", git.url),
                None => git.url.clone(),
            },
            Self::Http(http) => http.url.clone(),
            Self::Layout(layout, _) => format!("oci-layout {}", layout.name),
            Self::Dockerfile(file, _) => file.path.clone(),
        }
    }
}
