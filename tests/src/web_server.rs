//! A web server with files and Git repositories, as sources that the daemon fetches.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::git::Repository;

/// The path at which Git requests the refs of a repository.
const REFS: &str = "/info/refs?service=git-upload-pack";
/// The path at which Git requests commits.
const UPLOAD: &str = "/git-upload-pack";
/// The beginning of Git's answer: one line in Git's framing, and the end of a section.
const ADVERTISEMENT: &[u8] = b"001e# service=git-upload-pack\n0000";

/// A web server on this machine, which the daemon can access, and which runs until the tests end.
///
/// Repositories are served like by Git hosts, so that shallow fetches work, too.
#[derive(Debug)]
pub struct WebServer {
    root: TempDir,
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

/// A client's request.
struct Request {
    method: String,
    target: String,
    body: Vec<u8>,
}

impl WebServer {
    /// Starts a server without content.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the machine has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let server = Self {
            root,
            address,
            requests: requests.clone(),
        };
        let folder = server.root.path().to_owned();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (folder, requests) = (folder.clone(), requests.clone());
                // It doesn't matter to the server if a client disconnects.
                thread::spawn(move || answer(stream, &folder, &requests));
            }
        });
        server
    }

    /// Writes a file, and returns its URL.
    #[track_caller]
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> String {
        let file = self.root.path().join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).expect("a folder of the server can be made");
        }
        fs::write(file, content).expect("a file of the server can be written");
        self.url(path)
    }

    /// Creates an empty repository, and serves it as `NAME.git`.
    #[must_use]
    #[track_caller]
    pub fn repository(&self, name: &str) -> Repository {
        let folder = format!("{name}.git");
        Repository::create(&self.root.path().join(&folder), self.url(&folder))
    }

    /// Serves an image in an OCI archive like a registry, and returns its reference.
    #[must_use]
    #[track_caller]
    pub fn push(&self, name: &str, tag: &str, archive: &[u8]) -> String {
        let mut index = Vec::new();
        for entry in tar::Archive::new(archive).entries().expect("an archive") {
            let mut entry = entry.expect("an entry of the archive");
            let path = entry.path().expect("a path").into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("its content");
            if path == Path::new("index.json") {
                index = content;
            } else if let Ok(digits) = path.strip_prefix("blobs/sha256") {
                for kind in ["blobs", "manifests"] {
                    let path = format!("v2/{name}/{kind}/sha256:{}", digits.display());
                    self.write(&path, &content);
                }
            }
        }
        let index: serde_json::Value = serde_json::from_slice(&index).expect("an index");
        let digest = index["manifests"][0]["digest"].as_str().expect("a digest");
        let folder = self.root.path().join(format!("v2/{name}/manifests"));
        fs::copy(folder.join(digest), folder.join(tag)).expect("a manifest");
        format!("{}/{name}:{tag}", self.address)
    }

    /// Returns the URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Returns the requests so far, each as `METHOD /path`.
    #[must_use]
    #[track_caller]
    pub fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("no thread has panicked with the list")
            .clone()
    }
}

fn answer(mut stream: TcpStream, folder: &Path, requests: &Mutex<Vec<String>>) -> io::Result<()> {
    let Ok(request) = read(&stream) else {
        // Registry clients try TLS first, and fall back to plain HTTP after an answer like this.
        return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    };
    if let Ok(mut requests) = requests.lock() {
        requests.push(format!("{} {}", request.method, request.target));
    }
    let Ok((kind, body)) = content(folder, &request) else {
        return stream.write_all(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if request.method == "HEAD" {
        return Ok(());
    }
    stream.write_all(&body)
}

fn read(stream: &TcpStream) -> io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = words
        .next()
        .zip(words.next())
        .ok_or(io::ErrorKind::InvalidData)?;
    let (mut length, mut is_compressed) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim().to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
            Some(("content-encoding", value)) => is_compressed = value.trim() == "gzip",
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    // Git compresses long requests.
    if is_compressed {
        body = pipe(Command::new("gzip").arg("-dc"), body)?;
    }
    Ok(Request {
        method,
        target,
        body,
    })
}

/// Returns the media type and the content for a request.
fn content(folder: &Path, request: &Request) -> io::Result<(&'static str, Vec<u8>)> {
    let path = |target: &str| -> PathBuf { folder.join(target.trim_start_matches('/')) };
    let upload = |repository: &str| {
        let mut command = Command::new("git");
        command.args(["upload-pack", "--stateless-rpc"]);
        if request.method == "GET" {
            command.arg("--advertise-refs");
        }
        command.arg(path(repository));
        command
    };
    if let Some(repository) = request.target.strip_suffix(REFS) {
        let refs = pipe(&mut upload(repository), Vec::new())?;
        let kind = "application/x-git-upload-pack-advertisement";
        return Ok((kind, [ADVERTISEMENT, &refs].concat()));
    }
    if let Some(repository) = request.target.strip_suffix(UPLOAD) {
        let pack = pipe(&mut upload(repository), request.body.clone())?;
        return Ok(("application/x-git-upload-pack-result", pack));
    }
    let target = request.target.split('?').next().unwrap_or_default();
    let bytes = fs::read(path(target))?;
    let kind = if target.contains("/manifests/") {
        kind_of_manifest(&bytes)
    } else {
        "application/octet-stream"
    };
    Ok((kind, bytes))
}

/// Returns the media type of an image's manifest, like a registry.
fn kind_of_manifest(manifest: &[u8]) -> &'static str {
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    if String::from_utf8_lossy(manifest).contains(INDEX) {
        INDEX
    } else {
        "application/vnd.oci.image.manifest.v1+json"
    }
}

/// Runs a program with this input, and returns its output.
fn pipe(command: &mut Command, input: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    // Concurrently with reading, so that neither blocks the other. It isn't an error if a program stops
    // reading early.
    let writing = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output()?;
    let _ = writing.join();
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(io::Error::other(format!("{command:?} failed")))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::WebServer;
    use crate::http::http_get;

    #[test]
    fn files_and_repositories_are_served() {
        let server = WebServer::start();
        server.write("a/b.txt", "content");
        assert_eq!(http_get(server.address.port(), "/a/b.txt"), "content");

        let repository = server.repository("lib");
        repository.write("file", "one");
        let first = repository.commit();
        repository.write("file", "two");
        repository.commit();
        let clone = tempfile::tempdir().unwrap();
        for reference in ["main", first.as_str()] {
            let mut git = Command::new("git");
            git.args(["-c", "init.defaultBranch=x", "init", "--quiet"])
                .arg(clone.path());
            assert!(git.status().unwrap().success());
            let mut git = Command::new("git");
            git.arg("-C").arg(clone.path()).args([
                "fetch",
                "--quiet",
                "--depth=1",
                repository.url(),
                reference,
            ]);
            assert!(git.status().unwrap().success(), "{reference}");
        }
        assert!(server.requests().contains(&"GET /a/b.txt".to_owned()));
    }
}
