//! Parsing of text to a typed file. All mistakes are found, and none is fatal.
//!
//! [`tree`] parses the YAML, [`keys`] defines what is valid where, and the reader creates a [`File`], in which
//! every value is still the [`Text`](crate::expression::Text) that the user wrote.

mod assert;
mod directive;
mod file;
pub(crate) mod indentation;
pub mod keys;
mod limits;
mod lint;
mod origin;
mod reader;
mod scalar;
mod settings;
mod stage;
mod step;
mod template;
pub mod tree;

pub use assert::{Assert, CommandFacts, FileFacts, ImageFact};
pub(crate) use directive::check_syntax_line;
pub use file::{Constant, File, Name};
pub use keys::{
    Annotation, Arg, Bind, Cache, Check, Device, FileFact, Healthcheck, Image, Import, Inherit,
    Limits, Mount, Output, Retry, Secret, SshAgent, Tmpfs,
};
pub use limits::Ulimit;
pub use lint::LintRule;
pub use origin::{DockerfileOrigin, GitOrigin, HttpOrigin, ImageOrigin, LayoutOrigin, Origin};
pub use scalar::{Scalar, Style};
pub use settings::{Settings, Use};
pub use stage::{Layer, Layers, Stage};
pub use step::{
    Action, Command, Content, Copy, Data, Fetch, Git, Mkdir, Remove, Run, Step, Symlink, Write,
};
pub use template::{Body, Input, Matrix, Template, TemplateUse};

use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::Language;
use crate::habits;
use crate::source::Source;

/// Reads a file; `None` if it isn't YAML, or isn't a mapping. Files that are read with the same `language`
/// share its budget.
pub fn read(source: &Source, language: &Language, found: &mut Diagnostics) -> Option<File> {
    if let Some(instruction) = habits::dockerfile(source.text()) {
        let span = source.span(instruction.start, instruction.end);
        found.push(diagnostics::dockerfile(span));
        return None;
    }
    let budget = language.budget();
    let (tree, size) = tree::read_after(budget.read(), source, found)?;
    budget.add_file(size);
    reader::file(&tree, source, language, size, found)
}
