//! The long forms of `from` that mean something from outside.

use buildkit_llb::{Checksum, Git, Http, Platform, Reference};

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{DockerfileSource, External, GitSource, HttpSource, ImageSource, LayoutSource};
use crate::source::Spanned;
use crate::syntax::{DockerfileOrigin, GitOrigin, HttpOrigin, ImageOrigin, LayoutOrigin};
use crate::value::{CHECKSUM, COMMIT, RESOLVE};

impl Planner<'_> {
    pub(super) fn image_source(&mut self, image: &ImageOrigin) -> Option<External> {
        let platform = self.platform_of("platform", image.platform.as_ref());
        let resolve = self.word("resolve", image.resolve.as_ref(), &RESOLVE);
        let text = self.text(&image.reference)?;
        let reference = self.reference(&text)?;
        Some(External::Image(
            ImageSource { reference, resolve },
            platform,
        ))
    }

    pub(super) fn git_source(&mut self, git: &GitOrigin) -> Option<External> {
        let url = self.text(&git.url)?;
        let (address, fragment) = url.value.split_once('#').unwrap_or((&url.value, ""));
        let (reference, subdir) = fragment.split_once(':').unwrap_or((fragment, ""));
        let reference = self.once("ref", git.reference.as_ref(), reference);
        let subdir = self.once("subdir", git.subdir.as_ref(), subdir);
        let checksum = self.value("checksum", git.checksum.as_ref(), &COMMIT);
        if let (Some(checksum), Some(text)) = (&checksum, &git.checksum) {
            let checksum = Spanned::new(checksum.clone(), text.span());
            self.check_same_commit(reference.as_deref(), &checksum);
        }
        let source = GitSource {
            url: address.to_owned(),
            // A whole commit is all that it takes to fetch it.
            reference: reference.or_else(|| checksum.clone().filter(|hash| hash.len() >= 40)),
            subdir,
            checksum,
            keep_git: self.flag("keep-git", git.keep_git.as_ref()),
            submodules: git.submodules.is_none()
                || self.flag("submodules", git.submodules.as_ref()),
            ssh: self.string(git.ssh.as_ref()),
        };
        let refusal = if address.contains('?') {
            Some("of a query nothing is read; write `ref` and the other options".to_owned())
        } else {
            let checked =
                Git::new(&source.url).reference(source.reference.as_deref().unwrap_or_default());
            checked.into_state().err().map(|error| error.to_string())
        };
        if let Some(reason) = refusal {
            self.found.push(diagnostics::invalid_address(
                "git", &url.value, &reason, url.span,
            ));
            return None;
        }
        Some(External::Git(Box::new(source)))
    }

    /// Takes a value from the option, or from the fragment of the URL; both can't say it.
    fn once(&mut self, key: &str, option: Option<&Text>, fragment: &str) -> Option<String> {
        let option = self.optional(option);
        match option {
            Some(option) if !fragment.is_empty() => {
                self.found
                    .push(diagnostics::said_by_the_address(key, fragment, option.span));
                Some(option.value)
            }
            Some(option) => Some(option.value).filter(|value| !value.is_empty()),
            None => Some(fragment.to_owned()).filter(|value| !value.is_empty()),
        }
    }

    pub(super) fn http_source(&mut self, http: &HttpOrigin) -> Option<External> {
        let url = self.text(&http.url)?;
        let checksum = self.value("checksum", http.checksum.as_ref(), &CHECKSUM);
        let unpack = self.flag("unpack", http.unpack.as_ref());
        let filename = match &http.filename {
            Some(text) => self.filename(text),
            None => Some(name_of(&url.value).unwrap_or_default().to_owned()),
        };
        if let Err(error) = Http::new(&url.value) {
            let reason = error.to_string();
            self.found.push(diagnostics::invalid_address(
                "http", &url.value, &reason, url.span,
            ));
            return None;
        }
        let filename = filename?;
        if filename.is_empty() && !unpack {
            self.found
                .push(diagnostics::nameless_download(&url.value, url.span));
            return None;
        }
        Some(External::Http(Box::new(HttpSource {
            url: url.value,
            checksum,
            filename: Some(filename)
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "archive".to_owned()),
            unpack,
        })))
    }

    fn filename(&mut self, text: &Text) -> Option<String> {
        let name = self.text(text)?;
        if name.value.contains(['/', '\0']) || matches!(name.value.as_str(), "" | "." | "..") {
            let wanted = "a name without slashes";
            self.found.push(diagnostics::invalid_value(
                "filename",
                &name.value,
                name.span,
                wanted,
            ));
            return None;
        }
        Some(name.value)
    }

    pub(super) fn layout_source(&mut self, layout: &LayoutOrigin) -> Option<External> {
        let platform = self.platform_of("platform", layout.platform.as_ref());
        let text = self.text(&layout.image)?;
        let image = text.value.trim_start_matches("oci-layout://");
        let (name, digest) = match image.split_once('@') {
            Some((name, digest)) => (name, Some(Checksum::parse(digest))),
            None => (image, None),
        };
        let reason = match &digest {
            _ if Reference::parse(name).is_err() => "it has no name of a layout",
            Some(Err(_)) => "what follows `@` isn't a digest",
            _ => {
                let layout = LayoutSource {
                    name: name.to_owned(),
                    digest: digest.and_then(Result::ok),
                };
                return Some(External::Layout(layout, platform));
            }
        };
        self.found
            .push(diagnostics::invalid_layout(&text.value, reason, text.span));
        None
    }

    pub(super) fn dockerfile_source(&mut self, file: &DockerfileOrigin) -> Option<External> {
        let platform = self.platform_of("platform", file.platform.as_ref());
        let target = self.string(file.target.as_ref());
        let mut args = Vec::new();
        for (name, value) in &file.args {
            self.check_variable("a build argument", name);
            let value = self.string(Some(value));
            args.extend(value.map(|value| (name.value.clone(), value)));
        }
        let mut contexts = Vec::new();
        for (name, stage) in &file.contexts {
            let stage = self.text(stage);
            let id = stage.and_then(|stage| self.stage_named(&stage));
            contexts.extend(id.map(|id| (name.value.clone(), id)));
        }
        let path = self.source_path(&file.path)?;
        let source = DockerfileSource {
            path: path.value.trim_matches('/').to_owned(),
            target,
            args,
            contexts,
        };
        Some(External::Dockerfile(Box::new(source), platform))
    }

    /// Reads a platform: the image's, the daemon's, or one by its name.
    pub(super) fn platform_of(&mut self, key: &str, text: Option<&Text>) -> Option<Platform> {
        let text = self.optional(text)?;
        self.platform_named(key, &text)
    }

    pub(super) fn platform_named(&mut self, key: &str, text: &Spanned<String>) -> Option<Platform> {
        match text.value.as_str() {
            "target" => Some(self.request.platforms.target.clone()),
            "build" => Some(self.request.platforms.build.clone()),
            other => match Platform::parse(other) {
                Ok(platform) => Some(platform.normalize()),
                Err(error) => {
                    self.found
                        .push(diagnostics::not_a_platform(key, other, text.span, &error));
                    None
                }
            },
        }
    }
}

/// Returns the last part of a URL's path.
fn name_of(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let (_, path) = path.split_once("://")?.1.split_once('/')?;
    let name = path.rsplit('/').next()?;
    // What is encoded would have to be decoded to be the file's name, and then may be anything.
    (!name.contains('%') && !matches!(name, "." | "..")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn names_of_downloads() {
        for (url, expected) in [
            (
                "https://example.com/a/tool.tar.gz?x=/y#z",
                Some("tool.tar.gz"),
            ),
            ("https://example.com/a/", Some("")),
            ("https://example.com", None),
            ("https://example.com/a%2Fb", None),
            ("https://example.com/..", None),
        ] {
            assert_eq!(name_of(url), expected, "{url}");
        }
    }
}
