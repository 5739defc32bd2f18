//! Tests of `assert`: facts about the finished image.

use stagefile_tests::Project;

/// A program without dependencies, in an image that has nothing else.
const SCRATCH: &str = "
stages:
  app:
    workdir: /srv
    steps:
      - copy: /bin/busybox
        from: busybox:1.35
        to: /bin/busybox
        mode: 0755
      - write: config
        content: token @TOKEN@
        owner: 7:8
        mode: 0640
    image: { entrypoint: [/bin/busybox] }
";

#[test]
fn an_image_from_scratch_is_checked_without_a_shell() {
    let with = Project::new(&format!(
        "{SCRATCH}
    assert:
      files:
        /bin/busybox: {{ type: file, mode: 0755, owner: '0:0', size: 4m }}
        config: {{ mode: 0640, owner: '7:8', contains: 'token @TOKEN@' }}
        /srv: {{ type: directory }}
        /bin/sh: absent
        /run: absent
        '/**/.git': absent
      image: {{ workdir: /srv, entrypoint: [/bin/busybox], cmd: [] }}
      commands:
        - run: [/bin/busybox, echo, made of @TOKEN@]
          stdout: of @TOKEN@
          stderr: {{ equals: '' }}
        - run: [/bin/busybox, touch, /bin/busybox-was-here]
      size: 4m
"
    ));
    let image = with.build().image();
    let outcome = image.outcome();
    outcome.assert_ran("[app] assert files");
    outcome.assert_ran("[app] assert /bin/busybox echo");
    let config = image.inspect();
    let layers = config["RootFS"]["Layers"].as_array().map(Vec::len);
    assert!(!image.history().contains("assert"));

    let without = Project::new(SCRATCH).build().image().inspect();
    let plain = without["RootFS"]["Layers"].as_array().map(Vec::len);
    assert_eq!(layers, plain, "the assertions add a layer");
    assert_eq!(
        with.build().files().below("bin"),
        ["busybox"],
        "a command left something"
    );
}

#[test]
fn all_facts_that_do_not_hold_are_shown_with_their_lines() {
    let project = Project::new(&format!(
        "{SCRATCH}
    assert:
      files:
        /bin/busybox: {{ mode: 0700 }}
        config: {{ owner: '7:8', contains: [token, 'no @TOKEN@'] }}
        /bin/sh: exists
      size: 1k
"
    ));
    let token = project.token();
    let outcome = project.build().fail();
    for line in [
        "error[assert-failed]: `/bin/busybox` has the mode 0755, not 0700",
        "--> Stagefile:18:31",
        "|         /bin/busybox: { mode: 0700 }",
        &format!("error[assert-failed]: `/srv/config` doesn't contain `no {token}`"),
        "error[assert-failed]: `/bin/sh` doesn't exist",
        "--> Stagefile:20:18",
        "more than 1024 (1.0 KiB); the largest: `/bin/busybox`",
        "4 of 6 facts about app don't hold:",
        "  Stagefile:18: `/bin/busybox` has the mode 0755, not 0700",
    ] {
        outcome.assert_shows(line);
    }
    // The client marks the whole `assert`, our messages each assertion.
    assert_eq!(outcome.marked_lines(), [16], "{}", outcome.text());
    outcome.assert_no_step("exporting");
}

#[test]
fn an_image_without_a_shell_has_users_and_links() {
    let stagefile = |owner: &str| {
        format!(
            "
stages:
  app:
    from: gcr.io/distroless/static-debian12:nonroot
    steps:
      - write: /data/token
        content: '@TOKEN@'
        owner: '65532:65532'
    assert:
      files:
        /data/token: {{ owner: {owner} }}
        /etc/passwd: {{ contains: nonroot }}
        /bin/sh: absent
      image: {{ user: '65532', env: {{ PATH: /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin, DEBUG: }} }}
"
        )
    };
    let project = Project::new(&stagefile("nonroot:nonroot"));
    project.build().succeed().assert_ran("[app] assert files");
    project.write_stagefile(&stagefile("root"));
    let outcome = project.build().fail();
    outcome.assert_shows("`/data/token` belongs to 65532, not to root");
}

#[test]
fn links_lead_nowhere_outside_of_the_image() {
    let project = Project::new(
        "
stages:
  app:
    from: alpine:3.20
    steps:
      - run: |
          ln -s /bin/busybox /relative
          ln -s ../../../../../run/stagefile/facts.json /outside
          ln -s /nowhere-@TOKEN@ /dangling
          mkfifo /pipe
    assert:
      files:
        /relative: { symlink: /bin/busybox, mode: 0755, type: file }
        /bin/sh: { symlink: /bin/busybox }
        /outside: exists
        /dangling: { symlink: /nowhere-@TOKEN@, type: symlink }
        /../../bin/busybox: { contains: ELF }
        /pipe: { contains: x }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows(
        "`/outside` leads to `../../../../../run/stagefile/facts.json`, which doesn't exist",
    );
    outcome.assert_shows("`/pipe` can't be checked: it is a pipe, not a file");
    outcome.assert_shows("2 of 9 facts");
}

#[test]
fn commands_run_as_a_container_would() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    user: '1234:567'
    workdir: /work
    env: { ONLY_STEPS: '1' }
    steps:
      - run: echo @TOKEN@ > token
    image:
      env: { MODE: production }
      entrypoint: [/bin/false]
    assert:
      commands:
        - run: cat token; id -u; pwd; echo $MODE ${ONLY_STEPS-none} $EXTRA; touch more
          env: { EXTRA: '2' }
          stdout: { equals: \"@TOKEN@\\n1234\\n/work\\nproduction none 2\" }
        - run: ls; id -u >&2; exit 3
          exit-code: 3
          user: '99'
          workdir: ../work/.
          stdout: { equals: token }
          stderr: '99'
        - run: [no-such-program]
          exit-code: 127
",
    );
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.below("work"), ["token"]);
    outcome.assert_ran("[app] assert ls; id -u");
}

/// BuildKit only runs a numeric user if a list of users says which group it has; containers run it anywhere.
#[test]
fn commands_run_as_a_number_without_a_list_of_users() {
    let stagefile = |user: &str, ids: &str| {
        format!(
            "{SCRATCH}
    user: '{user}'
    assert:
      commands:
        - run: [/bin/busybox, sh, -c, '/bin/busybox id -u; /bin/busybox id -g; /bin/busybox id -G']
          stdout: {{ equals: \"{ids}\" }}
"
        )
    };
    for (user, ids) in [("65532", "65532\\n0\\n0"), ("65532:7", "65532\\n7\\n7")] {
        let outcome = Project::new(&stagefile(user, ids)).build().succeed();
        outcome.assert_ran("[app] assert /bin/busybox sh");
    }
}

#[test]
fn a_command_that_does_something_else_fails_at_its_line() {
    let build = |command: &str| {
        Project::new(&format!(
            "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /a
        content: '@TOKEN@'
    assert:
      commands:
        - run: 'true'
        - {{ {command} }}
"
        ))
        .build()
        .fail()
    };
    for (command, expected) in [
        (
            "run: exit 3",
            "error[assert-failed]: its exit code is 3, not 0",
        ),
        (
            "run: echo one, stdout: two",
            "error[assert-failed]: `stdout` doesn't contain `two`",
        ),
        (
            "run: echo one >&2, stderr: { equals: two }",
            "error[assert-failed]: `stderr` is `one`, not `two`",
        ),
        (
            "run: sleep 300 & sleep 300, timeout: 1s",
            "error[assert-failed]: it still ran after 1s",
        ),
        (
            "run: [/no-such-program]",
            "error[assert-failed]: `/no-such-program` can't be started",
        ),
    ] {
        let outcome = build(command);
        outcome.assert_shows(expected);
        assert_eq!(outcome.marked_lines(), [11], "{}", outcome.text());
    }
}

#[test]
fn what_is_said_of_the_config_is_known_before_anything_runs() {
    let project = Project::new(
        "
stages:
  app:
    from: gcr.io/distroless/static-debian12:nonroot
    steps:
      - write: /a
        content: '@TOKEN@'
        name: the step
    image: { expose: [8080] }
    assert:
      image: { user: root, expose: [80] }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("2 errors in Stagefile");
    outcome.assert_shows("error[assert-failed]: the user is `65532`, not `root`");
    outcome.assert_shows("the image exposes `8080/tcp`, not `80/tcp`");
    outcome.assert_no_step("the step");
}

/// A stage on top starts without waiting, and isn't rebuilt when an assertion changes, but isn't used until the
/// assertion holds.
#[test]
fn a_stage_on_top_is_valid_only_if_its_base_is() {
    let stagefile = |asserted: &str, used: &str| {
        format!(
            "
stages:
  base:
    from: busybox:1.35
    steps:
      - write: /base
        content: '@TOKEN@'
    assert:
      files: {{ {asserted} }}
  middle:
    from: base
    steps:
      - run: cat /base > /middle
        name: the step on top
  app:
    {used}
"
        )
    };
    let from = "from: middle";
    let copy = "steps: [{ copy: /middle, from: middle }]";
    let require = "requires: middle";
    let project = Project::new(&stagefile("/base: exists", from));
    let outcome = project.build().succeed();
    outcome.assert_ran("[base] assert files");
    outcome.assert_ran("the step on top");

    project.write_stagefile(&stagefile("/base: { mode: 0644 }", from));
    let outcome = project.build().succeed();
    outcome.assert_ran("[base] assert files");
    outcome.assert_cached("the step on top");

    for used in [from, copy, require] {
        project.write_stagefile(&stagefile("/base: absent", used));
        let outcome = project.build().fail();
        outcome.assert_shows("error[assert-failed]: `/base` exists: a file");
    }
}

#[test]
fn checks_of_an_image_that_is_the_same_come_from_the_cache() {
    let project = Project::new(&format!(
        "{SCRATCH}
    assert:
      files: {{ /bin/busybox: exists }}
      commands: {{ run: [/bin/busybox, 'true'] }}
"
    ));
    let checks = ["[app] assert files", "[app] assert /bin/busybox true"];
    let outcome = project.build().succeed();
    for check in checks {
        outcome.assert_ran(check);
    }
    let outcome = project.build().succeed();
    for check in checks {
        // If the whole result comes from the cache, the daemon cancels its dependencies.
        let step = outcome.step(check);
        assert!(step.cached || !step.done, "{}", outcome.text());
    }
    let outcome = project.build().option("--no-cache").succeed();
    for check in checks {
        outcome.assert_ran(check);
    }
}

/// Nothing from the image runs, so foreign platforms need no emulation.
#[test]
fn files_of_a_foreign_platform_are_checked_too() {
    let project = Project::new(
        "
stages:
  app:
    steps:
      - write: /platform
        content: ${{ platform.target.arch }} @TOKEN@
    assert:
      files:
        /platform: { contains: \"${{ platform.target.arch }} @TOKEN@\" }
      size: 1k
",
    );
    let (_, outcome) = project
        .build()
        .option("--platform=linux/amd64,linux/arm64")
        .archive();
    outcome.assert_ran("[linux/arm64 app] assert files");
    outcome.assert_ran("[linux/amd64 app] assert files");
}

/// A stage without files may exist only for what it requires.
#[test]
fn an_empty_image_is_checked_too() {
    let stagefile = |asserted: &str| {
        format!(
            "
stages:
  empty:
    assert:
      files: {{ /@TOKEN@: absent, /: {{ type: directory }} }}
      size: 0
  tested:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
  app:
    requires: [empty, tested]
    assert:
      files: {{ /{asserted}: absent, /@TOKEN@: absent }}
"
        )
    };
    let project = Project::new(&stagefile("etc"));
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.paths().count(), 0);
    outcome.assert_ran("[empty] assert files");
    outcome.assert_ran("[app] assert files");
    project.write_stagefile(&stagefile("../"));
    project
        .build()
        .fail()
        .assert_shows("`/` exists: a directory");
}

#[test]
fn templates_and_combinations_assert_too() {
    let project = Project::new(
        "
templates:
  service:
    inputs: { file: { required: true } }
    stage:
      assert:
        files:
          /${{ inputs.file }}: { contains: nothing }
stages:
  app:
    matrix: { name: [one, two] }
    use: service
    with: { file: \"${{ matrix.name }}\" }
    steps:
      - write: /${{ matrix.name }}
        content: \"@TOKEN@\"
  all:
    requires: app
",
    );
    let outcome = project.build().target("app-two").fail();
    outcome.assert_shows("`/two` doesn't contain `nothing`");
    outcome.assert_shows("used here");
    outcome.assert_no_step("[app-one]");
}

/// The daemon would read the image for hours if it computed a digest of its files.
#[test]
fn an_image_with_an_endless_file_is_checked_at_once() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: truncate -s 4398046511104 /endless; echo @TOKEN@ > /file
    assert:
      files:
        /file: { contains: @TOKEN@ }
        /endless: { type: file }
",
    );
    let outcome = project.build().succeed();
    outcome.assert_ran("[app] assert files");
    project.write_stagefile(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: truncate -s 4398046511104 /endless; echo @TOKEN@ > /file
    assert:
      files: { /endless: { contains: x } }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows(
        "`/endless` can't be checked: it is larger than 16 GiB, too large to be read",
    );
}

/// Otherwise, the first failure would end the build, and with it all other checks.
#[test]
fn files_and_commands_that_are_wrong_are_all_shown() {
    let outcome = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /a
        content: @TOKEN@
    assert:
      files: { /a: { contains: ho } }
      commands:
        - run: sleep 2; exit 4
        - { run: echo x, stdout: y }
        - run: 'true'
",
    )
    .build()
    .fail();
    outcome.assert_shows("error[assert-failed]: `/a` doesn't contain `ho`");
    outcome.assert_shows("error[assert-failed]: its exit code is 4, not 0");
    outcome.assert_shows("error[assert-failed]: `stdout` doesn't contain `y`");
    outcome.assert_shows("failed to solve: 3 steps failed");
}
