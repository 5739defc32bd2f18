//! Tests of `base` in expressions: the properties of what a stage starts from.

use crate::{checked, config, plan, processes};

/// Returns a variable of the last stage's image.
fn variable(file: &str, name: &str) -> String {
    let config = config(file).config;
    config.env(name).expect("a variable").to_owned()
}

#[test]
fn variables_of_the_base_are_extended() {
    let file = r#"
stages:
  app:
    from: base:1
    env: { PATH: "/steps:${{ base.env.PATH }}" }
    image:
      env: { PATH: "/venv/bin:${{ base.env.PATH }}" }
    steps:
      - run: x
"#;
    assert_eq!(variable(file, "PATH"), "/venv/bin:/usr/bin:/bin");
    let process = &processes(file)[0];
    let env = process["meta"]["env"].to_string();
    assert!(env.contains("PATH=/steps:/usr/bin:/bin"), "{env}");
}

#[test]
fn everything_of_the_base_is_there() {
    for (expression, expected) in [
        ("base.env.LANG", "C"),
        ("base.user", "node"),
        ("base.workdir", "/srv"),
        ("base.entrypoint.join(' ')", "/tini --"),
        ("base.cmd.join(' ')", "serve --all"),
        ("base.labels.a", "b"),
        ("base.env.?NONE.orValue('other')", "other"),
        ("'NONE' in base.env ? base.env.NONE : 'other'", "other"),
        ("'LANG' in base.env", "true"),
        ("has(base.env.NONE)", "false"),
    ] {
        let file = format!(
            "stages:\n  app:\n    from: base:1\n    image: {{ env: {{ X: \"${{{{ {expression} }}}}\" }} }}\n"
        );
        assert_eq!(variable(&file, "X"), expected, "{expression}");
    }
}

#[test]
fn the_base_of_a_stage_on_another_is_that_ones_image() {
    let file = r#"
stages:
  one:
    from: base:1
    user: app
    workdir: sub
    image:
      env: { PATH: "/one:${{ base.env.PATH }}", A: a, LANG: }
      labels: { own: "${{ base.user }}" }
  two:
    from: one
    image:
      inherit: { labels: false }
      env:
        PATH: "/two:${{ base.env.PATH }}"
        X: "${{ base.env.A }} ${{ base.user }} ${{ base.workdir }} ${{ base.labels.own }} ${{ 'LANG' in base.env }}"
  three:
    from: two
    image:
      env: { Y: "${{ base.env.PATH }} ${{ size(base.labels) }}" }
"#;
    assert_eq!(variable(file, "X"), "a app /srv/sub node false");
    assert_eq!(variable(file, "Y"), "/two:/one:/usr/bin:/bin 0");
}

#[test]
fn a_stage_from_scratch_has_the_path_that_any_container_has() {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    for from in [
        "scratch",
        "{ http: 'https://example.com/a.tar', unpack: true }",
    ] {
        let file = format!(
            "stages:\n  app:\n    from: {from}\n    image: {{ env: {{ X: \"${{{{ base.env.PATH }}}} ${{{{ base.workdir }}}}\" }} }}\n"
        );
        assert_eq!(variable(&file, "X"), format!("{path} /"), "{from}");
    }
}

#[test]
fn conditions_templates_and_defaults_see_it() {
    let file = r#"
templates:
  prepend:
    inputs: { to: {}, dir: {} }
    steps:
      - run: "${{ inputs.dir }}:${{ inputs.to }} in ${{ base.workdir }}"
defaults:
  env: { PATH: "/all:${{ base.env.PATH }}" }
stages:
  other:
    from: scratch
    steps:
      - run: other
  app:
    from: base:1
    requires: [other]
    steps:
      - run: absent
        if: '"NONE" in base.env'
      - run: present
        if: '"LANG" in base.env'
      - use: prepend
        with: { to: "${{ base.env.PATH }}", dir: /t }
"#;
    let processes = processes(file);
    let shown: Vec<String> = processes
        .iter()
        .map(|process| process["meta"].to_string())
        .collect();
    let has = |words: &str| shown.iter().any(|one| one.contains(words));
    assert!(has("/t:/usr/bin:/bin in /srv"), "{shown:?}");
    assert!(has("present") && !has("absent"), "{shown:?}");
    assert!(has("PATH=/all:/usr/bin:/bin"), "{shown:?}");
    // In each stage, the defaults apply to what that stage starts from.
    assert!(has("PATH=/all:/usr/local/sbin"), "{shown:?}");
}

#[test]
fn only_what_the_target_needs_is_asked_for() {
    let file = r#"
stages:
  unused:
    from: nobody-has-this:1
    image: { env: { A: "${{ base.env.PATH }}" } }
  app:
    from: base:1
    image: { env: { A: "${{ base.env.PATH }}" } }
"#;
    let (plan, _) = plan(file);
    assert_eq!(plan.wanted_bases().len(), 0);
    assert!(plan.stages[0].lacks_base && !plan.stages[1].lacks_base);
}

#[test]
fn what_is_not_known_is_no_mistake_and_is_said_where_it_is_needed() {
    let file = r#"
stages:
  app:
    from: nobody-has-this:1
    image:
      env: { A: "${{ base.env.PATH }}" }
      expose: ["${{ base.env.PORT }}"]
    steps:
      - run: x
        outputs: { out: /out }
        if: '"X" in base.env'
      - run: y
        outputs: { out: /out }
        if: '!("X" in base.env)'
  last:
    from: app
    workdir: ${{ base.workdir }}/sub
    steps:
      - copy: a
        from: app.out
"#;
    let mut checked = checked(file);
    assert_eq!(checked.report(), "");
    let wanted = checked.wanted_bases();
    let names: Vec<String> = wanted
        .iter()
        .map(|base| base.external.description())
        .collect();
    assert_eq!(names, ["nobody-has-this:1"]);
    checked.refuse_wanted_bases();
    insta::assert_snapshot!("unknown-base", checked.report());
}

#[test]
fn mistakes_about_the_base() {
    let where_it_is_not_known = r#"
args: { X: "${{ base.user }}" }
stages:
  app:
    from: base:1
    if: base.user == "node"
    platform: ${{ base.env.PLATFORM }}
    image:
      env: { A: "${{ base.enw.LANG }}" }
  other:
    from: ${{ base.env.IMAGE }}
"#;
    let what_it_has_not = r"
stages:
  app:
    from: base:1
    image:
      env:
        A: ${{ base.env.LAMG }}
        B: ${{ base.env }}
        C: ${{ base.labels.none }}
";
    let reports = [where_it_is_not_known, what_it_has_not].map(|file| checked(file).report());
    insta::assert_snapshot!("mistakes-about-the-base", reports.join("\n\n"));
}
