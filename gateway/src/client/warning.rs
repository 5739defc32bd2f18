//! Warnings.

use buildkit_llb::Digest;
use buildkit_proto::gateway::WarnRequest;

use super::Client;
use crate::capability::table;
use crate::error::Error;
use crate::failure::SourcePosition;

/// Something that the user should know, though the build goes on.
///
/// `docker buildx build` counts warnings at the end, and shows the rest with `--debug`.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Warning {
    message: String,
    detail: Vec<String>,
    url: String,
    level: u8,
    position: Option<SourcePosition>,
}

impl Warning {
    /// Says it in one line.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            level: 1,
            ..Self::default()
        }
    }

    /// Adds a line of explanation.
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.detail.push(line.into());
        self
    }

    /// Says where there is more to read.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Says how important it is; 1, the most important, if nothing is said.
    pub fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }

    /// Says where in the user's files it comes from.
    pub fn at(mut self, position: SourcePosition) -> Self {
        self.position = Some(position);
        self
    }
}

impl Client {
    /// Shows a warning about a vertex, or about none. For warnings about the frontend's own file it
    /// is the vertex that loaded the file
    /// ([`Entrypoint::vertex`](crate::context::Entrypoint::vertex)).
    ///
    /// Does nothing on a daemon without [`WARNINGS`](table::WARNINGS).
    pub async fn warn(
        &self,
        vertex: impl Into<Option<Digest>>,
        warning: Warning,
    ) -> Result<(), Error> {
        if !self.shared.capabilities.gateway.supports(&table::WARNINGS) {
            return Ok(());
        }
        let vertex = vertex.into();
        let (info, ranges) = match warning.position {
            None => (None, Vec::new()),
            Some(SourcePosition { file, ranges }) => (
                Some((&file).into()),
                ranges.into_iter().map(Into::into).collect(),
            ),
        };
        let request = WarnRequest {
            digest: vertex.map(|digest| digest.to_string()).unwrap_or_default(),
            level: i64::from(warning.level),
            short: warning.message.into(),
            detail: warning.detail.into_iter().map(Into::into).collect(),
            url: warning.url,
            info,
            ranges,
        };
        self.shared.connection.warn(request).await?;
        Ok(())
    }
}
