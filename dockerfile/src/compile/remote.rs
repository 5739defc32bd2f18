//! URLs as sources.

use buildkit_gateway::context::GitReference;

use crate::go;

/// Reports whether a source is a file on a server rather than a Git repository.
pub(super) fn is_http(source: &str) -> bool {
    (source.starts_with("http://") || source.starts_with("https://")) && !is_git(source)
}

pub(super) fn is_git(source: &str) -> bool {
    // An invalid Git URL is still meant to be one.
    !matches!(GitReference::parse(source), Ok(None)) && !looks_local(source)
}

/// Reports whether a Git URL could also be a local path.
pub(super) fn looks_local(source: &str) -> bool {
    source.starts_with("github.com/") || source.starts_with("./") || source.starts_with("../")
}

/// Returns the file name in a URL: its last part.
pub(super) fn file_of(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = after_scheme.find(['?', '#']).unwrap_or(after_scheme.len());
    let path = after_scheme[..end]
        .find('/')
        .map_or("", |at| &after_scheme[at..end]);
    let path = decoded(path).unwrap_or_default();
    match go::base(&path) {
        "." | "/" => "__unnamed__".to_owned(),
        base => base.to_owned(),
    }
}

/// Decodes `%` escapes; `None` if one is invalid.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_url() {
        for (url, name) in [
            ("https://example.com/a/b.tar.gz?x=1#y", "b.tar.gz"),
            ("https://example.com/a%20b", "a b"),
            ("https://example.com", "__unnamed__"),
            ("https://example.com/", "__unnamed__"),
        ] {
            assert_eq!(file_of(url), name, "{url}");
        }
    }
}
