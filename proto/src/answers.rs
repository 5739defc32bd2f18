//! Answers about one kind of source as answers about any.

use crate::gateway::{
    ResolveSourceGitResponse, ResolveSourceHttpResponse, ResolveSourceImageResponse,
    ResolveSourceMetaResponse,
};

impl From<ResolveSourceImageResponse> for ResolveSourceMetaResponse {
    fn from(image: ResolveSourceImageResponse) -> Self {
        Self {
            image: Some(image),
            ..Self::default()
        }
    }
}

impl From<ResolveSourceGitResponse> for ResolveSourceMetaResponse {
    fn from(git: ResolveSourceGitResponse) -> Self {
        Self {
            git: Some(git),
            ..Self::default()
        }
    }
}

impl From<ResolveSourceHttpResponse> for ResolveSourceMetaResponse {
    fn from(http: ResolveSourceHttpResponse) -> Self {
        Self {
            http: Some(http),
            ..Self::default()
        }
    }
}
