//! The definition of the command line. The purpose of each subcommand is in the table of tools.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::file::File;
#[cfg(feature = "offline")]
use super::{completions, diff};
use crate::tools::{convert, graph, init};

/// A frontend for BuildKit with a language of its own. Builds need nothing installed: begin a file with
/// `# syntax=stagefile/stagefile:dev` and run `docker buildx build -f Stagefile .`
#[derive(Debug, Parser)]
#[command(name = "stagefile", version, arg_required_else_help = true)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report what is wrong with the file
    ///
    /// Of a Stagefile or of a Dockerfile: which one it is, its text tells.
    Check {
        #[command(flatten)]
        file: File,
        /// Correct what can be corrected, and write the file; from standard input, print it
        #[arg(long)]
        fix: bool,
        /// The form of the report
        #[arg(long, value_enum, default_value_t = Form::Text, conflicts_with = "fix")]
        format: Form,
    },
    Targets {
        #[command(flatten)]
        file: File,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Outline {
        #[command(flatten)]
        file: File,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Graph {
        #[command(flatten)]
        file: File,
        /// The form of the graph
        #[arg(long, value_enum, default_value_t = graph::Picture::Text)]
        format: graph::Picture,
    },
    /// Print what the file compiles to, for `buildctl build`
    ///
    /// Without a daemon the configs of base images are unknown: their variables, users and directories are not applied unless
    /// `--image-config` gives them.
    Llb {
        #[command(flatten)]
        file: File,
        /// The form: what buildctl reads, or what people read
        #[arg(long, value_enum, default_value_t = Format::Proto)]
        format: Format,
    },
    /// Write files in the one layout
    ///
    /// Comments, the order of lines and what they say stay. It prints the names of the files that it has changed.
    Fmt {
        /// The files, or directories with a Stagefile; `-` for standard input, which is printed
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        /// Change nothing, and fail if a file has another layout
        #[arg(long)]
        check: bool,
    },
    /// Compare a file with its lock
    ///
    /// It tells which names the lock lacks, and which it has that the file doesn't name. What a name stands for today is asked by
    /// a build: `docker buildx build --call lock` prints a new lock, and `--call 'lock check'` what has changed since.
    Lock {
        #[command(flatten)]
        file: File,
        /// Fail if the lock isn't complete, or has more than the file names
        #[arg(long)]
        check: bool,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Print a Stagefile with all that it uses written out
    ///
    /// Templates, imports, matrices, conditions and expressions become stages and steps, as they are for these arguments and this
    /// platform; comments say where each comes from. The output is a Stagefile that builds the same.
    Expand {
        #[command(flatten)]
        file: File,
        /// The form of the answer
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Convert(convert::Arguments),
    /// Print a bake file with a target for each stage
    ///
    /// `docker buildx bake -f FILE` builds them; build arguments are its variables.
    Bake {
        #[command(flatten)]
        file: File,
        /// The form of the file
        #[arg(long, value_enum, default_value_t = Bakes::Hcl)]
        format: Bakes,
    },
    Caches {
        #[command(flatten)]
        file: File,
        /// The form of the list
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Say which steps of two graphs differ, and in what
    ///
    /// The first difference on each path is why what comes after it runs again. The status is 0 if the graphs are the same, 1 if
    /// they differ, and 2 if they can't be compared.
    #[cfg(feature = "offline")]
    #[command(visible_alias = "why")]
    Diff(diff::Arguments),
    #[cfg(feature = "offline")]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: completions::Shell,
    },
    Version {
        /// The form of the answer
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    /// Print the Stagefile that is made of a manifest, such as go.mod
    ///
    /// It is what a build of its manifest (`docker buildx build -f go.mod .`) is made of. Redirect it to a file to go on with it.
    Init(init::Arguments),
    /// Print what each layer of a saved image adds, and what nobody needs of it
    ///
    /// Files that are in a layer again though unchanged, that a later layer replaces or removes, the largest, and those that only
    /// a build needs. The image is what `docker save` writes, or `--output type=oci`.
    #[cfg(feature = "offline")]
    Layers {
        #[command(flatten)]
        image: crate::tools::layers::Arguments,
        /// The form of the report
        #[arg(long, value_enum, default_value_t = Form::Text)]
        format: Form,
    },
    Schema,
    Lsp {
        /// Accepted, since many clients add it: there is no other way
        #[arg(long, hide = true)]
        stdio: bool,
    },
    Explain {
        /// The name in brackets after `error` or `warning`
        code: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// A definition, as `buildctl build` reads it
    Proto,
    /// A tree
    Text,
    /// JSON
    Json,
    /// A graph for Graphviz
    Dot,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    Text,
    /// For programs, as `--call NAME,format=json` gives it
    Json,
}

/// The form of a bake file.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Bakes {
    /// The language of bake
    Hcl,
    /// JSON
    Json,
}
