//! Tests of `templates`: steps and stages that are written once and used with inputs, and errors inside them.

use stagefile_tests::Project;

const STEPS: &str = r#"
templates:
  show:
    description: Writes down what it is given.
    inputs:
      words: { type: list, required: true }
      count: { type: number, default: 2 }
      loud: { type: boolean }
      labels: { type: map, default: { a: one } }
      word: { values: [small, large], default: small }
      file: { required: true }
    steps:
      - run: printf '%s\n' ${{ inputs.words.map(w, sh(w)).join(" ") }} '${{ inputs.count + 1 }}' '${{ inputs.labels.a }}' ${{ inputs.word }} > ${{ inputs.file }}
      - run: echo LOUD >> ${{ inputs.file }}
        if: inputs.loud
      - use: mark
        with: { file: "${{ inputs.file }}", words: "${{ inputs.words + ['last'] }}" }
  mark:
    inputs: { file: { required: true }, words: { type: list } }
    steps:
      - run: echo "${{ size(inputs.words) }} words in ${{ stage.name }} of @TOKEN@" >> ${{ inputs.file }}
args: { LOUD: "true" }
stages:
  app:
    from: busybox:1.35
    steps:
      - use: show
        with: { words: [a b, "it's", "$HOME", "${{ '*' }}"], file: /first }
      - use: show
        with:
          words: ["${{ ['x', 'y'] }}"]
          count: 9
          loud: ${{ args.LOUD }}
          labels: { a: two }
          word: large
          file: /second
"#;

#[test]
fn steps_take_the_place_of_their_use_with_its_inputs() {
    let project = Project::new(STEPS);
    let (files, outcome) = project.build().files_and_outcome();
    let token = project.token();
    assert_eq!(
        files.text("first"),
        format!("a b\nit's\n$HOME\n*\n3\none\nsmall\n5 words in app of {token}\n")
    );
    assert_eq!(
        files.text("second"),
        format!("x\ny\n10\ntwo\nlarge\nLOUD\n3 words in app of {token}\n")
    );
    outcome.assert_ran("[app 5/5]");
    let files = project.build().build_arg("LOUD", "false").files();
    assert!(!files.text("second").contains("LOUD"));
}

#[test]
fn inputs_that_do_not_fit_are_refused_before_anything_runs() {
    for (written, wrong, shown) in [
        ("word: large", "word: huge", "expected one of: small, large"),
        ("count: 9", "count: nine", "the input `count` is a number"),
        ("word: large", "wrod: large", "did you mean `word`?"),
        ("          file: /second\n", "", "needs the input `file`"),
    ] {
        let outcome = Project::new(&STEPS.replace(written, wrong)).build().fail();
        outcome.assert_shows(shown);
        outcome.assert_no_step("[app");
    }
}

#[test]
fn a_stage_starts_as_the_template_and_adds_its_own() {
    let project = Project::new(
        r#"
templates:
  service:
    inputs: { port: { type: number, default: 80 }, files: { type: list } }
    stage:
      from: scratch
      workdir: /srv
      env: { FIRST: template, SECOND: template }
      outputs: { srv: /srv }
      steps:
        - copy: ${{ inputs.files }}
          to: /srv/
        - run: echo "$FIRST $SECOND $THIRD as $(id -u)" > /tmp/template-env
      image:
        expose: ["${{ inputs.port }}"]
        labels: { from: template, name: "${{ stage.name }}" }
        cmd: [cat, one.txt]
stages:
  web:
    use: service
    with: { port: 9090, files: [one.txt, two.txt] }
    from: busybox:1.35
    env: { SECOND: own, THIRD: own }
    user: "1234"
    steps:
      - run: echo "$FIRST $SECOND $THIRD" > env
    image:
      labels: { from: stage }
  matrix:
    matrix: { port: [1, 2] }
    use: service
    with: { port: "${{ matrix.port }}", files: one.txt }
    from: busybox:1.35
    env: { THIRD: "${{ matrix.port }}" }
  taken:
    steps:
      - copy: two.txt
        from: web.srv
        to: /
  app:
    from: web
"#,
    )
    .with_file("one.txt", "one of @TOKEN@")
    .with_file("two.txt", "two of @TOKEN@");
    let files = project.build().files();
    assert_eq!(files.text("srv/env"), "template own own\n");
    // Settings for how steps run apply to the template's steps, too.
    let of_template = files.text("tmp/template-env");
    assert_eq!(of_template, "template own own as 1234\n");
    let image = project.build().image();
    let config = image.config();
    assert_eq!(
        config["ExposedPorts"],
        serde_json::json!({ "9090/tcp": {} })
    );
    assert_eq!(config["Labels"]["from"], "stage");
    assert_eq!(config["Labels"]["name"], "web");
    assert_eq!(image.run(&[]), format!("one of {}", project.token()));
    let files = project.build().target("taken").files();
    assert_eq!(files.text("two.txt"), format!("two of {}", project.token()));

    let image = project.build().target("matrix-2").image();
    let config = image.config();
    assert_eq!(config["ExposedPorts"], serde_json::json!({ "2/tcp": {} }));
    assert_eq!(config["Labels"]["name"], "matrix-2");
}

/// The error shows the lines of the script and the line that uses the template, each with its number.
#[test]
fn a_step_that_fails_shows_the_template_and_its_use() {
    let project = Project::new(
        r"
templates:
  outer:
    steps:
      - use: inner
  inner:
    steps:
      - run: |
          echo @TOKEN@
          exit 42
stages:
  app:
    from: busybox:1.35
    steps:
      - run: 'true'
      - use: outer
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 42");
    let marked = outcome.marked_lines();
    for line in [5, 8, 16] {
        assert!(marked.contains(&line), "{line}\n{}", outcome.text());
    }
    for line in [4, 7, 12, 15] {
        assert!(!marked.contains(&line), "{line}\n{}", outcome.text());
    }
}

/// The standard library's lines are in a file that the user doesn't have; the message has the script.
#[test]
fn a_step_of_the_standard_library_that_fails_shows_its_script_and_the_use() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - use: std.apk
        with: { packages: ['@TOKEN@'] }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 127");
    assert!(!outcome.text().contains("\nstd:"), "{}", outcome.text());
    outcome.assert_shows("apk add --update-cache");
    outcome.assert_shows("Stagefile:6");
    assert!(outcome.marked_lines().contains(&6), "{}", outcome.text());
}

/// A mistake inside a template shows both locations before anything runs.
#[test]
fn a_mistake_in_a_template_shows_the_template_and_its_use() {
    let project = Project::new(
        "
templates:
  broken:
    steps:
      - copy: made
        from: biuld.out
stages:
  build:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /out/made
        outputs: { out: /out }
  app:
    steps:
      - use: broken
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("Stagefile:6");
    outcome.assert_shows("did you mean `build`?");
    outcome.assert_shows("used here");
    outcome.assert_shows("- use: broken");
    outcome.assert_no_step("[build");
}
