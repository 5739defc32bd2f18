//! Projects without a Stagefile: if the client names a manifest, such as go.mod, a Stagefile is generated from it and from some
//! files of the build context, and built instead.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use buildkit_gateway::context::{Contexts, Entrypoint};
use buildkit_gateway::ignore::IgnoreFile;
use buildkit_gateway::{Client, Error, Failure, FileKind, Options, Ref, SolveRequest, Warning};
use buildkit_llb::MarshalOptions;
use futures_util::future::try_join_all;
use stagefile_language::program::Unread;
use stagefile_projects::{
    Answer, Entry, Files, Generated, Help, MAX_FILES, Manifest, Project, UNSEARCHED, most_bytes,
    places,
};

use stagefile_text::pattern::Pattern;

use super::mistakes;
use crate::tools::init::{self, FRONTEND, Hidden, IGNORE_FILE, MAX_LOOKS, made_of};

/// How to continue with a generated Stagefile.
const TAKE_OVER: &str = "what `docker buildx build --call init` with the same options prints; to go on from there, write that to a file";

/// A Stagefile generated from a manifest.
pub(super) struct GeneratedFile {
    /// The Stagefile.
    pub(super) file: Entrypoint,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
}

impl GeneratedFile {
    /// Explains the lines shown in errors.
    pub(super) fn explanation(&self) -> String {
        format!("the {} is {TAKE_OVER}", self.file.filename())
    }

    /// Sends the notes as warnings.
    pub(super) async fn warn(&self, contexts: &Contexts) {
        for note in &self.notes {
            // Failing to send a note doesn't end a build.
            _ = contexts.warn(&self.file, Warning::new(note)).await;
        }
    }
}

/// Reports whether the client named a manifest.
pub(super) fn is_manifest(file: &Entrypoint) -> bool {
    Manifest::from_path(file.filename()).is_some()
}

/// Generates a Stagefile from a manifest.
pub(super) async fn make(
    client: &Client,
    options: &Options,
    contexts: &Contexts,
    file: Entrypoint,
) -> Result<GeneratedFile, Failure> {
    let text = String::from_utf8_lossy(file.text()).into_owned();
    let looking = Looking::new(client, contexts, &file).await?;
    let (path, generated, files) = looking.generate(options, file.filename(), &text).await?;
    let has_ignore_file = file.ignore_file().is_some() || files.text(IGNORE_FILE).is_some();
    let mut notes: Vec<String> = generated.notes.iter().map(Help::of_manifest).collect();
    let ignore_file = (!has_ignore_file && contexts.is_directory()).then(|| {
        notes.push(format!(
            "there is no {IGNORE_FILE}: not sent are {}",
            generated.ignored.join(", ")
        ));
        let patterns = generated.ignored.join("\n");
        IgnoreFile::read(format!("(no {IGNORE_FILE})"), patterns.as_bytes())
    });
    let name = made_of(&path);
    Ok(GeneratedFile {
        file: file.made_into(&name, generated.text, ignore_file),
        notes,
    })
}

/// Generates a Stagefile for the only project in a directory of the context. The second value has notes for the user.
pub(super) async fn of_folder(
    client: &Client,
    contexts: &Contexts,
    folder: &str,
    args: &BTreeMap<String, String>,
    file: &Entrypoint,
) -> Result<Result<(String, Vec<String>), Unread>, Failure> {
    let looking = Looking::new(client, contexts, file).await?;
    let mut files = Files::default();
    for _ in 0..=MAX_LOOKS {
        let answer = stagefile_projects::generate_for(folder, &files, args, FRONTEND);
        let answer = match answer {
            Ok(answer) => answer,
            Err(mut refusal) => {
                if let Some(hidden) = looking.hidden.describe() {
                    refusal.message = format!("{}; {hidden}", refusal.message);
                }
                return Ok(Err(init::unread(refusal)));
            }
        };
        match answer {
            Answer::Generated(generated) => {
                let mut notes: Vec<String> = generated.notes.iter().map(Help::of_stage).collect();
                let has_one = file.ignore_file().is_some() || files.text(IGNORE_FILE).is_some();
                if contexts.is_directory() && !has_one {
                    notes.push(format!(
                        "there is no {IGNORE_FILE}, so that all files are sent; it could leave out {}",
                        generated.ignored.join(", ")
                    ));
                }
                return Ok(Ok((generated.text, notes)));
            }
            Answer::Look(patterns) => looking.look(patterns, &mut files).await?,
        }
    }
    Err(Failure::new("there is no end of files that decide"))
}

/// Inspection of the build context.
struct Looking<'a> {
    client: &'a Client,
    contexts: &'a Contexts,
    hidden: Hidden,
}

impl<'a> Looking<'a> {
    /// Inspects the context like a build of a file: what its ignore file excludes doesn't exist.
    async fn new(
        client: &'a Client,
        contexts: &'a Contexts,
        file: &Entrypoint,
    ) -> Result<Self, Failure> {
        let files = contexts.own_main(file).await?;
        let ignore_file = files.ignore_file().cloned();
        Ok(Self {
            client,
            contexts,
            hidden: Hidden::by(ignore_file.unwrap_or_default()),
        })
    }
}

impl Looking<'_> {
    /// Generates a Stagefile by the rules, with all files that they request.
    async fn generate(
        &self,
        options: &Options,
        name: &str,
        text: &str,
    ) -> Result<(String, Generated, Files), Failure> {
        let base = name.rsplit('/').next().unwrap_or(name);
        let mut files = Files::default();
        let candidates = candidates(options, name, base);
        let mut path = candidates[0].clone();
        let mut is_found = false;
        for _ in 0..MAX_LOOKS {
            let project = Project {
                path: &path,
                text,
                files: &files,
                args: &options.build_args,
                frontend: options.frontend.image.as_deref().unwrap_or(FRONTEND),
            };
            let mut patterns = match stagefile_projects::generate(&project) {
                Ok(Answer::Generated(generated)) if is_found => {
                    return Ok((path, generated, files));
                }
                // In spite of other mistakes, only the name matters here.
                Err(mistake) if is_found || Manifest::names().all(|known| known != base) => {
                    let mistake = match self.hidden.describe() {
                        Some(hidden) => mistake.help(hidden),
                        None => mistake,
                    };
                    let (sources, found) = init::report(&mistake);
                    return Err(mistakes::failure(&sources, &found));
                }
                Ok(Answer::Look(patterns)) => patterns,
                _ => Vec::new(),
            };
            if is_found {
                self.look(patterns, &mut files).await?;
                continue;
            }
            patterns.extend(candidates.iter().cloned());
            self.look(patterns, &mut files).await?;
            let is_it = |path: &&String| files.text(path) == Some(text);
            path = match candidates.iter().find(is_it) {
                Some(path) => path.clone(),
                None => self.search(base, text, &mut files).await?,
            };
            is_found = true;
        }
        Err(Failure::new(format!(
            "{path}: there is no end of files that decide"
        )))
    }

    /// Finds the manifest in the context, if the client has named the file but not its directory.
    async fn search(&self, base: &str, text: &str, files: &mut Files) -> Result<String, Failure> {
        self.look(places(base), files).await?;
        let found: Vec<&str> = files
            .paths_of(base)
            .filter(|path| files.text(path) == Some(text))
            .collect();
        match found[..] {
            [path] => Ok(path.to_owned()),
            [] => Err(Failure::new(format!(
                "{base} is not in the build context: build with its folder, or one above it, as the context"
            ))),
            _ => Err(Failure::new(format!(
                "several folders have this {base}: {}; build with the one that is meant as the context",
                found.join(", ")
            ))),
        }
    }

    /// Searches for patterns, and reads the relevant parts of the matches.
    async fn look(&self, patterns: Vec<String>, files: &mut Files) -> Result<(), Failure> {
        let state = self
            .contexts
            .main_files(&patterns, &UNSEARCHED, "look at the project");
        let definition = state.marshal(&MarshalOptions::new());
        let solved = self
            .client
            .solve(SolveRequest::definition(&definition))
            .await?;
        if let Some(root) = solved.single_reference() {
            let wanted: Vec<_> = patterns
                .iter()
                .map(|pattern| Wanted::new(pattern))
                .collect();
            let mut found = walk(root, &wanted).await?;
            found.retain(|(path, _)| self.hidden.shows(path));
            let texts = found.iter().map(|(path, is_directory)| async move {
                if *is_directory {
                    return Ok(Some(Entry::Directory));
                }
                match root.read_file_range(path, 0, most_bytes(path)).await {
                    Ok(bytes) => Ok(Some(Entry::File(init::head(path, &bytes)))),
                    // A link without a target, or to a directory.
                    Err(Error::Daemon(_)) => Ok(None),
                    Err(error) => Err(error),
                }
            });
            let texts = try_join_all(texts).await?;
            for ((path, _), entry) in found.into_iter().zip(texts) {
                if let Some(entry) = entry {
                    files.add(path, entry);
                }
            }
        }
        files.asked(patterns);
        Ok(())
    }
}

/// A pattern, split into names.
struct Wanted<'a> {
    names: Vec<(&'a str, Pattern)>,
}

impl<'a> Wanted<'a> {
    fn new(pattern: &'a str) -> Self {
        let names = pattern
            .split('/')
            .map(|name| (name, Pattern::of_copy(name)));
        Self {
            names: names.collect(),
        }
    }

    /// Reports whether a path matches, or is a parent of possible matches.
    fn matches(&self, path: &str) -> Option<Match> {
        let names: Vec<&str> = path.split('/').collect();
        let agree = self
            .names
            .iter()
            .zip(&names)
            .all(|((_, pattern), name)| pattern.matches(name));
        match self.names.len().cmp(&names.len()) {
            Ordering::Equal if agree => Some(Match::Whole),
            Ordering::Greater if agree => Some(Match::Way),
            _ => None,
        }
    }
}

/// How a path matches a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Whole,
    Way,
}

/// Returns the matching files and directories: the directories of each level are read concurrently, and each once. The second
/// value distinguishes directories from files.
async fn walk(root: &Ref, wanted: &[Wanted<'_>]) -> Result<Vec<(String, bool)>, Failure> {
    let mut found = Vec::new();
    let mut directories = vec![String::new()];
    while !directories.is_empty() && found.len() < MAX_FILES {
        let listings = directories.iter().map(|directory| async move {
            match root.read_dir(&format!("/{directory}"), "").await {
                // A directory that can't be read has no matches.
                Err(Error::Daemon(_)) => Ok(Vec::new()),
                listing => listing,
            }
        });
        let listings = try_join_all(listings).await?;
        let mut below = Vec::new();
        for (directory, listing) in directories.iter().zip(listings) {
            for stat in listing {
                let path = match directory.as_str() {
                    "" => stat.path.clone(),
                    directory => format!("{directory}/{}", stat.path),
                };
                let matches: Vec<Match> =
                    wanted.iter().filter_map(|one| one.matches(&path)).collect();
                let is_directory = stat.is_directory();
                let is_readable =
                    is_directory || matches!(stat.kind, FileKind::Regular | FileKind::Symlink);
                if matches.contains(&Match::Whole) && is_readable {
                    found.push((path.clone(), is_directory));
                }
                // A link may point to a directory.
                let may_lead = is_directory || stat.kind == FileKind::Symlink;
                if matches.contains(&Match::Way) && may_lead && below.len() < MAX_FILES {
                    below.push(path);
                }
            }
        }
        directories = below;
    }
    found.truncate(MAX_FILES);
    Ok(found)
}

/// Returns the possible paths of the file in the context, the most likely first. For a directory, clients send only the file's
/// name; they also send its directory if both are in the same repository.
pub(super) fn candidates(options: &Options, name: &str, base: &str) -> Vec<String> {
    let mut candidates = Vec::new();
    let directory = |key: &str| {
        let path = options.raw().get(key)?;
        let parts = path
            .split(['/', '\\'])
            .filter(|part| !matches!(*part, "" | "."));
        Some(parts.collect::<Vec<_>>().join("/"))
    };
    let both = directory("vcs:localdir:dockerfile").zip(directory("vcs:localdir:context"));
    if let Some((file, context)) = both {
        let below = match file.strip_prefix(context.as_str()) {
            Some(below) if context.is_empty() || below.is_empty() || below.starts_with('/') => {
                below
            }
            _ => "",
        };
        candidates.push(format!("{}/{base}", below.trim_matches('/')));
    }
    candidates.push(name.trim_start_matches("./").to_owned());
    candidates.push(base.to_owned());
    let candidates = candidates
        .into_iter()
        .map(|path| path.trim_start_matches('/').to_owned());
    let mut distinct: Vec<String> = Vec::new();
    for path in candidates {
        if !distinct.contains(&path) {
            distinct.push(path);
        }
    }
    distinct
}

#[cfg(test)]
mod tests;
