//! Protobuf decoding without copies, field by field.

use thiserror::Error;

/// The error returned when bytes are not a protobuf message of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(transparent)]
pub struct DecodeError(Fault);

/// What is wrong with the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    #[error("the message ends in the middle of a field")]
    Truncated,
    #[error("a number takes more than ten bytes")]
    Number,
    #[error("field {0} is of a kind that the message doesn't have")]
    Kind(u32),
    #[error("a field has the number {0}")]
    FieldNumber(u64),
    #[error("a string is not UTF-8")]
    Utf8,
    #[error("messages are nested too deeply")]
    Depth,
    #[error("the message has too many parts for its size")]
    Parts,
    #[error("{0}")]
    Message(String),
}

impl DecodeError {
    pub(crate) fn new(fault: Fault) -> Self {
        Self(fault)
    }

    /// Converts an error of the decoder of the generated messages.
    pub(crate) fn of_message(error: &prost::DecodeError) -> Self {
        Self(Fault::Message(error.to_string()))
    }
}

/// Iterates over the fields of a message: their numbers and their raw values.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

/// A field of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    value: Value<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// A fixed-size value of four or eight bytes. No message here has such fields.
    Fixed,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn take(&mut self) -> Result<Field<'a>, Fault> {
        let tag = self.number()?;
        let number = u32::try_from(tag >> 3)
            .ok()
            .filter(|number| (1..1 << 29).contains(number))
            .ok_or(Fault::FieldNumber(tag >> 3))?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => self.bytes(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.number()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => self.bytes(4).map(|_| Value::Fixed)?,
            _ => return Err(Fault::Kind(number)),
        };
        Ok(Field { number, value })
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(length).map_err(|_| Fault::Truncated)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Fault::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u64, Fault> {
        let mut number = 0;
        for (index, &byte) in self.rest.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(number);
            }
        }
        Err(if self.rest.len() < 10 {
            Fault::Truncated
        } else {
            Fault::Number
        })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.take();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Field<'a> {
    /// Returns the value of a length-delimited field: bytes, a string or a message.
    pub(crate) fn bytes(self) -> Result<&'a [u8], Fault> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(Fault::Kind(self.number)),
        }
    }

    pub(crate) fn text(self) -> Result<&'a str, Fault> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Fault::Utf8)
    }

    /// Returns the fields of a nested message.
    pub(crate) fn message(self) -> Result<Fields<'a>, Fault> {
        self.bytes().map(Fields::new)
    }

    pub(crate) fn unsigned(self) -> Result<u64, Fault> {
        match self.value {
            Value::Number(number) => Ok(number),
            _ => Err(Fault::Kind(self.number)),
        }
    }

    pub(crate) fn signed(self) -> Result<i64, Fault> {
        self.unsigned().map(u64::cast_signed)
    }

    /// Returns a 32-bit number, which is encoded as a 64-bit one.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "protobuf takes the lower 32 bits"
    )]
    pub(crate) fn signed32(self) -> Result<i32, Fault> {
        self.signed().map(|number| number as i32)
    }

    pub(crate) fn boolean(self) -> Result<bool, Fault> {
        self.unsigned().map(|number| number != 0)
    }

    /// Returns the key and the value of a map entry; either is empty if it is missing.
    pub(crate) fn entry(self) -> Result<(&'a str, Option<Field<'a>>), Fault> {
        let (mut key, mut value) = ("", None);
        for field in self.message()? {
            let field = field?;
            match field.number {
                1 => key = field.text()?,
                2 => value = Some(field),
                _ => {}
            }
        }
        Ok((key, value))
    }
}

/// A limit on the number of parts of a message. A part may take two bytes on the wire and hundreds
/// in memory, so a small message could otherwise exhaust the memory.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    /// The number of parts that a message of any size may have.
    const LEAST: usize = 1 << 20;

    /// The minimum average size of the parts beyond that, in bytes.
    const BYTES: usize = 32;

    pub(crate) fn for_bytes(length: usize) -> Self {
        Self(Self::LEAST.max(length / Self::BYTES))
    }

    /// Takes one part off the budget.
    pub(crate) fn take(&mut self) -> Result<(), Fault> {
        self.0 = self.0.checked_sub(1).ok_or(Fault::Parts)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(message: &[u8]) -> Option<Fault> {
        Fields::new(message).find_map(Result::err)
    }

    #[test]
    fn what_is_no_message_is_refused() {
        assert_eq!(fault(&[]), None);
        for (message, expected) in [
            (&[0x08][..], Fault::Truncated),
            (&[0x0a, 0x02, 0x01], Fault::Truncated),
            (&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], Fault::Truncated),
            (&[0x09, 1, 2, 3], Fault::Truncated),
            (&[0xff; 11], Fault::Number),
            (&[0x00, 0x00], Fault::FieldNumber(0)),
            (&[0x0b], Fault::Kind(1)),
        ] {
            assert_eq!(fault(message), Some(expected), "{message:x?}");
        }
    }

    #[test]
    fn values_have_one_kind() {
        let field = |message: &'static [u8]| {
            let first = Fields::new(message).next().expect("a field");
            first.expect("valid")
        };
        let number = field(&[0x08, 0x96, 0x01]);
        assert_eq!(number.unsigned(), Ok(150));
        assert_eq!(number.bytes(), Err(Fault::Kind(1)));
        let text = field(&[0x12, 0x02, b'h', b'i']);
        assert_eq!(text.text(), Ok("hi"));
        assert_eq!(text.unsigned(), Err(Fault::Kind(2)));
        assert_eq!(field(&[0x12, 0x01, 0xff]).text(), Err(Fault::Utf8));
        let negative = field(&[
            0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
        ]);
        assert_eq!((negative.signed(), negative.signed32()), (Ok(-1), Ok(-1)));
        assert!(field(&[0x0d, 1, 2, 3, 4]).bytes().is_err());
    }

    #[test]
    fn entries_may_lack_key_or_value() {
        let entry = |message: &'static [u8]| {
            let field = Fields::new(message)
                .next()
                .expect("a field")
                .expect("valid");
            let (key, value) = field.entry().expect("an entry");
            (key, value.map(|value| value.text().expect("a string")))
        };
        assert_eq!(entry(&[0x0a, 0x00]), ("", None));
        assert_eq!(
            entry(&[0x0a, 0x06, 0x0a, 0x01, b'k', 0x12, 0x01, b'v']),
            ("k", Some("v"))
        );
    }

    #[test]
    fn small_messages_have_few_parts() {
        let mut budget = Budget::for_bytes(10);
        assert!((0..Budget::LEAST).all(|_| budget.take().is_ok()));
        assert_eq!(budget.take(), Err(Fault::Parts));
    }
}
