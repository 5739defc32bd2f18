//! Tests of warnings about options that can't be honored.

use buildkit_gateway::testkit::Daemon;

use super::harness::{self, ask};

/// Builds a file with some options, and returns the warnings.
async fn warnings(daemon: Daemon, options: &[(&str, &str)]) -> Vec<String> {
    let text = "
stages:
  app:
    from: scratch
    steps: [{ mkdir: /a }]
    image:
      annotations: { made-by: { value: me, at: [manifest, index] } }
";
    let daemon = daemon
        .local("dockerfile", [("Stagefile", text)])
        .source("git://example.com/x.git", [("Stagefile", text)]);
    ask(&daemon, options).await.unwrap();
    harness::warnings(&daemon)
}

#[tokio::test]
async fn annotations_of_an_index_that_another_makes() {
    let lost = "this build is for one platform, so it has no index for the annotation made-by";
    let one = warnings(Daemon::new(), &[("platform", "linux/arm64")]).await;
    assert!(one.len() == 1 && one[0].starts_with(lost), "{one:?}");
    // In the first case there is an index; in the second, no index is expected.
    let index = [("platform", "linux/arm64"), ("multi-platform", "true")];
    assert_eq!(warnings(Daemon::new(), &index).await, [""; 0]);
    assert_eq!(warnings(Daemon::new(), &[]).await, [""; 0]);
}

#[tokio::test]
async fn the_time_of_a_context_that_has_none() {
    let epoch = ("build-arg:SOURCE_DATE_EPOCH", "context");
    let directory = warnings(Daemon::new(), &[epoch]).await;
    let expected = "SOURCE_DATE_EPOCH=context has no effect: only a build context from git or a server has a time";
    assert!(
        directory.len() == 1 && directory[0].starts_with(expected),
        "{directory:?}"
    );
    // A daemon that can neither report the time nor set it on the files isn't asked for it.
    let old = Daemon::new().without(["source.metaresolver", "source.git.mtime"]);
    let repository = warnings(old, &[epoch, ("context", "https://example.com/x.git")]).await;
    let expected = "SOURCE_DATE_EPOCH=context has no effect: the daemon doesn't say";
    assert!(
        repository.len() == 1 && repository[0].starts_with(expected),
        "{repository:?}"
    );
}

/// If an annotation's key names no platform, exporters apply it to the images of all platforms.
#[tokio::test]
async fn annotations_are_of_the_image_of_their_platform() {
    let file = "
stages:
  app:
    from: busybox:1.35
    steps: [{ run: make }]
    reports: { log: /log }
    image: { annotations: { made-by: me } }
";
    let keys = async |options: &[(&str, &str)]| {
        let result = ask(&harness::daemon(file), options).await.unwrap();
        let keys = result
            .metadata
            .into_keys()
            .filter(|key| key.starts_with("annotation"));
        keys.collect::<Vec<_>>()
    };
    assert_eq!(keys(&[]).await, ["annotation.made-by"]);
    let both = keys(&[("platform", "linux/amd64,linux/arm64")]).await;
    assert_eq!(both.len(), 2, "{both:?}");
    // Reports aren't an image.
    assert_eq!(keys(&[("target", "app@reports")]).await, [""; 0]);
}
