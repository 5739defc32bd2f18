//! `diff`: the steps that differ between two graphs.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use super::command::Form;
use super::compile::compile_telling;
use super::dockerfile::status;
use super::file::{File, Setting};
use super::print_answer;
use crate::error::{AnyError, ResultExt as _};
use crate::tools::diff::compare;
use crate::tools::graph::{CONTEXT, Model};
use crate::tools::reading;

/// The name of Stagefiles in graphs that are compared.
const NAME: &str = "Stagefile";

/// What is compared.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Two files, or graphs: what `stagefile llb`, `buildctl debug dump-llb` or a provenance with LLB has; one file with `--git`
    /// or `--targets`
    #[arg(required = true, num_args = 1..=2)]
    paths: Vec<PathBuf>,
    /// Compare the file, with all that it builds, at two revisions
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with = "targets")]
    git: Vec<String>,
    /// Compare two targets of a file
    #[arg(long, num_args = 2, value_names = ["ONE", "TWO"], conflicts_with = "target")]
    targets: Vec<String>,
    #[command(flatten)]
    setting: Setting,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Compares two graphs. The exit status says whether they differ.
pub(super) fn diff(arguments: &Arguments) -> Result<ExitCode, AnyError> {
    let is_twice = !arguments.git.is_empty() || !arguments.targets.is_empty();
    let inputs = arguments.paths.iter().filter(|path| is_input(path));
    if inputs.count() > usize::from(!is_twice) {
        return Err("standard input can be read once, and is in no revision: name a file".into());
    }
    let models = match (
        arguments.paths.as_slice(),
        &arguments.git[..],
        &arguments.targets[..],
    ) {
        ([file], [old, new], []) => revisions(arguments, file, old, new)?,
        ([file], [], [one, two]) => {
            let model = |target: &String| {
                let target = Some(target.clone());
                let setting = arguments.setting.clone();
                model(file, Setting { target, ..setting })
            };
            pair_of(model(one)?, || model(two))?
        }
        ([old, new], [], []) => {
            let model = |path: &PathBuf| model(path, arguments.setting.clone());
            pair_of(model(old)?, || model(new))?
        }
        ([_], ..) => {
            return Err("compare it with what? Name a second file, or use `--git OLD NEW` or `--targets ONE TWO`".into());
        }
        _ => return Err("`--git` and `--targets` compare one file".into()),
    };
    let Some((old, new)) = models else {
        return Ok(ExitCode::from(2));
    };
    let difference = compare(&old, &new);
    print_answer(
        Some((difference.json(), difference.text())),
        arguments.format,
    )?;
    Ok(status(difference.is_none()))
}

/// Creates the second of two models, if there is a first one.
fn pair_of(
    old: Option<Model>,
    new: impl FnOnce() -> Result<Option<Model>, AnyError>,
) -> Result<Option<(Model, Model)>, AnyError> {
    let Some(old) = old else {
        return Ok(None);
    };
    Ok(new()?.map(|new| (old, new)))
}

fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads a graph, or compiles a file; `None` if the file has mistakes, which are reported.
fn model(path: &Path, setting: Setting) -> Result<Option<Model>, AnyError> {
    if path.is_file() {
        let bytes = reading::read(path, Path::new("."));
        let bytes = bytes.or_message(|| format!("can't read {}", path.display()))?;
        if let Some(model) = Model::saved(&bytes) {
            return Ok(Some(model));
        }
    }
    let file = File {
        setting,
        ..File::of_path(path.to_owned())
    };
    // The name of a file is part of some messages in the graph, and must not be a difference.
    let file = File {
        name: Some(NAME),
        ..file.located()
    };
    let Some(definition) = compile_telling(&file, false)? else {
        return Ok(None);
    };
    let mut model = Model::from_definition(&definition)?;
    let own = model.files.iter_mut().filter(|(name, _)| name == NAME);
    own.for_each(|(name, _)| *name = file.path.display().to_string());
    Ok(Some(model))
}

/// Compiles a file in two revisions, each with the files of that revision.
fn revisions(
    arguments: &Arguments,
    file: &Path,
    old: &str,
    new: &str,
) -> Result<Option<(Model, Model)>, AnyError> {
    let mut setting = arguments.setting.clone();
    let home = env::current_dir()?;
    let top = git(&["rev-parse", "--show-toplevel"], &[])?;
    let top = PathBuf::from(top.trim_end_matches('\n'));
    let prefix = git(&["rev-parse", "--show-prefix"], &[])?;
    let prefix = Path::new(prefix.trim_end_matches('\n'));
    let inside = |path: &Path| inside(path, &home, &top, prefix);
    let named = setting.context.take();
    setting.context = named.as_deref().map(inside).transpose()?;
    let beside = if file.is_dir() { file } else { Path::new(".") };
    let changed = changed(named.as_deref().unwrap_or(beside), old, new)?;
    let file = inside(file)?;
    // Files that replace external ones aren't part of a revision.
    for (_, path) in setting.import.iter_mut().chain(&mut setting.image_config) {
        *path = home.join(&path).to_string_lossy().into_owned();
    }
    let model = |revision: &str, side: usize| {
        let tree = Tree::check_out(revision)?;
        // Messages contain the names that the user knows.
        let beside = tree.path.join("tree").join(prefix);
        env::set_current_dir(&beside)
            .or_message(|| format!("this directory isn't in {revision}"))?;
        let model = model(&file, setting.clone());
        env::set_current_dir(&home)?;
        let mut model = model?;
        if let Some(model) = &mut model {
            let files = changed
                .iter()
                .map(|(name, sides)| (name.as_str(), sides[side].as_str()));
            model.note_files(CONTEXT, &files.collect());
        }
        Ok(model)
    };
    pair_of(model(old, 0)?, || model(new, 1))
}

/// Returns a path relative to the repository, given relative to the current directory, so that it refers to the same file in a
/// revision.
fn inside(path: &Path, home: &Path, top: &Path, prefix: &Path) -> Result<PathBuf, AnyError> {
    let mut whole = PathBuf::new();
    for part in home.join(path).components() {
        match part {
            Component::ParentDir => _ = whole.pop(),
            part => whole.push(part),
        }
    }
    // The path of the repository may contain links.
    let mut above = whole.ancestors().skip(1);
    let real = above.find_map(|above| {
        let rest = whole.strip_prefix(above).ok()?;
        Some(above.canonicalize().ok()?.join(rest))
    });
    let whole = real.unwrap_or(whole);
    let Ok(rest) = whole.strip_prefix(top) else {
        let (path, top) = (path.display(), top.display());
        return Err(format!("{path} isn't in the repository {top}, and so in no revision").into());
    };
    let shared = prefix.components().zip(rest.components());
    let shared = shared.take_while(|(one, other)| one == other).count();
    let up = prefix
        .components()
        .skip(shared)
        .map(|_| Component::ParentDir);
    let seen: PathBuf = up.chain(rest.components().skip(shared)).collect();
    Ok(if seen.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        seen
    })
}

/// Returns the files of a directory that differ between two revisions, with both versions.
fn changed(
    directory: &Path,
    old: &str,
    new: &str,
) -> Result<BTreeMap<String, [String; 2]>, AnyError> {
    let directory = directory.to_string_lossy();
    let raw = git(
        &[
            "-C",
            &directory,
            "diff",
            "--raw",
            "-z",
            "--no-renames",
            "--relative",
            "--end-of-options",
            old,
            new,
            "--",
        ],
        &[],
    )?;
    let mut parts = raw.split('\0');
    let mut changed = BTreeMap::new();
    while let (Some(about), Some(name)) = (parts.next(), parts.next()) {
        let words: Vec<&str> = about.trim_start_matches(':').split(' ').collect();
        if let [old_mode, new_mode, old, new, ..] = words.as_slice() {
            let say = |mode: &str, blob: &str| {
                if mode.bytes().all(|byte| byte == b'0') {
                    String::new()
                } else {
                    format!("{blob} ({mode})")
                }
            };
            changed.insert(name.to_owned(), [say(old_mode, old), say(new_mode, new)]);
        }
    }
    Ok(changed)
}

/// The files of a revision, which are removed when this is dropped.
struct Tree {
    path: PathBuf,
}

impl Tree {
    fn check_out(revision: &str) -> Result<Self, AnyError> {
        let commit = git(
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &format!("{revision}^{{tree}}"),
            ],
            &[],
        );
        let commit = commit.or_message(|| format!("there is no revision `{revision}`"))?;
        // The name is unique to this process: an existing directory belongs to someone else.
        let name = format!(
            "stagefile-{}-{}",
            std::process::id(),
            &commit[..7.min(commit.len())]
        );
        let tree = Self {
            path: env::temp_dir().join(name),
        };
        DirBuilder::new().mode(0o700).create(&tree.path)?;
        let index = tree.path.join("index");
        let index = [
            ("GIT_INDEX_FILE", index.as_path()),
            ("GIT_LFS_SKIP_SMUDGE", Path::new("1")),
        ];
        let top = git(&["rev-parse", "--show-toplevel"], &[])?;
        let top = top.trim_end_matches('\n');
        git(&["-C", top, "read-tree", commit.trim()], &index)?;
        let prefix = format!("--prefix={}/tree/", tree.path.display());
        git(
            &["-C", top, "checkout-index", "--all", "--quiet", &prefix],
            &index,
        )?;
        Ok(tree)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What remains is a temporary file.
        _ = fs::remove_dir_all(&self.path);
    }
}

fn git(arguments: &[&str], variables: &[(&str, &Path)]) -> Result<String, AnyError> {
    let output = Command::new("git")
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .or_message(|| "can't start git".to_owned())?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("git: {}", reason.trim_end()).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
