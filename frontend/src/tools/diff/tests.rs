//! Tests with pairs of graphs.

use buildkit_llb::{Constrain as _, Exec, FileAction, MarshalOptions, Mount, State};

use super::*;

fn model(state: &State) -> Model {
    let options = MarshalOptions::new()
        .on_platform("linux/amd64".parse().unwrap())
        .local_unique_id("u");
    Model::from_definition(&state.marshal(&options)).unwrap()
}

fn run(state: &State, script: &str) -> State {
    state
        .run(Exec::shell(script).named(format!("run {script}")))
        .root()
}

fn base() -> State {
    State::image("alpine:3.20").unwrap()
}

#[test]
fn equal_graphs_have_no_differences() {
    let difference = compare(&model(&run(&base(), "a")), &model(&run(&base(), "a")));
    assert!(difference.is_none());
    assert_eq!(difference.text(), "the same: 2 steps\n");
}

#[test]
fn the_first_difference_of_each_path_is_named_with_what_follows_it() {
    let graph = |image: &str, variable: &str, line: &str| {
        let base = State::image(image).unwrap();
        let deps = base.run(
            Exec::shell(format!("one\n{line}\nthree"))
                .named("deps")
                .env("A", variable),
        );
        let tests = run(&deps.root(), "test");
        let tool = State::image("golang").unwrap();
        let app = run(&deps.root(), "build");
        let app = app.run(
            Exec::shell("link")
                .named("link")
                .mount(Mount::bind("/tests", &tests).readonly())
                .mount(Mount::bind("/tool", &tool).readonly()),
        );
        model(&app.root())
    };
    let before = graph("alpine:3.20", "1", "two");
    let difference = compare(&before, &graph("alpine:3.20", "2", "other"));
    assert_eq!(
        difference.text(),
        "\
1 step differs; again because of that: 3; the same: 2

~ deps
    argument 2:
      - two
      + other
    variable A: `1` → `2`
  ├ run build
  ├ run test
  └ link
"
    );
    let json = difference.json();
    assert_eq!(json["steps"][0]["changes"][1]["before"], "1");
    let difference = compare(&before, &graph("alpine:3.21", "1", "two"));
    assert_eq!(difference.steps.len(), 1);
    let change = &difference.steps[0].changes[0];
    assert_eq!(change.what, "identifier");
    assert_eq!(difference.steps[0].following.len(), 4);
}

#[test]
fn a_step_that_was_put_in_or_taken_out_is_that_and_nothing_else() {
    let without = run(&run(&base(), "a"), "c");
    let with = run(&run(&run(&base(), "a"), "b"), "c");
    let difference = compare(&model(&without), &model(&with));
    assert_eq!(
        difference.text(),
        "1 step differs; again because of that: 1; the same: 2\n\n+ run b\n  └ run c\n"
    );
    let difference = compare(&model(&with), &model(&without));
    let kinds: Vec<_> = difference
        .steps
        .iter()
        .map(|step| (step.kind, step.name.as_str()))
        .collect();
    assert_eq!(kinds, [(Kind::Removed, "run b")]);
    // At the end, nothing follows it.
    let longer = run(&with, "d");
    let difference = compare(&model(&with), &model(&longer));
    assert_eq!(difference.steps[0].kind, Kind::Added);
    assert_eq!(difference.same, 4);
}

#[test]
fn graphs_that_have_nothing_in_common_are_compared() {
    let other = State::local("context");
    let difference = compare(&model(&run(&base(), "a")), &model(&other));
    let kinds: Vec<_> = difference.steps.iter().map(|step| step.kind).collect();
    assert!(
        kinds.contains(&Kind::Added) && kinds.contains(&Kind::Removed),
        "{kinds:?}"
    );
    let nothing = compare(&model(&base()), &model(&State::scratch()));
    assert_eq!(nothing.steps.len(), 1);
}
/// Describes the differences between two graphs, in both directions.
fn differs(one: &State, two: &State) -> String {
    let (one, two) = (model(one), model(two));
    let back = compare(&two, &one);
    assert!(!back.is_none() && !back.steps.is_empty(), "{back:?}");
    let difference = compare(&one, &two);
    assert!(!difference.is_none() && !difference.steps.is_empty());
    difference.text()
}

#[test]
fn steps_that_change_places_differ() {
    let (a, b) = (run(&base(), "a"), run(&base(), "b"));
    let copies = |one: &State, two: &State| {
        let copied = FileAction::copy(one, "/out", "/one");
        let copied = copied.then(FileAction::copy(two, "/out", "/two"));
        run(&base().file(copied), "app")
    };
    let text = differs(&copies(&a, &b), &copies(&b, &a));
    assert!(text.contains("    /out: `run a` → `run b`\n"), "{text}");
    assert!(text.contains("    /out: `run b` → `run a`\n"), "{text}");
    assert!(text.contains("└ run app\n"), "{text}");
}

#[test]
fn mounts_that_change_places_differ() {
    let (a, b) = (run(&base(), "a"), run(&base(), "b"));
    let mounted = |mounts: [(&str, Option<&State>); 3]| {
        let run = Exec::shell("app").named("app");
        let run = mounts.into_iter().fold(run, |run, (path, state)| {
            let scratch = State::scratch();
            let mount = Mount::bind(path, state.unwrap_or(&scratch));
            run.mount(mount.readonly())
        });
        base().run(run).root()
    };
    let (a, b) = (Some(&a), Some(&b));
    for (one, two, expected) in [
        ([a, b, None], [b, a, None], "/1: `run a` → `run b`"),
        ([a, b, a], [a, b, b], "/3: `run a` → `run b`"),
        ([None, a, b], [a, None, b], "/1: nothing → `run a`"),
    ] {
        let graph = |all: [Option<&State>; 3]| {
            let [one, two, three] = all;
            mounted([("/1", one), ("/2", two), ("/3", three)])
        };
        let text = differs(&graph(one), &graph(two));
        assert!(text.contains(expected), "{expected}:\n{text}");
    }
    // The order may be different in graphs of other programs.
    let one = model(&mounted([("/1", a), ("/2", b), ("/3", b)]));
    let mut two = one.clone();
    let last = two.vertices.last_mut().unwrap();
    last.uses.swap(1, 2);
    let mounts = last.op["exec"]["mounts"].as_array_mut();
    mounts.unwrap().swap(1, 2);
    let text = compare(&one, &two).text();
    assert!(
        text.contains("order: `/1, /2, /3` → `/2, /1, /3`"),
        "{text}"
    );
    // The order of inputs doesn't belong to the step.
    let mut two = one.clone();
    let last = two.vertices.last_mut().unwrap();
    last.inputs.reverse();
    let most = last.inputs.len() - 1;
    for place in last.uses.iter_mut().flatten() {
        *place = most - *place;
    }
    assert!(compare(&one, &two).is_none());
}

#[test]
fn a_step_on_another_base_that_was_there_says_which() {
    let (plain, patched) = (run(&base(), "a"), run(&run(&base(), "a"), "patch"));
    let graph = |app: &State| {
        let mounts = Exec::shell("app").named("app");
        let mounts = mounts.mount(Mount::bind("/1", &plain).readonly());
        app.run(mounts.mount(Mount::bind("/2", &patched).readonly()))
            .root()
    };
    let text = differs(&graph(&plain), &graph(&patched));
    assert_eq!(
        text,
        "1 step differs; again because of that: 0; the same: 3\n\n~ app\n    base: `run a` → `run patch`\n"
    );
}

#[test]
fn other_results_of_the_same_step_differ() {
    let step = base().run(
        Exec::shell("make")
            .named("make")
            .mount(Mount::bind("/out", &State::scratch())),
    );
    let (root, out) = (step.root(), step.output("/out").unwrap());
    let text = differs(&root, &out);
    assert!(
        text.contains("result: `make` → `make (output 1)`"),
        "{text}"
    );
    let copied = |from: &State| base().file(FileAction::copy(from, "/x", "/x"));
    let text = differs(&copied(&root), &copied(&out));
    assert!(text.contains("/x: `make` → `make (output 1)`"), "{text}");
}

#[test]
fn names_and_values_forge_no_lines() {
    let difference = |what: &str| Difference {
        steps: vec![Step {
            kind: Kind::Changed,
            name: "step".to_owned(),
            place: Some(("a\n+ forged".to_owned(), 1)),
            changes: vec![Change {
                what: what.to_owned(),
                before: None,
                after: Some("x\n+ forged".to_owned()),
            }],
            following: vec!["y\n+ forged".to_owned()],
        }],
        same: 0,
        is_none: false,
    };
    for what in ["file a\n+ forged", "b\n+ forged"] {
        let text = difference(what).text();
        assert!(!text.contains("\n+ forged"), "{text}");
    }
}
