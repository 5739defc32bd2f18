//! Docker's lint rules for valid but discouraged syntax (`frontend/dockerfile/linter`).

mod config;
mod linter;
pub(crate) mod rules;

pub(crate) use self::rules as rule;
pub use config::{LintConfig, LintConfigError};
pub use linter::Finding;
pub(crate) use linter::Linter;
pub use rules::Rule;
