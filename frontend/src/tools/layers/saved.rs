//! The layers of a saved image, without a daemon.

use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use clap::Args;
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use stagefile_runner::layers::{Content, Layers};

use super::archive::Archive;
use super::tar::{Kind, Tar};
use crate::error::{AnyError, ResultExt as _};

/// The maximum size of an image's uncompressed layers, in bytes.
const MAX_BYTES: u64 = 256 << 30;

/// The prefix of names that hide a file of a lower layer, or the content of a directory.
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// Which image is looked at.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The image: what `docker save` or `--output type=oci,dest=FILE` writes, or a directory of OCI's layout
    path: PathBuf,
    /// The platform, if the image is for several
    #[arg(long)]
    platform: Option<String>,
}

/// Inspects an image, and describes it as JSON and as text.
pub fn run(arguments: &Arguments) -> Result<(Value, String), AnyError> {
    let json = look(arguments)?;
    let text = super::text(&json);
    Ok((json, text))
}

fn look(arguments: &Arguments) -> Result<Value, AnyError> {
    let archive = Archive::open(&arguments.path)?;
    let image = archive.image(arguments.platform.as_deref())?;
    let mut history = super::history(&image.config).into_iter();
    let (mut layers, mut left) = (Layers::default(), MAX_BYTES);
    let mut said = Vec::new();
    for name in &image.layers {
        let (file, stored) = archive.file(name)?;
        let content = unpacked(file).or_message(|| format!("can't read the layer {name}"))?;
        left = read(content, left, &mut layers)
            .or_message(|| format!("can't read the layer {name}"))?;
        said.push((history.next().unwrap_or_default(), stored));
    }
    let mut json = layers.json();
    json["platform"] = image.platform.into();
    for (index, (made_by, stored)) in said.into_iter().enumerate() {
        json["layers"][index]["created-by"] = made_by.into();
        json["layers"][index]["stored"] = stored.into();
    }
    Ok(json)
}

/// Decompresses a layer while it is read.
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

/// Reads a layer. Returns the remaining number of bytes that may be read.
fn read(content: Box<dyn Read>, most: u64, layers: &mut Layers) -> io::Result<u64> {
    layers.begin();
    let mut tar = Tar::new(content.take(most));
    while let Some(entry) = tar.next()? {
        let (folder, name) = match entry.path.rsplit_once('/') {
            Some((folder, name)) => (folder, name),
            None => ("", entry.path.as_str()),
        };
        if name == OPAQUE {
            layers.hide(folder, true);
            continue;
        }
        match name.strip_prefix(WHITEOUT) {
            // It hides nothing.
            Some("") => continue,
            Some(name) if folder.is_empty() => {
                layers.hide(name, false);
                continue;
            }
            Some(name) => {
                layers.hide(&format!("{folder}/{name}"), false);
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
                let to = entry.link.trim_start_matches("./");
                layers.content(to.trim_start_matches('/'))
            }
            Kind::Other => Content::Other,
        };
        layers.add(entry.path, entry.size, content)?;
    }
    let left = tar.into_inner().limit();
    if left == 0 {
        return Err(too_much("more than this program reads"));
    }
    layers.end(&mut |_, _| false)?;
    Ok(left)
}

/// Computes a digest.
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

    use super::super::tar::tests::{archive, entry, link};
    use super::*;

    /// Returns an image in the format of `docker save`, with a compressed second layer.
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

    /// Inspects an image with these layers.
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
            read(content, most, &mut Layers::default()).map_err(|error| error.to_string())
        };
        assert!(read(10_000).unwrap() > 0);
        // The end of the first entry, where an archive may end too.
        assert_eq!(
            read(1024).unwrap_err(),
            "it has more than this program reads"
        );
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
