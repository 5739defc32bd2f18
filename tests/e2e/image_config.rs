//! Tests that the image config is as written, on top of the base image's.

use serde_json::json;
use stagefile_tests::Project;

#[test]
fn every_key_is_in_the_config() {
    let image = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /token
        content: '@TOKEN@'
    image:
      user: 1000:2000
      workdir: /data
      env: { ONE: "1", TWO: two words }
      entrypoint: [/bin/sh, -c]
      cmd: [echo done]
      expose: [8080, 53/udp]
      volumes: [/data/files]
      labels: { org.example.name: app, empty: "" }
      stop-signal: SIGINT
      healthcheck: { run: [/bin/true], interval: 30s, timeout: 1m30s, start-period: 5s, retries: 3 }
      on-build: ["RUN true"]
"#,
    )
    .build()
    .image();
    let config = image.config();
    assert_eq!(config["User"], "1000:2000");
    assert_eq!(config["WorkingDir"], "/data");
    assert_eq!(config["Entrypoint"], json!(["/bin/sh", "-c"]));
    assert_eq!(config["Cmd"], json!(["echo done"]));
    assert_eq!(
        config["ExposedPorts"],
        json!({"8080/tcp": {}, "53/udp": {}})
    );
    assert_eq!(config["Volumes"], json!({"/data/files": {}}));
    assert_eq!(config["Labels"]["org.example.name"], "app");
    assert_eq!(config["Labels"]["empty"], "");
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["OnBuild"], json!(["RUN true"]));
    let second = 1_000_000_000_u64;
    assert_eq!(
        config["Healthcheck"],
        json!({
            "Test": ["CMD", "/bin/true"], "Interval": 30 * second, "Timeout": 90 * second,
            "StartPeriod": 5 * second, "Retries": 3
        })
    );
    let variables = config["Env"].as_array().unwrap();
    assert!(
        variables.contains(&json!("ONE=1")) && variables.contains(&json!("TWO=two words")),
        "{variables:?}"
    );
    assert!(
        variables
            .iter()
            .any(|variable| variable.as_str().unwrap().starts_with("PATH=")),
        "{variables:?}"
    );
    assert_eq!(image.run(&[]), "done\n");
}

#[test]
fn the_base_image_is_inherited_and_build_variables_are_not() {
    let project = Project::new(
        r#"
stages:
  base:
    from: busybox:1.35
    workdir: /work
    user: "1234"
    env: { BUILD_VARIABLE: "set" }
    image:
      env: { KEPT: "yes" }
      labels: { kept: "yes" }
      cmd: [echo, from the base]
  app:
    from: base
    steps:
      - run: echo "$BUILD_VARIABLE $(id -u) $(pwd)" > /tmp/seen; echo @TOKEN@
    image:
      labels: { added: "yes" }
"#,
    );
    let image = project.build().image();
    let config = image.config();
    assert_eq!(config["Cmd"], json!(["echo", "from the base"]));
    assert_eq!(config["Labels"]["kept"], "yes");
    assert_eq!(config["Labels"]["added"], "yes");
    assert_eq!(
        (&config["WorkingDir"], &config["User"]),
        (&json!("/work"), &json!("1234"))
    );
    let variables = config["Env"].to_string();
    assert!(
        variables.contains("KEPT=yes") && !variables.contains("BUILD_VARIABLE"),
        "{variables}"
    );
    assert_eq!(image.run(&["cat", "/tmp/seen"]), "set 1234 /work\n");
}

#[test]
fn an_entrypoint_drops_the_command_of_the_base() {
    let image = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /token
        content: '@TOKEN@'
    image:
      entrypoint: [echo, only]
",
    )
    .build()
    .image();
    assert!(image.config()["Cmd"].is_null(), "{}", image.config());
    assert_eq!(image.run(&[]), "only\n");
}

#[test]
fn labels_of_the_client_are_added_last() {
    let image = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /token
        content: '@TOKEN@'
    image:
      labels: { both: file, file: 'yes' }
",
    )
    .build()
    .option("--label=both=client")
    .option("--label=client=yes")
    .image();
    let labels = &image.config()["Labels"];
    assert_eq!(
        (&labels["both"], &labels["file"], &labels["client"]),
        (&json!("client"), &json!("yes"), &json!("yes"))
    );
}

#[test]
fn the_history_tells_what_was_done() {
    let image = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /token
",
    )
    .build()
    .image();
    assert!(image.history().contains("echo"), "{}", image.history());
}

/// Whether an image has a user is only known once it is built; it is reported if nothing else explains the name.
#[test]
fn a_user_that_the_image_lacks_is_warned_of() {
    let project = Project::new(
        "
args: { USER: nobdy, MAKE: '' }
stages:
  app:
    from: busybox:1.35
    steps:
      - { copy: file, to: / }
      - { run: 'echo ${{ args.USER }}:x:7:7::/: >> /etc/passwd; echo @TOKEN@', if: args.MAKE != '' }
    image: { user: '${{ args.USER }}' }
",
    )
    .with_file("file", "@TOKEN@");
    let build = |user: &str| project.build().build_arg("USER", user);
    let outcome = build("nobdy").succeed();
    outcome.assert_shows("unknown-user: the image has no user `nobdy`");
    outcome.assert_shows("did you mean `nobody`?");
    for user in ["nobody", "1234", "daemon:daemon", "root"] {
        build(user).succeed().assert_hides("unknown-user");
    }
    let made = build("somebody").build_arg("MAKE", "yes");
    made.succeed().assert_hides("unknown-user");
}
