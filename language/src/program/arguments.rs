//! Build arguments and their values.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::{Language, Scope, Text};
use crate::plan::{Arg, Request};
use crate::policy;
use crate::source::{Sources, Span, Spanned};
use crate::syntax::File;
use crate::value::flag;

/// The argument that also applies to files that don't declare it.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Determines the value of every argument, and reports those that are missing, invalid or unknown. The values come from the
/// client, or from an import.
pub fn arguments(
    file: &File,
    sources: &Sources,
    language: &Language,
    request: &Request,
    given: &BTreeMap<String, Spanned<Option<String>>>,
    import: Option<Span>,
    found: &mut Diagnostics,
) -> Vec<Arg> {
    // Defaults are evaluated without arguments: otherwise, a default that depends on another one would depend on their
    // order too.
    let scope = Scope::new(sources, language, [], request);
    let mut values = Vec::new();
    for (name, arg) in &file.args {
        let given = given.get(&name.value);
        let is_open = given.is_some_and(|given| given.value.is_none());
        let given = given.and_then(|given| Some(Spanned::new(given.value.clone()?, given.span)));
        let mut evaluate = |text: &Text| scope.evaluate(text, found);
        let default = arg.default.as_ref().and_then(&mut evaluate);
        let allowed: Vec<_> = arg.values.iter().filter_map(&mut evaluate).collect();
        let required = arg.required.as_ref().and_then(&mut evaluate);
        let required = required
            .and_then(|text| flag("required", &text, found))
            .unwrap_or(false);
        if required && let (Some(default), Some(text)) = (&arg.default, &arg.required) {
            found.push(diagnostics::required_default(text.span(), default.span()));
        }
        let mut is_known =
            !is_open && (default.is_some() || given.is_some() || arg.default.is_none());
        let value = given.or(default);
        if value.is_none() && required && !is_open {
            is_known = false;
            found.push(match import {
                None => diagnostics::missing_argument(&name.value, name.span),
                Some(import) => {
                    diagnostics::missing_argument_of_import(&name.value, import, name.span)
                }
            });
        }
        if let Some(value) = &value
            && !allowed.is_empty()
            && !allowed.iter().any(|one| one.value == value.value)
        {
            is_known = false;
            let words: Vec<&str> = allowed.iter().map(|one| one.value.as_str()).collect();
            found.push(diagnostics::not_one_of(
                &name.value,
                &value.value,
                value.span,
                &words,
            ));
        }
        values.push(Arg {
            name: name.value.clone(),
            span: name.span,
            description: arg
                .description
                .as_ref()
                .and_then(|text| scope.evaluate(text, found))
                .map(|text| text.value),
            // An argument without any value is empty, as in a shell.
            value: value.map(|value| value.value).unwrap_or_default(),
            is_known,
        });
    }
    let declared = || file.args.iter().map(|(name, _)| name.value.as_str());
    for (name, value) in given {
        let has_meaning = [SOURCE_DATE_EPOCH, policy::ARGUMENT].contains(&name.as_str());
        if !has_meaning && !declared().any(|one| one == name) {
            found.push(match import {
                None => diagnostics::unknown_argument(name, value.span, declared()),
                Some(_) => diagnostics::unknown_argument_of_import(name, value.span, declared()),
            });
        }
    }
    values
}
