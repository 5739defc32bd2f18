//! `--call caches`: the caches that the stages of a file use.

use serde_json::{Value, json};
use stagefile_language::source::Sources;
use stagefile_lower::CacheDirectory;

use super::location::location;
use super::table::table;

/// Creates the answer to `frontend.caches`.
pub fn json(caches: &[CacheDirectory], sources: &Sources) -> Value {
    let caches = caches.iter().map(|cache| {
        json!({
            "name": cache.name,
            "ID": cache.id,
            "file": cache.archive(),
            "targets": cache.targets,
            "stages": cache.stages,
            "location": location(sources, cache.span),
        })
    });
    json!({ "caches": caches.collect::<Vec<_>>() })
}

/// Returns the same as text.
pub fn text(caches: &[CacheDirectory]) -> String {
    if caches.is_empty() {
        return "no stage uses a cache\n".to_owned();
    }
    let rows = caches.iter().map(|cache| {
        vec![
            cache.name.clone(),
            cache.targets.join(", "),
            cache.stages.join(", "),
            cache.id.clone(),
        ]
    });
    table(&["CACHE", "DIRECTORY", "STAGES", "ID"], rows)
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Platform, SourceMap};
    use stagefile_language::diagnostic::Diagnostics;
    use stagefile_language::driver::check;

    use stagefile_language::plan::Request;
    use stagefile_language::source::Source;
    use stagefile_lower::{BuildOptions, Lowering, SourceMaps};

    use super::*;

    const FILE: &str = "
caches:
  common: { target: /common }
  own: { target: own, per: stage }
  begun: { target: /begun, from: seed, id: begun }
stages:
  seed: {}
  one:
    from: scratch
    steps:
      - run: [make]
        caches: [common, own]
      - parallel:
          - - run: [make]
              user: '1000'
              caches: [common, begun]
          - - run: [make]
              caches: common
  two:
    from: one
    workdir: /src
    steps:
      - run: [make]
        caches: [common, own, begun]
";

    /// Returns the caches of a file, whatever its target is.
    fn caches(text: &str) -> Vec<CacheDirectory> {
        let platform = Platform::new("linux", "amd64");
        let request = Request {
            target: Some("seed".to_owned()),
            contexts: Some([].into()),
            ..Request::new(platform)
        };
        let checked = check(&Source::new("Stagefile", text), &request);
        let mut plan = checked.plan.unwrap();
        plan.want_all();
        let lowering = Lowering {
            options: BuildOptions {
                lists_caches: true,
                project: "example.com/app".to_owned(),
                ..BuildOptions::default()
            },
            ..Lowering::new(
                &checked.sources,
                SourceMaps::new(
                    &checked.sources,
                    SourceMap::new("Stagefile", "YAML", text.to_owned()),
                ),
            )
        };
        let mut found = Diagnostics::default();
        stagefile_lower::lower(&plan, &lowering, &mut found)
            .unwrap()
            .caches
    }

    #[test]
    fn every_cache_is_listed_once_with_those_who_use_it() {
        let caches = caches(FILE);
        let rows: Vec<String> = caches
            .iter()
            .map(|cache| {
                let (targets, stages) = (cache.targets.join(" "), cache.stages.join(" "));
                format!("{}: {targets} ({stages})", cache.id)
            })
            .collect();
        assert_eq!(
            rows,
            [
                "common@linux/amd64@root@example.com/app: /common (one two)",
                "own@linux/amd64@root@example.com/app@stage=one: /own (one)",
                "common@linux/amd64@1000@example.com/app: /common (one)",
                "begun: /begun (one)",
                "own@linux/amd64@root@example.com/app@stage=two: /src/own (two)",
                // With another user's initial content, it is another cache.
                "begun: /begun (two)",
            ]
        );
        let mut files: Vec<&str> = caches.iter().map(|cache| cache.file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), caches.len());
    }

    #[test]
    fn a_file_without_caches_says_so() {
        assert_eq!(
            text(&caches("stages:\n  seed: {}\n")),
            "no stage uses a cache\n"
        );
    }
}
