//! Tests of SBOM scanners, with an in-memory daemon.

use buildkit_gateway::sbom::{SbomError, SbomScanner, SbomTarget};
use buildkit_gateway::testkit::Daemon;
use buildkit_gateway::{Attestation, Options};
use buildkit_llb::{MarshalOptions, Platform, ResolveMode, State};
use buildkit_proto::ops::{self, ExecOp, MountType, Op, op};
use prost::Message;

const CONFIG: &str = r#"{"config":{"Entrypoint":["/scan"],"Cmd":["-v"],"Env":["A=b"]}}"#;

async fn scanner(daemon: &Daemon) -> Result<SbomScanner, SbomError> {
    let client = daemon.connect().await?;
    let options = Options::parse([("attest:sbom", "generator=scanner,depth=2")]).expect("options");
    let sbom = options.attest.sbom.expect("wanted");
    let amd64 = Platform::new("linux", "amd64");
    SbomScanner::find(&client, &sbom, &amd64, ResolveMode::Default).await
}

fn daemon(config: &'static str) -> Daemon {
    let digest = format!("sha256:{}", "f".repeat(64));
    Daemon::new().image("docker.io/library/scanner:latest", &digest, config)
}

fn exec(state: &State) -> (ExecOp, ops::Definition) {
    let definition: ops::Definition = state.marshal(&MarshalOptions::new()).into();
    let operations = definition.def.iter().cloned();
    let mut operations = operations.filter_map(|bytes| Op::decode(bytes).expect("an operation").op);
    let exec = operations.find_map(|operation| match operation {
        op::Op::Exec(exec) => Some(exec),
        _ => None,
    });
    (exec.expect("an exec"), definition)
}

#[tokio::test]
async fn a_scanner_is_run_by_the_protocol() {
    let scanner = scanner(&daemon(CONFIG)).await.unwrap();
    let target = SbomTarget::new(State::local("core"), &Platform::new("linux", "arm64"))
        .extra("context", State::local("context"))
        .extra("build", State::local("build"));
    let (exec, definition) = exec(&scanner.scan(&target));
    let meta = exec.meta.unwrap();
    assert_eq!(meta.args, ["/scan", "-v"]);
    for pair in [
        "A=b",
        "BUILDKIT_SCAN_DESTINATION=/run/out/",
        "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom",
        "BUILDKIT_SCAN_SOURCE_EXTRAS=/run/src/extras",
        "BUILDKIT_SCAN_depth=2",
    ] {
        assert!(
            meta.env.iter().any(|given| given == pair),
            "{pair} in {:?}",
            meta.env
        );
    }
    let mounts: Vec<_> = exec
        .mounts
        .iter()
        .map(|mount| (mount.dest.as_str(), mount.readonly))
        .collect();
    let expected = [
        ("/", false),
        ("/run/out/", false),
        ("/run/src/core/sbom", true),
        ("/run/src/extras/sbom-build", true),
        ("/run/src/extras/sbom-context", true),
        ("/tmp", false),
    ];
    assert_eq!(mounts, expected);
    assert_eq!(exec.mounts[5].mount_type(), MountType::Tmpfs);
    let names = definition.metadata.values();
    let names: Vec<_> = names
        .filter_map(|it| it.description.get("llb.customname"))
        .collect();
    assert_eq!(
        names,
        ["[linux/arm64] generating sbom using docker.io/library/scanner:latest"]
    );
    assert!(
        definition
            .metadata
            .values()
            .all(|metadata| !metadata.ignore_cache)
    );
}

#[tokio::test]
async fn a_single_result_has_no_extras_and_the_cache_can_be_ignored() {
    let scanner = scanner(&daemon(CONFIG)).await.unwrap();
    let target = SbomTarget::new(State::scratch(), &Platform::new("linux", "amd64"));
    let (exec, definition) = exec(&scanner.scan(&target.ignore_cache()));
    assert!(
        exec.meta
            .unwrap()
            .env
            .iter()
            .all(|pair| !pair.contains("EXTRAS"))
    );
    assert!(
        definition
            .metadata
            .values()
            .any(|metadata| metadata.ignore_cache)
    );
}

#[tokio::test]
async fn the_list_becomes_an_attestation() {
    let daemon = daemon(CONFIG);
    let scanner = scanner(&daemon).await.unwrap();
    let client = daemon.connect().await.unwrap();
    let target = SbomTarget::new(State::local("core"), &Platform::new("linux", "amd64"));
    let attestation = scanner.attest(&client, &target).await.unwrap();
    let expected = Attestation::sbom(attestation.reference.clone());
    assert_eq!(attestation, expected);
    assert_eq!(attestation.predicate_type, "https://spdx.dev/Document");
    assert_eq!(attestation.metadata["reason"], "sbom");
    assert!(attestation.reference.is_some());
}

#[tokio::test]
async fn an_image_that_is_no_scanner_is_an_error() {
    let error = scanner(&daemon(r#"{"config":{}}"#)).await.unwrap_err();
    assert!(matches!(error, SbomError::NoCommand { .. }), "{error:?}");
    let error = scanner(&daemon("[]")).await.unwrap_err();
    assert!(matches!(error, SbomError::Config { .. }), "{error:?}");
    let error = scanner(&Daemon::new()).await.unwrap_err();
    assert!(matches!(error, SbomError::Gateway(_)), "{error:?}");
}
