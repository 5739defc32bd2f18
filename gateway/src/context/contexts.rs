//! All contexts of a build.

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

/// The name of the main context, whoever it comes from.
pub(super) const CONTEXT: &str = "context";

/// How progress output calls it.
const CONTEXT_NAME: &str = "[internal] load build context";
/// The name of the directory that has the frontend's file.
const ENTRYPOINT: &str = "dockerfile";

/// The name of the file that says what isn't transferred.
pub(super) const IGNORE_FILE: &str = ".dockerignore";

/// All contexts of a build: the main one, the named ones, and where the frontend's own file is.
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
    /// What the main context is called that is a directory of the client.
    pub(super) main: String,
    /// Whether graphs only name the main context: they are compared, and never built.
    is_compared: bool,
    /// The main context, unless it is a directory of the client.
    pub(super) remote: Option<Remote>,
    /// What has the frontend's file, unless that is a directory of the client.
    pub(super) entrypoint_state: Option<State>,
    /// The graphs that the client gave.
    pub(super) inputs: BTreeMap<String, ops::Definition>,
    /// The frontend's file, if the main context is nothing else.
    pub(super) only_file: Option<String>,
    /// The ignore files of directories, as far as they have been asked for.
    pub(super) ignore_files: Arc<Mutex<BTreeMap<String, Arc<OnceCell<IgnoreFile>>>>>,
}

/// A main context that isn't a directory of the client.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    pub(super) state: State,
    /// The source that it is, for looking it up.
    pub(super) source: Option<State>,
    /// All files of the archive that it is.
    pub(super) archive: Option<State>,
}

impl Contexts {
    /// Finds out where everything comes from. Nothing is transferred yet, save an archive from a
    /// server.
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
        if options.files.entrypoint_key.is_some() {
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

    /// Returns the contexts of two builds that are to be compared and never built: of one that has a named context in the place
    /// of its main context, and its file there, and of this one. `None` if the client gives no such context, which is none of the
    /// named ones then.
    ///
    /// In their graphs the main context is the same vertex, `local://context`, whatever is used of it;
    /// [`own_main`](Self::own_main) gives the files.
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
            before.options.files.entrypoint_key = Some(directory.to_owned());
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

    /// Takes another file for the frontend's own.
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
        // As the commit is what tells when the build happens, files get its time, from daemons that can do that.
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

    /// Takes a file from a server: an archive is the context, and anything else is the frontend's file.
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

    /// Gives an input of the client as a state.
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

    /// Gives the files of the main context.
    ///
    /// Of a directory of the client, what an ignore file excludes isn't transferred: the one that
    /// belongs to the frontend's file, or else `.dockerignore`. Other contexts have none.
    ///
    /// Only for builds that use the main context: a client needn't have the directory otherwise.
    pub async fn main(&self, file: &super::Entrypoint) -> Result<ContextFiles, ContextError> {
        if self.is_compared {
            let local = Local::new(CONTEXT).named(CONTEXT_NAME);
            return Ok(ContextFiles::state(local.into_state()));
        }
        self.own_main(file).await
    }

    /// Gives the files of the main context as [`Contexts::main`] does, also of a build that is only [compared](Self::compared).
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

    /// Gives one file of the main context to the frontend itself, whatever ignore files exclude: a state with the file
    /// at its path.
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

    /// Gives a few files of the main context to the frontend itself, whatever ignore files exclude: a state with what matches
    /// patterns as those of a shell, except for what matches others, which are those of an ignore file. The name is what
    /// progress shows.
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

    /// Tells whether the main context is a directory of the client, of which an ignore file counts.
    pub fn is_directory(&self) -> bool {
        self.remote.is_none()
    }

    /// Begins a source for a directory of the client, in the session that has it.
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
            .entrypoint_key
            .as_deref()
            .unwrap_or(ENTRYPOINT)
    }

    /// Hands a state to the daemon.
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
