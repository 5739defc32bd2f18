//! Tests of `in` and `keep`: scripts that run in something other than their stage, checks, and the standard library's
//! templates for them.

use stagefile_tests::Project;

const DISTROLESS: &str = "gcr.io/distroless/static-debian12:nonroot";

#[test]
fn a_tool_of_another_image_changes_the_files_of_a_stage_without_a_shell() {
    let project = Project::new(&format!(
        "
stages:
  tools:
    from: busybox:1.35
    steps: [{{ write: /etc/tool, content: tool of @TOKEN@ }}]
    image: {{ env: {{ TOOL: here }} }}
  app:
    from: {DISTROLESS}
    env: {{ OWN: its }}
    steps:
      - run: |
          cat /etc/tool >made
          echo $TOOL $OWN $(pwd) $(id -u) >>made
          echo lost >/lost
        in: tools
      - use: std.user
        with: {{ name: app, id: 1234, groups: tty, image: 'busybox:1.35' }}
      - use: std.secure
        with: {{ image: 'busybox:1.35' }}
    image: {{ user: app }}
"
    ));
    let image = project.build().image();
    let (files, outcome) = project.build().files_and_outcome();
    let made = files.text("made");
    assert!(made.contains("tool of"), "{made}");
    assert!(made.ends_with("here its /image 0\n"), "{made}");
    assert!(!files.contains("lost") && !files.contains("image"));
    assert!(
        files
            .text("etc/passwd")
            .ends_with("\napp:x:1234:1234::/home/app:/sbin/nologin\n")
    );
    assert!(files.text("etc/group").contains("\ntty:x:5:app\n"));
    assert_eq!(files.entry("home/app").owner, (1234, 1234));
    // The base's layers, and one for each script that is kept.
    let layers = image.inspect()["RootFS"]["Layers"]
        .as_array()
        .unwrap()
        .len();
    let history = image.history();
    assert!(!history.contains("std.secure"), "{history}");
    assert!(layers >= 3, "{layers}");
    outcome.assert_shows("secure");
}

#[test]
fn a_check_of_the_finished_files_decides_over_the_image_and_leaves_nothing_in_it() {
    let project = Project::new(
        "
args: { CONTENT: harmless }
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /etc/app
        content: '${{ args.CONTENT }} of @TOKEN@'
      - use: std.scan
        with: { image: 'busybox:1.35', command: [sh, -c, '! grep -q password= /image/etc/app'] }
      - run: test -s /etc/app && echo left >/left
        keep: false
      - run: echo after >/after
",
    );
    let files = project.build().files();
    assert!(files.contains("after") && !files.contains("left"));
    let refused = project.build().build_arg("CONTENT", "password=abc").fail();
    refused.assert_shows("scan with busybox:1.35");
}

#[test]
fn what_an_image_is_better_without_is_found() {
    for (what, step, said) in [
        (
            "a shell",
            "copy: /bin/busybox\n        from: busybox:1.35\n        to: /bin/sh",
            "/bin/sh",
        ),
        (
            "a setuid program",
            "write: /su\n        content: x\n        mode: '4755'",
            "/su",
        ),
        (
            "a file for all",
            "write: /all\n        content: x\n        mode: '0666'",
            "/all",
        ),
        (
            "a key",
            "write: /etc/key\n        content: '-----BEGIN RSA PRIVATE KEY-----'",
            "/etc/key",
        ),
    ] {
        let outcome = secure(step, "user: 65532", "").build().fail();
        outcome.assert_shows(said);
        outcome.assert_shows("std.secure");
        assert!(!outcome.text().contains("unexpected"), "{what}");
    }
}

/// Makes a project whose image is only built if `std.secure` finds nothing in the output of a step.
fn secure(step: &str, image: &str, inputs: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: scratch
    steps:
      - {step}
      - use: std.secure
        with: {{ image: 'busybox:1.35', except: [/allowed-@TOKEN@]{inputs} }}
    image: {{ {image} }}
"
    ))
}

#[test]
fn an_image_that_runs_as_root_is_not_secure() {
    let users = "write: /etc/passwd\n        content: |\n          admin:x:0:0::/:\n          app:x:1234:1234::/:\n";
    for user in ["", "user: root", "user: '0:65532'", "user: admin"] {
        let outcome = secure(users, user, "").build().fail();
        outcome.assert_shows("std.secure: the image runs as root");
    }
    for user in ["user: app", "user: '65532:0'"] {
        _ = secure(users, user, "").build().succeed();
    }
    _ = secure(users, "", ", root: true").build().succeed();
}

/// Only the daemon knows the user of a base.
#[test]
fn the_user_of_a_base_counts_where_the_image_has_none() {
    let project = Project::new(&format!(
        "
stages:
  base: {{ from: {DISTROLESS} }}
  app:
    from: base
    steps:
      - use: std.secure
        with: {{ image: 'busybox:1.35' }}
      - write: /said
        content: ${{{{ stage.user }}}} of @TOKEN@
"
    ));
    let files = project.build().files();
    let said = files.text("said");
    assert!(
        said.starts_with("65532 of") || said.starts_with("nonroot of"),
        "{said}"
    );
}
