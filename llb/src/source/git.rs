//! Git repositories.

use super::git_error::GitError;
use super::git_remote::GitRemote;
use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::constraints::{Constrain, Constraints};
use crate::path;
use crate::state::State;

/// A checkout of a Git repository.
///
/// ```
/// use buildkit_llb::Git;
///
/// let state = Git::new("https://github.com/moby/buildkit.git")
///     .reference("v0.12.0")
///     .subdir("docs")
///     .into_state()?;
/// # let _ = state;
/// # Ok::<(), buildkit_llb::GitError>(())
/// ```
///
/// The network is not used while the graph is created. Go's library asks an SSH server for its host
/// keys unless [`Git::known_ssh_hosts`] gives them; here, the daemon gets none in that case.
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each with its own setter"
)]
pub struct Git {
    url: String,
    reference: String,
    subdir: String,
    keep_git_dir: bool,
    skip_submodules: bool,
    token_secret: Option<String>,
    header_secret: Option<String>,
    known_ssh_hosts: String,
    ssh_socket: String,
    checksum: String,
    mtime: Option<GitMtime>,
    fetch_by_commit: bool,
    bundle: String,
    bundle_session: String,
    bundle_store: String,
    checkout_bundle: bool,
    signature: Option<Signature>,
    constraints: Constraints,
}

/// The modification times of files that are checked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GitMtime {
    /// The time of the checkout, which is the default.
    Checkout,
    /// The time of the commit, so that the result is reproducible.
    Commit,
}

/// Requirements for the signature of the commit or tag.
#[derive(Clone, Debug, Default)]
struct Signature {
    public_key: String,
    reject_expired: bool,
    require_signed_tag: bool,
    ignore_signed_tag: bool,
}

impl Git {
    /// Creates a checkout of a repository, given in a form that [`GitRemote::parse`] accepts. As in
    /// Go, query and fragment of the URL have no effect.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            reference: String::new(),
            subdir: String::new(),
            keep_git_dir: false,
            skip_submodules: false,
            token_secret: None,
            header_secret: None,
            known_ssh_hosts: String::new(),
            ssh_socket: String::new(),
            checksum: String::new(),
            mtime: None,
            fetch_by_commit: false,
            bundle: String::new(),
            bundle_session: String::new(),
            bundle_store: String::new(),
            checkout_bundle: false,
            signature: None,
            constraints: Constraints::new(),
        }
    }

    /// Sets the branch, tag or commit. The default is the remote's default branch.
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }

    /// Checks out only one directory of the repository.
    pub fn subdir(mut self, subdir: impl Into<String>) -> Self {
        self.subdir = subdir.into();
        self
    }

    /// Sets reference and directory from a string `reference:directory`, as in the fragment of
    /// Docker's Git URLs. Empty parts change nothing.
    pub fn fragment(mut self, fragment: &str) -> Self {
        let (reference, subdir) = fragment.split_once(':').unwrap_or((fragment, ""));
        if !reference.is_empty() {
            self = self.reference(reference);
        }
        let subdir = path::join(&["/", subdir]);
        match subdir.trim_start_matches('/') {
            "" => self,
            subdir => self.subdir(subdir),
        }
    }

    /// Keeps the `.git` directory. Needs [`Capability::SourceGitKeepGitDir`].
    pub fn keep_git_dir(mut self) -> Self {
        self.keep_git_dir = true;
        self
    }

    /// Leaves out submodules. Needs [`Capability::SourceGitSkipSubmodules`].
    pub fn skip_submodules(mut self) -> Self {
        self.skip_submodules = true;
        self
    }

    /// Sets the ID of the client's secret that holds a token for HTTP. The default is
    /// `GIT_AUTH_TOKEN`; an empty ID means none. Needs [`Capability::SourceGitHttpAuth`].
    pub fn auth_token_secret(mut self, id: impl Into<String>) -> Self {
        self.token_secret = Some(id.into());
        self
    }

    /// Sets the ID of the client's secret that holds an `Authorization` header for HTTP. The
    /// default is `GIT_AUTH_HEADER`; an empty ID means none. Needs
    /// [`Capability::SourceGitHttpAuth`].
    pub fn auth_header_secret(mut self, id: impl Into<String>) -> Self {
        self.header_secret = Some(id.into());
        self
    }

    /// Adds host keys, in the format of SSH's `known_hosts`. Only used with SSH.
    pub fn known_ssh_hosts(mut self, keys: &str) -> Self {
        self.known_ssh_hosts
            .push_str(keys.strip_suffix('\n').unwrap_or(keys));
        self.known_ssh_hosts.push('\n');
        self
    }

    /// Sets the ID of the client's SSH agent. The default is `default`. Only used with SSH.
    pub fn ssh_socket(mut self, id: impl Into<String>) -> Self {
        self.ssh_socket = id.into();
        self
    }

    /// Fails unless the commit has this hash, or a hash with this prefix. Needs
    /// [`Capability::SourceGitChecksum`].
    pub fn checksum(mut self, commit: impl Into<String>) -> Self {
        self.checksum = commit.into();
        self
    }

    /// Sets the modification times of files. Needs [`Capability::SourceGitMtime`].
    pub fn mtime(mut self, mtime: GitMtime) -> Self {
        self.mtime = Some(mtime);
        self
    }

    /// Fetches the commit given as the checksum, without asking the remote for the reference's
    /// current commit. Needs [`Capability::SourceGitFetchByCommit`].
    pub fn fetch_by_commit(mut self) -> Self {
        self.fetch_by_commit = true;
        self
    }

    /// Takes the history from a bundle stored as a blob, `docker-image+blob://…@sha256:…` or
    /// `oci-layout+blob://…@sha256:…`, instead of from the remote. Needs a checksum, and
    /// [`Capability::SourceGitBundle`].
    pub fn bundle(mut self, locator: impl Into<String>) -> Self {
        self.bundle = locator.into();
        self
    }

    /// Sets the session and the layout of a bundle in an OCI layout.
    pub fn bundle_store(mut self, session: impl Into<String>, store: impl Into<String>) -> Self {
        self.bundle_session = session.into();
        self.bundle_store = store.into();
        self
    }

    /// Creates a bundle with the commit, in a file `bundle`, instead of a checkout. Needs
    /// [`Capability::SourceGitCheckoutBundle`].
    pub fn checkout_bundle(mut self) -> Self {
        self.checkout_bundle = true;
        self
    }

    /// Fails unless the commit or its tag is signed with this armored `OpenPGP` or SSH key. Needs
    /// [`Capability::SourceGitSignatureVerify`].
    pub fn verify_signature(mut self, public_key: impl Into<String>) -> Self {
        self.signature.get_or_insert_default().public_key = public_key.into();
        self
    }

    /// Refuses signatures by expired keys.
    pub fn reject_expired_keys(mut self) -> Self {
        self.signature.get_or_insert_default().reject_expired = true;
        self
    }

    /// Refuses commits without a signed tag.
    pub fn require_signed_tag(mut self) -> Self {
        self.signature.get_or_insert_default().require_signed_tag = true;
        self
    }

    /// Checks the signature of the commit even if its tag is signed.
    pub fn ignore_signed_tag(mut self) -> Self {
        self.signature.get_or_insert_default().ignore_signed_tag = true;
        self
    }

    /// Returns the checked-out files.
    pub fn into_state(self) -> Result<State, GitError> {
        let remote = GitRemote::parse(&self.url)?;
        self.check()?;
        let mut identifier = format!("git://{}", remote.location());
        if !self.reference.is_empty() || !self.subdir.is_empty() {
            identifier.push('#');
            identifier.push_str(&self.reference);
        }
        if !self.subdir.is_empty() {
            identifier.push(':');
            identifier.push_str(&self.subdir);
        }
        let mut attributes = Attributes::default();
        attributes.capabilities.insert(Capability::SourceGit);
        attributes.capabilities.insert(Capability::SourceGitFullUrl);
        attributes.set("git.fullurl", remote.url());
        self.set_access(&remote, &mut attributes);
        self.set_content(&mut attributes);
        Ok(attributes.into_state(SourceKind::Other, identifier, self.constraints))
    }

    /// Refuses options that the daemon would refuse.
    fn check(&self) -> Result<(), GitError> {
        if self.reference.starts_with('-') {
            let reference = self.reference.clone();
            return Err(GitError::Reference { reference });
        }
        let (reference, checksum) = (self.reference.as_str(), self.checksum.as_str());
        let known = is_whole_commit(reference);
        if !is_commit(checksum) || (known && !reference.starts_with(checksum)) {
            let checksum = checksum.to_owned();
            return Err(GitError::Checksum { checksum });
        }
        if self.fetch_by_commit && !known && !is_whole_commit(checksum) {
            return Err(GitError::FetchByCommit);
        }
        if !self.bundle.is_empty() {
            let schemes = ["docker-image+blob://", "oci-layout+blob://"];
            if !schemes.iter().any(|scheme| self.bundle.starts_with(scheme)) {
                let locator = self.bundle.clone();
                return Err(GitError::BundleLocator { locator });
            }
            if self.checksum.is_empty() {
                return Err(GitError::BundleWithoutChecksum);
            }
        }
        if self.checkout_bundle && (self.keep_git_dir || !self.subdir.is_empty()) {
            return Err(GitError::CheckoutBundle);
        }
        Ok(())
    }

    /// Sets the attributes for access to the remote.
    fn set_access(&self, remote: &GitRemote, attributes: &mut Attributes) {
        let token = self.token_secret.as_deref().unwrap_or("GIT_AUTH_TOKEN");
        let header = self.header_secret.as_deref().unwrap_or("GIT_AUTH_HEADER");
        attributes.set_text("git.authtokensecret", token);
        attributes.set_text("git.authheadersecret", header);
        let chosen = self.token_secret.is_some() || self.header_secret.is_some();
        if chosen && !(token.is_empty() && header.is_empty()) {
            attributes
                .capabilities
                .insert(Capability::SourceGitHttpAuth);
        }
        if remote.is_ssh() {
            attributes
                .capabilities
                .insert(Capability::SourceGitKnownSshHosts);
            attributes.set_text("git.knownsshhosts", &self.known_ssh_hosts);
            attributes
                .capabilities
                .insert(Capability::SourceGitMountSshSock);
            let socket = match self.ssh_socket.as_str() {
                "" => "default",
                socket => socket,
            };
            attributes.set("git.mountsshsock", socket);
        }
    }

    /// Sets the attributes for what is checked out.
    fn set_content(&self, attributes: &mut Attributes) {
        attributes.set_flag("git.keepgitdir", self.keep_git_dir);
        attributes.set_flag("git.skipsubmodules", self.skip_submodules);
        attributes.set_flag("git.fetchbycommit", self.fetch_by_commit);
        attributes.set_flag("git.checkoutbundle", self.checkout_bundle);
        attributes.set_text("git.checksum", &self.checksum);
        attributes.set_text("git.mtime", self.mtime.map_or("", GitMtime::as_str));
        attributes.set_text("git.bundle", &self.bundle);
        attributes.set_text("oci.session", &self.bundle_session);
        attributes.set_text("oci.store", &self.bundle_store);
        if let Some(signature) = &self.signature {
            attributes.set_text("git.sig.pubkey", &signature.public_key);
            attributes.set_flag("git.sig.rejectexpired", signature.reject_expired);
            attributes.set_flag("git.sig.requiresignedtag", signature.require_signed_tag);
            attributes.set_flag("git.sig.ignoresignedtag", signature.ignore_signed_tag);
        }
        for (needed, capability) in [
            (self.keep_git_dir, Capability::SourceGitKeepGitDir),
            (self.skip_submodules, Capability::SourceGitSkipSubmodules),
            (self.fetch_by_commit, Capability::SourceGitFetchByCommit),
            (self.checkout_bundle, Capability::SourceGitCheckoutBundle),
            (!self.checksum.is_empty(), Capability::SourceGitChecksum),
            (self.mtime.is_some(), Capability::SourceGitMtime),
            (!self.bundle.is_empty(), Capability::SourceGitBundle),
            (
                self.signature.is_some(),
                Capability::SourceGitSignatureVerify,
            ),
        ] {
            if needed {
                attributes.capabilities.insert(capability);
            }
        }
    }
}

/// Reports whether a string can be a commit hash or its prefix.
pub(crate) fn is_commit(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Reports whether a string is a commit, rather than a branch or tag (`IsCommitSHA` in
/// `util/gitutil`).
pub(crate) fn is_whole_commit(text: &str) -> bool {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(text.len(), 40 | 64) && text.bytes().all(is_digit)
}

impl GitMtime {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Commit => "commit",
        }
    }
}

impl Constrain for Git {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(git: Git) -> GitError {
        git.into_state().expect_err("refused")
    }

    #[test]
    fn what_the_daemon_would_refuse() {
        let git = || Git::new("https://example.com/r.git");
        assert_eq!(
            error(git().reference("-x")),
            GitError::Reference {
                reference: "-x".into()
            }
        );
        let bundle = "docker-image+blob://a@sha256:b";
        assert_eq!(error(git().bundle(bundle)), GitError::BundleWithoutChecksum);
        assert_eq!(
            error(git().bundle("file://x").checksum("c")),
            GitError::BundleLocator {
                locator: "file://x".into()
            }
        );
        assert_eq!(
            error(git().checkout_bundle().subdir("x")),
            GitError::CheckoutBundle
        );
        assert_eq!(
            error(git().checkout_bundle().keep_git_dir()),
            GitError::CheckoutBundle
        );
        assert!(
            git()
                .bundle(bundle)
                .checksum("c")
                .checkout_bundle()
                .into_state()
                .is_ok()
        );
    }

    #[test]
    fn signatures_are_attributes() {
        let state = Git::new("https://example.com/r.git")
            .verify_signature("key")
            .reject_expired_keys()
            .require_signed_tag()
            .ignore_signed_tag()
            .into_state()
            .expect("valid");
        let definition = state.marshal(&crate::MarshalOptions::new());
        assert!(
            definition
                .capabilities()
                .contains(Capability::SourceGitSignatureVerify)
        );
        let graph = crate::Graph::read(&definition).expect("valid");
        let attributes = &graph.vertices()[0].to_json_value()["op"]["source"]["attrs"];
        assert_eq!(attributes["git.sig.pubkey"], "key");
        for flag in ["rejectexpired", "requiresignedtag", "ignoresignedtag"] {
            assert_eq!(attributes[format!("git.sig.{flag}")], "true", "{flag}");
        }
    }

    #[test]
    fn fragments_are_cleaned() {
        for (fragment, reference, subdir) in [
            ("", "", ""),
            ("main", "main", ""),
            ("main:a/../b", "main", "b"),
            (":sub", "", "sub"),
            ("v1:", "v1", ""),
        ] {
            let git = Git::new("h").fragment(fragment);
            assert_eq!(
                (&*git.reference, &*git.subdir),
                (reference, subdir),
                "{fragment}"
            );
        }
    }
}
