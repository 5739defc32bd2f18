//! Scripts that run in another image than their stage, as a tool that changes or reads the stage's files.

use buildkit_image_config::{History, ImageConfig};
use buildkit_llb::Mount;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{IMAGE, Run, Source, Step};
use stagefile_language::source::Spanned;
use stagefile_text::visible;

use super::building::{Building, places};
use super::built::Built;
use super::progress::Called as _;
use super::stage::history_of;

impl Building<'_> {
    /// Runs a program in another image, with the stage's files mounted.
    pub(super) fn run_within(
        &self,
        step: &Step,
        run: &Run,
        within: &Spanned<Source>,
        name: String,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        let Some((root, _)) = self.files(within, "/") else {
            return;
        };
        let workdir = built.workdir_of(run);
        let user = built.user_of(run).to_owned();
        let exec = self.exec(run, &workdir, Some(&user), found);
        let own = Mount::bind(IMAGE, &built.state);
        let exec = exec.mount(if run.keep { own } else { own.readonly() });
        let exec = self.lowering.locate(exec, places(step)).called(name);
        let result = root.platform(self.platform).run(exec);
        if !run.keep {
            built.check(step, run, result.root());
            return;
        }
        // If something else is mounted there, that was reported already.
        if let Ok(state) = result.output(IMAGE) {
            built.state = state.settings_of(&built.state);
        }
        built
            .layers
            .push(History::layer(visible::lines(&history_of(run))));
    }

    /// Returns the environment variables of the image in which a script runs.
    pub(super) fn env_of(&self, within: &Spanned<Source>) -> Vec<String> {
        let config = match &within.value {
            Source::Stage(id) => self
                .done
                .get(id)
                .map(|stage| stage.config.config.env.clone()),
            Source::External(external) => {
                let found = self.lowering.external(external, self.platform, within.span);
                found.and_then(|found| Some(found.image.as_ref()?.config.config.env.clone()))
            }
            Source::MainContext | Source::Output(..) => None,
        };
        config.unwrap_or_else(|| ImageConfig::scratch(self.platform).config.env)
    }
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Constrain as _, Graph, GraphVertex, MarshalOptions, Platform, Support};

    use super::super::test_plans::lowered;

    #[test]
    fn what_runs_elsewhere_is_of_the_stages_platform_and_so_is_what_follows() {
        let text = "
stages:
  tools: { from: { git: 'https://example.com/tools.git' } }
  app:
    from: scratch
    platform: linux/s390x
    steps:
      - run: [strip]
        in: tools
      - run: [next]
";
        let built = lowered(text, Support::full()).expect("a graph").target;
        let options = MarshalOptions::new().on_platform(Platform::new("linux", "amd64"));
        let graph = Graph::read(&built.state.marshal(&options)).expect("a graph");
        let vertices = graph.vertices().iter().map(GraphVertex::to_json);
        let processes: Vec<String> = vertices.filter(|json| json.contains("\"exec\"")).collect();
        assert_eq!(processes.len(), 2);
        for process in processes {
            assert!(process.contains("s390x"), "{process}");
        }
    }
}
