//! Tests with a daemon that is slow, gone, or not a daemon at all.

use std::time::Duration;

use buildkit_gateway::testkit::{Daemon, Fault, Method};
use buildkit_gateway::{Client, Code, Error, Failure, SolveRequest, SourcePosition, Warning};
use buildkit_proto::ops::Definition;
use bytes::Bytes;
use tokio::io::AsyncWriteExt;

fn empty() -> SolveRequest {
    SolveRequest::definition(Definition::default())
}

#[tokio::test]
async fn a_daemon_that_hangs_up_ends_every_call() {
    let daemon = Daemon::new()
        .fault(Method::Solve, Fault::Silence)
        .fault(Method::Warn, Fault::HangUp);
    let client = daemon.connect().await.unwrap();
    let (first, second, third) = tokio::join!(
        client.solve(empty()),
        client.solve(empty()),
        client.warn(None, Warning::new("y"))
    );
    for error in [first.unwrap_err(), second.unwrap_err(), third.unwrap_err()] {
        assert!(matches!(error, Error::Disconnected { .. }), "{error:?}");
        let failure = Failure::from(error);
        assert!(
            failure
                .message()
                .starts_with("the connection to buildkitd is lost: "),
            "{failure}"
        );
    }
    // So does every later call.
    let error = client.inputs().await.unwrap_err();
    assert!(matches!(error, Error::Disconnected { .. }), "{error:?}");
}

#[tokio::test]
async fn a_call_ends_with_its_deadline() {
    let daemon = Daemon::new().fault(Method::Solve, Fault::Silence);
    let client = daemon
        .connect()
        .await
        .unwrap()
        .with_deadline(Duration::from_millis(20));
    let error = client.solve(empty()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "buildkitd did not answer `Solve` within 20ms"
    );
    assert_eq!(Failure::from(error).code(), Code::DeadlineExceeded);
    // The connection still works.
    client.inputs().await.unwrap();
}

#[tokio::test]
async fn a_late_answer_is_an_answer() {
    let daemon = Daemon::new().fault(Method::Solve, Fault::Delay(Duration::from_millis(10)));
    let client = daemon.connect().await.unwrap();
    let _result = client.solve(empty()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_daemon_must_answer_the_first_call_in_time() {
    let daemon = Daemon::new().fault(Method::Ping, Fault::Silence);
    let error = daemon.connect().await.unwrap_err();
    let limit = Duration::from_secs(15);
    assert!(
        matches!(error, Error::NoAnswer { limit: within } if within == limit),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "no BuildKit daemon answered within 15s of connecting"
    );
    assert_eq!(Failure::from(error).code(), Code::DeadlineExceeded);
}

#[tokio::test(start_paused = true)]
async fn connecting_ends_whatever_the_other_end_does() {
    let limit = Duration::from_secs(3);
    // One that reads nothing, and one that sends nothing.
    for room in [1, 1 << 16] {
        let (own, _other) = tokio::io::duplex(room);
        let start = tokio::time::Instant::now();
        let error = Client::connect_within(limit, own).await.unwrap_err();
        assert!(matches!(error, Error::NoAnswer { .. }), "{error:?}");
        assert_eq!(start.elapsed(), limit);
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_is_cancelled() {
    let daemon = Daemon::new().fault(Method::Solve, Fault::Silence);
    let client = daemon.connect().await.unwrap();
    let dropped = tokio::time::timeout(Duration::from_millis(10), client.solve(empty())).await;
    dropped.unwrap_err();
    client.inputs().await.unwrap();
}

#[tokio::test]
async fn something_else_than_a_daemon_is_an_error() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        let (own, mut other) = tokio::io::duplex(1024);
        other.write_all(greeting.as_bytes()).await.unwrap();
        drop(other);
        let error = Client::connect(own).await.unwrap_err();
        assert!(matches!(error, Error::Disconnected { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_not_sent() {
    let daemon = Daemon::new();
    let client = daemon.connect().await.unwrap();
    let definition = Definition {
        def: vec![Bytes::from(vec![0; 17 << 20])],
        ..Definition::default()
    };
    let error = client
        .solve(SolveRequest::definition(definition))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::RequestTooLarge { call: "Solve", .. }),
        "{error:?}"
    );
    assert!(daemon.solves().is_empty());
}

#[tokio::test]
async fn a_refusal_keeps_code_and_message() {
    let failure = Failure::new("no").with_code(Code::PermissionDenied);
    let daemon = Daemon::new().fault(Method::Solve, Fault::Refuse(failure.clone()));
    let error = daemon
        .connect()
        .await
        .unwrap()
        .solve(empty())
        .await
        .unwrap_err();
    assert_eq!(Failure::from(error), failure);
}

/// Errors come as trailers, which repeat a source file for each location in it.
#[tokio::test]
async fn an_error_of_a_large_file_is_read_whole() {
    let text = "- run: \"true\"\n".repeat(20_000);
    let file = SourcePosition::new("Stagefile", "YAML", text);
    let failure = (1..5).fold(Failure::new("no"), |failure, line| {
        failure.at(&file.clone().lines(line, line))
    });
    let daemon = Daemon::new().fault(Method::Solve, Fault::Refuse(failure));
    let client = daemon.connect().await.unwrap();
    // The second time shows that the connection still works.
    for _ in 0..2 {
        let failure = Failure::from(client.solve(empty()).await.unwrap_err());
        assert_eq!(failure.message(), "no");
        assert_eq!(failure.positions().count(), 4);
    }
}
