//! `COPY` and `ADD`.

use std::borrow::Cow;
use std::sync::Arc;

use buildkit_gateway::context::GitReference;
use buildkit_llb::{
    Capability, Checksum, Constrain as _, Constraints, FileAction, Git, Http, Mkfile,
    ProgressGroup, State,
};

use super::download::{Download, DownloadName, Pins};
use super::ignored::Ignored;
use super::mode::mode;
use super::names;
use super::remote::{file_of, is_git, is_http, looks_local};
use super::stage::Command;
use super::step::{CopyOptions, CopyStep, From, Link, Mode, Step, StepKind};
use super::words;
use super::workdir::{absolute, absolute_with_slash};
use super::{Compilation, DESCRIPTION, INLINE_NAME};
use crate::go;
use crate::instruction::{Instruction, InstructionKind, Transfer};
use crate::lexer::Lexer;
use crate::lines::Lines;
use crate::lint::rule;
use crate::mistake::Mistake;
use crate::text::Text;

pub(super) fn dispatch(
    compilation: &mut Compilation<'_>,
    index: usize,
    command: &Command<'_>,
    written: &Transfer,
    ignored: &Ignored,
) -> Result<(), Mistake> {
    let instruction: &Instruction = &command.instruction;
    let is_add = matches!(instruction.kind, InstructionKind::Add(_));
    let transfer = expanded(compilation, index, instruction, written, is_add)?;
    if let Some(&source) = command.sources.first()
        && !compilation.stages[source].dispatched
    {
        return Err(Mistake::new(format!(
            "cannot copy from stage {}, it needs to be defined before current stage {}",
            go::quote(&transfer.from),
            go::quote(&compilation.stages[index].name)
        )));
    }
    let directory = compilation.stages[index].settings.get_dir();
    let destination = destination(directory, &transfer.destination);
    let mode = mode(&transfer.mode)?;
    check_checksum(&transfer, is_add)?;

    let several = compilation.request.options.multi_platform;
    let lexer = compilation.lexer;
    let stage = &mut compilation.stages[index];
    let settings = stage.settings.clone();
    let platform = stage.platform.clone().filter(|_| several);
    let name = names::of_instruction(lexer, &instruction.code, &settings);
    let shown = names::prefixed(stage, &name, several, platform.as_deref(), &settings);

    let pins = Arc::clone(&compilation.pins);
    let mut maker = Maker {
        transfer: &transfer,
        destination,
        mode,
        shown: &shown,
        is_add,
        checksum: transfer.checksum.to_string(),
        keep_git_dir: transfer.keep_git_dir,
        steps: Vec::with_capacity(transfer.sources.len() + transfer.inline.len()),
        left: transfer.sources.len() + transfer.inline.len(),
        pins: &pins,
        lines: instruction.lines,
        downloads: Vec::new(),
    };
    let files = match command.sources.first() {
        Some(&source) => From::Stage(source),
        None => From::Context,
    };
    for source in &transfer.sources {
        if !ignored.is_empty()
            && let From::Context = files
        {
            check_ignored(compilation, instruction, source, is_add, ignored);
        }
        maker.add(source, &files)?;
    }
    for file in &transfer.inline {
        maker.add_inline(&file.name, &file.content);
    }
    let (steps, downloads) = (maker.steps, maker.downloads);
    compilation.downloads.extend(downloads);

    let ignores_cache = compilation.stages[index].ignores_cache;
    let mut constraints =
        Constraints::new().located(compilation.request.source_map, instruction.lines.ranges());
    if ignores_cache {
        constraints = constraints.ignore_cache();
    }
    let support = compilation.request.support;
    let can_merge = || support.supports(Capability::MergeOp).is_ok();
    let link = if transfer.link && transfer.mode.is_empty() && can_merge() {
        let stage = &compilation.stages[index];
        let linked = format!("LINK {name}");
        let linked = names::prefixed_again(stage, &linked, several, platform.as_deref(), &settings);
        // Unique in a build, and reproducible.
        let wanted = &compilation.wanted;
        let group = format!("{wanted} {index} {}", stage.steps.len());
        let group = ProgressGroup::new(group, &shown);
        let merge = constraints.clone().grouped(group.clone()).named(linked);
        constraints = constraints.grouped(group.weak());
        Some(Box::new(Link { merge }))
    } else {
        None
    };
    compilation.stages[index].steps.push(Step {
        lines: instruction.lines,
        kind: StepKind::Copy(steps, constraints.named(shown), link),
    });
    let mut message = compilation.message(if is_add { "ADD" } else { "COPY" });
    write_message(&mut message, &transfer);
    compilation.commit(index, message, true);
    note_paths(compilation, index, command, &transfer, is_add);
    Ok(())
}

/// Replaces all variables.
fn expanded<'t>(
    compilation: &mut Compilation<'_>,
    index: usize,
    instruction: &Instruction,
    written: &'t Transfer,
    is_add: bool,
) -> Result<Cow<'t, Transfer>, Mistake> {
    let plain = |text: &Text| compilation.lexer.plain(text) == Some(text);
    let texts = [
        &written.owner,
        &written.mode,
        &written.checksum,
        &written.destination,
    ];
    if written.inline.is_empty() && texts.into_iter().chain(&written.sources).all(plain) {
        return Ok(Cow::Borrowed(written));
    }
    let mut transfer = written.clone();
    let mut expand = |text: &mut Text| {
        *text = text.part(&compilation.expand(index, instruction, text)?);
        Ok::<_, Mistake>(())
    };
    expand(&mut transfer.owner)?;
    expand(&mut transfer.mode)?;
    if is_add {
        expand(&mut transfer.checksum)?;
    }
    transfer.sources.iter_mut().try_for_each(&mut expand)?;
    expand(&mut transfer.destination)?;
    // Quotes in a file are part of its content.
    let lexer = Lexer::new('\\').ignoring_quotes();
    for file in transfer.inline.iter_mut().filter(|file| file.expand) {
        let content = compilation.expand_by(lexer, index, instruction, &file.content)?;
        file.content = content.into_owned();
    }
    Ok(Cow::Owned(transfer))
}

/// Makes a destination absolute.
fn destination(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        return absolute_with_slash("/", path);
    }
    match path {
        "" | "."
            if directory.len() > 1 && directory.starts_with('/') && go::is_clean(directory) =>
        {
            [directory, "/"].concat()
        }
        "" | "." => absolute_with_slash(directory, "./"),
        path => absolute_with_slash(directory, path),
    }
}

fn check_checksum(transfer: &Transfer, is_add: bool) -> Result<(), Mistake> {
    if transfer.checksum.is_empty() {
        return Ok(());
    }
    let problem = match transfer.sources.as_slice() {
        _ if !is_add => "checksum can't be specified for COPY",
        [source] if is_http(source) || is_git(source) => return Ok(()),
        [_] => "checksum requires HTTP(S) or Git sources",
        _ => "checksum can't be specified for multiple sources",
    };
    Err(Mistake::new(problem))
}

fn check_ignored(
    compilation: &mut Compilation<'_>,
    instruction: &Instruction,
    source: &str,
    is_add: bool,
    ignored: &Ignored,
) {
    if is_http(source) || is_git(source) {
        return;
    }
    let path = go::clean(source);
    if ignored.excludes(&path) {
        let verb = if is_add { "Add" } else { "Copy" };
        let message = format!(
            "Attempting to {verb} file {} that is excluded by .dockerignore",
            go::quote(&path)
        );
        compilation.report(instruction, &rule::COPY_IGNORED_FILE, message);
    }
}

/// Creates the copies of one instruction.
struct Maker<'a> {
    transfer: &'a Transfer,
    destination: String,
    mode: Option<Mode>,
    shown: &'a str,
    is_add: bool,
    checksum: String,
    keep_git_dir: Option<bool>,
    steps: Vec<CopyStep>,
    /// The number of remaining steps.
    left: usize,
    pins: &'a Pins,
    lines: Lines,
    downloads: Vec<Download>,
}

impl Maker<'_> {
    fn push(&mut self, from: From, source: String, options: CopyOptions) {
        self.left = self.left.saturating_sub(1);
        self.steps.push(CopyStep {
            from,
            source,
            destination: if self.left == 0 {
                std::mem::take(&mut self.destination)
            } else {
                self.destination.clone()
            },
            options: CopyOptions {
                owner: self.transfer.owner.clone(),
                mode: self.mode.clone(),
                exclude: self.transfer.exclude.clone(),
                ..options
            },
        });
    }

    fn add(&mut self, source: &str, files: &From) -> Result<(), Mistake> {
        let git = GitReference::parse(source).map_err(|error| Mistake::new(error.to_string()))?;
        if let Some(reference) = git
            && !looks_local(source)
        {
            return self.add_git(&reference);
        }
        if is_http(source) {
            return self.add_http(source);
        }
        let mut options = CopyOptions {
            of_files: true,
            unpack: self.transfer.unpack.unwrap_or(self.is_add),
            ..CopyOptions::default()
        };
        let mut root = source;
        if self.transfer.parents {
            // The part before `/./` isn't created at the destination.
            let (parent, pattern) = source.split_once("/./").unwrap_or(("/", source));
            let pattern = absolute("/", pattern);
            if !has_wildcards(parent) && !has_wildcards(&pattern) {
                options.required = vec![absolute("/", &go::join(&[parent, &pattern]))];
            }
            options.include = vec![pattern.strip_prefix('/').unwrap_or(&pattern).to_owned()];
            root = parent;
        }
        self.push(files.clone(), absolute("/", root), options);
        Ok(())
    }

    fn add_git(&mut self, reference: &GitReference) -> Result<(), Mistake> {
        if !self.is_add {
            return Err(Mistake::new("source can't be a git ref for COPY"));
        }
        let mut git = Git::new(&reference.remote).named(self.shown);
        let name = DownloadName::Git {
            remote: reference.remote.clone(),
            git_ref: reference.git_ref.clone(),
        };
        let is_pinned = !self.checksum.is_empty() || reference.checksum.is_some();
        let commit = self.pins.commits.get(&name).filter(|_| !is_pinned);
        if let Some(git_ref) = commit.or(reference.git_ref.as_ref()) {
            git = git.reference(git_ref);
        }
        if let (Some(flag), Some(query)) = (self.keep_git_dir, reference.keep_git_dir)
            && flag != query
        {
            return Err(Mistake::new("inconsistent keep-git-dir configuration"));
        }
        self.keep_git_dir = reference.keep_git_dir.or(self.keep_git_dir);
        if self.keep_git_dir == Some(true) {
            git = git.keep_git_dir();
        }
        if let Some(checksum) = &reference.checksum {
            if !self.checksum.is_empty() && self.checksum != *checksum {
                return Err(Mistake::new(format!(
                    "checksum mismatch {} != {}",
                    go::quote(&self.checksum),
                    go::quote(checksum)
                )));
            }
            self.checksum.clone_from(checksum);
        }
        if !self.checksum.is_empty() {
            git = git.checksum(&self.checksum);
        }
        if let Some(subdir) = &reference.subdir {
            git = git.subdir(subdir);
        }
        if reference.submodules == Some(false) {
            git = git.skip_submodules();
        }
        if reference.fetch_by_commit {
            git = git.fetch_by_commit();
        }
        let state = git
            .into_state()
            .map_err(|error| Mistake::new(error.to_string()))?;
        if !is_pinned {
            self.download(name);
        }
        self.push(From::State(state), "/".to_owned(), CopyOptions::default());
        Ok(())
    }

    fn add_http(&mut self, source: &str) -> Result<(), Mistake> {
        if !self.is_add {
            return Err(Mistake::new("source can't be a URL for COPY"));
        }
        let file = file_of(source);
        let mut http = Http::new(source)
            .map_err(|error| Mistake::new(error.to_string()))?
            .filename(&file)
            .named(self.shown)
            .described(DESCRIPTION, "");
        if !self.checksum.is_empty() {
            let checksum = Checksum::parse(&self.checksum)
                .map_err(|error| Mistake::new(words::checksum(&error)))?;
            http = http.checksum(checksum);
        }
        if self.checksum.is_empty() {
            let name = DownloadName::Http(source.to_owned());
            if let Some(checksum) = self.pins.checksums.get(&name) {
                http = http.checksum(checksum.clone());
            }
            self.download(name);
        }
        let options = CopyOptions {
            unpack: self.transfer.unpack == Some(true),
            ..CopyOptions::default()
        };
        self.push(From::State(http.into_state()), file, options);
        Ok(())
    }

    fn download(&mut self, name: DownloadName) {
        self.downloads.push(Download {
            name,
            lines: self.lines,
        });
    }

    fn add_inline(&mut self, name: &str, content: &str) {
        let file = Mkfile::new(name, 0o644, content.to_owned());
        let state = State::scratch().file(FileAction::from(file).named(INLINE_NAME));
        self.push(From::State(state), name.to_owned(), CopyOptions::default());
    }
}

/// Writes the history entry after the keyword.
fn write_message(message: &mut String, transfer: &Transfer) {
    if transfer.parents {
        message.push_str(" --parents");
    }
    for (flag, value) in [("chown", &transfer.owner), ("chmod", &transfer.mode)] {
        if !value.is_empty() {
            for part in [" --", flag, "=", value] {
                message.push_str(part);
            }
        }
    }
    for source in &transfer.sources {
        message.push(' ');
        message.push_str(source);
    }
    for file in &transfer.inline {
        message.push_str(" <<");
        message.push_str(&file.name);
    }
    message.push(' ');
    message.push_str(&transfer.destination);
    message.push_str(" # buildkit");
}

/// Records the files that are used from each source.
fn note_paths(
    compilation: &mut Compilation<'_>,
    index: usize,
    command: &Command<'_>,
    transfer: &Transfer,
    is_add: bool,
) {
    for source in &transfer.sources {
        let path = || go::join(&["/", source]);
        match command.sources.first() {
            Some(&stage) => compilation.use_path(stage, path),
            None if is_add && (source.starts_with("http://") || source.starts_with("https://")) => {
            }
            None => _ = compilation.stages[index].context_paths.insert(path()),
        }
    }
}

pub(super) fn has_wildcards(path: &str) -> bool {
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' | '[' => return true,
            '\\' => _ = characters.next(),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_keep_their_slash() {
        for (directory, path, expected) in [
            ("/", "/a/", "/a/"),
            ("/w", ".", "/w/"),
            ("/w", "", "/w/"),
            ("/", ".", "/"),
            ("/w", "a", "/w/a"),
            ("/w", "a/", "/w/a/"),
            ("/w", "../x", "/x"),
        ] {
            assert_eq!(destination(directory, path), expected, "{directory} {path}");
        }
    }
}
