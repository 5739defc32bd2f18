//! Runs `fmt` on all files in the repository: their meaning doesn't change, and a second run changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use buildkit_llb::Platform;
use stagefile::tools::llb::{self, Offline};
use stagefile_language::driver::check_reading;
use stagefile_language::expression::Platforms;
use stagefile_language::layout;
use stagefile_language::plan::Request;
use stagefile_language::program::STD_TEXT;
use stagefile_language::source::Source;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Makes the graphs of all stages of a file; `None` if it has mistakes.
fn graph(text: &str, folder: &Path) -> Option<Vec<u8>> {
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        args: [].into(),
        target: None,
        platforms: Platforms {
            target: platform.clone(),
            build: platform.clone(),
        },
        contexts: None,
        vcs: stagefile_language::plan::Vcs::default(),
    };
    let mut checked = check_reading(&Source::new("Stagefile", text), &request, |wanted| {
        fs::read_to_string(folder.join(&wanted.file.path)).map_err(|error| error.to_string().into())
    });
    let mut plan = checked.take_plan()?;
    plan.want_all();
    let (definition, _) = llb::lower(&plan, &checked.sources, &Offline::new(platform)).ok()?;
    // Digests of operations, without their locations.
    Some(definition.result_digest()?.as_bytes().to_vec())
}

#[test]
fn a_layout_changes_nothing_that_a_file_says() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    for folder in [
        "frontend/tests/cases",
        "examples",
        "fuzz/seeds/file",
        "fuzz/seeds/tree",
    ] {
        files(&repository.join(folder), &mut paths);
    }
    let (mut formatted, mut built, mut changed) = (0, 0, 0);
    for path in paths {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let is_other = path
            .extension()
            .is_some_and(|kind| kind != "yaml" && kind != "yml");
        let Some(new) = layout::format(&text).filter(|_| !is_other) else {
            continue;
        };
        formatted += 1;
        changed += usize::from(new != text);
        let again = layout::format(&new);
        assert_eq!(again.as_deref(), Some(&*new), "{}", path.display());
        let folder = path.parent().unwrap();
        let before = graph(&text, folder);
        built += usize::from(before.is_some());
        assert_eq!(graph(&new, folder), before, "{}", path.display());
    }
    assert!(
        formatted > 100 && built > 50 && changed > 5,
        "{formatted} {built} {changed}"
    );
}

#[test]
fn the_standard_library_has_the_layout() {
    assert_eq!(layout::format(STD_TEXT).as_deref(), Some(STD_TEXT));
}

#[test]
fn examples_have_the_layout() {
    let mut paths = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples"),
        &mut paths,
    );
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name == "Stagefile");
    let stagefiles: Vec<PathBuf> = paths.into_iter().filter(named).collect();
    assert!(stagefiles.len() > 5);
    for path in stagefiles {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            layout::format(&text).as_deref(),
            Some(&*text),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_file_of_ten_thousand_lines_takes_less_than_a_second() {
    let stages = (0..2_500).map(|number| {
        format!("    s{number}:\n        from:  busybox\n        steps:\n        -   run: |\n              echo\n")
    });
    let text = format!("stages:\n{}", stages.collect::<String>());
    let start = std::time::Instant::now();
    assert!(
        layout::format(&text)
            .unwrap()
            .starts_with("stages:\n  s0:\n    from: busybox\n")
    );
    assert!(start.elapsed().as_secs_f32() < 5.0, "{:?}", start.elapsed());
}
