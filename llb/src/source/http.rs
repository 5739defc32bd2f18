//! Downloads.

use thiserror::Error;

use super::blob::FileAttributes;
use super::git_remote::is_host;
use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::checksum::Checksum;
use crate::constraints::{Constrain, Constraints};
use crate::state::State;

/// A download of a file into an otherwise empty file system.
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

/// The error returned for a URL that can't be downloaded: it doesn't begin with `http://` or
/// `https://`, has no host, or contains invalid characters or escapes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{url}` is no URL of a download: expected http:// or https://, a host and a path")]
pub struct HttpError {
    /// The URL.
    pub url: String,
}

impl Http {
    /// Creates a download of a URL.
    pub fn new(url: impl Into<String>) -> Result<Self, HttpError> {
        let url = url.into();
        if !is_http_url(&url) {
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

    /// Sets the name of the file. By default, it comes from the server or from the URL.
    pub fn filename(mut self, filename: impl Into<String>) -> Self {
        self.file.filename = filename.into();
        self
    }

    /// Sets the permissions of the file, of which only the lower nine bits are used. Needs
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

    /// Sets the ID of the client's secret that holds the value of the `Authorization` header. Needs
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

    /// Fails unless the content has this detached `OpenPGP` signature by this key, both armored.
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

    /// Returns the file system that contains the file.
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

/// Reports whether a string is a download URL that Go's `net/url` and `net/http` accept.
pub(crate) fn is_http_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.contains(|one: char| one.is_ascii_control())) else {
        return false;
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // Non-ASCII characters are converted to ASCII when the host is looked up.
    let ascii = |one: char| if one.is_ascii() { one } else { 'x' };
    let host: String = host.chars().map(ascii).collect();
    // Escapes in a query are left to the server.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let escaped = path.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    is_host(&host) && escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http() {
        for url in [
            "https://example.com/a",
            "http://user:word@[::1]:8080",
            "https://example.com?a=%",
            "https://example.com/a b/%20#c",
            "https://bücher.example/a",
        ] {
            assert!(Http::new(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "ftp://example.com/a",
            "example.com/a",
            "httpss://a",
            "http://",
            "https:///a",
            "https://user@/a",
            "https://a b/c",
            "https://a:x/c",
            "https://a/%zz",
            "https://a/\n",
            "https://a/\0",
        ] {
            assert_eq!(
                Http::new(url).err(),
                Some(HttpError {
                    url: url.to_owned()
                })
            );
        }
    }
}
