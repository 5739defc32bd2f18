//! Cache presets: the tools really use the directories, and leave nothing of them in the image.

use stagefile_tests::Project;

/// Returns a stage that notes which directories are mounts while a script runs.
fn stage(image: &str, preset: &str, script: &str) -> String {
    format!(
        "
stages:
  app:
    from: {image}
    caches: [{preset}]
    steps:
      - run: |
          : @TOKEN@
          {script}
          cut -d ' ' -f 2 /proc/mounts > /mounts
"
    )
}

#[test]
fn go_compiles_into_its_cache() {
    let script = "go env GOCACHE GOMODCACHE > /used; CGO_ENABLED=0 go build -o /dev/null fmt; du -s $(go env GOCACHE)";
    let files = Project::new(&stage("golang:1.19-bookworm", "go", script))
        .build()
        .files();
    for directory in files.text("used").lines() {
        assert!(
            files.text("mounts").lines().any(|mount| mount == directory),
            "{directory} is not mounted"
        );
        assert!(
            files.below(directory.trim_start_matches('/')).is_empty(),
            "{directory} is in the image"
        );
    }
    assert!(
        files.below("root/.cache").is_empty(),
        "{:?}",
        files.below("root/.cache")
    );
}

#[test]
fn npm_caches_where_it_is_told() {
    let files = Project::new(&stage(
        "node:18-bookworm-slim",
        "npm",
        "npm config get cache > /used",
    ))
    .build()
    .files();
    let directory = files.text("used").trim();
    assert!(
        files.text("mounts").lines().any(|mount| mount == directory),
        "{directory} is not mounted"
    );
}

#[test]
fn pip_caches_where_it_is_told() {
    let files = Project::new(&stage(
        "python:3.11-slim-bookworm",
        "pip",
        "pip cache dir > /used",
    ))
    .build()
    .files();
    let directory = files.text("used").trim();
    assert!(
        files.text("mounts").lines().any(|mount| mount == directory),
        "{directory} is not mounted"
    );
}

#[test]
fn cargo_caches_in_its_home() {
    let files = Project::new(&stage("busybox:1.35", "cargo", ":"))
        .build()
        .files();
    let mounts: Vec<_> = files
        .text("mounts")
        .lines()
        .filter(|mount| mount.contains("cargo"))
        .collect();
    assert_eq!(mounts, ["/root/.cargo/git", "/root/.cargo/registry"]);

    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    env: { CARGO_HOME: /usr/local/cargo }
    caches: [cargo]
    steps:
      - run: ': @TOKEN@; cut -d \" \" -f 2 /proc/mounts > /mounts'
",
    )
    .build()
    .files();
    let mounts: Vec<_> = files
        .text("mounts")
        .lines()
        .filter(|mount| mount.contains("cargo"))
        .collect();
    assert_eq!(
        mounts,
        ["/usr/local/cargo/git", "/usr/local/cargo/registry"]
    );
}

/// The base image empties apt's directories behind every command; the preset has to keep it from doing so.
#[test]
fn apt_keeps_what_it_downloads() {
    let project = Project::new(
        "
stages:
  packages:
    from: debian:bookworm-slim
    caches: [apt]
    steps:
      - run: |
          : @TOKEN@
          apt-get update -qq
          apt-get install -qq --no-install-recommends netbase
          ls /var/cache/apt/archives/*.deb > /archives
          ls /var/lib/apt/lists | wc -l > /lists
  app:
    from: packages
",
    );
    let files = project.build().files();
    assert!(
        files.text("archives").contains("netbase"),
        "{}",
        files.text("archives")
    );
    assert_ne!(files.text("lists").trim(), "0");
    assert!(
        files.contains("etc/protocols"),
        "the package is not installed"
    );
    let left = |directory| {
        files
            .below(directory)
            .into_iter()
            .filter(|path| path.contains('.'))
            .collect::<Vec<_>>()
    };
    assert_eq!(left("var/cache/apt"), Vec::<&str>::new());
    assert_eq!(left("var/lib/apt/lists"), Vec::<&str>::new());

    // In the next build the archive is there before anything is downloaded.
    project.write_stagefile(
        "
stages:
  app:
    from: debian:bookworm-slim
    caches: [apt]
    steps:
      - run: ': @TOKEN@ again; ls /var/cache/apt/archives/*.deb > /archives'
",
    );
    let files = project.build().files();
    assert!(
        files.text("archives").contains("netbase"),
        "{}",
        files.text("archives")
    );
}
