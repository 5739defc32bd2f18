//! Values that are checked even if they aren't used: those in steps that don't run, and in secrets, caches and templates that
//! nothing uses.

use std::collections::HashSet;

use crate::diagnostics;
use crate::planner::Planner;
use crate::program::STD;
use crate::source::Span;
use crate::syntax::keys::{Shape, ULIMIT};
use crate::value::FLAG;

impl Planner<'_> {
    /// Checks the values in all files that don't depend on anything. Planned values have been checked by their own rules.
    pub(in crate::planner) fn check_constants(&mut self) {
        let known = self.found.errors().into_iter();
        let known: HashSet<Span> = known.map(|error| error.primary.span).collect();
        for module in &self.program.modules {
            if module.name == STD {
                continue;
            }
            let values = module.file.values.iter();
            for value in values.filter(|value| !known.contains(&value.scalar.span)) {
                let (key, text, span) = (value.key, &value.scalar.text, value.scalar.span);
                let error = match value.shape {
                    Shape::Flag if !FLAG.names.contains(&text.as_str()) => {
                        diagnostics::not_one_of(key, text, span, FLAG.names)
                    }
                    Shape::Word(words) if !words.contains(&text.as_str()) => {
                        diagnostics::not_one_of(key, text, span, words)
                    }
                    // Soft and hard limits are left out: messages name them by the resource.
                    Shape::Form(form) if ULIMIT.key(key).is_none() && !(form.accepts)(text) => {
                        diagnostics::invalid_value(key, text, span, form.wanted)
                    }
                    _ => continue,
                };
                self.found.push_within(&module.uses, error);
            }
        }
    }
}
