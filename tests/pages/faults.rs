//! Tests of registries that are slow, that break off, and that require a login.

use std::fs;
use std::path::Path;

use stagefile_tests::{Outcome, frontend, token};

use crate::proxy::{Fault, Proxy};
use crate::{Machine, namespace, project, shell, variable};

/// Runs commands on the first machine, with `PROXY` for the registry and its namespace.
#[track_caller]
fn run(project: &Path, proxy: &Proxy, script: &str) -> (bool, Outcome) {
    run_on(Machine::First, project, proxy, script)
}

/// Does the same on either machine.
#[track_caller]
fn run_on(machine: Machine, project: &Path, proxy: &Proxy, script: &str) -> (bool, Outcome) {
    let place = format!("{}/{}", proxy.address(), namespace(project));
    shell(
        machine,
        project,
        &format!(
            "PROXY={place} FRONTEND={} RUN={}\n{script}",
            frontend(),
            token()
        ),
    )
}

#[track_caller]
fn succeed(project: &Path, proxy: &Proxy, script: &str) -> Outcome {
    let (success, outcome) = run(project, proxy, script);
    assert!(success, "{script}\n{}", outcome.text());
    outcome
}

#[track_caller]
fn fail(project: &Path, proxy: &Proxy, script: &str) -> Outcome {
    let (success, outcome) = run(project, proxy, script);
    assert!(!success, "{script}\n{}", outcome.text());
    outcome
}

/// Pushes the frontend and an image to the registry, removes them from the daemon, and makes the file name both there,
/// the frontend by its digest.
const PUBLISH: &str = r#"
docker tag "$FRONTEND" "$REGISTRY/frontend"
docker push --quiet "$REGISTRY/frontend"
digest=$(docker buildx imagetools inspect "$REGISTRY/frontend" --format '{{ json .Manifest }}' | sed -n 's/.*"digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' | head -n 1)
mkdir base
head -c 3000000 /dev/urandom > base/random
sha256sum base/random | sed 's|base/|out/|' > random.sum
tar -C base -c random | docker import - "$REGISTRY/base:1"
docker push --quiet "$REGISTRY/base:1"
docker rmi "$REGISTRY/frontend" "$REGISTRY/base:1"
rm -r base
cat > Stagefile <<END
# syntax=$PROXY/frontend@$digest
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: random
        from: $PROXY/base:1
        to: /
END
"#;

#[test]
fn a_registry_that_is_slow_is_waited_for() {
    let project = project("shell");
    let proxy = Proxy::start(&variable("REGISTRY"), Fault::Slow);
    _ = succeed(project.path(), &proxy, PUBLISH);
    let outcome = succeed(
        project.path(),
        &proxy,
        r#"docker buildx build -f Stagefile --tag "$PROXY/app" --push ."#,
    );
    outcome.assert_shows("pushing manifest");
}

#[test]
fn a_registry_that_wants_a_login_gets_that_of_the_client() {
    let project = project("shell");
    let proxy = Proxy::start(&variable("REGISTRY"), Fault::Login);
    _ = succeed(project.path(), &proxy, PUBLISH);
    let build = r#"docker buildx build -f Stagefile --tag "$PROXY/app" --push ."#;
    let outcome = fail(project.path(), &proxy, build);
    outcome.assert_shows("401 Unauthorized");
    outcome.assert_shows("/frontend@sha256:");

    // Neither in the project nor in the user's configuration.
    let config = tempfile::tempdir().expect("a temporary folder can be made");
    let login = format!(
        r#"
cp -r "$DOCKER_CONFIG/." {config}
export DOCKER_CONFIG={config}
echo password | docker login --username user --password-stdin "${{PROXY%%/*}}"
"#,
        config = config.path().display()
    );
    let outcome = succeed(project.path(), &proxy, &(login + build));
    outcome.assert_shows("pushing manifest");
    fs::remove_dir_all(config.path()).expect("the configuration can be removed");
}

#[test]
fn a_transfer_that_is_cut_off_is_resumed_and_nothing_is_half_written() {
    let project = project("shell");
    let proxy = Proxy::start(&variable("REGISTRY"), Fault::CutOff(100_000));
    _ = succeed(project.path(), &proxy, PUBLISH);
    let build =
        "docker buildx build -f Stagefile --output type=local,dest=out .\nsha256sum -c random.sum";
    let outcome = succeed(project.path(), &proxy, build);
    outcome.assert_shows("out/random: OK");
}

/// Makes on the second machine what the first lacks: a frontend that is three megabytes larger, and a cache of that
/// size.
const FOR_ANOTHER: &str = r#"
head -c 3000000 /dev/urandom > random
sha256sum random | sed 's|random|out/copied|' > random.sum
cat > Stagefile <<END
# syntax=$FRONTEND
caches: { work: { target: /cache, id: work-$RUN } }
stages:
  frontend: { from: "$FRONTEND", steps: [{ copy: random, to: / }] }
  filled: { from: "busybox:1.35", caches: [work], steps: [{ run: cp random /cache/, bind: random, network: none }] }
  app: { from: "busybox:1.35", caches: [work], steps: [{ run: "echo $RUN; cp /cache/random /copied || echo the cache is empty > /copied", network: none }] }
END
docker buildx build -f Stagefile --target frontend --tag "$REGISTRY/frontend" --push .
docker buildx build -f Stagefile --target filled .
docker buildx build -f Stagefile --target @caches --tag "$REGISTRY/caches" --push .
sed -i "1s|.*|# syntax=$PROXY/frontend|" Stagefile
"#;
const BUILD: &str = "docker buildx build -f Stagefile --build-context caches=docker-image://$PROXY/caches --output type=local,dest=out .";
const RIGHT: &str = "\nsha256sum -c random.sum";

/// Prepares a project whose frontend and cache come from a registry that dies during the test.
fn from_a_mortal_registry() -> (tempfile::TempDir, Proxy) {
    let project = project("shell");
    let proxy = Proxy::start(&variable("REGISTRY"), Fault::Dies(1_000_000));
    let (success, outcome) = run_on(Machine::Second, project.path(), &proxy, FOR_ANOTHER);
    assert!(success, "{}", outcome.text());
    (project, proxy)
}

#[test]
fn a_registry_that_dies_while_it_sends_the_frontend_fails_the_build_at_its_line() {
    let (project, proxy) = from_a_mortal_registry();
    proxy.arm();
    let outcome = fail(project.path(), &proxy, BUILD);
    outcome.assert_shows(&format!(">>> # syntax={}", proxy.address()));
    outcome.assert_shows("short read");
    // Again, from where it stopped or from the start, but in any case complete.
    proxy.revive();
    _ = succeed(project.path(), &proxy, &format!("{BUILD}{RIGHT}"));
}

#[test]
fn a_registry_that_dies_while_it_sends_caches_costs_time_and_no_build() {
    let (project, proxy) = from_a_mortal_registry();
    let check = "docker buildx build -f Stagefile --call check .";
    _ = succeed(project.path(), &proxy, check);
    proxy.arm();
    let outcome = succeed(project.path(), &proxy, &format!("{BUILD}\ncat out/copied"));
    outcome.assert_shows("the context `caches` can't be had, so new caches stay empty");
    outcome.assert_shows("the cache is empty");
    // The cache is still new, so the next build gets all of it.
    proxy.revive();
    let changed = "sed -i 's/; cp/ again; cp/' Stagefile\n";
    let again = format!("{changed}{BUILD}{RIGHT}");
    _ = succeed(project.path(), &proxy, &again);
}
