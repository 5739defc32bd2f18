//! Tests of `vcs` in expressions: what a client reports about the checkout that it builds.

use std::process::Command;

use stagefile_tests::{Project, WebServer};

/// Writes all properties to a file.
const FILE: &str = "# syntax=FRONTEND
stages:
  app:
    from: scratch
    steps:
      - write: /said
        content: '${{ vcs.revision }} ${{ vcs.short }} ${{ vcs.source }} ${{ vcs.tag }} ${{ vcs.dirty }}'
";

#[test]
fn of_a_repository_there_is_what_its_url_says() {
    let server = WebServer::start();
    let repository = server.repository("app");
    repository.write(
        "Stagefile",
        &FILE.replace("FRONTEND", &stagefile_tests::frontend()),
    );
    let commit = repository.commit();
    repository.tag("v1.2");
    let url = repository.url();
    let short = &commit[..7];
    for (context, said) in [
        (url.to_owned(), format!("  {url}  false")),
        (format!("{url}#main"), format!("  {url}  false")),
        (
            format!("{url}#refs/tags/v1.2"),
            format!("  {url} v1.2 false"),
        ),
        (
            format!("{url}?tag=v1.2&checksum={commit}"),
            format!("{commit} {short} {url} v1.2 false"),
        ),
        (
            format!("{url}#{commit}"),
            format!("{commit} {short} {url}  false"),
        ),
    ] {
        let files = Project::new("").build().of_context(&context).files();
        assert_eq!(files.text("said"), said, "{context}");
    }
}

#[test]
fn of_a_directory_there_is_what_git_says_of_it() {
    let project = Project::new(&FILE[FILE.find('\n').unwrap_or_default()..]);
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .current_dir(project.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git can be started");
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    git(&["init", "--quiet"]);
    let source = "https://example.com/app.git";
    git(&[
        "remote",
        "add",
        "origin",
        &source.replace("//", "//me:word@"),
    ]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message=one"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let short = &commit[..7];
    // No client reports the tags of the checkout.
    git(&["tag", "v1.2"]);
    let said = || {
        let build = project.build().variable("BUILDX_GIT_CHECK_DIRTY", "1");
        build.files().text("said").to_owned()
    };
    assert_eq!(said(), format!("{commit} {short} {source}  false"));

    project.write("more", "@TOKEN@");
    git(&["add", "--all"]);
    assert_eq!(said(), format!("{commit} {short} {source}  true"));

    let without = project.build().variable("BUILDX_GIT_INFO", "false").files();
    assert_eq!(without.text("said"), "    false");
}
