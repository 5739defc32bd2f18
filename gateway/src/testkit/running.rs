//! Running processes, as seen by a frontend.

use std::collections::BTreeMap;

use buildkit_proto::gateway as wire;
use bytes::Bytes;
use tonic::Status;

use super::daemon::Daemon;
use super::process::Process;
use crate::failure::Failure;

/// A running process.
pub(super) struct Running {
    process: Process,
    has_ended: bool,
    has_input: bool,
}

/// The answers to a message.
pub(super) type Answers = Vec<Result<wire::ExecMessage, Status>>;

impl Daemon {
    /// Answers a message about a process.
    pub(super) fn exec(
        &self,
        running: &mut BTreeMap<String, Running>,
        message: wire::ExecMessage,
    ) -> Answers {
        use wire::exec_message::Input;
        let id = message.process_id;
        let mut answers = Vec::new();
        match message.input {
            Some(Input::Init(init)) => {
                let program = init.meta.unwrap_or_default().args.into_iter().next();
                let scripted =
                    program.and_then(|program| self.lock().processes.get(&program).cloned());
                let process = scripted.unwrap_or_else(|| Process::new().exit_code(127));
                answers.push(Input::Started(wire::StartedMessage {}));
                for (fd, bytes) in [(1, &process.stdout), (2, &process.stderr)] {
                    if !bytes.is_empty() {
                        answers.push(output(fd, bytes.clone()));
                    }
                }
                let has_input = init.fds.contains(&0);
                let mut started = Running {
                    process,
                    has_ended: false,
                    has_input,
                };
                if !started.process.echoes && !started.process.waits {
                    started.end(started.process.exit_code, &mut answers);
                }
                running.insert(id.clone(), started);
            }
            Some(Input::File(file)) => {
                let Some(process) = running.get_mut(&id) else {
                    return vec![Err(Status::not_found(format!(
                        "IO for process {id} not found"
                    )))];
                };
                let is_closed = !process.has_input || process.has_ended && !file.data.is_empty();
                if is_closed {
                    return vec![Err(Status::out_of_range("fd 0 unavailable to write"))];
                }
                if process.process.echoes && !file.data.is_empty() {
                    answers.push(output(1, file.data));
                }
                process.close_input(file.eof, &mut answers);
            }
            Some(Input::Signal(_)) => {
                if let Some(process) = running.get_mut(&id) {
                    process.end(128 + 15, &mut answers);
                }
            }
            _ => {}
        }
        let message = |input| wire::ExecMessage {
            process_id: id.clone(),
            input: Some(input),
        };
        answers
            .into_iter()
            .map(|input| Ok(message(input)))
            .collect()
    }
}

impl Running {
    /// Ends the process: closes both outputs, and sends the code. The very last message is sent only
    /// after the end of the input.
    fn end(&mut self, code: u32, answers: &mut Vec<wire::exec_message::Input>) {
        use wire::exec_message::Input;
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        for fd in [1, 2] {
            answers.push(Input::File(wire::FdMessage {
                fd,
                eof: true,
                data: Bytes::new(),
            }));
        }
        let error = (code != 0).then(|| {
            Failure::new(format!("exit code: {code}"))
                .with_exit_code(code)
                .into_status()
        });
        answers.push(Input::Exit(wire::ExitMessage { code, error }));
        if !self.has_input && !self.process.lacks_end_of_output {
            answers.push(Input::Done(wire::DoneMessage {}));
        }
    }

    fn close_input(&mut self, is_end: bool, answers: &mut Vec<wire::exec_message::Input>) {
        if !is_end {
            return;
        }
        self.has_input = false;
        if self.has_ended && !self.process.lacks_end_of_output {
            answers.push(wire::exec_message::Input::Done(wire::DoneMessage {}));
        } else if self.process.echoes && !self.has_ended {
            self.end(self.process.exit_code, answers);
        }
    }
}

fn output(fd: u32, data: Bytes) -> wire::exec_message::Input {
    wire::exec_message::Input::File(wire::FdMessage {
        fd,
        eof: false,
        data,
    })
}
