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

/// How long all paths of an image may be together, in bytes.
const MOST_NAMES: usize = 256 << 20;

/// How many bytes the layers of an image may unpack to.
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
    content: Content,
}

/// What is at a path, to tell whether it is the same again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// The digest of a file's content.
    File([u8; 32]),
    /// The digest of what a symbolic link leads to.
    Symlink([u8; 32]),
    Other,
}

/// Paths with what is known of them; no more than fit into memory.
#[derive(Default)]
struct Paths {
    known: BTreeMap<String, Known>,
    bytes: usize,
}

impl Paths {
    fn insert(&mut self, path: String, known: Known) -> io::Result<()> {
        let length = path.len();
        if self.known.insert(path, known).is_none() {
            self.bytes += length;
        }
        if self.known.len() > MOST_PATHS || self.bytes > MOST_NAMES {
            return Err(too_much("too many files"));
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Option<Known> {
        let known = self.known.remove(path)?;
        self.bytes -= path.len();
        Some(known)
    }
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
    let (mut paths, mut layers) = (Paths::default(), Vec::new());
    let mut left = MOST_BYTES;
    for name in &image.layers {
        let (file, stored) = archive.file(name)?;
        let mut layer = Layer {
            made_by: history.next().unwrap_or_default().to_owned(),
            stored,
            ..Layer::default()
        };
        let content = unpacked(file).or_say(|| format!("can't read the layer {name}"))?;
        left = read(content, left, layers.len(), &mut layer, &mut paths)
            .or_say(|| format!("can't read the layer {name}"))?;
        layers.push(layer);
    }
    let mut largest: Vec<(String, usize, u64)> = Vec::new();
    let mut unneeded: BTreeMap<_, Files> = BTreeMap::new();
    for (path, known) in &paths.known {
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

fn too_much(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it has {what}"))
}

/// Reads a layer, and changes what is known of paths. Returns how many of the bytes that it may have are left.
fn read(
    content: Box<dyn Read>,
    most: u64,
    number: usize,
    layer: &mut Layer,
    paths: &mut Paths,
) -> io::Result<u64> {
    let mut tar = Tar::new(content.take(most));
    // What the layer has itself is not what it hides, wherever in it that is said.
    let mut own = Paths::default();
    while let Some(entry) = tar.next()? {
        let (folder, name) = match entry.path.rsplit_once('/') {
            Some((folder, name)) => (folder, name),
            None => ("", entry.path.as_str()),
        };
        if name == OPAQUE {
            remove(folder, true, layer, paths);
            continue;
        }
        match name.strip_prefix(WHITEOUT) {
            // It hides nothing.
            Some("") => continue,
            Some(name) if folder.is_empty() => {
                remove(name, false, layer, paths);
                continue;
            }
            Some(name) => {
                remove(&format!("{folder}/{name}"), false, layer, paths);
                continue;
            }
            None => {}
        }
        let content = match entry.kind {
            Kind::Directory => continue,
            Kind::File => {
                let mut hash = Hash(Sha256::new());
                io::copy(&mut tar, &mut hash)?;
                Content::File(hash.0.finalize().into())
            }
            Kind::Symlink => Content::Symlink(Sha256::digest(&entry.link).into()),
            Kind::Link => {
                let to = entry.link.trim_start_matches("./").trim_start_matches('/');
                let to = own.known.get(to).or_else(|| paths.known.get(to));
                to.map_or(Content::Other, |to| to.content)
            }
            Kind::Other => Content::Other,
        };
        layer.added.add(&entry.path, entry.size);
        let known = Known {
            layer: number,
            size: entry.size,
            content,
        };
        own.insert(entry.path, known)?;
    }
    let left = tar.into_inner().limit();
    if left == 0 {
        return Err(too_much("more than this program reads"));
    }
    for (path, known) in own.known {
        if let Some(before) = paths.known.get(&path) {
            if before.content == known.content && known.content != Content::Other {
                layer.again.add(&path, known.size);
            } else {
                layer.replaced.add(&path, before.size);
            }
        }
        paths.insert(path, known)?;
    }
    Ok(left)
}

/// Removes a path of layers below, with what is in it; or only that.
fn remove(path: &str, only_inside: bool, layer: &mut Layer, paths: &mut Paths) {
    let inside = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    let below: Vec<String> = paths
        .known
        .range(inside.clone()..)
        .map(|(one, _)| one)
        .take_while(|one| one.starts_with(&inside))
        .cloned()
        .collect();
    let own = (!only_inside).then(|| path.to_owned());
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

    use super::tar::tests::{archive, entry, link};
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

    /// Looks at an image of such layers.
    fn image(layers: &[Vec<u8>]) -> Result<(Value, String), AnyError> {
        let names: Vec<String> = (0..layers.len()).map(|layer| format!("{layer}")).collect();
        let manifest = json!([{ "Config": "config", "Layers": names }]).to_string();
        let mut files = vec![("manifest.json", manifest.as_bytes()), ("config", b"{}")];
        let layers = names.iter().map(String::as_str).zip(layers);
        files.extend(layers.map(|(name, layer)| (name, layer.as_slice())));
        looked(&archive(&files))
    }

    #[test]
    fn links_that_are_as_they_were_are_there_again() {
        let layer = |soft: &str| {
            let mut layer = Vec::new();
            entry(&mut layer, "file", b'0', b"1");
            link(&mut layer, "hard", b'1', "file");
            link(&mut layer, "soft", b'2', soft);
            layer
        };
        let (json, _) = image(&[layer("file"), layer("file"), layer("hard")]).unwrap();
        assert_eq!(
            json["layers"][1]["again"]["paths"],
            json!(["file", "hard", "soft"])
        );
        assert_eq!(json["layers"][1]["replaced"]["files"], 0);
        assert_eq!(json["layers"][2]["again"]["paths"], json!(["file", "hard"]));
        assert_eq!(json["layers"][2]["replaced"]["paths"], json!(["soft"]));
    }

    #[test]
    fn a_layer_hides_what_is_below_and_nothing_of_its_own() {
        let below = archive(&[("d/a", b"1"), ("d/b", b"22"), ("e", b"333")]);
        let hiding = archive(&[
            ("d/new", b"4"),
            (".wh.", b""),
            ("d/.wh.", b""),
            ("d/.wh..wh..opq", b""),
            ("d/.wh..wh..opq", b""),
        ]);
        let (json, _) = image(&[below, hiding, archive(&[("d/new", b"4")])]).unwrap();
        assert_eq!(
            json["layers"][1]["removed"],
            json!({ "files": 2, "bytes": 3, "paths": ["d/a", "d/b"] })
        );
        assert_eq!(json["layers"][2]["again"]["paths"], json!(["d/new"]));
    }

    #[test]
    fn what_is_too_much_is_an_error_and_no_smaller_image() {
        let bytes = archive(&[("a", &[1; 512]), ("b", &[1; 512])]);
        let read = |most: u64| {
            let content = Box::new(io::Cursor::new(bytes.clone()));
            let (mut layer, mut paths) = (Layer::default(), Paths::default());
            read(content, most, 0, &mut layer, &mut paths).map_err(|error| error.to_string())
        };
        assert!(read(10_000).unwrap() > 0);
        // The end of the first entry, where an archive may end too.
        assert_eq!(
            read(1024).unwrap_err(),
            "it has more than this program reads"
        );
        let mut paths = Paths {
            bytes: MOST_NAMES - 1,
            ..Paths::default()
        };
        let mut add = |path: &str| {
            let (layer, size, content) = (0, 0, Content::Other);
            let known = Known {
                layer,
                size,
                content,
            };
            paths.insert(path.to_owned(), known).is_ok()
        };
        assert!(add("a") && add("a") && !add("b"));
    }

    #[test]
    fn an_index_may_name_itself_and_an_image_twice() {
        let (index, manifest) = ("sha256:aa", "sha256:bb");
        let all = json!({ "manifests": [{ "digest": index }, { "digest": manifest }] });
        let all = vec![all["manifests"].as_array().unwrap().clone(); 1000].concat();
        let all = json!({ "manifests": all }).to_string();
        let one = json!({ "config": { "digest": "sha256:cc" }, "layers": [] }).to_string();
        let files = |index: &str| {
            archive(&[
                ("index.json", index.as_bytes()),
                ("blobs/sha256/aa", all.as_bytes()),
                ("blobs/sha256/bb", one.as_bytes()),
                (
                    "blobs/sha256/cc",
                    br#"{"os":"linux","architecture":"arm64"}"#,
                ),
            ])
        };
        let (json, _) = looked(&files(&all)).unwrap();
        assert_eq!(json["platform"], "linux/arm64");
        let error = looked(&files(r#"{"manifests":[]}"#)).unwrap_err();
        assert_eq!(error.to_string(), "there is no image in it");
    }

    #[test]
    fn a_description_under_many_names_does_not_fill_the_memory() {
        let config = format!(r#"{{"os":"linux","x":"{}"}}"#, "x".repeat(7 << 20));
        let mut files = archive(&[("blobs/sha256/c0", config.as_bytes())]);
        // Without its end.
        files.truncate(files.len() - 1024);
        let mut index = Vec::new();
        for number in 1..9 {
            let (name, manifest) = (format!("c{number}"), format!("aa{number}"));
            link(
                &mut files,
                &format!("blobs/sha256/{name}"),
                b'1',
                "blobs/sha256/c0",
            );
            let config = json!({ "config": { "digest": format!("sha256:{name}") }, "layers": [] });
            let path = format!("blobs/sha256/{manifest}");
            entry(&mut files, &path, b'0', config.to_string().as_bytes());
            index.push(json!({ "digest": format!("sha256:{manifest}") }));
        }
        let index = json!({ "manifests": index }).to_string();
        entry(&mut files, "index.json", b'0', index.as_bytes());
        let error = looked(&files).unwrap_err().to_string();
        assert_eq!(error, "blobs/sha256/c5 is too large");
    }

    #[test]
    fn paths_and_platforms_forge_no_lines() {
        let layer = archive(&[("a\nlayer 9", b"1"), ("tmp/\u{1b}", b"1")]);
        let (_, text) = image(&[layer.clone(), layer]).unwrap();
        assert!(text.contains("a\\nlayer 9"), "{text}");
        assert!(
            !text.contains("\nlayer 9") && !text.contains('\u{1b}'),
            "{text}"
        );
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
