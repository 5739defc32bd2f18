//! Protobuf encoding, byte for byte the same as Go's deterministic marshaller.
//!
//! It differs from Rust's protobuf libraries in three rules: members of a oneof come after all
//! other fields of their message, map entries are sorted and always have a key and a value, and
//! nothing else may vary. Digests depend on every byte, so operations are encoded by hand.

/// Appends protobuf fields to a buffer. Values that equal the proto3 default are left out unless a
/// method says otherwise.
pub(crate) struct Encoder<'a> {
    buffer: &'a mut Vec<u8>,
}

const VARINT: u32 = 0;
const LENGTH_DELIMITED: u32 = 2;

impl<'a> Encoder<'a> {
    pub(crate) fn new(buffer: &'a mut Vec<u8>) -> Self {
        Self { buffer }
    }

    /// Writes a signed 32-bit or 64-bit number. Negative numbers take ten bytes.
    pub(crate) fn signed(&mut self, field: u32, value: i64) {
        self.unsigned(field, value.cast_unsigned());
    }

    /// Writes an unsigned number.
    pub(crate) fn unsigned(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.tag(field, VARINT);
            self.varint(value);
        }
    }

    /// Writes an unsigned number even if it is 0, as required for a member of a oneof.
    pub(crate) fn chosen(&mut self, field: u32, value: u64) {
        self.tag(field, VARINT);
        self.varint(value);
    }

    pub(crate) fn boolean(&mut self, field: u32, value: bool) {
        self.unsigned(field, value.into());
    }

    pub(crate) fn text(&mut self, field: u32, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    pub(crate) fn bytes(&mut self, field: u32, value: &[u8]) {
        if !value.is_empty() {
            self.element(field, value);
        }
    }

    /// Writes one element of a repeated field, or a value of a map entry, even if it is empty.
    pub(crate) fn element(&mut self, field: u32, value: &[u8]) {
        self.tag(field, LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        self.buffer.extend_from_slice(value);
    }

    /// Writes a repeated string field, including empty elements.
    pub(crate) fn texts(&mut self, field: u32, values: &[impl AsRef<str>]) {
        for value in values {
            self.element(field, value.as_ref().as_bytes());
        }
    }

    /// Writes one element of a repeated string field, concatenated from several parts.
    pub(crate) fn joined(&mut self, field: u32, parts: &[&str]) {
        self.tag(field, LENGTH_DELIMITED);
        self.varint(parts.iter().map(|part| part.len() as u64).sum());
        for part in parts {
            self.buffer.extend_from_slice(part.as_bytes());
        }
    }

    /// Writes a repeated number field in packed form.
    pub(crate) fn packed(&mut self, field: u32, values: impl ExactSizeIterator<Item = i64>) {
        if values.len() != 0 {
            self.message(field, |encoder| {
                for value in values {
                    encoder.varint(value.cast_unsigned());
                }
            });
        }
    }

    /// Writes a message, even if it is empty.
    pub(crate) fn message(&mut self, field: u32, write: impl FnOnce(&mut Encoder<'_>)) {
        self.tag(field, LENGTH_DELIMITED);
        // Most messages are shorter than 128 bytes, so their length takes one byte. Longer ones are
        // moved to make room, which is cheaper than measuring every message first.
        let start = self.buffer.len();
        self.buffer.push(0);
        write(self);
        let length = self.buffer.len() - start - 1;
        let mut digits = [0; 10];
        let digits = leb128(length as u64, &mut digits);
        let Some((&first, rest)) = digits.split_first() else {
            return;
        };
        self.buffer[start] = first;
        if !rest.is_empty() {
            self.buffer.splice(start + 1..=start, rest.iter().copied());
        }
    }

    /// Writes an entry of a map from string to string.
    pub(crate) fn entry(&mut self, field: u32, key: &str, value: &str) {
        self.message(field, |encoder| {
            encoder.element(1, key.as_bytes());
            encoder.element(2, value.as_bytes());
        });
    }

    fn tag(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from(field << 3 | wire_type));
    }

    fn varint(&mut self, value: u64) {
        if let Ok(short @ 0..0x80) = u8::try_from(value) {
            self.buffer.push(short);
            return;
        }
        let mut digits = [0; 10];
        let digits = leb128(value, &mut digits);
        self.buffer.extend_from_slice(digits);
    }
}

/// Encodes a number as LEB128: groups of seven bits, the lowest first.
fn leb128(mut value: u64, digits: &mut [u8; 10]) -> &[u8] {
    let mut length = 0;
    while value >= 0x80 {
        digits[length] = (value & 0x7f) as u8 | 0x80;
        value >>= 7;
        length += 1;
    }
    digits[length] = (value & 0x7f) as u8;
    &digits[..=length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(write: impl FnOnce(&mut Encoder<'_>)) -> Vec<u8> {
        let mut buffer = Vec::new();
        write(&mut Encoder::new(&mut buffer));
        buffer
    }

    #[test]
    fn defaults_are_left_out() {
        let nothing = encoded(|encoder| {
            encoder.signed(1, 0);
            encoder.unsigned(2, 0);
            encoder.boolean(3, false);
            encoder.text(4, "");
            encoder.bytes(5, b"");
            encoder.packed(6, [].into_iter());
        });
        assert!(nothing.is_empty());
    }

    #[test]
    fn chosen_values_stay() {
        assert_eq!(encoded(|encoder| encoder.chosen(2, 0)), [0x10, 0]);
        assert_eq!(encoded(|encoder| encoder.element(1, b"")), [0x0a, 0]);
        assert_eq!(encoded(|encoder| encoder.message(11, |_| {})), [0x5a, 0]);
    }

    #[test]
    fn negative_numbers_take_ten_bytes() {
        let expected = [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(encoded(|encoder| encoder.signed(1, -1)), expected);
    }

    #[test]
    fn packed_numbers() {
        let codes = encoded(|encoder| encoder.packed(12, [0, 3].into_iter()));
        assert_eq!(codes, [0x62, 2, 0, 3]);
    }

    #[test]
    fn long_messages_are_moved() {
        for length in [0, 1, 126, 127, 128, 16_383, 16_384, 70_000] {
            let text = "x".repeat(length);
            let actual = encoded(|encoder| {
                encoder.message(1, |encoder| encoder.joined(2, &[&text, ""]));
            });
            let inner = encoded(|encoder| encoder.element(2, text.as_bytes()));
            assert_eq!(
                actual,
                encoded(|encoder| encoder.element(1, &inner)),
                "{length}"
            );
        }
    }

    #[test]
    fn entries_hold_key_and_value() {
        assert_eq!(
            encoded(|encoder| encoder.entry(2, "", "")),
            [0x12, 4, 0x0a, 0, 0x12, 0]
        );
    }
}
