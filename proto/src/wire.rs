//! `prost`, but with complete map entries.
//!
//! The generated code finds `prost` here, through the generator's setting `prost_path`. Everything is re-exported
//! except [`encoding::btree_map`], so no message of this crate can be encoded without it.

pub(crate) use ::prost::*;

/// `prost::encoding` with a replacement for `btree_map`.
pub(crate) mod encoding {
    pub(crate) use ::prost::encoding::*;

    /// Maps whose entries always have both key and value.
    ///
    /// Protocol Buffers allow a writer to leave out a key or value that is the default. `prost` does so, Go
    /// doesn't. The decoder of a standalone buildkitd turns a missing message into a nil pointer, and
    /// dereferencing it crashes the daemon.
    pub(crate) mod btree_map {
        use std::collections::BTreeMap;
        use std::fmt::Debug;
        use std::hash::Hash;

        use ::prost::DecodeError;
        use ::prost::bytes::{Buf, BufMut};
        use ::prost::encoding::{
            DecodeContext, WireType, encode_key, encode_varint, encoded_len_varint, key_len,
        };

        use crate::strict::Entry;

        pub(crate) fn encode<K, V, B: BufMut>(
            key_encode: impl Fn(u32, &K, &mut B),
            key_encoded_len: impl Fn(u32, &K) -> usize,
            value_encode: impl Fn(u32, &V, &mut B),
            value_encoded_len: impl Fn(u32, &V) -> usize,
            tag: u32,
            values: &BTreeMap<K, V>,
            buf: &mut B,
        ) {
            for (key, value) in values {
                let length = key_encoded_len(1, key) + value_encoded_len(2, value);
                encode_key(tag, WireType::LengthDelimited, buf);
                encode_varint(length as u64, buf);
                key_encode(1, key, buf);
                value_encode(2, value, buf);
            }
        }

        pub(crate) fn encoded_len<K, V>(
            key_encoded_len: impl Fn(u32, &K) -> usize,
            value_encoded_len: impl Fn(u32, &V) -> usize,
            tag: u32,
            values: &BTreeMap<K, V>,
        ) -> usize {
            let entries = values.iter().map(|(key, value)| {
                let length = key_encoded_len(1, key) + value_encoded_len(2, value);
                key_len(tag) + encoded_len_varint(length as u64) + length
            });
            entries.sum()
        }

        pub(crate) fn merge<K, V, B>(
            key_merge: impl Fn(WireType, &mut K, &mut B, DecodeContext) -> Result<(), DecodeError>,
            value_merge: impl Fn(WireType, &mut V, &mut B, DecodeContext) -> Result<(), DecodeError>,
            values: &mut BTreeMap<K, V>,
            buf: &mut B,
            ctx: DecodeContext,
        ) -> Result<(), DecodeError>
        where
            K: Default + Eq + Hash + Ord + Debug,
            V: Default,
            B: Buf,
        {
            let entry = Entry::default();
            ::prost::encoding::btree_map::merge(
                |wire_type, key: &mut K, buf: &mut B, ctx| {
                    key_merge(wire_type, key, buf, ctx)?;
                    entry.has_key(key);
                    Ok(())
                },
                |wire_type, value: &mut V, buf: &mut B, ctx| {
                    entry.has_value();
                    value_merge(wire_type, value, buf, ctx)
                },
                values,
                buf,
                ctx,
            )?;
            entry.check()
        }
    }
}
