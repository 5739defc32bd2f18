//! The source of our own program for builds: the image that the daemon started us from, else the file next to this one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use buildkit_gateway::{Client, Failure, ImageConfig, ResolveSource, current_frontend};
use buildkit_llb::{
    Constrain, FileAction, Graph, Image, MarshalOptions, Mkfile, Platform, Reference, ResolveMode,
    State,
};
use stagefile_lower::{Needs, Runner};

/// The link to the running program.
const OWN: &str = "/proc/self/exe";
/// The name of the program for steps.
const RUNNER: &str = "stagefile-run";
/// The scheme of images in a graph.
const SCHEME: &str = "docker-image://";

/// Finds the program for the platforms on which processes need it, and for the native platform.
///
/// If the image has a variant for a platform, that is used: an emulator provided by the daemon only runs programs for that
/// platform. Otherwise, the native one is used, which works if the kernel does the emulation.
pub(super) async fn find(
    client: &Client,
    native: &Platform,
    needs: &Needs,
) -> Result<BTreeMap<Platform, Runner>, Failure> {
    let wanted = &needs.runners;
    if wanted.is_empty() && !needs.examines {
        return Ok(BTreeMap::new());
    }
    let own = self::native()?;
    let mut runners = BTreeMap::new();
    if let Some(reference) = reference(&own.state) {
        for platform in wanted.iter().filter(|platform| *platform != native) {
            if let Some(state) = variant(client, &reference, platform).await {
                let path = own.path.clone();
                runners.insert(platform.clone(), Runner { state, path });
            }
        }
    }
    runners.insert(native.clone(), own);
    Ok(runners)
}

/// Finds the program for the native platform.
pub(super) fn native() -> Result<Runner, Failure> {
    let image = current_frontend().ok().flatten();
    let path = runner();
    match (image, path.to_str()) {
        (Some(state), Some(path)) => Ok(Runner {
            state,
            path: path.to_owned(),
        }),
        _ => brought_along(&path),
    }
}

/// Returns the path of the program for steps: next to this one, or at the root if that is unknown.
fn runner() -> PathBuf {
    let own = std::fs::read_link(OWN).unwrap_or_default();
    let directory = own.parent().unwrap_or(Path::new("/"));
    directory.join(RUNNER)
}

/// Returns the reference of the image that a graph consists of.
fn reference(state: &State) -> Option<Reference> {
    let definition = state.marshal(&MarshalOptions::new());
    let graph = Graph::read(&definition).ok()?;
    let [image] = graph.vertices() else {
        return None;
    };
    Reference::parse(image.name().strip_prefix(SCHEME)?).ok()
}

/// Finds the image for another platform; `None` if there is none. A daemon may have a single image under the name of all.
async fn variant(client: &Client, reference: &Reference, platform: &Platform) -> Option<State> {
    let request = ResolveSource::image(reference)
        .platform(platform)
        .mode(ResolveMode::PreferLocal)
        .named(format!("[internal] load the frontend for {platform}"));
    let image = client.resolve_source(request).await.ok()?.image?;
    let config = ImageConfig::from_json(&image.config).ok()?;
    if config.platform().normalize() != *platform {
        return None;
    }
    let state = Image::from(reference.clone())
        .on_platform(platform.clone())
        .into_state();
    Some(state)
}

/// Creates a graph with the program's content, for daemons that don't report what they started.
fn brought_along(path: &Path) -> Result<Runner, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        let path = path.display();
        Failure::new(format!("can't read the program for steps, {path}: {error}"))
    })?;
    let file = format!("/{RUNNER}");
    let action = FileAction::from(Mkfile::new(&file, 0o755, bytes))
        .named("[internal] bring the frontend's program along");
    Ok(Runner {
        state: State::scratch().file(action),
        path: file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::harness::{IMAGE, daemon};

    fn platform(architecture: &str) -> Platform {
        Platform::new("linux", architecture)
    }

    #[test]
    fn a_graph_that_is_one_image_has_its_name() {
        let image = IMAGE.strip_prefix(SCHEME).unwrap();
        let name = |state: &State| reference(state).map(|reference| reference.to_string());
        let one = State::image(image).unwrap();
        assert_eq!(name(&one).as_deref(), Some(image));
        assert_eq!(name(&State::local("x")), None);
        assert_eq!(name(&one.file(FileAction::mkdir("/a", 0o755))), None);
        assert_eq!(name(&State::scratch()), None);
    }

    #[tokio::test]
    async fn the_image_is_taken_only_for_platforms_that_it_has() {
        let client = daemon("").connect().await.unwrap();
        let image = Reference::parse("busybox:1.35").unwrap();
        let arm = variant(&client, &image, &platform("arm64")).await.unwrap();
        let definition = arm.marshal(&MarshalOptions::new());
        let json = Graph::read(&definition).unwrap().to_json();
        assert!(json.contains("arm64"), "{json}");
        // For other platforms, this daemon has the amd64 image.
        assert!(variant(&client, &image, &platform("s390x")).await.is_none());
        let unknown = Reference::parse("none").unwrap();
        assert!(
            variant(&client, &unknown, &platform("arm64"))
                .await
                .is_none()
        );
    }

    #[tokio::test]
    async fn the_program_is_looked_for_only_if_something_needs_it() {
        let client = daemon("").connect().await.unwrap();
        let native = platform("amd64");
        let nothing = Needs::default();
        assert!(find(&client, &native, &nothing).await.unwrap().is_empty());
        let missing = brought_along(Path::new("/none/stagefile-run")).unwrap_err();
        assert!(
            missing
                .message()
                .starts_with("can't read the program for steps, /none/stagefile-run: ")
        );
    }
}
