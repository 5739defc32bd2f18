//! A frontend whose language has four words, one to a line:
//!
//! ```text
//! # syntax=example/tiny
//! from golang:1.22
//! copy . /src
//! run cd /src && go build -o /server .
//! entrypoint /server
//! ```
//!
//! It transfers only what `copy` names, honours `.dockerignore`, builds for as many platforms as are asked
//! for and says so in the images, keeps the configuration of the base image, does what clients ask of any
//! frontend (`--no-cache`, `--add-host`, `--label`, `SOURCE_DATE_EPOCH`…), and shows the line of a mistake
//! or of a failing command.

use buildkit_gateway::context::Entrypoint;
use buildkit_gateway::options::{Epoch, NoCache};
use buildkit_gateway::{
    BuildResult, Client, Contexts, Environment, Error, Failure, ImageConfig, Options,
    PlatformResult, ResolveSource, SolveRequest,
};
use buildkit_llb::{
    Constrain, Copy, Exec, FileAction, Image, MarshalOptions, Mount, Platform, Range, Reference,
    State, When,
};
use bytes::Bytes;

/// One line of a file, with its number.
struct Line<'file> {
    number: i32,
    word: &'file str,
    rest: &'file str,
}

/// Builds what the client asks for.
pub async fn build(client: &Client, environment: &Environment) -> Result<BuildResult, Failure> {
    let options = environment.parse_options().map_err(Error::from)?;
    if let Some(request) = &options.request {
        // Clients ask whether a frontend can do this and that. This one can only build.
        return Err(Failure::unsupported_subrequest(request));
    }
    let contexts = Contexts::find(client, &options, &environment.session_id).await?;
    let file = contexts.entrypoint("Tinyfile", "Text").await?;
    let text = String::from_utf8_lossy(file.text());
    let lines = parse(&text);

    let copied = lines
        .iter()
        .filter(|line| line.word == "copy")
        .filter_map(Line::copied);
    let context = contexts
        .main(&file)
        .await?
        .with_paths(copied.map(|(from, _)| from));
    let mut platforms = options.platforms.clone();
    if platforms.is_empty() {
        platforms.push(environment.build_platform(client.capabilities()));
    }
    let mut results = Vec::new();
    for platform in platforms {
        let result = build_for(&platform, client, &options, &file, &lines, &context).await?;
        results.push((platform, result));
    }
    Ok(BuildResult::for_platforms(results, options.multi_platform))
}

/// Takes the file apart. Empty lines and comments are nothing.
fn parse(text: &str) -> Vec<Line<'_>> {
    let numbered = (1..).zip(text.lines().map(str::trim));
    let lines = numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let split = lines.map(|(number, line)| {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        Line {
            number,
            word,
            rest: rest.trim(),
        }
    });
    split.collect()
}

impl<'file> Line<'file> {
    /// Splits `FROM TO`.
    fn copied(&self) -> Option<(&'file str, &'file str)> {
        self.rest
            .split_once(' ')
            .map(|(from, to)| (from, to.trim()))
    }
}

/// Builds for one platform.
async fn build_for(
    platform: &Platform,
    client: &Client,
    options: &Options,
    file: &Entrypoint,
    lines: &[Line<'_>],
    context: &State,
) -> Result<PlatformResult, Failure> {
    let mut state = State::scratch();
    let mut image = ImageConfig::scratch(platform);
    for line in lines {
        let position = file.lines(line.number, line.number);
        let wrong = |message: String| Failure::new(message).at(&position);
        let name = format!("{} {}", line.word, line.rest);
        let place = [Range::line(line.number)];
        match line.word {
            "from" => {
                let base = resolve(client, options, platform, line.rest)
                    .await
                    .map_err(|failure| failure.at_if_nowhere(&position))?;
                let from = base.source.named(name).located(file.source_map(), place);
                let configured = from.into_state().image_config(&base.json);
                state = configured.map_err(|error| wrong(error.to_string()))?;
                image = base.config.inherit();
                // Some images don't say what they are for, or say it otherwise.
                image.set_platform(platform);
            }
            "copy" => {
                let (from, to) = line
                    .copied()
                    .ok_or_else(|| wrong("`copy` needs two paths".to_owned()))?;
                let copy = Copy::new(context, &format!("/{from}"), to)
                    .contents()
                    .parents();
                let copy = FileAction::from(copy)
                    .named(name)
                    .located(file.source_map(), place);
                state = state.file(copy);
            }
            "run" => {
                let exec = Exec::shell(line.rest)
                    .named(name)
                    .located(file.source_map(), place);
                state = state.run(with_options(exec, options)).root();
            }
            "entrypoint" => image.config.set_entrypoint(line.rest.split_whitespace()),
            word => return Err(wrong(format!("there is no word `{word}`"))),
        }
    }
    let marshal = MarshalOptions::new().on_platform(platform.clone());
    let marshal = marshal.supported_by(client.capabilities().llb.clone());
    let definition = state.marshal(&marshal);
    // What no daemon would take is explained better here.
    let verified = definition.verify();
    verified.map_err(|error| Failure::of_graph(&definition, &error))?;
    let request = SolveRequest::definition(definition);
    let solved = client
        .solve(request.cache_imports(&options.cache_imports))
        .await?;
    let labels = options.labels.clone();
    image.config.labels.extend(labels);
    let result = PlatformResult::new(solved.single_reference().cloned()).config(&image);
    Ok(match options.epoch {
        Epoch::Seconds(seconds) => result.epoch(seconds),
        _ => result,
    })
}

/// Gives a process what the client wants every process to have.
fn with_options(exec: Exec, options: &Options) -> Exec {
    let shm_size = options.shm_size.and_then(|bytes| i64::try_from(bytes).ok());
    let exec = exec
        .network(options.network)
        .when(options.no_cache == NoCache::All, Exec::ignoring_cache)
        .when_some(options.hostname.as_ref(), Exec::hostname)
        .when_some(options.cgroup_parent.as_ref(), Exec::cgroup_parent)
        .when_some(options.resources.clone(), Exec::limited)
        .when_some(shm_size, |exec, bytes| {
            exec.mount(Mount::tmpfs("/dev/shm").size(bytes))
        });
    let hosts = options.extra_hosts.iter();
    let exec = hosts.fold(exec, |exec, host| exec.host(&host.host, host.address));
    let ulimits = options.ulimits.iter().cloned();
    ulimits.fold(exec, Exec::ulimit)
}

/// An image to build on.
struct Base {
    source: Image,
    config: ImageConfig,
    json: Bytes,
}

/// Looks an image up, and pins it to what was found.
async fn resolve(
    client: &Client,
    options: &Options,
    platform: &Platform,
    name: &str,
) -> Result<Base, Failure> {
    let reference = Reference::parse(name).map_err(|error| Failure::new(error.to_string()))?;
    let request = ResolveSource::image(&reference)
        .platform(platform)
        .mode(options.resolve_mode)
        .named(format!("[internal] load metadata for {reference}"));
    let found = client.resolve_source(request).await?.image;
    let found = found.ok_or_else(|| Failure::new(format!("`{name}` is no image")))?;
    let config = ImageConfig::from_json(&found.config);
    let pinned = found.pin(&reference).to_string();
    let source = Image::new(&pinned).map_err(|error| Failure::new(error.to_string()))?;
    Ok(Base {
        source: source
            .resolve_mode(options.resolve_mode)
            .on_platform(platform.clone()),
        config: config.map_err(|error| Failure::new(error.to_string()))?,
        json: found.config,
    })
}
