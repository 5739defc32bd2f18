//! Standard input and output as a bidirectional stream of bytes.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::pipe::{Receiver, Sender};

use crate::error::Error;

/// The two pipes that a frontend is started with.
///
/// They are read and written without threads, by the runtime's event loop.
#[derive(Debug)]
pub(crate) struct StandardStreams {
    input: Receiver,
    output: Sender,
}

impl StandardStreams {
    /// Takes ownership of both. Fails if either isn't a pipe, as when a person rather than the
    /// daemon starts the program.
    pub(crate) fn open() -> Result<Self, Error> {
        let input = duplicate(&io::stdin()).and_then(Receiver::from_file);
        let output = duplicate(&io::stdout()).and_then(Sender::from_file);
        Ok(Self {
            input: input.map_err(|source| Error::NotStartedByBuildkit {
                stream: "input",
                source,
            })?,
            output: output.map_err(|source| Error::NotStartedByBuildkit {
                stream: "output",
                source,
            })?,
        })
    }
}

fn duplicate(stream: &impl AsFd) -> io::Result<File> {
    Ok(File::from(stream.as_fd().try_clone_to_owned()?))
}

impl AsyncRead for StandardStreams {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_read(context, buffer)
    }
}

impl AsyncWrite for StandardStreams {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.output).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.output.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.output).poll_write_vectored(context, slices)
    }
}
