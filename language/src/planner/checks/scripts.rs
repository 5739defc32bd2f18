//! Scripts that don't have the intended meaning: values that the shell splits, and strings that YAML cuts off.

use stagefile_text::shell::{self, Quotes};

use crate::diagnostic::SHOWN;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::Settings;
use crate::planner::Planner;
use crate::source::Span;
use crate::syntax::{self, Style};

impl Planner<'_> {
    /// Warns of problems in a script in the user's own file.
    pub(in crate::planner) fn check_script(
        &mut self,
        command: &syntax::Command,
        settings: &Settings,
    ) {
        let syntax::Command::Script(text) = command else {
            return;
        };
        if self.frame.module != 0
            || !shell::is_shell(&text.scalar().text, settings.shell.as_deref())
        {
            return;
        }
        self.check_comment(text);
        self.check_calls(text, settings, settings.shell.is_none());
        // A script that is a single value is intended.
        if text.single_expression().is_none() && text.constant().is_none() {
            self.check_values(text);
        }
    }

    /// Warns of a string that YAML ends at ` #`, if that was hardly intended.
    pub(in crate::planner) fn check_comment(&mut self, text: &Text) {
        let scalar = text.scalar();
        if self.frame.module != 0 || scalar.style != Style::Plain {
            return;
        }
        let source = self.program.sources.file(scalar.span);
        let end = scalar.span.end.saturating_sub(source.start());
        let rest = source.text().get(end..).unwrap_or_default();
        // Checked first, since a line may be as long as the file.
        if !rest.trim_start_matches([' ', '\t']).starts_with('#') {
            return;
        }
        let rest = rest.lines().next().unwrap_or_default();
        let comment = rest.trim_start();
        let Some(behind) = comment.strip_prefix('#') else {
            return;
        };
        let is_text = behind.starts_with(|letter: char| letter.is_ascii_alphanumeric())
            || shell::is_unfinished(&scalar.text);
        // An expression that is cut off is another mistake.
        if is_text && comment.len() < rest.len() && !comment.contains("}}") {
            let start = scalar.span.end + rest.len() - comment.len();
            let span = Span::new(start, start + comment.trim_end().len());
            self.found.push(diagnostics::text_as_comment(span));
        }
    }

    /// Warns of arguments whose values the shell may split or interpret.
    fn check_values(&mut self, text: &Text) {
        let mut script = String::new();
        let mut places = Vec::new();
        let mut values = Vec::new();
        for part in text.parts() {
            match part {
                Ok(literal) => script.push_str(literal),
                Err((written, offset)) => {
                    places.push(script.len());
                    values.push((written, offset));
                    script.push('_');
                }
            }
        }
        let quotes = shell::quotes_at(&script, &places);
        let mut warnings = 0;
        for ((written, offset), quotes) in values.into_iter().zip(quotes) {
            let name = written.strip_prefix("args.").unwrap_or_default();
            let args = &self.program.main().args;
            let Some(arg) = args.get(name).filter(|arg| arg.is_known) else {
                continue;
            };
            let is_special = |letter: &char| match quotes {
                Quotes::None => "'\"$`\\;&|<>()\n".contains(*letter),
                Quotes::Double => "\"$`\\".contains(*letter),
                Quotes::Single => *letter == '\'',
                Quotes::Ignored => false,
            };
            if let Some(letter) = arg.value.chars().find(is_special) {
                let source = self.program.sources.file(text.span());
                let span = text.scalar().locate(source, offset, offset + written.len());
                let warning = diagnostics::unquoted_value(written, letter, span);
                self.found.push(warning);
                // More aren't shown, and each location is searched from the beginning of the script.
                warnings += 1;
                if warnings == SHOWN {
                    break;
                }
            }
        }
    }
}
