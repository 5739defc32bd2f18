//! All contexts of a build.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use buildkit_llb::{
    Capability, Constrain, Copy, Definition, FileAction, Git, GitMtime, Http, Local,
    MarshalOptions, Platform, State,
};
use buildkit_proto::ops;
use tokio::sync::OnceCell;

use super::archive;
use super::error::ContextError;
use super::files::ContextFiles;
use super::git_reference::GitReference;
use crate::client::{Client, Ref, ResolveSource, SolveRequest, source_of};
use crate::error::Error;
use crate::ignore::IgnoreFile;
use crate::options::{Epoch, Options};

/// The name of the main context, whoever it comes from.
pub(super) const CONTEXT: &str = "context";

/// How progress output calls it.
const CONTEXT_NAME: &str = "[internal] load build context";
/// The choice of times of a repository's files that is the commit's.
const COMMIT: &str = "commit";

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
    remote: Option<Remote>,
    /// What has the frontend's file, unless that is a directory of the client.
    pub(super) entrypoint_state: Option<State>,
    /// The graphs that the client gave.
    pub(super) inputs: BTreeMap<String, ops::Definition>,
    /// The frontend's file, if the main context is nothing else.
    pub(super) only_file: Option<String>,
    /// The ignore files of directories, as far as they have been asked for.
    ignore_files: Arc<Mutex<BTreeMap<String, Arc<OnceCell<IgnoreFile>>>>>,
}

/// A main context that isn't a directory of the client.
#[derive(Clone, Debug)]
struct Remote {
    state: State,
    /// The source that it is, for looking it up.
    source: Option<State>,
    /// All files of the archive that it is.
    archive: Option<State>,
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

    async fn read_ignore_file(&self) -> Result<IgnoreFile, ContextError> {
        let state = self
            .local(&self.main)
            .follow([IGNORE_FILE])
            .shared_key_hint(format!("{CONTEXT}-{IGNORE_FILE}"))
            .differ(buildkit_llb::Differ::None)
            .named(format!("[internal] load {IGNORE_FILE}"))
            .into_state();
        self.read_patterns(&self.main, &state).await
    }

    /// Tells whether the ignore file of the main context is still to be read.
    pub(super) fn asks_for_ignore_file(&self, file: &super::Entrypoint) -> bool {
        self.remote.is_none()
            && file.ignore_file().is_none()
            && !self.ignore_file_of(&self.main).initialized()
    }

    /// Remembers the ignore file of the main context.
    pub(super) fn keep_ignore_file(&self, file: IgnoreFile) {
        // The same one, if it was read elsewhere meanwhile.
        _ = self.ignore_file_of(&self.main).set(file);
    }

    fn ignore_file_of(&self, directory: &str) -> Arc<OnceCell<IgnoreFile>> {
        let files = self.ignore_files.lock();
        let mut files = files.unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.entry(directory.to_owned()).or_default())
    }

    /// Reads the ignore file of a directory, once for all platforms.
    pub(super) async fn read_patterns(
        &self,
        directory: &str,
        state: &State,
    ) -> Result<IgnoreFile, ContextError> {
        let file = self.ignore_file_of(directory);
        let read = file.get_or_try_init(|| self.read_patterns_now(state));
        read.await.cloned()
    }

    /// Reads the ignore file of a directory. One that can't be read is as good as none, as in Docker's
    /// frontend; a directory that isn't there isn't.
    async fn read_patterns_now(&self, state: &State) -> Result<IgnoreFile, ContextError> {
        let load = || ContextError::load(format!("failed to read {IGNORE_FILE}"));
        let Some(files) = self.solve_now(state).await.map_err(load())? else {
            return Ok(IgnoreFile::default());
        };
        match files.read_file(IGNORE_FILE).await {
            Ok(file) => Ok(IgnoreFile::read(IGNORE_FILE, &file)),
            Err(Error::Daemon(_)) => Ok(IgnoreFile::default()),
            Err(error) => Err(load()(error)),
        }
    }

    /// Gives the time of the main context, in seconds since 1970: of the commit, or of the file on a
    /// server; of an archive from a server that says none, the time of the newest file in it. A directory of the client, an
    /// input, and a file of which the server says nothing have none.
    ///
    /// For [`Epoch::Context`].
    pub async fn epoch(&self) -> Result<Option<i64>, ContextError> {
        let Some(remote) = &self.remote else {
            return Ok(None);
        };
        let Some(source) = &remote.source else {
            return Ok(None);
        };
        let name = "[internal] resolve main build context metadata";
        let definition = source.marshal(&MarshalOptions::new());
        match (self.said_epoch(&definition, name).await?, &remote.archive) {
            (None, Some(archive)) => self.newest_of(archive).await.map_err(no_time(name)),
            (said, _) => Ok(said),
        }
    }

    /// Gives the time of a source, in seconds since 1970: of a commit, or of a file on a server; of an archive from a
    /// server that says none, the time of the newest file in it. What is made of several operations, an image, and other
    /// files of which the server says nothing have none.
    ///
    /// The name is what progress shows meanwhile. For [`Epoch::Named`].
    pub async fn epoch_of(&self, source: &State, name: &str) -> Result<Option<i64>, ContextError> {
        let definition = source.marshal(&MarshalOptions::new());
        if let Some(said) = self.said_epoch(&definition, name).await? {
            return Ok(Some(said));
        }
        let file = source_of(&definition).and_then(|(identifier, mut attributes)| {
            is_http(&identifier).then(|| attributes.remove("http.filename"))?
        });
        match file {
            None => Ok(None),
            Some(file) => self.newest_in(source, &file).await.map_err(no_time(name)),
        }
    }

    /// Asks the daemon when a source was changed.
    async fn said_epoch(
        &self,
        source: &Definition,
        name: &str,
    ) -> Result<Option<i64>, ContextError> {
        let Some((identifier, attributes)) = source_of(source) else {
            return Ok(None);
        };
        let request = ResolveSource::source(identifier, attributes)
            .named(name)
            .with_git_objects();
        let metadata = self.client.resolve_source(request);
        let metadata = metadata.await.map_err(no_time(name))?;
        if let Some(git) = metadata.git {
            return Ok(git.committed());
        }
        let modified = metadata.http.and_then(|http| http.last_modified);
        let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Ok(since.and_then(|since| i64::try_from(since.as_secs()).ok()))
    }

    /// Says why [`Contexts::epoch`] gives no time.
    pub fn no_epoch_reason(&self) -> &'static str {
        let source = self.remote.as_ref().map(|remote| remote.source.is_some());
        if source == Some(true) {
            "the daemon doesn't say when the build context was changed; newer ones do for git, and for servers that send \
             `Last-Modified` or an archive"
        } else {
            "only a build context from git or a server has a time, and this one is a directory"
        }
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

    async fn solve_now(&self, state: &State) -> Result<Option<Ref>, Error> {
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

/// The files of a repository.
pub(super) struct Checkout {
    /// The source of the repository.
    source: State,
    /// The files that are asked for.
    pub(super) files: State,
}

impl Checkout {
    /// Takes a repository. The daemon can't tell the time of a commit in a part of a checkout (`failed to get commit
    /// time`), so if files are to have it, the part is copied from all of it.
    pub(super) fn new(reference: &GitReference, name: &str) -> Result<Self, ContextError> {
        let has_commit_times = reference.mtime.as_deref() == Some(COMMIT);
        let (narrow, copied) = match &reference.subdir {
            Some(subdir) if has_commit_times => (None, Some(subdir)),
            subdir => (subdir.as_ref(), None),
        };
        let git = git(reference, narrow.map(String::as_str));
        let source = git.named(name).into_state()?;
        let files = match copied {
            None => source.clone(),
            Some(subdir) => {
                let copy = FileAction::from(Copy::new(&source, subdir, "/").contents());
                State::scratch().file(copy.named(format!("{name}: {subdir}")))
            }
        };
        Ok(Self { source, files })
    }
}

/// Begins a source for a repository, or for a directory of it.
fn git(reference: &GitReference, subdir: Option<&str>) -> Git {
    let mut git = Git::new(&reference.remote);
    if let Some(git_ref) = &reference.git_ref {
        git = git.reference(git_ref);
    }
    if let Some(subdir) = subdir {
        git = git.subdir(subdir);
    }
    if let Some(checksum) = &reference.checksum {
        git = git.checksum(checksum);
    }
    if reference.keep_git_dir == Some(true) {
        git = git.keep_git_dir();
    }
    if reference.submodules == Some(false) {
        git = git.skip_submodules();
    }
    match reference.mtime.as_deref() {
        Some(COMMIT) => git = git.mtime(GitMtime::Commit),
        Some(_) => git = git.mtime(GitMtime::Checkout),
        None => {}
    }
    if reference.fetch_by_commit {
        git = git.fetch_by_commit();
    }
    git
}

fn no_time(name: &str) -> impl FnOnce(Error) -> ContextError {
    ContextError::load(format!("failed to resolve the time of {name}"))
}

pub(super) fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}
