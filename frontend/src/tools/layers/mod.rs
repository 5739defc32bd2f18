//! `layers`: what each layer of a saved image adds, and what of it nobody needs.

mod archive;
mod report;
mod tar;

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use clap::Args;
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::archive::Archive;
use self::tar::{Kind, Tar};
use crate::error::{AnyError, While as _};

/// How many paths an image may have.
const MOST_PATHS: usize = 2_000_000;

/// How many bytes a layer may unpack to.
const MOST_BYTES: u64 = 256 << 30;

/// How many paths are kept as examples.
const EXAMPLES: usize = 10;

/// How many of the largest files are listed.
const LARGEST: usize = 10;

/// What hides a file of a layer below, and all of a directory.
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// Files that running a program doesn't need, by what their paths begin with, or hold in the middle.
const UNNEEDED: [(&str, &str); 19] = [
    ("var/lib/apt/lists/", "package lists of apt"),
    ("var/cache/apt/", "packages that apt downloaded"),
    ("var/cache/apk/", "packages that apk downloaded"),
    ("var/cache/dnf/", "packages that dnf downloaded"),
    ("var/log/", "logs of the build"),
    ("var/tmp/", "temporary files"),
    ("tmp/", "temporary files"),
    ("usr/share/doc/", "documents"),
    ("usr/share/man/", "manual pages"),
    ("usr/share/info/", "manual pages"),
    ("root/.cache/", "caches of tools"),
    ("root/.npm/", "packages that npm downloaded"),
    ("root/.m2/", "packages that Maven downloaded"),
    ("root/.gradle/", "packages that Gradle downloaded"),
    ("root/.cargo/registry/", "packages that Cargo downloaded"),
    (
        "usr/local/cargo/registry/",
        "packages that Cargo downloaded",
    ),
    ("go/pkg/mod/", "packages that Go downloaded"),
    ("/.git/", "a checkout's history"),
    ("/__pycache__/", "what Python compiles"),
];

/// Which image is looked at.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The image: what `docker save` or `--output type=oci,dest=FILE` writes, or a directory of OCI's layout
    path: PathBuf,
    /// The platform, if the image is for several
    #[arg(long)]
    platform: Option<String>,
}

/// A number of files with their sizes, and some of their paths.
#[derive(Debug, Default)]
struct Files {
    count: u64,
    bytes: u64,
    paths: Vec<String>,
}

impl Files {
    fn add(&mut self, path: &str, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        if self.paths.len() < EXAMPLES {
            self.paths.push(path.to_owned());
        }
    }
}

/// What a layer does.
#[derive(Debug, Default)]
struct Layer {
    /// What the history says of it.
    made_by: String,
    /// Its size as it is stored.
    stored: u64,
    added: Files,
    /// Files of layers below that are in it again, as they were.
    again: Files,
    /// Files of layers below that it replaces: what they take there.
    replaced: Files,
    /// Files of layers below that it removes.
    removed: Files,
}

/// What is known of an image.
#[derive(Debug)]
struct Found {
    platform: String,
    layers: Vec<Layer>,
    largest: Vec<(String, usize, u64)>,
    unneeded: BTreeMap<(&'static str, &'static str), Files>,
}

/// A path as the layers up to now have it.
struct Known {
    layer: usize,
    size: u64,
    /// Of a file what it holds.
    digest: Option<[u8; 32]>,
}

/// Looks at an image, and describes it for programs and for people.
pub fn run(arguments: &Arguments) -> Result<(Value, String), AnyError> {
    let found = look(arguments)?;
    Ok((report::json(&found), report::text(&found)))
}

fn look(arguments: &Arguments) -> Result<Found, AnyError> {
    let archive = Archive::open(&arguments.path)?;
    let image = archive.image(arguments.platform.as_deref())?;
    let history = image.config["history"].as_array().into_iter().flatten();
    let history = history.filter(|entry| entry["empty_layer"] != true);
    let mut history = history.map(|entry| entry["created_by"].as_str().unwrap_or_default());
    let mut paths: BTreeMap<String, Known> = BTreeMap::new();
    let mut layers = Vec::new();
    for name in &image.layers {
        let (file, stored) = archive.file(name)?;
        let mut layer = Layer {
            made_by: history.next().unwrap_or_default().to_owned(),
            stored,
            ..Layer::default()
        };
        let content = unpacked(file).or_say(|| format!("can't read the layer {name}"))?;
        read(content, layers.len(), &mut layer, &mut paths)
            .or_say(|| format!("can't read the layer {name}"))?;
        layers.push(layer);
    }
    let mut largest: Vec<(String, usize, u64)> = Vec::new();
    let mut unneeded: BTreeMap<_, Files> = BTreeMap::new();
    for (path, known) in &paths {
        let rooted = format!("/{path}");
        let pattern = UNNEEDED.iter().find(|(pattern, _)| {
            path.starts_with(pattern) || pattern.starts_with('/') && rooted.contains(pattern)
        });
        if let Some(pattern) = pattern.filter(|_| known.size > 0) {
            unneeded.entry(*pattern).or_default().add(path, known.size);
        }
        let at = largest.partition_point(|(_, _, size)| *size >= known.size);
        if at < LARGEST && known.size > 0 {
            largest.insert(at, (path.clone(), known.layer, known.size));
            largest.truncate(LARGEST);
        }
    }
    Ok(Found {
        platform: image.platform,
        layers,
        largest,
        unneeded,
    })
}

/// Unpacks a layer as it is read.
fn unpacked(file: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(file);
    let head = io::BufRead::fill_buf(&mut file)?;
    match head {
        [0x1f, 0x8b, ..] => Ok(Box::new(BufReader::new(MultiGzDecoder::new(file)))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it is compressed with zstd; export the image with `compression=gzip`",
        )),
        _ => Ok(Box::new(file)),
    }
}

/// Reads a layer, and changes what is known of paths as it does.
fn read(
    content: Box<dyn Read>,
    number: usize,
    layer: &mut Layer,
    paths: &mut BTreeMap<String, Known>,
) -> io::Result<()> {
    let too_much =
        |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("it has {what}"));
    let mut tar = Tar::new(content.take(MOST_BYTES));
    while let Some(entry) = tar.next()? {
        let (folder, name) = match entry.path.rsplit_once('/') {
            Some((folder, name)) => (folder, name),
            None => ("", entry.path.as_str()),
        };
        if name == OPAQUE {
            remove(folder, number, true, layer, paths);
            continue;
        }
        if let Some(name) = name.strip_prefix(WHITEOUT) {
            let hidden = match folder {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            remove(&hidden, number, false, layer, paths);
            continue;
        }
        if entry.kind == Kind::Directory {
            continue;
        }
        let digest = if entry.kind == Kind::File {
            let mut hash = Hash(Sha256::new());
            io::copy(&mut tar, &mut hash)?;
            Some(hash.0.finalize().into())
        } else {
            None
        };
        layer.added.add(&entry.path, entry.size);
        let known = Known {
            layer: number,
            size: entry.size,
            digest,
        };
        if let Some(before) = paths.get(&entry.path)
            && before.layer != number
        {
            if before.digest.is_some() && before.digest == digest {
                layer.again.add(&entry.path, entry.size);
            } else {
                layer.replaced.add(&entry.path, before.size);
            }
        } else if paths.len() >= MOST_PATHS {
            return Err(too_much("too many files"));
        }
        paths.insert(entry.path, known);
    }
    Ok(())
}

/// Removes a path of layers below, with what is in it; or only that.
fn remove(
    path: &str,
    number: usize,
    only_inside: bool,
    layer: &mut Layer,
    paths: &mut BTreeMap<String, Known>,
) {
    let inside = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    let below: Vec<String> = paths
        .range(inside.clone()..)
        .take_while(|(one, _)| one.starts_with(&inside))
        .filter(|(_, known)| known.layer != number)
        .map(|(one, _)| one.clone())
        .collect();
    let own = paths.get(path).filter(|known| known.layer != number);
    let own = own.filter(|_| !only_inside).map(|_| path.to_owned());
    for path in below.into_iter().chain(own) {
        if let Some(known) = paths.remove(&path) {
            layer.removed.add(&path, known.size);
        }
    }
}

/// Takes bytes into a digest.
struct Hash(Sha256);

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::tar::tests::archive;
    use super::*;

    /// Writes an image as `docker save` does, with a second layer that is compressed.
    fn saved() -> Vec<u8> {
        let first = archive(&[
            ("usr/", b""),
            ("usr/big", &[1; 4000]),
            ("usr/same", b"same"),
            ("usr/old/a", b"aa"),
            ("usr/old/b", b"bbb"),
            ("etc/x", b"1"),
            ("var/lib/apt/lists/all", &[2; 700]),
        ]);
        let second = archive(&[
            ("usr/same", b"same"),
            ("usr/.wh.old", b""),
            ("etc/.wh..wh..opq", b""),
            ("etc/y", b"22"),
            ("usr/big", b"small"),
            ("app/.git/HEAD", b"ref"),
        ]);
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&second).unwrap();
        let second = packed.finish().unwrap();
        let config = json!({
            "os": "linux", "architecture": "amd64",
            "history": [{ "created_by": "base" }, { "created_by": "ENV", "empty_layer": true }, { "created_by": "RUN x" }],
        });
        let manifest =
            json!([{ "Config": "config.json", "Layers": ["a/layer.tar", "b/layer.tar"] }]);
        archive(&[
            ("manifest.json", manifest.to_string().as_bytes()),
            ("config.json", config.to_string().as_bytes()),
            ("a/layer.tar", &first),
            ("b/layer.tar", &second),
        ])
    }

    fn looked(bytes: &[u8]) -> Result<(Value, String), AnyError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.tar");
        fs::write(&path, bytes).unwrap();
        let platform = None;
        run(&Arguments { path, platform })
    }

    #[test]
    fn what_layers_do_is_told() {
        let (json, text) = looked(&saved()).unwrap();
        let second = &json["layers"][1];
        assert_eq!(second["created-by"], "RUN x");
        assert_eq!(second["again"]["paths"], json!(["usr/same"]));
        assert_eq!(
            second["replaced"],
            json!({ "files": 1, "bytes": 4000, "paths": ["usr/big"] })
        );
        assert_eq!(
            second["removed"],
            json!({ "files": 3, "bytes": 6, "paths": ["usr/old/a", "usr/old/b", "etc/x"] })
        );
        assert_eq!(json["wasted"], 4010);
        assert_eq!(
            json["largest"][0],
            json!({ "path": "var/lib/apt/lists/all", "layer": 1, "bytes": 700 })
        );
        assert_eq!(json["unneeded"][0]["what"], "a checkout's history");
        for line in [
            "RUN x",
            "again though unchanged",
            "removed",
            "package lists of apt",
        ] {
            assert!(text.contains(line), "{line}:\n{text}");
        }
    }

    #[test]
    fn what_is_no_image_or_is_broken_is_an_error() {
        let whole = saved();
        for (bytes, expected) in [
            (&b"x"[..], "no archive of an image"),
            (&archive(&[("a", b"b")]), "docker save"),
            (&archive(&[("manifest.json", b"[")]), "no image"),
            (
                &archive(&[(
                    "index.json",
                    br#"{"manifests":[{"digest":"sha256:../../x"}]}"#,
                )]),
                "a digest is none",
            ),
            (&whole[..whole.len() / 2], "archive"),
        ] {
            let error = looked(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let missing = json!([{ "Config": "config.json", "Layers": ["../../etc/passwd"] }]);
        let files = [
            ("manifest.json", missing.to_string()),
            ("config.json", "{}".to_owned()),
        ];
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let path = folder.path().to_owned();
        let error = run(&Arguments {
            path,
            platform: None,
        })
        .unwrap_err()
        .to_string();
        assert!(
            error.contains("the image has no ../../etc/passwd"),
            "{error}"
        );
    }
}
