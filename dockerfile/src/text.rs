//! Pieces of a file's text.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A piece of a Dockerfile's text. Pieces share the text of their file, so creating and cloning
/// them doesn't copy it.
///
/// ```
/// use buildkit_dockerfile::{Dockerfile, LintConfig};
///
/// let file = Dockerfile::parse("FROM alpine\nUSER node\n", &LintConfig::default());
/// let code = file.stages()[0].instructions[0].code.clone();
/// drop(file);
/// assert_eq!(code, "USER node");
/// assert_eq!(code.to_uppercase(), "USER NODE");
/// ```
#[derive(Clone, Default)]
pub struct Text {
    /// `None` if the text is empty.
    whole: Option<Arc<str>>,
    range: Range<usize>,
}

impl Text {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        match &self.whole {
            None => "",
            Some(whole) => &whole[self.range.clone()],
        }
    }

    /// Returns a part of this text as a piece. Text from elsewhere is copied.
    pub(crate) fn part(&self, part: &str) -> Self {
        let offset = part.as_ptr().addr().wrapping_sub(self.as_ptr().addr());
        match offset.checked_add(part.len()) {
            _ if part.is_empty() => Self::default(),
            Some(end) if end <= self.len() => {
                let start = self.range.start + offset;
                Self {
                    whole: self.whole.clone(),
                    range: start..start + part.len(),
                }
            }
            _ => part.into(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self {
            whole: (!text.is_empty()).then(|| text.into()),
            range: 0..text.len(),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

/// Texts are equal if their content is, wherever they come from.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_share_the_text() {
        let whole = Text::from("FROM a AS b");
        let rest = whole.part(&whole[5..]);
        let name = rest.part(&rest[5..]);
        assert_eq!((rest.as_str(), name.as_str()), ("a AS b", "b"));
        assert_eq!(name.as_ptr(), whole[10..].as_ptr());
        // A part of the file, but not of this piece.
        assert_eq!(name.part(&whole[..4]), "FROM");
        assert_eq!(rest.part("from elsewhere"), "from elsewhere");
        assert_eq!(Text::default().part("x"), "x");
        assert_eq!(Text::from(""), Text::default());
    }
}
