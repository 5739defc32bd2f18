//! Conversion of Dockerfiles to Stagefiles.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_dockerfile::{Dockerfile, LintConfig};
use buildkit_gateway::{ImageConfig, Options};
use buildkit_llb::{Local, Platform, Reference, SourceMap, Support};
use serde_json::Value;
use stagefile::convert::{NoContext, Style};
use stagefile::dockerfile::offline::Setting;
use stagefile::tools::convert::checked;
use stagefile::tools::llb::{self, Offline};
use stagefile_language::driver::{check, check_asking};
use stagefile_language::plan::Request;
use stagefile_language::source::Source;

use crate::places;

/// The maximum size of a converted file, in bytes. Users read what they convert.
const MAX_BYTES: usize = 16 << 20;

/// Codes that never occur in a converted file, whatever it was made from: they would be mistakes of the conversion.
const OWN_MISTAKES: [&str; 7] = [
    "invalid-yaml",
    "duplicate-key",
    "unknown-key",
    "unknown-action",
    "wrong-type",
    "several-documents",
    "unknown-alias",
];

/// The keys of a config that are guaranteed to be the same, unless a note says otherwise.
const CONFIG: [&str; 10] = [
    "User",
    "Env",
    "Cmd",
    "Entrypoint",
    "WorkingDir",
    "ExposedPorts",
    "Volumes",
    "StopSignal",
    "Healthcheck",
    "OnBuild",
];

/// The config of all images.
const BASE: &[u8] = br#"{"os":"linux","architecture":"amd64","config":{"Env":["PATH=/opt/bin:/bin","LANG=C"],"Entrypoint":["/enter"],"Cmd":["all"],"WorkingDir":"/srv","Labels":{"of":"base"}},"rootfs":{"type":"layers","diff_ids":["sha256:aa"]}}"#;

/// Converts a Dockerfile, in both styles: what can't be converted has a location; the result is a Stagefile that notes
/// its own problems, it is the same each time, and its image has the same config.
pub fn convert(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for tidy in [false, true] {
        let style = Style { tidy };
        let stagefile = match checked(&text, style, &NoContext) {
            Ok(stagefile) => stagefile,
            Err(mistakes) => {
                assert!(!mistakes.is_empty(), "it is refused without a reason");
                continue;
            }
        };
        assert!(stagefile.len() <= MAX_BYTES, "it became too large");
        assert_eq!(
            Ok(&stagefile),
            checked(&text, style, &NoContext).as_ref(),
            "the same file becomes another one"
        );
        stands(&stagefile);
        // Notes announce differences, and a tidy image has less.
        if !tidy && !stagefile.contains("# convert: ") {
            let (before, after) = (
                config_of_dockerfile(&text),
                config_of_stagefile(&stagefile, &bases(&text)),
            );
            assert!(
                before.is_none() || after.is_none() || before == after,
                "{before:?} became {after:?}\n{stagefile}"
            );
        }
    }
}

/// Checks that a file can be read, and that its problems are noted at its top.
fn stands(stagefile: &str) {
    let checked = check(&Source::new("Stagefile", stagefile), &request());
    places::check(&checked.sources, &checked.found);
    for error in checked.found.errors() {
        assert!(
            !OWN_MISTAKES.contains(&error.code.name),
            "{}: {}\n{stagefile}",
            error.code.name,
            error.message
        );
        let note = format!("# convert: {}", error.message.replace('\n', " "));
        assert!(
            error.code.name == "missing-argument" || stagefile.contains(&note),
            "nothing is said of {}",
            error.message
        );
    }
}

fn request() -> Request {
    let platform = Platform::new("linux", "amd64");
    Request {
        contexts: Some(BTreeSet::new()),
        ..Request::new(platform)
    }
}

/// Lists the images that a file starts from, as far as they are names.
fn bases(text: &str) -> Vec<String> {
    let file = Dockerfile::parse(text, &LintConfig::default());
    let bases = file.stages().iter().filter_map(|stage| {
        let reference = Reference::parse(&stage.base).ok()?;
        Some(reference.with_default_tag().to_string())
    });
    bases.collect()
}

/// Returns the config of the last stage's image, with the same config for all base images; `None` if there is a mistake
/// or a base isn't known.
fn config_of_dockerfile(text: &str) -> Option<BTreeMap<&'static str, Value>> {
    let platform = Platform::new("linux", "amd64");
    let config = ImageConfig::from_json(BASE).expect("JSON");
    let configs = bases(text).into_iter().map(|base| (base, config.clone()));
    let setting = Setting {
        options: Options::parse([("target", "")]).ok()?,
        platform: Some(platform.clone()),
        build_platforms: vec![platform],
        support: Support::full(),
        map: SourceMap::new("Dockerfile", "Dockerfile", text.to_owned()),
        ignored: Vec::new(),
        configs: configs.collect(),
        contexts: BTreeMap::new(),
    };
    let file = Dockerfile::parse(text, &LintConfig::default());
    let outcome = setting.compile(&file, true);
    // If a base isn't known, each side leaves out different things.
    if !outcome.unknown.is_empty() || outcome.mistake.is_some() {
        return None;
    }
    let context = Local::new("context").unique_id("context").into_state();
    Some(promised(&outcome.compilation?.finish(&context).image))
}

fn config_of_stagefile(text: &str, bases: &[String]) -> Option<BTreeMap<&'static str, Value>> {
    let mut offline = Offline::new(Platform::new("linux", "amd64"));
    for base in bases {
        offline.add_config(base, BASE).expect("a config");
    }
    let source = Source::new("Stagefile", text);
    let nothing = |_: &_| Err("there are no other files".into());
    let config = |base: &_| offline.config_of(base);
    let mut checked = check_asking(&source, &request(), nothing, config);
    let plan = checked.take_plan()?;
    let (lowered, _) = llb::lower_target(&plan, &checked.sources, &offline).ok()?;
    Some(promised(&lowered.target.config))
}

fn promised(image: &ImageConfig) -> BTreeMap<&'static str, Value> {
    let json: Value = serde_json::from_slice(&image.to_json()).unwrap_or_default();
    let settings = CONFIG.into_iter().map(|key| {
        let mut value = json["config"][key].clone();
        match (key, &mut value) {
            // The order of variables doesn't matter.
            ("Env", Value::Array(variables)) => variables.sort_by_key(Value::to_string),
            ("WorkingDir", Value::String(path)) if path.len() > 1 => {
                path.truncate(path.trim_end_matches('/').len());
            }
            _ => {}
        }
        (key, value)
    });
    settings.filter(|(_, value)| !value.is_null()).collect()
}
