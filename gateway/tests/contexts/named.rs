//! Tests of named contexts.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_gateway::context::{ContextError, NamedContext};
use buildkit_gateway::testkit::{Call, Daemon};
use buildkit_llb::{Checksum, Platform, State};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::SourceOp;

use super::{attributes, contexts, marshal, source};

const CONFIG: &str = r#"{"architecture":"amd64","os":"linux","config":{"Env":["A=b"]}}"#;

fn digest() -> String {
    format!("sha256:{}", "c".repeat(64))
}

async fn named(
    daemon: &Daemon,
    options: &[(&str, &str)],
    name: &str,
) -> Result<Option<NamedContext>, ContextError> {
    let contexts = contexts(daemon, options).await?;
    contexts
        .named(name, Some(&Platform::new("linux", "amd64")))
        .await
}

#[tokio::test]
async fn names_are_compared_as_images() {
    let daemon = Daemon::new();
    let scratch = "docker-image://scratch";
    let cases = [
        ("alpine", "alpine", true),
        ("alpine", "docker.io/library/alpine:latest", true),
        ("alpine:3", "alpine:3", true),
        ("alpine", "alpine:3", false),
        ("alpine::linux/amd64", "alpine", true),
        ("alpine::linux/arm64", "alpine", false),
        ("No Image", "No Image", true),
        ("context", "Context", false),
        ("Context", "Context", false),
        ("scratch", "scratch", false),
    ];
    for (key, name, expected) in cases {
        let option = format!("context:{key}");
        let found = named(&daemon, &[(&option, scratch)], name).await.unwrap();
        assert_eq!(found.is_some(), expected, "{key} {name}");
    }
}

#[tokio::test]
async fn an_image_has_a_configuration() {
    let busybox = "docker.io/library/busybox:latest";
    let daemon = Daemon::new().image(busybox, &digest(), CONFIG);
    let options = [
        ("context:base", "docker-image://busybox"),
        ("image-resolve-mode", "local"),
    ];
    let context = named(&daemon, &options, "base").await.unwrap().unwrap();
    assert_eq!(context.digest.unwrap().as_str(), digest());
    assert_eq!(context.image.unwrap().config.env("A"), Some("b"));
    let state = context.files.all();
    assert_eq!(state.get_env("A"), Some("b"));
    let (identifier, _, name) = source(&marshal(&state));
    assert_eq!(identifier, format!("docker-image://{busybox}"));
    assert_eq!(name, "[context base] busybox");
    let calls = daemon.calls();
    let Some(Call::ResolveSourceMeta(asked)) = calls.last() else {
        panic!("{calls:?}")
    };
    assert_eq!(asked.log_name, "[context base] load metadata for busybox");
    assert_eq!(asked.resolve_mode, "local");
}

#[tokio::test]
async fn a_policy_may_make_something_else_of_an_image() {
    let policy = |identifier: &str| wire::ResolveSourceMetaResponse {
        source: Some(SourceOp {
            identifier: identifier.to_owned(),
            attrs: BTreeMap::new(),
        }),
        ..wire::ResolveSourceMetaResponse::default()
    };
    let asked = "docker-image://docker.io/library/a:latest";
    let daemon = Daemon::new().metadata(asked, policy("https://example.com/f"));
    let options = [("context:a", "docker-image://a")];
    let context = named(&daemon, &options, "a").await.unwrap().unwrap();
    assert_eq!(
        source(&marshal(&context.files.all())).0,
        "https://example.com/f"
    );

    let daemon = Daemon::new().metadata(asked, policy(asked));
    let error = named(&daemon, &options, "a").await.unwrap_err();
    assert!(matches!(error, ContextError::Cycle { .. }), "{error:?}");
}

#[tokio::test]
async fn a_directory_has_its_own_ignore_file() {
    let daemon = Daemon::new().local("src", [(".dockerignore", "*.log")]);
    let options = [
        ("context:code", "local:src"),
        ("local-sessionid:src", "other"),
        ("sharedkey:localdir:code", "key"),
    ];
    let context = named(&daemon, &options, "code").await.unwrap().unwrap();
    let solve = daemon.solves().remove(0);
    assert!(solve.evaluate);
    let (_, attrs, name) = source(&solve.definition.unwrap());
    assert_eq!(name, "[context code] load .dockerignore");
    assert_eq!(attrs["local.sharedkeyhint"], "context:code-.dockerignore");
    let (identifier, attrs, name) = source(&marshal(&context.files.with_paths(["a"])));
    assert_eq!(
        (identifier.as_str(), name.as_str()),
        ("local://src", "[context code] load from client")
    );
    let expected = [
        ("local.session", "other"),
        ("local.sharedkeyhint", "context:code-key"),
        ("local.excludepatterns", r#"["*.log"]"#),
        ("local.followpaths", r#"["a"]"#),
    ];
    assert_eq!(attrs, attributes(&expected));
}

#[tokio::test]
async fn an_oci_layout_is_named_with_its_digest() {
    let digest = digest();
    let image = wire::ResolveSourceImageResponse {
        digest: digest.clone(),
        config: CONFIG.into(),
        attestation_chain: None,
    };
    let identifier = format!("oci-layout://docker.io/library/base@{digest}");
    let daemon = Daemon::new().metadata(&identifier, image);
    let value = format!("oci-layout://store:tag@{digest}");
    let context = named(&daemon, &[("context:base", &value)], "base")
        .await
        .unwrap()
        .unwrap();
    let (found, attrs, name) = source(&marshal(&context.files.all()));
    assert_eq!(
        (found, name.as_str()),
        (identifier, "[context base] OCI load from client")
    );
    assert_eq!(
        attrs,
        attributes(&[("oci.session", "session"), ("oci.store", "store")])
    );

    let error = named(
        &daemon,
        &[("context:base", "oci-layout://store:tag")],
        "base",
    )
    .await;
    assert!(matches!(error.unwrap_err(), ContextError::NoDigest { .. }));
}

#[tokio::test]
async fn an_input_may_bring_a_configuration() {
    let config = STANDARD.encode(CONFIG);
    let metadata = format!(r#"{{"containerimage.config":"{config}","x":""}}"#);
    let daemon = Daemon::new().input("i", marshal(&State::local("x")));
    let options = [
        ("context:base", "input:i"),
        ("input-metadata:i", metadata.as_str()),
    ];
    let context = named(&daemon, &options, "base").await.unwrap().unwrap();
    assert_eq!(context.image_json.unwrap(), CONFIG);
    assert_eq!(context.files.all().get_env("A"), Some("b"));

    let plain = named(&daemon, &[("context:base", "input:i")], "base")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(plain.image, None);
    let error = named(&daemon, &[("context:base", "input:j")], "base")
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "context `base`: there is no input `j`");
    for broken in [
        "{",
        r#"{"containerimage.config":"%"}"#,
        r#"{"containerimage.config":"e30x"}"#,
    ] {
        let options = [("context:base", "input:i"), ("input-metadata:i", broken)];
        let error = named(&daemon, &options, "base").await.unwrap_err();
        assert!(matches!(error, ContextError::Metadata { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn repositories_and_files_of_servers() {
    let daemon = Daemon::new();
    let cases = [
        (
            "https://example.com/x.git#main",
            "git://example.com/x.git#main",
        ),
        ("git@example.com:x", "git://example.com/x"),
        ("https://example.com/x", "https://example.com/x"),
    ];
    for (value, identifier) in cases {
        let context = named(&daemon, &[("context:c", value)], "c")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(source(&marshal(&context.files.all())).0, identifier);
    }
    for value in ["", "nothing", "target:x", "ftp://x"] {
        let error = named(&daemon, &[("context:c", value)], "c")
            .await
            .unwrap_err();
        assert!(
            matches!(error, ContextError::UnknownKind { .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn what_is_said_for_a_platform_is_found_however_it_is_written() {
    let daemon = Daemon::new();
    let options = [("context:alpine::linux/arm64", "docker-image://scratch")];
    let contexts = contexts(&daemon, &options).await.unwrap();
    for (variant, expected) in [("v8", true), ("v9", false)] {
        let mut platform = Platform::new("linux", "arm64");
        variant.clone_into(&mut platform.variant);
        let found = contexts.named("alpine", Some(&platform)).await.unwrap();
        assert_eq!(found.is_some(), expected, "{variant}");
    }
}

#[tokio::test]
async fn a_policy_may_put_another_image_in_the_place_of_one() {
    let other = "docker-image://docker.io/library/other:1";
    let image = wire::ResolveSourceImageResponse {
        digest: digest(),
        config: CONFIG.into(),
        attestation_chain: None,
    };
    let answer = wire::ResolveSourceMetaResponse {
        source: Some(SourceOp {
            identifier: other.to_owned(),
            attrs: BTreeMap::new(),
        }),
        image: Some(image),
        ..wire::ResolveSourceMetaResponse::default()
    };
    let daemon = Daemon::new().metadata("docker-image://docker.io/library/a:latest", answer);
    let context = named(&daemon, &[("context:a", "docker-image://a")], "a").await;
    let files = context.unwrap().unwrap().files;
    assert_eq!(source(&marshal(&files.all())).0, other);
}

#[tokio::test]
async fn the_digest_of_a_layout_that_the_file_gives_goes_before_the_clients() {
    let (ours, theirs) = (digest(), format!("sha256:{}", "d".repeat(64)));
    let image = wire::ResolveSourceImageResponse {
        digest: ours.clone(),
        config: CONFIG.into(),
        attestation_chain: None,
    };
    let identifier = format!("oci-layout://docker.io/library/base@{ours}");
    let daemon = Daemon::new().metadata(&identifier, image);
    let value = format!("oci-layout://store@{theirs}");
    let contexts = contexts(&daemon, &[("context:base", &value)])
        .await
        .unwrap();
    let digest = Checksum::parse(&ours).unwrap();
    let context = contexts.layout("base", Some(&digest), None).await.unwrap();
    let (found, attrs, _) = source(&marshal(&context.files.all()));
    assert_eq!((found, attrs["oci.store"].as_str()), (identifier, "store"));
}

#[tokio::test]
async fn what_a_url_says_of_a_repository_is_in_the_graph() {
    let daemon = Daemon::new();
    let commit = "0123456789".repeat(4);
    let url = format!(
        "https://example.com/x.git?submodules=false&mtime=checkout&keep-git-dir&fetch-by-commit&commit={commit}#main"
    );
    let context = named(&daemon, &[("context:c", &url)], "c").await;
    let files = context.unwrap().unwrap().files;
    let (_, attrs, _) = source(&marshal(&files.all()));
    let said = [
        ("git.skipsubmodules", "true"),
        ("git.mtime", "checkout"),
        ("git.keepgitdir", "true"),
        ("git.fetchbycommit", "true"),
        ("git.checksum", commit.as_str()),
    ];
    for (name, value) in said {
        assert_eq!(
            attrs.get(name).map(String::as_str),
            Some(value),
            "{name} of {attrs:?}"
        );
    }
}
