//! Warnings.

use buildkit_llb::Digest;
use buildkit_proto::gateway::WarnRequest;

use super::Client;
use crate::capability::table;
use crate::error::Error;
use crate::failure::SourcePosition;

/// A warning for the user, which doesn't stop the build.
///
/// `docker buildx build` prints the number of warnings at the end, and their text with `--debug`.
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
    /// Creates a warning with a one-line message.
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

    /// Sets a URL with more information.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Sets the importance. The default, 1, is the most important.
    pub fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }

    /// Sets the location in the user's files.
    pub fn at(mut self, position: SourcePosition) -> Self {
        self.position = Some(position);
        self
    }
}

impl Client {
    /// Shows a warning about a vertex, or about none. For warnings about the frontend's own file,
    /// use the vertex that loaded the file
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
