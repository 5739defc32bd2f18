//! The in-memory daemon, as configured and inspected by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use buildkit_llb::Capability;
use buildkit_proto::caps::ApiCap;
use buildkit_proto::gateway as wire;
use buildkit_proto::gateway::llb_bridge_server::LlbBridgeServer;
use buildkit_proto::ops::Definition;
use buildkit_proto::worker::WorkerRecord;
use bytes::Bytes;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tower_service::Service;

use super::call::{Call, Fault, Method, Outcome};
use super::process::Process;
use super::service::Bridge;
use super::sources::Files;
use super::steps::Steps;
use crate::build_result::BuildResult;
use crate::capability::table;
use crate::client::Client;
use crate::connection::MESSAGE_LIMIT;
use crate::environment::Environment;
use crate::error::Error;
use crate::failure::Failure;
use crate::platform;

/// A function that answers a graph or a nested frontend, overriding the daemon.
type Solver = Box<dyn FnMut(&wire::SolveRequest) -> Option<Result<wire::Result, Failure>> + Send>;

/// An in-memory daemon.
///
/// By default, it has every capability that this crate and `stagefile-llb` know, one worker for `linux/amd64`, and no files.
#[derive(Clone)]
pub struct Daemon {
    state: Arc<Mutex<State>>,
    hang_up: Arc<Notify>,
}

pub(super) struct State {
    pub(super) gateway: BTreeSet<String>,
    pub(super) llb: BTreeSet<String>,
    pub(super) disabled: BTreeMap<String, String>,
    pub(super) workers: Vec<WorkerRecord>,
    pub(super) sources: BTreeMap<String, Files>,
    pub(super) archives: BTreeMap<String, Files>,
    pub(super) failing: BTreeMap<String, Failure>,
    pub(super) steps: Steps,
    pub(super) metadata: BTreeMap<String, wire::ResolveSourceMetaResponse>,
    pub(super) inputs: BTreeMap<String, Definition>,
    pub(super) processes: BTreeMap<String, Process>,
    pub(super) solver: Option<Solver>,
    /// The number of results so far, so that IDs stay unique when results are released.
    pub(super) solved: usize,
    pub(super) definitions: BTreeMap<String, Definition>,
    faults: BTreeMap<Method, Fault>,
    calls: Vec<Call>,
    outcome: Option<Outcome>,
}

impl Default for Daemon {
    fn default() -> Self {
        Self::new()
    }
}

impl Daemon {
    /// Creates a daemon with current features.
    pub fn new() -> Self {
        let amd64 = buildkit_llb::Platform::new("linux", "amd64");
        let worker = WorkerRecord {
            id: "worker".to_owned(),
            platforms: vec![platform::to_wire(&amd64)],
            ..WorkerRecord::default()
        };
        let state = State {
            gateway: table::ALL
                .iter()
                .map(|capability| capability.id.to_owned())
                .collect(),
            llb: Capability::ALL
                .iter()
                .map(|capability| capability.id().to_owned())
                .collect(),
            disabled: BTreeMap::new(),
            workers: vec![worker],
            sources: BTreeMap::new(),
            archives: BTreeMap::new(),
            failing: BTreeMap::new(),
            steps: Steps::default(),
            metadata: BTreeMap::new(),
            inputs: BTreeMap::new(),
            processes: BTreeMap::new(),
            solver: None,
            solved: 0,
            definitions: BTreeMap::new(),
            faults: BTreeMap::new(),
            calls: Vec::new(),
            outcome: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            hang_up: Arc::new(Notify::new()),
        }
    }

    /// Removes capabilities, of the gateway or of graphs, by name.
    #[must_use]
    pub fn without<'id>(self, ids: impl IntoIterator<Item = &'id str>) -> Self {
        self.changed(|state| {
            for id in ids {
                state.gateway.remove(id);
                state.llb.remove(id);
            }
        })
    }

    /// Makes the daemon too old to list capabilities at all.
    #[must_use]
    pub fn before_lists(self) -> Self {
        self.changed(|state| {
            state.gateway.clear();
            state.llb.clear();
        })
    }

    /// Disables a capability, with a reason for the user.
    #[must_use]
    pub fn disabled(self, id: &str, reason: &str) -> Self {
        self.changed(|state| {
            state.disabled.insert(id.to_owned(), reason.to_owned());
        })
    }

    /// Sets the workers.
    #[must_use]
    pub fn workers(self, workers: Vec<WorkerRecord>) -> Self {
        self.changed(|state| state.workers = workers)
    }

    /// Adds files to a local directory, each a path and its content.
    #[must_use]
    pub fn local<'path, C: Into<Bytes>>(
        self,
        name: &str,
        files: impl IntoIterator<Item = (&'path str, C)>,
    ) -> Self {
        self.source(&format!("local://{name}"), files)
    }

    /// Adds files to any source, given by its URL in a graph.
    #[must_use]
    pub fn source<'path, C: Into<Bytes>>(
        self,
        identifier: &str,
        files: impl IntoIterator<Item = (&'path str, C)>,
    ) -> Self {
        self.changed(|state| {
            let source = state.sources.entry(identifier.to_owned()).or_default();
            for (path, content) in files {
                source.insert(path, content.into());
            }
        })
    }

    /// Sets the content of an archive in a source: empty files, each with the time of its last change in nanoseconds since
    /// 1970. A graph that only unpacks the archive contains them.
    #[must_use]
    pub fn archive<'path>(
        self,
        identifier: &str,
        files: impl IntoIterator<Item = (&'path str, i64)>,
    ) -> Self {
        self.changed(|state| {
            let archive = state.archives.entry(identifier.to_owned()).or_default();
            for (path, modified) in files {
                archive.insert_of(path, Bytes::new(), modified);
            }
        })
    }

    /// Makes a source, given by its URL in a graph, fail when it is used.
    #[must_use]
    pub fn failing_source(self, identifier: &str, failure: Failure) -> Self {
        self.changed(|state| {
            state.failing.insert(identifier.to_owned(), failure);
        })
    }

    /// Sets the files that result from a graph whose last operation has this name in progress output: each a path and its
    /// content.
    #[must_use]
    pub fn result_of<'path, C: Into<Bytes>>(
        self,
        operation: &str,
        files: impl IntoIterator<Item = (&'path str, C)>,
    ) -> Self {
        self.changed(|state| {
            let results = &mut state.steps.results;
            let result = results.entry(operation.to_owned()).or_default();
            for (path, content) in files {
                result.insert(path, content.into());
            }
        })
    }

    /// Makes every graph that contains an operation with this name in progress output fail when it is used. The error names
    /// the operation and its locations in the file.
    #[must_use]
    pub fn failure_of(self, operation: &str, failure: Failure) -> Self {
        self.changed(|state| {
            let failures = &mut state.steps.failures;
            failures.insert(operation.to_owned(), failure);
        })
    }

    /// Adds an image to resolve, by its full reference, with a digest and the JSON of its configuration.
    #[must_use]
    pub fn image(self, reference: &str, digest: &str, config: impl Into<Bytes>) -> Self {
        let image = wire::ResolveSourceImageResponse {
            digest: digest.to_owned(),
            config: config.into(),
            attestation_chain: None,
        };
        self.metadata(&format!("docker-image://{reference}"), image)
    }

    /// Adds an image to resolve for one platform, `OS/ARCHITECTURE`; for others, [`Daemon::image`] is used.
    #[must_use]
    pub fn image_for(
        self,
        reference: &str,
        platform: &str,
        digest: &str,
        config: impl Into<Bytes>,
    ) -> Self {
        self.image(&format!("{reference}|{platform}"), digest, config)
    }

    /// Adds any source to resolve, by its URL in a graph: an answer about an image, a repository or a file, or a whole answer. If
    /// it names no source, the source is the requested one.
    #[must_use]
    pub fn metadata(
        self,
        identifier: &str,
        answer: impl Into<wire::ResolveSourceMetaResponse>,
    ) -> Self {
        let answer = answer.into();
        self.changed(|state| {
            state.metadata.insert(identifier.to_owned(), answer);
        })
    }

    /// Passes a graph to the frontend as an input.
    #[must_use]
    pub fn input(self, name: &str, definition: impl Into<Definition>) -> Self {
        self.changed(|state| {
            state.inputs.insert(name.to_owned(), definition.into());
        })
    }

    /// Answers solve requests with a function; requests for which it returns `None` are answered as usual.
    #[must_use]
    pub fn on_solve(
        self,
        solver: impl FnMut(&wire::SolveRequest) -> Option<Result<wire::Result, Failure>>
        + Send
        + 'static,
    ) -> Self {
        self.changed(|state| state.solver = Some(Box::new(solver)))
    }

    /// Sets the behavior of a process in a container, by its first argument.
    #[must_use]
    pub fn process(self, program: &str, process: Process) -> Self {
        self.changed(|state| {
            state.processes.insert(program.to_owned(), process);
        })
    }

    /// Injects a fault into a kind of call from now on.
    #[must_use]
    pub fn fault(self, method: Method, fault: Fault) -> Self {
        self.changed(|state| {
            state.faults.insert(method, fault);
        })
    }

    /// Connects a client, as if the daemon had started it.
    pub async fn connect(&self) -> Result<Client, Error> {
        Client::connect(self.stream()).await
    }

    /// Runs a frontend until it ends, with what is in `environment`.
    ///
    /// An error is one of the connection, as after [`Fault::HangUp`], or that the frontend had ended already.
    pub async fn serve(
        &self,
        environment: &Environment,
        frontend: impl AsyncFnOnce(&Client, &Environment) -> Result<BuildResult, Failure>,
    ) -> Result<Outcome, Error> {
        let client = self.connect().await?;
        let served = client.serve(async |client| frontend(client, environment).await);
        Box::pin(served).await?;
        self.outcome().ok_or(Error::Incomplete {
            call: "Return",
            missing: "the end that it was given",
        })
    }

    /// Returns the frontend's end of a new connection, for programs with their own client. Call it within a Tokio runtime,
    /// on which the daemon runs until the connection ends.
    pub fn stream(&self) -> DuplexStream {
        let (frontend, own) = tokio::io::duplex(64 << 10);
        let server = LlbBridgeServer::new(Bridge::new(self.clone()))
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        let service = service_fn(move |request| server.clone().call(request));
        let connection =
            http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(own), service);
        let hang_up = Arc::clone(&self.hang_up);
        tokio::spawn(async move {
            tokio::select! {
                // The other side shows how it ends.
                _ = connection => {}
                () = hang_up.notified() => {}
            }
        });
        frontend
    }

    /// Closes the connection, like a daemon that crashes.
    pub fn hang_up(&self) {
        self.hang_up.notify_waiters();
    }

    /// Returns the calls so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// Returns the solve requests so far, for graphs and nested frontends.
    pub fn solves(&self) -> Vec<wire::SolveRequest> {
        let solves = self.calls().into_iter().filter_map(|call| match call {
            Call::Solve(request) => Some(request),
            _ => None,
        });
        solves.collect()
    }

    /// Returns the warnings so far.
    pub fn warnings(&self) -> Vec<wire::WarnRequest> {
        let warnings = self.calls().into_iter().filter_map(|call| match call {
            Call::Warn(request) => Some(request),
            _ => None,
        });
        warnings.collect()
    }

    /// Returns the graph of a result, by the daemon's ID for it; an empty graph if there is no such result.
    pub fn definition(&self, id: &str) -> Definition {
        self.lock().definitions.get(id).cloned().unwrap_or_default()
    }

    /// Returns how the frontend ended, once it has.
    pub fn outcome(&self) -> Option<Outcome> {
        self.lock().outcome.clone()
    }

    fn changed(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.lock());
        self
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // If a test panicked elsewhere, it has its own message.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a call.
    pub(super) fn note(&self, call: Call) {
        self.lock().calls.push(call);
    }

    /// Records a call, and injects its fault.
    pub(super) async fn enter(&self, call: Call) -> Result<(), Failure> {
        let fault = {
            let mut state = self.lock();
            let fault = state.faults.get(&call.method()).cloned();
            state.calls.push(call);
            fault
        };
        match fault {
            None => Ok(()),
            Some(Fault::Refuse(failure)) => Err(failure),
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::HangUp) => {
                self.hang_up();
                std::future::pending().await
            }
        }
    }
}

impl State {
    /// Lists one kind of the daemon's capabilities.
    pub(super) fn listed(&self, enabled: &BTreeSet<String>) -> Vec<ApiCap> {
        let list = enabled.iter().map(|id| {
            let reason = self.disabled.get(id);
            ApiCap {
                id: id.clone(),
                enabled: reason.is_none(),
                disabled_reason_msg: reason.cloned().unwrap_or_default(),
                ..ApiCap::default()
            }
        });
        list.collect()
    }

    /// Records how the frontend ended; only once.
    pub(super) fn end(&mut self, outcome: Outcome) -> Result<(), Failure> {
        if self.outcome.is_some() {
            return Err(Failure::new("gateway result is already set"));
        }
        self.outcome = Some(outcome);
        Ok(())
    }
}
