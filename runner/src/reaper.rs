//! The only waiter for processes: in the first process of a sandbox, nothing else reaps orphans.
//!
//! A second one would take exit statuses that the first waits for, so there is only one during the lifetime of this
//! process, for all attempts.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitOptions, WaitStatus, wait, waitid};

/// The only instance.
static REAPER: LazyLock<Reaper> = LazyLock::new(Reaper::default);

#[derive(Default)]
struct Reaper {
    watched: Mutex<Watched>,
    /// Wakes the thread if it had nothing left to wait for.
    spawned: Condvar,
}

#[derive(Default)]
struct Watched {
    /// The program that was started last, until it has ended.
    program: Option<Pid>,
    /// Receives its exit code; dropped once no process is left.
    exit_code: Option<Sender<u8>>,
    /// Whether the thread exists.
    has_thread: bool,
    /// Whether the thread waits for a program to be started rather than for processes.
    is_idle: bool,
}

/// Starts a program. The receiver gets its exit code, which is 128 plus the signal's number if a signal ended it, and is
/// disconnected once no process started by it is left.
///
/// Only one program is watched at a time: the last one.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Receiver<u8>)> {
    let (sender, exit_code) = channel();
    // Nothing is reaped before it is known which process is the program, nor while the standard library waits for one that
    // failed to become the program.
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

    /// Waits for all processes, forever.
    fn reap(&self) {
        loop {
            // Only checks whether there is something to reap, so that reaping happens under the lock.
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
            // The result of an abandoned attempt isn't needed.
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
