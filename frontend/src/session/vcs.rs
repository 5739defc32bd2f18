//! The client's information about the checkout that is built.

use buildkit_gateway::Options;
use stagefile_language::plan::Vcs;

use super::project::is_git;

/// The suffix by which clients mark a commit with uncommitted changes.
const DIRTY: &str = "-dirty";

/// Reads the client's options: those that describe a local checkout, or the URL of a repository that is the context.
pub(super) fn read(options: &Options) -> Vcs {
    let raw = options.raw();
    let option = |name: &str| raw.get(name).map_or("", String::as_str);
    match raw.get("context").filter(|url| is_git(url)) {
        Some(url) => of_url(url),
        None => of_checkout(option("vcs:source"), option("vcs:revision")),
    }
}

fn of_checkout(source: &str, revision: &str) -> Vcs {
    let clean = revision.strip_suffix(DIRTY);
    Vcs {
        revision: clean.unwrap_or(revision).to_owned(),
        dirty: clean.is_some(),
        source: without_password(source),
        tag: String::new(),
    }
}

fn of_url(url: &str) -> Vcs {
    let (location, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (location, query) = location.split_once('?').unwrap_or((location, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut vcs = Vcs {
        source: without_password(location),
        ..Vcs::default()
    };
    let reference = fragment.split(':').next().unwrap_or_default();
    for (name, value) in pairs.chain([("ref", reference)]) {
        match name {
            "tag" => value.clone_into(&mut vcs.tag),
            "ref" | "checksum" | "commit" if is_commit(value) => {
                value.clone_into(&mut vcs.revision);
            }
            "ref" => {
                if let Some(tag) = value.strip_prefix("refs/tags/") {
                    tag.clone_into(&mut vcs.tag);
                }
            }
            _ => {}
        }
    }
    vcs
}

/// Reports whether a reference is a full commit hash: the commit of a branch or a tag is only known after fetching
/// it.
fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns a URL without user name and password, which don't belong in an image.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = match rest.find('/') {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    let host = host.rsplit('@').next().unwrap_or(host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn vcs(source: &str, revision: &str, tag: &str) -> Vcs {
        Vcs {
            revision: revision.to_owned(),
            dirty: false,
            source: source.to_owned(),
            tag: tag.to_owned(),
        }
    }

    #[test]
    fn a_checkout_is_what_the_client_says() {
        let url = "https://example.com/a.git";
        assert_eq!(of_checkout(url, COMMIT), vcs(url, COMMIT, ""));
        assert_eq!(of_checkout(url, COMMIT).short(), "0123456");
        let dirty = of_checkout(
            "https://me:word@example.com/a.git",
            &format!("{COMMIT}-dirty"),
        );
        assert_eq!(
            dirty,
            Vcs {
                dirty: true,
                ..vcs(url, COMMIT, "")
            }
        );
        assert_eq!(of_checkout("", ""), Vcs::default());
        assert_eq!(of_checkout("", "").short(), "");
        let ssh = "git@example.com:a.git";
        assert_eq!(of_checkout(ssh, "abc"), vcs(ssh, "abc", ""));
    }

    #[test]
    fn of_a_url_only_what_it_says_is_known() {
        let url = "https://example.com/a.git";
        for (given, revision, tag) in [
            (url.to_owned(), "", ""),
            (format!("{url}#main"), "", ""),
            (format!("{url}#{COMMIT}:sub"), COMMIT, ""),
            (format!("{url}#refs/tags/v1.2:sub"), "", "v1.2"),
            (format!("{url}?tag=v1&checksum={COMMIT}"), COMMIT, "v1"),
            (format!("{url}?ref=refs/tags/v2&subdir=x"), "", "v2"),
            (
                format!("https://word@example.com/a.git#{COMMIT}"),
                COMMIT,
                "",
            ),
        ] {
            assert_eq!(of_url(&given), vcs(url, revision, tag), "{given}");
        }
    }
}
