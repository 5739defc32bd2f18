//! The contexts of a build.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use buildkit_llb::{
    Capability, Constrain, Copy, Definition, FileAction, Http, Local, MarshalOptions, Platform,
    State,
};
use buildkit_proto::ops;
use tokio::sync::OnceCell;

use super::archive;
use super::checkout::{COMMIT, Checkout};
use super::error::ContextError;
use super::files::ContextFiles;
use super::git_reference::GitReference;
use crate::client::{Client, Ref, SolveRequest};
use crate::error::Error;
use crate::ignore::IgnoreFile;
use crate::options::{Epoch, Options};

/// The name of the main context, wherever it comes from.
pub(super) const CONTEXT: &str = "context";

/// Its name in progress output.
const CONTEXT_NAME: &str = "[internal] load build context";
/// The name of the directory with the frontend's file.
const ENTRYPOINT: &str = "dockerfile";

/// The name of the file with patterns of files that aren't transferred.
pub(super) const IGNORE_FILE: &str = ".dockerignore";

/// The contexts of a build: the main context, named contexts, and the location of the frontend's own file.
///
/// ```no_run
/// use buildkit_gateway::context::{ContextError, Contexts};
/// use buildkit_gateway::{Client, Environment, Options};
///
/// # async fn example(client: &Client, options: &Options) -> Result<(), ContextError> {
/// let environment = Environment::current();
/// let contexts = Contexts::find(client, options, &environment.session_id).await?;
/// let file = contexts.entrypoint("Stagefile", "YAML").await?;
/// let context = contexts.main(&file).await?;
/// let sources = context.with_paths(["src", "Cargo.toml"]);
/// # let _ = sources;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Contexts {
    pub(super) client: Client,
    pub(super) options: Options,
    pub(super) session_id: String,
    /// The name of the main context if it is a directory of the client.
    pub(super) main: String,
    /// Whether the main context is only a placeholder, in graphs that are compared and never built.
    is_compared: bool,
    /// The main context, unless it is a directory of the client.
    pub(super) remote: Option<Remote>,
    /// The source of the frontend's file, unless it is a directory of the client.
    pub(super) entrypoint_state: Option<State>,
    /// The client's inputs.
    pub(super) inputs: BTreeMap<String, ops::Definition>,
    /// The frontend's file, if the main context consists only of it.
    pub(super) only_file: Option<String>,
    /// The ignore files of directories that were requested so far.
    pub(super) ignore_files: Arc<Mutex<BTreeMap<String, Arc<OnceCell<IgnoreFile>>>>>,
}

/// A main context that isn't a directory of the client.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    pub(super) state: State,
    /// Its source, for resolving it.
    pub(super) source: Option<State>,
    /// The full content of the archive, if it is one.
    pub(super) archive: Option<State>,
}

impl Contexts {
    /// Determines where all contexts come from. Nothing is transferred yet, except an archive from a server.
    pub async fn find(
        client: &Client,
        options: &Options,
        session_id: &str,
    ) -> Result<Self, ContextError> {
        let mut contexts = Self {
            client: client.clone(),
            options: options.clone(),
            session_id: session_id.to_owned(),
            main: CONTEXT.to_owned(),
            is_compared: false,
            remote: None,
            entrypoint_state: None,
            inputs: BTreeMap::new(),
            only_file: None,
            ignore_files: Arc::default(),
        };
        contexts.inputs = client
            .inputs()
            .await
            .map_err(ContextError::load("failed to get frontend inputs"))?;
        let url = options.files.context.as_deref().unwrap_or_default();
        if let Some(reference) = GitReference::parse(url)? {
            contexts.take_git(url, &reference)?;
        } else if is_http(url) {
            contexts.take_http(url).await?;
        } else {
            contexts.take_inputs()?;
        }
        if options.files.dockerfile_key.is_some() {
            contexts.entrypoint_state = None;
            contexts.only_file = None;
        }
        if let (Some(remote), Some(subdir)) = (&mut contexts.remote, &options.files.context_subdir)
        {
            let copy = Copy::new(&remote.state, subdir, "/").contents();
            remote.state = State::scratch().file(FileAction::from(copy));
        }
        Ok(contexts)
    }

    /// Returns the contexts of two builds that are compared and never built: one with a named context in place of the main
    /// context, including its file, and the current one. Returns `None` if the client doesn't provide that named context. The
    /// context is removed from the named ones.
    ///
    /// In their graphs, the main context is always the same vertex, `local://context`; [`own_main`](Self::own_main) returns its
    /// files.
    pub async fn compared(
        &self,
        name: &str,
        platform: &Platform,
    ) -> Result<Option<[Self; 2]>, ContextError> {
        let mut after = self.clone();
        after.is_compared = true;
        let Some(value) = after.options.files.named_contexts.remove(name) else {
            return Ok(None);
        };
        let mut before = after.clone();
        before.only_file = None;
        before.options.files.context = None;
        before.options.files.context_subdir = None;
        before.inputs.remove(CONTEXT);
        before.inputs.remove(ENTRYPOINT);
        if let Some(directory) = value.strip_prefix("local:") {
            let directory = directory.strip_prefix("//").unwrap_or(directory);
            before.main = directory.to_owned();
            before.options.files.dockerfile_key = Some(directory.to_owned());
            before.entrypoint_state = None;
            before.remote = None;
        } else if let Some(given) = self.named(name, Some(platform)).await? {
            let state = given.files.all();
            before.entrypoint_state = Some(state.clone());
            before.remote = Some(Remote {
                state,
                source: None,
                archive: None,
            });
        }
        Ok(Some([before, after]))
    }

    /// Uses another file as the frontend's own.
    #[must_use]
    pub fn with_file(mut self, path: &str) -> Self {
        self.options.files.filename = Some(path.to_owned());
        self
    }

    /// Returns the main context, if it isn't a directory of the client.
    pub(super) fn remote_state(&self) -> Option<State> {
        self.remote.as_ref().map(|remote| remote.state.clone())
    }

    fn take_git(&mut self, url: &str, reference: &GitReference) -> Result<(), ContextError> {
        let mut reference = reference.clone();
        // The time of the build is that of the commit, so files get it too, if the daemon supports that.
        let support = &self.client.capabilities().llb;
        let can = support.supports(Capability::SourceGitMtime).is_ok();
        if can && !matches!(self.options.epoch, Epoch::Absent | Epoch::Unset) {
            reference.mtime = Some(COMMIT.to_owned());
        }
        if self.options.files.keep_git_dir == Some(true) {
            reference.keep_git_dir = Some(true);
        }
        let name = format!("[internal] load git source {url}");
        let checkout = Checkout::new(&reference, &name)?;
        self.entrypoint_state = Some(checkout.files.clone());
        self.remote = Some(Remote {
            state: checkout.files,
            source: Some(checkout.source),
            archive: None,
        });
        Ok(())
    }

    /// Handles a file from a server: an archive is the main context, anything else is the frontend's file.
    async fn take_http(&mut self, url: &str) -> Result<(), ContextError> {
        let source = Http::new(url)?
            .filename(CONTEXT)
            .named("[internal] load remote build context")
            .into_state();
        let load = || ContextError::load("failed to read downloaded context");
        let file = self.solve(&source).await.map_err(load())?;
        let start = match file {
            None => bytes::Bytes::new(),
            Some(file) => file
                .read_file_range(CONTEXT, 0, archive::PROBE)
                .await
                .map_err(load())?,
        };
        let mut unpacked = None;
        if archive::is_archive(&start) {
            let unpack = Copy::new(&source, format!("/{CONTEXT}"), "/").unpack();
            unpacked = Some(State::scratch().file(FileAction::from(unpack)));
        } else {
            self.only_file = Some(CONTEXT.to_owned());
        }
        let state = unpacked.clone().unwrap_or_else(|| source.clone());
        self.entrypoint_state = Some(state.clone());
        self.remote = Some(Remote {
            state,
            source: Some(source),
            archive: unpacked,
        });
        Ok(())
    }

    fn take_inputs(&mut self) -> Result<(), ContextError> {
        if let Some(state) = self.input(ENTRYPOINT)? {
            self.entrypoint_state = Some(state);
        }
        if let Some(state) = self.input(CONTEXT)? {
            self.remote = Some(Remote {
                state,
                source: None,
                archive: None,
            });
        }
        Ok(())
    }

    /// Returns one of the client's inputs as a state.
    pub(super) fn input(&self, name: &str) -> Result<Option<State>, ContextError> {
        let Some(definition) = self.inputs.get(name) else {
            return Ok(None);
        };
        let input = || name.to_owned();
        let definition = Definition::try_from(definition.clone()).map_err(|source| {
            ContextError::InputDefinition {
                input: input(),
                source,
            }
        })?;
        State::from_definition(&definition)
            .map(Some)
            .map_err(|source| ContextError::InputGraph {
                input: input(),
                source,
            })
    }

    /// Returns the files of the main context.
    ///
    /// Files in a directory of the client that are excluded by an ignore file aren't transferred. The ignore file is the one that
    /// belongs to the frontend's file, or else `.dockerignore`. Other contexts have none.
    ///
    /// Call this only if the build uses the main context: otherwise, the client need not have the directory.
    pub async fn main(&self, file: &super::Entrypoint) -> Result<ContextFiles, ContextError> {
        if self.is_compared {
            let local = Local::new(CONTEXT).named(CONTEXT_NAME);
            return Ok(ContextFiles::state(local.into_state()));
        }
        self.own_main(file).await
    }

    /// Returns the files of the main context like [`Contexts::main`], also for a build that is only [compared](Self::compared).
    pub async fn own_main(&self, file: &super::Entrypoint) -> Result<ContextFiles, ContextError> {
        if let Some(remote) = &self.remote {
            return Ok(ContextFiles::state(remote.state.clone()));
        }
        let ignore_file = match file.ignore_file() {
            Some(file) => file.clone(),
            None => self.read_ignore_file().await?,
        };
        let local = self.local(&self.main).shared_key_hint(CONTEXT);
        ContextFiles::local(local, CONTEXT_NAME.to_owned(), ignore_file)
    }

    /// Returns a state with one file of the main context at its path, for the frontend itself, regardless of ignore files.
    pub fn main_file(&self, path: &str) -> State {
        if let Some(remote) = &self.remote {
            return remote.state.clone();
        }
        self.local(&self.main)
            .follow([path])
            .shared_key_hint(format!("{CONTEXT}-{path}"))
            .differ(buildkit_llb::Differ::None)
            .named(format!("[internal] load {path}"))
            .into_state()
    }

    /// Returns a state with some files of the main context, for the frontend itself, regardless of ignore files: those that match
    /// `patterns`, which are shell patterns, except for those that match `without`, which are patterns of ignore files. The name
    /// is shown in progress output.
    pub fn main_files(&self, patterns: &[String], without: &[&str], name: &str) -> State {
        if let Some(remote) = &self.remote {
            return remote.state.clone();
        }
        self.local(&self.main)
            .follow(patterns)
            .exclude(without.iter().copied())
            .shared_key_hint(format!("{CONTEXT}-{name}"))
            .differ(buildkit_llb::Differ::None)
            .named(format!("[internal] {name}"))
            .into_state()
    }

    /// Reports whether the main context is a directory of the client, to which an ignore file applies.
    pub fn is_directory(&self) -> bool {
        self.remote.is_none()
    }

    /// Creates a source for a directory of the client, in the session that has it.
    pub(super) fn local(&self, name: &str) -> Local {
        let session = self
            .options
            .files
            .local_sessions
            .get(name)
            .unwrap_or(&self.session_id);
        Local::new(name).session(session)
    }

    pub(super) fn entrypoint_directory(&self) -> &str {
        self.options
            .files
            .dockerfile_key
            .as_deref()
            .unwrap_or(ENTRYPOINT)
    }

    /// Has the daemon solve a state.
    pub(super) async fn solve(&self, state: &State) -> Result<Option<Ref>, Error> {
        self.solve_request(state, |request| request).await
    }

    pub(super) async fn solve_now(&self, state: &State) -> Result<Option<Ref>, Error> {
        self.solve_request(state, SolveRequest::evaluate).await
    }

    async fn solve_request(
        &self,
        state: &State,
        change: impl FnOnce(SolveRequest) -> SolveRequest,
    ) -> Result<Option<Ref>, Error> {
        let definition = state.marshal(&MarshalOptions::new());
        let request = change(SolveRequest::definition(definition));
        Ok(self
            .client
            .solve(request)
            .await?
            .single_reference()
            .cloned())
    }
}

pub(super) fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}
