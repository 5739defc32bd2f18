//! Images and named contexts, as the daemon knows them.

use std::collections::BTreeMap;

use buildkit_gateway::{Client, Failure, ImageConfig, Options, ResolveSource};
use buildkit_llb::{Constrain, Image, Local, Platform, Reference, State};
use futures_util::future::try_join_all;

use crate::lower::{Needs, Resolved};

/// Asks the daemon.
pub(super) struct Resolver<'a> {
    pub client: &'a Client,
    pub options: &'a Options,
    pub session: &'a str,
    pub platform: &'a Platform,
}

impl Resolver<'_> {
    /// Resolves all images at the same time.
    pub(super) async fn images(
        &self,
        needs: &Needs,
    ) -> Result<BTreeMap<Reference, Resolved>, Failure> {
        let all: Vec<&Reference> = needs.bases.union(&needs.files).collect();
        let resolved = all.iter().map(|reference| self.image(reference, None));
        let resolved = try_join_all(resolved).await?;
        Ok(all.into_iter().cloned().zip(resolved).collect())
    }

    /// Resolves all named contexts at the same time.
    pub(super) async fn contexts(
        &self,
        needs: &Needs,
    ) -> Result<BTreeMap<String, Resolved>, Failure> {
        let resolved = try_join_all(needs.contexts.iter().map(|name| self.context(name))).await?;
        Ok(needs.contexts.iter().cloned().zip(resolved).collect())
    }

    async fn image(
        &self,
        reference: &Reference,
        context: Option<&str>,
    ) -> Result<Resolved, Failure> {
        let familiar = reference.familiar();
        let label = context.map_or_else(|| "internal".to_owned(), |name| format!("context {name}"));
        let request = ResolveSource::image(reference)
            .platform(self.platform)
            .mode(self.options.resolve_mode)
            .named(format!("[{label}] load metadata for {familiar}"));
        let metadata = self.client.resolve_source(request).await?;
        let Some(image) = metadata.image else {
            return Err(Failure::new(format!(
                "the daemon has no config for the image {familiar}"
            )));
        };
        let config = ImageConfig::from_json(&image.config)
            .map_err(|error| Failure::new(format!("{familiar}: {error}")))?;
        // What was asked about and what is pulled have to be the same, whatever is pushed meanwhile.
        let pinned = reference.clone().with_digest(image.digest);
        let name = pinned.familiar();
        let state = Image::from(pinned)
            .resolve_mode(self.options.resolve_mode)
            .on_platform(self.platform.clone())
            .named(match context {
                Some(context) => format!("[context {context}] {name}"),
                None => format!("from {name}"),
            })
            .into_state();
        Ok(Resolved {
            state,
            config: Some(config),
            name,
        })
    }
}

impl Resolver<'_> {
    /// Resolves what the client calls by a name: for this platform if it says so, else for any.
    async fn context(&self, name: &str) -> Result<Resolved, Failure> {
        let contexts = &self.options.named_contexts;
        let for_platform = format!("{name}::{}", self.platform);
        let value = contexts.get(&for_platform).or_else(|| contexts.get(name));
        let value =
            value.ok_or_else(|| Failure::new(format!("the client gave no context `{name}`")))?;
        let (kind, rest) = value.split_once(':').unwrap_or((value, ""));
        match kind {
            "docker-image" if rest == "//scratch" => Ok(Resolved {
                state: State::scratch(),
                config: None,
                name: name.to_owned(),
            }),
            "docker-image" => {
                let reference = Reference::parse(rest.trim_start_matches("//"))
                    .map_err(|error| Failure::new(format!("the context `{name}`: {error}")))?;
                self.image(&reference.with_default_tag(), Some(name)).await
            }
            "local" => Ok(self.local(name, rest)),
            _ => Err(Failure::new(format!(
                "the context `{name}` is of a kind that isn't supported yet: {value}"
            ))),
        }
    }

    fn local(&self, name: &str, source: &str) -> Resolved {
        let hint = self
            .options
            .shared_keys
            .get(source)
            .map_or("", String::as_str);
        let local = Local::new(source)
            .session(
                self.options
                    .local_sessions
                    .get(source)
                    .map_or(self.session, String::as_str),
            )
            .shared_key_hint(format!("context:{name}-{hint}"))
            .named(format!("[context {name}] load from client"));
        Resolved {
            state: local.into_state(),
            config: None,
            name: name.to_owned(),
        }
    }
}
