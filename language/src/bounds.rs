//! All limits on a file's size and on what it can expand to, in one table.
//!
//! A file may be untrusted, and is read by a daemon that others use too. So everything that can grow faster than the file
//! itself is limited, and exceeding a limit is a diagnostic like any other.

use crate::diagnostic::SHOWN;
use crate::{budget, expression, planner, program, syntax::tree};

/// A limit.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// What is limited.
    pub what: &'static str,
    /// The maximum.
    pub limit: u64,
    /// What is counted.
    pub unit: &'static str,
    /// The code of the diagnostic; empty if exceeding it isn't a mistake.
    pub code: &'static str,
}

/// All limits.
pub static ALL: [Bound; 19] = [
    bound("a file", tree::MAX_BYTES as u64, "bytes", "file-too-large"),
    bound(
        "mappings and lists inside each other",
        tree::MAX_DEPTH as u64,
        "levels",
        "invalid-yaml",
    ),
    bound(
        "keys, values and items of a file and its imports, with aliases expanded",
        tree::MAX_NODES as u64,
        "",
        "too-many-nodes",
    ),
    bound(
        "strings of a file and its imports, with aliases expanded",
        tree::MAX_WRITTEN as u64,
        "bytes",
        "too-many-nodes",
    ),
    bound(
        "combinations of a matrix",
        planner::MAX_COMBINATIONS as u64,
        "",
        "matrix-too-large",
    ),
    bound(
        "variables of a matrix",
        planner::MAX_VARIABLES as u64,
        "",
        "matrix-too-large",
    ),
    bound(
        "groups of `layers`",
        planner::MAX_LAYERS as u64,
        "",
        "invalid-value",
    ),
    bound(
        "stages, each combination counted",
        planner::MAX_STAGES as u64,
        "",
        "too-many-stages",
    ),
    bound(
        "steps of all stages, each use of a template and each combination counted",
        planner::MAX_STEPS as u64,
        "",
        "too-many-steps",
    ),
    bound(
        "asserted facts, each use of a template and each combination counted",
        planner::MAX_FACTS as u64,
        "",
        "too-many-facts",
    ),
    bound(
        "imported files, including those that they import",
        program::MAX_IMPORTS as u64,
        "",
        "too-many-imports",
    ),
    bound(
        "templates inside each other",
        planner::MAX_TEMPLATE_DEPTH as u64,
        "levels",
        "template-recursion",
    ),
    bound(
        "an expression's length",
        expression::MAX_LENGTH as u64,
        "bytes",
        "invalid-expression",
    ),
    bound(
        "functions, parentheses and operators of an expression inside each other",
        expression::MAX_DEPTH as u64,
        "levels",
        "invalid-expression",
    ),
    bound(
        "an expression's or an input's value, including everything in it",
        expression::MAX_VALUE as u64,
        "bytes and items",
        "invalid-expression",
    ),
    bound(
        "evaluating an expression: each call, each item of lists, every 64 bytes of strings",
        expression::MAX_COST,
        "operations",
        "expression-too-costly",
    ),
    bound(
        "evaluating all expressions, each as often as it is used",
        expression::MAX_TOTAL_COST,
        "operations",
        "expressions-too-large",
    ),
    bound(
        "strings, each as often as it is used or inherited, by templates, combinations, stages and steps",
        budget::MAX_BYTES as u64,
        "bytes",
        "expressions-too-large",
    ),
    bound("errors shown, and warnings shown", SHOWN as u64, "", ""),
];

const fn bound(what: &'static str, limit: u64, unit: &'static str, code: &'static str) -> Bound {
    Bound {
        what,
        limit,
        unit,
        code,
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::diagnostics;

    #[test]
    fn every_limit_has_a_code_that_there_is() {
        for bound in ALL {
            let known = bound.code.is_empty() || diagnostics::find(bound.code).is_some();
            assert!(known, "{}: {}", bound.what, bound.code);
        }
    }
}
