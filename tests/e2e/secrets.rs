//! Tests that secrets reach the scripts that name them, and nothing else.

use stagefile_tests::Project;

/// Tells whether `bytes` contain `part`.
fn contain(bytes: &[u8], part: &str) -> bool {
    bytes
        .windows(part.len())
        .any(|window| window == part.as_bytes())
}

const BOTH: &str = r#"
secrets:
  file-secret: {}
  variable-secret: { env: SECRET }
stages:
  app:
    from: busybox:1.35
    secrets: [file-secret, variable-secret]
    steps:
      # What is compared with is a checksum, so the image holds no trace of the secrets themselves.
      - run: |
          sha256sum < /run/secrets/file-secret > /file-sum
          printf %s "$SECRET" | sha256sum > /variable-sum
          stat -c %a /run/secrets/file-secret > /mode
          ls /run/secrets > /listed
          : @TOKEN@
    image:
      cmd: [cat, /file-sum]
"#;

#[test]
fn a_file_and_a_variable_are_readable_in_the_step() {
    let project = Project::new(BOTH);
    let (file, variable) = (
        format!("{}file", project.token()),
        format!("{}variable", project.token()),
    );
    let build = || {
        project
            .build()
            .secret("file-secret", &file)
            .secret_variable("variable-secret", &variable)
    };
    let files = build().files();
    // The checksums are made by the same program from the same words, passed in plain text.
    let expected = Project::new(&format!(
        "
stages:
  sums:
    from: busybox:1.35
    steps:
      - run: printf %s {file} | sha256sum > /file-sum; printf %s {variable} | sha256sum > /variable-sum
"
    ));
    let expected = expected.build().files();
    assert_eq!(files.text("file-sum"), expected.text("file-sum"));
    assert_eq!(files.text("variable-sum"), expected.text("variable-sum"));
    assert_eq!(files.text("mode"), "400\n");
    // The secret with a variable isn't also a file, since nothing asks for that.
    assert_eq!(files.text("listed"), "file-secret\n");
}

#[test]
fn secrets_appear_nowhere_in_image_history_and_progress() {
    let project = Project::new(BOTH);
    let (file, variable) = (
        format!("{}file", project.token()),
        format!("{}variable", project.token()),
    );
    let build = || {
        project
            .build()
            .secret("file-secret", &file)
            .secret_variable("variable-secret", &variable)
    };

    let (archive, outcome) = build().raw_progress().archive();
    for secret in [&file, &variable] {
        assert!(!contain(&archive, secret), "a secret is in the image");
        outcome.assert_hides(secret);
    }
    // The search works: it finds what the script wrote.
    assert!(contain(&archive, "run/secrets") || contain(&archive, "file-sum"));

    let image = build().option("--no-cache").image();
    let inspected = image.inspect().to_string();
    for secret in [&file, &variable] {
        assert!(!image.history().contains(secret) && !inspected.contains(secret.as_str()));
        image.outcome().assert_hides(secret);
    }
}

#[test]
fn a_missing_secret_fails_at_once_and_names_the_flag() {
    let project = Project::new(
        "
secrets:
  npmrc: { target: /root/.npmrc }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: sleep 20; echo @TOKEN@
        name: a long step
      - run: cat /root/.npmrc
        secrets: npmrc
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("`npmrc`");
    outcome.assert_shows("--secret id=npmrc");
    outcome.assert_no_step("a long step");
}

#[test]
fn all_missing_secrets_are_reported_at_once_those_of_branches_too() {
    let project = Project::new(
        "
secrets:
  one: {}
  two: { env: TWO }
  three: { optional: true }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: sleep 20; echo @TOKEN@
        name: a long step
      - parallel:
          - - run: cat /run/secrets/one
              secrets: [one, three]
          - - run: echo $TWO
              secrets: [two]
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("--secret id=one");
    outcome.assert_shows("--secret id=two");
    outcome.assert_hides("--secret id=three");
    outcome.assert_no_step("a long step");
}

#[test]
fn the_user_of_a_step_can_read_its_secret() {
    let project = Project::new(
        r#"
secrets:
  token: {}
stages:
  app:
    from: busybox:1.35
    secrets: [token]
    steps:
      - run: test "$(cat /run/secrets/token)" = hush; echo @TOKEN@
        user: 1000
      - run: test "$(cat /run/secrets/token)" = hush; echo @TOKEN@
        user: nobody
      - run: test "$(cat /run/secrets/token)" = hush; echo @TOKEN@
"#,
    );
    _ = project.build().secret("token", "hush").succeed();
}

#[test]
fn an_optional_secret_may_be_missing() {
    let project = Project::new(
        "
secrets:
  token: { optional: true, env: TOKEN }
  file: { optional: true }
stages:
  app:
    from: busybox:1.35
    secrets: [token, file]
    steps:
      - run: 'echo \"${TOKEN:-empty} $(test -s /run/secrets/file || echo missing) @TOKEN@\" > /seen'
",
    );
    // BuildKit sets the variable of a missing optional secret to an empty string.
    let seen = project.build().files().text("seen").to_owned();
    assert_eq!(seen, format!("empty missing {}\n", project.token()));
}

#[test]
fn a_secret_has_the_target_mode_and_owner_that_are_written() {
    let project = Project::new(
        r#"
secrets:
  key: { id: "id-of-the-key", target: /keys/key, mode: 0440, uid: 1000, gid: 2000 }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: stat -c '%a %u %g' /keys/key > /seen; echo @TOKEN@
        secrets: key
"#,
    );
    let files = project.build().secret("id-of-the-key", "content").files();
    assert_eq!(files.text("seen"), "440 1000 2000\n");
    // The mount leaves nothing behind, not even the file that it was mounted on.
    assert!(!files.contains("keys/key"), "{:?}", files.below("keys"));
}

#[test]
fn a_secret_is_only_where_it_is_named_and_no_part_of_the_cache_key() {
    let project = Project::new(
        "
secrets:
  key: {}
stages:
  base:
    from: busybox:1.35
    secrets: key
    steps:
      - run: test -s /run/secrets/key; echo @TOKEN@
        name: uses the secret
  app:
    from: base
    steps:
      - run: ls /run/secrets > /seen 2>&1 || true; echo @TOKEN@
        name: has no secret
",
    );
    let files = project.build().secret("key", "first").files();
    assert!(
        !files.text("seen").contains("key\n"),
        "{}",
        files.text("seen")
    );

    let outcome = project.build().secret("key", "second").succeed();
    outcome.assert_cached("uses the secret");
    outcome.assert_cached("has no secret");
}
