//! Tests of `--call convert`: builds Dockerfiles and the resulting Stagefiles on the same daemon. Docker's own frontend
//! and this one make the same files and the same config.
//!
//! `convert/` has a folder for each, with its build context. `CONVERT_FOLDERS` names more such folders, separated by
//! `:`, whose Dockerfiles may also be called `NAME.Dockerfile`; those that Docker can't build here are left out.
//! `CONVERT_OPTIONS` has options for all their builds, separated by blanks, such as `--build-context` for images that
//! aren't available here.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stagefile_tests::{Build, Entry, Files, frontend};
use tempfile::TempDir;

/// Files that package managers write differently each time, and that templates of the standard library remove.
const LOGS: [&str; 6] = [
    "var/log/apt",
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    "var/log/apk.log",
    "var/cache/ldconfig/aux-cache",
    "var/cache/apt",
];

/// The keys of a config that say how a container runs.
const CONFIG: [&str; 11] = [
    "User",
    "Env",
    "Cmd",
    "Entrypoint",
    "WorkingDir",
    "ExposedPorts",
    "Volumes",
    "Labels",
    "StopSignal",
    "Healthcheck",
    "OnBuild",
];

/// A Dockerfile with its context.
struct Case {
    name: String,
    dockerfile: PathBuf,
    context: PathBuf,
    options: Vec<String>,
    /// Whether Docker must be able to build it.
    must_build: bool,
}

#[test]
fn converted_files_make_the_same_images() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/convert");
    let mut cases = cases(&own, &[], true);
    assert!(cases.len() >= 8, "the folders of the test are missing");
    let options = env::var("CONVERT_OPTIONS").unwrap_or_default();
    let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
    for folder in env::var("CONVERT_FOLDERS").unwrap_or_default().split(':') {
        if !folder.is_empty() {
            cases.extend(self::cases(Path::new(folder), &options, false));
        }
    }
    let mut failed = Vec::new();
    let mut compared = Vec::new();
    for case in &cases {
        match case.compare() {
            None => {}
            Some(differences) if differences.is_empty() => compared.push(case.name.as_str()),
            Some(differences) => {
                failed.push(format!("== {}\n{}", case.name, differences.join("\n")));
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{}\n\nthe same: {}",
        failed.join("\n\n"),
        compared.join(", ")
    );
}

/// Finds the Dockerfiles of a folder, and of the folders in it.
fn cases(folder: &Path, options: &[String], must_build: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut folders = vec![folder.to_owned()];
    folders.extend(entries(folder).into_iter().filter(|path| path.is_dir()));
    for context in folders {
        for dockerfile in entries(&context) {
            let name = dockerfile.file_name().unwrap_or_default().to_string_lossy();
            let is_one = name.starts_with("Dockerfile") || name.ends_with(".Dockerfile");
            if is_one && dockerfile.is_file() {
                cases.push(Case {
                    name: dockerfile.display().to_string(),
                    context: context.clone(),
                    options: options.to_vec(),
                    must_build,
                    dockerfile,
                });
            }
        }
    }
    cases
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder can be listed");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    paths.sort();
    paths
}

impl Case {
    /// Lists the differences; `None` if Docker can't build the file here.
    fn compare(&self) -> Option<Vec<String>> {
        let text = fs::read_to_string(&self.dockerfile).expect("a Dockerfile is text");
        // Without the line that names another frontend, the daemon's own frontend builds it.
        let text = text.replace("# syntax=", "# ");
        let original = self.project(&text);
        let files = match self.build(&original).try_files() {
            Ok(files) => files,
            Err(_) if !self.must_build => return None,
            Err(text) => return Some(vec![text]),
        };
        let converted = self.converted(&original);
        let project = self.project(&converted);
        let mut differences = Vec::new();
        match self.build(&project).try_files() {
            Ok(made) => compare_files(&files, &made, &mut differences),
            Err(text) => return Some(vec![converted, text]),
        }
        let configs = [&original, &project].map(|project| self.build(project).image().config());
        compare_configs(&configs[0], &configs[1], &mut differences);
        if !differences.is_empty() {
            differences.push(converted);
        }
        Some(differences)
    }

    /// Makes a copy of the context with a file to build, which isn't part of the context.
    fn project(&self, file: &str) -> TempDir {
        let project = tempfile::tempdir().expect("a temporary folder can be made");
        copy(&self.context, project.path());
        let ignored = project.path().join(".dockerignore");
        let mut patterns = fs::read_to_string(&ignored).unwrap_or_default();
        patterns.push_str("\nStagefile\n*.Dockerfile\nDockerfile*\n.dockerignore\n");
        fs::write(ignored, patterns).expect("a file can be written");
        fs::write(project.path().join("Stagefile"), file).expect("a file can be written");
        project
    }

    fn build(&self, project: &TempDir) -> Build {
        let build = Build::of_folder(project.path());
        self.options
            .iter()
            .fold(build, |build, option| build.option(option.as_str()))
    }

    /// Asks the frontend for the Stagefile.
    fn converted(&self, project: &TempDir) -> String {
        let outcome = self
            .build(project)
            .option("--call=convert")
            .option(format!("--build-arg=BUILDKIT_SYNTAX={}", frontend()))
            .succeed();
        let text = outcome.text();
        let (_, converted) = text
            .split_once("# syntax=stagefile/stagefile:dev\n")
            .unwrap_or_else(|| panic!("{} isn't converted:\n{text}", self.name));
        format!("# syntax={}\n{converted}", frontend())
    }
}

/// Copies the content of a directory; `NAME.tar.d` becomes the archive `NAME.tar`.
fn copy(from: &Path, to: &Path) {
    for path in entries(from) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let target = to.join(&name);
        if let Some(archive) = name
            .strip_suffix(".d")
            .filter(|_| path.is_dir() && name.ends_with(".tar.d"))
        {
            let file = fs::File::create(to.join(archive)).expect("an archive can be made");
            let mut archive = tar::Builder::new(file);
            archive
                .append_dir_all(".", &path)
                .expect("a directory can be packed");
            archive.finish().expect("an archive can be finished");
        } else if path.is_symlink() {
            let link = fs::read_link(&path).expect("a link can be read");
            std::os::unix::fs::symlink(link, target).expect("a link can be made");
        } else if path.is_dir() {
            fs::create_dir(&target).expect("a directory can be made");
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("a file can be copied");
        }
    }
}

/// Compares everything except times and files that differ each time.
fn compare_files(original: &Files, converted: &Files, differences: &mut Vec<String>) {
    let kept = |path: &&str| {
        !LOGS.iter().any(|log| {
            path.strip_prefix(log)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let paths: BTreeSet<&str> = original
        .paths()
        .chain(converted.paths())
        .filter(kept)
        .collect();
    for path in paths {
        match (original.contains(path), converted.contains(path)) {
            (true, false) => differences.push(format!("{path} is missing")),
            (false, true) => differences.push(format!("{path} is too much")),
            _ => {
                let (one, other) = (original.entry(path), converted.entry(path));
                if facts(path, one) != facts(path, other) {
                    differences.push(format!("{path}: {:?} is {:?}", short(one), short(other)));
                }
            }
        }
    }
}

type Facts<'a> = (u32, (u64, u64), Option<&'a str>, bool, &'a [u8]);

fn facts<'a>(path: &str, entry: &'a Entry) -> Facts<'a> {
    // Python's compiled files contain the times of their sources.
    let content = if Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "pyc")
    {
        &[]
    } else {
        entry.content.as_slice()
    };
    (
        entry.mode,
        entry.owner,
        entry.link.as_deref(),
        entry.directory,
        content,
    )
}

fn short(entry: &Entry) -> (String, (u64, u64), Option<&str>, usize) {
    (
        format!("{:o}", entry.mode),
        entry.owner,
        entry.link.as_deref(),
        entry.content.len(),
    )
}

fn compare_configs(original: &Value, converted: &Value, differences: &mut Vec<String>) {
    for key in CONFIG {
        let (one, other) = (setting(&original[key], key), setting(&converted[key], key));
        if one != other {
            differences.push(format!("{key}: {one} is {other}"));
        }
    }
}

/// Returns a setting in a normalized form: the order of variables doesn't matter, and empty values become `null`.
fn setting(value: &Value, key: &str) -> Value {
    if key == "Env" {
        let variables = value.as_array().into_iter().flatten();
        let variables = variables
            .filter_map(Value::as_str)
            .filter_map(|one| one.split_once('='));
        let variables: BTreeMap<&str, &str> = variables.collect();
        return serde_json::to_value(variables).expect("a map is JSON");
    }
    // In a Dockerfile, the directory keeps its trailing slash.
    if key == "WorkingDir"
        && let Some(path) = value.as_str().filter(|path| path.len() > 1)
    {
        return path.trim_end_matches('/').into();
    }
    let is_empty = value.as_str().is_some_and(str::is_empty)
        || value.as_array().is_some_and(Vec::is_empty)
        || value.as_object().is_some_and(serde_json::Map::is_empty);
    if is_empty { Value::Null } else { value.clone() }
}
