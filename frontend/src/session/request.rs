//! Questions about a file, which clients ask instead of a build: `docker buildx build --call NAME`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_gateway::{BuildResult, Failure};
use serde_json::{Value, json};
use stagefile_language::layout;
use stagefile_language::plan::Plan;
use stagefile_language::source::Sources;
use stagefile_projects::SUPPORTED;
use stagefile_text::visible;

use super::{Build, lock, mistakes};
use crate::tools::fix::Fixing;
use crate::tools::{caches, check, lint, outline, schema, targets};

/// The version of the answers, which is that of the Dockerfile frontend's.
const VERSION: &str = "1.0.0";

/// What clients can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Lint,
    Outline,
    Targets,
    Caches,
    Lock,
    Fix,
    Fmt,
    Init,
    Schema,
    Version,
    Describe,
}

impl Question {
    /// All of them, in the order in which they are listed.
    const ALL: [Self; 11] = [
        Self::Lint,
        Self::Outline,
        Self::Targets,
        Self::Caches,
        Self::Lock,
        Self::Fix,
        Self::Fmt,
        Self::Init,
        Self::Schema,
        Self::Version,
        Self::Describe,
    ];

    /// Returns the question of a name.
    pub(super) fn of(name: &str) -> Option<Self> {
        // `--call describe`; clients that know the question have a longer name for it.
        let name = match name {
            "frontend.describe" => Self::Describe.name(),
            name => name,
        };
        Self::ALL
            .into_iter()
            .find(|question| question.name() == name)
    }

    /// Returns what it is called in a request.
    fn name(self) -> &'static str {
        match self {
            Self::Lint => "frontend.lint",
            Self::Outline => "frontend.outline",
            Self::Targets => "frontend.targets",
            Self::Caches => "frontend.caches",
            Self::Lock => "frontend.lock",
            Self::Fix => "frontend.fix",
            Self::Fmt => "frontend.fmt",
            Self::Init => "frontend.init",
            Self::Schema => "frontend.schema",
            Self::Version => "frontend.version",
            Self::Describe => "frontend.subrequests.describe",
        }
    }

    /// Returns what people call it, after `--call`.
    fn short(self) -> &'static str {
        match self {
            // Clients have names of their own for these.
            Self::Lint => "check",
            Self::Describe => "describe",
            other => other.name().trim_start_matches("frontend."),
        }
    }

    /// Returns what it is for.
    fn description(self) -> &'static str {
        match self {
            Self::Lint => "List what is wrong with the file",
            Self::Outline => "List what the target takes from the client",
            Self::Targets => "List the targets of the file",
            Self::Caches => "List the caches of the file, with their ids on the daemon",
            Self::Lock => "Print what pins the images, repositories and downloads of the file",
            Self::Fix => "Print the file with what can be corrected in it",
            Self::Fmt => "Print the file in the one layout",
            Self::Init => "Print the Stagefile that is made of a manifest, such as go.mod",
            Self::Schema => "Print the JSON Schema of the language, for editors",
            Self::Version => "Print the version of the frontend",
            Self::Describe => "List the questions that can be asked",
        }
    }
}

/// Answers a question.
pub(super) async fn answer(name: &str, build: &Build<'_>) -> Result<BuildResult, Failure> {
    let (question, words) = words(name);
    let Some(question) = Question::of(question).filter(|one| takes(*one, &words)) else {
        return Err(Failure::unsupported_subrequest(name).note(known()));
    };
    match question {
        Question::Lint => Ok(lint_answer(build).await),
        Question::Outline => {
            let (plan, sources) = plan(build).await?;
            let json = with_sources(outline::json(&plan, &sources), &sources);
            Ok(result(&json, &outline::text(&plan)))
        }
        Question::Targets => {
            let (plan, sources) = plan(build).await?;
            let json = with_sources(targets::json(&plan, &sources), &sources);
            Ok(result(&json, &targets::text(&plan)))
        }
        Question::Caches => caches_answer(build).await,
        Question::Lock => Box::pin(lock::question::answer(build, &words)).await,
        Question::Fix => fix_answer(build).await,
        Question::Fmt => fmt_answer(build),
        Question::Init => init_answer(build),
        Question::Schema => Ok(result(&schema::schema(), &schema::text())),
        Question::Version => Ok(version()),
        Question::Describe => Ok(describe()),
    }
}

/// Lists the questions as clients name them.
fn known() -> String {
    let names = Question::ALL.map(Question::short);
    format!("`--call` takes one of: {}", names.join(", "))
}

/// Takes a question apart: `--call 'lock check'` asks with a word more.
pub(super) fn words(name: &str) -> (&str, Vec<&str>) {
    let mut words = name.split(' ');
    let question = words.next().unwrap_or_default();
    (question, words.filter(|word| !word.is_empty()).collect())
}

/// Tells whether a question can be asked with more words.
fn takes(question: Question, words: &[&str]) -> bool {
    words.is_empty() || question == Question::Lock
}

/// Tells whether a request is about the lock of a file, which is not looked at for the answer.
pub(super) fn is_about_the_lock(name: &str) -> bool {
    words(name).0 == Question::Lock.name()
}

pub(super) fn result(json: &Value, text: &str) -> BuildResult {
    let json = json.to_string();
    let (json, text) = (visible::json(&json), visible::lines(text));
    BuildResult::answer(json.into_owned(), text.into_owned(), VERSION)
}

/// Makes the plan for the first platform, which is the one that clients look at.
async fn plan(build: &Build<'_>) -> Result<(Plan, Sources), Failure> {
    let mut checked = build
        .check(build.options.platforms.first().unwrap_or(&build.native))
        .await?;
    match checked.take_plan() {
        Some(plan) => Ok((plan, checked.sources)),
        None => Err(mistakes::failure(&checked.sources, &checked.found)),
    }
}

/// Lists the caches of all stages: whose they are is known only with the base images.
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
    // An image that nobody can find is the build's trouble, and no reason not to look at the file.
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

/// Corrects what can be corrected.
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

/// Answers with the Stagefile that was made of a manifest, just as it is to be written.
fn init_answer(build: &Build<'_>) -> Result<BuildResult, Failure> {
    if build.made_of.is_none() {
        return Err(Failure::new(format!(
            "{} is a Stagefile already; `--call init` makes one of a manifest: -f {SUPPORTED}",
            build.file.filename()
        )));
    }
    let text = build.source.text();
    let json = json!({ "filename": "Stagefile", "data": text });
    Ok(BuildResult::answer(
        visible::json(&json.to_string()).into_owned(),
        text.to_owned(),
        VERSION,
    ))
}

/// Lays the file out.
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
    Ok(BuildResult::answer(json, text, VERSION))
}

/// Begins a text as the file began that it takes the place of.
fn with_mark(mut text: String, before: &[u8]) -> String {
    const BYTE_ORDER_MARK: &str = "\u{feff}";
    if before.starts_with(BYTE_ORDER_MARK.as_bytes()) {
        text.insert_str(0, BYTE_ORDER_MARK);
    }
    text
}

/// Answers with the corrected file, just as it is to be written.
pub(super) fn fixed(fixing: &Fixing, before: &[u8]) -> BuildResult {
    let text = with_mark(fixing.source().text().to_owned(), before);
    let json = json!({
        "filename": fixing.source().name(),
        "data": STANDARD.encode(&text),
        "fixes": fixing.made(),
    });
    BuildResult::answer(visible::json(&json.to_string()).into_owned(), text, VERSION)
}

/// Adds the files themselves, which places in the answer refer to.
fn with_sources(mut answer: Value, sources: &Sources) -> Value {
    let texts = sources
        .files()
        .iter()
        .map(|file| STANDARD.encode(file.text()));
    answer["sources"] = json!(texts.collect::<Vec<_>>());
    answer
}

fn version() -> BuildResult {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let json = json!({ "name": name, "version": version });
    result(&json, &format!("{name} {version}\n"))
}

fn describe() -> BuildResult {
    let questions = Question::ALL.map(|question| {
        let metadata = ["result.json", "result.txt"].map(|name| json!({ "name": name }));
        json!({
            "name": question.name(),
            "version": VERSION,
            "type": "rpc",
            "description": question.description(),
            "metadata": metadata,
        })
    });
    let text = Question::ALL.map(|question| {
        let name = question.name().trim_start_matches("frontend.");
        format!("{name:24}{}\n", question.description())
    });
    result(&Value::Array(questions.to_vec()), &text.concat())
}
