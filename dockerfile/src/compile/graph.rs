//! The stages and their dependencies.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use buildkit_llb::{Platform, Reference};

use super::Compilation;
use super::need::StageIndex;
use super::stage::{Command, Origin, StageState, Written};
use super::words;
use crate::case;
use crate::dockerfile::Dockerfile;
use crate::go;
use crate::instruction::{InstructionKind, Stage};
use crate::lexer::{Environment as _, NoVariables, Word};
use crate::lines::Lines;
use crate::lint::rule;
use crate::mistake::{Mistake, similar};
use crate::text::Text;

/// The base of a stage that starts without files.
pub(super) const SCRATCH: &str = "scratch";

impl<'a> Compilation<'a> {
    /// Creates the stages of the file.
    pub(super) fn add_stages(&mut self, file: &'a Dockerfile) -> Result<(), Mistake> {
        self.stages.reserve(file.stages.len());
        for (number, stage) in file.stages.iter().enumerate() {
            let lines = stage.lines;
            let base = self.base(stage);
            let (base_name, mut used) = base.map_err(|mistake| mistake.at(lines))?;
            if base_name.is_empty() {
                let message = format!("base name ({}) should not be blank", stage.base);
                return Err(Mistake::new(message).at(lines));
            }
            let platform = self.stage_platform(stage, &mut used)?;
            let mut state = StageState {
                name: Cow::Borrowed(&stage.name),
                platform: platform.map(Arc::new),
                written: Some(stage),
                base_name,
                place: Some(lines).filter(|lines| lines.first > 0),
                ..StageState::default()
            };
            check_name(&stage.name)?;
            if !stage.name.is_empty()
                && self
                    .request
                    .stands_for_context(&stage.name, state.platform.as_deref())
            {
                state.is_context = true;
                let index = self.add(state);
                self.stages[index].base = None;
                self.stages[index].root = index;
                // The stages aren't compiled, but their triggers are, so the sources of the triggers are needed.
                self.instructions.push((index, &stage.instructions));
                continue;
            }
            if stage.name.is_empty() {
                state.name = Cow::Owned(format!("stage-{number}"));
            }
            let index = self.add(state);
            let shows_base = {
                let state = &self.stages[index];
                state.base_name != SCRATCH && state.base.is_none()
            };
            let shown = stage.instructions.iter().filter(|instruction| {
                matches!(
                    instruction.kind,
                    InstructionKind::Add(_)
                        | InstructionKind::Copy(_)
                        | InstructionKind::Run(_)
                        | InstructionKind::Workdir(_)
                )
            });
            let total = shown.count() + usize::from(shows_base);
            let ignores_cache = self.request.options.no_cache.applies_to(&stage.name);
            let state = &mut self.stages[index];
            state.total = total;
            state.ignores_cache = ignores_cache;
            state.outlined.used_args.extend(used);
            self.instructions.push((index, &stage.instructions));
        }
        Ok(())
    }

    /// Returns the base of a stage, and the variables used in it.
    fn base(&mut self, stage: &Stage) -> Result<(Text, BTreeSet<String>), Mistake> {
        if let Some(plain) = self.lexer.plain(&stage.base) {
            return Ok((stage.base.part(plain), BTreeSet::new()));
        }
        let word = self.global_word(&stage.base, stage)?;
        Ok((word.text.into(), word.matched))
    }

    /// Expands the variables in a text in `FROM`.
    fn global_word(&mut self, text: &str, stage: &Stage) -> Result<Word, Mistake> {
        let (word, unmatched) = self.lexer.word_and_unmatched(text, &self.globals);
        for name in &unmatched {
            if self.globals.get(name).is_some() || self.global_infos.contains_key(name) {
                continue;
            }
            let mut known = self.globals.names();
            known.extend(self.global_infos.keys().map(String::as_str));
            let suggestion = similar(name, known);
            let suggestion = suggestion.map(|name| format!(" (did you mean {name}?)"));
            let message = format!(
                "FROM argument '{name}' is not declared{}",
                suggestion.unwrap_or_default()
            );
            let (rule, lines) = (&rule::UNDEFINED_ARG_IN_FROM, Some(stage.lines));
            self.linter.report(rule, lines, &stage.comments, message);
        }
        let word = word?;
        self.written = self.written.saturating_add(word.text.len());
        self.check_written(0)?;
        Ok(word)
    }

    /// Returns the platform that a stage requests.
    fn stage_platform(
        &mut self,
        stage: &Stage,
        used: &mut BTreeSet<String>,
    ) -> Result<Option<Platform>, Mistake> {
        if stage.platform.is_empty() {
            return Ok(None);
        }
        let lines = stage.lines;
        let word = self
            .global_word(&stage.platform, stage)
            .map_err(|mistake| {
                mistake
                    .within("failed to process arguments for platform ")
                    .at(lines)
            })?;
        self.check_platform(stage, &word);
        let suggesting = |mistake: Mistake| {
            let names = self.globals.names();
            let mut unmatched = word.unmatched.iter();
            let found =
                unmatched.find_map(|name| Some((name, similar(name, names.iter().copied())?)));
            match found {
                None => mistake,
                Some((word, name)) => mistake.meaning(word, name),
            }
        };
        if word.text.is_empty() {
            let message = format!("empty platform value from expression {}", stage.platform);
            return Err(suggesting(Mistake::new(message)).at(lines));
        }
        let platform = Platform::parse(&word.text).map_err(|error| {
            suggesting(Mistake::new(words::platform(&error)))
                .within(&format!("failed to parse platform {}", stage.platform))
                // Docker's frontend reports the location twice.
                .at(lines)
                .at(lines)
        })?;
        used.extend(word.matched);
        Ok(Some(platform))
    }

    fn check_platform(&mut self, stage: &Stage, word: &Word) {
        let lines = Some(stage.lines);
        let mut report = |rule, message| {
            self.linter.report(rule, lines, &stage.comments, message);
        };
        if word.matched.len() == 1
            && word.unmatched.is_empty()
            && word.matched.contains("TARGETPLATFORM")
            && self.globals.get("TARGETPLATFORM") == Some(&word.text)
        {
            let message = format!(
                "Setting platform to predefined {} in FROM is redundant as this is the default behavior",
                stage.platform
            );
            report(&rule::REDUNDANT_TARGET_PLATFORM, message);
        }
        if !word.matched.is_empty() || !word.unmatched.is_empty() {
            return;
        }
        let Ok(platform) = Platform::parse(&word.text) else {
            return;
        };
        // A stage that is named after the platform requests it intentionally.
        if stage.name.contains(&platform.os) || stage.name.contains(&platform.architecture) {
            return;
        }
        let message = format!(
            "FROM --platform flag should not use constant value {}",
            go::quote(&word.text)
        );
        report(&rule::FROM_PLATFORM_FLAG_CONST_DISALLOWED, message);
    }

    /// Adds a stage. If an earlier stage has the name of its base, it starts from that stage.
    pub(super) fn add(&mut self, mut state: StageState<'a>) -> usize {
        state.base = self.by_name.get(&*state.base_name).copied();
        let index = self.stages.len();
        state.root = state.base.map_or(index, |base| self.stages[base].root);
        let name = state.written_name();
        if !name.is_empty() {
            self.by_name.insert(case::lower(name), index);
        }
        self.stages.push(state);
        index
    }

    /// Returns the index of the target stage.
    pub(super) fn find_target(&self) -> Result<usize, Mistake> {
        let Some(target) = &self.request.options.target else {
            // There is at least one stage, or the file would be invalid.
            return Ok(self.stages.len().saturating_sub(1));
        };
        self.by_name
            .get(&*case::lower(target))
            .copied()
            .ok_or_else(|| {
                let message = format!("target stage {} could not be found", go::quote(target));
                Mistake::new(message).suggesting(target, self.names())
            })
    }

    /// Iterates over the names of all stages.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.stages.iter().map(|stage| &*stage.name);
        names.filter(|name| !name.is_empty())
    }

    /// Determines which stages take files from which.
    pub(super) fn connect(&mut self) -> Result<(), Mistake> {
        for (index, instructions) in std::mem::take(&mut self.instructions) {
            self.stages[index]
                .commands
                .reserve_exact(instructions.len());
            for instruction in instructions {
                let command = self.command(Written::File(instruction));
                let command = command.map_err(|mistake| Mistake {
                    instruction: Some(instruction.lines),
                    ..mistake
                })?;
                self.note_uses(index, &command);
                self.stages[index].commands.push(command);
            }
        }
        self.check_cycles()?;
        if let [stage] = self.stages.as_mut_slice() {
            stage.name = Cow::Borrowed("");
        }
        Ok(())
    }

    pub(super) fn note_uses(&mut self, index: usize, command: &Command<'_>) {
        let lines = command.instruction.lines;
        for &source in &command.sources {
            self.stages[index].uses.add(source, lines);
        }
    }

    /// Determines the stages that an instruction takes files from. Names that aren't stages are added as images or
    /// contexts to look up.
    pub(super) fn command(&mut self, instruction: Written<'a>) -> Result<Command<'a>, Mistake> {
        let sources = match &instruction.kind {
            InstructionKind::Copy(copy) if !copy.from.is_empty() => {
                let is_plain = self.lexer.plain(&copy.from) == Some(&copy.from);
                if !is_plain && self.lexer.word(&copy.from, &NoVariables)?.text != *copy.from {
                    return Err(Mistake::new(
                        "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround",
                    ));
                }
                let index = match copy.from.parse::<i64>() {
                    Ok(number) => usize::try_from(number)
                        .ok()
                        .filter(|&index| index < self.stages.len())
                        .ok_or_else(|| Mistake::new(format!("invalid stage index {number}")))?,
                    Err(_) => self.stage_or_image(&copy.from, Some(instruction.lines)),
                };
                vec![index]
            }
            InstructionKind::Run(run) => {
                let sources = run.sources.iter().map(|from| match from.as_str() {
                    // It may not be a mount of files at all, depending on its variables.
                    "" => self.stage_or_image(SCRATCH, None),
                    from => self.stage_or_image(from, None),
                });
                sources.collect()
            }
            _ => Vec::new(),
        };
        Ok(Command {
            instruction,
            sources,
        })
    }

    fn stage_or_image(&mut self, name: &str, lines: Option<Lines>) -> usize {
        match self.by_name.get(&*case::lower(name)) {
            Some(&index) => index,
            None => self.add(StageState::unregistered(name.into(), lines)),
        }
    }

    /// Refuses stages that depend on each other.
    fn check_cycles(&self) -> Result<(), Mistake> {
        #[derive(Clone, Copy, PartialEq)]
        enum Visit {
            Not,
            Open,
            Done,
        }
        let mut visits = vec![Visit::Not; self.stages.len()];
        for start in 0..self.stages.len() {
            if visits[start] != Visit::Not {
                continue;
            }
            // Each stage on the path, with the number of its uses that have been followed.
            let mut path = vec![(start, 0)];
            visits[start] = Visit::Open;
            while let Some((stage, followed)) = path.last_mut() {
                let Some(&(used, _)) = self.stages[*stage].uses.as_slice().get(*followed) else {
                    visits[*stage] = Visit::Done;
                    path.pop();
                    continue;
                };
                *followed += 1;
                match visits[used] {
                    Visit::Done => {}
                    Visit::Not => {
                        visits[used] = Visit::Open;
                        path.push((used, 0));
                    }
                    Visit::Open => {
                        let name = &self.stages[start].name;
                        let message = format!("circular dependency detected on stage: {name}");
                        let places = path.iter().map(|&(stage, followed)| {
                            self.stages[stage].uses.as_slice()[followed - 1].1
                        });
                        return Err(Mistake {
                            places: places.collect(),
                            ..Mistake::new(message)
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns which stages a stage needs, including itself, in the order of the file.
    pub(super) fn reachable(&self, from: usize) -> Vec<bool> {
        let mut reachable = vec![false; self.stages.len()];
        let mut next = vec![from];
        while let Some(index) = next.pop() {
            if std::mem::replace(&mut reachable[index], true) {
                continue;
            }
            let stage = &self.stages[index];
            next.extend(stage.base);
            next.extend(stage.uses.as_slice().iter().map(|(used, _)| *used));
        }
        reachable
    }

    /// Records a path that is used from a stage. Only the paths of named contexts are needed in the end.
    pub(super) fn use_path(&mut self, index: usize, path: impl FnOnce() -> String) {
        let root = self.stages[index].root;
        let root = &mut self.stages[root];
        if matches!(root.origin, Origin::Context(..)) {
            root.paths.insert(path());
        }
    }
}

/// Refuses stage names that can't be those of a named context.
fn check_name(name: &str) -> Result<(), Mistake> {
    if name.is_empty() || matches!(name, SCRATCH | "context") || Reference::parse(name).is_ok() {
        return Ok(());
    }
    let problem = words::reference(name);
    Err(Mistake::new(format!(
        "invalid context name {name}: {problem}"
    )))
}

impl From<StageIndex> for usize {
    fn from(index: StageIndex) -> Self {
        index.0
    }
}
