//! Forwarding of builds to other frontends.

use super::contexts::Contexts;
use super::entrypoint::Entrypoint;
use crate::build_result::BuildResult;
use crate::client::SolveRequest;
use crate::directive;
use crate::failure::Failure;
use crate::options::Options;

/// The Dockerfile frontend that is built into the daemon.
const DOCKERFILE: &str = "dockerfile.v0";

/// The frontend that runs images.
const GATEWAY: &str = "gateway.v0";

/// Another frontend that a build is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forward {
    /// The frontend's image, or `dockerfile.v0` for the one that is built into the daemon.
    pub image: String,
    /// The image and the text after it, which is passed to the frontend.
    pub command_line: String,
    /// The line of the directive in the file, counted from 1; `None` if the client set the frontend.
    pub line: Option<usize>,
}

impl Forward {
    /// Determines whether a build is meant for another frontend: the client says so with
    /// `BUILDKIT_SYNTAX`, or the file with a [directive](directive::syntax).
    ///
    /// A build that was forwarded already isn't forwarded again, even if the directive names an image
    /// that this frontend doesn't recognize as its own.
    pub fn find(options: &Options, file: &[u8]) -> Option<Self> {
        if options.frontend.command_line.is_some() {
            return None;
        }
        if let Some(syntax) = &options.frontend.syntax {
            let syntax = syntax.trim();
            let image = syntax.split_once(' ').map_or(syntax, |(image, _)| image);
            let (image, command_line) = (image.to_owned(), syntax.to_owned());
            return Some(Self {
                image,
                command_line,
                line: None,
            });
        }
        let directive = directive::syntax(file)?;
        Some(Self {
            image: directive.image().to_owned(),
            line: Some(directive.line),
            command_line: directive.value,
        })
    }

    /// Creates a value for the Dockerfile frontend that is built into the daemon.
    pub fn to_dockerfile() -> Self {
        let image = DOCKERFILE.to_owned();
        Self {
            command_line: image.clone(),
            image,
            line: None,
        }
    }
}

impl Contexts {
    /// Forwards the whole build to another frontend, with all of the client's options and inputs, and
    /// returns its result.
    ///
    /// The other frontend is told that the build was forwarded, so a directive doesn't send it back. An
    /// error gets the position of the directive, unless it has one already.
    pub async fn forward(
        &self,
        forward: &Forward,
        file: &Entrypoint,
    ) -> Result<BuildResult, Failure> {
        let is_dockerfile = forward.image == DOCKERFILE;
        let mut request = SolveRequest::frontend(if is_dockerfile { DOCKERFILE } else { GATEWAY })
            .options(self.options.raw())
            .option("cmdline", &forward.command_line);
        if !is_dockerfile {
            request = request.option("source", &forward.image);
        }
        for (name, definition) in &self.inputs {
            request = request.input(name, definition.clone());
        }
        self.client.solve(request).await.map_err(|error| {
            let failure = Failure::from(error);
            match forward.line.and_then(|line| i32::try_from(line).ok()) {
                None => failure,
                Some(line) => failure.at_if_unlocated(&file.lines(line, line)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(options: &[(&str, &str)], file: &str) -> Option<(String, String, Option<usize>)> {
        let options = Options::parse(options.iter().copied()).unwrap();
        let forward = Forward::find(&options, file.as_bytes())?;
        Some((forward.image, forward.command_line, forward.line))
    }

    #[test]
    fn the_client_goes_before_the_file() {
        let file = "# syntax=a/b:1 --x\n";
        let expected =
            |image: &str, line: &str, number| Some((image.to_owned(), line.to_owned(), number));
        assert_eq!(find(&[], file), expected("a/b:1", "a/b:1 --x", Some(1)));
        let syntax = ("build-arg:BUILDKIT_SYNTAX", " c/d e ");
        assert_eq!(find(&[syntax], file), expected("c/d", "c/d e", None));
        assert_eq!(find(&[syntax, ("cmdline", "a/b:1 --x")], file), None);
        assert_eq!(find(&[], "stages: {}"), None);
    }
}
