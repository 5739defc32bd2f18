//! Checks that find, without a daemon, what a daemon would refuse.

mod exec;
mod file;
mod grammar;
mod source;

use std::fmt;

use buildkit_proto::ops::{self, op::Op};
use thiserror::Error;

use crate::definition::{Definition, Location, Source};
use crate::digest::Digest;
use crate::graph::{Graph, GraphVertex};
use crate::marshal::MarshalOptions;
use crate::reading::ReadError;
use crate::source_map::Range;
use crate::state::State;

/// The reason why a definition can't be built, whatever its images, contexts and repositories
/// contain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The definition can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Operations contain values that no daemon accepts. All of them are listed, in the order of
    /// the definition.
    #[error("{}", list(.0))]
    Findings(Vec<Finding>),
}

/// A value that a daemon would refuse, or would interpret differently from what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    digest: Digest,
    name: String,
    field: String,
    problem: Problem,
    locations: Vec<Location>,
    place: Option<(String, Range)>,
}

/// What is wrong with a field of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The field is empty but needs a value.
    #[error("must not be empty")]
    Empty,
    /// The text contains a NUL character, which no operating system accepts in a path, an argument
    /// or a variable.
    #[error("contains a NUL character")]
    Nul,
    /// The path is not absolute.
    #[error("must be an absolute path, found `{path}`")]
    Relative {
        /// The path.
        path: String,
    },
    /// The path is the root of a file system, which exists already and can't be removed.
    #[error("must not be the root directory")]
    Root,
    /// The name of an environment variable is invalid.
    #[error("`{variable}` is no environment variable: expected a name without `=`")]
    Variable {
        /// The variable as written.
        variable: String,
    },
    /// The number is less than the minimum.
    #[error("must not be less than {least}, found {number}")]
    TooSmall {
        /// The number.
        number: i64,
        /// The minimum.
        least: i64,
    },
    /// The number is greater than the maximum.
    #[error("must not be more than {most}, found {number}")]
    TooLarge {
        /// The number.
        number: i64,
        /// The maximum.
        most: i64,
    },
    /// The permissions have more than twelve bits.
    #[error("must be at most 7777, found {mode:o}")]
    Mode {
        /// The permissions.
        mode: i64,
    },
    /// The string doesn't have the required form.
    #[error("`{text}` is no {expected}")]
    Form {
        /// The text.
        text: String,
        /// The expected form.
        expected: &'static str,
    },
    /// The index refers to no input and to no result of an earlier action.
    #[error("names {index}, which is not there")]
    Index {
        /// The index.
        index: i64,
    },
    /// The value of an enum is unknown to every daemon.
    #[error("has the unknown value {number}")]
    Unknown {
        /// The number on the wire.
        number: i32,
    },
    /// Two options exclude each other, or one requires another.
    #[error("{rule}")]
    Rule {
        /// The rule, as a sentence about the field.
        rule: &'static str,
    },
}

impl Finding {
    /// Returns the digest of the operation.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the name of the vertex, as progress output shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the field of the operation that is wrong, by its path in
    /// [`Graph::to_json`](crate::Graph::to_json), such as `exec.mounts[1].dest`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns what is wrong with the field.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Returns the locations of the operation, in the files of the definition's
    /// [`Source`](crate::Source).
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// Returns the name of the file and the first range that the operation comes from, if known.
    pub fn place(&self) -> Option<(&str, Range)> {
        let (file, range) = self.place.as_ref()?;
        Some((file, *range))
    }
}

/// Writes `file:line: name: field problem`, without control characters.
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((file, range)) = &self.place {
            write!(formatter, "{}:{}: ", file.escape_debug(), range.start.line)?;
        }
        let problem = self.problem.to_string();
        for part in [&self.name, ": ", &self.field, " ", &problem] {
            for character in part.chars() {
                if character.is_control() {
                    write!(formatter, "{}", character.escape_default())?;
                } else {
                    fmt::Write::write_char(formatter, character)?;
                }
            }
        }
        Ok(())
    }
}

fn list(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    lines.join("\n")
}

impl State {
    /// Checks that a daemon would accept the graph, as [`Definition::verify`] does. If the graph is
    /// marshalled anyway, check the definition instead.
    pub fn verify(&self) -> Result<(), VerifyError> {
        self.marshal(&MarshalOptions::new()).verify()
    }
}

impl Definition {
    /// Checks, without a daemon, what a daemon checks: paths, names, modes, numbers, URLs,
    /// checksums, patterns, filters, indexes, and options that exclude each other.
    ///
    /// What is found here fails with any daemon, with a message that names neither the operation
    /// nor its location. Some of it is even accepted silently and means something else, such as a
    /// relative mount path or a mode of more than twelve bits. What only the daemon knows is not
    /// checked: whether images, files and users exist, what is allowed, and what its version
    /// supports (see [`Definition::check`]).
    ///
    /// Takes about as long as reading the definition.
    ///
    /// ```
    /// use buildkit_llb::{Constrain, Exec, Problem, Mount, Range, SourceMap, State, VerifyError};
    ///
    /// let file = SourceMap::new("Buildfile", "Text", "base alpine\nrun make\n");
    /// let exec = Exec::shell("make").mount(Mount::tmpfs("cache"));
    /// let built = State::image("alpine")?.run(exec.located(&file, [Range::line(2)])).root();
    /// let Err(VerifyError::Findings(findings)) = built.verify() else { unreachable!() };
    /// assert_eq!(findings[0].problem(), &Problem::Relative { path: "cache".to_owned() });
    /// assert_eq!(
    ///     findings[0].to_string(),
    ///     "Buildfile:2: /bin/sh -c make: exec.mounts[1].dest \
    ///      must be an absolute path, found `cache`"
    /// );
    /// # Ok::<(), buildkit_llb::ReferenceError>(())
    /// ```
    pub fn verify(&self) -> Result<(), VerifyError> {
        let graph = Graph::read(self)?;
        let mut findings = Vec::new();
        for vertex in graph.vertices() {
            let mut check = Check::default();
            check.operation(vertex);
            findings.extend(check.found.into_iter().map(|(field, problem)| Finding {
                digest: vertex.digest(),
                name: vertex.name(),
                field,
                problem,
                locations: vertex.locations().to_vec(),
                place: place(vertex, self.source()),
            }));
        }
        if findings.is_empty() {
            Ok(())
        } else {
            Err(VerifyError::Findings(findings))
        }
    }
}

fn place(vertex: &GraphVertex, source: Option<&Source>) -> Option<(String, Range)> {
    let location = vertex.locations().first()?;
    let file = source?
        .files()
        .get(usize::try_from(location.file()).ok()?)?;
    Some((file.filename.clone(), *location.ranges().first()?))
}

/// Collects the problems of one operation, with their fields.
#[derive(Default)]
struct Check {
    found: Vec<(String, Problem)>,
}

impl Check {
    fn refuse(&mut self, field: fmt::Arguments<'_>, problem: Problem) {
        self.found.push((field.to_string(), problem));
    }

    /// Reports a problem unless a condition holds.
    fn rule(&mut self, field: fmt::Arguments<'_>, holds: bool, rule: &'static str) {
        if !holds {
            self.refuse(field, Problem::Rule { rule });
        }
    }

    /// Reports text that can't be passed to a program.
    fn text(&mut self, field: fmt::Arguments<'_>, text: &str) {
        if text.contains('\0') {
            self.refuse(field, Problem::Nul);
        }
    }

    fn required(&mut self, field: fmt::Arguments<'_>, text: &str) {
        if text.is_empty() {
            self.refuse(field, Problem::Empty);
        }
        self.text(field, text);
    }

    fn form(&mut self, field: fmt::Arguments<'_>, holds: bool, text: &str, expected: &'static str) {
        if !holds {
            let text = text.to_owned();
            self.refuse(field, Problem::Form { text, expected });
        }
    }

    fn between(&mut self, field: fmt::Arguments<'_>, number: i64, least: i64, most: i64) {
        if number < least {
            self.refuse(field, Problem::TooSmall { number, least });
        } else if number > most {
            self.refuse(field, Problem::TooLarge { number, most });
        }
    }

    fn mode(&mut self, field: fmt::Arguments<'_>, mode: i64) {
        if !(0..=0o7777).contains(&mode) {
            self.refuse(field, Problem::Mode { mode });
        }
    }

    /// Reports an enum value that is out of range.
    fn choice(&mut self, field: fmt::Arguments<'_>, number: i32, values: i32) {
        if !(0..values).contains(&number) {
            self.refuse(field, Problem::Unknown { number });
        }
    }

    /// Reports an index that is out of range.
    fn index(&mut self, field: fmt::Arguments<'_>, index: i64, count: usize) {
        if usize::try_from(index).map_or(true, |index| index >= count) {
            self.refuse(field, Problem::Index { index });
        }
    }

    /// Reports an index that is out of range and not -1, which means none.
    fn index_or_none(&mut self, field: fmt::Arguments<'_>, index: i64, count: usize) {
        if index != -1 {
            self.index(field, index, count);
        }
    }

    fn operation(&mut self, vertex: &GraphVertex) {
        let op = vertex.op();
        let inputs = op.inputs.len();
        for (number, filter) in op
            .constraints
            .iter()
            .flat_map(|all| all.filter.iter().enumerate())
        {
            let field = format_args!("constraints.filter[{number}]");
            self.form(
                field,
                grammar::is_filter(filter),
                filter,
                "filter of workers",
            );
        }
        match &op.op {
            Some(Op::Source(source)) => self.source(source),
            Some(Op::Exec(exec)) => {
                let windows = op.platform.as_ref().is_some_and(|one| one.os == "windows");
                self.exec(exec, inputs, windows);
                if let Some(resources) = vertex.metadata().linux_resources() {
                    self.resources(resources);
                }
            }
            Some(Op::File(file)) => self.file(file, inputs),
            Some(Op::Build(build)) => self.build(build, inputs),
            // A merge has no fields to check, and an unknown kind is checked by daemons that know
            // it.
            None | Some(Op::Merge(_)) => {}
            Some(Op::Diff(diff)) => self.diff(diff, inputs),
            Some(Op::Passthrough(passthrough)) => self.passthrough(passthrough, inputs),
        }
    }

    fn build(&mut self, build: &ops::BuildOp, inputs: usize) {
        let builder = build.builder == -1;
        self.rule(
            format_args!("build.builder"),
            builder,
            "must be -1: daemons have no other",
        );
        match build.inputs.get("buildkit.llb.definition") {
            None => self.refuse(format_args!("build.inputs"), Problem::Empty),
            Some(input) => self.index(format_args!("build.inputs"), input.input, inputs),
        }
        for (key, value) in &build.attrs {
            self.text(format_args!("build.attrs.{key}"), value);
        }
    }

    fn diff(&mut self, diff: &ops::DiffOp, inputs: usize) {
        let sides = [
            ("lower", diff.lower.map(|side| side.input)),
            ("upper", diff.upper.map(|side| side.input)),
        ];
        for (side, input) in sides {
            match input {
                None => self.refuse(format_args!("diff.{side}"), Problem::Empty),
                Some(input) => self.index_or_none(format_args!("diff.{side}"), input, inputs),
            }
        }
    }

    fn passthrough(&mut self, passthrough: &ops::PassthroughOp, inputs: usize) {
        self.required(format_args!("passthrough.id"), &passthrough.id);
        if passthrough.outputs.is_empty() {
            self.refuse(format_args!("passthrough.outputs"), Problem::Empty);
        }
        for (number, &output) in passthrough.outputs.iter().enumerate() {
            self.index(
                format_args!("passthrough.outputs[{number}]"),
                output,
                inputs,
            );
        }
    }
}
