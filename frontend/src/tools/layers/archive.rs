//! Saved images: an OCI layout in a directory or an archive, or the output of `docker save`.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tar::{Kind, Tar};
use crate::error::{AnyError, ResultExt as _};

/// The maximum size of a description, in bytes.
const MAX_JSON: u64 = 8 << 20;

/// The maximum size of all descriptions together: the same one may occur under many names.
const MAX_TOTAL_JSON: u64 = 4 * MAX_JSON;

/// The maximum number of files in an image's archive.
const MAX_FILES: usize = 100_000;

/// The maximum length of all their paths together, in bytes.
const MAX_NAMES: usize = 32 << 20;

/// The maximum nesting depth of indexes.
const DEEPEST: usize = 4;

/// An image with its blobs.
pub(super) struct Archive {
    storage: Storage,
    /// The number of bytes of descriptions that were read.
    described: Cell<u64>,
}

enum Storage {
    Directory(PathBuf),
    /// A file, with the positions and sizes of its entries.
    File(PathBuf, BTreeMap<String, (u64, u64)>),
}

/// An image in an archive.
pub(super) struct Image {
    pub(super) platform: String,
    pub(super) config: Value,
    /// The file names of the layers.
    pub(super) layers: Vec<String>,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, AnyError> {
        let metadata =
            std::fs::metadata(path).or_message(|| format!("can't read {}", path.display()))?;
        if metadata.is_dir() {
            return Ok(Self {
                storage: Storage::Directory(path.to_owned()),
                described: Cell::new(0),
            });
        }
        if !metadata.is_file() {
            return Err(format!("{} is neither a file nor a directory", path.display()).into());
        }
        let mut tar = Tar::new(BufReader::new(File::open(path)?));
        let (mut files, mut names) = (BTreeMap::new(), 0);
        while let Some(entry) = tar
            .next()
            .or_message(|| format!("{} is no archive of an image", path.display()))?
        {
            names += entry.path.len();
            if entry.kind == Kind::File {
                files.insert(entry.path, (tar.position(), entry.size));
            } else if let Some(place) = files.get(&linked(&entry.path, &entry.link)) {
                // Older versions of `docker save` link identical layers.
                files.insert(entry.path, *place);
            }
            if files.len() > MAX_FILES || names > MAX_NAMES {
                return Err(format!("{} has too many files", path.display()).into());
            }
        }
        Ok(Self {
            storage: Storage::File(path.to_owned(), files),
            described: Cell::new(0),
        })
    }

    /// Opens one of the files.
    pub(super) fn file(&self, name: &str) -> Result<(Box<dyn Read>, u64), AnyError> {
        let missing = || format!("the image has no {name}");
        match &self.storage {
            Storage::Directory(directory) => {
                // The names come from the image, and must not lead elsewhere.
                if name.split('/').any(|part| matches!(part, ".." | "")) {
                    return Err(missing().into());
                }
                let path = directory.join(name);
                let metadata = std::fs::symlink_metadata(&path).or_message(missing)?;
                if !metadata.is_file() {
                    return Err(missing().into());
                }
                let file = File::open(&path).or_message(missing)?;
                Ok((Box::new(file), metadata.len()))
            }
            Storage::File(path, files) => {
                let (start, size) = *files.get(name).ok_or_else(missing)?;
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(start))?;
                Ok((Box::new(file.take(size)), size))
            }
        }
    }

    fn json(&self, name: &str) -> Result<Value, AnyError> {
        let (file, size) = self.file(name)?;
        self.described
            .set(self.described.get().saturating_add(size));
        if size > MAX_JSON || self.described.get() > MAX_TOTAL_JSON {
            return Err(format!("{name} is too large").into());
        }
        let mut bytes = Vec::new();
        file.take(MAX_JSON).read_to_end(&mut bytes)?;
        serde_json::from_slice(&bytes).or_message(|| format!("{name} is not JSON"))
    }

    /// Returns the image, for a platform if there are several.
    pub(super) fn image(&self, platform: Option<&str>) -> Result<Image, AnyError> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        if let Ok(index) = self.json("index.json") {
            self.collect(&index, 0, &mut seen, &mut found)?;
        } else {
            let list = self
                .json("manifest.json")
                .map_err(|_| "this is no image: neither an index.json nor a manifest.json is there; `docker save` or `--output type=oci` writes one")?;
            for image in list.as_array().into_iter().flatten() {
                let layers = image["Layers"].as_array().into_iter().flatten();
                let layers = layers
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect();
                let config = image["Config"].as_str().unwrap_or_default();
                // If an image is listed again under another name, it is the same image.
                if !seen.insert(config.to_owned()) {
                    continue;
                }
                let config = self.json(config)?;
                found.push(image_of(config, layers));
            }
        }
        if found.is_empty() {
            return Err("there is no image in it".into());
        }
        let names: BTreeSet<&str> = found.iter().map(|image| image.platform.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let names = names.join(", ");
        let wanted = |image: &Image| platform.is_none_or(|platform| image.platform == platform);
        found.retain(wanted);
        match (found.pop(), found.is_empty(), platform) {
            (Some(image), true, _) => Ok(image),
            (Some(_), false, None) if names.contains(", ") => {
                Err(format!("there are several images; choose one with --platform: {names}").into())
            }
            (Some(image), false, _) => Err(format!(
                "there are several images for {}; save each alone",
                image.platform
            )
            .into()),
            (None, ..) => Err(format!("there is no such image; there is {names}").into()),
        }
    }

    /// Collects the images of an index. Visited ones aren't read again: they may be listed under
    /// several names, and an index may contain itself.
    fn collect(
        &self,
        index: &Value,
        depth: usize,
        seen: &mut BTreeSet<String>,
        found: &mut Vec<Image>,
    ) -> Result<(), AnyError> {
        for descriptor in index["manifests"].as_array().into_iter().flatten() {
            let is_attestation = descriptor["annotations"]["vnd.docker.reference.type"].is_string();
            if is_attestation || depth >= DEEPEST || found.len() >= MAX_FILES {
                continue;
            }
            let name = blob(descriptor)?;
            if !seen.insert(name.clone()) {
                continue;
            }
            // Images that aren't in the archive are for other platforms.
            let Ok(manifest) = self.json(&name) else {
                continue;
            };
            if manifest["manifests"].is_array() {
                self.collect(&manifest, depth + 1, seen, found)?;
                continue;
            }
            let config = self.json(&blob(&manifest["config"])?)?;
            let layers = manifest["layers"].as_array().into_iter().flatten();
            let layers = layers.map(blob).collect::<Result<_, _>>()?;
            found.push(image_of(config, layers));
        }
        Ok(())
    }
}

fn image_of(config: Value, layers: Vec<String>) -> Image {
    let part = |key: &str| config[key].as_str().unwrap_or("unknown");
    let mut platform = format!("{}/{}", part("os"), part("architecture"));
    if let Some(variant) = config["variant"].as_str() {
        platform = format!("{platform}/{variant}");
    }
    Image {
        platform,
        config,
        layers,
    }
}

/// Returns the target of a link in an archive.
fn linked(path: &str, link: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match link.strip_prefix("../") {
        Some(rest) => {
            let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
            format!("{above}/{rest}").trim_start_matches('/').to_owned()
        }
        None => link.to_owned(),
    }
}

/// Returns the file name of a blob.
fn blob(descriptor: &Value) -> Result<String, AnyError> {
    let digest = descriptor["digest"].as_str().unwrap_or_default();
    let is_hex =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match digest.split_once(':') {
        Some((algorithm, hex)) if is_hex(algorithm) && is_hex(hex) => {
            Ok(format!("blobs/{algorithm}/{hex}"))
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a digest is none").into()),
    }
}
