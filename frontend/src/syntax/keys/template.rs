//! The keys of templates and imports.

use super::Shape::{Data, Either, Flag, List, Named, OneOrMore, Record, Text, TextMap, Texts, Word};
use super::{STAGE, STEP, Table, key};

/// The long form of an import.
pub static IMPORT: Table = Table {
    place: "an import",
    keys: &[
        key!(
            "path",
            Text,
            "The file: in the build context, or in what `git` or `image` names. Default there: `Stagefile`."
        ),
        key!("git", Text, "A git repository."),
        key!(
            "ref",
            Text,
            "The branch, tag or commit of the repository. Default: its default branch."
        ),
        key!("http", Text, "The file's URL."),
        key!(
            "checksum",
            Text,
            "What the file must have: `sha256:…`; for a repository, the commit."
        ),
        key!("image", Text, "An image that holds the file."),
        key!(
            "args",
            TextMap,
            "Values of the imported file's build arguments."
        ),
    ],
};

/// A template.
pub static TEMPLATE: Table = Table {
    place: "a template",
    keys: &[
        key!("description", Text, "What it is for."),
        key!(
            "inputs",
            Named(&Either(&Text, &Record(&INPUT))),
            "What its users give it with `with`; used as `${{ inputs.NAME }}`."
        ),
        key!(
            "steps",
            List(&Record(&STEP)),
            "Steps, which take the place of a step with `use`.",
            OneOf
        ),
        key!(
            "stage",
            Record(&STAGE),
            "A stage, which a stage with `use` starts as.",
            OneOf
        ),
    ],
};

/// An input of a template.
pub static INPUT: Table = Table {
    place: "an input",
    keys: &[
        key!(
            "type",
            Word(&["string", "number", "boolean", "list", "map"]),
            "What it can be. Default: `string`."
        ),
        key!("required", Flag, "`true`: users have to give it."),
        key!(
            "default",
            Data,
            "Its value where users give none. Default: what is empty of its type; `0` and `false`."
        ),
        key!("values", Texts, "The values that it may have."),
        key!("description", Text, "What it is for."),
    ],
};

/// What the combinations of a stage are made of: names that the user chooses, and these keys.
pub static MATRIX: Table = Table {
    place: "a matrix",
    keys: &[
        key!(
            "exclude",
            OneOrMore(&TextMap),
            "Combinations that don't exist: those that agree with all values of an entry."
        ),
        key!(
            "include",
            OneOrMore(&TextMap),
            "Combinations that exist too; each entry gives every variable."
        ),
    ],
};
