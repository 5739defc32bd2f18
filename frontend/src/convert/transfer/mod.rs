//! `COPY` and `ADD`.
//!
//! `COPY` copies the content of a directory, `copy` the directory itself unless the path ends with a slash; so the result depends
//! on the kind of a path.

mod destination;
mod remote;

use buildkit_dockerfile::Transfer;

use super::kinds::{Kind, Kinds};
use super::model::{Action, Copy, From, Source, Write};
use super::paths;
use super::reader::{Current, Reader};
use super::template::Template;

use destination::{is_directory, place, shortened, workdir_of};
use remote::{Remote, fetch, git, remote};

/// The extensions of archives that `ADD` unpacks.
const ARCHIVES: [&str; 9] = [
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst",
];

/// Directories of base images that often contain links: a path copied from there may be one.
const LINKED: [&str; 10] = [
    "/bin/",
    "/sbin/",
    "/lib/",
    "/lib64/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/local/bin/",
    "/etc/localtime",
];

/// What all sources of an instruction share.
struct Job {
    from: Source,
    destination: Template,
    owner: Option<Template>,
    mode: Option<Template>,
    exclude: Vec<Template>,
    parents: bool,
    unpack: Option<bool>,
    is_add: bool,
}

impl Reader<'_> {
    pub(super) fn transfer(
        &mut self,
        current: &mut Current,
        transfer: &Transfer,
        is_add: bool,
    ) -> Result<(), String> {
        let word = |text: &str| self.word(current, text);
        let some = |text: &str| (!text.is_empty()).then(|| word(text)).transpose();
        let sources: Vec<Template> = transfer
            .sources
            .iter()
            .map(|source| word(source))
            .collect::<Result<_, _>>()?;
        let inline: Vec<(String, Template)> = transfer
            .inline
            .iter()
            .map(|file| {
                let content = if file.expand {
                    self.text(current, &file.content)?
                } else {
                    Template::text(file.content.as_str())
                };
                Ok((file.name.clone(), content))
            })
            .collect::<Result<_, String>>()?;
        let job = Job {
            from: self.source(&transfer.from, current)?,
            destination: word(&transfer.destination)?,
            owner: some(&transfer.owner)?,
            mode: some(&transfer.mode)?,
            exclude: transfer
                .exclude
                .iter()
                .map(|pattern| Ok(Template::text(pattern.as_str())))
                .collect::<Result<_, String>>()?,
            parents: transfer.parents,
            unpack: transfer.unpack,
            is_add,
        };
        let checksum = some(&transfer.checksum)?;
        let several = sources.len() + inline.len() > 1;
        let mut local = Vec::new();
        for source in sources {
            match remote(&source, is_add)? {
                None => local.push(source),
                Some(Remote::Http) => fetch(current, &job, source, checksum.clone()),
                Some(Remote::Git(reference)) => {
                    let checksum = checksum.as_ref().and_then(Template::constant);
                    git(current, &job, reference, checksum, transfer.keep_git_dir)?;
                }
            }
        }
        if !local.is_empty() {
            self.copy(current, &job, local, several)?;
        }
        for (name, content) in inline {
            write(current, &job, &name, content, several);
        }
        Ok(())
    }

    /// Adds the copies of paths: a single step if possible.
    fn copy(
        &mut self,
        current: &mut Current,
        job: &Job,
        sources: Vec<Template>,
        several: bool,
    ) -> Result<(), String> {
        let archives = |source: &Template| {
            let end = source.end();
            ARCHIVES.iter().any(|suffix| end.ends_with(suffix))
        };
        let unpacks = |source: &Template| match job.unpack {
            Some(unpack) => unpack,
            None => job.is_add && archives(source),
        };
        let (unpacked, plain): (Vec<Template>, Vec<Template>) =
            sources.into_iter().partition(unpacks);
        if !unpacked.is_empty() {
            let (to, _) = place(current, &job.destination, true);
            let paths = unpacked
                .iter()
                .map(|path| normal(path, &job.from))
                .collect();
            let copy = Copy {
                unpack: true,
                ..job.copy(paths, to)
            };
            current.step(Action::Copy(copy));
        }
        if plain.is_empty() {
            return Ok(());
        }
        if job.parents {
            return with_parents(current, job, &plain);
        }
        let is_directory = is_directory(&job.destination) || several;
        let mut note = None;
        let mut optional = false;
        let mut follow = false;
        let mut becomes_directory = false;
        let mut paths = Vec::new();
        for source in &plain {
            let path = normal(source, &job.from);
            let Some(text) = path.constant().map(str::to_owned) else {
                paths.push(path);
                continue;
            };
            follow |= self.may_be_link(job, &text);
            if text == "." || text == "/" {
                paths.push(path);
                continue;
            }
            if paths::is_pattern(&text) {
                let (matched, may_be_none) = self.matches(job, &text, &mut note);
                optional |= may_be_none;
                paths.extend(matched);
                continue;
            }
            if !is_directory {
                // A certain directory: copies its content, so that its own mode isn't copied, as with `COPY`. An explicit mode
                // also applies to the new directory.
                if job.mode.is_none() && self.is_surely_directory(job, &text, source) {
                    becomes_directory = true;
                    paths.push(Template::text(format!("{}/", text.trim_end_matches('/'))));
                } else {
                    paths.push(path);
                }
                continue;
            }
            let kind = self.kind(job, &text, source);
            match kind {
                Some(Kind::Directory) => paths.push(Template::text(format!("{text}/"))),
                Some(Kind::File | Kind::Link) => paths.push(path),
                None if plain.len() == 1 && workdir_of(current, &job.destination).is_some() => {
                    // With the directory's own name, both a file and the content of a directory are copied into it.
                    let copy = Copy {
                        follow,
                        ..job.copy(vec![path], workdir_of(current, &job.destination))
                    };
                    current.step(Action::Copy(copy));
                    return Ok(());
                }
                None => {
                    note = Some(format!(
                        "`{text}` is taken for a file; of a directory, `{text}/` is the content"
                    ));
                    paths.push(path);
                }
            }
        }
        let is_directory = is_directory || becomes_directory;
        let (to, _) = place(current, &job.destination, is_directory);
        let to = shortened(to, &paths, current, is_directory);
        let copy = Copy {
            follow,
            optional,
            ..job.copy(paths, to)
        };
        current.step(Action::Copy(copy));
        if let Some(note) = note
            && let Some(step) = current.stage.steps.last_mut()
        {
            step.note(&note);
        }
        Ok(())
    }

    /// Returns the kind of a path, as far as it is known.
    fn kind(&self, job: &Job, text: &str, written: &Template) -> Option<Kind> {
        if written.end().ends_with('/') {
            return Some(Kind::Directory);
        }
        match &job.from {
            Source::Context => match self.kinds.of_context(text).as_deref() {
                Some([(_, kind @ (Kind::File | Kind::Directory))]) => Some(*kind),
                _ => Kinds::guess(text),
            },
            Source::Stage(index) => {
                if let Some(kind) = self.made(*index, text) {
                    return Some(kind);
                }
                let end = self.stages[*index]
                    .end
                    .workdir
                    .as_ref()
                    .and_then(Template::constant);
                if end == Some(text.trim_end_matches('/')) {
                    return Some(Kind::Directory);
                }
                Kinds::guess(text)
            }
            Source::Image(_) => Kinds::guess(text),
        }
    }

    /// Reports whether a path is certainly a directory.
    fn is_surely_directory(&self, job: &Job, text: &str, written: &Template) -> bool {
        if written.end().ends_with('/') {
            return true;
        }
        let of_context = |path: &str| {
            matches!(
                self.kinds.of_context(path).as_deref(),
                Some([(_, Kind::Directory)])
            )
        };
        match &job.from {
            Source::Context => of_context(text),
            Source::Stage(index) => match self.made(*index, text) {
                Some(kind) => kind == Kind::Directory,
                None => self
                    .copied_from_context(*index, text)
                    .is_some_and(|path| of_context(&path)),
            },
            Source::Image(_) => false,
        }
    }

    /// Returns the context path of a path in a stage, if the stage has copied the whole context.
    fn copied_from_context(&self, index: usize, path: &str) -> Option<String> {
        let steps = self.stages[index].steps.iter().rev();
        let mut places = steps.filter_map(|step| {
            let Action::Copy(copy) = &step.action else {
                return None;
            };
            let is_all = copy.from == Source::Context
                && copy.paths.iter().any(|path| path.constant() == Some("."));
            let to = copy.to.as_ref().or(step.at.workdir.as_ref())?;
            let below = path.strip_prefix(to.constant()?.trim_end_matches('/'))?;
            let below = below.strip_prefix('/')?;
            (is_all && !below.is_empty()).then(|| below.to_owned())
        });
        places.next()
    }

    /// Returns what a script of a stage or of one of its bases creates at a path.
    fn made(&self, index: usize, path: &str) -> Option<Kind> {
        let mut next = Some(index);
        // A chain may be long, and its last stages usually create the files.
        for _ in 0..20 {
            let index = next?;
            if let Some(kind) = self.kinds.made(index, path) {
                return Some(kind);
            }
            next = match self.stages[index].from {
                From::Stage(base) => Some(base),
                From::Scratch | From::Image(_) => None,
            };
        }
        None
    }

    /// Reports whether a path may be a symbolic link, which `COPY` follows and `copy` doesn't.
    fn may_be_link(&self, job: &Job, text: &str) -> bool {
        match &job.from {
            Source::Context => {
                let found = self.kinds.of_context(text).unwrap_or_default();
                found.iter().any(|(_, kind)| *kind == Kind::Link)
            }
            Source::Stage(index) if self.made(*index, text).is_some() => {
                self.made(*index, text) == Some(Kind::Link)
            }
            _ => !text.ends_with('/') && LINKED.iter().any(|start| text.starts_with(start)),
        }
    }

    /// Returns the paths for a pattern, and whether it may match nothing, which is not an error for `COPY`.
    fn matches(&self, job: &Job, text: &str, note: &mut Option<String>) -> (Vec<Template>, bool) {
        let as_written = vec![Template::text(text)];
        let found = if job.from == Source::Context {
            self.kinds.of_context(text)
        } else {
            None
        };
        let Some(found) = found else {
            let name = paths::name(text);
            let is_of_files = Kinds::guess(text) == Some(Kind::File);
            if !is_of_files {
                *note = Some(format!(
                    "directories that `{text}` matches keep their names here, while `COPY` takes only their content"
                ));
            }
            // `yarn.lock*`: for a file that may be missing.
            let may_be_none = name.ends_with('*')
                && !name.trim_end_matches('*').is_empty()
                && is_of_files
                && !name.ends_with(".*");
            return (as_written, may_be_none);
        };
        if found.iter().all(|(_, kind)| *kind != Kind::Directory) {
            let none = found.is_empty();
            return (as_written, none);
        }
        let named = found.into_iter().map(|(path, kind)| match kind {
            Kind::Directory => Template::text(format!("{path}/")),
            Kind::File | Kind::Link => Template::text(path),
        });
        *note = Some(format!(
            "what `{text}` matches, by name: `COPY` takes only the content of directories"
        ));
        (named.collect(), false)
    }
}

impl Job {
    fn copy(&self, paths: Vec<Template>, to: Option<Template>) -> Copy {
        Copy {
            from: self.from.clone(),
            paths,
            to,
            exclude: self.exclude.clone(),
            parents: false,
            owner: self.owner.clone(),
            mode: self.mode.clone(),
            follow: false,
            optional: false,
            unpack: false,
            keeps_times: false,
        }
    }
}

/// Copies each path with its parent directories.
fn with_parents(current: &mut Current, job: &Job, sources: &[Template]) -> Result<(), String> {
    let (to, _) = place(current, &job.destination, true);
    let mut plain = Vec::new();
    for source in sources {
        let pivot = source.constant().and_then(|text| text.split_once("/./"));
        let Some((before, behind)) =
            pivot.filter(|(before, _)| !before.trim_matches(['.', '/']).is_empty())
        else {
            plain.push(normal(source, &job.from));
            continue;
        };
        if paths::is_pattern(before) || paths::is_pattern(behind) {
            return Err(format!(
                "`{}`: a pattern whose directories are kept from the middle on has no counterpart; copy each path to its own place",
                source.written()
            ));
        }
        // The part after `/./` is created at the destination.
        let path = paths::tidied(&format!("{before}/{behind}"));
        let inner = paths::tidied(behind);
        let directory = to.clone().unwrap_or_default();
        let to = paths::joined(Some(&directory), &Template::text(inner.clone()));
        let to = if to.start().is_empty() {
            Template::text(inner)
        } else {
            to
        };
        current.step(Action::Copy(
            job.copy(vec![normal(&Template::text(path), &job.from)], Some(to)),
        ));
    }
    if !plain.is_empty() {
        let copy = Copy {
            parents: true,
            ..job.copy(plain, to)
        };
        current.step(Action::Copy(copy));
    }
    Ok(())
}

/// Formats a path as in a Stagefile: relative to the context, or from the root of a stage.
fn normal(path: &Template, from: &Source) -> Template {
    let Some(text) = path.constant() else {
        let start = path.start();
        let stripped = if *from == Source::Context {
            start.trim_start_matches("./").trim_start_matches('/')
        } else {
            start
        };
        let mut normal = Template::text(stripped);
        normal.push_template(&path.without_start(start.len()));
        if *from != Source::Context && !normal.start().starts_with('/') && !start.is_empty() {
            let mut absolute = Template::text("/");
            absolute.push_template(&normal);
            return absolute;
        }
        return normal;
    };
    let tidied = paths::tidied(text);
    match from {
        Source::Context => Template::text(tidied),
        _ if tidied == "." => Template::text("/"),
        _ => Template::text(format!("/{tidied}")),
    }
}

/// Writes a file whose content is in the Dockerfile.
fn write(current: &mut Current, job: &Job, name: &str, content: Template, several: bool) {
    let into = is_directory(&job.destination) || several;
    let (to, _) = place(current, &job.destination, into);
    let mut path = to.unwrap_or_default();
    if into {
        path.push_str(name);
    }
    let write = Write {
        path,
        content,
        owner: job.owner.clone(),
        mode: job.mode.clone(),
    };
    current.step(Action::Write(write));
}
