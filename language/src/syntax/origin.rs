//! Where files come from: what `from` says.

use super::Name;
use crate::expression::Text;

/// Where files come from.
#[derive(Debug)]
pub enum Origin {
    /// A word whose meaning depends on what else the file names.
    Word(Text),
    /// A stage, or `stage.output`.
    Stage(Text),
    /// A named context.
    Context(Text),
    /// An image of a registry.
    Image(Box<ImageOrigin>),
    /// A repository.
    Git(Box<GitOrigin>),
    /// A file on a server.
    Http(Box<HttpOrigin>),
    /// An image of an OCI layout.
    OciLayout(Box<LayoutOrigin>),
    /// A Dockerfile of the build context.
    Dockerfile(Box<DockerfileOrigin>),
}

/// An image of a registry.
#[derive(Debug)]
pub struct ImageOrigin {
    /// Its reference.
    pub reference: Text,
    /// Which platform's image.
    pub platform: Option<Text>,
    /// Where the daemon looks it up.
    pub resolve: Option<Text>,
}

/// A repository.
#[derive(Debug)]
pub struct GitOrigin {
    /// Its URL.
    pub url: Text,
    /// The branch, tag or commit.
    pub reference: Option<Text>,
    /// The directory that takes the repository's place.
    pub subdir: Option<Text>,
    /// The commit that it has to be.
    pub checksum: Option<Text>,
    /// Whether `.git` is kept.
    pub keep_git: Option<Text>,
    /// Whether submodules are fetched.
    pub submodules: Option<Text>,
    /// The client's SSH agent.
    pub ssh: Option<Text>,
    /// The keys that its host must have.
    pub known_hosts: Option<Text>,
}

/// A file on a server.
#[derive(Debug)]
pub struct HttpOrigin {
    /// Its URL.
    pub url: Text,
    /// The digest that it has to have.
    pub checksum: Option<Text>,
    /// What it is called.
    pub filename: Option<Text>,
    /// Whether it is an archive whose content is meant.
    pub unpack: Option<Text>,
}

/// An image of an OCI layout.
#[derive(Debug)]
pub struct LayoutOrigin {
    /// The layout and the digest.
    pub image: Text,
    /// Which platform's image.
    pub platform: Option<Text>,
}

/// A Dockerfile of the build context.
#[derive(Debug)]
pub struct DockerfileOrigin {
    /// Its path.
    pub path: Text,
    /// The stage of it.
    pub target: Option<Text>,
    /// Its build arguments.
    pub args: Vec<(Name, Text)>,
    /// The stages that its names stand for.
    pub contexts: Vec<(Name, Text)>,
    /// For which platform.
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
