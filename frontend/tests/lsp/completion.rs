//! Tests of completions.

use crate::editor::{Editor, SHARED};

#[test]
fn what_could_be_written_is_known_in_broken_files_too() {
    let mut editor = Editor::new(&[("shared/ci.stagefile.yaml", SHARED)]);
    let top = "args: { VERSION: \"1\" }\nimports: { shared: shared/ci.stagefile.yaml }\nsecrets: { token: {} }\ncaches: { models: { target: /m } }\ntemplates:\n  greet:\n    inputs: { name: {}, loud: {} }\n    steps: []\nstages:\n  build:\n    from: x\n    steps: [{ run: x, outputs: { bin: /o } }]\n  app:\n";
    for (rest, expected, not) in [
        ("    fr^", vec!["from", "steps", "requires"], vec!["run"]),
        (
            "    from: b^",
            vec!["build", "scratch", "shared.tools"],
            vec!["app", "run"],
        ),
        ("    from: build.^", vec!["build.bin"], vec![]),
        ("    requires: [^", vec!["build", "shared.more"], vec![]),
        ("    requires:\n      - ^", vec!["build"], vec![]),
        ("    caches: [go, ^", vec!["npm", "models"], vec!["token"]),
        ("    secrets: [^]", vec!["token"], vec!["models"]),
        ("    network: ^", vec!["none", "host"], vec![]),
        ("    use: ^", vec!["std.go", "greet"], vec![]),
        ("    platform: ^", vec!["build", "linux/arm64"], vec![]),
        (
            "    steps:\n      - ^",
            vec!["run", "copy", "use"],
            vec!["bind", "stages"],
        ),
        (
            "    steps:\n      - run: x\n        ^",
            vec!["bind", "caches", "timeout"],
            vec!["copy", "run"],
        ),
        (
            "    steps:\n      - copy: x\n        ^\n",
            vec!["from", "to"],
            vec!["bind"],
        ),
        (
            "    steps: [{ copy: x, ^",
            vec!["from", "to"],
            vec!["bind", "copy"],
        ),
        (
            "    steps:\n      - use: greet\n        with: { name: x, ^",
            vec!["loud"],
            vec!["name"],
        ),
        (
            "    steps:\n      - use: std.apt\n        with:\n          ^",
            vec!["packages"],
            vec![],
        ),
        (
            "    steps:\n      - use: std.apt\n        # use: greet\n        with:\n          ^",
            vec!["packages"],
            vec!["loud"],
        ),
        (
            "    steps:\n      - use: greet\n      - copy: x\n        with:\n          ^",
            vec![],
            vec!["loud"],
        ),
        (
            "    steps:\n      - with:\n          ^\n        use: greet # of here\n",
            vec!["loud", "name"],
            vec![],
        ),
        (
            "    steps: [{ use: greet, with: { ^",
            vec!["loud", "name"],
            vec![],
        ),
        (
            "    steps:\n      - run: echo ${{ \"}}\" + args.^",
            vec!["VERSION"],
            vec!["run"],
        ),
        (
            "    steps:\n      - run: echo $${{ args.^",
            vec![],
            vec!["VERSION"],
        ),
        (
            "    steps:\n      - run: echo ${{ ^",
            vec!["args", "platform"],
            vec!["run"],
        ),
        (
            "    steps:\n      - run: |\n          echo ${{ args.^",
            vec!["VERSION"],
            vec!["platform"],
        ),
        (
            "    steps:\n      - run: echo ${{ platform.target.^ }}",
            vec!["arch", "os"],
            vec![],
        ),
        (
            "    image:\n      ent^",
            vec!["entrypoint", "user"],
            vec!["from"],
        ),
        ("    if: args.^", vec!["VERSION"], vec![]),
        (
            "    steps:\n      - run: |\n          ca^",
            vec![],
            vec!["caches", "go"],
        ),
        ("    # fr^", vec![], vec!["from"]),
        ("    from: [broken\n    wor^", vec![], vec![]),
        (
            "    from: x\n  oops\n  late:\n    work^",
            vec!["workdir"],
            vec![],
        ),
    ] {
        let found = editor.completions(&format!("{top}{rest}"));
        for name in expected {
            assert!(
                found.iter().any(|one| one == name),
                "{rest}: {name} in {found:?}"
            );
        }
        for name in not {
            assert!(
                !found.iter().any(|one| one == name),
                "{rest}: {name} in {found:?}"
            );
        }
    }
    assert!(editor.completions("li^").contains(&"lint".to_owned()));
    assert!(
        editor
            .completions("lint: { unpinned-base: ^ }")
            .contains(&"off".to_owned())
    );
    assert!(
        editor
            .completions("lint:\n  unpinn^")
            .contains(&"unpinned-source".to_owned())
    );
}
