//! What scripts see.

use serde_json::Value;
use stagefile::tools::llb::lower_target;
use stagefile::tools::outline;

use crate::processes;

/// Lists the variables of a process, without `PATH`.
fn variables(process: &Value) -> Vec<&str> {
    let variables = process["meta"]["env"].as_array().expect("variables");
    let variables = variables.iter().filter_map(Value::as_str);
    variables
        .filter(|pair| !pair.starts_with("PATH="))
        .collect()
}

#[test]
fn a_variable_with_nothing_behind_it_is_dropped_wherever_it_comes_from() {
    let processes = processes(
        r#"
defaults:
  env: { A: a, B: b, C: "" }
stages:
  parent:
    from: base:1
    env: { A: , D: "null", E: "~" }
    image:
      env: { F: f }
    steps:
      - run: first
  app:
    from: parent
    env: { F: null, LANG: ~ }
    steps:
      - run: second
        env: { B: ~, G: g }
"#,
    );
    let expected = ["LANG=C", "B=b", "C=", "D=null", "E=~"];
    assert_eq!(variables(&processes[0]), expected);
    let expected = ["C=", "D=null", "E=~", "G=g"];
    assert_eq!(variables(&processes[1]), expected);
}

/// Returns the owner, group and mode of the mount at a path; the JSON omits numbers that are 0.
fn access<'a>(process: &'a Value, place: &str, options: &str) -> (Value, Value, Value) {
    let mounts = process["mounts"].as_array().expect("mounts");
    let is_there = |mount: &&'a Value| mount["dest"].as_str() == Some(place);
    let mount = mounts.iter().find(is_there).expect("a mount");
    let option = |name: &str| mount[options].get(name).cloned().unwrap_or(Value::from(0));
    (option("uid"), option("gid"), option("mode"))
}

#[test]
fn the_user_of_a_script_can_read_its_secrets_and_use_its_agents() {
    for (user, owner, group, secret, socket) in [
        ("root", 0, 0, 0o400, 0o600),
        ("0:0", 0, 0, 0o400, 0o600),
        ("1000", 1000, 1000, 0o400, 0o600),
        ("1000:50", 1000, 50, 0o400, 0o600),
        // The user ID is only known where the script runs.
        ("node", 0, 0, 0o444, 0o666),
        ("node:50", 0, 50, 0o444, 0o666),
    ] {
        let processes = processes(&format!(
            "
secrets:
  token: {{}}
  own: {{ uid: 7, gid: 8, mode: 0440 }}
stages:
  app:
    from: alpine
    user: {user}
    secrets: [token, own]
    ssh: [default]
    steps:
      - run: x
"
        ));
        let of = |place: &str, options: &str| access(&processes[0], place, options);
        let expected = |mode: u32| (owner.into(), group.into(), mode.into());
        let token = of("/run/secrets/token", "secretOpt");
        assert_eq!(token, expected(secret), "{user}");
        let agent = of("/run/buildkit/ssh_agent.0", "SSHOpt");
        assert_eq!(agent, expected(socket), "{user}");
        let own = of("/run/secrets/own", "secretOpt");
        assert_eq!(own, (7.into(), 8.into(), 0o440.into()), "{user}");
    }
}

#[test]
fn secrets_and_agents_that_need_not_be_there_are_optional() {
    let processes = processes(
        "
secrets: { token: { optional: true }, other: {} }
stages:
  app:
    from: alpine
    secrets: [token, other]
    ssh: [{ id: one, optional: true }, two]
    steps:
      - run: x
",
    );
    let mounts = processes[0]["mounts"].as_array().expect("mounts");
    let optional = |options: &str| -> Vec<bool> {
        let given = mounts.iter().filter(|mount| !mount[options].is_null());
        given
            .map(|mount| mount[options]["optional"] == true)
            .collect()
    };
    assert_eq!(optional("secretOpt"), [true, false]);
    assert_eq!(optional("SSHOpt"), [true, false]);
}

/// The directory for a nested mount can't be created in a read-only mount.
#[test]
fn what_something_is_mounted_inside_of_is_writable() {
    let processes = processes(
        "
stages:
  files: { from: scratch, steps: [{ mkdir: /a }] }
  app:
    from: alpine
    steps:
      - run: x
        bind: { paths: /a, from: files, to: /a/ }
      - run: y
        bind: { paths: /a, from: files, to: /a/ }
        tmpfs: /a/a/tmp
",
    );
    let is_read_only = |process: &Value| {
        let mounts = process["mounts"].as_array().expect("mounts").iter();
        let mut binds = mounts.filter(|mount| mount["dest"] == "/a/a");
        binds.next().expect("a bind")["readonly"] == true
    };
    let found: Vec<bool> = processes.iter().map(is_read_only).collect();
    assert_eq!(found, [true, false]);
}

#[test]
fn the_user_may_be_the_images() {
    let processes = processes(
        "
secrets: { token: {} }
stages:
  app:
    from: base:1
    secrets: [token]
    steps:
      - run: x
",
    );
    let (.., mode) = access(&processes[0], "/run/secrets/token", "secretOpt");
    assert_eq!(mode, 0o444);
}

#[test]
fn what_branches_need_of_the_client_is_needed() {
    let plan = crate::plan(
        "
secrets: { one: {}, two: { optional: true } }
stages:
  app:
    from: scratch
    steps:
      - parallel:
          - - run: x
              secrets: [one, two]
          - - parallel:
                - - run: y
                    ssh: [agent]
",
    );
    let outline = outline::json(&plan.0, &outline::OfDockerfiles::default(), &plan.1);
    let names = |what: &str| -> Vec<(String, bool)> {
        let listed = outline[what].as_array().expect("a list").iter();
        listed
            .map(|one| {
                (
                    one["name"].as_str().unwrap_or_default().to_owned(),
                    one["required"] == true,
                )
            })
            .collect()
    };
    assert_eq!(
        names("secrets"),
        [("one".to_owned(), true), ("two".to_owned(), false)]
    );
    assert_eq!(names("ssh"), [("agent".to_owned(), true)]);
}

#[test]
fn variables_that_are_none_in_a_script() {
    let file = r#"
args: { NAME: shop, NODE_VERSION: "22", HTTP_PROXY: "" }
secrets:
  token: { env: API_TOKEN }
  second: { env: SECOND_TOKEN }
templates:
  hello:
    steps:
      - run: echo hello $NAME
stages:
  app:
    from: node:22
    env: { SET: a }
    steps:
      - run: |
          echo $TARGETARCH "${TARGETOS}" '$TARGETARCH' ${TARGETARCH:-x} # $NAME
          curl -H "$API_TOKEN" $NAME/$SET $HTTP_PROXY $UNKNOWN
      - run: echo $API_TOKEN $NAME
        secrets: [token]
        env: { NAME: "${{ args.NAME }}" }
      # In another order than they are named in, and after one that is none.
      - run: echo $UNKNOWN $SECOND_TOKEN $API_TOKEN
        secrets: [token, second]
      - run: NAME=x; echo $NAME
      - run: . ./env; echo $NAME
      - run: cat <<'EOF' > x; echo ${{ args.NAME }} ${{ args.NODE_VERSION }}
      # The image may set it.
      - run: echo $NODE_VERSION
      - run: print(f"$NAME")
        shell: python3 -c
      - run: [echo, $NAME]
      - run: echo $PORT
      - use: hello
    image:
      env: { PORT: "80" }
  bare:
    from: scratch
    steps:
      - run: echo $NODE_VERSION
"#;
    insta::assert_snapshot!(
        "unset-variable",
        stagefile::tools::check::lowered(crate::checked(file)).report()
    );
}

#[test]
fn what_the_base_sets_is_set() {
    let file = r#"
args: { LANG: C, LANGUAGE: "${{ 1 }}" }
stages:
  app:
    from: base:1
    steps:
      - run: echo $LANG $LANGUAGE ${{ args.LANG }} ${{ args.LANGUAGE }}
"#;
    let (plan, sources) = crate::plan(file);
    let lowered = lower_target(&plan, &sources, &crate::offline());
    let (_, found) = lowered.expect("a good file");
    let warnings: Vec<_> = found
        .warnings()
        .into_iter()
        .map(|one| &one.message)
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`$LANGUAGE`"), "{warnings:?}");
}
