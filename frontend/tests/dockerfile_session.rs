//! What this frontend does in Dockerfile builds and Docker's doesn't: reporting all mistakes at once, and `--call fix`.

use buildkit_gateway::Environment;
use buildkit_gateway::testkit::{Daemon, Outcome};

const WORKERS: &str = r#"[{"id":"worker","platforms":[{"os":"linux","architecture":"amd64"}]}]"#;

async fn answer(name: &str, text: &str, options: &[(&str, &str)]) -> Outcome {
    let mut daemon = Daemon::new();
    for source in ["dockerfile", "context"] {
        daemon = daemon.local(source, [(name, text.to_owned())]);
    }
    let config = r#"{"os":"linux","architecture":"amd64","config":{"WorkingDir":"/srv"},"rootfs":{"type":"layers","diff_ids":["sha256:aa"]}}"#;
    let digest = format!("sha256:{}", "a".repeat(64));
    let daemon = daemon.image("docker.io/library/known:latest", &digest, config.to_owned());
    let environment = Environment::from_variables([
        ("BUILDKIT_SESSION_ID".into(), "session".into()),
        ("BUILDKIT_WORKERS".into(), WORKERS.into()),
    ]);
    let environment = environment.with_options(options.iter().copied());
    let environment = environment.with_options([("filename", name)]);
    let outcome = daemon.serve(&environment, stagefile::session::answer).await;
    outcome.expect("an end")
}

async fn failure(text: &str) -> String {
    match Box::pin(answer("Dockerfile", text, &[])).await {
        Outcome::Failure(failure) => failure.message().to_owned(),
        Outcome::Result(_) => panic!("it was built:\n{text}"),
    }
}

async fn result(name: &str, text: &str, question: &str) -> (String, serde_json::Value) {
    match Box::pin(answer(name, text, &[("requestid", question)])).await {
        Outcome::Failure(failure) => panic!("{failure}"),
        Outcome::Result(result) => {
            let json = serde_json::from_slice(&result.metadata["result.json"]).expect("an answer");
            let text =
                String::from_utf8(result.metadata["result.txt"].to_vec()).expect("an answer");
            (text, json)
        }
    }
}

#[tokio::test]
async fn the_first_mistake_has_docker_s_words_and_the_others_follow_with_excerpts() {
    let text =
        "FROM known\nCOPPY . /\nRUN --mont=type=cache,target=/x y\nSTOPSIGNAL NO\nWORKDIR ${X:?}\n";
    insta::assert_snapshot!("several-mistakes", failure(text).await);
    // If there is only one, clients show the excerpt.
    let text = "FROM known\nCOPPY . /\n";
    assert_eq!(
        failure(text).await,
        "dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)"
    );
}

#[tokio::test]
async fn a_number_that_no_stage_has_is_shown_where_it_is_and_hides_no_other_mistake() {
    let text = "FROM known\nCOPY --from=7 a b\nHEALTHCHECK CMD\nCOPY --from=8 a b\n";
    insta::assert_snapshot!("numbers-of-stages", failure(text).await);
}

#[tokio::test]
async fn call_fix_prints_the_file_with_what_can_be_corrected() {
    let text = "\u{feff}from known As X\r\nWORKDIR app\r\nCMD node x\r\n";
    let (fixed, json) = result("Dockerfile", text, "frontend.fix").await;
    assert_eq!(
        fixed,
        "\u{feff}FROM known AS x\r\nWORKDIR /srv/app\r\nCMD [\"node\", \"x\"]\r\n"
    );
    assert!(json["fixes"].as_array().unwrap().len() >= 5, "{json}");
    let text = "stages:\n  app:\n    form: scratch\n";
    let (fixed, json) = result("Stagefile", text, "frontend.fix").await;
    assert_eq!(fixed, "stages:\n  app:\n    from: scratch\n");
    assert_eq!(
        json["fixes"],
        serde_json::json!(["Stagefile:3:5: `form` is now `from` (unknown-key)"])
    );
}

#[tokio::test]
async fn call_convert_prints_a_stagefile_with_or_without_variables_of_scripts() {
    let text = "FROM known AS app\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x\nCMD [\"x\"]\n";
    let (converted, json) = result("Dockerfile", text, "frontend.convert").await;
    assert!(
        converted.contains("image: { env: { PIP_NO_CACHE_DIR: \"1\" }, cmd: [x] }"),
        "{converted}"
    );
    assert_eq!(json["data"], converted.as_str());
    let (tidy, json) = result("Dockerfile", text, "frontend.convert-tidy").await;
    assert!(
        tidy.contains("env: { PIP_NO_CACHE_DIR: \"1\" }") && tidy.contains("image: { cmd: [x] }"),
        "{tidy}"
    );
    assert_eq!(json["data"], tidy.as_str());
}

#[tokio::test]
async fn what_can_t_be_converted_is_shown_as_any_other_mistake() {
    let text =
        "FROM known\nARG NAME\nENV X=${NAME%%.*}\nLABEL l.$NAME=x\nCOPY --parents a/./*.txt /x/\n";
    let options = [("requestid", "frontend.convert")];
    let Outcome::Failure(failure) = Box::pin(answer("Dockerfile", text, &options)).await else {
        panic!("it was converted");
    };
    insta::assert_snapshot!("several-without-counterpart", failure.message());
    // Clients show an excerpt for the position of the first one.
    assert_eq!(failure.positions().count(), 1);
}

#[tokio::test]
async fn the_reason_of_an_invalid_name_follows_docker_s_words() {
    let text = "ARG VERSOIN=1\nFROM known:${VERSION}\nRUN true\n";
    insta::assert_snapshot!("undeclared-argument", failure(text).await);
}
