//! The long forms of `from` for external sources, except remote ones.

use buildkit_llb::{Checksum, Platform, Reference};

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::{DockerfileSource, External, ImageSource, LayoutSource};
use crate::source::Spanned;
use crate::syntax::{DockerfileOrigin, ImageOrigin, LayoutOrigin};
use crate::value::RESOLVE;

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

    /// Parses a platform: the image's, the daemon's, or one by name.
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
