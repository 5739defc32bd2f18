//! Tests of lock files with the test kit's daemon: what is requested and built, and what is reported.

use buildkit_gateway::Environment;
use buildkit_gateway::testkit::{Call, Daemon, Outcome};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{Op, op};
use prost::Message as _;

use crate::session::answer;

const STAGEFILE: &str = "# syntax=example/frontend:1
stages:
  tools:
    from: { git: https://example.com/tools.git, ref: main }
  app:
    from: busybox:1.35
    steps:
      - copy: tool
        from: tools
      - fetch: https://example.com/data.json
      - git: https://example.com/docs.git
        ref: v1
";

const DOCKERFILE: &str = "FROM busybox:1.35
ADD https://example.com/data.json /
ADD https://example.com/docs.git#v1 /docs/
COPY --from=golang:1.22 /x /
";

const COMMIT: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

fn digest(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

fn config(architecture: &str) -> String {
    let config = r#"{"architecture":"ARCH","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    config.replace("ARCH", architecture)
}

/// Returns a daemon that knows the names in the files: digests of `1` are current, digests of `2` are old.
fn daemon(files: &[(&str, &str)]) -> Daemon {
    let files = files.iter().map(|(name, text)| (*name, (*text).to_owned()));
    let mut daemon = Daemon::new()
        .local("dockerfile", files)
        .local("context", [(".dockerignore", "")]);
    for name in [
        "library/busybox:1.35",
        "library/golang:1.22",
        "example/frontend:1",
    ] {
        let name = format!("docker.io/{name}");
        daemon = daemon.image(&name, &digest('1'), config("amd64"));
        let pinned = format!("{name}@{}", digest('2'));
        daemon = daemon.image(&pinned, &digest('2'), config("amd64"));
        let pinned = format!("{name}@{}", digest('1'));
        daemon = daemon.image(&pinned, &digest('1'), config("amd64"));
    }
    for name in [
        "git://example.com/tools.git#main",
        "git://example.com/docs.git#v1",
    ] {
        let git = wire::ResolveSourceGitResponse {
            checksum: "1".repeat(40),
            commit_checksum: COMMIT.to_owned(),
            ..wire::ResolveSourceGitResponse::default()
        };
        daemon = daemon.metadata(name, git);
    }
    let http = wire::ResolveSourceHttpResponse {
        checksum: digest('1'),
        ..wire::ResolveSourceHttpResponse::default()
    };
    daemon.metadata("https://example.com/data.json", http)
}

/// Returns a lock file with the old digests.
fn old_lock() -> String {
    let digest = digest('2');
    format!(
        "version: 1
frontend:
  example/frontend:1: {digest}
images:
  busybox:1.35: {digest}
  golang:1.22: {digest}
git:
  https://example.com/docs.git#v1: {COMMIT}
  https://example.com/tools.git#main: {COMMIT}
http:
  https://example.com/data.json: {digest}
"
    )
}

struct Answered {
    outcome: Outcome,
    calls: Vec<Call>,
}

async fn ask(daemon: Daemon, options: &[(&str, &str)]) -> Answered {
    let mut environment = Environment::from_variables([]);
    environment.options = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let client = daemon.connect().await.unwrap();
    let served = client.serve(async |client| answer(client, &environment).await);
    served.await.unwrap();
    Answered {
        outcome: daemon.outcome().unwrap(),
        calls: daemon.calls(),
    }
}

impl Answered {
    /// Returns the look-ups.
    fn looked_up(&self) -> Vec<String> {
        let asked = self.calls.iter().filter_map(|call| match call {
            Call::ResolveSourceMeta(request) => Some(request.source.clone()?.identifier),
            _ => None,
        });
        let mut asked: Vec<String> = asked.collect();
        asked.sort();
        asked
    }

    /// Returns the sources of all graphs, with what pins them besides their names.
    fn sources(&self) -> Vec<String> {
        let mut sources = Vec::new();
        for call in &self.calls {
            let Call::Solve(request) = call else { continue };
            for bytes in request.definition.iter().flat_map(|graph| &graph.def) {
                if let Some(op::Op::Source(source)) = Op::decode(&bytes[..]).unwrap().op {
                    let checksum = source.attrs.get("http.checksum");
                    let checksum = checksum.map_or("", String::as_str);
                    sources.push(format!("{} {checksum}", source.identifier));
                }
            }
        }
        sources.retain(|source| !source.starts_with("local:"));
        sources.sort();
        sources.dedup();
        sources
    }

    fn warnings(&self) -> Vec<String> {
        let said = self.calls.iter().filter_map(|call| match call {
            Call::Warn(request) => Some(String::from_utf8_lossy(&request.short).into_owned()),
            _ => None,
        });
        said.collect()
    }

    fn failure(&self) -> String {
        match &self.outcome {
            Outcome::Failure(failure) => failure.message().to_owned(),
            other @ Outcome::Result(_) => panic!("{other:?}"),
        }
    }

    fn text(&self, key: &str) -> String {
        match &self.outcome {
            Outcome::Result(result) => String::from_utf8_lossy(&result.metadata[key]).into_owned(),
            other @ Outcome::Failure(_) => panic!("{other:?}"),
        }
    }
}

fn assert_pinned(answered: &Answered, images: &[&str], commits: &[&str]) {
    let digest = digest('2');
    let images = images
        .iter()
        .map(|name| format!("docker-image://docker.io/library/{name}@{digest}"));
    let images: Vec<String> = images.collect();
    assert_eq!(answered.looked_up(), images, "{:?}", answered.outcome);
    let images = images.iter().map(|image| format!("{image} "));
    let commits = commits
        .iter()
        .map(|url| format!("git://example.com/{url}#{COMMIT} "));
    let data = format!("https://example.com/data.json {digest}");
    let expected: Vec<String> = images.chain(commits).chain([data]).collect();
    assert_eq!(answered.sources(), expected);
    assert_eq!(answered.warnings(), [""; 0]);
}

#[tokio::test]
async fn a_build_takes_what_the_lock_pins() {
    let lock = old_lock();
    let files = [("Stagefile", STAGEFILE), ("Stagefile.lock", &*lock)];
    for mode in ["on", "require"] {
        let options = [("build-arg:STAGEFILE_LOCK", mode)];
        let answered = ask(daemon(&files), &options).await;
        assert_pinned(&answered, &["busybox:1.35"], &["docs.git", "tools.git"]);
    }
    let files = [("Dockerfile", DOCKERFILE), ("Dockerfile.lock", &*lock)];
    for mode in ["on", "require"] {
        let options = [
            ("filename", "Dockerfile"),
            ("build-arg:STAGEFILE_LOCK", mode),
        ];
        let answered = ask(daemon(&files), &options).await;
        assert_pinned(&answered, &["busybox:1.35", "golang:1.22"], &["docs.git"]);
    }
}

/// What the file pins itself takes precedence over the lock.
#[tokio::test]
async fn what_the_file_pins_is_not_the_locks() {
    let own = digest('3');
    let text = format!(
        "stages: {{ app: {{ from: scratch, steps: [{{ fetch: 'https://example.com/data.json', checksum: '{own}' }}] }} }}\n"
    );
    let lock = old_lock();
    let files = [("Stagefile", &*text), ("Stagefile.lock", &*lock)];
    let answered = ask(daemon(&files), &[]).await;
    assert_eq!(
        answered.sources(),
        [format!("https://example.com/data.json {own}")]
    );
}

#[tokio::test]
async fn a_build_without_the_lock_doesn_t_even_read_it() {
    let files = [("Stagefile", STAGEFILE), ("Stagefile.lock", "- broken: [")];
    let answered = ask(daemon(&files), &[("build-arg:STAGEFILE_LOCK", "off")]).await;
    assert_eq!(
        answered.looked_up(),
        ["docker-image://docker.io/library/busybox:1.35"]
    );
    let failure = ask(daemon(&files), &[]).await.failure();
    assert!(failure.contains("Stagefile.lock:1:"), "{failure}");
    let failure = ask(daemon(&files), &[("build-arg:STAGEFILE_LOCK", "no")]).await;
    assert!(failure.failure().contains("`off`, `on` or `require`"));
}

#[tokio::test]
async fn what_the_lock_lacks_is_a_warning_or_an_error() {
    let lock = "images:\n";
    let stagefile = [("Stagefile", STAGEFILE), ("Stagefile.lock", lock)];
    let warnings = ask(daemon(&stagefile), &[]).await.warnings();
    let lacking = warnings.iter().filter(|one| one.starts_with("not-locked"));
    assert_eq!(lacking.count(), 5, "{warnings:?}");
    let require = ("build-arg:STAGEFILE_LOCK", "require");
    let failure = ask(daemon(&stagefile), &[require]).await.failure();
    assert!(
        failure.contains("the image `busybox:1.35` is not in Stagefile.lock"),
        "{failure}"
    );
    assert!(failure.contains("Stagefile:6:"), "{failure}");

    let filename = ("filename", "Dockerfile");
    let dockerfile = [("Dockerfile", DOCKERFILE), ("Dockerfile.lock", lock)];
    let answered = ask(daemon(&dockerfile), &[filename]).await;
    let lacking = answered.calls.iter().filter_map(|call| match call {
        Call::Warn(request) if request.short.starts_with(b"not-locked") => Some(&request.ranges),
        _ => None,
    });
    // The positions of downloads are known.
    let mut places: Vec<usize> = lacking.map(Vec::len).collect();
    places.sort_unstable();
    assert_eq!(places, [0, 0, 1, 1]);
    let failure = ask(daemon(&dockerfile), &[filename, require])
        .await
        .failure();
    assert!(failure.contains("is not in Dockerfile.lock"), "{failure}");
    let images = format!(
        "images: {{ 'busybox:1.35': {0}, 'golang:1.22': {0} }}",
        digest('2')
    );
    let dockerfile = [("Dockerfile", DOCKERFILE), ("Dockerfile.lock", &*images)];
    let failure = ask(daemon(&dockerfile), &[filename, require])
        .await
        .failure();
    assert!(
        failure.contains("the file `https://example.com/data.json` is not in"),
        "{failure}"
    );

    // A file without a lock file is built as usual, unless one is required.
    let alone = [("Stagefile", STAGEFILE)];
    let warnings = ask(daemon(&alone), &[]).await.warnings();
    assert!(
        warnings.iter().all(|one| !one.contains("lock")),
        "{warnings:?}"
    );
    let failure = ask(daemon(&alone), &[require]).await.failure();
    assert!(
        failure.starts_with("there is no Stagefile.lock"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_pin_that_can_not_be_had_has_its_place_in_the_lock() {
    let lock = format!(
        "images:\n  busybox:1.35: {}\n  golang:1.22: {0}\n",
        digest('9')
    );
    for (file, text) in [("Stagefile", STAGEFILE), ("Dockerfile", DOCKERFILE)] {
        let beside = format!("{file}.lock");
        let files = [(file, text), (&*beside, &*lock)];
        let failure = ask(daemon(&files), &[("filename", file)]).await.failure();
        assert!(
            failure.contains("isn't available as it is pinned here"),
            "{failure}"
        );
        assert!(failure.contains(&format!("{beside}:2:17")), "{failure}");
    }
}

#[tokio::test]
async fn a_pin_of_one_platform_is_told_from_an_image_for_one_platform() {
    let lock = format!("images:\n  busybox:1.35: {}\n", digest('2'));
    let text = "stages: { app: { from: busybox:1.35 } }";
    let files = [("Stagefile", text), ("Stagefile.lock", &*lock)];
    let options = [("platform", "linux/arm64")];
    let name = "docker.io/library/busybox:1.35";
    // The name refers to an index with another image for this platform.
    let with_index = daemon(&files).image_for(name, "linux/arm64", &digest('1'), config("arm64"));
    let failure = ask(with_index, &options).await.failure();
    assert!(
        failure.contains("is pinned to its image for linux/amd64"),
        "{failure}"
    );
    assert!(failure.contains("Stagefile.lock:2:17"), "{failure}");
    // There is no other image.
    let answered = ask(daemon(&files), &options).await;
    assert!(
        answered.warnings()[0].starts_with("foreign-base"),
        "{:?}",
        answered.warnings()
    );
}

#[tokio::test]
async fn a_lock_is_written_checked_and_updated() {
    let once = old_lock();
    let fresh = once.replace(&digest('2'), &digest('1'));
    for (file, text) in [("Stagefile", STAGEFILE), ("Dockerfile", DOCKERFILE)] {
        let beside = format!("{file}.lock");
        let filename = ("filename", file);
        let files = [(file, text), (&*beside, &*once)];
        let request = ("requestid", "frontend.lock");
        let written = ask(daemon(&files), &[filename, request])
            .await
            .text("result.txt");
        assert!(
            written.contains(&format!("busybox:1.35: {}", digest('1'))),
            "{written}"
        );
        assert!(
            written.contains(&format!("docs.git#v1: {COMMIT}")),
            "{written}"
        );
        // The file doesn't name everything in the lock file.
        let wanted: Vec<&str> = written.lines().skip(1).collect();
        assert!(wanted.iter().all(|line| fresh.contains(line)), "{written}");

        let request = ("requestid", "frontend.lock check");
        let files_now = [(file, text), (&*beside, &*written)];
        let checked = ask(daemon(&files_now), &[filename, request]).await;
        assert_eq!(
            checked.text("result.statuscode"),
            "0",
            "{}",
            checked.text("result.txt")
        );
        let checked = ask(daemon(&files), &[filename, request]).await;
        assert_eq!(checked.text("result.statuscode"), "1");
        let said = checked.text("result.txt");
        assert!(said.contains("moved    busybox:1.35"), "{said}");
        assert!(said.contains("unused   "), "{said}");

        let request = (
            "requestid",
            "frontend.lock update docker.io/library/busybox:1.35",
        );
        let updated = ask(daemon(&files), &[filename, request])
            .await
            .text("result.txt");
        let (_, updated) = updated.split_once('\n').unwrap();
        let expected = once.replace(
            &format!("busybox:1.35: {}", digest('2')),
            &format!("busybox:1.35: {}", digest('1')),
        );
        assert_eq!(updated, expected);

        for (asked, expected) in [
            ("lock update busybox:1.36", "did you mean `busybox:1.35`?"),
            ("lock update", "can't be asked"),
            ("lock chekc", "`lock check`"),
        ] {
            let request = format!("frontend.{asked}");
            let options = [filename, ("requestid", &*request)];
            let failure = format!("{:?}", ask(daemon(&files), &options).await.outcome);
            assert!(failure.contains(expected), "{failure}");
        }
    }
}

#[tokio::test]
async fn a_daemon_that_can_not_tell_fetches_what_it_is_asked_about() {
    let with_commit = |daemon: Daemon| {
        let daemon = daemon.source(
            "git://example.com/tools.git#main",
            [(".git/HEAD", format!("{COMMIT}\n"))],
        );
        let head = [
            (".git/HEAD", "ref: refs/heads/v1\n"),
            (".git/refs/heads/v1", COMMIT),
        ];
        daemon.source("git://example.com/docs.git#v1", head)
    };
    let old = || daemon(&[("Stagefile", STAGEFILE)]).without(["source.metaresolver"]);
    let with_file = with_commit(old()).source("https://example.com/data.json", [("file", "hello")]);
    let lock = ask(with_file, &[("requestid", "frontend.lock")])
        .await
        .text("result.txt");
    let hello = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    for expected in [
        format!("data.json: {hello}"),
        format!("docs.git#v1: {COMMIT}"),
        format!("tools.git#main: {COMMIT}"),
    ] {
        assert!(lock.contains(&expected), "{lock}");
    }
    // The error for a failed fetch has a location.
    let failure = ask(with_commit(old()), &[("requestid", "frontend.lock")]).await;
    let Outcome::Failure(failure) = &failure.outcome else {
        panic!("{:?}", failure.outcome);
    };
    assert!(
        failure.message().contains("data.json can't be locked: "),
        "{failure:?}"
    );
    assert!(failure.positions().next().is_some());
}
