//! An attempt to run a program, with everything that it starts.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process_group, set_child_subreaper};

use super::users::group_of;
use super::{VARIABLE, reaper};

/// The error if processes remain that this one may not kill, because they belong to another user.
pub(super) const LEFT_OVER: &str = "it left processes that can't be ended";
/// The time that a program has to clean up before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// The time that the kernel has to end killed processes.
const DEATH: Duration = Duration::from_secs(5);

/// How an attempt ended.
pub(super) enum End {
    /// The program exited with this code; 128 plus the signal's number if a signal ended it.
    Exited(u8),
    /// The program exceeded this time limit.
    TimedOut(Duration),
}

/// A running program.
pub(super) struct Attempt {
    /// The program's process group.
    group: Option<Pid>,
    /// Receives the exit code, and is disconnected once no process is left.
    ended: Receiver<u8>,
}

impl Attempt {
    /// Starts a program with this process's working directory, environment and files. An error has the exit code that
    /// shells use for it.
    pub(super) fn start(program: &[OsString]) -> Result<Self, (io::Error, u8)> {
        Self::spawn(program, |_| {}).map(|(attempt, _)| attempt)
    }

    /// Starts a program like [`Attempt::start`], but without input, with outputs that are read here, and as another user
    /// if one is given.
    pub(super) fn start_heard(
        program: &[OsString],
        user: Option<u32>,
    ) -> Result<(Self, impl Read + use<>, impl Read + use<>), (io::Error, u8)> {
        let (attempt, child) = Self::spawn(program, |command| {
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            if let Some(user) = user {
                command.uid(user).gid(group_of(user));
            }
        })?;
        match (child.stdout, child.stderr) {
            (Some(stdout), Some(stderr)) => Ok((attempt, stdout, stderr)),
            _ => Err((io::Error::other("it has no outputs"), 126)),
        }
    }

    fn spawn(
        program: &[OsString],
        prepare: impl FnOnce(&mut Command),
    ) -> Result<(Self, Child), (io::Error, u8)> {
        // Outside of a separate sandbox, orphans should be reparented to this process too. Otherwise they just keep
        // running.
        _ = set_child_subreaper(Some(getpid()));
        let (program, arguments) = program.split_first().ok_or_else(|| {
            let error = io::Error::from(ErrorKind::InvalidInput);
            (error, 127)
        })?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_remove(VARIABLE)
            .process_group(0);
        prepare(&mut command);
        let (child, ended) = reaper::spawn(&mut command).map_err(|error| {
            let code = if error.kind() == ErrorKind::NotFound {
                127
            } else {
                126
            };
            (error, code)
        })?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok((Self { group, ended }, child))
    }

    /// Waits for the program, and ends it with everything that it started if it takes too long.
    pub(super) fn wait(&self, timeout: Option<Duration>) -> End {
        let Some(limit) = timeout else {
            return End::Exited(self.ended.recv().unwrap_or(1));
        };
        match self.ended.recv_timeout(limit) {
            Ok(code) => End::Exited(code),
            Err(RecvTimeoutError::Disconnected) => End::Exited(1),
            Err(RecvTimeoutError::Timeout) => {
                self.signal(Signal::TERM);
                _ = self.ended.recv_timeout(GRACE);
                self.end();
                End::TimedOut(limit)
            }
        }
    }

    /// Kills what remains of the program, and waits until it is gone. Returns whether it is: a program may have switched
    /// to another user, whose processes this one may not kill.
    pub(super) fn end(&self) -> bool {
        self.signal(Signal::KILL);
        loop {
            match self.ended.recv_timeout(DEATH) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// Sends a signal to all processes: if this is the first process of a sandbox, which only sees its own processes, to
    /// all of them; else to the program's group.
    fn signal(&self, signal: Signal) {
        let everybody = Pid::INIT;
        let group = if getpid() == everybody {
            Some(everybody)
        } else {
            self.group
        };
        // There may be no process left to receive it.
        _ = group.map(|group| kill_process_group(group, signal));
    }
}
