//! The config of an image.

use buildkit_gateway::ImageConfig;

use crate::config;

/// Returns the config of a stage on the base image with this `image` setting.
fn config_of(image: &str) -> ImageConfig {
    config(&format!(
        "stages:\n  app:\n    from: base:1\n    image: {image}\n"
    ))
}

#[test]
fn a_program_drops_the_arguments_of_the_base_unless_they_are_inherited() {
    for (image, entrypoint, cmd) in [
        ("{}", vec!["/tini", "--"], vec!["serve", "--all"]),
        ("{ entrypoint: [/x] }", vec!["/x"], vec![]),
        (
            "{ entrypoint: [/x], inherit: { cmd: true } }",
            vec!["/x"],
            vec!["serve", "--all"],
        ),
        (
            "{ entrypoint: [/x], cmd: [y], inherit: { cmd: true } }",
            vec!["/x"],
            vec!["y"],
        ),
        (
            "{ entrypoint: [/x], inherit: { cmd: false } }",
            vec!["/x"],
            vec![],
        ),
        ("{ entrypoint: [/x], inherit: true }", vec!["/x"], vec![]),
    ] {
        let config = config_of(image).config;
        assert_eq!(config.entrypoint, entrypoint, "{image}");
        assert_eq!(config.cmd, cmd, "{image}");
    }
}

#[test]
fn a_program_may_be_an_expression_that_is_a_list() {
    let config = config_of(r#"{ entrypoint: "${{ ['/a', 'b c'] }}", cmd: "${{ ['d'] }}" }"#);
    assert_eq!(config.config.entrypoint, ["/a", "b c"]);
    assert_eq!(config.config.cmd, ["d"]);
}

#[test]
fn a_health_check_may_be_just_its_program() {
    for (image, expected) in [
        (
            "{ healthcheck: [/server, health] }",
            vec!["CMD", "/server", "health"],
        ),
        (
            "{ healthcheck: { run: [/server, health] } }",
            vec!["CMD", "/server", "health"],
        ),
        (
            r#"{ healthcheck: { run: "${{ ['/server'] }}" } }"#,
            vec!["CMD", "/server"],
        ),
        (
            "{ healthcheck: { run: /server health } }",
            vec!["CMD-SHELL", "/server health"],
        ),
        ("{ healthcheck: none }", vec!["NONE"]),
    ] {
        let config = config_of(image).config;
        assert_eq!(
            config.healthcheck.expect("a check").test,
            expected,
            "{image}"
        );
    }
}

/// They are Dockerfile instructions, and would run again in another build.
#[test]
fn triggers_of_the_base_are_not_the_images() {
    let config = config("stages: { app: { from: triggers:1 } }\n").config;
    assert_eq!(config.on_build, [""; 0]);
}
