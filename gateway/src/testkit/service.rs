//! The in-memory daemon's service, as seen by a frontend.

use std::collections::BTreeMap;

use buildkit_proto::gateway as wire;
use buildkit_proto::gateway::llb_bridge_server::LlbBridge;
use buildkit_proto::ops::{Platform, SourceOp};
use bytes::Bytes;
use prost::Message;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming, async_trait};

use super::call::{Call, Outcome};
use super::daemon::{Daemon, State};
use super::sources::{Files, Unpacked, check, only_source, unpacked};
use crate::failure::Failure;

type Answer<A> = Result<Response<A>, Status>;

/// The service of a [`Daemon`].
#[derive(Clone)]
pub(super) struct Bridge {
    daemon: Daemon,
}

impl Bridge {
    pub(super) fn new(daemon: Daemon) -> Self {
        Self { daemon }
    }

    /// Records a call and answers it from the daemon's state.
    async fn answer<A>(
        &self,
        call: Call,
        answer: impl FnOnce(&mut State) -> Result<A, Failure>,
    ) -> Answer<A> {
        self.daemon.enter(call).await.map_err(status)?;
        let answer = answer(&mut self.daemon.lock());
        answer.map(Response::new).map_err(status)
    }
}

/// Encodes an error like Go.
fn status(failure: Failure) -> Status {
    let wire = failure.into_status();
    let details = Bytes::from(wire.encode_to_vec());
    Status::with_details(Code::from_i32(wire.code), wire.message, details)
}

fn not_found(call: &str, path: &str) -> Failure {
    Failure::new(format!("{call} {path}: no such file or directory"))
}

impl State {
    /// Returns the files of a result, or the error of building it.
    fn files_of(&self, reference: &str) -> Result<Files, Failure> {
        let Some(definition) = self.definitions.get(reference) else {
            return Err(Failure::new(format!("no such ref: {reference}")));
        };
        if let Some(unpacked) = unpacked(definition) {
            return Ok(self.unpack(&unpacked));
        }
        if let Some(failure) = self.steps.failure(definition) {
            return Err(failure);
        }
        if let Some(files) = self.steps.files(definition) {
            return Ok(files);
        }
        let source = only_source(definition).unwrap_or_default();
        if let Some(failure) = self.failing.get(&source.identifier) {
            return Err(failure.clone());
        }
        let files = self.sources.get(&source.identifier);
        Ok(files
            .map(|files| files.transferred(&source))
            .unwrap_or_default())
    }

    /// Unpacks an archive. As in BuildKit, other files are copied.
    fn unpack(&self, unpacked: &Unpacked) -> Files {
        if let Some(archive) = self.archives.get(&unpacked.source) {
            return archive.within(&unpacked.directory);
        }
        let mut files = Files::default();
        let source = self.sources.get(&unpacked.source);
        if let Some(content) = source.and_then(|files| files.read(&unpacked.path)) {
            files.insert(&unpacked.directory, content.clone());
        }
        files
    }

    fn solve(&mut self, request: wire::SolveRequest) -> Result<wire::SolveResponse, Failure> {
        let graphs = request.definition.iter();
        graphs
            .chain(request.frontend_inputs.values())
            .try_for_each(check)?;
        let scripted = self.solver.as_mut().and_then(|solver| solver(&request));
        if let Some(result) = scripted {
            return Ok(wire::SolveResponse {
                result: Some(result?),
                r#ref: String::new(),
            });
        }
        let definition = request.definition.unwrap_or_default();
        let id = if definition.def.is_empty() {
            String::new()
        } else {
            self.solved += 1;
            format!("ref{}", self.solved - 1)
        };
        self.definitions.insert(id.clone(), definition.clone());
        if request.evaluate {
            self.files_of(&id)?;
        }
        if !request.allow_result_return {
            return Ok(wire::SolveResponse {
                r#ref: id,
                result: None,
            });
        }
        let result = if request.allow_result_array_ref && self.gateway.contains("proto.refarray") {
            wire::result::Result::Ref(wire::Ref {
                id,
                def: Some(definition),
            })
        } else {
            wire::result::Result::RefDeprecated(id)
        };
        let result = wire::Result {
            result: Some(result),
            ..wire::Result::default()
        };
        Ok(wire::SolveResponse {
            result: Some(result),
            r#ref: String::new(),
        })
    }

    fn read(&self, request: &wire::ReadFileRequest) -> Result<wire::ReadFileResponse, Failure> {
        let files = self.files_of(&request.r#ref)?;
        let path = &request.file_path;
        let content = files.read(path).ok_or_else(|| match files.stat(path) {
            Some(_) => Failure::new(format!("{path} is not a regular file")),
            None => not_found("open", path),
        })?;
        let data = match request.range {
            None => content.clone(),
            Some(range) => {
                let at = |number: i64| usize::try_from(number).unwrap_or(0).min(content.len());
                let start = at(range.offset);
                content.slice(start..at(range.offset.saturating_add(range.length)).max(start))
            }
        };
        Ok(wire::ReadFileResponse { data })
    }

    fn list(&self, request: &wire::ReadDirRequest) -> Result<wire::ReadDirResponse, Failure> {
        let files = self.files_of(&request.r#ref)?;
        let entries = files.list(&request.dir_path);
        let mut entries = entries.ok_or_else(|| not_found("open", &request.dir_path))?;
        // Only patterns with one star at the start or end are supported.
        let pattern = request.include_pattern.as_str();
        entries.retain(
            |entry| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
                (Some(end), _) => entry.path.ends_with(end),
                (None, Some(start)) => entry.path.starts_with(start),
                (None, None) => pattern.is_empty() || pattern == entry.path,
            },
        );
        Ok(wire::ReadDirResponse { entries })
    }

    fn stat(&self, request: &wire::StatFileRequest) -> Result<wire::StatFileResponse, Failure> {
        let files = self.files_of(&request.r#ref)?;
        let stat = files
            .stat(&request.path)
            .ok_or_else(|| not_found("lstat", &request.path))?;
        Ok(wire::StatFileResponse { stat: Some(stat) })
    }

    /// Resolves a source, for a platform if there is an answer for it.
    fn resolve(
        &self,
        source: SourceOp,
        platform: Option<&Platform>,
    ) -> Result<wire::ResolveSourceMetaResponse, Failure> {
        let identifier = &source.identifier;
        let for_platform = platform.and_then(|platform| {
            let platform = format!("{}/{}", platform.os, platform.architecture);
            self.metadata.get(&format!("{identifier}|{platform}"))
        });
        let Some(answer) = for_platform.or_else(|| self.metadata.get(identifier)) else {
            // Without the scheme, which a registry doesn't know.
            let name = identifier.strip_prefix("docker-image://");
            let name = name.unwrap_or(identifier);
            return Err(Failure::new(format!("{name}: not found")));
        };
        let mut answer = answer.clone();
        answer.source.get_or_insert(source);
        Ok(answer)
    }
}

#[async_trait]
impl LlbBridge for Bridge {
    async fn ping(&self, request: Request<wire::PingRequest>) -> Answer<wire::PongResponse> {
        self.answer(Call::Ping(request.into_inner()), |state| {
            Ok(wire::PongResponse {
                frontend_api_caps: state.listed(&state.gateway),
                llb_caps: state.listed(&state.llb),
                workers: state.workers.clone(),
            })
        })
        .await
    }

    async fn solve(&self, request: Request<wire::SolveRequest>) -> Answer<wire::SolveResponse> {
        let request = request.into_inner();
        self.answer(Call::Solve(request.clone()), |state| state.solve(request))
            .await
    }

    async fn evaluate(
        &self,
        request: Request<wire::EvaluateRequest>,
    ) -> Answer<wire::EvaluateResponse> {
        let request = request.into_inner();
        let reference = request.r#ref.clone();
        self.answer(Call::Evaluate(request), |state| {
            state
                .files_of(&reference)
                .map(|_| wire::EvaluateResponse {})
        })
        .await
    }

    async fn read_file(
        &self,
        request: Request<wire::ReadFileRequest>,
    ) -> Answer<wire::ReadFileResponse> {
        let request = request.into_inner();
        self.answer(Call::ReadFile(request.clone()), |state| {
            state.read(&request)
        })
        .await
    }

    async fn read_dir(
        &self,
        request: Request<wire::ReadDirRequest>,
    ) -> Answer<wire::ReadDirResponse> {
        let request = request.into_inner();
        self.answer(Call::ReadDir(request.clone()), |state| state.list(&request))
            .await
    }

    async fn stat_file(
        &self,
        request: Request<wire::StatFileRequest>,
    ) -> Answer<wire::StatFileResponse> {
        let request = request.into_inner();
        self.answer(Call::StatFile(request.clone()), |state| {
            state.stat(&request)
        })
        .await
    }

    async fn resolve_source_meta(
        &self,
        request: Request<wire::ResolveSourceMetaRequest>,
    ) -> Answer<wire::ResolveSourceMetaResponse> {
        let request = request.into_inner();
        let source = request.source.clone().unwrap_or_default();
        let platform = request.platform.clone();
        self.answer(Call::ResolveSourceMeta(request), |state| {
            state.resolve(source, platform.as_ref())
        })
        .await
    }

    async fn resolve_image_config(
        &self,
        request: Request<wire::ResolveImageConfigRequest>,
    ) -> Answer<wire::ResolveImageConfigResponse> {
        let request = request.into_inner();
        let scheme = if request.resolver_type == 1 {
            "oci-layout"
        } else {
            "docker-image"
        };
        let source = SourceOp {
            identifier: format!("{scheme}://{}", request.r#ref),
            attrs: BTreeMap::new(),
        };
        let platform = request.platform.clone();
        self.answer(Call::ResolveImageConfig(request), |state| {
            let image = state
                .resolve(source, platform.as_ref())?
                .image
                .unwrap_or_default();
            let (digest, config) = (image.digest, image.config);
            // Like an old daemon, which is the only kind that gets this call.
            Ok(wire::ResolveImageConfigResponse {
                digest,
                config,
                r#ref: String::new(),
            })
        })
        .await
    }

    async fn inputs(&self, request: Request<wire::InputsRequest>) -> Answer<wire::InputsResponse> {
        self.answer(Call::Inputs(request.into_inner()), |state| {
            Ok(wire::InputsResponse {
                definitions: state.inputs.clone(),
            })
        })
        .await
    }

    async fn warn(&self, request: Request<wire::WarnRequest>) -> Answer<wire::WarnResponse> {
        self.answer(Call::Warn(request.into_inner()), |_| {
            Ok(wire::WarnResponse {})
        })
        .await
    }

    async fn r#return(
        &self,
        request: Request<wire::ReturnRequest>,
    ) -> Answer<wire::ReturnResponse> {
        let request = request.into_inner();
        self.answer(Call::Return(request.clone()), |state| {
            let outcome = match request.error {
                Some(error) => Outcome::Failure(Failure::from_status(error)),
                None => Outcome::Result(request.result.unwrap_or_default()),
            };
            state.end(outcome).map(|()| wire::ReturnResponse {})
        })
        .await
    }

    async fn new_container(
        &self,
        request: Request<wire::NewContainerRequest>,
    ) -> Answer<wire::NewContainerResponse> {
        let request = request.into_inner();
        let (id, root) = (request.container_id.clone(), request.mounts.iter());
        let root = root
            .clone()
            .find(|mount| mount.dest == "/")
            .map(|mount| mount.result_id.clone());
        self.answer(Call::NewContainer(request), |state| {
            let Some(root) = root else {
                return Err(Failure::new("no root mount specified"));
            };
            // A container's files are read from its root.
            let definition = state.definitions.get(&root).cloned().unwrap_or_default();
            state.definitions.insert(id, definition);
            Ok(wire::NewContainerResponse {})
        })
        .await
    }

    async fn release_container(
        &self,
        request: Request<wire::ReleaseContainerRequest>,
    ) -> Answer<wire::ReleaseContainerResponse> {
        let request = request.into_inner();
        let id = request.container_id.clone();
        self.answer(Call::ReleaseContainer(request), |state| {
            state.definitions.remove(&id);
            Ok(wire::ReleaseContainerResponse {})
        })
        .await
    }

    async fn read_file_container(
        &self,
        request: Request<wire::ReadFileRequest>,
    ) -> Answer<wire::ReadFileResponse> {
        let request = request.into_inner();
        self.answer(Call::ReadFileContainer(request.clone()), |state| {
            state.read(&request)
        })
        .await
    }

    async fn read_dir_container(
        &self,
        request: Request<wire::ReadDirRequest>,
    ) -> Answer<wire::ReadDirResponse> {
        let request = request.into_inner();
        self.answer(Call::ReadDirContainer(request.clone()), |state| {
            state.list(&request)
        })
        .await
    }

    async fn stat_file_container(
        &self,
        request: Request<wire::StatFileRequest>,
    ) -> Answer<wire::StatFileResponse> {
        let request = request.into_inner();
        self.answer(Call::StatFileContainer(request.clone()), |state| {
            state.stat(&request)
        })
        .await
    }

    type ExecProcessStream = ReceiverStream<Result<wire::ExecMessage, Status>>;

    async fn exec_process(
        &self,
        request: Request<Streaming<wire::ExecMessage>>,
    ) -> Answer<Self::ExecProcessStream> {
        self.daemon.enter(Call::ExecProcess).await.map_err(status)?;
        let mut incoming = request.into_inner();
        let (sender, receiver) = tokio::sync::mpsc::channel(16);
        let daemon = self.daemon.clone();
        tokio::spawn(async move {
            let mut running = BTreeMap::new();
            while let Some(Ok(message)) = incoming.next().await {
                daemon.note(Call::ExecMessage(message.clone()));
                for answer in daemon.exec(&mut running, message) {
                    let is_end = answer.is_err();
                    if sender.send(answer).await.is_err() || is_end {
                        return;
                    }
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}
