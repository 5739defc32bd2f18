//! Tests that the test kit's daemon refuses what would crash a standalone buildkitd.

use std::collections::BTreeMap;

use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{Definition, Op, op};
use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::{Code, Request};
use tonic_prost::ProstCodec;

use super::channel::Channel;
use crate::SolveRequest;
use crate::failure::Failure;
use crate::testkit::Daemon;

/// A solve request as encoded by plain `prost`: the map entry of an option without a value has no
/// value.
#[derive(Clone, PartialEq, Message)]
struct PlainRequest {
    #[prost(btree_map = "string, string", tag = "3")]
    frontend_opt: BTreeMap<String, String>,
}

#[tokio::test]
async fn requests_with_incomplete_entries_are_refused() {
    let channel = Channel::open(Daemon::new().stream()).await.unwrap();
    let mut grpc = Grpc::with_origin(channel, http::Uri::from_static("http://localhost"));
    grpc.ready().await.unwrap();
    let request = PlainRequest {
        frontend_opt: BTreeMap::from([("no-cache".to_owned(), String::new())]),
    };
    let path = PathAndQuery::from_static("/moby.buildkit.v1.frontend.LLBBridge/Solve");
    let codec = ProstCodec::<PlainRequest, wire::SolveResponse>::default();
    let status = grpc.unary(Request::new(request), path, codec).await;
    let status = status.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert!(
        status
            .message()
            .ends_with(r#"SolveRequest.frontend_opt: the map entry "no-cache" has no value"#),
        "{status}"
    );
}

#[tokio::test]
async fn operations_with_incomplete_entries_are_refused() {
    let client = Daemon::new().connect().await.unwrap();
    // A source operation (field 3) with an attribute (field 2) that consists only of a key.
    let source = [0x1a, 5, 0x12, 3, 0x0a, 1, b'a'];
    let decoded = Op::decode(&source[..]).unwrap();
    assert!(matches!(decoded.op, Some(op::Op::Source(_))));
    let definition = Definition {
        def: vec![source.to_vec().into(), Op::default().encode_to_vec().into()],
        ..Definition::default()
    };
    let solved = client.solve(SolveRequest::definition(definition)).await;
    let error = Failure::from(solved.unwrap_err());
    let error = error.message();
    assert!(
        error.contains("SourceOp.attrs") && error.ends_with(r#"the map entry "a" has no value"#),
        "{error}"
    );
}
