//! The effect of an instruction on files, with all texts expanded.

use buildkit_llb::{Constraints, Copy};
use buildkit_llb::{Exec, FileAction, Merge, Mount, State};

use crate::lines::Lines;
use crate::text::Text;

/// The source of files.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// The build context.
    Context,
    /// A stage, or an image or context that is treated as one.
    Stage(usize),
    /// A known file system.
    State(State),
}

/// A step of a stage.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The lines of its instruction.
    pub lines: Lines,
    pub kind: StepKind,
}

/// File paths are absolute, so settings only affect processes.
#[derive(Clone, Debug)]
pub(super) enum StepKind {
    /// Runs a process with the settings of a state, and with mounts in the order of the file.
    Run(Exec, State, Vec<MountStep>),
    /// Creates a directory.
    Mkdir(FileAction),
    /// Copies files.
    Copy(Vec<CopyStep>, Constraints, Option<Box<Link>>),
}

/// The options of a copy that is independent of its base (`--link`).
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The constraints of the merge.
    pub merge: Constraints,
}

impl Link {
    pub(super) fn merge(&self, below: &State, copied: &State) -> State {
        use buildkit_llb::Constrain as _;
        Merge::new([below, copied])
            .constrained(&self.merge)
            .into_state()
    }
}

/// A mount, which may need the files of a stage.
#[derive(Clone, Debug)]
pub(super) enum MountStep {
    /// A mount without dependencies.
    Ready(Mount),
    /// A mount of files.
    Bind {
        from: From,
        target: String,
        selector: Option<String>,
        readonly: bool,
        without_output: bool,
    },
    /// A cache, with its initial content.
    Cache {
        from: From,
        target: String,
        selector: Option<String>,
        readonly: bool,
        id: String,
        sharing: buildkit_llb::Sharing,
        /// The creation of its directory with custom permissions.
        directory: Option<Box<FileAction>>,
    },
}

/// A source of a copy.
#[derive(Clone, Debug)]
pub(super) struct CopyStep {
    pub from: From,
    pub source: String,
    pub destination: String,
    /// Sets the other options.
    pub options: CopyOptions,
}

#[derive(Clone, Debug, Default)]
pub(super) struct CopyOptions {
    pub owner: Text,
    pub mode: Option<Mode>,
    pub unpack: bool,
    /// Whether the source is files, which may be patterns and links.
    pub of_files: bool,
    pub include: Vec<String>,
    pub exclude: Vec<Text>,
    pub required: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Mode {
    Bits(u32),
    Symbolic(String),
}

impl CopyStep {
    pub(super) fn action(self, from: &State) -> Copy {
        let options = self.options;
        let mut copy = Copy::new(from, self.source, self.destination).parents();
        if options.of_files {
            copy = copy
                .follow_symlinks()
                .contents()
                .wildcards()
                .allow_no_match();
        }
        if options.unpack {
            copy = copy.unpack();
        }
        match options.mode {
            None => {}
            Some(Mode::Bits(bits)) => copy = copy.mode(bits),
            Some(Mode::Symbolic(mode)) => copy = copy.symbolic_mode(mode),
        }
        if !options.owner.is_empty() {
            copy = copy.owner(buildkit_llb::Owner::parse(&options.owner));
        }
        copy.include(options.include)
            .exclude(options.exclude)
            .required(options.required)
    }
}
