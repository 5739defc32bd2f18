//! `write` steps.

use serde_json::{Value, json};
use stagefile_tests::Project;

#[test]
fn text_and_data_are_written_with_owner_and_mode() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    workdir: /app
    steps:
      - write: plain.txt
        content: "text with $SHELL and @TOKEN@\n"
      - write: /etc/app/settings.json
        json: { name: app, ports: [8080, 8443], nested: { on: true, none: null, text: "10" } }
        owner: 1000:2000
        mode: 0600
      - write: script.sh
        content: |
          #!/bin/sh
          echo "$1"
        mode: 0755
      - run: ./script.sh works > said
"#,
    );
    let files = project.build().files();
    assert_eq!(
        files.text("app/plain.txt"),
        format!("text with $SHELL and {}\n", project.token())
    );
    assert_eq!(
        (
            files.entry("app/plain.txt").mode,
            files.entry("app/plain.txt").owner
        ),
        (0o644, (0, 0))
    );
    let settings = files.entry("etc/app/settings.json");
    assert_eq!((settings.mode, settings.owner), (0o600, (1000, 2000)));
    let data: Value = serde_json::from_slice(&settings.content).unwrap();
    let expected = json!({"name": "app", "ports": [8080, 8443], "nested": {"on": true, "none": null, "text": "10"}});
    assert_eq!(data, expected);
    assert_eq!(files.text("app/said"), "works\n");
}
