//! Locations of Git repositories (`util/gitutil`, `util/sshutil`).

use super::git_error::GitError;
use crate::path;

/// The location of a Git repository: a URL, or SSH's short form `user@host:path`.
///
/// ```
/// use buildkit_llb::GitRemote;
///
/// let remote = GitRemote::parse("git@github.com:moby/buildkit.git#v0.12.0:docs")?;
/// assert_eq!(remote.url(), "git@github.com:moby/buildkit.git");
/// assert_eq!(remote.fragment(), Some("v0.12.0:docs"));
/// assert!(remote.is_ssh());
/// # Ok::<(), buildkit_llb::GitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitRemote {
    url: String,
    scheme: Scheme,
    host: String,
    /// The decoded path.
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
    Ssh,
    Git,
}

impl GitRemote {
    /// Parses the location of a repository. Text without a scheme that isn't SSH's short form gets
    /// the prefix `https://`.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let owned = || text.to_owned();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => {
                let known = Scheme::parse(scheme);
                (
                    known.ok_or_else(|| GitError::Scheme { url: owned() })?,
                    rest,
                )
            }
            Some(_) => return Err(GitError::Scheme { url: owned() }),
            None => match Self::parse_short(text) {
                Some(remote) => return Ok(remote),
                None => (Scheme::Https, text),
            },
        };
        Self::parse_url(scheme, rest).ok_or_else(|| GitError::Url { url: owned() })
    }

    /// Returns the URL in Git's form, without query and fragment.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Reports whether the repository is accessed over SSH.
    pub fn is_ssh(&self) -> bool {
        self.scheme == Scheme::Ssh
    }

    /// Returns the text after `#`, which Docker interprets as `ref:subdirectory`. It has no effect
    /// by itself: see [`Git::fragment`](crate::Git::fragment).
    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// Returns the text after `?`. It has no effect by itself.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Returns host and path, which don't depend on the protocol.
    pub(super) fn location(&self) -> String {
        format!("{}{}", self.host, path::join(&["/", &self.path]))
    }

    /// Parses `user@host:path`.
    fn parse_short(text: &str) -> Option<Self> {
        let (user, rest) = text.split_once('@')?;
        let (host, rest) = rest.split_once(':')?;
        let is_name = |name: &str, extra: &[u8]| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
        };
        if !is_name(user, b"-_") || !is_name(host, b"-.") || rest.contains(['\0', '\n']) {
            return None;
        }
        // Programs would take it for an option.
        if user.starts_with('-') || host.starts_with('-') {
            return None;
        }
        let (path, query, fragment) = split_suffixes(rest);
        Some(Self {
            url: format!("{user}@{host}:{path}"),
            scheme: Scheme::Ssh,
            host: host.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        })
    }

    /// Parses the part of a URL after the scheme.
    fn parse_url(scheme: Scheme, rest: &str) -> Option<Self> {
        if rest.chars().any(|character| character.is_ascii_control()) {
            return None;
        }
        let (rest, query, fragment) = split_suffixes(rest);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        if !is_host(host) || !user.is_none_or(is_user) {
            return None;
        }
        let decoded = percent_decode(path)?;
        let path = if path.bytes().all(is_path_byte) {
            path.to_owned()
        } else {
            percent_encode(&decoded)
        };
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        Some(Self {
            url: format!("{}://{user}{host}{path}", scheme.as_str()),
            scheme,
            host: host.to_owned(),
            path: decoded,
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        })
    }
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        [Self::Http, Self::Https, Self::Ssh, Self::Git]
            .into_iter()
            .find(|scheme| scheme.as_str().eq_ignore_ascii_case(text))
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ssh => "ssh",
            Self::Git => "git",
        }
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Splits `path?query#fragment`.
fn split_suffixes(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (text, fragment) = match text.split_once('#') {
        Some((text, fragment)) => (text, Some(fragment)),
        None => (text, None),
    };
    match text.split_once('?') {
        Some((text, query)) => (text, Some(query), fragment),
        None => (text, None, fragment),
    }
}

/// Reports whether a string is a host name or address with an optional port. Characters that would
/// need escaping are refused.
pub(super) fn is_host(text: &str) -> bool {
    let (name, port) = match text.rfind(':') {
        Some(colon) if !text[colon..].contains(']') => text.split_at(colon),
        _ => (text, ""),
    };
    let is_address = name.starts_with('[') && name.ends_with(']');
    let name = name.trim_start_matches('[').trim_end_matches(']');
    !name.is_empty()
        // Programs would take it for an option.
        && !name.starts_with('-')
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || b"-._~!$&'()*+,;=".contains(&byte)
                || (is_address && byte == b':')
        })
        && port.bytes().skip(1).all(|byte| byte.is_ascii_digit())
}

/// Reports whether a string is a user name with an optional password, escaped where necessary.
fn is_user(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%".contains(&byte))
}

/// Reports whether a byte may occur unescaped in a path.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/[]%".contains(&byte)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, tail) = tail.split_first_chunk::<2>()?;
        rest = tail;
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let value = digit(digits[0])? << 4 | digit(digits[1])?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn percent_encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes() {
        for (text, url, location) in [
            (
                "https://github.com/moby/buildkit.git",
                "https://github.com/moby/buildkit.git",
                "github.com/moby/buildkit.git",
            ),
            ("HTTPS://Host/a", "https://Host/a", "Host/a"),
            (
                "github.com/moby/buildkit",
                "https://github.com/moby/buildkit",
                "github.com/moby/buildkit",
            ),
            ("https://h/a?x=1#main:sub", "https://h/a", "h/a"),
            (
                "git@github.com:moby/buildkit.git",
                "git@github.com:moby/buildkit.git",
                "github.com/moby/buildkit.git",
            ),
            ("git@h:a/../b?q#f", "git@h:a/../b", "h/b"),
            ("ssh://git@h:2222/a/b", "ssh://git@h:2222/a/b", "h:2222/a/b"),
            ("https://user:p%40ss@h/a", "https://user:p%40ss@h/a", "h/a"),
            ("https://h/a b", "https://h/a%20b", "h/a b"),
            ("https://h/a%20b", "https://h/a%20b", "h/a b"),
            ("https://h", "https://h", "h/"),
            (
                "git://[::1]:9418/a//b/",
                "git://[::1]:9418/a//b/",
                "[::1]:9418/a/b",
            ),
        ] {
            let remote = GitRemote::parse(text).expect(text);
            assert_eq!(
                (remote.url(), remote.location().as_str()),
                (url, location),
                "{text}"
            );
        }
    }

    #[test]
    fn refusals() {
        for text in ["ftp://h/a", "git+ssh://h/a"] {
            assert!(
                matches!(GitRemote::parse(text), Err(GitError::Scheme { .. })),
                "{text}"
            );
        }
        for text in [
            "",
            "/local/path",
            "https://",
            "https://h h/a",
            "https://h/%zz",
            "https://h:x/a",
            "-oProxyCommand=x",
            "ssh://-oProxyCommand=x/a",
            "git@-h:a",
            "-u@h:a",
        ] {
            assert!(
                matches!(GitRemote::parse(text), Err(GitError::Url { .. })),
                "{text}"
            );
        }
    }
}
