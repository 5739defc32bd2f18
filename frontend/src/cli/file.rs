//! The file that a subcommand processes, with the build context and the replacements for a daemon.

use std::path::{Path, PathBuf};

use buildkit_llb::Platform;
use clap::Args;
use serde_json::Value;
use stagefile_language::diagnostic::{Diagnostics, failure};
use stagefile_language::driver::{Checked, check_asking};
use stagefile_language::expression::Platforms;
use stagefile_language::plan::{External, Plan, Request};
use stagefile_language::program::{Unread, Wanted};
use stagefile_language::source::{Source, Sources};

use super::{pair, platform, say};
use crate::context::Examination;
use crate::dockerfile::{is_dockerfile, part};
use crate::error::{AnyError, ResultExt as _};
use crate::tools::folder::{self, Folder};
use crate::tools::llb::{self, Offline};
use crate::tools::outline::{self, OfDockerfiles};
use crate::tools::reading::{self, Unreadable};
use crate::tools::{caches, init};

/// What is read, and what for.
#[derive(Clone, Debug, Args)]
pub(super) struct File {
    /// The file, or the directory whose Stagefile, or else Dockerfile, is meant; `-` for standard input
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// Whether the path is of a file that nobody named
    #[arg(skip)]
    pub(super) is_default: bool,
    /// What it is called in the graph, if not by its path
    #[arg(skip)]
    pub(super) name: Option<&'static str>,
    #[command(flatten)]
    pub(super) setting: Setting,
}

/// How a file is built.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Setting {
    /// The build context, whose files and `.dockerignore` count [default: the directory that is named, the current one, or the
    /// file's where that has what the file uses]
    #[arg(long, value_name = "DIR")]
    pub(super) context: Option<PathBuf>,
    /// The stage to build
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// A build argument
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) build_arg: Vec<(String, String)>,
    /// A copy of a file that the file imports from elsewhere than the build context
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    pub(super) import: Vec<(String, String)>,
    /// The config of a base image: a file of the output of `docker image inspect`, or of OCI's JSON
    #[arg(long, value_name = "IMAGE=FILE", value_parser = pair)]
    pub(super) image_config: Vec<(String, String)>,
    /// The platform of the image [default: this machine's]
    #[arg(long, value_parser = platform)]
    pub(super) platform: Option<Platform>,
}

impl File {
    /// Creates a value for a file, without settings of a build.
    pub(super) fn of_path(path: PathBuf) -> Self {
        Self {
            path,
            is_default: false,
            name: None,
            setting: Setting::default(),
        }
    }

    /// Selects the file in a directory, like a build: a Stagefile, or else a Dockerfile. The directory becomes the context.
    pub(super) fn located(mut self) -> Self {
        if !self.path.is_dir() {
            return self;
        }
        self.is_default = true;
        let directory = std::mem::take(&mut self.path);
        let is_named = directory != Path::new(".");
        let path = |name: &str| {
            if is_named {
                directory.join(name)
            } else {
                PathBuf::from(name)
            }
        };
        let names = ["Stagefile", "Dockerfile", "dockerfile"];
        let found = names.into_iter().map(path).find(|path| path.exists());
        self.path = found.unwrap_or_else(|| path("Stagefile"));
        if is_named && self.setting.context.is_none() {
            self.setting.context = Some(directory);
        }
        self
    }

    /// Plans a Stagefile; `None` if there are mistakes, which are reported.
    pub(super) fn plan(&self, source: &Source, offline: &Offline) -> Option<(Plan, Sources)> {
        let mut checked = self.check(source, offline);
        let plan = checked.take_plan();
        if plan.is_none() {
            say(&checked.failure());
        }
        Some((plan?, checked.sources))
    }

    /// Returns the caches of all stages; `None` if there are mistakes, which are reported.
    pub(super) fn caches(
        &self,
        source: &Source,
        offline: &Offline,
    ) -> Result<Option<(Value, String)>, AnyError> {
        let Some((mut plan, sources)) = self.plan(source, offline) else {
            return Ok(None);
        };
        plan.want_all_given();
        let mut found = Diagnostics::default();
        Folder::open(self.context(), &self.path)?.place_binds(&mut plan, &mut found);
        let lowered = match llb::lower_target(&plan, &sources, offline) {
            Ok((lowered, _)) => lowered,
            Err(found) => {
                say(&failure(&sources, &found));
                return Ok(None);
            }
        };
        let caches = &lowered.caches;
        Ok(Some((caches::json(caches, &sources), caches::text(caches))))
    }

    /// Returns the title of a graph.
    pub(super) fn title(&self) -> String {
        let path = self.path.display();
        let platform = self.platform();
        match &self.setting.target {
            Some(target) => format!("{path}, {target}, {platform}"),
            None => format!("{path}, {platform}"),
        }
    }

    /// Reports whether the file is standard input.
    pub(super) fn is_input(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// Returns the file's path relative to the build context; the full path if it isn't in the context.
    pub(super) fn path_in_context(&self) -> Result<String, AnyError> {
        let unknown = |path: &Path| format!("can't tell where {} is", path.display());
        let context = self.context();
        let context = context.canonicalize().or_message(|| unknown(context))?;
        // If it is a link, its target has another name.
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize().or_message(|| unknown(&self.path))?;
        let path = folder.join(self.path.file_name().unwrap_or_default());
        let inside = path.strip_prefix(&context).unwrap_or(&path);
        Ok(inside.display().to_string())
    }

    pub(super) fn read(&self) -> Result<Source, AnyError> {
        let is_input = self.is_input();
        let bytes = if is_input {
            reading::read_standard_input()
        } else {
            reading::read(&self.path, self.context())
        };
        let bytes = match bytes {
            Err(Unreadable::Missing) if self.is_default => {
                let directory = self
                    .path
                    .parent()
                    .filter(|path| !path.as_os_str().is_empty());
                let directory = directory.unwrap_or(Path::new("."));
                return Err(format!(
                    "there is neither a Stagefile nor a Dockerfile in {}{}",
                    directory.display(),
                    init::hint(directory)
                )
                .into());
            }
            bytes => bytes.or_message(|| format!("can't read {}", self.path.display()))?,
        };
        let name = self.path.display().to_string();
        // A Dockerfile may have comments in another encoding.
        if is_dockerfile(&name, &bytes) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(Source::new(name, text));
        }
        let called = self.name.map_or_else(|| name.clone(), str::to_owned);
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            format!("{name} is not UTF-8: byte {at} can't be read")
        })?;
        if !is_input && init::is_manifest(&self.path) {
            let args = self.setting.build_arg.iter().cloned().collect();
            let generated = init::generate(&self.path, self.context(), &text, &args)?;
            return Ok(Source::new(init::made_of(&name), generated?.text));
        }
        Ok(Source::new(called, text))
    }

    pub(super) fn platform(&self) -> Platform {
        self.setting.platform.clone().unwrap_or_else(Platform::host)
    }

    /// Collects the replacements for a daemon.
    pub(super) fn offline(&self) -> Result<Offline, AnyError> {
        let mut offline = Offline::new(self.platform());
        offline.ignore = self.ignore_file()?;
        for (image, path) in &self.setting.image_config {
            let json = reading::read(Path::new(path), self.context());
            let json = json.or_message(|| format!("can't read {path}"))?;
            offline
                .add_config(image, &json)
                .or_message(|| format!("{path} is no image config"))?;
        }
        Ok(offline)
    }

    pub(super) fn check(&self, source: &Source, offline: &Offline) -> Checked {
        let request = Request {
            args: self.setting.build_arg.iter().cloned().collect(),
            target: self.setting.target.clone(),
            platforms: Platforms {
                target: self.platform(),
                build: Platform::host(),
            },
            ..Request::new(self.platform())
        };
        check_asking(
            source,
            &request,
            |wanted| self.imported(wanted),
            |base| offline.config_of(base),
        )
    }

    /// Reads an imported file: a copy that the user names, or a file of the context.
    pub(super) fn imported(&self, wanted: &Wanted) -> Result<String, Unread> {
        if let Some(args) = &wanted.file.project {
            return init::of_folder(self.context(), &self.path, &wanted.file.path, args);
        }
        let given = self
            .setting
            .import
            .iter()
            .find(|(name, _)| *name == wanted.name);
        let (path, bytes) = match (given, &wanted.file.from) {
            (Some((_, path)), _) => {
                let path = PathBuf::from(path);
                let bytes = reading::read(&path, self.context());
                (path, bytes)
            }
            (None, None) => {
                let path = self.context().join(&wanted.file.path);
                let bytes = reading::read_inside(&path, &[self.context()]);
                (path, bytes)
            }
            (None, Some(from)) => {
                let what = match from {
                    External::Git(_) => "a repository is read",
                    External::Http(_) => "a file on a server is read",
                    _ => "an image or a named context is read",
                };
                let name = &wanted.name;
                return Err(format!(
                    "{what} only by a build; name a copy of the file: `--import {name}=FILE`"
                )
                .into());
            }
        };
        let bytes = bytes.map_err(|error| match error {
            Unreadable::Missing => format!("there is no {}", path.display()),
            error => format!("{} can't be read: {error}", path.display()),
        })?;
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", path.display()).into())
    }

    /// Returns the build context.
    pub(super) fn context(&self) -> &Path {
        self.setting.context.as_deref().unwrap_or(Path::new("."))
    }

    /// Reads the ignore file: the one next to the Stagefile, or that of the context.
    pub(super) fn ignore_file(&self) -> Result<Vec<u8>, AnyError> {
        let read = folder::ignore_file(self.context(), &self.path)?;
        Ok(read.map(|(_, bytes)| bytes).unwrap_or_default())
    }

    /// Returns the target's outline; `None` if there are mistakes, which are reported.
    pub(super) fn outline(&self, source: &Source, offline: &Offline) -> Option<(Value, String)> {
        let (plan, mut sources) = self.plan(source, offline)?;
        let (known, mut dockerfiles) = (offline.known(), OfDockerfiles::default());
        for part in part::of_plan(&plan) {
            if let Some(text) = self.dockerfile(&part.file.path) {
                part.outline(&text, &known, &mut sources, &mut dockerfiles);
            }
        }
        let json = outline::json(&plan, &dockerfiles, &sources);
        Some((json, outline::text(&plan, &dockerfiles)))
    }

    /// Reports mistakes in the stages' Dockerfiles.
    pub(super) fn check_dockerfiles(&self, checked: &mut Checked, offline: &Offline) {
        let known = offline.known();
        for part in part::files(checked) {
            if let Some(text) = self.dockerfile(&part.file.path) {
                part.check(&text, &known, checked);
            }
        }
    }

    /// Reads a Dockerfile of the build context. If it can't be read here, the build will report it: only the build command
    /// determines which directory is the context.
    pub(super) fn dockerfile(&self, path: &str) -> Option<String> {
        let context = self.context();
        let bytes = reading::read_inside(&context.join(path), &[context]).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Checks that the build context has what a Stagefile uses.
    pub(super) fn check_context(&self, checked: &mut Checked) -> Result<(), AnyError> {
        let Some(plan) = &mut checked.plan else {
            return Ok(());
        };
        plan.want_all();
        self.examine(Examination::new(plan), &mut checked.found)
    }

    /// Checks that the build context has what is used.
    pub(super) fn examine(
        &self,
        examination: Examination<'_>,
        found: &mut Diagnostics,
    ) -> Result<(), AnyError> {
        if let Some(context) = &self.setting.context {
            Folder::open(context, &self.path)?.examine(examination, found);
            return Ok(());
        }
        let beside = self.path.parent().unwrap_or(Path::new("."));
        let directories = [Path::new("."), beside];
        folder::examine_first(directories, &self.path, examination, found)
    }
}
