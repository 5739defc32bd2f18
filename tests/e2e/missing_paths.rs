//! Tests of missing paths in stages, images, repositories and named contexts: the error says where, which similar path
//! exists, and which output may be meant.

use stagefile_tests::{Project, WebServer};

#[test]
fn of_a_stage_and_of_its_outputs() {
    let project = Project::new(
        "
args: { CASE: path }
stages:
  build:
    from: busybox:1.35
    outputs: { server: /out, dist: /out/dist }
    steps:
      - write: /out/dist/server
        content: '@TOKEN@'
  app:
    from: busybox:1.35
    steps:
      - { copy: [/out/dits/server], from: build, if: args.CASE == 'path' }
      - { copy: dits/, from: build.server, if: args.CASE == 'output' }
      - { copy: 'dist/*.jar', from: build.server, if: args.CASE == 'pattern' }
      - { copy: 'dist/*.jar', from: build.server, to: /app.jar, if: args.CASE == 'match' }
      - { copy: [a/nope], parents: true, from: build, if: args.CASE == 'parents' }
      - run: ls
        bind: { paths: out/dits, from: build }
        if: args.CASE == 'bind'
      - run: ls
        caches: { target: /cache, path: out/dits, from: build }
        if: args.CASE == 'cache'
",
    );
    for (case, path, help) in [
        (
            "path",
            "/out/dits/server",
            "did you mean `/out/dist/server`?",
        ),
        ("output", "/out/dits", "did you mean `/out/dist`?"),
        ("pattern", "/out/dist/*.jar", ""),
        ("match", "/out/dist/*.jar", ""),
        ("parents", "/a/nope", ""),
        ("bind", "/out/dits", "did you mean `/out/dist`?"),
        ("cache", "/out/dits", "did you mean `/out/dist`?"),
    ] {
        let outcome = project.build().build_arg("CASE", case).fail();
        let message = if case == "pattern" || case == "match" {
            format!("nothing in the stage `build` matches `{path}`")
        } else {
            format!("there is no `{path}` in the stage `build`")
        };
        outcome.assert_shows(&format!("error[missing-path]: {message}"));
        outcome.assert_shows(help);
    }
}

#[test]
fn of_images_repositories_and_contexts() {
    let server = WebServer::start();
    let repository = server.repository("lib");
    repository.write("docs/readme.md", "read me");
    repository.commit();
    let url = repository.url();
    let project = Project::new(&format!(
        "
args: {{ CASE: image }}
stages:
  site:
    from: scratch
    outputs: {{ dist: /srv }}
    steps: [{{ write: /srv/a, content: '@TOKEN@' }}]
  app:
    from: busybox:1.35
    steps:
      - {{ copy: dist, from: 'busybox:1.35', if: args.CASE == 'image' }}
      - {{ copy: dcos/readme.md, from: {{ git: '{url}' }}, if: args.CASE == 'git' }}
      - {{ copy: assets/logo.pgn, from: {{ context: brand }}, if: args.CASE == 'context' }}
"
    ))
    .with_file("brand/assets/logo.png", "@TOKEN@");
    let brand = format!("brand={}", project.path().join("brand").display());
    for (case, message, help) in [
        (
            "image",
            "there is no `/dist` in the image `busybox:1.35`".to_owned(),
            "if you mean the output, write `from: site.dist`",
        ),
        (
            "git",
            format!("there is no `dcos/readme.md` in `{url}`"),
            "did you mean `docs/readme.md`?",
        ),
        (
            "context",
            "there is no `assets/logo.pgn` in the context `brand`".to_owned(),
            "did you mean `assets/logo.png`?",
        ),
    ] {
        let build = project.build().build_arg("CASE", case);
        let outcome = build.option(format!("--build-context={brand}")).fail();
        outcome.assert_shows(&message);
        outcome.assert_shows(help);
    }
}

/// The daemon's errors repeat the file for each location.
#[test]
fn of_a_large_file() {
    let comments = "# what this is about\n".repeat(10_000);
    let project = Project::new(&format!(
        "
stages:
  build: {{ steps: [{{ write: /dist/a, content: '@TOKEN@' }}] }}
  app: {{ steps: [{{ copy: /dits/a, from: build }}] }}
{comments}"
    ));
    let outcome = project.build().fail();
    outcome.assert_shows("there is no `/dits/a` in the stage `build`");
    outcome.assert_shows("did you mean `/dist/a`?");
}

/// What a step writes to an output inside a bind mount isn't in the stage's files, and paths of a stage begin at its
/// root.
#[test]
fn of_a_stage_that_has_the_file_elsewhere() {
    let project = Project::new(
        "
args: { CASE: output }
stages:
  build:
    from: busybox:1.35
    workdir: /app
    steps:
      - write: page/index.html
        content: '@TOKEN@'
      - run: echo @TOKEN@ > dist/a
        bind: { paths: ., rw: true }
        outputs: { dist: /app/dist }
  app:
    from: busybox:1.35
    steps:
      - { copy: /app/dist/a, from: build, if: args.CASE == 'output' }
      - { copy: page/index.html, from: build, if: args.CASE == 'workdir' }
",
    );
    for (case, help) in [
        ("output", "if you mean the output, write `from: build.dist`"),
        ("workdir", "did you mean `/app/page/index.html`?"),
    ] {
        let outcome = project.build().build_arg("CASE", case).fail();
        outcome.assert_shows("error[missing-path]: there is no ");
        outcome.assert_shows(help);
    }
}

#[test]
fn a_script_that_writes_to_what_is_bound_is_told_how() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /src
    steps:
      - run: echo @TOKEN@ > made
        bind: .
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("Read-only file system");
    outcome.assert_shows("`.` is bound read-only");
}

/// A named context has its own ignore file, which is read before anything is built.
#[test]
fn what_the_ignore_file_of_a_named_context_excludes_is_said_to_be_excluded() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: assets/logo.png
        from: { context: brand }
      - run: echo @TOKEN@
        bind: { paths: built, from: { context: brand } }
",
    )
    .with_file("brand/assets/logo.png", "@TOKEN@")
    .with_file("brand/built/app", "@TOKEN@")
    .with_file("brand/.dockerignore", "assets\n/built/\n");
    let brand = format!("brand={}", project.path().join("brand").display());
    let build = || project.build().option(format!("--build-context={brand}"));
    let outcome = build().fail();
    outcome.assert_shows("`assets/logo.png` is excluded from the context `brand`");
    outcome.assert_shows("by `assets` in line 1 of .dockerignore");
    outcome.assert_shows("`built` is excluded from the context `brand`");
    outcome.assert_no_step("[app ");
    let outcome = build().option("--call=check").fail();
    outcome.assert_shows("`assets/logo.png` is excluded from the context `brand`");
}
