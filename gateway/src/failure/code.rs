//! gRPC status codes.

/// The kind of an error, as a gRPC status code.
///
/// Clients use it: `docker buildx` exits with 100 for [`Internal`](Self::Internal), 102 for
/// [`ResourceExhausted`](Self::ResourceExhausted), 130 for [`Canceled`](Self::Canceled) and 1 for
/// all others. If no code fits, use [`Unknown`](Self::Unknown), since clients print the name of any
/// other code before the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(u8)]
pub enum Code {
    /// The build was cancelled.
    Canceled = 1,
    /// Any error; the code of ordinary mistakes and failing commands.
    #[default]
    Unknown = 2,
    /// The request is invalid.
    InvalidArgument = 3,
    /// The time limit was exceeded.
    DeadlineExceeded = 4,
    /// Something that was requested doesn't exist.
    NotFound = 5,
    /// Something that was to be created exists already.
    AlreadyExists = 6,
    /// The client isn't allowed to do this.
    PermissionDenied = 7,
    /// Memory, disk space or a quota is exhausted.
    ResourceExhausted = 8,
    /// The system's state doesn't permit the request.
    FailedPrecondition = 9,
    /// The operation was aborted.
    Aborted = 10,
    /// A number is out of range.
    OutOfRange = 11,
    /// The other side doesn't support this.
    Unimplemented = 12,
    /// A bug.
    Internal = 13,
    /// Retrying may help.
    Unavailable = 14,
    /// Data was lost.
    DataLoss = 15,
    /// The client isn't authenticated.
    Unauthenticated = 16,
}

impl Code {
    /// All codes, at index number - 1.
    const ALL: [Self; 16] = [
        Self::Canceled,
        Self::Unknown,
        Self::InvalidArgument,
        Self::DeadlineExceeded,
        Self::NotFound,
        Self::AlreadyExists,
        Self::PermissionDenied,
        Self::ResourceExhausted,
        Self::FailedPrecondition,
        Self::Aborted,
        Self::OutOfRange,
        Self::Unimplemented,
        Self::Internal,
        Self::Unavailable,
        Self::DataLoss,
        Self::Unauthenticated,
    ];

    /// Converts the number on the wire. Anything that isn't a code becomes
    /// [`Unknown`](Self::Unknown), and so does 0, since an error can't be a success.
    pub(crate) fn from_wire(number: i32) -> Self {
        let index = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1));
        index
            .and_then(|index| Self::ALL.get(index))
            .copied()
            .unwrap_or_default()
    }

    /// Returns the number on the wire.
    pub(crate) fn to_wire(self) -> i32 {
        self as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_grpc() {
        for (code, number) in Code::ALL.into_iter().zip(1..) {
            assert_eq!(code.to_wire(), number);
            assert_eq!(Code::from_wire(number), code);
        }
        for number in [0, -1, 17, i32::MAX, i32::MIN] {
            assert_eq!(Code::from_wire(number), Code::Unknown);
        }
    }
}
