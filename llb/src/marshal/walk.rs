//! A graph walk that encodes each vertex after its inputs (`client/llb/state.go`).

use super::assembly::{Assembly, Record};
use super::inputs::Inputs;
use super::options::MarshalOptions;
use super::sources::Sources;
use crate::capability::Capability;
use crate::definition::Definition;
use crate::digest::Digest;
use crate::encode::Encoder;
use crate::metadata::Metadata;
use crate::platform::Platform;
use crate::vertex::{Operation, Output, Vertex, Visit};

/// Encodes everything that `output` depends on, depth first, each vertex after its inputs. It
/// doesn't recurse: the depth of a graph is limited only by memory.
pub(crate) fn marshal(output: Option<&Output>, options: &MarshalOptions) -> Definition {
    let Some(output) = output else {
        return Definition::default();
    };
    let mut marshaller = Marshaller::new(options);
    let mut stack = vec![(&*output.vertex, 0)];
    while let Some((vertex, step)) = stack.last_mut() {
        let vertex = *vertex;
        let visit = vertex.visit(*step);
        *step += 1;
        match visit {
            Visit::Input(input) if !marshaller.inputs.knows(&input.vertex) => {
                stack.push((&*input.vertex, 0));
            }
            Visit::Input(_) | Visit::Nothing => {}
            Visit::End => {
                marshaller.add(vertex);
                stack.pop();
            }
        }
    }
    marshaller.finish(output)
}

struct Marshaller<'a> {
    context: Context<'a>,
    inputs: Inputs,
    /// All operations, concatenated. They are split at the end and then share this buffer.
    encoded: Vec<u8>,
    records: Vec<Record>,
    sources: Sources,
}

/// Properties that all operations of a graph share.
pub(crate) struct Context<'a> {
    pub(crate) options: &'a MarshalOptions,
    pub(crate) platform: Platform,
    /// Whether the daemon sets a default `PATH`, if known.
    pub(crate) sets_default_path: Option<bool>,
}

impl<'a> Marshaller<'a> {
    fn new(options: &'a MarshalOptions) -> Self {
        let supports_path = |support: &crate::capability::Support| {
            support
                .supports(Capability::ExecMetaSetsDefaultPath)
                .is_ok()
        };
        Self {
            context: Context {
                options,
                platform: options.platform(),
                sets_default_path: options.support.as_ref().map(supports_path),
            },
            inputs: Inputs::default(),
            encoded: Vec::new(),
            records: Vec::new(),
            sources: Sources::default(),
        }
    }

    /// Encodes a vertex whose inputs are all encoded.
    fn add(&mut self, vertex: &Vertex) {
        let start = self.encoded.len();
        let digest = match &vertex.operation {
            Operation::Imported(imported) => {
                self.encoded.extend_from_slice(&imported.bytes);
                imported.digest
            }
            operation => {
                self.inputs.clear();
                operation.resolve(&mut self.inputs);
                self.context.encode(vertex, &self.inputs, &mut self.encoded);
                Digest::of(&self.encoded[start..])
            }
        };
        self.inputs.remember(vertex, digest);
        let locations = vertex.constraints.locations.iter();
        self.records.push(Record {
            end: self.encoded.len(),
            metadata: self.context.metadata(vertex),
            locations: locations
                .map(|location| self.sources.locate(location))
                .collect(),
        });
    }

    fn finish(mut self, output: &Output) -> Definition {
        self.inputs
            .encode_terminal(output, &mut Encoder::new(&mut self.encoded));
        Assembly {
            encoded: self.encoded,
            digests: self.inputs.into_digests(),
            records: self.records,
            files: self.sources.into_files(),
        }
        .into_definition()
    }
}

impl Context<'_> {
    /// Writes an `Op`: inputs, platform, constraints, and then the operation itself. Go writes it
    /// last because it is a oneof.
    fn encode(&self, vertex: &Vertex, inputs: &Inputs, buffer: &mut Vec<u8>) {
        let mut encoder = Encoder::new(buffer);
        inputs.encode(&mut encoder);
        if let Some(platform) = self.platform(vertex) {
            encoder.message(10, |encoder| platform.encode(encoder));
        }
        encoder.message(11, |encoder| {
            encoder.texts(1, &self.options.constraints.worker_filters);
            encoder.texts(1, &vertex.constraints.worker_filters);
        });
        vertex.operation.encode(self, inputs, &mut encoder);
    }

    /// Returns the platform of an operation, if its kind carries one.
    fn platform<'v>(&'v self, vertex: &'v Vertex) -> Option<&'v Platform> {
        let inherited = match &vertex.operation {
            Operation::Source(source) if source.is_platform_specific() => None,
            Operation::Build(_) => None,
            Operation::Exec(exec) => exec.settings.platform.as_deref(),
            _ => return None,
        };
        let own = vertex.constraints.platform.as_deref();
        Some(own.or(inherited).unwrap_or(&self.platform))
    }

    fn metadata(&self, vertex: &Vertex) -> Metadata {
        let own = &vertex.constraints.metadata;
        if let Operation::Imported(_) = vertex.operation {
            return own.clone();
        }
        let mut metadata = self.options.constraints.metadata.clone();
        metadata.merge(own);
        if let (Operation::Exec(_), Some(true)) = (&vertex.operation, self.sets_default_path) {
            metadata
                .capabilities
                .insert(Capability::ExecMetaSetsDefaultPath);
        }
        metadata
    }
}

impl Operation {
    /// Lists the operation's inputs, in wire order.
    fn resolve(&self, inputs: &mut Inputs) {
        match self {
            Self::Source(_) | Self::Imported(_) => {}
            Self::Exec(exec) => {
                for mount in &*exec.mounts {
                    inputs.share(mount.source.output());
                }
            }
            Self::File(file) => {
                for input in &*file.inputs {
                    inputs.share(Some(input));
                }
            }
            Self::Merge(merge) => {
                for input in &merge.inputs {
                    inputs.push(Some(input));
                }
            }
            Self::Diff(diff) => {
                inputs.push(diff.lower.as_ref());
                inputs.push(diff.upper.as_ref());
            }
            Self::Passthrough(passthrough) => {
                for input in &passthrough.inputs {
                    inputs.push(Some(input));
                }
            }
            Self::Build(build) => {
                for input in &build.inputs {
                    inputs.push(Some(input));
                }
            }
        }
    }

    /// Writes the operation as a member of `Op`'s oneof.
    fn encode(&self, context: &Context<'_>, inputs: &Inputs, encoder: &mut Encoder<'_>) {
        match self {
            Self::Exec(exec) => encoder.message(2, |encoder| exec.encode(context, inputs, encoder)),
            Self::Source(source) => encoder.message(3, |encoder| source.encode(context, encoder)),
            Self::File(file) => encoder.message(4, |encoder| file.encode(inputs, encoder)),
            Self::Build(build) => encoder.message(5, |encoder| build.encode(encoder)),
            Self::Merge(_) => encoder.message(6, |encoder| {
                for &slot in inputs.slots() {
                    encoder.message(1, |encoder| encoder.signed(1, slot));
                }
            }),
            Self::Diff(_) => encoder.message(7, |encoder| {
                for (field, &slot) in (1..).zip(inputs.slots()) {
                    encoder.message(field, |encoder| encoder.signed(1, slot));
                }
            }),
            Self::Passthrough(passthrough) => {
                encoder.message(8, |encoder| passthrough.encode(encoder));
            }
            // Written with its original bytes.
            Self::Imported(_) => {}
        }
    }
}

impl Platform {
    /// Writes a `Platform`. The architecture comes before the operating system.
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.architecture);
        encoder.text(2, &self.os);
        encoder.text(3, &self.variant);
        encoder.text(4, &self.os_version);
        encoder.texts(5, &self.os_features);
    }
}
