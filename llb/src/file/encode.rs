//! Encoding of a file operation (`FileOp`).

use super::action::Action;
use super::copy::{Copy, CopyMode};
use super::operation::{ActionInput, Step};
use super::{FileOperation, Mkdir, Mkfile, Owner, Remove, Symlink, UserId};
use crate::encode::Encoder;
use crate::marshal::{EMPTY, Inputs};

/// The output index of an action that is not the last.
const NO_OUTPUT: i64 = -1;

/// The mode of a copy that keeps permissions.
const KEEP_MODE: i64 = -1;

impl FileOperation {
    pub(crate) fn encode(&self, inputs: &Inputs, encoder: &mut Encoder<'_>) {
        for (position, step) in self.steps.iter().enumerate() {
            let last = position + 1 == self.steps.len();
            // The field's number is 2; there is no field 1.
            encoder.message(2, |encoder| {
                encoder.signed(1, step.input.encode(inputs));
                encoder.signed(2, step.secondary.encode(inputs));
                encoder.signed(3, if last { 0 } else { NO_OUTPUT });
                step.encode(step.base.encode(inputs), encoder);
            });
        }
    }
}

impl ActionInput {
    /// Returns the index on the wire: inputs come first, then the results of actions.
    fn encode(self, inputs: &Inputs) -> i64 {
        match self {
            Self::Empty => EMPTY,
            Self::Input(input) => inputs.slots()[input as usize],
            Self::Step(step) => inputs.len() + i64::from(step),
        }
    }
}

impl Step {
    fn encode(&self, base: i64, encoder: &mut Encoder<'_>) {
        match &self.action {
            Action::Copy(copy) => encoder.message(4, |encoder| copy.encode(base, encoder)),
            Action::Mkfile(mkfile) => encoder.message(5, |encoder| mkfile.encode(base, encoder)),
            Action::Mkdir(mkdir) => encoder.message(6, |encoder| mkdir.encode(base, encoder)),
            Action::Remove(remove) => encoder.message(7, |encoder| remove.encode(encoder)),
            Action::Symlink(symlink) => {
                encoder.message(8, |encoder| symlink.encode(base, encoder));
            }
        }
    }
}

impl Copy {
    fn encode(&self, base: i64, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.source);
        encoder.text(2, &self.destination);
        encode_owner(3, self.owner.as_deref(), base, encoder);
        match &self.mode {
            CopyMode::Keep => encoder.signed(4, KEEP_MODE),
            // An `int32` on the wire: a mode above its range becomes negative.
            CopyMode::Bits(mode) => encoder.signed(4, mode.cast_signed().into()),
            CopyMode::Symbolic(_) => {}
        }
        encoder.boolean(5, self.follow_symlinks);
        encoder.boolean(6, self.contents);
        encoder.boolean(7, self.unpack);
        encoder.boolean(8, self.make_parents);
        encoder.boolean(9, self.wildcards);
        encoder.boolean(10, self.allow_no_match);
        encoder.signed(11, self.created.as_nanoseconds());
        encoder.texts(12, &self.include);
        encoder.texts(13, &self.exclude);
        encoder.boolean(14, self.replace);
        if let CopyMode::Symbolic(mode) = &self.mode {
            encoder.text(15, mode);
        }
        encoder.texts(16, &self.required);
    }
}

impl Mkfile {
    fn encode(&self, base: i64, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.path);
        encoder.unsigned(2, self.mode.into());
        encoder.bytes(3, &self.data);
        encode_owner(4, self.owner.as_deref(), base, encoder);
        encoder.signed(5, self.created.as_nanoseconds());
    }
}

impl Mkdir {
    fn encode(&self, base: i64, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.path);
        encoder.unsigned(2, self.mode.into());
        encoder.boolean(3, self.parents);
        encode_owner(4, self.owner.as_deref(), base, encoder);
        encoder.signed(5, self.created.as_nanoseconds());
    }
}

impl Symlink {
    fn encode(&self, base: i64, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.target);
        encoder.text(2, &self.path);
        encode_owner(3, self.owner.as_deref(), base, encoder);
        encoder.signed(4, self.created.as_nanoseconds());
    }
}

impl Remove {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.path);
        encoder.boolean(2, self.allow_not_found);
        encoder.boolean(3, self.wildcards);
    }
}

/// Writes a `ChownOpt`.
fn encode_owner(field: u32, owner: Option<&Owner>, base: i64, encoder: &mut Encoder<'_>) {
    let Some(owner) = owner else {
        return;
    };
    encoder.message(field, |encoder| {
        for (field, id) in [(1, &owner.user), (2, &owner.group)] {
            if let Some(id) = id {
                encoder.message(field, |encoder| id.encode(base, encoder));
            }
        }
    });
}

impl UserId {
    /// Writes a `UserOpt`. A name carries the input whose user database is searched for it.
    fn encode(&self, base: i64, encoder: &mut Encoder<'_>) {
        match self {
            Self::Name(name) if !name.is_empty() => encoder.message(1, |encoder| {
                encoder.text(1, name);
                encoder.signed(2, base);
            }),
            Self::Name(_) => encoder.chosen(2, 0),
            Self::Number(number) => encoder.chosen(2, (*number).into()),
        }
    }
}
