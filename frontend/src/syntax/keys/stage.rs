//! The keys of a stage.

use super::Shape::{Data, Either, List, Named, Record, Text, Texts, Word};
use super::settings::{CACHES, ENV, HOSTS, MOUNTS, NETWORK, SECRETS, SHELL, SSH, USER, WORKDIR};
use super::{IMAGE, SOURCE, STEP, Table, key};

/// A stage.
pub static STAGE: Table = Table {
    place: "a stage",
    keys: &[
        key!(
            "use",
            Text,
            "A template that the stage starts as; what is written beside it comes on top, and its own steps follow."
        ),
        key!("with", Named(&Data), "The template's inputs."),
        key!(
            "matrix",
            // Names that the user chooses, beside the keys of [`MATRIX`](super::MATRIX).
            Named(&Data),
            "Variables with lists of values: the stage exists once for each combination, as `STAGE-VALUE1-VALUE2`; `${{ matrix.NAME }}` is the value."
        ),
        key!(
            "if",
            Text,
            "An expression; if it is false, the stage does not exist."
        ),
        key!(
            "from",
            SOURCE,
            "What it starts from: an image, another stage, `scratch` (default), or a long form."
        ),
        key!(
            "platform",
            Text,
            "What its image is for and its steps run on: `target` (default), `build` (the daemon's own, which runs natively), or one such as `linux/arm64`. A stage from another has that one's."
        ),
        key!(
            "description",
            Text,
            "What it is; shown by `--call targets`."
        ),
        WORKDIR,
        USER,
        ENV,
        SHELL,
        NETWORK,
        CACHES,
        SECRETS,
        SSH,
        MOUNTS,
        HOSTS,
        key!("steps", List(&Record(&STEP)), "What is done, in order."),
        key!(
            "requires",
            Texts,
            "Stages that must succeed before this one's result may be used. They run at the same time and leave nothing in it."
        ),
        key!(
            "outputs",
            Named(&Text),
            "Names for paths of the finished stage, used as `stage.output`."
        ),
        key!(
            "layers",
            Either(&Word(&["step", "one"]), &List(&Record(&LAYER))),
            "How what the stage adds is cut into layers: `step` (default: one a step), `one`, or a list of groups, with a last layer for the rest."
        ),
        key!(
            "image",
            Record(&IMAGE),
            "The config of the image that the stage makes."
        ),
    ],
};

/// A layer of files that belong together.
pub static LAYER: Table = Table {
    place: "a layer",
    keys: &[
        key!(
            "name",
            Text,
            "What history and progress output call it; required.",
            Required
        ),
        key!(
            "paths",
            Texts,
            "What it holds of what the stage adds: paths, with all that is below them; `*`, `**`, `?` and `[…]` match; required. A path of several groups is in the first. Relative paths start at the workdir.",
            Required
        ),
    ],
};
