//! The final check before a graph is sent, for mistakes that the checks of the file don't find but no daemon accepts.
//!
//! A daemon's error names neither the key nor its location, and only comes after everything before it has run.

use buildkit_llb::{Definition, Finding, MarshalOptions, State, VerifyError};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::source::{Sources, Span};

use super::Lowered;

impl Lowered {
    /// Combines everything that was lowered in a single graph.
    pub fn whole(&self, options: &MarshalOptions) -> Definition {
        let own = std::iter::once(&self.target.state);
        let all = own.chain(self.stages.values()).chain(&self.checks);
        State::merge(all).marshal(options)
    }
}

/// Reports everything in a graph that no daemon would build, with its source locations.
pub fn verify(definition: &Definition, sources: &Sources, found: &mut Diagnostics) {
    match definition.verify() {
        Ok(()) => {}
        Err(VerifyError::Findings(findings)) => {
            for finding in findings {
                let span = place(&finding, definition, sources);
                let problem = finding.problem();
                found.push(diagnostics::refused_by_buildkit(
                    finding.field(),
                    problem,
                    span,
                ));
            }
        }
        Err(error) => {
            let start = sources.main().span(0, 0);
            found.push(diagnostics::refused_by_buildkit("the graph", &error, start));
        }
    }
}

/// Returns the lines that an operation comes from. For a template's step, these are the last ones, after the uses that lead
/// to it.
fn place(finding: &Finding, definition: &Definition, sources: &Sources) -> Span {
    let location = finding.locations().last();
    let lines = location.and_then(|location| {
        let index = usize::try_from(location.file()).ok()?;
        let name = &definition.source()?.files().get(index)?.filename;
        let file = sources.files().iter().find(|file| file.name() == *name)?;
        let range = location.ranges().first()?;
        let line = |number: i32| usize::try_from(number).ok();
        Some(file.lines(line(range.start.line)?, line(range.end.line)?))
    });
    lines.unwrap_or_else(|| sources.main().span(0, 0))
}

#[cfg(test)]
mod tests {
    use buildkit_llb::SourceMap;
    use buildkit_llb::{Exec, Mount};
    use stagefile_language::source::Source;

    use super::super::SourceMaps;
    use super::*;

    #[test]
    fn what_the_checks_of_the_file_let_through_is_reported_at_its_step() {
        let text = "one\n  two\nthree\n";
        let sources = Sources::new(Source::new("Stagefile", text));
        let source_maps = SourceMaps::new(&sources, SourceMap::new("Stagefile", "YAML", text));
        let (used, own) = (Span::new(10, 15), Span::new(6, 9));
        let exec = Exec::shell("make").mount(Mount::tmpfs("cache"));
        let state = State::image("alpine").unwrap();
        let state = state.run(source_maps.locate(exec, [used, own])).root();
        let mut found = Diagnostics::default();
        let definition = state.marshal(&MarshalOptions::new());
        verify(&definition, &sources, &mut found);
        let errors = found.errors();
        let [error] = errors.as_slice() else {
            panic!("{errors:?}")
        };
        assert_eq!(sources.slice(error.primary.span), "two");
        assert_eq!(
            error.message,
            "BuildKit refuses this: exec.mounts[1].dest must be an absolute path, found `cache`"
        );
    }
}
