//! Subrequests about a file: `docker buildx build --call NAME`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_gateway::{BuildResult, Client, Failure, PlatformResult, SolveRequest};
use buildkit_llb::{Definition, FileAction, Platform, ReadError, State};
use serde_json::{Value, json};
use stagefile_language::layout;
use stagefile_language::plan::Plan;
use stagefile_language::source::Sources;
use stagefile_projects::SUPPORTED;
use stagefile_text::visible;

use super::layers::Asking;
use super::{Build, lock, marshalling, mistakes};
use crate::tools::expand::expand;
use crate::tools::fix::Fixing;
use crate::tools::graph::{self, Picture};
use crate::tools::verbs::{Verb, words};
use crate::tools::{bake, caches, check, lint, outline, schema, targets, version};

/// The version of the answers' format, which is that of the Dockerfile frontend.
const VERSION: &str = "1.0.0";

/// Answers a subrequest.
pub(super) async fn answer(name: &str, build: &Build<'_>) -> Result<BuildResult, Failure> {
    let Some((verb, words)) = Verb::of_request(name, false) else {
        return Err(unknown(name, false));
    };
    match verb {
        Verb::Check => Ok(lint_answer(build).await),
        Verb::Outline => {
            let (plan, mut sources) = plan(build).await?;
            let dockerfiles = build.outline_dockerfiles(&plan, &mut sources).await;
            let json = outline::json(&plan, &dockerfiles, &sources);
            let text = outline::text(&plan, &dockerfiles);
            Ok(result(&with_sources(json, &sources), &text))
        }
        Verb::Targets => {
            let (plan, sources) = plan(build).await?;
            let json = with_sources(targets::json(&plan, &sources), &sources);
            Ok(result(&json, &targets::text(&plan)))
        }
        Verb::Graph => {
            let picture = picture(&words)?;
            let (definition, title) = Box::pin(graph_of(build)).await?;
            drawn(&definition, &title, picture)
        }
        Verb::Layers => {
            let asking = Asking {
                client: build.client,
                options: build.options,
                native: &build.native,
            };
            asking.check()?;
            let (definition, _) = Box::pin(graph_of(build)).await?;
            let platform = build.options.platforms.first().unwrap_or(&build.native);
            Box::pin(asking.answer(&definition, platform)).await
        }
        Verb::Caches => caches_answer(build).await,
        Verb::Lock => Box::pin(lock::question::answer(build, &words)).await,
        Verb::Fix => fix_answer(build).await,
        Verb::Fmt => fmt_answer(build),
        Verb::Expand => {
            let (plan, sources) = plan(build).await?;
            let platform = build.options.platforms.first().unwrap_or(&build.native);
            let expanded = expand(&plan, &sources, platform).map_err(Failure::new)?;
            Ok(result(&expanded.json(), &expanded.text))
        }
        Verb::Bake => {
            let (plan, _) = plan(build).await?;
            baked(&bake::of_plan(&plan, build.file.filename()), &words)
        }
        Verb::Init => init_answer(build),
        Verb::Schema => Ok(result(&schema::schema(), &schema::text())),
        Verb::Version => Ok(version()),
        Verb::Describe => Ok(describe()),
        Verb::Llb
        | Verb::Convert
        | Verb::ConvertTidy
        | Verb::Diff
        | Verb::Explain
        | Verb::Lsp
        | Verb::Completions => Err(unknown(name, false)),
    }
}

/// Refuses a subrequest that isn't supported for this kind of file.
pub(super) fn unknown(request: &str, of_dockerfiles: bool) -> Failure {
    Failure::unsupported_subrequest(request).note(Verb::known(request, of_dockerfiles))
}

/// Reports whether a subrequest is about the lock file, whose content isn't used for the answer.
pub(super) fn is_about_the_lock(name: &str) -> bool {
    words(name).0 == Verb::Lock.request()
}

/// Parses the requested kind of picture.
pub(super) fn picture(words: &[&str]) -> Result<Picture, Failure> {
    let picture = match words {
        [] => Some(Picture::Text),
        [word] => Picture::parse(word),
        _ => None,
    };
    picture.ok_or_else(|| {
        Failure::new(format!(
            "`graph {}` can't be asked: it is `graph`, or in quotes `graph dot`, `graph mermaid` or `graph html`",
            words.join(" "),
        ))
    })
}

/// Answers with a graph.
pub(super) fn drawn(
    definition: &Definition,
    title: &str,
    picture: Picture,
) -> Result<BuildResult, Failure> {
    let unreadable = |error: ReadError| Failure::new(error.to_string());
    let json = graph::json(definition).map_err(unreadable)?;
    let text = picture.draw(definition, title).map_err(unreadable)?;
    Ok(result(&json, &text))
}

/// Answers with a bake file: the readable form, or the same as JSON.
pub(super) fn baked(bake: &bake::Bake, words: &[&str]) -> Result<BuildResult, Failure> {
    let json = bake.json();
    match words {
        [] => Ok(result(&json, &bake.hcl())),
        ["json"] => Ok(result(&json, &format!("{json:#}\n"))),
        _ => Err(Failure::new(format!(
            "`bake {}` can't be asked: it is `bake`, or in quotes `bake json`",
            words.join(" "),
        ))),
    }
}

/// Compiles the target for the first platform, and returns the graph's title.
pub(super) async fn graph_of(build: &Build<'_>) -> Result<(Definition, String), Failure> {
    let platform = build.options.platforms.first().unwrap_or(&build.native);
    let mut checked = build.check(platform).await?;
    let plan = checked.take_plan_to_build(build.options.target.as_deref());
    let mut plan = plan.ok_or_else(|| mistakes::failure(&checked.sources, &checked.found))?;
    build.place_binds(&mut plan, &checked.sources).await?;
    let epoch = build.epoch.or(plan.epoch());
    let (lowered, _) = build.lower(&plan, &checked.sources, false, epoch).await?;
    let definition = lowered
        .target
        .state
        .marshal(&marshalling(build.client, platform));
    Ok((definition, format!("{}, {platform}", plan.target_name())))
}

/// Creates the page with the graph, as the result of a build.
pub(super) async fn page(build: &Build<'_>) -> Result<BuildResult, Failure> {
    let (definition, title) = Box::pin(graph_of(build)).await?;
    let platform = build.options.platforms.first().unwrap_or(&build.native);
    delivered(build.client, platform, &definition, &title).await
}

/// Returns the page with a graph.
pub(super) async fn delivered(
    client: &Client,
    platform: &Platform,
    definition: &Definition,
    title: &str,
) -> Result<BuildResult, Failure> {
    let page = Picture::Html.draw(definition, title);
    let page = page.map_err(|error| Failure::new(error.to_string()))?;
    let name = format!("/{}", graph::FILE);
    let state = State::scratch().file(FileAction::mkfile(name, 0o644, page.into_bytes()));
    let definition = state.marshal(&marshalling(client, platform));
    let solved = client.solve(SolveRequest::definition(&definition)).await?;
    let result = PlatformResult::new(solved.single_reference().cloned());
    Ok(BuildResult::single(platform, result))
}

pub(super) fn result(json: &Value, text: &str) -> BuildResult {
    let json = json.to_string();
    let (json, text) = (visible::json(&json), visible::lines(text));
    BuildResult::subrequest_answer(json.into_owned(), text.into_owned(), VERSION)
}

/// Creates the plan for the first platform, which is the one that clients show.
async fn plan(build: &Build<'_>) -> Result<(Plan, Sources), Failure> {
    let mut checked = build
        .check(build.options.platforms.first().unwrap_or(&build.native))
        .await?;
    match checked.take_plan() {
        Some(plan) => Ok((plan, checked.sources)),
        None => Err(mistakes::failure(&checked.sources, &checked.found)),
    }
}

/// Returns the caches of all stages: their owners are only known with the base images.
async fn caches_answer(build: &Build<'_>) -> Result<BuildResult, Failure> {
    let (mut plan, sources) = plan(build).await?;
    plan.want_all_given();
    build.place_binds(&mut plan, &sources).await?;
    let epoch = build.epoch.or(plan.epoch());
    let (lowered, _) = build.lower(&plan, &sources, false, epoch).await?;
    let json = with_sources(caches::json(&lowered.caches, &sources), &sources);
    Ok(result(&json, &caches::text(&lowered.caches)))
}

async fn lint_answer(build: &Build<'_>) -> BuildResult {
    let platform = build.options.platforms.first().unwrap_or(&build.native);
    // A missing image is reported by a build, and doesn't prevent the inspection of the file.
    let checked = match build.check(platform).await {
        Ok(checked) => checked,
        Err(_) => build.check_imports(build.source, platform).await.0,
    };
    let mut checked = check::lowered(checked);
    if let Some(plan) = &mut checked.plan {
        plan.want_all();
        build.check_context(plan, &mut checked.found).await;
    }
    build.check_dockerfiles(&mut checked).await;
    let json = lint::lint(&checked);
    let report = checked.report();
    let clean = report.is_empty();
    let text = if clean {
        "no problems\n".to_owned()
    } else {
        report + "\n"
    };
    result(&json, &text).status_code(u8::from(!clean))
}

/// Applies fixes.
async fn fix_answer(build: &Build<'_>) -> Result<BuildResult, Failure> {
    let platform = build.options.platforms.first().unwrap_or(&build.native);
    let mut fixing = Fixing::new(build.source);
    loop {
        let source = fixing.source();
        let checked = match build.check_source(source, platform).await {
            Ok(checked) => checked,
            Err(_) => build.check_imports(source, platform).await.0,
        };
        let checked = check::lowered(checked);
        if !fixing.learn(&checked.sources, &checked.found) {
            return Ok(fixed(&fixing, build.file.text()));
        }
    }
}

/// Answers with the Stagefile that was generated from a manifest, ready to be written to a file.
fn init_answer(build: &Build<'_>) -> Result<BuildResult, Failure> {
    if build.extras.made_of.is_none() {
        return Err(Failure::new(format!(
            "{} is a Stagefile already; `--call init` makes one of a manifest: -f {SUPPORTED}",
            build.file.filename()
        )));
    }
    let text = build.source.text();
    let json = json!({ "filename": "Stagefile", "data": text });
    Ok(BuildResult::subrequest_answer(
        visible::json(&json.to_string()).into_owned(),
        text.to_owned(),
        VERSION,
    ))
}

/// Formats the file.
fn fmt_answer(build: &Build<'_>) -> Result<BuildResult, Failure> {
    let name = build.source.name();
    let before = build.source.text();
    let formatted = layout::format(before).ok_or_else(|| {
        Failure::new(format!(
            "{name} can't be laid out: it is no YAML, or its layout is a part of what it says; `--call check` tells more"
        ))
    })?;
    let is_changed = formatted != before;
    let text = with_mark(formatted, build.file.text());
    let json = json!({
        "filename": name,
        "data": STANDARD.encode(&text),
        "changed": is_changed,
    });
    let json = visible::json(&json.to_string()).into_owned();
    Ok(BuildResult::subrequest_answer(json, text, VERSION))
}

/// Keeps the beginning of the file that is replaced, such as a byte order mark.
fn with_mark(mut text: String, before: &[u8]) -> String {
    const BYTE_ORDER_MARK: &str = "\u{feff}";
    if before.starts_with(BYTE_ORDER_MARK.as_bytes()) {
        text.insert_str(0, BYTE_ORDER_MARK);
    }
    text
}

/// Answers with the fixed file, ready to be written to a file.
pub(super) fn fixed(fixing: &Fixing, before: &[u8]) -> BuildResult {
    let text = with_mark(fixing.source().text().to_owned(), before);
    let json = json!({
        "filename": fixing.source().name(),
        "data": STANDARD.encode(&text),
        "fixes": fixing.made(),
    });
    BuildResult::subrequest_answer(visible::json(&json.to_string()).into_owned(), text, VERSION)
}

/// Adds the files that locations in the answer refer to.
fn with_sources(mut answer: Value, sources: &Sources) -> Value {
    let texts = sources
        .files()
        .iter()
        .map(|file| STANDARD.encode(file.text()));
    answer["sources"] = json!(texts.collect::<Vec<_>>());
    answer
}

/// Answers with the version of this program.
pub(super) fn version() -> BuildResult {
    let (json, text) = version::version();
    result(&json, &text)
}

fn describe() -> BuildResult {
    let questions = Verb::asked(false).map(|verb| {
        let metadata = ["result.json", "result.txt"].map(|name| json!({ "name": name }));
        json!({
            "name": verb.request(),
            "version": VERSION,
            "type": "rpc",
            "description": verb.about(),
            "metadata": metadata,
        })
    });
    let text = Verb::asked(false).map(|verb| {
        let name = verb.request();
        let name = name.trim_start_matches("frontend.");
        format!("{name:24}{}\n", verb.about())
    });
    let text: String = text.collect();
    result(&Value::Array(questions.collect()), &text)
}
