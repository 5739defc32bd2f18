//! Tests that the client's options take effect in the graph and in the image config.

use std::time::{SystemTime, UNIX_EPOCH};

use buildkit_gateway::testkit::{Call, Daemon};
use buildkit_llb::Graph;
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{NetMode, file_action, op};
use buildkit_proto::worker::WorkerRecord;

use super::harness::{self, ask, config, daemon, graph, lines, mounted, operation, script};

const FILE: &str = "
stages:
  base:
    from: busybox:1.35
    steps: [{ run: make base }]
  app:
    from: base
    steps:
      - run: make app
        caches: { target: /objects, id: objects }
        always: true
      - run: make often
        every: 1h
      - mkdir: /made
";

/// Builds a file, and returns the result, the daemon and the graph.
async fn built(file: &str, options: &[(&str, &str)]) -> (wire::Result, Daemon, Graph) {
    let daemon = daemon(file);
    let result = ask(&daemon, options).await.unwrap();
    let graph = graph(&daemon);
    (result, daemon, graph)
}

#[tokio::test]
async fn what_runs_and_what_is_pulled_is_of_the_platform() {
    for platform in ["amd64", "arm64"] {
        let wanted = format!("linux/{platform}");
        let (result, _, graph) = built(FILE, &[("platform", &wanted)]).await;
        for vertex in graph.vertices() {
            let operation = operation(vertex);
            let Some(own) = operation.platform else {
                continue;
            };
            assert_eq!(own.architecture, platform, "{}", vertex.name());
        }
        assert_eq!(config(&result)["architecture"], platform);
    }
}

#[tokio::test]
async fn scripts_have_what_the_client_says_of_all() {
    let options = [
        ("force-network-mode", "host"),
        ("add-hosts", "db=10.0.0.1"),
        ("shm-size", "65536"),
        ("ulimit", "nofile=10:20"),
        ("cgroup-parent", "/group"),
        ("hostname", "builder"),
        ("memory", "1000000"),
        ("build-arg:HTTP_PROXY", "http://proxy"),
    ];
    let (_, _, graph) = built(FILE, &options).await;
    let exec = script(&graph, "make app").1;
    let meta = exec.meta.unwrap();
    assert_eq!(exec.network, i32::from(NetMode::Host));
    assert_eq!(meta.extra_hosts[0].host, "db");
    assert_eq!(meta.ulimit[0].name, "nofile");
    assert_eq!(
        (meta.cgroup_parent.as_str(), meta.hostname.as_str()),
        ("/group", "builder")
    );
    assert_eq!(meta.proxy_env.unwrap().http_proxy, "http://proxy");
    let shm = exec.mounts.iter().find(|mount| mount.dest == "/dev/shm");
    assert_eq!(shm.unwrap().tmpfs_opt.unwrap().size, 65536);
}

#[tokio::test]
async fn only_the_stages_that_the_client_names_are_built_again() {
    let again = async |options: &[(&str, &str)]| {
        let (_, daemon, _) = built(FILE, options).await;
        let graph = daemon.solves().pop().unwrap().definition.unwrap();
        let again = graph.metadata.values().filter(|one| one.ignore_cache);
        let mut names: Vec<String> = again
            .map(|one| one.description["llb.customname"].clone())
            .collect();
        names.sort();
        names
    };
    assert_eq!(again(&[]).await, [""; 0]);
    let all = [
        "[app 1/3] run make app",
        "[app 2/3] run make often",
        "[app 3/3] mkdir /made",
    ];
    assert_eq!(again(&[("no-cache", "app")]).await, all);
    let with_base = [&all[..], &["[base 1/1] run make base"]].concat();
    assert_eq!(again(&[("no-cache", "")]).await, with_base);
}

/// Directories without a step of their own, downloads, and checks of the image are part of the stage.
#[tokio::test]
async fn nothing_of_a_stage_that_is_built_again_comes_from_the_cache() {
    let file = "
stages:
  app:
    from: busybox:1.35
    workdir: /new
    steps:
      - fetch: https://example.com/data.json
      - git: https://example.com/docs.git
        to: docs
      - run: make
        outputs: { bin: /out }
    assert: { files: { /a: exists } }
";
    let (_, daemon, _) = built(file, &[("no-cache", "app")]).await;
    let graph = daemon.solves().pop().unwrap().definition.unwrap();
    let cached = graph.metadata.values().filter(|one| !one.ignore_cache);
    let names = cached.filter_map(|one| one.description.get("llb.customname"));
    let mut names: Vec<&str> = names.map(String::as_str).collect();
    names.retain(|name| name.starts_with("[app"));
    assert_eq!(
        names,
        ["[app] facts about files", "[app] requires what app asserts"]
    );
}

#[tokio::test]
async fn what_a_step_says_of_itself_goes_before_what_the_client_says_of_all() {
    let file = "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: make
        hostname: own
        cgroup-parent: /own
        ulimits: { nofile: 7 }
        limits: { memory: 2g }
";
    let options = [
        ("ulimit", "nofile=10:20,nproc=3"),
        ("cgroup-parent", "/group"),
        ("hostname", "builder"),
        ("memory", "1000000"),
        ("memswap", "2000000"),
    ];
    let (_, _, graph) = built(file, &options).await;
    let (vertex, exec) = script(&graph, "make");
    let meta = exec.meta.unwrap();
    assert_eq!(
        (meta.hostname.as_str(), meta.cgroup_parent.as_str()),
        ("own", "/own")
    );
    let ulimits = meta.ulimit.iter();
    let ulimits: Vec<_> = ulimits.map(|one| (one.name.as_str(), one.soft)).collect();
    assert_eq!(ulimits, [("nproc", 3), ("nofile", 7)]);
    // With another memory limit, the client's combined limit of memory and swap means nothing.
    let resources = vertex.metadata().linux_resources().unwrap();
    assert_eq!((resources.memory, resources.memory_swap), (2 << 30, 0));
}

#[tokio::test]
async fn scripts_do_without_what_a_daemon_lacks() {
    let file = "
stages:
  files: { from: scratch, steps: [{ mkdir: /a }] }
  app:
    from: busybox:1.35
    steps: [{ run: make, bind: { paths: /a, from: files, rw: true } }]
";
    let mounts = async |lacking: &[&str]| {
        let daemon = daemon(file).without(lacking.iter().copied());
        ask(&daemon, &[("shm-size", "65536")]).await.unwrap();
        let mounts = script(&graph(&daemon), "make").1.mounts;
        let of = |dest: &str| mounts.iter().find(|mount| mount.dest == dest).cloned();
        (of("/dev/shm").is_some(), of("/a").unwrap().output)
    };
    assert_eq!(mounts(&[]).await, (true, -1));
    let (_, output) = mounts(&["exec.mount.bind.readwrite-nooutput"]).await;
    assert_ne!(output, -1);
    assert!(!mounts(&["exec.mount.tmpfs.size"]).await.0);
}

/// A stage's own setting takes precedence over the client's for all stages.
#[tokio::test]
async fn an_image_is_looked_for_where_its_stage_says() {
    for (from, expected) in [
        ("busybox:1.35", "pull"),
        ("{ image: busybox:1.35, resolve: local }", "local"),
    ] {
        let file = format!("stages: {{ app: {{ from: {from}, steps: [{{ run: make }}] }} }}\n");
        let (_, daemon, graph) = built(&file, &[("image-resolve-mode", "pull")]).await;
        let calls = daemon.calls();
        let asked = calls.iter().find_map(|call| match call {
            Call::ResolveSourceMeta(request) => Some(request.resolve_mode.as_str()),
            _ => None,
        });
        assert_eq!(asked, Some(expected), "{from}");
        let mut sources = graph
            .vertices()
            .iter()
            .filter_map(|vertex| match operation(vertex).op {
                Some(op::Op::Source(source)) => source.attrs.get("image.resolvemode").cloned(),
                _ => None,
            });
        assert_eq!(sources.next().as_deref(), Some(expected), "{from}");
    }
}

/// An exporter uses it to tell which layers belong to the base.
#[tokio::test]
async fn the_config_of_the_base_comes_with_the_image() {
    for (name, file) in [
        ("Stagefile", "stages: { app: { from: busybox:1.35 } }\n"),
        ("Dockerfile", "FROM busybox:1.35\n"),
    ] {
        let result = ask(&harness::daemon_of(name, file), &[]).await.unwrap();
        let base = &result.metadata["containerimage.base.config"];
        let base: serde_json::Value = serde_json::from_slice(base).unwrap();
        assert_eq!(base["config"]["User"], "65532", "{name}");
    }
}

/// Including the graphs of a file's assertions, which are built separately from the result.
#[tokio::test]
async fn every_graph_of_a_build_comes_with_the_caches_to_look_at() {
    let asserts = "stages: { app: { from: busybox:1.35, steps: [{ run: make }], assert: { commands: [{ run: one }, { run: two }] } } }\n";
    for (name, file, expected) in [
        ("Stagefile", FILE, 1),
        ("Stagefile", asserts, 4),
        ("Dockerfile", "FROM busybox:1.35\nRUN make\n", 1),
    ] {
        let daemon = harness::daemon_of(name, file);
        let cache = r#"[{"Type":"registry","Attrs":{"ref":"example.com/cache"}}]"#;
        ask(&daemon, &[("cache-imports", cache)]).await.unwrap();
        let solves = daemon.solves().into_iter();
        let with_caches = solves.filter(|solve| !solve.cache_imports.is_empty());
        assert_eq!(with_caches.count(), expected, "{file}");
    }
}

/// If only the result is covered, the daemon scans it itself.
#[tokio::test]
async fn a_scanner_runs_for_what_else_is_to_be_covered_as_scripts_do() {
    let scanner = r#"{"config":{"Entrypoint":["/scan"]}}"#;
    let digest = format!("sha256:{:064}", 0);
    let sbom = ("attest:sbom", "generator=example/scanner:1");
    let network = ("force-network-mode", "none");
    let stages = ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "true");
    for (options, is_scanned) in [
        (&[sbom, network][..], false),
        (&[sbom, network, stages], true),
    ] {
        let daemon = daemon(FILE).image("docker.io/example/scanner:1", &digest, scanner);
        let result = ask(&daemon, options).await.unwrap();
        assert_eq!(!result.attestations.is_empty(), is_scanned);
        if is_scanned {
            let exec = script(&graph(&daemon), "/scan").1;
            assert_eq!(exec.network, i32::from(NetMode::None));
        }
    }
}

#[tokio::test]
async fn caches_are_in_the_namespace_that_the_client_chooses() {
    let id = async |options: &[(&str, &str)]| {
        let (_, _, graph) = built(FILE, options).await;
        let exec = script(&graph, "make app").1;
        let cache = exec.mounts.iter().find(|mount| mount.dest == "/objects");
        cache.unwrap().cache_opt.clone().unwrap().id
    };
    assert_eq!(id(&[]).await, "objects");
    assert_eq!(
        id(&[("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ours")]).await,
        "ours/objects"
    );
}

#[tokio::test]
async fn labels_of_the_client_are_the_images() {
    let (result, _, _) = built(FILE, &[("label:made-by", "me")]).await;
    assert_eq!(config(&result)["config"]["Labels"]["made-by"], "me");
}

#[tokio::test]
async fn what_runs_always_and_what_runs_often_differ_from_build_to_build() {
    let nonce = async || {
        let (_, _, graph) = built(FILE, &[]).await;
        mounted(&graph, "make app", "/run/stagefile/always")
    };
    let (first, second) = (nonce().await, nonce().await);
    assert!(first.len() == 32 && first != second, "{first} {second}");

    let hour = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
            / 3600
    };
    let before = hour();
    let (_, _, graph) = built(FILE, &[]).await;
    let window = mounted(&graph, "make often", "/run/stagefile/every");
    let window: u64 = window.trim().parse().unwrap();
    assert!((before..=hour()).contains(&window), "{window}");
}

#[tokio::test]
async fn new_files_and_the_image_have_the_time_that_the_client_gives() {
    let time = async |options: &[(&str, &str)]| {
        let (result, _, graph) = built(FILE, options).await;
        let actions = graph
            .vertices()
            .iter()
            .filter_map(|vertex| match operation(vertex).op {
                Some(op::Op::File(file)) => Some(file.actions),
                _ => None,
            });
        let mut actions = actions.flatten();
        let made = actions.find_map(|action| match &action.action {
            Some(file_action::Action::Mkdir(mkdir)) if mkdir.path == "/made" => {
                Some(mkdir.timestamp)
            }
            _ => None,
        });
        let epoch = result.metadata.get("source.date.epoch").cloned();
        let created = config(&result)["created"].as_str().unwrap().to_owned();
        (made.unwrap(), created, epoch)
    };
    let (made, created, epoch) = time(&[]).await;
    assert_eq!(
        (made, created.as_str(), epoch),
        (315_532_800_000_000_000, "1980-01-01T00:00:00Z", None)
    );
    let (made, created, epoch) = time(&[("build-arg:SOURCE_DATE_EPOCH", "1700000000")]).await;
    assert_eq!(
        (made, created.as_str()),
        (1_700_000_000_000_000_000, "2023-11-14T22:13:20Z")
    );
    assert_eq!(epoch.unwrap(), "1700000000");

    // The file's own time is used if the client gives none.
    let file = format!("{FILE}    image: {{ epoch: 1600000000 }}\n");
    for (option, expected) in [
        ("", "2020-09-13T12:26:40Z"),
        ("1700000000", "2023-11-14T22:13:20Z"),
    ] {
        let (result, _, _) = built(&file, &[("build-arg:SOURCE_DATE_EPOCH", option)]).await;
        assert_eq!(config(&result)["created"], expected);
    }

    // It is also the value of an argument of that name.
    let file = "args: { SOURCE_DATE_EPOCH: '' }\nstages: { app: { from: busybox:1.35, steps: [{ run: 'echo ${{ args.SOURCE_DATE_EPOCH }}' }] } }\n";
    let (_, _, graph) = built(file, &[("build-arg:SOURCE_DATE_EPOCH", "7")]).await;
    script(&graph, "echo 7");

    let options = [("build-arg:SOURCE_DATE_EPOCH", "yesterday")];
    let failure = ask(&daemon(FILE), &options).await.unwrap_err();
    let expected =
        "SOURCE_DATE_EPOCH can't be `yesterday`: it is a number of seconds, or `context`";
    assert_eq!(failure.message(), expected);
}

/// The time of a commit, as reported by a daemon.
#[tokio::test]
async fn the_time_of_a_build_may_be_that_of_its_context() {
    let commit = "tree 0\nauthor me <me@example.com> 1500000000 +0000\ncommitter me <me@example.com> 1600000000 +0000\n\nx\n";
    let git = wire::ResolveSourceGitResponse {
        commit_object: commit.as_bytes().to_vec().into(),
        ..wire::ResolveSourceGitResponse::default()
    };
    let source = "git://example.com/x.git";
    let daemon = daemon(FILE)
        .source(source, [("Stagefile", FILE)])
        .metadata(source, git);
    let options = [
        ("context", "https://example.com/x.git"),
        ("build-arg:SOURCE_DATE_EPOCH", "context"),
    ];
    let result = ask(&daemon, &options).await.unwrap();
    assert_eq!(config(&result)["created"], "2020-09-13T12:26:40Z");
    assert_eq!(harness::warnings(&daemon), [""; 0]);
}

#[tokio::test]
async fn a_file_that_the_client_names_has_no_substitute() {
    let daemon = daemon(FILE).local("dockerfile", [("Dockerfile", "FROM scratch\n")]);
    let failure = ask(&daemon, &[("filename", "other")]).await.unwrap_err();
    assert!(failure.message().contains("other"), "{failure}");
    // If no name is given, a Dockerfile is found too.
    let only = Daemon::new().local("dockerfile", [("Dockerfile", "FROM scratch\n")]);
    ask(&only, &[]).await.unwrap();
}

#[tokio::test]
async fn what_a_daemon_lacks_is_refused_at_its_step() {
    let file = "stages:\n  app:\n    from: busybox:1.35\n    steps:\n      - symlink: /a\n        target: b\n";
    ask(&daemon(file), &[]).await.unwrap();
    let old = daemon(file).without(["file.symlink.create"]);
    let failure = ask(&old, &[]).await.unwrap_err();
    assert!(failure.message().contains("`symlink`"), "{failure}");
    assert_eq!(lines(&failure), [5]);
}

/// Our own program runs on the daemon's platform, whatever is built; if a script starts it, its own platform's variant is used
/// if there is one.
#[tokio::test]
async fn our_program_checks_files_on_the_daemons_platform() {
    let file = "stages:\n  app:\n    from: busybox:1.35\n    steps: [{ run: make, timeout: 5m }]\n    assert: { files: { /a: exists } }\n";
    let mut daemon = daemon(file);
    let mut worker = WorkerRecord {
        id: "worker".to_owned(),
        ..WorkerRecord::default()
    };
    worker.platforms.push(buildkit_proto::ops::Platform {
        os: "linux".to_owned(),
        architecture: "arm64".to_owned(),
        ..buildkit_proto::ops::Platform::default()
    });
    daemon = daemon.workers(vec![worker]);
    ask(&daemon, &[("platform", "linux/amd64")]).await.unwrap();
    let graph = graph(&daemon);
    let architecture = |words: &str| {
        let (vertex, exec) = script(&graph, words);
        let program = &exec.meta.as_ref().unwrap().args[0];
        assert_eq!(program, "/run/stagefile/tool");
        assert_eq!(mounted(&graph, words, program), harness::PROGRAM);
        operation(vertex).platform.unwrap().architecture
    };
    assert_eq!(architecture("check-files"), "arm64");
    assert_eq!(architecture("make"), "amd64");
}

/// Processes without environment variables get a `PATH` from the daemon, or from the graph if the daemon is too old for that.
#[tokio::test]
async fn graphs_are_written_for_the_daemon() {
    let file = "stages: { app: { from: busybox:1.35, assert: { files: { /a: exists } } } }\n";
    let env = async |daemon: Daemon| {
        ask(&daemon, &[]).await.unwrap();
        script(&graph(&daemon), "check-files").1.meta.unwrap().env
    };
    assert_eq!(env(daemon(file)).await, [""; 0]);
    let old = env(daemon(file).without(["exec.meta.setsdefaultpath"])).await;
    assert!(old.len() == 1 && old[0].starts_with("PATH=/"), "{old:?}");
}

#[tokio::test]
async fn images_of_the_clients_layouts_are_looked_up() {
    let digest = format!("sha256:{}", "3".repeat(64));
    let file = format!(
        "stages: {{ app: {{ from: {{ oci-layout: 'base@{digest}' }}, steps: [{{ run: make }}] }} }}\n"
    );
    let config = r#"{"architecture":"amd64","os":"linux","config":{"Labels":{"of":"layout"}},"rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    let image = wire::ResolveSourceImageResponse {
        digest: digest.clone(),
        config: config.into(),
        ..wire::ResolveSourceImageResponse::default()
    };
    let layout = format!("oci-layout://docker.io/library/base@{digest}");
    let daemon = daemon(&file).metadata(&layout, image);
    let result = ask(&daemon, &[]).await.unwrap();
    assert_eq!(
        super::harness::config(&result)["config"]["Labels"]["of"],
        "layout"
    );
}
