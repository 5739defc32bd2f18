//! The identity of a build's project, which keeps projects' caches apart.

use buildkit_gateway::Options;
use buildkit_llb::Digest;
use stagefile_language::plan::Plan;

/// Returns the identity of a build's project: its repository with the directory of the file in it, the same for every checkout
/// and for a build from the repository's URL. Without a repository, the names of the stages are used.
pub(super) fn identity(options: &Options, plan: &Plan) -> String {
    of_repository(|name| options.raw().get(name).map(String::as_str))
        .unwrap_or_else(|| of_stages(plan.stages.iter().map(|stage| stage.name.as_str())))
}

fn of_repository<'a>(option: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let (file_directory, _) = option("filename")
        .and_then(|name| name.rsplit_once('/'))
        .unwrap_or_default();
    if let Some(url) = option("context").filter(|url| is_git(url)) {
        let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
        let subdirectory = fragment.split_once(':').map_or("", |(_, path)| path);
        let url = url.split('?').next().unwrap_or_default();
        let directory = format!("{subdirectory}/{file_directory}");
        return Some(named(url, &directory));
    }
    let url = option("vcs:source").filter(|url| !url.is_empty())?;
    let directory = option("vcs:localdir:dockerfile").or_else(|| option("vcs:localdir:context"));
    let directory = format!("{}/{file_directory}", directory.unwrap_or_default());
    Some(named(url, &directory))
}

pub(super) fn is_git(url: &str) -> bool {
    let location = url.split(['#', '?']).next().unwrap_or_default();
    url.starts_with("git@")
        || url.starts_with("git://")
        || url.starts_with("ssh://")
        || url.starts_with("github.com/")
        || location.strip_suffix(".git").is_some()
}

/// Joins the host and path of a repository, independent of the form of its URL, with a directory in it.
fn named(url: &str, directory: &str) -> String {
    let scheme = url.split_once("://");
    let location = scheme.map_or(url, |(_, location)| location);
    let (host, path) = match (scheme, location.split_once(':')) {
        // `git@host:path`
        (None, Some((host, path))) if !host.contains('/') => (host, path),
        _ => location.split_once('/').unwrap_or((location, "")),
    };
    // The user doesn't matter, and the URL may contain a password.
    let host = host.rsplit('@').next().unwrap_or(host).to_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let directory = directory.split(['/', '\\']);
    let directory: Vec<&str> = directory
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    if directory.is_empty() {
        format!("{host}/{path}")
    } else {
        format!("{host}/{path}//{}", directory.join("/"))
    }
}

/// Derives an identity from the names of stages, which differ from those of most other projects.
fn of_stages<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let digest = Digest::of(names.join("\0").as_bytes());
    let digits = digest.as_bytes().iter().take(8);
    let digits = digits.map(|byte| format!("{byte:02x}"));
    format!("stages:{}", digits.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(options: &[(&str, &'static str)]) -> Option<String> {
        let find = |name: &str| {
            let pair = options.iter().find(|(other, _)| *other == name);
            pair.map(|(_, value)| *value)
        };
        of_repository(find)
    }

    #[test]
    fn a_repository_has_one_name_however_it_is_reached() {
        let local = "vcs:localdir:dockerfile";
        for options in [
            &[
                ("vcs:source", "https://example.com/a/b.git"),
                (local, "sub"),
            ][..],
            &[
                ("vcs:source", "https://user:word@EXAMPLE.com/a/b/"),
                (local, "sub/."),
            ],
            &[("vcs:source", "git@example.com:a/b.git"), (local, "sub")],
            &[
                ("vcs:source", "ssh://git@example.com/a/b.git"),
                (local, "sub"),
            ],
            &[
                ("context", "https://example.com/a/b.git#main:sub"),
                ("filename", "Stagefile"),
            ],
            &[
                ("context", "https://example.com/a/b.git"),
                ("filename", "sub/Stagefile"),
            ],
            &[("context", "git@example.com:a/b.git#v1:sub")],
            &[("vcs:source", "example.com/a/b.git"), (local, "sub")],
        ] {
            assert_eq!(
                project(options).as_deref(),
                Some("example.com/a/b//sub"),
                "{options:?}"
            );
        }
    }

    /// A colon ends a host only before the first slash.
    #[test]
    fn a_path_may_hold_a_colon() {
        let found = project(&[("vcs:source", "example.com/a:b/c.git")]);
        assert_eq!(found.as_deref(), Some("example.com/a:b/c"));
    }

    #[test]
    fn other_builds_are_of_no_repository() {
        assert_eq!(
            project(&[("context", "https://example.com/a.tar.gz")]),
            None
        );
        assert_eq!(project(&[("filename", "Stagefile")]), None);
        assert_ne!(
            of_stages(["ab", "c"].into_iter()),
            of_stages(["a", "bc"].into_iter())
        );
    }
}
