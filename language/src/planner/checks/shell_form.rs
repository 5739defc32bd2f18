//! Programs of images that a shell starts, although the file doesn't request one.

use std::collections::HashSet;

use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{Base, Plan, StageId};
use crate::planner::Planner;
use crate::syntax::{self, Style};

impl Planner<'_> {
    /// Warns of programs of images that are strings in the user's own file.
    pub(in crate::planner) fn check_shell_forms(&mut self, plan: &Plan) {
        let mut seen = HashSet::new();
        // After those of the plan, there may be private stages of a template that nothing uses.
        let planned = self.instances.iter().take(plan.stages.len());
        for (index, instance) in planned.enumerate() {
            let own = instance.parts.iter().filter(|part| part.frame.module == 0);
            for image in own.filter_map(|part| part.stage.image.as_ref()) {
                let programs = [("entrypoint", &image.entrypoint), ("cmd", &image.cmd)];
                for (key, program) in programs {
                    // In a matrix or a template it is a single mistake, however many stages have
                    // it.
                    if let Some(syntax::Command::Script(text)) = program
                        && !names_a_shell(plan, StageId(index))
                        && seen.insert(text.span())
                    {
                        let warning = diagnostics::shell_form(key, text.span(), as_list(text));
                        self.found.push(warning);
                    }
                }
            }
        }
    }
}

/// Reports whether a stage or one of its bases sets the shell of its image.
fn names_a_shell(plan: &Plan, id: StageId) -> bool {
    // Bases may form a cycle, which is another mistake.
    let chain = std::iter::successors(Some(id), |id| match plan.stage(*id).base.value {
        Base::Stage(base) => Some(base),
        _ => None,
    });
    let mut chain = chain.take(plan.stages.len());
    chain.any(|id| plan.stage(id).image.shell.is_some())
}

/// Converts a string to a list with the same meaning; `None` if its meaning depends on a shell.
fn as_list(text: &Text) -> Option<String> {
    let program = text.constant()?;
    let known = |letter: char| letter.is_ascii_alphanumeric() || " _./:=@%+,-".contains(letter);
    if text.scalar().style == Style::Block || !program.chars().all(known) {
        return None;
    }
    let plain = |word: &str| {
        let letters = |letter: char| letter.is_ascii_alphabetic() || "/_.-".contains(letter);
        // In YAML, `-` alone and `null` are not strings.
        let is_text = word.contains(|letter: char| letter.is_ascii_alphabetic());
        is_text && !word.eq_ignore_ascii_case("null") && word.chars().all(letters)
    };
    let words = program.split(' ').filter(|word| !word.is_empty());
    let words = words.map(|word| {
        if plain(word) {
            word.to_owned()
        } else {
            format!("\"{word}\"")
        }
    });
    let words: Vec<String> = words.collect();
    // A variable before the program needs a shell, too.
    (!words.is_empty() && !words[0].contains('=')).then(|| format!("[{}]", words.join(", ")))
}
