//! The external sources of a plan whose content may change.

use buildkit_llb::{Platform, Reference, ResolveMode};

use super::{Name, is_commit};
use crate::plan::{
    Action, Base, External, GitSource, HttpSource, ImportedFile, Plan, Source, StageId,
};
use crate::source::Span;

/// An external source that the file doesn't pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpinned {
    /// An image.
    Image(Reference),
    /// A checkout of a repository.
    Git(Box<GitSource>),
    /// A file on a server.
    Http(String),
}

/// The use of an unpinned source.
#[derive(Clone, Debug)]
pub struct Use {
    /// The source.
    pub what: Unpinned,
    /// The location that names it.
    pub span: Span,
    /// The platform on which it is used; `None` for the platform that runs the build.
    pub platform: Option<Platform>,
}

impl Unpinned {
    /// Creates a value for an external source, unless the file pins it, or only the client or this machine determine
    /// what it is.
    pub fn from_external(external: &External) -> Option<Self> {
        match external {
            External::Image(image, _) => {
                let is_local = image.resolve == Some(ResolveMode::PreferLocal);
                let moves = image.reference.digest().is_none() && !is_local;
                moves.then(|| Self::Image(image.reference.clone().with_default_tag()))
            }
            External::Git(git) => Self::git(git),
            External::Http(http) => Self::http(http),
            External::Context(_) | External::Layout(..) | External::Dockerfile(..) => None,
        }
    }

    /// Returns its name in a lock file.
    pub fn name(&self) -> Name {
        match self {
            Self::Image(reference) => Name::image(reference),
            Self::Git(git) => Name::git(&git.url, git.reference.as_deref()),
            Self::Http(url) => Name::http(url),
        }
    }

    fn git(git: &GitSource) -> Option<Self> {
        let is_pinned = git.checksum.is_some() || git.reference.as_deref().is_some_and(is_commit);
        (!is_pinned).then(|| Self::Git(Box::new(git.clone())))
    }

    fn http(http: &HttpSource) -> Option<Self> {
        let moves = http.checksum.is_none();
        moves.then(|| Self::Http(http.url.clone()))
    }
}

/// Returns the external sources and imports of some stages of a plan that the file doesn't pin.
pub fn unpinned<'a>(
    plan: &Plan,
    stages: &[StageId],
    imports: impl IntoIterator<Item = (&'a ImportedFile, Span)>,
) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut add = |what: Option<Unpinned>, span: Span, platform: Option<&Platform>| {
        uses.extend(what.map(|what| Use {
            what,
            span,
            platform: platform.cloned(),
        }));
    };
    for (file, span) in imports {
        let from = file.from.as_ref();
        let platform = from.and_then(External::own_platform);
        add(from.and_then(Unpinned::from_external), span, platform);
    }
    for id in stages {
        let stage = plan.stage(*id);
        if let Base::External(external) = &stage.base.value {
            let platform = external.platform(&stage.platform);
            add(
                Unpinned::from_external(external),
                stage.base.span,
                Some(platform),
            );
        }
        for step in stage.all_steps() {
            match &step.action {
                Action::Fetch(fetch) => add(Unpinned::http(&fetch.source), step.span, None),
                Action::Git(git) => add(Unpinned::git(&git.source), step.span, None),
                other => {
                    for source in other.sources() {
                        if let Source::External(external) = &source.value {
                            let platform = external.platform(&stage.platform);
                            add(
                                Unpinned::from_external(external),
                                source.span,
                                Some(platform),
                            );
                        }
                    }
                }
            }
        }
    }
    uses
}
