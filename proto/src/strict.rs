//! Decoding as strict as a standalone buildkitd.
//!
//! In Protocol Buffers, a map entry without a key or value is legal: the missing part is the default. This crate
//! never writes such an entry and reads it like any other decoder, except here, where it is an error. A standalone
//! buildkitd crashes on such an entry, so a daemon simulated in tests should refuse it.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;

use bytes::Buf;
use prost::{DecodeError, Message};

#[cfg(feature = "server")]
pub use codec::Codec;

thread_local! {
    /// Whether the current thread decodes a message strictly.
    static STRICT: Cell<bool> = const { Cell::new(false) };
}

/// Decodes a message, and refuses map entries without a key or a value. The error names the field and the key.
///
/// ```
/// use buildkit_proto::{ops::SourceOp, strict};
/// use prost::Message;
///
/// // Field 2, a map, with an entry of nothing but the key `a`.
/// let message = [0x12, 3, 0x0a, 1, b'a'];
/// assert_eq!(SourceOp::decode(&message[..])?.attrs["a"], "");
/// let error = strict::decode::<SourceOp>(&message[..]).unwrap_err();
/// assert!(error.to_string().contains(r#"SourceOp.attrs: the map entry "a" has no value"#));
/// # Ok::<(), prost::DecodeError>(())
/// ```
pub fn decode<M: Message + Default>(buf: impl Buf) -> Result<M, DecodeError> {
    struct Scope(bool);
    impl Drop for Scope {
        fn drop(&mut self) {
            STRICT.set(self.0);
        }
    }
    let _scope = Scope(STRICT.replace(true));
    M::decode(buf)
}

/// A map entry that is being decoded.
#[derive(Default)]
pub(crate) struct Entry {
    /// The key as shown in errors; set only when decoding strictly.
    key: RefCell<Option<String>>,
    value: Cell<bool>,
}

impl Entry {
    pub(crate) fn has_key(&self, key: &impl Debug) {
        if STRICT.get() {
            self.key.replace(Some(format!("{key:?}")));
        }
    }

    pub(crate) fn has_value(&self) {
        self.value.set(true);
    }

    /// Refuses an incomplete entry when decoding strictly.
    pub(crate) fn check(self) -> Result<(), DecodeError> {
        if !STRICT.get() {
            return Ok(());
        }
        let message = match (self.key.into_inner(), self.value.get()) {
            (Some(_), true) => return Ok(()),
            (Some(key), false) => format!("the map entry {key} has no value"),
            (None, _) => "a map entry has no key".to_owned(),
        };
        #[expect(deprecated, reason = "prost has no other error with a text of its own")]
        Err(DecodeError::new(message))
    }
}

#[cfg(feature = "server")]
mod codec {
    use std::marker::PhantomData;

    use prost::Message;
    use tonic::Status;
    use tonic::codec::{BufferSettings, DecodeBuf, Decoder};
    use tonic_prost::ProstEncoder;

    /// The codec of the daemon's side, which decodes requests with [`decode`](super::decode).
    #[derive(Debug)]
    pub struct Codec<T, U>(PhantomData<(T, U)>);

    impl<T, U> Default for Codec<T, U> {
        fn default() -> Self {
            Self(PhantomData)
        }
    }

    impl<T, U> tonic::codec::Codec for Codec<T, U>
    where
        T: Message + Send + 'static,
        U: Message + Default + Send + 'static,
    {
        type Encode = T;
        type Decode = U;
        type Encoder = ProstEncoder<T>;
        type Decoder = Self;

        fn encoder(&mut self) -> Self::Encoder {
            ProstEncoder::new(BufferSettings::default())
        }

        fn decoder(&mut self) -> Self::Decoder {
            Self::default()
        }
    }

    impl<T, U> Decoder for Codec<T, U>
    where
        U: Message + Default,
    {
        type Item = U;
        type Error = Status;

        fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
            let message = super::decode(buf);
            message
                .map(Some)
                .map_err(|error| Status::internal(error.to_string()))
        }
    }
}
