//! Paths in an image: absolute and clean, with `/` as the separator.

/// Makes a path clean: absolute, without `.`, `..`, doubled or trailing slashes.
pub fn clean(path: &str) -> String {
    // Most are clean already.
    let is_clean = |rest: &str| rest.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if path == "/" || path.strip_prefix('/').is_some_and(is_clean) {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Makes a path absolute, relative to a directory, and clean.
pub fn join(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        clean(path)
    } else {
        clean(&format!("{directory}/{path}"))
    }
}

/// Returns the parent directory of a clean path; the root is its own parent.
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((directory, _)) => directory,
    }
}

/// Returns the last part of a clean path; empty for the root.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Returns the first part of a path, from the root; empty for the root.
pub fn first(path: &str) -> &str {
    let path = path.trim_start_matches('/');
    path.split('/').next().unwrap_or_default()
}

/// Appends a slash to a clean path.
pub fn slashed(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

/// Reports whether a path is below another.
pub fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/'))
        .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_cleaned() {
        for (directory, path, expected) in [
            ("/src", "a", "/src/a"),
            ("/src", "./a/", "/src/a"),
            ("/src", "/a", "/a"),
            ("/src", "..", "/"),
            ("/src", "../..", "/"),
            ("/", ".", "/"),
        ] {
            assert_eq!(join(directory, path), expected);
        }
        for (path, directory, last) in [("/", "/", ""), ("/a", "/", "a"), ("/a/b", "/a", "b")] {
            assert_eq!((parent(path), name(path)), (directory, last));
        }
        assert_eq!((slashed("/"), slashed("/a")), ("/".into(), "/a/".into()));
        assert!(is_below("/src/a", "/src"));
        assert!(!is_below("/srca", "/src"));
        assert!(!is_below("/src", "/src"));
        assert!(is_below("/src", "/"));
    }
}
