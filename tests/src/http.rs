//! A minimal HTTP client for requests to a container.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// The maximum time from the start of a service to its first answer.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Returns a port of this machine that nothing listens on.
#[must_use]
#[track_caller]
pub fn free_port() -> u16 {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the machine has a free port");
    listener
        .local_addr()
        .expect("a listener has an address")
        .port()
}

/// Returns the body of the answer to a GET; waits for the service to start.
#[must_use]
#[track_caller]
pub fn http_get(port: u16, path: &str) -> String {
    let start = Instant::now();
    loop {
        match request(port, path) {
            Ok(answer) => {
                let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
                assert!(
                    head.starts_with("HTTP/1.0 200 ") || head.starts_with("HTTP/1.1 200 "),
                    "{path}: {head}"
                );
                return body.to_owned();
            }
            Err(error) => assert!(
                start.elapsed() < TIME_LIMIT,
                "nothing answers on port {port}: {error}"
            ),
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn request(port: u16, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // HTTP/1.0 has no chunks, and the end of the answer is the end of the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
