//! The `# syntax=` line, which BuildKit reads before it starts this frontend.

use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::source::Source;

/// BuildKit's directives. Any other comment ends them.
const DIRECTIVES: [&str; 3] = ["syntax", "escape", "check"];

/// Warns of a `# syntax=` line that BuildKit doesn't see because of the lines above it.
pub(crate) fn check_syntax_line(source: &Source, found: &mut Diagnostics) {
    let mut blocked = None;
    let mut start = 0;
    for (number, line) in source.text().split_inclusive('\n').enumerate() {
        let text = line.trim_end();
        let span = source.span(start, start + text.len());
        start += line.len();
        let directive = directive(text);
        if directive.is_some_and(|name| name.eq_ignore_ascii_case("syntax")) {
            if let Some((above, what)) = blocked {
                found.push(diagnostics::syntax_line(span, above, what));
            }
            return;
        }
        // The first line may be a shebang, as in a script.
        if directive.is_some() || (number == 0 && text.starts_with("#!")) {
            continue;
        }
        let content = text.trim_start();
        if blocked.is_none() {
            let what = match content {
                "" => "empty line",
                _ if content.starts_with('#') => "comment",
                _ => "line",
            };
            blocked = Some((span, what));
        }
        // A comment after the file's first keys is about something else.
        if !content.is_empty() && !content.starts_with(['#', '%']) && content != "---" {
            return;
        }
    }
}

/// Returns the name of a line's directive.
fn directive(line: &str) -> Option<&str> {
    let (name, value) = line.strip_prefix('#')?.trim_start().split_once('=')?;
    let name = name.trim_end();
    let known = DIRECTIVES
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known));
    (known && !value.trim().is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::check_syntax_line;
    use crate::diagnostic::Diagnostics;
    use crate::source::Source;

    #[test]
    fn only_directives_may_stand_above() {
        for (text, warned) in [
            ("# syntax=a/b\nstages: {}", false),
            ("#syntax = a/b\n# Copyright\nstages: {}", false),
            ("# check=skip=all\n# syntax=a/b\n", false),
            ("#!/usr/bin/env x\n# syntax=a/b\n", false),
            ("\u{feff}# syntax=a/b\n", false),
            ("# Copyright\n# syntax=a/b\n", true),
            ("\n# syntax=a/b\n", true),
            ("---\n# syntax=a/b\n", true),
            ("# author=me\n# syntax=a/b\n", true),
            ("stages: {}\n# syntax=a/b\n", false),
            ("stages: {}", false),
        ] {
            let mut found = Diagnostics::default();
            check_syntax_line(&Source::new("Stagefile", text), &mut found);
            assert_eq!(!found.warnings().is_empty(), warned, "{text:?}");
        }
    }
}
