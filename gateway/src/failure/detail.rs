//! What an error carries besides its message.

use buildkit_llb::Digest;
use buildkit_proto::status::Status;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::solve::SolveFailure;
use super::source_position::SourcePosition;

/// What comes before the name of each kind of detail.
const PREFIX: &str = "github.com/moby/buildkit/";

/// One detail as it came or goes: the name of its kind, and JSON.
///
/// Details are kept in this form, so that those of kinds or with fields that this version doesn't know
/// reach the client unharmed when an error is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawDetail {
    pub(crate) type_url: String,
    pub(crate) json: Bytes,
}

/// One detail, understood.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// A place in the user's files.
    Source(SourcePosition),
    /// The digest of the vertex that failed.
    Vertex(Digest),
    /// The frontend that the error went through.
    Frontend {
        /// Such as `gateway.v0`.
        name: String,
        /// The frontend's image, if it has one.
        source: String,
    },
    /// The capability that a frontend was asked for and doesn't have.
    FrontendCapability(String),
    /// The request that a frontend doesn't answer.
    Subrequest(String),
    /// What the daemon kept of the vertex that failed.
    Solve(Box<SolveFailure>),
    /// The code that a process ended with.
    ExitCode(u32),
    /// Anything else, such as a stack of calls.
    Other {
        /// Names the kind.
        type_url: String,
        /// The content, mostly JSON.
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
struct Kept {
    #[serde(rename = "mountIDs")]
    mount_ids: Vec<String>,
}

impl RawDetail {
    /// Makes sense of the detail. What can't be made sense of isn't lost.
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
        Self::encode("errdefs.Solve", &Kept { mount_ids })
    }

    pub(crate) fn exit_code(code: u32) -> Option<Self> {
        Self::encode("gatewayapi.ExitMessage", &Exit { code })
    }

    /// Writes a detail; none of the types above can fail to be JSON, and an error is better sent
    /// without a detail than not at all.
    fn encode(kind: &str, value: &impl Serialize) -> Option<Self> {
        let json = serde_json::to_vec(value).ok()?.into();
        Some(Self {
            type_url: format!("{PREFIX}{kind}+json"),
            json,
        })
    }
}

/// Takes the details out of a status.
pub(crate) fn details_of(status: Status) -> Vec<RawDetail> {
    let details = status.details.into_iter();
    details
        .map(|any| RawDetail {
            type_url: any.type_url,
            json: any.value.into(),
        })
        .collect()
}
