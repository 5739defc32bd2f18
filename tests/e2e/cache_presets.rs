//! Tests of cache presets: the tools really use the directories, and leave nothing of them in the image.

use std::fmt::Write as _;

use stagefile_tests::Project;

/// Returns a stage that records which directories are mounts while a script runs.
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

/// The base image empties apt's directories after every command; the preset has to prevent that.
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

    // In the next build, the archive is there before anything is downloaded.
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

/// With each preset, scripts see its directories mounted, its variables set and its files, as root and as another user;
/// and the next build finds what one build leaves.
#[test]
fn every_preset_is_mounted_and_lasts() {
    let presets = [
        ("apk", "/etc/apk/cache", ""),
        ("apt", "/var/cache/apt /var/lib/apt/lists", ""),
        (
            "bun",
            "/var/cache/bun",
            "BUN_INSTALL_CACHE_DIR=/var/cache/bun",
        ),
        (
            "bundler",
            "/var/cache/bundler",
            "BUNDLE_USER_CACHE=/var/cache/bundler BUNDLE_GLOBAL_GEM_CACHE=true",
        ),
        ("cargo", "/tmp/.cargo/registry /tmp/.cargo/git", ""),
        (
            "ccache",
            "/var/cache/ccache",
            "CCACHE_DIR=/var/cache/ccache CMAKE_C_COMPILER_LAUNCHER=ccache",
        ),
        (
            "composer",
            "/var/cache/composer",
            "COMPOSER_CACHE_DIR=/var/cache/composer",
        ),
        ("dnf", "/var/cache/dnf /var/cache/libdnf5", "keepcache=1"),
        (
            "go",
            "/var/cache/go/mod /var/cache/go/build",
            "GOMODCACHE=/var/cache/go/mod GOCACHE=/var/cache/go/build",
        ),
        ("gradle", "/tmp/.gradle/caches /tmp/.gradle/wrapper", ""),
        ("maven", "/tmp/.m2/repository", ""),
        ("npm", "/var/cache/npm", "npm_config_cache=/var/cache/npm"),
        (
            "nuget",
            "/var/cache/nuget",
            "NUGET_PACKAGES=/var/cache/nuget/packages",
        ),
        ("pip", "/var/cache/pip", "PIP_CACHE_DIR=/var/cache/pip"),
        (
            "pnpm",
            "/var/cache/pnpm",
            "npm_config_store_dir=/var/cache/pnpm/store pnpm_config_package_import_method=copy",
        ),
        (
            "poetry",
            "/var/cache/poetry",
            "POETRY_CACHE_DIR=/var/cache/poetry POETRY_VIRTUALENVS_IN_PROJECT=true",
        ),
        (
            "sccache",
            "/var/cache/sccache",
            "SCCACHE_DIR=/var/cache/sccache RUSTC_WRAPPER=sccache",
        ),
        (
            "uv",
            "/var/cache/uv",
            "UV_CACHE_DIR=/var/cache/uv UV_LINK_MODE=copy",
        ),
        (
            "yarn",
            "/var/cache/yarn",
            "YARN_CACHE_FOLDER=/var/cache/yarn/classic YARN_GLOBAL_FOLDER=/var/cache/yarn/berry",
        ),
    ];
    let users = ["root", "1234"];
    let all = || users.iter().flat_map(|user| presets.map(|of| (*user, of)));
    // One build for all, since separate builds would take longer than the tested steps.
    let mut text = "stages:".to_owned();
    let mut copies = String::new();
    for (user, (preset, directories, _)) in all() {
        _ = write!(
            text,
            "
  {preset}-{user}:
    from: busybox:1.35
    env: {{ HOME: /tmp }}
    steps:
      - run: |
          for directory in {directories}; do grep -q \" $directory \" /proc/mounts; echo ROUND > $directory/@TOKEN@-{user}-ROUND; ls $directory | grep @TOKEN@-{user}; done > /tmp/seen
          (env; cat /etc/dnf/*/* 2>/dev/null || :) > /tmp/shown
        user: {user}
        caches: [{preset}]
      - run: for directory in {directories}; do [ ! -e $directory ] || find $directory -mindepth 1; done > /tmp/left
        user: root"
        );
        _ = write!(
            copies,
            "
      - copy: [/tmp/seen, /tmp/shown, /tmp/left]
        from: {preset}-{user}
        to: /{preset}-{user}/"
        );
    }
    _ = write!(text, "\n  all:\n    from: scratch\n    steps:{copies}\n");
    let project = Project::new(&text.replace("ROUND", "one"));
    // With caches that no other test shares: `apt-get update` removes the files of others from its lists.
    let build = || {
        let build = project.build();
        build.build_arg("BUILDKIT_CACHE_MOUNT_NS", project.token())
    };
    let once = build().files();
    project.write_stagefile(&text.replace("ROUND", "two"));
    let twice = build().files();
    for (user, (preset, directories, shown)) in all() {
        let here = format!("{preset}-{user}");
        let count = directories.split(' ').count();
        let [one, two] =
            ["one", "two"].map(|round| format!("{}-{user}-{round}\n", project.token()));
        let seen = once.text(&format!("{here}/seen"));
        assert_eq!(seen, one.repeat(count), "{here}");
        let seen = twice.text(&format!("{here}/seen"));
        assert_eq!(seen, format!("{one}{two}").repeat(count), "{here}");
        let environment = once.text(&format!("{here}/shown"));
        for line in shown.split(' ').filter(|line| !line.is_empty()) {
            assert!(
                environment.lines().any(|other| other == line),
                "{here}: {line}\n{environment}"
            );
        }
        assert_eq!(once.text(&format!("{here}/left")), "", "{here}");
    }
}
