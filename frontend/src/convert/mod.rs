//! Conversion of a Dockerfile to a Stagefile that looks hand-written.
//!
//! The steps of the conversion: instructions become stages and steps ([`reader`], with [`transfer`] and [`mounts`]), rules
//! rewrite these the way a person would ([`rules`]), [`settle`] decides which settings belong to a stage and which to a step,
//! [`nodes`] creates keys and values, and [`write`] the text.
//!
//! The resulting image has the same files, except for timestamps, and the same config as the Dockerfile's. Anything that can't be
//! expressed is a mistake with its lines, and anything that a person should check has a comment that begins with `convert:`.

mod args;
mod comments;
mod kinds;
mod model;
mod mounts;
pub(crate) mod node;
mod nodes;
mod paths;
mod programs;
mod reader;
mod rules;
mod script;
mod settle;
mod source_text;
mod template;
mod transfer;
mod words;
pub(crate) mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use buildkit_dockerfile::{Dockerfile, InstructionKind, LintConfig, Mistake};

pub use kinds::{Context, Kind, NoContext};

use kinds::Kinds;
use model::{File, From};
use reader::Reader;
use settle::{Left, Settled, Wanted, settle};

/// The first line of a file.
const SYNTAX: &str = "# syntax=stagefile/stagefile:dev\n";

/// The maximum number of variables of all instructions in a file, counted for each instruction in the stage and in stages based
/// on it.
const MAX_SETTINGS: usize = 500_000;

/// The maximum length of a directory's path, as in operating systems.
const MAX_PATH_LENGTH: usize = 4096;

/// Options of the conversion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether variables that only scripts use are left out of the image.
    pub tidy: bool,
}

/// Converts a Dockerfile; `context` distinguishes files from directories.
///
/// # Errors
///
/// Returns all mistakes in the Dockerfile, or everything that can't be expressed in a Stagefile, with lines.
pub fn convert(text: &str, style: Style, context: &dyn Context) -> Result<String, Vec<Mistake>> {
    let dockerfile = Dockerfile::parse(text, &LintConfig::default());
    check_size(&dockerfile)?;
    if !dockerfile.mistakes().is_empty() {
        let mut mistakes = dockerfile.mistakes().to_vec();
        let rest = dockerfile.without_mistakes();
        mistakes.extend(
            Reader::read(text, &rest, Kinds::new(context))
                .err()
                .into_iter()
                .flatten(),
        );
        mistakes.sort_by_key(|mistake| mistake.places.first().copied());
        return Err(mistakes);
    }
    let mut file = Reader::read(text, &dockerfile, Kinds::new(context))?;
    rules::apply(&mut file, style);
    let settled = settled(&mut file);
    let mut written = SYNTAX.to_owned();
    if !file.header.is_empty() {
        written.push_str("#\n");
        for line in &file.header {
            written.push('#');
            written.push_str(line.trim_end());
            written.push('\n');
        }
    }
    written.push_str(&write::write(&nodes::file(&file, &settled)));
    for line in &file.footer {
        written.push('#');
        written.push_str(line.trim_end());
        written.push('\n');
    }
    Ok(written)
}

/// Refuses files whose result would be unreadable: each step could have all variables of its stage.
fn check_size(file: &Dockerfile) -> Result<(), Vec<Mistake>> {
    // The number of variables at the end of each stage, by name.
    let mut variables: BTreeMap<String, usize> = BTreeMap::new();
    let mut settings: usize = 0;
    for stage in file.stages() {
        let base = variables.get(&stage.base.to_ascii_lowercase());
        let mut at_hand = base.copied().unwrap_or_default();
        let mut places = 1;
        for instruction in &stage.instructions {
            match &instruction.kind {
                InstructionKind::Env(pairs) => at_hand += pairs.len(),
                InstructionKind::Arg(arguments) => at_hand += arguments.len(),
                _ => places += 1,
            }
        }
        settings = settings.saturating_add(at_hand.saturating_mul(places));
        if settings > MAX_SETTINGS {
            let message = format!(
                "{at_hand} variables at {places} places are too many to be converted; convert the stages one by one"
            );
            return Err(vec![Mistake::new(message).at(stage.lines)]);
        }
        variables.insert(stage.name.to_ascii_lowercase(), at_hand);
    }
    Ok(())
}

/// Returns the directories of the context whose content matters for the conversion, for callers that have to request them.
pub fn directories(text: &str) -> Vec<String> {
    let dockerfile = Dockerfile::parse(text, &LintConfig::default());
    let mut directories: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for stage in dockerfile.stages() {
        for instruction in &stage.instructions {
            let (InstructionKind::Copy(transfer) | InstructionKind::Add(transfer)) =
                &instruction.kind
            else {
                continue;
            };
            for source in transfer.sources.iter().filter(|_| transfer.from.is_empty()) {
                let path = paths::tidied(source);
                let directory = paths::parent(&path).to_owned();
                let is_known =
                    source.contains("://") || directory.contains(['$', '*', '?', '[', ':']);
                if !is_known && seen.insert(directory.clone()) {
                    directories.push(directory);
                }
            }
        }
    }
    directories
}

/// Settles all stages, each after its base.
fn settled(file: &mut File) -> Vec<Settled> {
    let wanted = wanted(file);
    let mut settled: Vec<Settled> = Vec::with_capacity(file.stages.len());
    for (stage, wanted) in file.stages.iter_mut().zip(&wanted) {
        let begun = match stage.from {
            From::Stage(index) => settled[index].left.clone(),
            From::Scratch => Left::at_root(),
            From::Image(_) => Left::default(),
        };
        settled.push(settle(stage, &begun, wanted));
    }
    settled
}

/// Determines what others need of each stage's config.
fn wanted(file: &File) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = vec![Wanted::default(); file.stages.len()];
    let images = rules::images(file);
    let has = variables(file);
    for (index, stage) in file.stages.iter().enumerate().rev() {
        if images[index] {
            wanted[index].config = true;
        }
        let From::Stage(base) = stage.from else {
            continue;
        };
        wanted[base].is_base = true;
        wanted[base].config |= wanted[index].config;
        // Variables that this stage doesn't set come from its base.
        let further = wanted[index].variables.iter().chain(&stage.asked);
        let further = further.filter(|name| has[base].contains(*name));
        let further: Vec<String> = further.cloned().collect();
        wanted[base].variables.extend(further);
    }
    wanted
}

/// Returns the config variables that each stage or its bases set.
fn variables(file: &File) -> Vec<Rc<BTreeSet<String>>> {
    let mut all: Vec<Rc<BTreeSet<String>>> = Vec::with_capacity(file.stages.len());
    for stage in &file.stages {
        let mut variables = match stage.from {
            From::Stage(base) => Rc::clone(&all[base]),
            From::Scratch | From::Image(_) => Rc::default(),
        };
        if !stage.config_env.is_empty() {
            let own = stage.config_env.iter().map(|(name, _)| name.to_owned());
            Rc::make_mut(&mut variables).extend(own);
        }
        all.push(variables);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_come_at_once() {
        let text = "FROM alpine\nLABEL a=${B?x}\nRUNN make\nCOPY --from=7 a b\nADD\n";
        let mistakes = convert(text, Style::default(), &NoContext).unwrap_err();
        let lines: Vec<u32> = mistakes
            .iter()
            .map(|mistake| mistake.places[0].first)
            .collect();
        assert_eq!(lines, [2, 3, 4, 5]);
    }
}
