//! Images on disk: an OCI image layout, and archives for `docker load`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::blob::{Blob, Descriptor};
use crate::image::Image;
use crate::layer;

/// The media type of an index of images.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A file of a layout or an archive: its path below the root, and its content.
type Member = (String, Vec<u8>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u8,
    media_type: &'a str,
    manifests: Vec<IndexEntry<'a>>,
}

#[derive(Serialize)]
struct IndexEntry<'a> {
    #[serde(flatten)]
    manifest: Descriptor,
    /// `None` for an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Platform<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct Platform<'a> {
    architecture: &'a str,
    os: &'a str,
}

/// An entry of `manifest.json`, with which engines without a containerd image store load an archive.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ArchiveEntry<'a> {
    config: String,
    repo_tags: [&'a str; 1],
    layers: [String; 1],
}

/// Writes an image, or an index of the images of several platforms, as an OCI layout, replacing the content of `directory`.
///
/// `name` is the repository and tag, such as `owner/image:tag`.
pub(crate) fn write_directory(
    directory: &Path,
    images: &[Image],
    name: &str,
) -> anyhow::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace `{}`", directory.display()));
        }
        _ => {}
    }
    for (path, content) in layout(images, name)? {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot make `{}`", parent.display()))?;
        }
        fs::write(&path, content).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// Writes the image as a single archive that old and new engines load: a layout that also has a `manifest.json`.
pub(crate) fn write_archive(file: &Path, image: &Image, name: &str) -> anyhow::Result<()> {
    let entry = ArchiveEntry {
        config: image.configuration().path(),
        repo_tags: [name],
        layers: [image.layer().path()],
    };
    let mut members = layout(std::slice::from_ref(image), name)?;
    members.push(("manifest.json".to_owned(), serde_json::to_vec(&[entry])?));

    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in members {
        layer::append(&mut archive, &path, 0o644, &content)?;
    }
    let mut output =
        File::create(file).with_context(|| format!("cannot write `{}`", file.display()))?;
    output.write_all(&archive.into_inner()?)?;
    Ok(())
}

/// Returns the files of an OCI image layout: with one image, or with an index of several.
fn layout(images: &[Image], name: &str) -> Result<Vec<Member>, serde_json::Error> {
    let entries = images.iter().map(|image| IndexEntry {
        manifest: image.manifest().descriptor(),
        platform: Some(Platform {
            architecture: image.architecture().name(),
            os: "linux",
        }),
        annotations: BTreeMap::new(),
    });
    let mut entries: Vec<IndexEntry<'_>> = entries.collect();
    let mut blobs: Vec<Blob> = images.iter().flat_map(Image::blobs).cloned().collect();
    // There is a single tagged entry, so that tools which search for a tag find all platforms.
    if entries.len() > 1 {
        let index = Blob::json(INDEX, &index(entries))?;
        entries = vec![IndexEntry {
            manifest: index.descriptor(),
            platform: None,
            annotations: BTreeMap::new(),
        }];
        blobs.push(index);
    }
    let tag = name.rsplit(':').next().unwrap_or("latest");
    for entry in &mut entries {
        entry.annotations = BTreeMap::from([
            // containerd stores the image under this name; other tools read the tag.
            ("io.containerd.image.name", format!("docker.io/{name}")),
            ("org.opencontainers.image.ref.name", tag.to_owned()),
        ]);
    }
    let mut members = vec![
        (
            "oci-layout".to_owned(),
            br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
        ),
        (
            "index.json".to_owned(),
            serde_json::to_vec(&index(entries))?,
        ),
    ];
    members.extend(
        blobs
            .iter()
            .map(|blob| (blob.path(), blob.bytes().to_vec())),
    );
    Ok(members)
}

fn index(manifests: Vec<IndexEntry<'_>>) -> Index<'_> {
    Index {
        schema_version: 2,
        media_type: INDEX,
        manifests,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::blob;
    use crate::executable::Architecture;
    use crate::layer::Layer;

    fn image(content: &[u8]) -> Image {
        image_for(Architecture::Arm64, content)
    }

    fn image_for(architecture: Architecture, content: &[u8]) -> Image {
        let layer = Layer::of_files([("stagefile", content)]).unwrap();
        Image::new(architecture, &layer).unwrap()
    }

    #[test]
    fn several_platforms_are_one_index_under_the_tag() {
        let directory = tempfile::tempdir().unwrap();
        let images = [
            image_for(Architecture::Amd64, b"first"),
            image_for(Architecture::Arm64, b"second"),
        ];
        write_directory(directory.path(), &images, "owner/image:tag").unwrap();
        let read = |path: &str| -> Value {
            serde_json::from_slice(&fs::read(directory.path().join(path)).unwrap()).unwrap()
        };
        let tagged = &read("index.json")["manifests"];
        assert_eq!(tagged.as_array().unwrap().len(), 1);
        assert_eq!(tagged[0]["mediaType"], INDEX);
        assert_eq!(
            tagged[0]["annotations"]["org.opencontainers.image.ref.name"],
            "tag"
        );
        let digest = tagged[0]["digest"].as_str().unwrap();
        let index = read(&format!("blobs/{}", digest.replace(':', "/")));
        let architectures: Vec<&Value> = index["manifests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| &entry["platform"]["architecture"])
            .collect();
        assert_eq!(architectures, ["amd64", "arm64"]);
        for (entry, image) in index["manifests"].as_array().unwrap().iter().zip(&images) {
            assert_eq!(entry["digest"], image.manifest().digest());
            assert!(directory.path().join(image.manifest().path()).exists());
        }
    }

    #[test]
    fn every_blob_of_the_layout_has_its_digest_as_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let layout = directory.path().join("oci");
        write_directory(&layout, &[image(b"first")], "owner/image:tag").unwrap();
        write_directory(&layout, &[image(b"second")], "owner/image:tag").unwrap();
        let blobs: Vec<_> = fs::read_dir(layout.join("blobs/sha256"))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        // Three, not six: nothing of the first image remains.
        assert_eq!(blobs.len(), 3);
        for entry in blobs {
            let digest = blob::digest(&fs::read(entry.path()).unwrap());
            assert_eq!(
                digest,
                format!("sha256:{}", entry.file_name().to_str().unwrap())
            );
        }
        let index: Value =
            serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
        let entry = &index["manifests"][0];
        assert_eq!(entry["platform"]["architecture"], "arm64");
        assert_eq!(
            entry["annotations"]["io.containerd.image.name"],
            "docker.io/owner/image:tag"
        );
        assert_eq!(
            entry["annotations"]["org.opencontainers.image.ref.name"],
            "tag"
        );
    }

    #[test]
    fn the_archive_is_the_same_each_time_and_names_its_members() {
        let directory = tempfile::tempdir().unwrap();
        let [first, second] = ["first.tar", "second.tar"].map(|name| {
            let path = directory.path().join(name);
            write_archive(&path, &image(b"content"), "owner/image:tag").unwrap();
            fs::read(path).unwrap()
        });
        assert_eq!(first, second);

        let mut archive = tar::Archive::new(first.as_slice());
        let mut paths = Vec::new();
        let mut manifest = Value::Null;
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            if path == "manifest.json" {
                manifest = serde_json::from_reader(entry).unwrap();
            }
            paths.push(path);
        }
        assert_eq!(manifest[0]["RepoTags"][0], "owner/image:tag");
        for member in [&manifest[0]["Config"], &manifest[0]["Layers"][0]] {
            assert!(
                paths.iter().any(|path| member == path),
                "{member} is not in {paths:?}"
            );
        }
    }
}
