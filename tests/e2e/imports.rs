//! Tests of `imports` from all kinds of sources.

use stagefile_tests::{Project, WebServer};

/// A file with something of every kind.
const LIBRARY: &str = "
args:
  GREETING: hello
caches:
  notes: { target: /notes }
secrets:
  token: {}
templates:
  greet:
    inputs: { whom: { required: true } }
    steps:
      - run: echo ${{ args.GREETING }} ${{ inputs.whom }} >>/greetings
stages:
  base:
    from: busybox:1.35
    steps:
      - run: echo made of @TOKEN@ >/out/made
        outputs: { made: /out }
";

#[test]
fn a_file_of_the_context_gives_whatever_it_defines() {
    let project = Project::new(
        "
imports:
  lib: build/lib.yaml
  loud: { path: build/lib.yaml, args: { GREETING: HELLO } }
stages:
  app:
    from: lib.base
    steps:
      - use: lib.greet
        with: { whom: you }
      - use: loud.greet
        with: { whom: all }
      - copy: made
        from: lib.base.made
        to: /
      - run: test -d /notes && cp /run/secrets/token /told
        caches: [lib.notes]
        secrets: [lib.token]
",
    )
    .with_file("build/lib.yaml", LIBRARY)
    // Only the file itself is needed from the context.
    .with_file(".dockerignore", "*\n");
    let build = || project.build().secret("token", "secret");
    let files = build().files();
    assert_eq!(files.text("greetings"), "hello you\nHELLO all\n");
    assert_eq!(files.text("made"), format!("made of {}\n", project.token()));
    assert_eq!(files.text("told"), "secret");
    let only = build().target("lib.base").files();
    assert!(!only.contains("greetings"));
}

#[test]
fn files_of_a_repository_import_one_another() {
    let server = WebServer::start();
    let repository = server.repository("library");
    repository.write(
        "go/Stagefile",
        "imports: { inner: shared/inner.yaml }\nstages: { base: { from: inner.base } }\n",
    );
    repository.write(
        "shared/inner.yaml",
        "stages: { base: { from: busybox:1.35, steps: [ { write: /inner, content: one } ] } }\n",
    );
    let commit = repository.commit();
    repository.write("shared/inner.yaml", "stages: {}\n");
    repository.commit();
    let project = Project::new(&format!(
        "
imports:
  lib:
    from: {{ git: '{}', checksum: {commit} }}
    path: go/Stagefile
stages:
  app: {{ from: lib.base }}
",
        repository.url()
    ));
    assert_eq!(project.build().files().text("inner"), "one");
}

#[test]
fn files_come_from_servers_images_and_named_contexts() {
    let server = WebServer::start();
    let text = |name: &str| {
        format!("templates: {{ note: {{ steps: [ {{ write: /{name}, content: {name} }} ] }} }}\n")
    };
    let url = server.write("lib/served.yaml", text("served"));
    let image = Project::new("\nstages: { app: { steps: [ { copy: lib.yaml, to: /etc/ } ] } }\n")
        .with_file("lib.yaml", &text("imaged"));
    let image = image.build().image();
    let named = Project::new("").with_file("Stagefile", &text("named"));
    let project = Project::new(&format!(
        "
imports:
  served: {{ from: {{ http: '{url}' }} }}
  imaged: {{ from: '{}', path: etc/lib.yaml }}
  named: {{ from: library }}
stages:
  app:
    steps: [ use: served.note, use: imaged.note, use: named.note ]
",
        image.name()
    ));
    let files = project
        .build()
        .option(format!(
            "--build-context=library={}",
            named.path().display()
        ))
        .files();
    for name in ["served", "imaged", "named"] {
        assert_eq!(files.text(name), name);
    }
}

#[test]
fn mistakes_have_their_places_in_both_files() {
    let project = Project::new(
        "
imports:
  lib: build/lib.yaml
  gone: build/gone.yaml
stages:
  app:
    from: busybox:1.35
    steps:
      - use: lib.fail
",
    )
    .with_file(
        "build/lib.yaml",
        "templates:\n  fail:\n    steps:\n      - run: echo @TOKEN@ && exit 7\n",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("error[unreadable-import]");
    outcome.assert_shows("there is no build/gone.yaml in the build context");
    outcome.assert_shows("Stagefile:4:9");
    let text =
        std::fs::read_to_string(project.path().join("Stagefile")).expect("the file is there");
    std::fs::write(
        project.path().join("Stagefile"),
        text.replace("  gone: build/gone.yaml\n", ""),
    )
    .expect("the file can be written");
    // Both locations of a failing script: that in the template, and that of its use.
    let outcome = project.build().fail();
    outcome.assert_shows("build/lib.yaml:4");
    outcome.assert_shows("Stagefile:8");
}
