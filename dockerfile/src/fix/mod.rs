//! Text edits that fix findings and mistakes without affecting anything else.

mod command;
mod layout;
mod text;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use crate::compile::{Compilation, Known, StageIndex};
use crate::dockerfile::Dockerfile;
use crate::instruction::{Instruction, InstructionKind};
use crate::lines::Lines;
use crate::lint::{Finding, rule};
use crate::mistake::Mistake;
use layout::Layout;

/// The maximum number of bytes of an instruction searched for a word: an instruction can be as long as the file, and have as
/// many findings.
const FAR: usize = 64 << 10;

/// An edit of a file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The byte range to replace.
    pub range: Range<usize>,
    /// The replacement text.
    pub replacement: String,
}

/// Locates findings and mistakes in the text, and creates edits that fix them.
///
/// A fix never changes what is built: the operations stay byte for byte the same. It may change an image's config if that is
/// what the rule is about: `MAINTAINER` becomes a label, and shell form becomes exec form if containers behave the same without
/// the shell.
///
/// ```
/// use buildkit_dockerfile::{Dockerfile, Fixer, LintConfig};
///
/// let text = "FROM alpine as base\n";
/// let file = Dockerfile::parse(text, &LintConfig::default());
/// let edit = Fixer::new(text, &file).fix(&file.findings()[0]).expect("a fix");
/// assert_eq!((&text[edit.range], edit.replacement.as_str()), ("as", "AS"));
/// ```
#[derive(Debug)]
pub struct Fixer<'a> {
    text: &'a str,
    file: &'a Dockerfile,
    /// The byte offset of each line.
    starts: Vec<usize>,
    /// The instruction that begins at a line, with the index of its stage; `None` for `FROM`.
    instructions: BTreeMap<u32, (usize, Option<&'a Instruction>)>,
    known: Vec<Known>,
    /// The stages that have the label for authors.
    labelled: BTreeSet<usize>,
    /// The most recently used instruction, with its first line: findings of the same instruction are adjacent.
    last: RefCell<Option<(u32, Rc<Layout>)>>,
}

impl<'a> Fixer<'a> {
    /// Creates a fixer from a file's text and the parsed file.
    pub fn new(text: &'a str, file: &'a Dockerfile) -> Self {
        let first = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(first).chain(breaks.map(|(at, _)| at + 1));
        let mut instructions = BTreeMap::new();
        let mut labelled = BTreeSet::new();
        for (number, stage) in file.stages.iter().enumerate() {
            instructions.insert(stage.lines.first, (number, None));
            for instruction in &stage.instructions {
                instructions.insert(instruction.lines.first, (number, Some(instruction)));
                if text::labels_authors(instruction) {
                    labelled.insert(number);
                }
            }
        }
        Self {
            text,
            file,
            starts: starts.collect(),
            instructions,
            known: Vec::new(),
            labelled,
            last: RefCell::default(),
        }
    }

    /// Adds the properties of stages' images, from a compilation of the same file whose instructions have been processed: some
    /// fixes are only certain with them. The configs of the bases in `unknown` are placeholders.
    #[must_use]
    pub fn with_image_properties(
        mut self,
        compilation: &Compilation<'_>,
        unknown: &BTreeSet<StageIndex>,
    ) -> Self {
        self.known = compilation.known(unknown);
        self
    }

    /// Returns the edit that fixes a finding, if there is a certain one.
    pub fn fix(&self, finding: &Finding) -> Option<Edit> {
        let lines = finding.lines?;
        let found = finding.rule.name;
        if found == rule::NO_EMPTY_CONTINUATION.name {
            return self.without_empty_lines(lines.first);
        }
        let layout = self.layout(lines)?;
        if found == rule::CONSISTENT_INSTRUCTION_CASING.name {
            return text::casing(&layout, self.file.is_mostly_lower());
        }
        if found == rule::FROM_AS_CASING.name {
            return text::as_casing(&layout);
        }
        if found == rule::STAGE_NAME_CASING.name {
            return text::name_casing(&layout);
        }
        let (stage, instruction) = self.instructions.get(&lines.first)?;
        let instruction = (*instruction)?;
        match &instruction.kind {
            InstructionKind::Env(_) | InstructionKind::Label(_)
                if found == rule::LEGACY_KEY_VALUE_FORMAT.name =>
            {
                text::pair(&layout, self.file.escape)
            }
            InstructionKind::Expose(_) if found == rule::EXPOSE_PROTO_CASING.name => {
                text::protocols(&layout)
            }
            InstructionKind::Maintainer(_) if found == rule::MAINTAINER_DEPRECATED.name => {
                let has_label = self.labelled.contains(stage);
                text::maintainer(&layout, self.file.escape).filter(|_| !has_label)
            }
            InstructionKind::Workdir(path) if found == rule::WORKDIR_RELATIVE_PATH.name => {
                let known = self.known.get(*stage)?;
                command::workdir(&layout, path, known)
            }
            InstructionKind::Cmd(line) | InstructionKind::Entrypoint(line)
                if found == rule::JSON_ARGS_RECOMMENDED.name =>
            {
                let is_cmd = matches!(instruction.kind, InstructionKind::Cmd(_));
                command::is_certain(&self.known, *stage, is_cmd)
                    .then(|| command::list(&layout, line))
                    .flatten()
            }
            _ => None,
        }
    }

    /// Returns the edit to what a mistake probably meant. Docker's frontend suggests the first of several equally similar
    /// instructions; here, swapped letters count as one difference, and there has to be a single closest instruction.
    pub fn fix_mistake(&self, mistake: &Mistake) -> Option<Edit> {
        let (word, meant) = mistake.suggestion.as_ref()?;
        let lines = *mistake.places.first()?;
        let range = self.find(lines, word)?;
        let is_keyword = range.start == self.place(lines).start;
        let replacement = if is_keyword {
            text::keyword(word)?
        } else {
            meant.clone()
        };
        Some(Edit { range, replacement })
    }

    /// Returns the range of an instruction in the text: its lines, trimmed and without heredocs.
    pub fn place(&self, lines: Lines) -> Range<usize> {
        let start = self.start(lines.first).unwrap_or(self.text.len());
        let Some(layout) = self.layout(lines) else {
            // There is no instruction, so this is the line.
            let line = self.text[start..].lines().next().unwrap_or_default();
            let skipped = line.len() - line.trim_start().len();
            return start + skipped..start + line.trim_end().len().max(skipped);
        };
        let extent = layout.extent(&(0..layout.joined.trim_end().len()));
        extent.unwrap_or(start..start)
    }

    /// Returns the range of a word in an instruction, if it occurs there.
    pub fn find(&self, lines: Lines, word: &str) -> Option<Range<usize>> {
        if word.is_empty() {
            return None;
        }
        let whole = self.place(lines);
        let end = whole.end.min(whole.start + FAR);
        let text = &self.text[whole.start..self.text.floor_char_boundary(end)];
        let is_part = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() || "_-".contains(letter))
        };
        let bounded = |at: &usize| {
            let before = text[..*at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            // The names of flags are preceded by dashes.
            !is_part(before.filter(|letter| *letter != '-')) && !is_part(after)
        };
        let found = text.match_indices(word).map(|(at, _)| at).find(bounded);
        let at = whole.start + found?;
        Some(at..at + word.len())
    }

    fn start(&self, line: u32) -> Option<usize> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        self.starts.get(index).copied()
    }

    /// Returns the layout of an instruction.
    fn layout(&self, lines: Lines) -> Option<Rc<Layout>> {
        let mut last = self.last.borrow_mut();
        let layout = match last.as_ref() {
            Some((line, layout)) if *line == lines.first => Rc::clone(layout),
            _ => {
                let start = self.start(lines.first)?;
                let layout = Layout::read(self.text, start, self.file.escape);
                let layout = Rc::new(layout);
                *last = Some((lines.first, Rc::clone(&layout)));
                layout
            }
        };
        (!layout.joined.trim().is_empty()).then_some(layout)
    }

    /// Removes the empty lines from the instruction that a line belongs to.
    fn without_empty_lines(&self, line: u32) -> Option<Edit> {
        let (first, _) = self.instructions.range(..=line).next_back()?;
        let layout = self.layout(Lines::one(*first))?;
        let (first, last) = (layout.empty_lines.first()?, layout.empty_lines.last()?);
        let mut replacement = String::new();
        let mut at = first.start;
        for empty in &layout.empty_lines {
            replacement.push_str(&self.text[at..empty.start]);
            at = empty.end;
        }
        Some(Edit {
            range: first.start..last.end,
            replacement,
        })
    }
}
