//! Tests of a stage's assertions.

use stagefile_language::plan::Plan;

use crate::{checked, processes};

/// Tells whether a file passes, from the config alone.
fn is_good(file: &str) -> bool {
    let plan: Plan = checked(file).plan.expect("a plan");
    let sources = checked(file).sources;
    stagefile::tools::llb::lower_target(&plan, &sources, &crate::offline()).is_ok()
}

#[test]
fn only_of_a_known_config_facts_are_decided() {
    for (from, user, expected) in [
        ("base:1", "node", true),
        ("base:1", "other", false),
        ("nobody-has-this:1", "other", true),
    ] {
        let file = format!(
            "stages: {{ app: {{ from: {from}, assert: {{ image: {{ user: {user} }} }} }} }}\n"
        );
        assert_eq!(is_good(&file), expected, "{from} {user}");
    }
}

/// A port without a protocol, as in images from other builders, is a TCP port.
#[test]
fn ports_of_images_may_have_no_protocol() {
    for (port, expected) in [("9000", true), ("9000/udp", false)] {
        let file = format!(
            "stages: {{ app: {{ from: base:1, assert: {{ image: {{ expose: [{port}] }} }} }} }}\n"
        );
        assert_eq!(is_good(&file), expected, "{port}");
    }
}

#[test]
fn what_looks_at_files_has_no_network() {
    let processes =
        processes("stages: { app: { from: base:1, assert: { files: { /a: exists } } } }\n");
    assert_eq!(processes[0]["network"], "NONE");
}

/// BuildKit looks up the groups of a numeric user, except in an image without a list of users.
#[test]
fn a_program_that_is_tried_runs_as_the_user_that_is_asked_for() {
    for (from, expected) in [
        ("base:1", Some("7")),
        ("nobody-has-this:1", Some("7")),
        ("scratch", None),
    ] {
        let file = format!(
            "stages: {{ app: {{ from: {from}, assert: {{ commands: [{{ run: [/x], user: 7 }}] }} }} }}\n"
        );
        let processes = processes(&file);
        assert_eq!(processes[0]["meta"]["user"].as_str(), expected, "{from}");
    }
}
