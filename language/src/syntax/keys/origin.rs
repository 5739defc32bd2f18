//! The long forms of `from`.

use super::Shape::{Either, Flag, Record, Text, TextMap, Word};
use super::remote::{CHECKSUM, COMMIT_CHECKSUM, KEEP_GIT, REF, SSH, SUBDIR, SUBMODULES};
use super::{Key, Shape, Table, key};
use crate::value::RESOLVE;

/// What `from` of a step, a bind or a mount may be.
pub(super) const SOURCE: Shape = Either(&Text, &Record(&ORIGIN));

const PLATFORM: Key = key!(
    "platform",
    Text,
    "The image's platform: `target`, `build`, or one such as `linux/arm64`. A stage that starts from it and sets no `platform` gets this one.",
    default: "the stage's",
    example: "build"
);

/// Any long form of `from`, for the JSON Schema: one of these keys and its options.
pub static ORIGIN: Table = Table {
    place: "`from`",
    keys: &[
        key!(
            "image",
            Text,
            "An image reference.",
            OneOf,
            example: "node:22-slim"
        ),
        key!(
            "stage",
            Text,
            "A stage of this file, or `stage.output`.",
            OneOf,
            example: "build"
        ),
        key!(
            "context",
            Text,
            "A named context: `--build-context NAME=…`.",
            OneOf,
            example: "assets"
        ),
        key!(
            "git",
            Text,
            "The URL of a Git repository.",
            OneOf,
            example: "https://example.com/library.git"
        ),
        key!(
            "http",
            Text,
            "The URL of a file on a server.",
            OneOf,
            example: "https://example.com/tool.tar.gz"
        ),
        key!(
            "oci-layout",
            Text,
            "An image in an OCI layout of the client.",
            OneOf,
            example: "base"
        ),
        key!(
            "dockerfile",
            Text,
            "A Dockerfile in the build context, compiled into the same graph.",
            OneOf,
            example: "docker/Dockerfile"
        ),
    ],
};

/// An image.
pub static IMAGE_ORIGIN: Table = Table {
    place: "`from: { image }`",
    keys: &[
        key!(
            "image",
            Text,
            "The image's reference.",
            Required,
            example: "node:22-slim"
        ),
        PLATFORM,
        key!(
            "resolve",
            Word(RESOLVE.names),
            "Where the daemon looks it up: `pull` (the registry), `local` (its own store, else the registry) or `default` (the daemon decides).",
            default: "the client's setting",
            example: "local"
        ),
    ],
};

/// A stage.
pub static STAGE_ORIGIN: Table = Table {
    place: "`from: { stage }`",
    keys: &[key!(
        "stage",
        Text,
        "The stage, or `stage.output`; never an image of the same name.",
        Required,
        example: "build"
    )],
};

/// A context of the client's.
pub static CONTEXT_ORIGIN: Table = Table {
    place: "`from: { context }`",
    keys: &[key!(
        "context",
        Text,
        "The client's name for a directory, a repository, an image, or another target of a bake file.",
        Required,
        example: "assets"
    )],
};

/// A repository.
pub static GIT_ORIGIN: Table = Table {
    place: "`from: { git }`",
    keys: &[
        key!(
            "git",
            Text,
            "The repository's URL: `https://…`, `ssh://…` or `git@HOST:PATH`, optionally followed by `#REF:SUBDIR`.",
            Required,
            example: "https://example.com/library.git"
        ),
        REF,
        SUBDIR,
        COMMIT_CHECKSUM,
        KEEP_GIT,
        SUBMODULES,
        SSH,
    ],
};

/// A file on a server.
pub static HTTP_ORIGIN: Table = Table {
    place: "`from: { http }`",
    keys: &[
        key!(
            "http",
            Text,
            "The file's URL: `https://…`.",
            Required,
            example: "https://example.com/tool.tar.gz"
        ),
        CHECKSUM,
        key!(
            "filename",
            Text,
            "The name of the file.",
            default: "the last part of the URL's path",
            example: "tool.tgz"
        ),
        key!(
            "unpack",
            Flag,
            "`true`: uses the content of the tar archive, compressed or not.",
            default: "`false`",
            example: "true"
        ),
    ],
};

/// An image of an OCI layout.
pub static LAYOUT_ORIGIN: Table = Table {
    place: "`from: { oci-layout }`",
    keys: &[
        key!(
            "oci-layout",
            Text,
            "`NAME@sha256:…`, the layout's name and the image's digest. The name is that of `--build-context NAME=oci-layout://DIR` (where the digest may be left out) or of buildctl's `--oci-layout NAME=DIR`.",
            Required,
            example: "base"
        ),
        PLATFORM,
    ],
};

/// A Dockerfile.
pub static DOCKERFILE_ORIGIN: Table = Table {
    place: "`from: { dockerfile }`",
    keys: &[
        key!(
            "dockerfile",
            Text,
            "The Dockerfile's path in the build context, which is also its own build context.",
            Required,
            example: "docker/Dockerfile"
        ),
        key!(
            "target",
            Text,
            "The stage of the Dockerfile.",
            default: "the last one",
            example: "build"
        ),
        key!(
            "args",
            TextMap,
            "Its build arguments. The client's arguments reach it only if you pass them here.",
            example: "{ NODE_VERSION: \"22\" }"
        ),
        key!(
            "contexts",
            TextMap,
            "What names in its `FROM`, `COPY --from` and `RUN --mount` refer to: `NAME: STAGE`, stages of this file with their image config.",
            example: "{ base: deps }"
        ),
        PLATFORM,
    ],
};

/// What a stage can start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the key that it is named after")]
pub enum OriginKind {
    Image,
    Stage,
    Context,
    Git,
    Http,
    OciLayout,
    Dockerfile,
}

impl OriginKind {
    /// All of them, in the order of the manual.
    pub const ALL: [Self; 7] = [
        Self::Image,
        Self::Stage,
        Self::Context,
        Self::Git,
        Self::Http,
        Self::OciLayout,
        Self::Dockerfile,
    ];

    /// Returns the one of a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.table().main() == key)
    }

    /// Returns the keys that it has.
    pub const fn table(self) -> &'static Table {
        match self {
            Self::Image => &IMAGE_ORIGIN,
            Self::Stage => &STAGE_ORIGIN,
            Self::Context => &CONTEXT_ORIGIN,
            Self::Git => &GIT_ORIGIN,
            Self::Http => &HTTP_ORIGIN,
            Self::OciLayout => &LAYOUT_ORIGIN,
            Self::Dockerfile => &DOCKERFILE_ORIGIN,
        }
    }
}

/// The long forms of `from`, by the key that says which it is.
pub static ORIGINS: [&Table; OriginKind::ALL.len()] = {
    let mut tables = [OriginKind::ALL[0].table(); OriginKind::ALL.len()];
    let mut index = 0;
    while index < tables.len() {
        tables[index] = OriginKind::ALL[index].table();
        index += 1;
    }
    tables
};
