//! Tests of features of the language itself: branches, matrices, conditions and templates need nothing new from a
//! daemon.

use stagefile_tests::Project;

use crate::{on_all, since};

/// If a daemon can't merge files, branches run one after another, with the same result.
#[test]
fn branches_make_the_same_files_everywhere() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          mkdir -p /tree/sub
          for name in kept first-removes both-change first-removes-second-changes first-changes-second-removes; do
            echo base @TOKEN@ > /tree/$name
          done
      - parallel:
          - - run: |
                cd /tree
                rm -f first-removes first-removes-second-changes
                echo first > both-change
                echo first > first-changes-second-removes
                echo first > sub/first
          - - run: |
                cd /tree
                rm -f first-changes-second-removes
                echo second > both-change
                echo second > first-removes-second-changes
                echo second > sub/second
          - - write: /tree/third
              content: third
          - - run: exit 1
              if: 'false'
      - run: ls /tree /tree/sub > /seen
",
    );
    on_all(project.build(), |files| {
        let expected = [
            "both-change",
            "first-removes-second-changes",
            "kept",
            "sub",
            "sub/first",
            "sub/second",
            "third",
        ];
        assert_eq!(files.below("tree"), expected);
        assert_eq!(files.text("tree/both-change"), "second\n");
        assert_eq!(files.text("tree/first-removes-second-changes"), "second\n");
        assert!(files.text("seen").contains("third\n"));
    });
}

#[test]
fn matrices_conditions_and_templates() {
    let project = Project::new(
        "
templates:
  note:
    inputs: { words: { type: list }, loud: { type: boolean } }
    steps:
      - run: echo ${{ inputs.words.map(w, sh(w)).join(' ') }} >> /notes
      - run: echo loud >> /notes
        if: inputs.loud
stages:
  base:
    matrix: { number: [1, 2] }
    from: busybox:1.35
    steps:
      - use: note
        with: { words: ['@TOKEN@', 'a  b', '${{ matrix.number }}'], loud: '${{ matrix.number == \"2\" }}' }
  test:
    matrix: { number: [1, 2] }
    from: base
    steps:
      - run: grep -q 'a  b ${{ matrix.number }}' /notes
  app:
    requires: test
    steps:
      - { copy: /notes, from: base-1, to: /one }
      - { copy: /notes, from: base-2, to: /two }
",
    );
    on_all(project.build(), |files| {
        let token = project.token();
        assert_eq!(files.text("one"), format!("{token} a  b 1\n"));
        assert_eq!(files.text("two"), format!("{token} a  b 2\nloud\n"));
        assert_eq!(files.paths().collect::<Vec<_>>(), ["one", "two"]);
    });
}

/// Templates for programming languages copy manifests by patterns; those for package managers need nothing like that.
#[test]
fn the_standard_library() {
    let project = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /bin/apk
        mode: 0755
        content: |
          #!/bin/sh
          echo "$@" of @TOKEN@ > /calls
      - use: std.apk
        with: { packages: git }
"#,
    );
    on_all(project.build(), |files| {
        assert_eq!(
            files.text("calls"),
            format!("add --update-cache git of {}\n", project.token())
        );
    });

    let project = Project::new(
        "
stages:
  npm:
    from: busybox:1.35
    steps:
      - { write: /bin/npm, content: '', mode: 0755 }
      - { write: /bin/node, content: '#!/bin/sh', mode: 0755 }
  app:
    use: std.npm
    from: npm
    steps:
      - run: ls /app > /seen
",
    )
    .with_file("package.json", "{}")
    .with_file("package-lock.json", "@TOKEN@")
    .with_file("unseen", "");
    since((23, 0), "`include` or `exclude`").expect(project.build(), |files| {
        assert_eq!(
            files.text("seen"),
            "node_modules\npackage-lock.json\npackage.json\n"
        );
    });
}
