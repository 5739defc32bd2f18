//! Docker's lint rules for valid but discouraged syntax (`frontend/dockerfile/linter`).
//!
//! Here are the rules' names, descriptions and settings. A rule is checked by whoever knows what it needs: about the text in
//! `instruction/parse.rs`, about a file as a whole in `compile/lint.rs`, about the result of an instruction where it is compiled.

mod config;
mod linter;
pub(crate) mod rules;

pub(crate) use self::rules as rule;
pub use config::{LintConfig, LintConfigError};
pub use linter::Finding;
pub(crate) use linter::Linter;
pub use rules::Rule;
