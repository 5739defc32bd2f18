//! Tests of the resulting image.

use serde_json::json;
use stagefile_tests::Project;

#[test]
fn the_config_is_as_written() {
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
      env: { ONE: "1" }
      entrypoint: [cat]
      cmd: [/token]
      expose: [8080]
      labels: { org.example.name: app }
      stop-signal: SIGINT
      healthcheck: { run: [/bin/true], interval: 30s }
"#,
    )
    .build()
    .image();
    let config = image.config();
    for (key, value) in [
        ("User", json!("1000:2000")),
        ("WorkingDir", json!("/data")),
        ("Entrypoint", json!(["cat"])),
        ("Cmd", json!(["/token"])),
        ("ExposedPorts", json!({ "8080/tcp": {} })),
        ("StopSignal", json!("SIGINT")),
    ] {
        assert_eq!(config[key], value, "{key}");
    }
    assert_eq!(config["Labels"]["org.example.name"], "app");
    assert_eq!(config["Healthcheck"]["Test"], json!(["CMD", "/bin/true"]));
    let env = config["Env"].as_array().unwrap();
    assert!(
        env.contains(&json!("ONE=1")) && env.iter().any(|pair| pair.to_string().contains("PATH="))
    );
    // It starts as configured.
    let token = image.run(&[]);
    assert!(token.starts_with('t') && image.history().contains("write /token"));
}
