//! Paths in file actions (`normalizePath` in `client/llb/fileop.go`).

use std::borrow::Cow;

use crate::path;

/// Makes a path absolute, relative to the working directory, and cleans it.
pub(super) fn normalize(directory: &str, path: String) -> String {
    match absolute(directory, &path) {
        Cow::Borrowed(_) => path,
        Cow::Owned(normal) => normal,
    }
}

/// Like [`normalize`], for a copy's destination: a trailing `/` or `/.` is kept, since it says that
/// the destination is a directory.
pub(super) fn normalize_destination(directory: &str, path: String) -> String {
    let suffix = if path.ends_with('/') {
        "/"
    } else if path.ends_with("/.") {
        "/."
    } else {
        return normalize(directory, path);
    };
    let stem = &path[..path.len() - suffix.len()];
    // For the root itself, one slash is left.
    let is_clean = stem.len() > 1 && path::is_absolute(stem) && path::is_clean(stem);
    if path == "/" || is_clean {
        return path;
    }
    let mut normal = absolute(directory, &path).into_owned();
    if normal == "/" {
        normal.clear();
    }
    normal.push_str(suffix);
    normal
}

/// Like [`normalize`], for a copy's source, relative to the working directory of the state that it
/// is copied from.
pub(super) fn normalize_source(directory: &str, path: Cow<'_, str>) -> String {
    if path::is_absolute(&path) && path::is_clean(&path) {
        return path.into_owned();
    }
    let clean = path::clean(&path);
    if path::is_absolute(&clean) {
        return clean.into_owned();
    }
    path::join(&[directory, &clean])
}

fn absolute<'a>(directory: &str, path: &'a str) -> Cow<'a, str> {
    let clean = path::clean(path);
    if path::is_absolute(&clean) {
        return clean;
    }
    Cow::Owned(path::join(&["/", directory, &clean]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_go() {
        for (directory, path, plain, destination) in [
            ("/", "/a/b", "/a/b", "/a/b"),
            ("/", "/a/b/", "/a/b", "/a/b/"),
            ("/", "/a/b/.", "/a/b", "/a/b/."),
            ("/sub", "a", "/sub/a", "/sub/a"),
            ("/sub", "a/", "/sub/a", "/sub/a/"),
            ("/sub", ".", "/sub", "/sub"),
            ("/sub", "./", "/sub", "/sub/"),
            ("/sub", "", "/sub", "/sub"),
            ("/sub", "../../x", "/x", "/x"),
            ("/sub", "/", "/", "/"),
            ("/sub", "/.", "/", "/."),
            ("/sub", "//", "/", "/"),
            ("/sub", "//.", "/", "/."),
            ("/sub", "///", "/", "/"),
            ("rel", "x", "/rel/x", "/rel/x"),
        ] {
            assert_eq!(normalize(directory, path.to_owned()), plain, "{path}");
            assert_eq!(
                normalize_destination(directory, path.to_owned()),
                destination,
                "{path}"
            );
        }
    }

    #[test]
    fn sources_lose_the_slash() {
        assert_eq!(normalize_source("/sub", "rel/./x/".into()), "/sub/rel/x");
        assert_eq!(normalize_source("/sub", "/abs/".into()), "/abs");
        assert_eq!(normalize_source("/sub", "".into()), "/sub");
    }
}
