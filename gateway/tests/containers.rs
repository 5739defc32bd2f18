//! Tests of containers and their processes, with an in-memory daemon.

use buildkit_gateway::container::{Container, ContainerRequest, Mount, Output, ProcessRequest};
use buildkit_gateway::testkit::{Call, Daemon, Fault, Method, Process};
use buildkit_gateway::{Client, Error, Failure};
use buildkit_llb::{Network, Platform, Sharing};
use buildkit_proto::ops::{self, MountType as M, NetMode};

async fn container(daemon: &Daemon) -> (Client, Container) {
    let client = daemon.connect().await.expect("a container");
    let container = client
        .new_container(ContainerRequest::new(None))
        .await
        .expect("a container");
    (client, container)
}

#[tokio::test]
async fn a_container_is_what_was_asked_for() {
    let daemon = Daemon::new();
    let client = daemon.connect().await.unwrap();
    let request = ContainerRequest::from_failure("mount-id")
        .mount(Mount::cache("/cache", "go", Sharing::Locked))
        .mount(Mount::secret("/secret", "token").read_only())
        .mount(Mount::ssh("/agent", "default"))
        .mount(Mount::tmpfs("/tmp"))
        .mount(Mount::bind("/src", None).selector("/sub"))
        .network(Network::None)
        .platform(&Platform::new("linux", "arm64"))
        .worker_filter("label==fast")
        .worker_filter("id==1")
        .extra_host("db", "10.0.0.1".parse().unwrap())
        .hostname("h");
    client
        .new_container(request)
        .await
        .unwrap()
        .release()
        .await
        .unwrap();

    let calls = daemon.calls();
    let Call::NewContainer(request) = &calls[1] else {
        panic!("{calls:?}")
    };
    assert_eq!(request.mounts[0].result_id, "mount-id");
    let kinds: Vec<_> = request.mounts.iter().map(ops::Mount::mount_type).collect();
    assert_eq!(
        kinds,
        [M::Bind, M::Cache, M::Secret, M::Ssh, M::Tmpfs, M::Bind]
    );
    assert_eq!(request.mounts[5].selector, "/sub");
    assert_eq!(request.network(), NetMode::None);
    assert_eq!(request.extra_hosts[0].ip, "10.0.0.1");
    assert_eq!(request.hostname, "h");
    let constraints = request.constraints.as_ref().unwrap();
    assert_eq!(constraints.filter, ["label==fast", "id==1"]);
    let Call::ReleaseContainer(released) = &calls[2] else {
        panic!("{calls:?}")
    };
    assert_eq!(released.container_id, request.container_id);
}

#[tokio::test]
async fn output_and_code_are_kept() {
    let process = Process::new().stdout("out").stderr("err").exit_code(3);
    let daemon = Daemon::new().process("tool", process);
    let (_, container) = container(&daemon).await;
    let request = ProcessRequest::new(["tool", "-v"])
        .env("A", "b")
        .dir("/src")
        .user("1000");
    let finished = container.run(request).await.unwrap();
    assert_eq!(finished.exit_code, 3);
    assert_eq!(
        (&finished.stdout[..], &finished.stderr[..]),
        (&b"out"[..], &b"err"[..])
    );
    let missing = container
        .run(ProcessRequest::new(["nothing"]))
        .await
        .unwrap();
    assert_eq!(missing.exit_code, 127);
}

#[tokio::test]
async fn processes_share_a_stream_and_keep_apart() {
    let daemon = Daemon::new()
        .process("cat", Process::new().echoing())
        .process("sleep", Process::new().waiting());
    let (_, container) = container(&daemon).await;
    let mut first = container.start(ProcessRequest::new(["cat"])).unwrap();
    let mut second = container.start(ProcessRequest::new(["cat"])).unwrap();
    let mut third = container
        .start(ProcessRequest::new(["sleep"]).terminal())
        .unwrap();
    second.write("two").unwrap();
    first.write("one").unwrap();
    assert_eq!(
        first.next().await.unwrap(),
        Some(Output::Stdout("one".into()))
    );
    assert_eq!(
        second.next().await.unwrap(),
        Some(Output::Stdout("two".into()))
    );
    first.close_input().unwrap();
    assert_eq!(first.next().await.unwrap(), None);
    assert_eq!(first.exit_code(), Some(0));
    assert_eq!(second.exit_code(), None);

    third.resize(24, 80).unwrap();
    third.signal("TERM").unwrap();
    assert_eq!(third.finish().await.unwrap().exit_code, 143);
    let calls = daemon.calls();
    assert_eq!(
        calls
            .iter()
            .filter(|call| **call == Call::ExecProcess)
            .count(),
        1
    );
}

#[tokio::test]
async fn files_of_a_container_are_read() {
    let daemon = Daemon::new();
    let (_, container) = container(&daemon).await;
    assert!(
        container
            .read_file(0, "x")
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        container
            .stat_file(0, "x")
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(container.stat_file(0, "/").await.unwrap().is_directory());
    assert!(container.read_dir(0, "/", "").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_error_ends_all_processes_and_a_new_one_begins_afresh() {
    let daemon = Daemon::new().process("sleep", Process::new().waiting());
    let (_, container) = container(&daemon).await;
    let daemon = daemon.fault(
        Method::ExecProcess,
        Fault::Refuse(Failure::new("no such container")),
    );
    for _ in 0..2 {
        let process = container.start(ProcessRequest::new(["sleep"])).unwrap();
        let error = process.finish().await.unwrap_err();
        assert_eq!(error.to_string(), "no such container");
    }
    assert_eq!(
        daemon
            .calls()
            .iter()
            .filter(|call| **call == Call::ExecProcess)
            .count(),
        2
    );
}

#[tokio::test]
async fn a_daemon_that_hangs_up_ends_processes() {
    let daemon = Daemon::new().process("sleep", Process::new().waiting());
    let (_, container) = container(&daemon).await;
    let process = container.start(ProcessRequest::new(["sleep"])).unwrap();
    let (finished, ()) = tokio::join!(process.finish(), async {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        daemon.hang_up();
    });
    let error = finished.unwrap_err();
    assert!(matches!(error, Error::Disconnected { .. }), "{error:?}");
}

#[tokio::test]
async fn what_old_daemons_lack_is_named() {
    let all = [
        "gateway.exec.secretenv",
        "gateway.exec.signals",
        "gateway.exec.filesystem",
    ];
    let daemon = Daemon::new()
        .without(all)
        .process("sleep", Process::new().waiting());
    let (client, container) = container(&daemon).await;
    let secret = ProcessRequest::new(["x"]).secret_env("A", "a");
    let mut process = container.start(ProcessRequest::new(["sleep"])).unwrap();
    for (error, needed) in [
        (container.start(secret).unwrap_err(), "BuildKit 0.12"),
        (process.signal("TERM").unwrap_err(), "BuildKit 0.10"),
        (
            container.read_file(0, "x").await.unwrap_err(),
            "BuildKit 0.27",
        ),
    ] {
        assert!(error.to_string().contains(needed), "{error}");
    }
    drop(client);
    let daemon = Daemon::new().without(["gateway.exec.extrahosts"]);
    let client = daemon.connect().await.unwrap();
    let request = ContainerRequest::new(None).extra_host("db", "10.0.0.1".parse().unwrap());
    let error = client.new_container(request).await.unwrap_err();
    assert!(error.to_string().contains("BuildKit 0.10"), "{error}");
    let daemon = Daemon::new().without(["gateway.exec"]);
    let client = daemon.connect().await.unwrap();
    let error = client
        .new_container(ContainerRequest::new(None))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("BuildKit 0.8"), "{error}");
}

#[tokio::test]
async fn a_process_with_open_input_ends_all_the_same() {
    let daemon = Daemon::new().process("true", Process::new().stdout("x"));
    let (_, container) = container(&daemon).await;
    let mut process = container.start(ProcessRequest::new(["true"])).unwrap();
    assert_eq!(
        process.next().await.unwrap(),
        Some(Output::Stdout("x".into()))
    );
    assert_eq!(process.next().await.unwrap(), None);
    assert_eq!(process.exit_code(), Some(0));
    // Either of these would make the daemon end all processes.
    process.write("late").unwrap();
    process.close_input().unwrap();
    drop(process);
    container.run(ProcessRequest::new(["true"])).await.unwrap();
    let ends = daemon.calls();
    let ends = ends.iter().filter(|call| {
        matches!(call, Call::ExecMessage(message) if matches!(
            &message.input,
            Some(buildkit_proto::gateway::exec_message::Input::File(file)) if file.eof
        ))
    });
    assert_eq!(ends.count(), 1);
}

#[tokio::test]
async fn a_container_is_released_whatever_its_processes_did() {
    let ended = Failure::new("exit code: 137").with_exit_code(137);
    let daemon = Daemon::new().fault(Method::ReleaseContainer, Fault::Refuse(ended));
    let (_, first) = container(&daemon).await;
    first.release().await.unwrap();
    let failure = Failure::new("device is busy");
    let daemon = Daemon::new().fault(Method::ReleaseContainer, Fault::Refuse(failure));
    let (_, second) = container(&daemon).await;
    assert_eq!(
        second.release().await.unwrap_err().to_string(),
        "device is busy"
    );
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_forgets_to_say_so_does_not_hang_anyone() {
    let daemon = Daemon::new().process("true", Process::new().stdout("x").without_end_of_output());
    let (_, container) = container(&daemon).await;
    let finished = container.run(ProcessRequest::new(["true"])).await.unwrap();
    assert_eq!((finished.exit_code, &finished.stdout[..]), (0, &b"x"[..]));
}
