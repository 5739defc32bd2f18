//! The content of the target's layers. A frontend doesn't see layers, which are created after it has answered; but it can
//! build the target, mount what each step adds, and inspect that with our own program.

use buildkit_gateway::{Client, Failure, Options, ResolveSource, SolveRequest};
use buildkit_llb::{
    Capability, Constrain as _, Definition, Diff, Merge, Parts, Platform, ReadError, Reference,
    State,
};
use serde_json::{Value, json};
use stagefile_lower::{LayerFiles, look_at_layers};
use stagefile_runner::layers::LISTING;

use super::request::result;
use super::{marshalling, runner};
use crate::tools::graph::{Input, Model, Vertex, list, text};
use crate::tools::layers::{self, history};

/// The maximum number of layers of an image; container runtimes support fewer.
const MAX_LAYERS: usize = 256;
/// The maximum number of steps that are visited, and their depth: steps that only pass on others count, too.
const MAX_STEPS: usize = 1024;
/// The scheme of images in a graph.
const IMAGE: &str = "docker-image://";
/// The name of steps that only compare other steps.
const COMPARED: &str = "[internal] compare layers";
/// The maximum size of our program's answer, in bytes.
const MAX_JSON: u64 = 8 << 20;
/// An alternative if a build can't answer this.
const OFFLINE: &str = "`docker save IMAGE > image.tar` and `stagefile layers image.tar` look at an image that is built";

/// The context of the request.
pub(super) struct Asking<'a> {
    pub client: &'a Client,
    pub options: &'a Options,
    pub native: &'a Platform,
}

impl Asking<'_> {
    /// Refuses requests that can't be answered, before anything is compiled.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.options.platforms.len() > 1 {
            let names = self.options.platforms.iter().map(ToString::to_string);
            let names: Vec<String> = names.collect();
            return Err(Failure::new(format!(
                "`--call layers` looks at the image of one platform: choose one with --platform: {}",
                names.join(", ")
            )));
        }
        let support = &self.client.capabilities().llb;
        support.supports(Capability::DiffOp).map_err(|error| {
            Failure::new(format!(
                "`--call layers` needs a newer daemon: {error}; {OFFLINE}"
            ))
        })
    }

    /// Builds a graph, and returns the content of its result's layers.
    pub(super) async fn answer(
        &self,
        definition: &Definition,
        platform: &Platform,
    ) -> Result<buildkit_gateway::BuildResult, Failure> {
        let unreadable = |error: ReadError| Failure::new(error.to_string());
        let walk = Walk {
            model: &Model::from_definition(definition).map_err(unreadable)?,
            parts: &Parts::read(definition).map_err(unreadable)?,
            layers: Vec::new(),
            steps: 0,
        };
        let found = walk.all()?;
        let files: Vec<LayerFiles> = found.iter().map(|layer| layer.files.clone()).collect();
        let mut json = self.look(&files).await?;
        json["platform"] = platform.to_string().into();
        for (index, layer) in found.iter().enumerate() {
            let said = &mut json["layers"][index];
            said["created-by"] = layer.made_by.as_str().into();
            said["stored"] = Value::Null;
            if let Some(image) = &layer.image {
                said["base"] = self.history(image, platform).await;
            }
        }
        let text = layers::text(&json);
        Ok(result(&json, &text))
    }

    async fn look(&self, files: &[LayerFiles]) -> Result<Value, Failure> {
        let support = &self.client.capabilities().llb;
        let state = look_at_layers(files, &runner::native()?, self.native, support);
        let definition = state.marshal(&marshalling(self.client, self.native));
        let request = SolveRequest::definition(&definition)
            .cache_imports(&self.options.cache_imports)
            .evaluate();
        let solved = self.client.solve(request).await?;
        let unreadable = || Failure::new("what was found in the layers can't be read");
        let listing = solved.single_reference().ok_or_else(unreadable)?;
        let listing = listing.read_file_up_to(LISTING, MAX_JSON).await?;
        serde_json::from_slice(&listing).map_err(|_| unreadable())
    }

    /// Returns what created the layers of an image, if the daemon reports it.
    async fn history(&self, image: &str, platform: &Platform) -> Value {
        let ask = async {
            let reference = Reference::parse(image).ok()?;
            let request = ResolveSource::image(&reference)
                .platform(platform)
                .mode(self.options.resolve_mode)
                .named(format!("[internal] load metadata for {image}"));
            let config = self
                .client
                .resolve_source(request)
                .await
                .ok()?
                .image?
                .config;
            let config: Value = serde_json::from_slice(&config).ok()?;
            // Not every image has a history.
            let mut made_by = history(&config);
            made_by.resize(list(&config["rootfs"]["diff_ids"]).len(), String::new());
            Some(json!(made_by))
        };
        ask.await.unwrap_or_default()
    }
}

/// A layer of the result.
#[derive(Debug)]
struct Layer {
    files: LayerFiles,
    /// The step that creates it.
    made_by: String,
    /// The image that it is, if it is one.
    image: Option<String>,
}

/// A result of a vertex.
type At<'a> = (usize, &'a str);

/// Walks a graph from its result to its beginning.
struct Walk<'a> {
    model: &'a Model,
    parts: &'a Parts,
    layers: Vec<Layer>,
    steps: usize,
}

/// What is below a layer.
#[derive(Clone, Default)]
struct Below {
    /// The states that others were merged over.
    under: Vec<State>,
    /// The beginning of a difference; layers below it aren't part of the result.
    from: Option<(usize, String, State)>,
}

impl<'a> Walk<'a> {
    fn all(mut self) -> Result<Vec<Layer>, Failure> {
        let model = self.model;
        if let Some((vertex, output)) = &model.result {
            self.visit((*vertex, output), &Below::default())?;
        }
        Ok(self.layers)
    }

    /// Finds the layers of a result, from the bottom.
    fn visit(&mut self, at: At<'a>, below: &Below) -> Result<(), Failure> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(too_many());
        }
        let from = below.from.as_ref();
        if from.is_some_and(|(vertex, output, _)| (*vertex, output.as_str()) == at) {
            return Ok(());
        }
        let model = self.model;
        let vertex = &model.vertices[at.0];
        let inputs: Vec<At<'a>> = vertex.inputs.iter().map(at_of).collect();
        if vertex.op.contains_key("merge") {
            let mut below = below.clone();
            for input in inputs {
                self.visit(input, &below)?;
                below.under.push(self.state(input)?);
            }
            return Ok(());
        }
        if vertex.op.contains_key("diff") {
            if let [lower, upper] = inputs[..]
                && self.is_made_on(upper, lower)
            {
                let from = Some((lower.0, lower.1.to_owned(), self.state(lower)?));
                let under = below.under.clone();
                return self.visit(upper, &Below { under, from });
            }
            return self.push(at, None, below, true);
        }
        let base = base(vertex, at.1);
        if let Some(base) = base {
            self.visit(base, below)?;
        }
        if vertex.op.contains_key("passthrough") {
            return Ok(());
        }
        let may_remove = base.is_some()
            && vertex.op.get("file").is_none_or(|file| {
                let mut actions = list(&file["actions"]).iter();
                actions.any(|action| action["rm"].is_object())
            });
        self.push(at, base, below, may_remove)
    }

    /// Adds the layer of a step.
    fn push(
        &mut self,
        at: At<'a>,
        base: Option<At<'a>>,
        below: &Below,
        may_remove: bool,
    ) -> Result<(), Failure> {
        if self.layers.len() >= MAX_LAYERS {
            return Err(too_many());
        }
        let state = self.state(at)?;
        let added = match base {
            Some(base) => difference(&self.state(base)?, &state),
            None => state.clone(),
        };
        let whole = (may_remove && !self.layers.is_empty()).then(|| {
            let upper = match &below.from {
                Some((.., from)) => difference(from, &state),
                None => state,
            };
            let all = Merge::new(below.under.iter().chain([&upper]));
            all.named(COMPARED).into_state()
        });
        let vertex = &self.model.vertices[at.0];
        let source = vertex.op.get("source");
        let image = source.and_then(|source| text(&source["identifier"]).strip_prefix(IMAGE));
        self.layers.push(Layer {
            files: LayerFiles { added, whole },
            made_by: vertex.name.clone(),
            image: image.map(str::to_owned),
        });
        Ok(())
    }

    /// Reports whether a result is built on another one, step by step.
    fn is_made_on(&self, upper: At<'a>, lower: At<'a>) -> bool {
        let below = |at: &At<'a>| base(&self.model.vertices[at.0], at.1);
        std::iter::successors(Some(upper), below).any(|at| at == lower)
    }

    fn state(&self, (vertex, output): At<'_>) -> Result<State, Failure> {
        let state = output.parse().ok();
        let state = state.and_then(|output| self.parts.state(vertex, output));
        state.ok_or_else(|| Failure::new("the graph uses something that isn't in it"))
    }
}

/// Returns the changes that a state adds to another one.
fn difference(lower: &State, upper: &State) -> State {
    Diff::new(lower, upper).named(COMPARED).into_state()
}

fn too_many() -> Failure {
    Failure::new(format!(
        "the image has more than {MAX_LAYERS} layers, or too many steps make them; {OFFLINE}"
    ))
}

fn at_of(input: &Input) -> At<'_> {
    (input.vertex, input.output.as_str())
}

/// Returns the base of a vertex's result; `None` if it starts without files, or with the results of other vertices.
fn base<'a>(vertex: &'a Vertex, output: &str) -> Option<At<'a>> {
    let output_of = |value: &Value| match text(&value["output"]) {
        "" => "0",
        output => output,
    } == output;
    let place = if let Some(exec) = vertex.op.get("exec") {
        list(&exec["mounts"]).iter().position(output_of)?
    } else if let Some(file) = vertex.op.get("file") {
        let actions = list(&file["actions"]);
        let mut action = actions.iter().position(output_of)?;
        // An action may change the result of an earlier one.
        while let Some(earlier) = text(&actions[action]["input"]).strip_prefix("action ") {
            let earlier = earlier.parse::<usize>().ok()?.checked_sub(1)?;
            action = Some(earlier).filter(|earlier| *earlier < action)?;
        }
        2 * action
    } else {
        let passthrough = vertex.op.get("passthrough")?;
        let number = list(&passthrough["outputs"]).get(output.parse::<usize>().ok()?);
        let number = number.map_or("", text).parse().unwrap_or(0_usize);
        return vertex.inputs.get(number).map(at_of);
    };
    let input = vertex.inputs.get((*vertex.uses.get(place)?)?)?;
    Some(at_of(input))
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::testkit::Daemon;
    use buildkit_proto::gateway as wire;
    use stagefile_runner::layers::{Content, Layers};
    use stagefile_runner::reserved::RESERVED;

    use crate::session::tests::harness::{IMAGE, ask, daemon, daemon_of, graph, script};

    const STAGEFILE: &str = "
stages:
  build:
    from: busybox:1.35
    steps:
      - run: make
        outputs: { server: /out }
  app:
    from: busybox:1.35
    requires: build
    steps:
      - run: apk add curl
      - copy: server
        from: build.server
        to: /
      - remove: /etc/motd
";

    const LINKED: &str =
        "FROM busybox:1.35\nRUN make\nCOPY --link a /a\nCOPY --link b /b\nRUN last\n";

    /// Returns a daemon on which our program finds this number of layers.
    fn found(daemon: Daemon, count: usize) -> Daemon {
        let mut layers = Layers::default();
        for number in 0..count {
            layers.begin();
            let path = format!("etc/{}", number % 2);
            layers.add(path, 1000, Content::File([1; 32])).unwrap();
            layers.end(&mut |_, _| false).unwrap();
        }
        let json = layers.json().to_string();
        daemon.result_of("[internal] look at the layers", [("layers.json", json)])
    }

    async fn asked(daemon: &Daemon) -> wire::Result {
        let answer = ask(daemon, &[("requestid", "frontend.layers")]).await;
        answer.unwrap_or_else(|failure| panic!("{failure}"))
    }

    fn text(result: &wire::Result) -> String {
        String::from_utf8(result.metadata["result.txt"].to_vec()).unwrap()
    }

    /// Returns the mounts of our program, with their sources.
    fn seen(daemon: &Daemon) -> Vec<String> {
        let graph = graph(daemon);
        let (vertex, exec) = script(&graph, "look-at-layers");
        let mounts = exec.mounts.iter().filter_map(|mount| {
            let place = mount.dest.strip_prefix(RESERVED)?.strip_prefix('/')?;
            let input = usize::try_from(mount.input).ok()?;
            let (input, _) = graph.inputs_of(vertex).nth(input)?;
            Some(format!("{place} {}", input.name()))
        });
        mounts.filter(|mount| !mount.starts_with("tool")).collect()
    }

    #[tokio::test]
    async fn each_step_of_a_stagefile_is_a_layer() {
        let pinned = IMAGE.strip_prefix("docker-image://").unwrap();
        let (_, digest) = pinned.split_once('@').unwrap();
        let config = r#"{"history":[{"created_by":"ADD x"}],"rootfs":{"diff_ids":["1","2"]}}"#;
        let daemon = daemon(STAGEFILE).image(pinned, digest, config);
        let daemon = found(daemon, 4);
        let answer = asked(&daemon).await;
        assert_eq!(
            seen(&daemon),
            [
                "added/0 from busybox:1.35@sha256:1111111111111111111111111111111111111111111111111111111111111111",
                "added/1 [internal] compare layers",
                "added/2 [internal] compare layers",
                "added/3 [internal] compare layers",
                "whole/1 [app 1/3] run apk add curl",
                "whole/3 [app 3/3] remove /etc/motd",
            ]
        );
        let text = text(&answer);
        assert!(
            text.starts_with(
                "linux/amd64: 4.0 kB in 4 layers, of which 2.0 kB are there more than once"
            ),
            "{text}"
        );
        for line in [
            "\nlayer 1: 1.0 kB in 1 files  from busybox:1.35@",
            "\n  an image of 2 layers\n",
            "\nlayer 3: 1.0 kB in 1 files  [app 2/3] copy server from build.server → /\n  again though unchanged: 1.0 kB in 1 files, such as etc/0\n",
        ] {
            assert!(text.contains(line), "{line}:\n{text}");
        }
        let json: serde_json::Value =
            serde_json::from_slice(&answer.metadata["result.json"]).unwrap();
        assert_eq!(json["layers"][0]["base"], serde_json::json!(["ADD x", ""]));
        assert_eq!(
            json["layers"][3]["created-by"],
            "[app 3/3] remove /etc/motd"
        );
        assert_eq!(json["layers"][3]["stored"], serde_json::Value::Null);
    }

    /// A merged state is a layer of its own, and later removals are searched for in all layers.
    #[tokio::test]
    async fn each_instruction_of_a_dockerfile_is_a_layer() {
        let daemon = found(daemon_of("Dockerfile", LINKED), 5);
        let text = text(&asked(&daemon).await);
        assert_eq!(
            seen(&daemon)[1..],
            [
                "added/1 [internal] compare layers",
                "added/2 [3/5] COPY --link a /a",
                "added/3 [4/5] COPY --link b /b",
                "added/4 [internal] compare layers",
                "whole/1 [2/5] RUN make",
                "whole/4 [5/5] RUN last",
            ]
        );
        assert!(text.contains("  [4/5] COPY --link b /b\n"), "{text}");
    }

    #[tokio::test]
    async fn what_steps_do_at_the_same_time_is_a_layer_each() {
        let file = "stages:\n  app:\n    from: busybox:1.35\n    steps:\n      - parallel:\n          - run: one\n          - run: two\n";
        let daemon = found(daemon(file), 3);
        asked(&daemon).await;
        let seen = seen(&daemon);
        assert_eq!(seen.len(), 5, "{seen:?}");
        assert!(
            seen[3].starts_with("whole/1 [internal] compare"),
            "{seen:?}"
        );
        assert!(
            seen[4].starts_with("whole/2 [internal] compare"),
            "{seen:?}"
        );
    }

    #[tokio::test]
    async fn an_image_of_nothing_has_no_layers() {
        let daemon = found(daemon("stages: { app: { from: scratch } }\n"), 0);
        let told = text(&asked(&daemon).await);
        assert!(told.starts_with("linux/amd64: 0 B in 0 layers"), "{told}");
    }

    #[tokio::test]
    async fn who_cannot_be_told_learns_why_and_what_else_there_is() {
        let request = ("requestid", "frontend.layers");
        for file in ["Stagefile", "Dockerfile"] {
            let text = if file == "Stagefile" {
                STAGEFILE
            } else {
                LINKED
            };
            let old = daemon_of(file, text).without(["diffop"]);
            let failure = ask(&old, &[request]).await.unwrap_err();
            assert!(
                failure.message().contains("stagefile layers image.tar"),
                "{failure}"
            );
            let several = [request, ("platform", "linux/amd64,linux/arm64")];
            let failure = ask(&daemon_of(file, text), &several).await.unwrap_err();
            assert!(
                failure
                    .message()
                    .ends_with("--platform: linux/amd64, linux/arm64"),
                "{failure}"
            );
        }
        // Only layers are inspected in the graph.
        let steps = "RUN x\n".repeat(super::MAX_LAYERS);
        let many = daemon_of("Dockerfile", &format!("FROM busybox:1.35\n{steps}"));
        let failure = ask(&many, &[request]).await.unwrap_err();
        assert!(
            failure.message().contains("more than 256 layers"),
            "{failure}"
        );
    }
}
