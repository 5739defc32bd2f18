//! Sources of files: the values of `from`.

use super::Name;
use crate::expression::Text;

/// The source of files.
#[derive(Debug)]
pub enum Origin {
    /// A word whose meaning depends on the names in the file.
    Word(Text),
    /// A stage, or `stage.output`.
    Stage(Text),
    /// A named context.
    Context(Text),
    /// An image in a registry.
    Image(Box<ImageOrigin>),
    /// A Git repository.
    Git(Box<GitOrigin>),
    /// A file on a server.
    Http(Box<HttpOrigin>),
    /// An image in an OCI layout.
    OciLayout(Box<LayoutOrigin>),
    /// A Dockerfile in the build context.
    Dockerfile(Box<DockerfileOrigin>),
}

/// An image in a registry.
#[derive(Debug)]
pub struct ImageOrigin {
    /// The reference.
    pub reference: Text,
    /// The platform.
    pub platform: Option<Text>,
    /// How the daemon resolves it.
    pub resolve: Option<Text>,
}

/// A Git repository.
#[derive(Debug)]
pub struct GitOrigin {
    /// The URL.
    pub url: Text,
    /// The branch, tag or commit.
    pub reference: Option<Text>,
    /// The directory that is used in place of the repository's root.
    pub subdir: Option<Text>,
    /// The expected commit.
    pub checksum: Option<Text>,
    /// Whether `.git` is kept.
    pub keep_git: Option<Text>,
    /// Whether submodules are fetched.
    pub submodules: Option<Text>,
    /// The client's SSH agent.
    pub ssh: Option<Text>,
    /// The accepted keys of its host.
    pub known_hosts: Option<Text>,
}

/// A file on a server.
#[derive(Debug)]
pub struct HttpOrigin {
    /// The URL.
    pub url: Text,
    /// The expected digest.
    pub checksum: Option<Text>,
    /// The file name.
    pub filename: Option<Text>,
    /// Whether it is an archive whose content is used.
    pub unpack: Option<Text>,
}

/// An image in an OCI layout.
#[derive(Debug)]
pub struct LayoutOrigin {
    /// The layout and the digest.
    pub image: Text,
    /// The platform.
    pub platform: Option<Text>,
}

/// A Dockerfile in the build context.
#[derive(Debug)]
pub struct DockerfileOrigin {
    /// The path.
    pub path: Text,
    /// The stage to build.
    pub target: Option<Text>,
    /// The build arguments.
    pub args: Vec<(Name, Text)>,
    /// The stages that replace named contexts.
    pub contexts: Vec<(Name, Text)>,
    /// The platform.
    pub platform: Option<Text>,
}

impl Origin {
    /// Returns the text that names it.
    pub fn text(&self) -> &Text {
        match self {
            Self::Word(text) | Self::Stage(text) | Self::Context(text) => text,
            Self::Image(image) => &image.reference,
            Self::Git(git) => &git.url,
            Self::Http(http) => &http.url,
            Self::OciLayout(layout) => &layout.image,
            Self::Dockerfile(file) => &file.path,
        }
    }
}
