//! Tests of the contexts of two builds that are compared.

use buildkit_gateway::context::Contexts;
use buildkit_gateway::testkit::Daemon;
use buildkit_llb::{Platform, State};

use super::{contexts, marshal, source};

const URL: &str = "https://example.com/x";

async fn compared(daemon: &Daemon, options: &[(&str, &str)]) -> [Contexts; 2] {
    let contexts = contexts(daemon, options).await.expect("contexts");
    let platform = Platform::new("linux", "amd64");
    let both = contexts
        .compared("before", &platform)
        .await
        .expect("contexts");
    both.expect("a context")
}

/// Returns the file of a version, and the source of its context.
async fn text_and_source(contexts: &Contexts) -> (String, String) {
    let file = contexts
        .entrypoint("Stagefile", "YAML")
        .await
        .expect("a file");
    let main = contexts.own_main(&file).await.expect("a context");
    let text = String::from_utf8_lossy(file.text()).into_owned();
    (text, source(&marshal(&main.with_paths(["a"]))).0)
}

#[tokio::test]
async fn a_directory_takes_the_place_of_whatever_the_context_is() {
    let now = [("Stagefile", "now")];
    let before = [("Stagefile", "before"), (".dockerignore", "")];
    let option = ("context:before", "local:before");
    let daemon = Daemon::new()
        .local("dockerfile", now)
        .local("context", [(".dockerignore", "")])
        .local("before", before)
        .source(URL, [("context", "now")])
        .source("git://example.com/x.git", now)
        .local("given", now);
    for (context, identifier) in [
        (None, "local://context"),
        (Some(URL), URL),
        (Some("https://example.com/x.git"), "git://example.com/x.git"),
    ] {
        let context = context.map(|url| ("context", url));
        let options: Vec<_> = context.into_iter().chain([option]).collect();
        let [earlier, later] = compared(&daemon, &options).await;
        assert_eq!(
            text_and_source(&later).await,
            ("now".to_owned(), identifier.to_owned())
        );
        let expected = ("before".to_owned(), "local://before".to_owned());
        assert_eq!(text_and_source(&earlier).await, expected, "{context:?}");
        // It isn't one of the named contexts then.
        assert!(earlier.named("before", None).await.unwrap().is_none());
    }
}

/// The client's inputs belong to this version.
#[tokio::test]
async fn a_repository_takes_the_place_of_inputs() {
    let daemon = Daemon::new()
        .input("context", marshal(&State::local("given")))
        .input("dockerfile", marshal(&State::local("given")))
        .local("given", [("Stagefile", "now")])
        .source("git://example.com/x.git", [("Stagefile", "before")]);
    let options = [("context:before", "https://example.com/x.git")];
    let [earlier, later] = compared(&daemon, &options).await;
    assert_eq!(
        text_and_source(&later).await,
        ("now".to_owned(), "local://given".to_owned())
    );
    let expected = ("before".to_owned(), "git://example.com/x.git".to_owned());
    assert_eq!(text_and_source(&earlier).await, expected);
}
