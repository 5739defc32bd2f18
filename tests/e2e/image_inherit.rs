//! Tests of what an image inherits from the config of what its stage starts from.

use serde_json::{Value, json};
use stagefile_tests::Project;

fn project() -> Project {
    Project::new(
        r#"
stages:
  base:
    from: busybox:1.35
    steps:
      - write: /token
        content: '@TOKEN@'
    image:
      user: "1000"
      workdir: /tmp
      env: { ONE: "1", TWO: "2" }
      labels: { one: "1", two: "2" }
      entrypoint: [/bin/sh, -c]
      cmd: [echo base]
      expose: [80]
      stop-signal: SIGINT
      healthcheck: { run: [/bin/true] }
  fresh:
    from: base
    image: { inherit: false, cmd: [env] }
  some:
    from: base
    image:
      inherit: { env: false, labels: false, healthcheck: false, user: true }
      labels: { three: "3" }
  fewer:
    from: base
    image:
      env: { ONE:, THREE: "3" }
      labels: { two: ~ }
"#,
    )
}

fn config(target: &str) -> Value {
    project().build().target(target).image().config()
}

#[test]
fn inherit_false_begins_with_nothing() {
    let config = config("fresh");
    for key in [
        "User",
        "Labels",
        "Entrypoint",
        "ExposedPorts",
        "StopSignal",
        "Healthcheck",
    ] {
        let value = &config[key];
        assert!(
            value.is_null() || value == "" || *value == json!({}),
            "{key}: {value}"
        );
    }
    assert_eq!(config["WorkingDir"], "/");
    assert_eq!(config["Cmd"], json!(["env"]));
    let variables = config["Env"].as_array().unwrap();
    assert!(
        variables.len() == 1 && variables[0].as_str().unwrap().starts_with("PATH="),
        "{variables:?}"
    );
}

#[test]
fn a_map_drops_key_by_key() {
    let config = config("some");
    assert_eq!(config["User"], "1000");
    assert_eq!(config["Labels"], json!({"three": "3"}));
    assert!(config["Healthcheck"].is_null());
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["Env"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_behind_a_name_drops_it() {
    let config = config("fewer");
    assert_eq!(config["Labels"]["one"], "1");
    assert!(config["Labels"]["two"].is_null());
    let variables = config["Env"].as_array().unwrap();
    assert!(
        !variables.contains(&json!("ONE=1")) && variables.contains(&json!("TWO=2")),
        "{variables:?}"
    );
    assert!(variables.contains(&json!("THREE=3")), "{variables:?}");
}

#[test]
fn instructions_of_the_base_are_warned_of() {
    let base = Project::new(
        r#"
stages:
  base:
    from: busybox:1.35
    image: { on-build: ["COPY . /app", "RUN true"] }
    steps:
      - write: /token
        content: '@TOKEN@'
"#,
    )
    .build()
    .image();
    let image = Project::new(&format!(
        "stages:\n  app:\n    from: {}\n    steps:\n      - mkdir: /x\n",
        base.name()
    ))
    .build()
    .image();
    let text = image.outcome().text();
    assert!(text.contains("ignored-triggers"), "{text}");
    assert!(text.contains("COPY . /app"), "{text}");
    assert!(image.config()["OnBuild"].is_null());
}
