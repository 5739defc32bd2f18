//! A registry that misbehaves: a proxy in front of a working one.

use std::io::{self, Read, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How the registry misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Each answer is delayed, and comes in small pieces.
    Slow,
    /// Long answers end after this many bytes of content, without an error.
    CutOff(usize),
    /// It answers until it has sent this many bytes of content in total, stops in the middle of an answer, and then
    /// closes each connection without an answer, until [`Proxy::revive`].
    Dies(usize),
    /// It requires a login, as `user` with the password `password`.
    Login,
}

/// `user:password`, as clients send it.
const CREDENTIALS: &str = "Authorization: Basic dXNlcjpwYXNzd29yZA==";
/// The first byte of a TLS connection.
const TLS: u8 = 0x16;
const REFUSAL: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
    Content-Type: application/json\r\nContent-Length: 63\r\nConnection: close\r\n\r\n{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"log in, please\"}]}";

/// A proxy, which answers until the tests end.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    address: SocketAddr,
    registry: String,
    fault: Fault,
    /// The number of bytes that it still sends before it dies.
    left: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts a proxy in front of a registry. The registry must refer to itself by the host name in the request.
    pub(crate) fn start(registry: &str, fault: Fault) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let proxy = Self {
            address: listener.local_addr().expect("a listener has an address"),
            registry: registry.to_owned(),
            fault,
            left: Arc::new(AtomicUsize::new(usize::MAX)),
        };
        let serving = proxy.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let proxy = serving.clone();
                // It doesn't matter to the test if a client disconnects.
                thread::spawn(move || _ = proxy.answer(client));
            }
        });
        proxy
    }

    /// Starts counting the bytes of a proxy with [`Fault::Dies`].
    pub(crate) fn arm(&self) {
        if let Fault::Dies(most) = self.fault {
            self.left.store(most, Ordering::SeqCst);
        }
    }

    /// Answers again.
    pub(crate) fn revive(&self) {
        self.left.store(usize::MAX, Ordering::SeqCst);
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Passes on one request, and its answer.
    fn answer(&self, mut client: TcpStream) -> io::Result<()> {
        let fault = self.fault;
        let (head, rest) = read_head(&mut client)?;
        if self.left.load(Ordering::SeqCst) == 0 {
            return client.shutdown(Shutdown::Both);
        }
        if fault == Fault::Login && !head.lines().any(|line| line == CREDENTIALS) {
            client.write_all(REFUSAL)?;
            return client.shutdown(Shutdown::Write);
        }
        let mut server = TcpStream::connect(&self.registry)?;
        // One request per connection, so the end of an answer doesn't have to be found.
        let lines = head.trim_end().lines();
        let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let mut passed: String = kept.flat_map(|line| [line, "\r\n"]).collect();
        passed.push_str("Connection: close\r\n\r\n");
        server.write_all(passed.as_bytes())?;
        server.write_all(&rest)?;
        let (mut sender, mut receiver) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || io::copy(&mut sender, &mut receiver));
        let answered = pass_on(&mut server, &mut client, fault, &self.left);
        _ = client.shutdown(Shutdown::Both);
        _ = server.shutdown(Shutdown::Both);
        answered
    }
}

/// Passes on an answer, with the fault applied.
fn pass_on(
    server: &mut TcpStream,
    client: &mut TcpStream,
    fault: Fault,
    left: &AtomicUsize,
) -> io::Result<()> {
    let (head, start) = read_head(server)?;
    let head = head.into_bytes();
    match fault {
        Fault::Login => {
            client.write_all(&head)?;
            client.write_all(&start)?;
            _ = io::copy(server, client)?;
        }
        Fault::Slow => {
            thread::sleep(Duration::from_millis(150));
            client.write_all(&head)?;
            client.write_all(&start)?;
            let mut piece = vec![0; 64 << 10];
            loop {
                let length = server.read(&mut piece)?;
                if length == 0 {
                    break;
                }
                thread::sleep(Duration::from_millis(5));
                client.write_all(&piece[..length])?;
            }
        }
        Fault::Dies(_) => {
            client.write_all(&head)?;
            let mut content = start.as_slice().chain(server);
            let mut piece = vec![0; 4 << 10];
            loop {
                let length = content.read(&mut piece)?;
                let before = left.load(Ordering::SeqCst);
                if length == 0 || before == 0 {
                    break;
                }
                // The count of a proxy that doesn't die doesn't matter.
                let after = before.saturating_sub(length);
                if before != usize::MAX {
                    left.store(after, Ordering::SeqCst);
                }
                client.write_all(&piece[..length.min(before)])?;
            }
        }
        Fault::CutOff(most) => {
            client.write_all(&head)?;
            let mut content = start.as_slice().chain(server).take(most as u64);
            _ = io::copy(&mut content, client)?;
        }
    }
    Ok(())
}

/// Reads a message to the end of its head. Returns the head, and what was read after it.
fn read_head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let rest = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // A client that tries TLS first is told immediately that there is none, instead of after its timeout of ten
        // seconds.
        if bytes.is_empty() && piece[0] == TLS {
            stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n")?;
            return Err(io::ErrorKind::InvalidData.into());
        }
        bytes.extend_from_slice(&piece[..length]);
    }
}
