//! Runs of `docker buildx build`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::builder::Builder;
use crate::docker::{Docker, Finished};
use crate::files::Files;
use crate::image::{Image, frontend};
use crate::outcome::Outcome;
use crate::token::token;

/// A `docker buildx build` of a directory, with its options.
///
/// Steps use the host's network, since the private daemon of the tests has no other.
#[derive(Debug)]
#[must_use]
pub struct Build {
    docker: Docker,
    /// The builder, if it is not the daemon's own.
    builder: Option<Builder>,
    context: PathBuf,
    /// The URL to build instead, if it isn't empty.
    url: String,
    /// The file that is built, from the context.
    file: String,
    arguments: Vec<String>,
    /// Whether to allow entitlements, which a builder may refuse.
    allowing: bool,
    progress: &'static str,
    variables: Vec<(String, String)>,
    /// Options of an archive's output, each preceded by a comma.
    exporting: String,
    /// Secrets and outputs, outside the build context.
    workspace: TempDir,
}

impl Build {
    pub(crate) fn new(docker: Docker, context: &Path) -> Self {
        Self {
            docker,
            builder: Builder::named(),
            context: context.to_owned(),
            url: String::new(),
            file: "Stagefile".to_owned(),
            arguments: Vec::new(),
            allowing: true,
            progress: "plain",
            variables: Vec::new(),
            exporting: String::new(),
            workspace: tempfile::tempdir().expect("a temporary folder can be made"),
        }
    }

    /// Builds a directory that isn't a separate project, such as an example.
    pub fn of_folder(folder: &Path) -> Self {
        Self::new(Docker::connect(), folder)
    }

    /// Builds a file other than the Stagefile: a manifest, which can't name the frontend itself.
    pub fn of_manifest(mut self, file: &str) -> Self {
        file.clone_into(&mut self.file);
        self.build_arg("BUILDKIT_SYNTAX", &frontend())
    }

    /// Builds a URL instead of a directory.
    pub fn of_context(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// Sets a variable of the client.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds an option as the user would write it.
    pub fn option(mut self, option: impl Into<String>) -> Self {
        self.arguments.push(option.into());
        self
    }

    /// Doesn't allow any entitlement.
    pub fn allowing_nothing(mut self) -> Self {
        self.allowing = false;
        self
    }

    /// Adds an option for the output of [`Build::archive`], such as `rewrite-timestamp=true`.
    pub fn exporting(mut self, option: &str) -> Self {
        self.exporting.push(',');
        self.exporting.push_str(option);
        self
    }

    /// Adds `--target`.
    pub fn target(self, stage: &str) -> Self {
        self.option(format!("--target={stage}"))
    }

    /// Adds `--build-arg`.
    pub fn build_arg(self, name: &str, value: &str) -> Self {
        self.option(format!("--build-arg={name}={value}"))
    }

    /// Adds `--secret` with a file of this content.
    #[track_caller]
    pub fn secret(self, id: &str, content: &str) -> Self {
        let file = self.workspace.path().join(format!("secret-{id}"));
        fs::write(&file, content).expect("a secret can be written");
        self.option(format!("--secret=id={id},src={}", file.display()))
    }

    /// Adds `--secret` from a variable of the client with this value.
    pub fn secret_variable(mut self, id: &str, value: &str) -> Self {
        let variable = format!("STAGEFILE_TEST_{}", id.to_uppercase().replace('-', "_"));
        self.variables.push((variable.clone(), value.to_owned()));
        self.option(format!("--secret=id={id},env={variable}"))
    }

    /// Reports progress as a stream of JSON objects with everything that the daemon sends, instead of text.
    pub fn raw_progress(mut self) -> Self {
        self.progress = "rawjson";
        self
    }

    /// Builds without an output; the build must succeed.
    #[must_use]
    #[track_caller]
    pub fn succeed(self) -> Outcome {
        self.run("--output=type=cacheonly").1.must(true)
    }

    /// Builds without an output; the build must fail.
    #[must_use]
    #[track_caller]
    pub fn fail(self) -> Outcome {
        self.run("--output=type=cacheonly").1.must(false)
    }

    /// Builds the files of the image; the build must succeed.
    #[must_use]
    #[track_caller]
    pub fn files(self) -> Files {
        self.files_and_outcome().0
    }

    /// Builds the files of the image, or returns the output of a failed build.
    #[track_caller]
    pub fn try_files(self) -> Result<Files, String> {
        let archive = self.workspace.path().join("files.tar");
        let (workspace, outcome) =
            self.run(&format!("--output=type=tar,dest={}", archive.display()));
        if !outcome.succeeded() {
            return Err(outcome.text().to_owned());
        }
        let files = Files::read(&fs::read(archive).expect("the build wrote an archive"));
        drop(workspace);
        Ok(files)
    }

    /// Builds the files of the image, and also returns the output.
    #[must_use]
    #[track_caller]
    pub fn files_and_outcome(self) -> (Files, Outcome) {
        let archive = self.workspace.path().join("files.tar");
        let (workspace, outcome) =
            self.run(&format!("--output=type=tar,dest={}", archive.display()));
        let outcome = outcome.must(true);
        let files = Files::read(&fs::read(archive).expect("the build wrote an archive"));
        drop(workspace);
        (files, outcome)
    }

    /// Builds an OCI archive and returns its bytes, layers uncompressed, so that they can be searched.
    #[must_use]
    #[track_caller]
    pub fn archive(self) -> (Vec<u8>, Outcome) {
        let archive = self.workspace.path().join("image.tar");
        let options = "compression=uncompressed,force-compression=true";
        let exporting = self.exporting.clone();
        let (workspace, outcome) = self.run(&format!(
            "--output=type=oci,{options}{exporting},dest={}",
            archive.display()
        ));
        let outcome = outcome.must(true);
        let bytes = fs::read(archive).expect("the build wrote an archive");
        drop(workspace);
        (bytes, outcome)
    }

    /// Builds an image into the daemon's store, through the registry if another builder is used; the build must succeed.
    #[must_use]
    #[track_caller]
    pub fn image(self) -> Image {
        let docker = self.docker;
        let mut name = format!("stagefile-test-{}", token());
        let mut build = self;
        if let Some(builder) = &build.builder {
            // The daemon's store is for the test, the registry for the builder's result.
            name = builder.in_registry(&name);
            let pushed = format!("--output=type=image,name={name},push=true");
            build = build.option(pushed);
        }
        // Without provenance, the name refers to a single manifest, which `docker inspect` shows. Compressing new layers would
        // take longer than most builds.
        let (_, outcome) = build.option("--provenance=false").run(&format!(
            "--output=type=docker,compression=uncompressed,name={name}"
        ));
        Image::new(docker, name, outcome.must(true))
    }

    #[track_caller]
    fn run(self, output: &str) -> (TempDir, Outcome) {
        let mut command: Command = self.docker.buildx();
        command
            .args(["build", "--network=host", output])
            .args(
                self.builder
                    .iter()
                    .flat_map(|builder| builder.options(self.allowing)),
            )
            .arg(format!("--progress={}", self.progress))
            .args(&self.arguments)
            .arg("--file");
        if self.url.is_empty() {
            command
                .arg(self.context.join(&self.file))
                .arg(&self.context);
        } else {
            command.args([&self.file, &self.url]);
        }
        command.envs(self.variables);
        let Finished {
            status,
            stdout,
            stderr,
        } = self.docker.finish(command);
        // Progress and errors are on standard error, answers to subrequests on standard output.
        let text = stderr + &String::from_utf8_lossy(&stdout);
        (self.workspace, Outcome::new(status.success(), text))
    }
}
