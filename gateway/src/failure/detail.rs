//! Details of an error besides its message.

use buildkit_llb::Digest;
use buildkit_proto::status::Status;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::solve::SolveFailure;
use super::source_position::SourcePosition;

/// The prefix of the type names of BuildKit's details.
const PREFIX: &str = "github.com/moby/buildkit/";

/// A detail in its wire form: a type name and JSON.
///
/// Details are kept in this form, so that types and fields unknown to this version reach the client
/// unchanged when an error is passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawDetail {
    pub(crate) type_url: String,
    pub(crate) json: Bytes,
}

/// A decoded detail.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// A position in the user's files.
    Source(SourcePosition),
    /// The digest of the vertex that failed.
    Vertex(Digest),
    /// The frontend that the error passed through.
    Frontend {
        /// The frontend's name, such as `gateway.v0`.
        name: String,
        /// The frontend's image, if it has one.
        source: String,
    },
    /// The capability that a frontend was asked for but lacks.
    FrontendCapability(String),
    /// The subrequest that a frontend doesn't support.
    Subrequest(String),
    /// What the daemon kept of the vertex that failed.
    Solve(Box<SolveFailure>),
    /// The exit code of a process.
    ExitCode(u32),
    /// Any other detail, such as a stack trace.
    Other {
        /// The type name.
        type_url: String,
        /// The content, usually JSON.
        value: Bytes,
    },
}

#[derive(Serialize, Deserialize)]
struct Vertex {
    #[serde(default)]
    digest: String,
}

#[derive(Serialize, Deserialize)]
struct Name {
    #[serde(default)]
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Frontend {
    #[serde(default)]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
}

#[derive(Serialize, Deserialize)]
struct Exit {
    #[serde(rename = "Code", default)]
    code: u32,
}

#[derive(Serialize)]
struct KeptMounts {
    #[serde(rename = "mountIDs")]
    mount_ids: Vec<String>,
}

impl RawDetail {
    /// Decodes the detail. A detail that can't be decoded is returned as [`Detail::Other`].
    pub(crate) fn decode(&self) -> Detail {
        self.decode_known().unwrap_or_else(|| Detail::Other {
            type_url: self.type_url.clone(),
            value: self.json.clone(),
        })
    }

    fn decode_known(&self) -> Option<Detail> {
        let kind = self.type_url.strip_prefix(PREFIX)?.strip_suffix("+json")?;
        Some(match kind {
            "errdefs.Source" => Detail::Source(self.json()?),
            "errdefs.Vertex" => Detail::Vertex(self.json::<Vertex>()?.digest.parse().ok()?),
            "errdefs.Frontend" => {
                let Frontend { name, source } = self.json()?;
                Detail::Frontend { name, source }
            }
            "errdefs.FrontendCap" => Detail::FrontendCapability(self.json::<Name>()?.name),
            "errdefs.Subrequest" => Detail::Subrequest(self.json::<Name>()?.name),
            "errdefs.Solve" => Detail::Solve(Box::new(self.json()?)),
            "gatewayapi.ExitMessage" => Detail::ExitCode(self.json::<Exit>()?.code),
            _ => return None,
        })
    }

    fn json<'json, T: Deserialize<'json>>(&'json self) -> Option<T> {
        serde_json::from_slice(&self.json).ok()
    }

    pub(crate) fn source(position: &SourcePosition) -> Option<Self> {
        Self::encode("errdefs.Source", position)
    }

    pub(crate) fn vertex(digest: Digest) -> Option<Self> {
        Self::encode(
            "errdefs.Vertex",
            &Vertex {
                digest: digest.to_string(),
            },
        )
    }

    pub(crate) fn frontend_capability(name: &str) -> Option<Self> {
        Self::encode(
            "errdefs.FrontendCap",
            &Name {
                name: name.to_owned(),
            },
        )
    }

    pub(crate) fn subrequest(name: &str) -> Option<Self> {
        Self::encode(
            "errdefs.Subrequest",
            &Name {
                name: name.to_owned(),
            },
        )
    }

    pub(crate) fn kept_mounts(mount_ids: Vec<String>) -> Option<Self> {
        Self::encode("errdefs.Solve", &KeptMounts { mount_ids })
    }

    pub(crate) fn exit_code(code: u32) -> Option<Self> {
        Self::encode("gatewayapi.ExitMessage", &Exit { code })
    }

    /// Encodes a detail. The types above can always be serialized, and sending an error without a
    /// detail is better than not sending it.
    fn encode(kind: &str, value: &impl Serialize) -> Option<Self> {
        let json = serde_json::to_vec(value).ok()?.into();
        Some(Self {
            type_url: format!("{PREFIX}{kind}+json"),
            json,
        })
    }
}

/// Returns the details of a status.
pub(crate) fn details_of(status: Status) -> Vec<RawDetail> {
    let details = status.details.into_iter();
    details
        .map(|any| RawDetail {
            type_url: any.type_url,
            json: any.value.into(),
        })
        .collect()
}
