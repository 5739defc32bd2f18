//! Downloads.

use thiserror::Error;

use super::blob::FileAttributes;
use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::checksum::Checksum;
use crate::constraints::{Constrain, Constraints};
use crate::state::State;

/// Downloads a file into an otherwise empty file system.
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
pub struct Http {
    url: String,
    checksum: Option<Checksum>,
    file: FileAttributes,
    auth_header_secret: String,
    accept: Option<String>,
    user_agent: Option<String>,
    signature: Option<Signature>,
    constraints: Constraints,
}

#[derive(Clone, Debug)]
struct Signature {
    public_key: String,
    signature: String,
}

/// Says that a URL can't be downloaded: it does not begin with `http://` or `https://`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{url}` does not begin with http:// or https://")]
pub struct HttpError {
    /// The URL.
    pub url: String,
}

impl Http {
    /// Names what is downloaded.
    pub fn new(url: impl Into<String>) -> Result<Self, HttpError> {
        let url = url.into();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(HttpError { url });
        }
        Ok(Self {
            url,
            checksum: None,
            file: FileAttributes::default(),
            auth_header_secret: String::new(),
            accept: None,
            user_agent: None,
            signature: None,
            constraints: Constraints::new(),
        })
    }

    /// Fails unless the content has this checksum. Needs [`Capability::SourceHttpChecksum`].
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// Names the file; unless this is called, the server or the URL does.
    pub fn filename(mut self, filename: impl Into<String>) -> Self {
        self.file.filename = filename.into();
        self
    }

    /// Sets the permissions of the file, of which the lower nine bits count. Needs
    /// [`Capability::SourceHttpPerm`].
    pub fn mode(mut self, mode: u32) -> Self {
        self.file.mode = mode & 0o777;
        self
    }

    /// Sets the owner of the file. Needs [`Capability::SourceHttpUidGid`].
    pub fn owner(mut self, uid: u32, gid: u32) -> Self {
        (self.file.uid, self.file.gid) = (uid, gid);
        self
    }

    /// Names the secret of the client that holds the value of the `Authorization` header. Needs
    /// [`Capability::SourceHttpAuth`].
    pub fn auth_header_secret(mut self, id: impl Into<String>) -> Self {
        self.auth_header_secret = id.into();
        self
    }

    /// Sets the `Accept` header. Needs [`Capability::SourceHttpHeader`].
    pub fn accept(mut self, value: impl Into<String>) -> Self {
        self.accept = Some(value.into());
        self
    }

    /// Sets the `User-Agent` header. Needs [`Capability::SourceHttpHeader`].
    pub fn user_agent(mut self, value: impl Into<String>) -> Self {
        self.user_agent = Some(value.into());
        self
    }

    /// Fails unless a detached `OpenPGP` signature of the content is by this key, both armored.
    /// Needs [`Capability::SourceHttpSignatureVerify`].
    pub fn verify_signature(
        mut self,
        public_key: impl Into<String>,
        signature: impl Into<String>,
    ) -> Self {
        self.signature = Some(Signature {
            public_key: public_key.into(),
            signature: signature.into(),
        });
        self
    }

    /// Returns the file system that holds the file.
    pub fn into_state(self) -> State {
        let mut attributes = Attributes::default();
        self.file.set(&mut attributes);
        if let Some(checksum) = &self.checksum {
            attributes.set("http.checksum", checksum.as_str());
        }
        attributes.set_text("http.authheadersecret", &self.auth_header_secret);
        for (key, value) in [
            ("http.header.accept", &self.accept),
            ("http.header.user-agent", &self.user_agent),
        ] {
            attributes.set_text(key, value.as_deref().unwrap_or_default());
        }
        if let Some(signature) = &self.signature {
            attributes.set_text("http.sig.pubkey", &signature.public_key);
            attributes.set_text("http.sig.signature", &signature.signature);
        }
        for (needed, capability) in [
            (true, Capability::SourceHttp),
            (self.checksum.is_some(), Capability::SourceHttpChecksum),
            (self.file.mode != 0, Capability::SourceHttpPerm),
            (
                self.file.uid != 0 || self.file.gid != 0,
                Capability::SourceHttpUidGid,
            ),
            (
                !self.auth_header_secret.is_empty(),
                Capability::SourceHttpAuth,
            ),
            (
                self.accept.is_some() || self.user_agent.is_some(),
                Capability::SourceHttpHeader,
            ),
            (
                self.signature.is_some(),
                Capability::SourceHttpSignatureVerify,
            ),
        ] {
            if needed {
                attributes.capabilities.insert(capability);
            }
        }
        attributes.into_state(SourceKind::Other, self.url, self.constraints)
    }
}

impl Constrain for Http {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http() {
        assert!(Http::new("https://example.com/a").is_ok());
        for url in ["", "ftp://example.com/a", "example.com/a", "httpss://a"] {
            assert_eq!(
                Http::new(url).err(),
                Some(HttpError {
                    url: url.to_owned()
                })
            );
        }
    }
}
