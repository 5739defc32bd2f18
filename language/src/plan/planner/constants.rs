//! Values that are checked whatever becomes of them: those of steps that don't run, of secrets and caches that nothing uses, of
//! templates that nothing uses.

use std::collections::HashSet;
use std::ptr;

use buildkit_llb::Checksum;
use stagefile_runner::CpuList;

use super::values::{
    duration, is_account, is_host_name, is_identifier, is_symbolic_mode, octal, ports, size,
};
use super::{Planner, assert, limits, remote, supervision, time};
use crate::diagnostics;
use crate::program::STD;
use crate::source::Span;
use crate::syntax::keys::form::{self, Form};
use crate::syntax::keys::{Shape, ULIMIT};

impl Planner<'_> {
    /// Checks the values of all files that need nothing to be known of. What was planned has been checked by its own rules.
    pub(super) fn check_constants(&mut self) {
        let known = self.found.errors().into_iter();
        let known: HashSet<Span> = known.map(|error| error.primary.span).collect();
        for module in &self.program.modules {
            if module.name == STD {
                continue;
            }
            self.found.enter(&module.uses);
            let values = module.file.values.iter();
            for value in values.filter(|value| !known.contains(&value.scalar.span)) {
                let (key, text, span) = (value.key, &value.scalar.text, value.scalar.span);
                let error = match value.shape {
                    Shape::Flag if !matches!(text.as_str(), "true" | "false") => {
                        diagnostics::not_one_of(key, text, span, &["true", "false"])
                    }
                    Shape::Word(words) if !words.contains(&text.as_str()) => {
                        diagnostics::not_one_of(key, text, span, words)
                    }
                    // The two limits of one are of one kind, which has its name.
                    Shape::Form(form) if ULIMIT.key(key).is_none() && !accepts(form, text) => {
                        diagnostics::invalid_value(key, text, span, form.wanted)
                    }
                    _ => continue,
                };
                self.found.push(error);
            }
        }
        self.found.enter(&[]);
    }
}

/// Tells whether a text has a form.
fn accepts(form: &Form, text: &str) -> bool {
    let is = |other: &Form| ptr::eq(form, other);
    match form {
        _ if is(&form::ID) || is(&form::COUNT) => text.parse::<u32>().is_ok(),
        _ if is(&form::TIMES) => supervision::times(text).is_some(),
        _ if is(&form::EXIT_CODE) => text.parse::<u8>().is_ok(),
        _ if is(&form::MODE) => octal(text).is_some(),
        _ if is(&form::COPY_MODE) => octal(text).is_some() || is_symbolic_mode(text),
        _ if is(&form::SIZE) => size(text).is_some(),
        _ if is(&form::MEMORY) => limits::memory(text).is_some(),
        _ if is(&form::CPUS) => limits::cpus(text).is_some(),
        _ if is(&form::CPUSET) => CpuList::parse(text).is_some(),
        _ if is(&form::ULIMIT_VALUE) => limits::number(text).is_some(),
        _ if is(&form::DURATION) => duration(text).is_some(),
        _ if is(&form::LIMIT) => duration(text).is_some_and(|limit| !limit.is_zero()),
        _ if is(&form::TIME) => time::seconds(text).is_some(),
        _ if is(&form::PORT) => ports(text).is_some(),
        _ if is(&form::CHECKSUM) => Checksum::parse(text).is_ok(),
        _ if is(&form::SHA256) => assert::digest(text).is_some(),
        _ if is(&form::COMMIT) => remote::is_commit(text),
        _ if is(&form::HOSTNAME) => is_host_name(text),
        _ if is(&form::IDENTIFIER) => is_identifier(text),
        _ if is(&form::OWNER) => text.split(':').count() <= 2 && text.split(':').all(is_account),
        _ => true,
    }
}
