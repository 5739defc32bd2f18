//! The current content of an external name.
//!
//! Daemons can resolve images; newer ones also resolve repositories and files on servers. Older
//! ones fetch these, and the result is inspected.

use std::fmt::Write as _;

use buildkit_gateway::{Client, Error, Failure, ImageMetadata, Ref, ResolveSource, SolveRequest};
use buildkit_llb::{Git, Http, MarshalOptions, Platform, Reference, ResolveMode, State, When as _};
use sha2::{Digest as _, Sha256};
use stagefile_language::lock::{Kind, Name, Unpinned, Use, is_commit};

/// The file name of a download during the inspection.
const FILE: &str = "file";
/// The number of bytes that are read at once.
const PART: u64 = 8 << 20;

/// An external source whose content may change.
#[derive(Clone, Debug)]
pub(super) enum Moving {
    /// An image, for a platform.
    Image(Reference, Platform),
    /// A checkout of a repository.
    Git {
        url: String,
        reference: Option<String>,
        ssh: Option<String>,
    },
    /// A file on a server.
    Http(String),
}

impl Moving {
    /// Creates a value for a source that a plan uses.
    pub(super) fn of_use(one: &Use, native: &Platform) -> Self {
        match &one.what {
            Unpinned::Image(reference) => {
                let platform = one.platform.as_ref().unwrap_or(native);
                Self::Image(reference.clone(), platform.clone())
            }
            Unpinned::Git(git) => Self::Git {
                url: git.url.clone(),
                reference: git.reference.clone(),
                ssh: git.ssh.clone(),
            },
            Unpinned::Http(url) => Self::Http(url.clone()),
        }
    }

    /// Creates a value for a download in a Dockerfile.
    pub(super) fn of_download(name: &Name) -> Self {
        let text = name.text.as_str();
        if name.kind != Kind::Git {
            return Self::Http(text.to_owned());
        }
        let (url, reference) = match text.split_once('#') {
            Some((url, reference)) => (url, Some(reference.to_owned())),
            None => (text, None),
        };
        Self::Git {
            url: url.to_owned(),
            reference,
            ssh: None,
        }
    }

    /// Determines the current pin.
    pub(super) async fn pin(&self, client: &Client, mode: ResolveMode) -> Result<String, Failure> {
        match self {
            Self::Image(reference, platform) => image(client, reference, platform, mode).await,
            Self::Git {
                url,
                reference,
                ssh,
            } => {
                let git = Git::new(url)
                    .when_some(reference.as_ref(), Git::reference)
                    .when_some(ssh.as_ref(), Git::ssh_socket);
                commit(client, git).await
            }
            Self::Http(url) => {
                let http = Http::new(url).map_err(|error| Failure::new(error.to_string()))?;
                checksum(client, http.filename(FILE).into_state()).await
            }
        }
    }
}

/// Asks an image's registry. If that fails, the daemon's local image is used.
async fn image(
    client: &Client,
    reference: &Reference,
    platform: &Platform,
    mode: ResolveMode,
) -> Result<String, Failure> {
    let ask = async |mode| {
        let request = ResolveSource::image(reference)
            .platform(platform)
            .mode(mode)
            .named(format!("[internal] lock {}", reference.familiar()));
        client.resolve_source(request).await
    };
    let metadata = match ask(ResolveMode::Pull).await {
        Ok(metadata) => metadata,
        Err(error @ Error::Daemon(_)) => {
            let known = ask(mode).await;
            known.map_err(|_| Failure::from(error))?
        }
        Err(error) => return Err(error.into()),
    };
    let digest = |image: ImageMetadata| image.digest;
    let digest = metadata.image.and_then(digest).ok_or_else(|| {
        Failure::new(
            "it was built here and has no digest; push it, or take it with `resolve: local`",
        )
    })?;
    Ok(digest.to_string())
}

/// Determines which commit is checked out.
async fn commit(client: &Client, git: Git) -> Result<String, Failure> {
    let state = |git: Git| {
        let state = git.into_state();
        state.map_err(|error| Failure::new(error.to_string()))
    };
    let request = ResolveSource::from_state(&state(git.clone())?);
    if let Some(request) = request {
        let metadata = client.resolve_source(request).await?;
        if let Some(git) = metadata.git {
            return Ok(git.commit_hash().to_owned());
        }
    }
    let files = fetched(client, &state(git.keep_git_dir())?).await?;
    let read = async |path: &str| {
        let text = files.read_file_up_to(path, 1 << 10).await?;
        Ok::<_, Error>(String::from_utf8_lossy(&text).trim().to_owned())
    };
    let mut head = read(".git/HEAD").await?;
    if let Some(branch) = head.strip_prefix("ref: ") {
        head = read(&format!(".git/{branch}")).await?;
    }
    if is_commit(&head) {
        return Ok(head);
    }
    Err(Failure::new(
        "the daemon doesn't say which commit it has checked out",
    ))
}

/// Determines the SHA-256 of a download.
async fn checksum(client: &Client, state: State) -> Result<String, Failure> {
    let request = ResolveSource::from_state(&state);
    if let Some(request) = request {
        let metadata = client.resolve_source(request).await?;
        if let Some(http) = metadata.http {
            return Ok(http.digest.to_string());
        }
    }
    let file = fetched(client, &state).await?;
    let (mut hash, mut offset) = (Sha256::new(), 0);
    loop {
        let part = file.read_file_range(FILE, offset, PART).await?;
        hash.update(&part);
        offset += part.len() as u64;
        if (part.len() as u64) < PART {
            let mut digest = "sha256:".to_owned();
            for byte in hash.finalize() {
                // Writing to a string can't fail.
                _ = write!(digest, "{byte:02x}");
            }
            return Ok(digest);
        }
    }
}

/// Fetches a source.
async fn fetched(client: &Client, state: &State) -> Result<Ref, Failure> {
    let options = MarshalOptions::new().supported_by(client.capabilities().llb.clone());
    let definition = state.marshal(&options);
    let solved = client.solve(SolveRequest::definition(&definition)).await?;
    let files = solved.single_reference().cloned();
    files.ok_or_else(|| Failure::new("the daemon has fetched nothing"))
}
