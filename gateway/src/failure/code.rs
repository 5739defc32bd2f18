//! The codes of gRPC.

/// What kind of error it is, in gRPC's terms.
///
/// Clients act on it: `docker buildx` ends with 100 for [`Internal`](Self::Internal), 102 for
/// [`ResourceExhausted`](Self::ResourceExhausted), 130 for [`Canceled`](Self::Canceled) and 1 for
/// all others. Where nothing fits, [`Unknown`](Self::Unknown) is right, since clients put the name of
/// any other code before the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(u8)]
pub enum Code {
    /// The build was given up.
    Canceled = 1,
    /// Any error; what an ordinary mistake or failing command has.
    #[default]
    Unknown = 2,
    /// The request can't be right.
    InvalidArgument = 3,
    /// Time ran out.
    DeadlineExceeded = 4,
    /// Something that was named isn't there.
    NotFound = 5,
    /// Something that was to be made is there.
    AlreadyExists = 6,
    /// The client may not do this.
    PermissionDenied = 7,
    /// Memory, space or a quota is used up.
    ResourceExhausted = 8,
    /// The state isn't right for the request.
    FailedPrecondition = 9,
    /// Something came in between.
    Aborted = 10,
    /// A number is past the end.
    OutOfRange = 11,
    /// The other side can't do this.
    Unimplemented = 12,
    /// A bug.
    Internal = 13,
    /// Trying again may help.
    Unavailable = 14,
    /// Data is lost.
    DataLoss = 15,
    /// The client hasn't said who it is.
    Unauthenticated = 16,
}

impl Code {
    /// Every code, by its number less one.
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

    /// Reads the number on the wire. What isn't a code is [`Unknown`](Self::Unknown), and so is 0,
    /// for what comes as an error can't be a success.
    pub(crate) fn from_wire(number: i32) -> Self {
        let index = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1));
        index
            .and_then(|index| Self::ALL.get(index))
            .copied()
            .unwrap_or_default()
    }

    /// Gives the number on the wire.
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
