//! Tests of variables from outside: those of the base image, and the client's proxies.

use stagefile_tests::Project;

#[test]
fn scripts_see_the_variables_of_the_base_image() {
    let project = Project::new(
        "
stages:
  app:
    from: golang:1.19-bookworm
    steps:
      - run: echo \"$GOPATH\" > /seen; command -v go >> /seen; echo @TOKEN@
",
    );
    assert_eq!(
        project.build().files().text("seen"),
        "/go\n/usr/local/go/bin/go\n"
    );
}

#[test]
fn proxies_reach_scripts_without_entering_the_cache_key() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo \"${http_proxy-unset}\" > /seen; echo @TOKEN@
        name: note the proxy
",
    );
    let files = project
        .build()
        .build_arg("HTTP_PROXY", "http://127.0.0.1:9")
        .files();
    assert_eq!(files.text("seen"), "http://127.0.0.1:9\n");
    let outcome = project
        .build()
        .build_arg("HTTP_PROXY", "http://127.0.0.1:10")
        .succeed();
    outcome.assert_cached("note the proxy");
}
