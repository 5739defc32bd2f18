//! Containers that a frontend runs while it creates its graph.
//!
//! Nothing that runs here is part of the graph: it isn't cached, and its changes are discarded. Use it to query a
//! tool, or to inspect a failed build.
//!
//! ```
//! use buildkit_gateway::container::{ContainerRequest, ProcessRequest};
//! use buildkit_gateway::testkit::{Daemon, Process};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), buildkit_gateway::Error> {
//! # let daemon = Daemon::new().process("go", Process::new().stdout("example.com/x\n"));
//! # let client = daemon.connect().await?;
//! # let files = None;
//! let container = client.new_container(ContainerRequest::new(files)).await?;
//! let listing = container.run(ProcessRequest::new(["go", "list", "./..."])).await?;
//! assert_eq!((listing.exit_code, &listing.stdout[..]), (0, &b"example.com/x\n"[..]));
//! container.release().await?;
//! # Ok(())
//! # }
//! ```

mod files;
mod mount;
mod process;
mod process_request;
mod request;
mod stream;

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use buildkit_proto::gateway::ReleaseContainerRequest;

pub use mount::Mount;
pub use process::{Output, Process, ProcessOutput};
pub use process_request::ProcessRequest;
pub use request::ContainerRequest;

pub(crate) use stream::ProcessStream;

use crate::capability::table;
use crate::client::Client;
use crate::error::Error;

/// A container.
///
/// The first process is the container's init process: when it ends, the other processes end. The daemon also ends
/// them, and starts no more, when any process exits with a code other than 0. It releases the remaining containers
/// when the frontend ends.
pub struct Container {
    client: Client,
    id: String,
}

impl Client {
    /// Creates a container, in which nothing runs yet.
    pub async fn new_container(&self, request: ContainerRequest) -> Result<Container, Error> {
        let gateway = &self.capabilities().gateway;
        gateway.require(&table::EXEC)?;
        if request.has_hosts() {
            gateway.require(&table::EXEC_EXTRA_HOSTS)?;
        }
        // The daemon runs the container under this name, next to those of all other builds. Some daemons accept
        // only letters and digits.
        let token = RandomState::new().hash_one(());
        let id = self.processes().next_id(&format!("frontend{token:016x}x"));
        self.connection()
            .new_container(request.into_wire(id.clone()))
            .await?;
        Ok(Container {
            client: self.clone(),
            id,
        })
    }
}

impl Container {
    /// Starts a process.
    pub fn start(&self, request: ProcessRequest) -> Result<Process, Error> {
        let gateway = &self.client.capabilities().gateway;
        if request.has_secrets() {
            gateway.require(&table::EXEC_SECRET_ENV)?;
        }
        Process::start(&self.client, &self.id, request)
    }

    /// Runs a process without input until it ends, and collects its output.
    ///
    /// An exit code other than 0 is not an error of this call.
    pub async fn run(&self, request: ProcessRequest) -> Result<ProcessOutput, Error> {
        self.start(request.without_input())?.finish().await
    }

    /// Ends all processes and removes the container.
    ///
    /// Exit codes of processes have been reported already, so they are not errors here.
    pub async fn release(self) -> Result<(), Error> {
        let request = ReleaseContainerRequest {
            container_id: self.id,
        };
        match self.client.connection().release_container(request).await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .failure()
                    .is_some_and(|failure| failure.exit_code().is_some()) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Container").field(&self.id).finish()
    }
}
