//! A local directory that will be the build context.

use std::path::{Path, PathBuf};

use buildkit_gateway::ignore::IgnoreFile;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{MAX_MATCHES, Plan, Source};

use crate::context::{Examination, Ignored, Listing};
use crate::error::{AnyError, ResultExt as _};
use crate::tools::reading::{self, Unreadable};

/// Directories that contexts often contain, but builds rarely need.
const NEEDLESS: [&str; 8] = [
    ".git",
    ".gradle",
    ".idea",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
    "target",
];

/// A directory that is a build context.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    ignore_file: IgnoreFile,
}

impl Folder {
    /// Opens a directory as the context of a Stagefile.
    pub fn open(root: &Path, stagefile: &Path) -> Result<Self, AnyError> {
        let ignore_file = ignore_file(root, stagefile)?;
        let ignore_file = ignore_file.map(|(path, bytes)| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            IgnoreFile::read(name.to_string_lossy(), &bytes)
        });
        Ok(Self {
            root: root.to_owned(),
            ignore_file: ignore_file.unwrap_or_default(),
        })
    }

    /// Reports whether anything that is used exists.
    fn has_some(&self, examination: &Examination<'_>) -> bool {
        let look = examination.look(Some(&self.ignore_file));
        look.is_some_and(|look| {
            examination.finds_some(&Listing::of_directory(&self.root, &look.paths))
        })
    }

    /// Reports what the wanted stages of a plan use and what is ignored or missing.
    pub fn check(&self, plan: &Plan, found: &mut Diagnostics) {
        self.examine(Examination::new(plan), found);
    }

    /// Reports what is used and what is ignored or missing.
    pub fn examine(&self, mut examination: Examination<'_>, found: &mut Diagnostics) {
        let file = Some(&self.ignore_file);
        examination.ignore(&self.ignore_file, found);
        if self.ignore_file.lines.is_empty() {
            let needless = NEEDLESS.iter().copied();
            let needless: Vec<&str> = needless
                .filter(|name| self.root.join(name).is_dir())
                .collect();
            examination.check_whole(&needless, found);
        }
        let Some(look) = examination.look(file) else {
            return;
        };
        let mut listing = Listing::of_directory(&self.root, &look.paths);
        while let Some(look) = examination.compare(&listing, file) {
            listing.extend(Listing::of_directory(&self.root, &look.paths));
        }
        examination.report(&listing, false, found);
    }
}

/// Reports what is ignored or missing, in the first of several directories that contains anything that a file uses: only the
/// build command determines which directory is the context.
pub fn examine_first<'d>(
    directories: impl IntoIterator<Item = &'d Path>,
    file: &Path,
    examination: Examination<'_>,
    found: &mut Diagnostics,
) -> Result<(), AnyError> {
    for directory in directories {
        let folder = Folder::open(directory, file)?;
        if folder.has_some(&examination) {
            folder.examine(examination, found);
            break;
        }
    }
    Ok(())
}

impl Folder {
    /// Replaces binds of patterns with binds of their matches in the directory.
    pub fn place_binds(&self, plan: &mut Plan, found: &mut Diagnostics) {
        let bound = plan.bound_patterns().into_iter();
        let bound = bound.filter(|one| one.source == Source::MainContext);
        let ignored = Ignored::new(&self.ignore_file);
        let matches: Vec<_> = bound
            .map(|one| {
                let pattern = std::slice::from_ref(&one.pattern);
                let listing = Listing::of_directory(&self.root, pattern);
                let paths = listing.matches(&one.pattern);
                let paths = paths.filter(|path| ignored.excludes(path).is_none());
                let paths = paths.map(str::to_owned).take(MAX_MATCHES + 1).collect();
                (one, paths)
            })
            .collect();
        plan.place_matches(&matches, found);
    }
}

/// Reads the ignore file: the one next to the Stagefile, or that of the context.
pub fn ignore_file(root: &Path, stagefile: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, AnyError> {
    let mut own = stagefile.to_owned().into_os_string();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), root.join(".dockerignore")] {
        match reading::read(&path, root) {
            Ok(bytes) => return Ok(Some((path, bytes))),
            Err(Unreadable::Missing) => {}
            Err(error) => {
                return Err(error).or_message(|| format!("can't read {}", path.display()));
            }
        }
    }
    Ok(None)
}
