//! Tests of `write` steps.

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

#[test]
fn yaml_is_written_as_every_reader_reads_it() {
    let project = Project::new(
        r#"
args: { VERSION: "1.10" }
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /etc/app/settings.yaml
        yaml:
          name: @TOKEN@
          version: ${{ args.VERSION }}
          literals: [1.10, true, null, ~]
          texts: [no, "1.10", 0644, "12:30", "a: b", ""]
          script: |
            #!/bin/sh
            echo "$1"
          nested:
            - [a, [b]]
            - { on: {}, list: [] }
        owner: 1000:2000
        mode: 0600
"#,
    );
    let files = project.build().files();
    let written = files.entry("etc/app/settings.yaml");
    assert_eq!((written.mode, written.owner), (0o600, (1000, 2000)));
    let expected = r#"name: @TOKEN@
version: "1.10"
literals:
  - 1.10
  - true
  - null
  - null
texts:
  - "no"
  - "1.10"
  - "0644"
  - "12:30"
  - "a: b"
  - ""
script: |
  #!/bin/sh
  echo "$1"
nested:
  - - a
    - - b
  - "on": {}
    list: []
"#;
    assert_eq!(
        files.text("etc/app/settings.yaml"),
        expected.replace("@TOKEN@", project.token())
    );
}
