//! Source nodes.

use buildkit_llb::{
    Blob, Differ, Git, GitMtime, Http, Image, Local, OciLayout, ResolveMode, State,
};
use serde::Deserialize;

use super::nodes::Common;
use super::{BuiltNodes, Failure};

/// The fields of all kinds of sources; each kind has some of them.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "as the format has it")]
pub(super) struct SourceFields {
    #[serde(default, rename = "ref")]
    reference: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    resolve_mode: Option<String>,
    #[serde(default)]
    layer_limit: Option<u32>,
    #[serde(default)]
    checksum: String,
    #[serde(default)]
    session: String,
    #[serde(default)]
    store: String,
    #[serde(default)]
    filename: String,
    #[serde(default)]
    perm: Option<u32>,
    #[serde(default)]
    uid: u32,
    #[serde(default)]
    gid: u32,
    #[serde(default)]
    subdir: String,
    #[serde(default)]
    keep_git_dir: bool,
    #[serde(default)]
    skip_submodules: bool,
    #[serde(default)]
    auth_token_secret: Option<String>,
    #[serde(default)]
    auth_header_secret: Option<String>,
    #[serde(default)]
    known_hosts: String,
    #[serde(default)]
    ssh_sock: String,
    #[serde(default)]
    mtime: String,
    #[serde(default)]
    fetch_by_commit: bool,
    #[serde(default)]
    accept: String,
    #[serde(default)]
    user_agent: String,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    follow: Vec<String>,
    #[serde(default)]
    shared_key: String,
    #[serde(default)]
    differ: String,
    #[serde(default)]
    differ_required: bool,
    #[serde(default)]
    unique_id: String,
}

impl SourceFields {
    pub(super) fn image(&self, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        let mut image = Image::new(&self.reference).map_err(Failure::refused)?;
        image = match self.resolve_mode.as_deref() {
            None => image,
            Some("default") => image.resolve_mode(ResolveMode::Default),
            Some("pull") => image.resolve_mode(ResolveMode::Pull),
            Some("local") => image.resolve_mode(ResolveMode::PreferLocal),
            Some(other) => return Err(Failure::Program(format!("resolve mode {other}"))),
        };
        if let Some(layers) = self.layer_limit {
            image = image.layer_limit(layers);
        }
        if !self.checksum.is_empty() {
            image = image.checksum(self.checksum.parse().map_err(Failure::refused)?);
        }
        Ok(common.apply(image, made)?.into_state())
    }

    pub(super) fn oci_layout(&self, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        // Go accepts the checksum, and leaves it out of the graph.
        let mut layout = OciLayout::new(&self.reference)
            .map_err(Failure::refused)?
            .session(&self.session)
            .store(&self.store);
        if let Some(layers) = self.layer_limit {
            layout = layout.layer_limit(layers);
        }
        Ok(common.apply(layout, made)?.into_state())
    }

    pub(super) fn image_blob(&self, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        let blob = Blob::image(&self.reference).map_err(Failure::refused)?;
        self.blob(blob, common, made)
    }

    pub(super) fn oci_layout_blob(
        &self,
        common: &Common,
        made: &BuiltNodes,
    ) -> Result<State, Failure> {
        let blob = Blob::oci_layout(&self.reference, &self.store).map_err(Failure::refused)?;
        self.blob(blob.session(&self.session), common, made)
    }

    fn blob(&self, blob: Blob, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        let mut blob = blob.filename(&self.filename).owner(self.uid, self.gid);
        if let Some(mode) = self.perm {
            blob = blob.mode(mode);
        }
        Ok(common.apply(blob, made)?.into_state())
    }

    pub(super) fn git(&self, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        let mut git = Git::new(&self.url)
            .reference(&self.reference)
            .subdir(&self.subdir)
            .checksum(&self.checksum)
            .ssh_socket(&self.ssh_sock);
        if self.keep_git_dir {
            git = git.keep_git_dir();
        }
        if self.skip_submodules {
            git = git.skip_submodules();
        }
        if let Some(secret) = &self.auth_token_secret {
            git = git.auth_token_secret(secret);
        }
        if let Some(secret) = &self.auth_header_secret {
            git = git.auth_header_secret(secret);
        }
        if !self.known_hosts.is_empty() {
            git = git.known_ssh_hosts(&self.known_hosts);
        }
        git = match &*self.mtime {
            "" => git,
            "checkout" => git.mtime(GitMtime::Checkout),
            "commit" => git.mtime(GitMtime::Commit),
            other => return Err(Failure::Program(format!("mtime {other}"))),
        };
        if self.fetch_by_commit {
            git = git.fetch_by_commit();
        }
        let git = common.apply(git, made)?;
        git.into_state().map_err(Failure::refused)
    }

    pub(super) fn http(&self, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        let mut http = Http::new(&self.url)
            .map_err(Failure::refused)?
            .filename(&self.filename)
            .owner(self.uid, self.gid);
        if let Some(mode) = self.perm {
            http = http.mode(mode);
        }
        if !self.checksum.is_empty() {
            http = http.checksum(self.checksum.parse().map_err(Failure::refused)?);
        }
        if let Some(secret) = &self.auth_header_secret {
            http = http.auth_header_secret(secret);
        }
        if !self.accept.is_empty() {
            http = http.accept(&self.accept);
        }
        if !self.user_agent.is_empty() {
            http = http.user_agent(&self.user_agent);
        }
        Ok(common.apply(http, made)?.into_state())
    }

    pub(super) fn local(&self, common: &Common, made: &BuiltNodes) -> Result<State, Failure> {
        let mut local = Local::new(&self.reference)
            .session(&self.session)
            .unique_id(&self.unique_id)
            .include(&self.include)
            .exclude(&self.exclude)
            .follow(&self.follow)
            .shared_key_hint(&self.shared_key);
        let differ = match &*self.differ {
            "" => None,
            "none" => Some(Differ::None),
            "metadata" => Some(Differ::Metadata),
            other => return Err(Failure::Program(format!("differ {other}"))),
        };
        local = match (differ, self.differ_required) {
            (None, _) => local,
            (Some(differ), false) => local.differ(differ),
            (Some(differ), true) => local.differ_required(differ),
        };
        Ok(common.apply(local, made)?.into_state())
    }
}
