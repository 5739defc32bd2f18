//! The one waiting for processes: as the first process of a sandbox, nobody else waits for those whose parents died.
//!
//! A second one would take exit statuses that the first is waiting for, so there is one for as long as this process lives,
//! whatever attempts come and go.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitOptions, WaitStatus, wait, waitid};

/// The one that waits.
static REAPER: LazyLock<Reaper> = LazyLock::new(Reaper::default);

#[derive(Default)]
struct Reaper {
    watched: Mutex<Watched>,
    /// Wakes the thread that had nothing left to wait for.
    spawned: Condvar,
}

#[derive(Default)]
struct Watched {
    /// The program that was started last, until it has ended.
    program: Option<Pid>,
    /// Gets its exit code; dropped once no process is left.
    exit_code: Option<Sender<u8>>,
    /// Whether the thread exists.
    has_thread: bool,
    /// Whether the thread waits for a program rather than for processes.
    is_idle: bool,
}

/// Starts a program. The receiver gets its exit code, 128 and the signal's number if a signal ended it, and is disconnected
/// once nothing is left that it started.
///
/// One program is watched at a time, the last.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Receiver<u8>)> {
    let (sender, exit_code) = channel();
    // Nothing is reaped before it is known which process is the program, nor while one that couldn't become the
    // program is waited for by the standard library.
    let mut watched = REAPER.lock();
    let child = command.spawn()?;
    watched.program = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    watched.exit_code = Some(sender);
    watched.is_idle = false;
    if !watched.has_thread {
        watched.has_thread = true;
        thread::spawn(|| REAPER.reap());
    }
    REAPER.spawned.notify_one();
    Ok((child, exit_code))
}

impl Reaper {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for all processes, for ever.
    fn reap(&self) {
        loop {
            // Only looks whether there is something to reap, so that it happens under the lock.
            _ = waitid(WaitId::All, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let mut watched = self.lock();
            loop {
                match wait(WaitOptions::NOHANG) {
                    Ok(Some((pid, status))) => watched.note(pid, status),
                    Ok(None) => break,
                    Err(Errno::INTR) => {}
                    Err(_) => {
                        watched.exit_code = None;
                        watched.is_idle = true;
                        break;
                    }
                }
            }
            while watched.is_idle {
                let woken = self.spawned.wait(watched);
                watched = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Watched {
    fn note(&mut self, pid: Pid, status: WaitStatus) {
        if self.program == Some(pid) && (status.exited() || status.signaled()) {
            self.program = None;
            // Of an attempt that was given up nobody wants to hear.
            _ = self
                .exit_code
                .as_ref()
                .map(|sender| sender.send(exit_code(status)));
        }
    }
}

fn exit_code(status: WaitStatus) -> u8 {
    let code = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    };
    u8::try_from(code).unwrap_or(1)
}
