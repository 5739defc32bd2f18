//! Git URLs that refer to a part of a repository (`frontend/dockerfile/dfgitutil`).

use std::collections::BTreeMap;

use crate::options::boolean;

/// A Git repository, with the ref and directory that are used.
///
/// ```
/// use buildkit_gateway::context::GitReference;
///
/// let reference = GitReference::parse("https://example.com/x.git#main:docs")?.expect("git");
/// assert_eq!(reference.remote, "https://example.com/x.git");
/// assert_eq!(reference.git_ref.as_deref(), Some("main"));
/// assert_eq!(reference.subdir.as_deref(), Some("docs"));
/// // A file on a server, for all that can be known.
/// assert_eq!(GitReference::parse("https://example.com/x")?, None);
/// # Ok::<(), buildkit_gateway::context::GitReferenceError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitReference {
    /// The repository's URL, or `USER@HOST:PATH`.
    pub remote: String,
    /// A branch, tag or commit; the repository's default branch if `None`.
    pub git_ref: Option<String>,
    /// The directory that is used in place of the repository's root.
    pub subdir: Option<String>,
    /// The expected commit, or its first digits.
    pub checksum: Option<String>,
    /// Whether `.git` is kept.
    pub keep_git_dir: Option<bool>,
    /// Whether submodules are fetched.
    pub submodules: Option<bool>,
    /// The times of the files: `checkout` or `commit`.
    pub mtime: Option<String>,
    /// Whether the commit is fetched by its checksum rather than by the ref.
    pub fetch_by_commit: bool,
}

/// The error for a Git URL that contradicts itself or has an unknown query. The messages are those
/// of Docker's frontend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitReferenceError {
    /// The query is unknown.
    #[error("unexpected query {0:?} in the URL of a Git repository")]
    Unknown(String),
    /// The query needs a value.
    #[error("query {0:?} has no value in the URL of a Git repository")]
    NoValue(String),
    /// The query occurs more than once.
    #[error("query {0:?} has multiple values in the URL of a Git repository")]
    SeveralValues(String),
    /// The query's value is invalid.
    #[error("invalid {name} value: {value:?} (must be {expected})")]
    InvalidValue {
        /// The query.
        name: String,
        /// Its value.
        value: String,
        /// The valid values.
        expected: &'static str,
    },
    /// Two parts of the URL contradict each other.
    #[error("{what} conflicts: {first:?} vs {second:?} in the URL of a Git repository")]
    Conflict {
        /// What they specify: a ref, a directory or a checksum.
        what: &'static str,
        /// The first value.
        first: String,
        /// The second value.
        second: String,
    },
    /// Both a tag and a branch are given.
    #[error("branch conflicts with tag: the URL of a Git repository can name one of them")]
    BranchAndTag,
}

impl GitReference {
    /// Parses a URL; `None` if it isn't a Git URL.
    ///
    /// `http` and `https` URLs are Git URLs only if their path ends with `.git`; `git` and `ssh`
    /// URLs, `USER@HOST:PATH` and URLs that begin with `github.com/` always are.
    pub fn parse(text: &str) -> Result<Option<Self>, GitReferenceError> {
        // Most values are paths, which this check recognizes.
        if !text.contains(':') && !text.starts_with("github.com/") {
            return Ok(None);
        }
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (remote, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !is_git(remote) {
            return Ok(None);
        }
        // SSH's short form isn't a URL, so only its query is decoded.
        let fragment = if remote.contains("://") || remote.starts_with("github.com/") {
            decode(fragment, false)
        } else {
            fragment.to_owned()
        };
        let (git_ref, subdir) = fragment.split_once(':').unwrap_or((&fragment, ""));
        let mut reference = Self {
            remote: remote.to_owned(),
            git_ref: some(git_ref),
            subdir: some(&below_root(subdir)),
            ..Self::default()
        };
        reference.read_query(query)?;
        Ok(Some(reference))
    }

    fn read_query(&mut self, query: &str) -> Result<(), GitReferenceError> {
        let mut pairs: BTreeMap<String, String> = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true);
            if pairs.insert(name.clone(), decode(value, true)).is_some() {
                return Err(GitReferenceError::SeveralValues(name));
            }
        }
        let mut tag = None;
        let mut branch = None;
        for (name, value) in pairs {
            let text = |value: &str| match value {
                "" => Err(GitReferenceError::NoValue(name.clone())),
                value => Ok(value.to_owned()),
            };
            let invalid = |expected| GitReferenceError::InvalidValue {
                name: name.clone(),
                value: value.clone(),
                expected,
            };
            // A switch without a value is on.
            let switch = |value: &str| match value {
                "" => Ok(true),
                value => boolean(value).map_err(|_| invalid("a boolean")),
            };
            match name.as_str() {
                "ref" => agree("ref", &mut self.git_ref, text(&value)?)?,
                "subdir" => agree("subdir", &mut self.subdir, text(&value)?)?,
                "tag" => tag = Some(prefixed("refs/tags/", text(&value)?)),
                "branch" => branch = Some(prefixed("refs/heads/", text(&value)?)),
                "checksum" | "commit" => agree("checksum", &mut self.checksum, text(&value)?)?,
                "keep-git-dir" => self.keep_git_dir = Some(switch(&value)?),
                "submodules" => self.submodules = Some(switch(&value)?),
                "fetch-by-commit" => self.fetch_by_commit = switch(&value)?,
                "mtime" => match text(&value)?.as_str() {
                    "checkout" | "commit" => self.mtime = Some(value),
                    _ => return Err(invalid(r#""checkout" or "commit""#)),
                },
                _ => return Err(GitReferenceError::Unknown(name)),
            }
        }
        if tag.is_some() && branch.is_some() {
            return Err(GitReferenceError::BranchAndTag);
        }
        if let Some(git_ref) = tag.or(branch) {
            agree("ref", &mut self.git_ref, git_ref)?;
        }
        Ok(())
    }
}

/// Reports whether the part of a URL before its query refers to a repository.
fn is_git(remote: &str) -> bool {
    if remote.starts_with("./") || remote.starts_with("../") {
        return false;
    }
    if remote.starts_with("github.com/") {
        return true;
    }
    let Some((scheme, rest)) = remote.split_once("://") else {
        return is_short_ssh(remote);
    };
    match scheme.to_ascii_lowercase().as_str() {
        "git" | "ssh" => true,
        "http" | "https" => rest
            .split_once('/')
            .is_some_and(|(_, path)| is_repository(path)),
        _ => false,
    }
}

/// Reports whether a path is that of a repository. It is case-sensitive, as on servers.
fn is_repository(path: &str) -> bool {
    path.strip_suffix(".git").is_some()
}

/// Reports whether a text is `USER@HOST:PATH`.
fn is_short_ssh(remote: &str) -> bool {
    let is_name = |text: &str, extra: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    remote.split_once('@').is_some_and(|(user, rest)| {
        let host = rest.split_once(':').map(|(host, _)| host);
        is_name(user, "-_") && host.is_some_and(|host| is_name(host, "-."))
    })
}

/// Sets a value, which may only be set already if it is the same.
fn agree(
    what: &'static str,
    place: &mut Option<String>,
    value: String,
) -> Result<(), GitReferenceError> {
    match place {
        Some(first) if *first != value => Err(GitReferenceError::Conflict {
            what,
            first: first.clone(),
            second: value,
        }),
        _ => {
            *place = Some(value);
            Ok(())
        }
    }
}

fn prefixed(prefix: &str, name: String) -> String {
    if name.starts_with(prefix) {
        name
    } else {
        format!("{prefix}{name}")
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Makes a directory relative to the root of the repository, without leaving it.
fn below_root(folder: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in folder.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

/// Decodes percent-encoding in a part of a URL, and plus signs in queries. Invalid sequences are
/// kept.
fn decode(text: &str, is_query: bool) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'+', _) if is_query => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match hexadecimal(*high).zip(hexadecimal(*low)) {
                Some((high, low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                None => decoded.push(b'%'),
            },
            (other, _) => decoded.push(*other),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (String, String, String) {
        let reference = GitReference::parse(text).unwrap().unwrap();
        let text = Option::unwrap_or_default;
        (
            reference.remote,
            text(reference.git_ref),
            text(reference.subdir),
        )
    }

    #[test]
    fn tells_git_from_anything_else() {
        for text in [
            "",
            "https://example.com/",
            "https://example.com/foo",
            "https://example.com/foo.git/",
            "https://example.com/foo.git.bar",
            "http://example.com/foo.git:#branch",
            "https://example.git",
            "custom.xyz/moby/buildkit.git",
            "./.git",
            "../a.git",
            ".git",
            "ftp://example.com/foo.git",
            "a b@host:path",
            "user@ho st:path",
        ] {
            assert_eq!(GitReference::parse(text), Ok(None), "{text}");
        }
        for text in [
            "https://user:secret@example.com/foo.git",
            "HTTPS://example.com/foo.git",
            "git://example.com/foo",
            "ssh://git@example.com/foo",
            "github.com/moby/buildkit",
            "git@github.com:moby/buildkit",
            "some_user@10.0.0.1:x.git",
        ] {
            assert_eq!(parse(text), (text.to_owned(), String::new(), String::new()));
        }
    }

    #[test]
    fn what_is_meant_is_in_fragment_and_query() {
        let url = "https://example.com/foo.git";
        let cases = [
            ("#main", "main", ""),
            ("#release/1.2:a/../b/", "release/1.2", "b"),
            ("#:/sub", "", "sub"),
            ("#a%2Fb", "a/b", ""),
            // A space is so written in a query alone.
            ("#a+b", "a+b", ""),
            ("?ref=v1&subdir=/sub", "v1", "/sub"),
            ("?subdir=sub#v1", "v1", "sub"),
            ("?tag=v1", "refs/tags/v1", ""),
            ("?branch=refs/heads/x", "refs/heads/x", ""),
            ("?ref=v1#v1", "v1", ""),
            ("?subdir=a+b%20c", "", "a b c"),
        ];
        for (suffix, git_ref, subdir) in cases {
            let expected = (url.to_owned(), git_ref.to_owned(), subdir.to_owned());
            assert_eq!(parse(&format!("{url}{suffix}")), expected, "{suffix}");
        }
        let short = parse("git@github.com:moby/buildkit.git?subdir=/sub#v1");
        assert_eq!(short.0, "git@github.com:moby/buildkit.git");
        assert_eq!((short.1.as_str(), short.2.as_str()), ("v1", "/sub"));
    }

    #[test]
    fn switches_and_choices() {
        let all = "git://e.com/x?keep-git-dir&submodules=false&mtime=commit\
            &fetch-by-commit=1&commit=c0ffee";
        let all: String = all.chars().filter(|c| !c.is_whitespace()).collect();
        let reference = GitReference::parse(&all).unwrap().unwrap();
        assert_eq!(reference.keep_git_dir, Some(true));
        assert_eq!(reference.submodules, Some(false));
        assert_eq!(reference.mtime.as_deref(), Some("commit"));
        assert!(reference.fetch_by_commit);
        assert_eq!(reference.checksum.as_deref(), Some("c0ffee"));
    }

    #[test]
    fn contradictions_are_errors_in_dockers_words() {
        for (query, expected) in [
            ("unknown=1", r#"unexpected query "unknown""#),
            ("ref=", r#"query "ref" has no value"#),
            ("ref=a&ref=b", r#"query "ref" has multiple values"#),
            ("ref=a&tag=b", r#"ref conflicts: "a" vs "refs/tags/b""#),
            ("tag=a&branch=b", "branch conflicts with tag"),
            (
                "keep-git-dir=maybe",
                r#"invalid keep-git-dir value: "maybe""#,
            ),
            (
                "mtime=now",
                r#"invalid mtime value: "now" (must be "checkout" or "commit")"#,
            ),
            ("ref=a#b", r#"ref conflicts: "b" vs "a""#),
            ("subdir=a#:b", r#"subdir conflicts: "b" vs "a""#),
            ("checksum=a&commit=b", r#"checksum conflicts: "a" vs "b""#),
        ] {
            let error = GitReference::parse(&format!("git://e.com/x?{query}")).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }
}
