//! Tests of `std.apt`, `std.apk` and `std.dnf`.

use stagefile_tests::Project;

use super::RECORDING;

/// Whatever user and network the stage sets; and nothing is left that would differ the next time.
#[test]
fn apt_installs_as_root_and_cleans_up() {
    let project = Project::new(
        "
stages:
  app:
    from: debian:bookworm-slim
    user: nobody
    network: none
    steps:
      - use: std.apt
        with: { packages: [netbase, 'tzdata=*'], options: --allow-downgrades }
        name: '@TOKEN@'
      - run: test \"$(id -un)\" = nobody
",
    );
    let files = project.build().files();
    assert!(files.contains("etc/protocols") && files.contains("usr/share/zoneinfo/UTC"));
    for directory in ["var/lib/apt/lists", "var/cache/apt", "var/log", "tmp"] {
        let left: Vec<_> = files.below(directory).into_iter().collect();
        let left: Vec<_> = left
            .into_iter()
            .filter(|path| !files.entry(&format!("{directory}/{path}")).directory)
            .collect();
        assert!(left.is_empty(), "{directory}: {left:?}");
    }
}

#[test]
fn apt_says_that_a_snapshot_needs_an_archive() {
    let project = Project::new(
        "
stages:
  app:
    from: debian:bookworm-slim
    steps:
      - use: std.apt
        with: { packages: netbase, snapshot: 20260101T000000Z }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("std.apt: a `snapshot` needs an `archive`");
    assert!(outcome.marked_lines().contains(&6), "{}", outcome.text());
}

/// There is no Alpine image here, so a program named `apk` records how it is called, and whether the cache is where apk
/// looks for it.
#[test]
fn apk_is_called_with_its_cache() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    user: "1000"
    steps:
      - write: /bin/apk
        mode: 0755
        content: |
          #!/bin/sh
          RECORD
          grep -q ' /etc/apk/cache ' /proc/mounts && echo cached >> /calls
          mkdir -p /var/log && touch /var/log/apk.log
      - use: std.apk
        with:
          packages: [git, "nodejs~20", "it's"]
          repositories: ["https://example.com/one two"]
"#
        .replace("RECORD", &indented(RECORDING))
        .as_str(),
    );
    let files = project.build().files();
    assert_eq!(
        files.text("calls"),
        "apk in / as 0\n  <add>\n  <--update-cache>\n  <--repository=https://example.com/one two>\n  <git>\n  \
         <nodejs~20>\n  <it's>\ncached\n"
    );
    assert!(!files.contains("var/log/apk.log"));
}

/// The same for Fedora; minimal images only have `microdnf`.
#[test]
fn dnf_is_called_in_words_that_all_of_them_know() {
    for program in ["dnf", "microdnf"] {
        let project = Project::new(
            "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /bin/PROGRAM
        mode: 0755
        content: |
          #!/bin/sh
          RECORD
          grep -q ' /var/cache/dnf ' /proc/mounts && echo cached >> /calls
      - use: std.dnf
        with: { packages: git-core, options: --enablerepo=crb }
"
            .replace("RECORD", &indented(RECORDING))
            .replace("PROGRAM", program)
            .as_str(),
        );
        assert_eq!(
            project.build().files().text("calls"),
            format!(
                "{program} in / as 0\n  <install>\n  <-y>\n  <--setopt=tsflags=nodocs>\n  <--setopt=keepcache=1>\n  \
                 <--setopt=install_weak_deps=0>\n  <--enablerepo=crb>\n  <git-core>\ncached\n"
            )
        );
    }
}

/// Indents a script as the content of a `write` step.
fn indented(script: &str) -> String {
    let lines = script.lines().skip(1);
    lines.collect::<Vec<_>>().join("\n          ")
}
