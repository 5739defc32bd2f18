//! An open file, and what is known about it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use lsp_types::{Location, Uri};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::{Source, Span};
use stagefile_language::syntax::tree::{self, Node};

use super::diagnostics::Finding;
use super::dockerfile;
use super::names::{Definitions, Site};
use super::sites::sites;
use super::text::Text;
use crate::dockerfile::is_dockerfile;

/// The maximum number of lines that are blanked out to make the rest of a file valid YAML.
const MAX_LEFT_OUT: usize = 8;

/// A file, open in the editor or read from the workspace.
#[derive(Debug)]
pub(super) struct Document {
    /// Its URI.
    pub(super) uri: Uri,
    /// Its path; empty if it only exists in the editor.
    pub(super) path: PathBuf,
    /// Its version, as counted by the editor.
    pub(super) version: i32,
    /// Its text.
    pub(super) text: Text,
    /// Whether it is a Dockerfile.
    pub(super) is_dockerfile: bool,
    /// Its real path, with links resolved.
    pub(super) real: Option<PathBuf>,
    /// The problems found in this text.
    pub(super) found: Vec<Finding>,
    /// Its structure, or that of an earlier text if this one can't be read.
    root: Option<Node>,
    sites: Vec<Site>,
}

impl Document {
    /// Reads a file.
    pub(super) fn new(uri: Uri, version: i32, text: String) -> Self {
        let path = path_of(&uri).unwrap_or_default();
        let mut document = Self {
            real: real(&path),
            path,
            uri,
            version,
            text: Text::new(text),
            is_dockerfile: false,
            found: Vec::new(),
            root: None,
            sites: Vec::new(),
        };
        document.read();
        document
    }

    /// Reads the text again, after it has changed.
    pub(super) fn read(&mut self) {
        // The positions are those of the previous text.
        self.found.clear();
        let text = self.text.as_str();
        self.is_dockerfile = is_dockerfile(&self.path.to_string_lossy(), text.as_bytes());
        if self.is_dockerfile {
            self.sites = dockerfile::sites(&self.text);
            return;
        }
        if let Some((source, root)) = readable(text) {
            self.sites = sites(&source, &root);
            self.root = Some(root);
        } else {
            let length = text.len();
            self.sites.retain(|site| {
                site.whole.end <= length && text.get(site.range.clone()) == Some(&*site.name)
            });
        }
    }

    /// Returns the structure.
    pub(super) fn root(&self) -> Option<&Node> {
        self.root.as_ref().filter(|_| !self.is_dockerfile)
    }

    /// Lists the names.
    pub(super) fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Returns the name at a byte.
    pub(super) fn site(&self, offset: usize) -> Option<&Site> {
        let at = self
            .sites
            .iter()
            .filter(|site| site.range.start <= offset && offset <= site.range.end);
        at.min_by_key(|site| site.range.len())
    }

    /// Returns where a name is defined.
    pub(super) fn definition(&self, site: &Site) -> Option<&Site> {
        Definitions::new(&self.sites).find(site)
    }

    /// Returns the file as diagnostics have it.
    pub(super) fn source(&self) -> Source {
        Source::new(self.path.to_string_lossy().into_owned(), self.text.as_str())
    }

    /// Returns the location of a range of bytes.
    pub(super) fn location(&self, range: &std::ops::Range<usize>) -> Location {
        Location {
            uri: self.uri.clone(),
            range: self.text.range(range.start, range.end),
        }
    }

    /// Returns the directory of the file, if it has one.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.path.parent().filter(|_| self.path.is_absolute())
    }
}

/// Resolves all links of a path. The file itself may not exist yet.
pub(super) fn real(path: &Path) -> Option<PathBuf> {
    let beside = || {
        Some(
            fs::canonicalize(path.parent()?)
                .ok()?
                .join(path.file_name()?),
        )
    };
    fs::canonicalize(path).ok().or_else(beside)
}

/// Reads as much of a file as is valid YAML: lines that aren't are replaced by blanks.
fn readable(text: &str) -> Option<(Source, Node)> {
    // Bytes keep their positions: empty lines replace a byte order mark, since they don't affect indentation.
    let mut text = match text.strip_prefix('\u{feff}') {
        Some(rest) => format!("\n\n\n{rest}"),
        None => text.to_owned(),
    };
    for _ in 0..MAX_LEFT_OUT {
        let source = Source::new("", text);
        let mut found = Diagnostics::default();
        if let Some(root) = tree::read(&source, &mut found) {
            return Some((source, root));
        }
        let errors = found.errors();
        let at = errors.first()?.primary.span;
        text = without_line(source.text(), at)?;
    }
    None
}

/// Replaces a line by blanks.
fn without_line(text: &str, at: Span) -> Option<String> {
    let at = text.floor_char_boundary(at.start.min(text.len()));
    // The parser misses a closing bracket only at the end of the file; the line at fault is further up.
    let line = text[..at].rfind('\n').map_or(0, |start| start + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let (start, end) = if text[line..end].trim().is_empty() {
        let before = text[..line].trim_end();
        (
            before.rfind('\n').map_or(0, |start| start + 1),
            before.len(),
        )
    } else {
        (line, end)
    };
    if text[start..end].trim().is_empty() {
        return None;
    }
    Some(format!(
        "{}{}{}",
        &text[..start],
        " ".repeat(end - start),
        &text[end..]
    ))
}

/// Returns the path of a `file:` URI; `None` for other URIs.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Returns the URI of a path.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let mut text = "file://".to_owned();
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            _ = write!(text, "%{byte:02X}");
        }
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_paths() {
        let path = Path::new("/a b/ü%/Stagefile");
        let uri = uri_of(path).expect("an address");
        assert_eq!(uri.as_str(), "file:///a%20b/%C3%BC%25/Stagefile");
        assert_eq!(path_of(&uri).as_deref(), Some(path));
        assert_eq!(path_of(&"untitled:x".parse().expect("an address")), None);
    }

    #[test]
    fn lines_that_are_no_yaml_are_left_out() {
        for text in [
            "stages:\n  app:\n    from: x\n   oops\n    steps: []\n  b: {}\n",
            "stages:\n  app:\n    requires: [a\n  b: {}\n",
            "stages:\n  app:\n    from: \"x\n  b: {}\n",
            "stages:\n  app:\n    fr\n  b: {}\n",
            "\u{feff}args: {}\nstages: {}\n",
        ] {
            let (source, _) = readable(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(source.text().len(), text.len());
            assert!(source.text().contains("stages:"), "{text}");
        }
    }
}
