//! Matches of bind patterns: each match becomes a mount, so they have to be known before the graph is created.
//!
//! The files are the same that the scripts will see, so nothing is transferred only for this.

use buildkit_gateway::{Error, Failure, Ref, SolveRequest};
use buildkit_llb::State;
use futures_util::future::try_join_all;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{BoundPattern, MAX_MATCHES, Plan, Source};
use stagefile_language::source::Sources;
use stagefile_text::glob;
use stagefile_text::pattern::Pattern;

use super::{Build, marshalling, mistakes};

impl Build<'_> {
    /// Replaces binds of patterns with binds of their matches.
    pub(super) async fn place_binds(
        &self,
        plan: &mut Plan,
        sources: &Sources,
    ) -> Result<(), Failure> {
        let bound = plan.bound_patterns();
        if bound.is_empty() {
            return Ok(());
        }
        let paths = bound.iter().map(|one| self.matches(one, sources));
        let paths = try_join_all(paths).await?;
        let matches: Vec<_> = bound.into_iter().zip(paths).collect();
        let mut found = Diagnostics::under(plan.rules.clone());
        plan.place_matches(&matches, &mut found);
        if found.has_errors() {
            return Err(mistakes::failure(sources, &found));
        }
        Ok(())
    }

    async fn matches(
        &self,
        bound: &BoundPattern,
        sources: &Sources,
    ) -> Result<Vec<String>, Failure> {
        let state = if let Source::External(from) = &bound.source {
            self.outside(from, &bound.pattern, &bound.platform, bound.span, sources)
                .await
        } else {
            let files = self.contexts.own_main(self.file).await?;
            Ok(files.with_paths([&bound.pattern]))
        };
        let matches = async { self.listed(&state?, bound).await };
        matches
            .await
            .map_err(|failure| failure.at_if_unlocated(&mistakes::excerpt(sources, bound.span)))
    }

    async fn listed(&self, state: &State, bound: &BoundPattern) -> Result<Vec<String>, Failure> {
        let options = marshalling(self.client, &bound.platform);
        let definition = state.marshal(&options);
        let request = SolveRequest::definition(&definition);
        let solved = self.client.solve(request).await?;
        match solved.single_reference() {
            Some(files) => Ok(walk(files, &bound.pattern).await?),
            None => Ok(Vec::new()),
        }
    }
}

/// Returns the paths of a result that match a pattern: if there are too many, one more than the limit.
pub(super) async fn walk(files: &Ref, pattern: &str) -> Result<Vec<String>, Error> {
    let mut paths = vec![String::new()];
    for part in pattern.split('/') {
        let is_pattern = glob::is_pattern(part) || part.contains('\\');
        let name = Pattern::of_copy(part);
        let mut next = Vec::new();
        for path in &paths {
            let directory = if path.is_empty() { "/" } else { path };
            let below = |name: &str| match path.as_str() {
                "" => name.to_owned(),
                path => format!("{path}/{name}"),
            };
            if !is_pattern {
                let path = below(part);
                if is_there(files.stat_file(&path).await)? {
                    next.push(path);
                }
                continue;
            }
            match files.read_dir(directory, "").await {
                Ok(entries) => {
                    let names = entries.iter().map(|entry| entry.path.as_str());
                    next.extend(names.filter(|one| name.matches(one)).map(below));
                }
                Err(Error::Daemon(_)) => {}
                Err(error) => return Err(error),
            }
            if next.len() > MAX_MATCHES {
                next.truncate(MAX_MATCHES + 1);
                break;
            }
        }
        paths = next;
    }
    paths.sort();
    Ok(paths)
}

/// Reports whether something exists; a not-found error of the daemon means no.
fn is_there<T>(answer: Result<T, Error>) -> Result<bool, Error> {
    match answer {
        Ok(_) => Ok(true),
        Err(Error::Daemon(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use crate::session::tests::harness::{IMAGE, ask, daemon, graph, lines, script};

    const FILE: &str = "
stages:
  app:
    from: busybox:1.35
    workdir: /srv
    steps:
      - run: make
        bind: ['conf/*.json', 'a*/b/[cd]']
";

    /// Returns the paths of the script's file mounts, and their sources.
    fn binds(daemon: &buildkit_gateway::testkit::Daemon) -> Vec<(String, String)> {
        let (_, exec) = script(&graph(daemon), "make");
        let mounts = exec.mounts.into_iter().skip(1);
        mounts.map(|mount| (mount.dest, mount.selector)).collect()
    }

    #[tokio::test]
    async fn every_match_of_the_context_is_a_mount() {
        let files = [
            "conf/b.json",
            "conf/a.json",
            "conf/a.toml",
            "a1/b/c",
            "a1/b/e",
            "a2/b",
            "b1/b/c",
            "ax/b/d/in",
        ];
        let daemon = daemon(FILE).local("context", files.map(|path| (path, "")));
        ask(&daemon, &[]).await.unwrap();
        let expected = ["a1/b/c", "ax/b/d", "conf/a.json", "conf/b.json"];
        let mut found = binds(&daemon);
        found.sort_by(|one, other| one.1.cmp(&other.1));
        let expected = expected.map(|path| {
            let (_, name) = path.rsplit_once('/').unwrap();
            (format!("/srv/{name}"), format!("/{path}"))
        });
        assert_eq!(found, expected);
    }

    /// In a pattern, a character after a backslash is literal.
    #[tokio::test]
    async fn a_name_that_looks_like_a_pattern_can_be_written() {
        let file = FILE.replace("conf/*.json", r"\[slug\]/\a.json");
        let files = ["[slug]/a.json", "s/b.json", "a1/b/c"];
        let daemon = daemon(&file).local("context", files.map(|path| (path, "")));
        ask(&daemon, &[]).await.unwrap();
        let mut found: Vec<String> = binds(&daemon).into_iter().map(|(_, path)| path).collect();
        found.sort();
        assert_eq!(found, ["/[slug]/a.json", "/a1/b/c"]);
    }

    #[tokio::test]
    async fn a_pattern_that_matches_nothing_is_an_error_at_its_place() {
        let daemon = daemon(FILE).local("context", [("conf/a.json", ""), ("a1/c", "")]);
        let failure = ask(&daemon, &[]).await.unwrap_err();
        let message = failure.message();
        let expected = "nothing in the build context matches `a*/b/[cd]`";
        assert!(
            message.contains(expected) && message.starts_with("1 error"),
            "{message}"
        );
        assert_eq!(lines(&failure), [8]);
    }

    #[tokio::test]
    async fn patterns_of_an_image_are_looked_for_in_the_image() {
        let file = "stages:\n  app:\n    from: busybox:1.35\n    steps:\n      - run: make\n        bind: { paths: 'lib/*.so', from: { image: busybox:1.35 } }\n";
        let daemon =
            daemon(file).source(IMAGE, [("lib/a.so", ""), ("lib/b.so", ""), ("lib/c", "")]);
        ask(&daemon, &[]).await.unwrap();
        let mut found: Vec<String> = binds(&daemon).into_iter().map(|(_, path)| path).collect();
        found.sort();
        assert_eq!(found, ["/lib/a.so", "/lib/b.so"]);
    }

    #[tokio::test]
    async fn there_is_a_limit_to_matches() {
        let paths: Vec<String> = (0..2_000)
            .map(|number| format!("conf/{number}.json"))
            .collect();
        let files = paths.iter().map(|path| (path.as_str(), ""));
        let daemon = daemon(FILE)
            .local("context", files)
            .local("context", [("a1/b/c", "")]);
        let failure = ask(&daemon, &[]).await.unwrap_err();
        assert!(failure.message().contains("conf/*.json"), "{failure}");
        assert_eq!(lines(&failure), [8]);
    }
}
