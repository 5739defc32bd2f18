//! Tests of `parallel`: branches start from the same files, run at the same time, and are merged on top of each other.

use stagefile_tests::Project;

/// Each branch waits for the other, so they couldn't succeed one after the other.
#[test]
fn branches_run_at_the_same_time_from_the_same_files() {
    let branch = |own: &str, other: &str| {
        format!(
            "          - - run: |
                touch /meet/{own} # of @TOKEN@
                for i in $(seq 600); do if [ -e /meet/{other} ]; then break; fi; sleep 0.1; done
                test -e /meet/{other}
                cat /common > /{own}
                ls / | grep -c -x -e left -e right > /seen-by-{own}
              name: wait for {other}
              caches: meeting-point
"
        )
    };
    let project = Project::new(&format!(
        r#"
caches:
  meeting-point: {{ target: /meet, id: "@TOKEN@" }}
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /common
        content: common of @TOKEN@
      - parallel:
{}{}      - run: cat /left /right > /both
"#,
        branch("left", "right"),
        branch("right", "left")
    ));
    let (files, outcome) = project.build().files_and_outcome();
    outcome.assert_ran("[app 2/4] wait for right");
    outcome.assert_ran("[app 3/4] wait for left");
    // The step that merges the branches is named, too.
    outcome.assert_ran("[app] parallel: branch 1");
    let common = format!("common of {}", project.token());
    assert_eq!(files.text("both"), format!("{common}{common}"));
    // `/left` was created before the script looked, `/right` in another branch.
    assert_eq!(files.text("seen-by-left"), "1\n");
    assert_eq!(files.text("seen-by-right"), "1\n");
}

#[test]
fn what_a_branch_changes_is_changed_and_the_later_branch_wins() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          mkdir -p /tree/sub
          for name in kept first-removes second-removes both-change first-removes-second-changes first-changes-second-removes replaced/by-file; do
            mkdir -p $(dirname /tree/$name)
            echo base @TOKEN@ > /tree/$name
          done
      - parallel:
          - - run: |
                cd /tree
                rm first-removes first-removes-second-changes
                echo first > both-change
                echo first > first-changes-second-removes
                echo first > both-add
                echo first > sub/first
                rm -r replaced
                echo first > replaced
                ln -s /first link
            - run: echo more >> /tree/sub/first
          - - run: |
                cd /tree
                rm second-removes first-changes-second-removes
                echo second > both-change
                echo second > first-removes-second-changes
                echo second > both-add
                echo second > sub/second
                chmod 700 sub
                ln -s /second link
          - - copy: third
              to: /tree/sub/
            - remove: /tree/no-such
              optional: true
          - - run: exit 1
              if: 'false'
",
    )
    .with_file("third", "third");
    let (files, outcome) = project.build().files_and_outcome();
    let text = |path: &str| files.text(&format!("tree/{path}")).trim().to_owned();
    let mut below = files.below("tree");
    below.sort_unstable();
    assert_eq!(
        below,
        [
            "both-add",
            "both-change",
            "first-removes-second-changes",
            "kept",
            "link",
            "replaced",
            "sub",
            "sub/first",
            "sub/second",
            "sub/third",
        ],
        "{}",
        outcome.text()
    );
    assert_eq!(text("kept"), format!("base {}", project.token()));
    for path in ["both-add", "both-change", "first-removes-second-changes"] {
        assert_eq!(text(path), "second", "{path}");
    }
    assert_eq!(text("replaced"), "first");
    assert_eq!(text("sub/first"), "first\nmore");
    assert_eq!(text("sub/third"), "third");
    let link = files.entry("tree/link").link.as_deref();
    assert_eq!(link, Some("/second"));
    // The container sees the same as the archive has.
    let image = project.build().image();
    let listing = image.run(&["ls", "/tree"]);
    assert!(!listing.contains("removes\n"), "{listing}");
}

/// When one branch changes, the other comes from the cache.
#[test]
fn a_branch_is_cached_whatever_the_other_does() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - parallel:
          - - run: cat /src/one > /one; echo @TOKEN@
              workdir: /src
              bind: one
              name: the first branch
          - - run: cat /src/two > /two; echo @TOKEN@
              workdir: /src
              bind: two
              name: the second branch
",
    )
    .with_file("one", "one")
    .with_file("two", "two");
    assert_eq!(project.build().files().text("two"), "two");
    project.write("one", "another");
    let (files, outcome) = project.build().files_and_outcome();
    outcome.assert_ran("the first branch");
    outcome.assert_cached("the second branch");
    assert_eq!(files.text("one"), "another");
    assert_eq!(files.text("two"), "two");
}

/// Branches of a stage without a base, branches within branches, and outputs of a branch's steps.
#[test]
fn branches_may_start_from_nothing_nest_and_have_outputs() {
    let project = Project::new(
        "
stages:
  made:
    from: busybox:1.35
    steps:
      - parallel:
          - - parallel:
                - - run: echo inner one @TOKEN@ > /inner-one
                - - run: echo inner two > /inner-two
            - run: cat /inner-one /inner-two > /inner
          - - run: echo output of @TOKEN@ > /out/file
              outputs: { out: /out }
  app:
    steps:
      - parallel:
          - - copy: /inner
              from: made
              to: /a/
          - - copy: file
              from: made.out
              to: /b/
          - - write: /a/c
              content: c
",
    );
    let files = project.build().files();
    let expected = ["a", "a/c", "a/inner", "b", "b/file"];
    assert_eq!(files.paths().collect::<Vec<_>>(), expected);
    assert_eq!(
        files.text("a/inner"),
        format!("inner one {}\ninner two\n", project.token())
    );
    let image = project.build().image();
    let layers = image.inspect()["RootFS"]["Layers"].as_array().map(Vec::len);
    let history = image
        .history()
        .lines()
        .filter(|line| !line.is_empty())
        .count();
    assert_eq!(
        layers,
        Some(history),
        "each layer has its line in the history"
    );
}

#[test]
fn a_branch_that_fails_shows_its_lines() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - parallel:
          - - run: sleep 0.1; echo @TOKEN@
          - - run: echo @TOKEN@; exit 9
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 9");
    assert_eq!(outcome.marked_lines(), [8], "{}", outcome.text());
}
