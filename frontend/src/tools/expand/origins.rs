//! `from`, and other keys that name a source.

use buildkit_llb::{Platform, Reference};
use stagefile_language::plan::{
    Base, DockerfileSource, External, GitSource, HttpSource, ImageSource, LayoutSource, Source,
    StageId,
};
use stagefile_language::planner::is_reserved;
use stagefile_language::value;

use super::Writer;
use super::keys::{Keys, text};
use crate::convert::node::Node;

impl Writer<'_> {
    /// Writes the base of a stage.
    pub(super) fn base(&self, base: &Base) -> Node {
        match base {
            Base::Scratch => text("scratch"),
            Base::Stage(id) => self.stage_name(*id),
            Base::External(external) => self.external(external),
        }
    }

    /// Writes the source of files; `None` for the build context.
    pub(super) fn source(&self, source: &Source) -> Option<Node> {
        Some(match source {
            Source::MainContext => return None,
            Source::Stage(id) => self.stage_name(*id),
            Source::Output(id, output) => text(&format!("{}.{output}", self.plan.stage(*id).name)),
            Source::External(external) => self.external(external),
        })
    }

    pub(super) fn stage_name(&self, id: StageId) -> Node {
        text(&self.plan.stage(id).name)
    }

    fn external(&self, external: &External) -> Node {
        let mut keys = Keys::default();
        let platform = match external {
            External::Image(image, platform) => {
                if let Some(word) = self.image_word(image, platform.as_ref()) {
                    return word;
                }
                keys.text("image", &familiar(&image.reference));
                if let Some(resolve) = image.resolve {
                    keys.text("resolve", value::RESOLVE.name(resolve));
                }
                platform
            }
            External::Context(name) => {
                keys.text("context", name);
                &None
            }
            External::Git(git) => {
                of_git(git, &mut keys);
                &None
            }
            External::Http(http) => {
                of_http(http, &mut keys);
                &None
            }
            External::Layout(LayoutSource { name, digest }, platform) => {
                let digest = digest.as_ref().map(|digest| format!("@{digest}"));
                keys.text("oci-layout", &(name.clone() + &digest.unwrap_or_default()));
                platform
            }
            External::Dockerfile(file, platform) => {
                self.of_dockerfile(file, &mut keys);
                platform
            }
        };
        if let Some(platform) = platform {
            keys.text("platform", &platform.to_string());
        }
        Node::Map(keys.0)
    }

    /// Returns the short form of an image, if it can't be taken for a stage.
    fn image_word(&self, image: &ImageSource, platform: Option<&Platform>) -> Option<Node> {
        let word = familiar(&image.reference);
        let first = word.split('.').next().unwrap_or_default();
        let is_short = image.resolve.is_none() && platform.is_none() && !is_reserved(&word);
        let is_stage = self.names.contains(word.as_str()) || self.names.contains(first);
        (is_short && !is_stage).then(|| text(&word))
    }

    fn of_dockerfile(&self, file: &DockerfileSource, keys: &mut Keys) {
        keys.text("dockerfile", &file.path);
        keys.optional("target", file.target.as_ref());
        let mut args = Keys::default();
        for (name, value) in &file.args {
            args.text(name, value);
        }
        keys.map("args", args);
        let mut contexts = Keys::default();
        for (name, id) in &file.contexts {
            contexts.add(name, self.stage_name(*id));
        }
        keys.map("contexts", contexts);
    }
}

/// Writes the options of a repository, in `from` or in a step.
pub(super) fn of_git(git: &GitSource, keys: &mut Keys) {
    keys.text("git", &git.url);
    keys.optional("ref", git.reference.as_ref());
    keys.optional("subdir", git.subdir.as_ref());
    keys.optional("checksum", git.checksum.as_ref());
    keys.flag("keep-git", git.keep_git);
    if !git.submodules {
        keys.add("submodules", Node::bare(false));
    }
    match (&git.ssh, &git.known_hosts) {
        (ssh, Some(hosts)) => {
            let mut agent = Keys::default();
            agent.optional("id", ssh.as_ref());
            agent.text("known-hosts", hosts);
            keys.map("ssh", agent);
        }
        (ssh, None) => keys.optional("ssh", ssh.as_ref()),
    }
}

fn of_http(http: &HttpSource, keys: &mut Keys) {
    keys.text("http", &http.url);
    if let Some(checksum) = &http.checksum {
        keys.text("checksum", checksum.as_str());
    }
    if !http.url.ends_with(&format!("/{}", http.filename)) {
        keys.text("filename", &http.filename);
    }
    keys.flag("unpack", http.unpack);
}

/// Writes a reference in its short form, if that means the same.
fn familiar(reference: &Reference) -> String {
    let familiar = reference.familiar();
    match Reference::parse(&familiar).map(Reference::with_default_tag) {
        Ok(same) if same == *reference => familiar,
        _ => reference.to_string(),
    }
}
