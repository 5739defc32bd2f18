//! Modification times.

use std::time::{SystemTime, UNIX_EPOCH};

use thiserror::Error;

/// A point in time, in nanoseconds since 1970, as file actions encode it.
///
/// One nanosecond before 1970 means "unset" on the wire, so it has the same effect as no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The error returned when a time is more than 292 years away from 1970, which doesn't fit into 64
/// bits of nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the time is too far away from 1970 for a file's timestamp")]
pub struct TimestampError;

impl Timestamp {
    /// The wire's value for "unset".
    pub(crate) const UNSET: Self = Self(-1);

    /// Creates a timestamp from nanoseconds since 1970.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// Creates a timestamp from seconds since 1970, such as a source date epoch.
    pub const fn from_seconds(seconds: i64) -> Result<Self, TimestampError> {
        match seconds.checked_mul(1_000_000_000) {
            Some(nanoseconds) => Ok(Self(nanoseconds)),
            None => Err(TimestampError),
        }
    }

    /// Returns the nanoseconds since 1970.
    pub const fn as_nanoseconds(self) -> i64 {
        self.0
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    fn try_from(time: SystemTime) -> Result<Self, Self::Error> {
        let nanoseconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()),
            Err(error) => i64::try_from(error.duration().as_nanos()).map(|before| -before),
        };
        nanoseconds.map(Self).map_err(|_| TimestampError)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn conversions() {
        assert_eq!(
            Timestamp::from_seconds(2),
            Ok(Timestamp::from_nanoseconds(2_000_000_000))
        );
        assert_eq!(Timestamp::from_seconds(i64::MAX), Err(TimestampError));
        let second = Duration::from_secs(1);
        assert_eq!(
            (UNIX_EPOCH - second).try_into(),
            Ok(Timestamp::from_nanoseconds(-1_000_000_000))
        );
        let far = UNIX_EPOCH + Duration::from_secs(10_000_000_000);
        assert_eq!(Timestamp::try_from(far), Err(TimestampError));
    }
}
