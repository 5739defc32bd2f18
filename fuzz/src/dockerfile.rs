//! Dockerfiles.

use buildkit_dockerfile::{
    Answer, Compilation, Dockerfile, EpochSource, LintConfig, Need, Request, ResolvedImage,
};
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{Constrain as _, Local, MarshalOptions, Platform, SourceMap, Support};

/// The maximum number of rounds of questions in a compilation: once for the time, once for the bases, and once for what
/// their triggers need.
const MAX_ROUNDS: usize = 4;

/// Reads a Dockerfile, and compiles it: mistakes and findings have locations in the file, and the same file gives the
/// same bytes.
pub fn dockerfile(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let file = Dockerfile::parse(&text, &LintConfig::default());
    let lines = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
    for mistake in file.mistakes() {
        for place in &mistake.places {
            assert!(
                place.first <= place.last && place.last <= lines,
                "{mistake:?}"
            );
        }
    }
    for finding in file.findings() {
        assert!(
            finding.lines.is_none_or(|place| place.last <= lines),
            "{finding:?}"
        );
    }
    let first = compile(&file, &text);
    assert_eq!(
        first,
        compile(&file, &text),
        "the same file gives other bytes"
    );
}

/// Compiles a file with images that have empty configs; `None` if there is a mistake.
fn compile(file: &Dockerfile, text: &str) -> Option<Vec<u8>> {
    let options = Options::parse([("build-arg:GIVEN", "value")]).ok()?;
    let support = Support::full();
    let map = SourceMap::new("Dockerfile", "Dockerfile", text.to_owned());
    let platform = [Platform::new("linux", "amd64")];
    let request = Request {
        options: &options,
        platform: None,
        build_platforms: &platform,
        support: &support,
        source_map: &map,
        all_stages: false,
    };
    let mut compilation = Compilation::new(file, request).ok()?;
    for round in 0.. {
        assert!(round < MAX_ROUNDS, "it asks again and again");
        let needs = compilation.needs().ok()?;
        if needs.is_empty() {
            break;
        }
        for need in needs {
            compilation.answer(answer(need)?).ok()?;
        }
    }
    compilation.evaluate(&[]).ok()?;
    let context = Local::new("context").session("session").into_state();
    let compiled = compilation.finish(&context);
    let options = MarshalOptions::new()
        .on_platform(platform[0].clone())
        .supported_by(support.clone());
    let mut bytes = compiled.state.marshal(&options).to_bytes();
    bytes.extend_from_slice(&compiled.image.to_json());
    Some(bytes)
}

fn answer(need: Need) -> Option<Answer> {
    match need {
        Need::Image {
            reference,
            platform,
            stages,
            ..
        } => {
            let config = ImageConfig::scratch(&platform);
            Some(Answer::Image(
                stages,
                Ok(ResolvedImage { reference, config }),
            ))
        }
        Need::Epoch(EpochSource::Context | EpochSource::Source { .. }) => Some(Answer::Epoch(None)),
        _ => None,
    }
}
