//! Values that are one of several words.

use buildkit_llb::ResolveMode;
use stagefile_runner::Kind;

use crate::diagnostic::{Diagnostics, Level};
use crate::diagnostics;
use crate::plan::{AnnotationTarget, Network, Sharing, Times};
use crate::source::Spanned;

/// Words with their values.
#[derive(Debug)]
pub struct Words<T: 'static> {
    /// The words, in the order of the manual.
    pub names: &'static [&'static str],
    /// The value of each word.
    values: &'static [T],
}

impl<T: Copy + PartialEq> Words<T> {
    /// Returns the value of a word.
    pub fn get(&self, word: &str) -> Option<T> {
        let index = self.names.iter().position(|name| *name == word)?;
        self.values.get(index).copied()
    }

    /// Returns the word for a value; empty if there is none.
    pub fn name(&self, value: T) -> &'static str {
        let index = self.values.iter().position(|other| *other == value);
        index
            .and_then(|index| self.names.get(index))
            .copied()
            .unwrap_or_default()
    }
}

/// Defines [`Words`] with their values.
macro_rules! words {
    ($(#[$doc:meta])* $static:ident: $type:ty { $($word:literal => $value:expr,)+ }) => {
        $(#[$doc])*
        pub static $static: Words<$type> = Words {
            names: &[$($word),+],
            values: &[$($value),+],
        };
    };
}

words! {
    /// Yes or no.
    FLAG: bool {
        "true" => true,
        "false" => false,
    }
}

words! {
    /// What becomes of a warning.
    LEVEL: Level {
        "off" => Level::Off,
        "warning" => Level::Warning,
        "error" => Level::Error,
    }
}

words! {
    /// What a script sees of the network.
    NETWORK: Network {
        "default" => Network::Default,
        "none" => Network::None,
        "host" => Network::Host,
    }
}

words! {
    /// How scripts that run at the same time share a cache.
    SHARING: Sharing {
        "shared" => Sharing::Shared,
        "private" => Sharing::Private,
        "locked" => Sharing::Locked,
    }
}

words! {
    /// Where an image is looked for.
    RESOLVE: ResolveMode {
        "default" => ResolveMode::Default,
        "pull" => ResolveMode::Pull,
        "local" => ResolveMode::PreferLocal,
    }
}

words! {
    /// What becomes of the times of what is copied.
    COPIED_TIMES: Times {
        "fixed" => Times::Fixed,
        "keep" => Times::Kept,
    }
}

words! {
    /// How what a stage adds is cut into layers: whether there is only one.
    LAYERS: bool {
        "step" => false,
        "one" => true,
    }
}

words! {
    /// Whether a file is there.
    EXISTENCE: bool {
        "exists" => true,
        "absent" => false,
    }
}

words! {
    /// What a file is.
    FILE_KIND: Kind {
        "file" => Kind::File,
        "directory" => Kind::Directory,
        "symlink" => Kind::Symlink,
    }
}

words! {
    /// What an annotation is at.
    ANNOTATED: AnnotationTarget {
        "manifest" => AnnotationTarget::Manifest,
        "index" => AnnotationTarget::Index,
        "manifest-descriptor" => AnnotationTarget::ManifestDescriptor,
        "index-descriptor" => AnnotationTarget::IndexDescriptor,
    }
}

words! {
    /// The health check that is none.
    NO_CHECK: () {
        "none" => (),
    }
}

words! {
    /// What an input of a template can be.
    INPUT_KIND: InputKind {
        "string" => InputKind::String,
        "number" => InputKind::Number,
        "boolean" => InputKind::Boolean,
        "list" => InputKind::List,
        "map" => InputKind::Map,
    }
}

/// The type of a template's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the word that it is named after")]
pub enum InputKind {
    String,
    Number,
    Boolean,
    List,
    Map,
}

/// Parses `true` or `false`, or reports another value.
pub fn flag(key: &str, text: &Spanned<String>, found: &mut Diagnostics) -> Option<bool> {
    let flag = FLAG.get(&text.value);
    if flag.is_none() {
        let (value, span) = (&text.value, text.span);
        found.push(diagnostics::not_one_of(key, value, span, FLAG.names));
    }
    flag
}
