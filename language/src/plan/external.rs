//! External sources, which are neither in the file nor in the build context: images, named
//! contexts, repositories, downloads.

use buildkit_llb::{Checksum, Platform, Reference, ResolveMode};

use super::StageId;
use super::remote::{GitSource, HttpSource};

/// An external source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum External {
    /// An image, optionally for a specific platform.
    Image(ImageSource, Option<Platform>),
    /// A named context of the client.
    Context(String),
    /// A repository.
    Git(Box<GitSource>),
    /// A file on a server.
    Http(Box<HttpSource>),
    /// An image in an OCI layout, optionally for a specific platform.
    Layout(LayoutSource, Option<Platform>),
    /// The result of a Dockerfile, optionally for a specific platform.
    Dockerfile(Box<DockerfileSource>, Option<Platform>),
}

/// An image in a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageSource {
    /// The reference, with a tag or a digest.
    pub reference: Reference,
    /// How the daemon resolves it; `None` for the client's setting.
    pub resolve: Option<ResolveMode>,
}

/// An image in one of the client's OCI layouts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayoutSource {
    /// The layout: a named context of the client, or a store in its session.
    pub name: String,
    /// The digest of the image; `None` if the named context determines it.
    pub digest: Option<Checksum>,
}

/// A Dockerfile in the build context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DockerfileSource {
    /// The path.
    pub path: String,
    /// The stage to build; `None` for the last one.
    pub target: Option<String>,
    /// The build arguments.
    pub args: Vec<(String, String)>,
    /// The stages that replace named contexts.
    pub contexts: Vec<(String, StageId)>,
}

impl External {
    /// Iterates over the stages of the file that it needs.
    pub fn stages(&self) -> impl Iterator<Item = StageId> {
        let contexts = match self {
            Self::Dockerfile(file, _) => file.contexts.as_slice(),
            _ => &[],
        };
        contexts.iter().map(|(_, id)| *id)
    }

    /// Returns the platform for which it is used in a stage with this platform.
    pub fn platform<'a>(&'a self, stage: &'a Platform) -> &'a Platform {
        self.own_platform().unwrap_or(stage)
    }

    /// Returns the platform that the file sets.
    pub fn own_platform(&self) -> Option<&Platform> {
        match self {
            Self::Image(_, platform)
            | Self::Layout(_, platform)
            | Self::Dockerfile(_, platform) => platform.as_ref(),
            Self::Context(_) | Self::Git(_) | Self::Http(_) => None,
        }
    }

    /// Describes the source in a few words.
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
