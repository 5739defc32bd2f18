//! A chain of file actions as a vertex.

use std::collections::{HashMap, HashSet};

use super::action::Action;
use super::bound::{BoundFileAction, CopySource, Origin};
use crate::few::{Few, UpToTwo};
use crate::ordered_set::OrderedSet;
use crate::state::State;
use crate::vertex::{Output, OutputIndex};

/// File actions with nested chains flattened, each after those that it depends on.
#[derive(Debug)]
pub(crate) struct FileOperation {
    pub(super) steps: Few<Step>,
    /// The inputs that actions change or copy from, each once, in wire order.
    pub(crate) inputs: UpToTwo<Output>,
    /// The order in which a graph walk visits the inputs, if there are several.
    walk: Vec<u32>,
}

/// An action, and the places that its files come from.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) action: Action,
    /// The file system that is changed.
    pub(super) input: ActionInput,
    /// The source of a copy.
    pub(super) secondary: ActionInput,
    /// Where owner names are looked up: the file system that the whole chain started from.
    pub(super) base: ActionInput,
}

/// The file system that an action uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ActionInput {
    /// None.
    Empty,
    /// An input of the vertex.
    Input(u32),
    /// The result of an earlier action.
    Step(u32),
}

impl FileOperation {
    pub(super) fn new(chain: BoundFileAction) -> Self {
        let mut layout = Layout::default();
        layout.lay_out(&chain);
        let walk = layout.walk(&chain);
        let mut own = chain.into_actions().into_iter();
        let steps = layout.steps.into_iter().filter_map(|planned| {
            let mut action = planned.nested.or_else(|| own.next())?;
            action.forget_source();
            Some(Step {
                action,
                input: planned.input,
                secondary: planned.secondary,
                base: planned.base,
            })
        });
        Self {
            steps: steps.collect(),
            inputs: layout.inputs.into_iter().collect(),
            walk,
        }
    }

    /// Creates the operation for a single action that doesn't copy from a chain, the usual case.
    pub(super) fn of_one(mut action: Action, state: &State) -> Self {
        action.normalize(state.get_dir());
        let mut inputs = UpToTwo::default();
        let mut place = |output: Option<&Output>| {
            let Some(output) = output else {
                return ActionInput::Empty;
            };
            let known = |input: &Output| input.identity() == output.identity();
            let position = inputs.iter().position(known).unwrap_or_else(|| {
                inputs.push(output.clone());
                inputs.len() - 1
            });
            ActionInput::Input(index(position))
        };
        let base = place(state.output());
        let secondary = match action.source() {
            Some(CopySource(Origin::State(from))) => place(from.output()),
            Some(CopySource(Origin::Chain(_))) | None => ActionInput::Empty,
        };
        action.forget_source();
        let step = Step {
            action,
            input: base,
            secondary,
            base,
        };
        Self {
            steps: Few::One(step),
            inputs,
            walk: Vec::new(),
        }
    }

    /// Returns the input at this step of a graph walk.
    pub(crate) fn input(&self, step: usize) -> Option<&Output> {
        if self.walk.is_empty() {
            return self.inputs.get(step);
        }
        let input = *self.walk.get(step)?;
        self.inputs.get(input as usize)
    }
}

/// Flattens a chain. The order of steps and inputs is that of Go (`marshalState` in
/// `client/llb/fileop.go`), since digests depend on it.
#[derive(Default)]
struct Layout {
    steps: Vec<Planned>,
    inputs: Vec<Output>,
    positions: OrderedSet<(usize, OutputIndex)>,
    /// The last step of each chain that is flattened.
    chains: HashMap<usize, u32>,
}

/// A planned step.
struct Planned {
    /// The action, unless it is the next one of the outermost chain: those are moved, not copied.
    nested: Option<Action>,
    input: ActionInput,
    secondary: ActionInput,
    base: ActionInput,
}

/// A chain that is partly flattened.
struct Frame<'a> {
    chain: &'a BoundFileAction,
    next: usize,
    input: ActionInput,
}

impl Layout {
    fn lay_out(&mut self, chain: &BoundFileAction) {
        let outermost = chain.identity();
        let mut frames = vec![self.begin(chain)];
        while let Some(frame) = frames.last_mut() {
            let Some(action) = frame.chain.actions().get(frame.next) else {
                if frame.chain.identity() != outermost {
                    let last = index(self.steps.len() - 1);
                    self.chains.insert(frame.chain.identity(), last);
                }
                frames.pop();
                continue;
            };
            let base = self.input(frame.chain.base());
            let secondary = match action.source() {
                None => ActionInput::Empty,
                Some(CopySource(Origin::State(state))) => self.input(state.output()),
                Some(CopySource(Origin::Chain(nested))) => {
                    let Some(&step) = self.chains.get(&nested.identity()) else {
                        // The nested chain comes first; then this action is visited again.
                        let nested = self.begin(nested);
                        frames.push(nested);
                        continue;
                    };
                    ActionInput::Step(step)
                }
            };
            let input =
                std::mem::replace(&mut frame.input, ActionInput::Step(index(self.steps.len())));
            frame.next += 1;
            let nested = frame.chain.identity() != outermost;
            self.steps.push(Planned {
                nested: nested.then(|| action.clone()),
                input,
                secondary,
                base,
            });
        }
    }

    fn begin<'a>(&mut self, chain: &'a BoundFileAction) -> Frame<'a> {
        Frame {
            chain,
            next: 0,
            input: self.input(chain.base()),
        }
    }

    fn input(&mut self, output: Option<&Output>) -> ActionInput {
        let Some(output) = output else {
            return ActionInput::Empty;
        };
        let position = self.positions.insert(output.identity());
        if position == self.inputs.len() {
            self.inputs.push(output.clone());
        }
        ActionInput::Input(index(position))
    }

    /// Returns the order in which a graph walk visits the inputs: from the last action backwards.
    fn walk(&mut self, chain: &BoundFileAction) -> Vec<u32> {
        if self.inputs.len() < 2 {
            return Vec::new();
        }
        let mut walk = OrderedSet::default();
        let mut visited = HashSet::new();
        let mut frames = vec![(chain, chain.actions().len())];
        while let Some((chain, remaining)) = frames.last_mut() {
            let chain = *chain;
            let Some(position) = remaining.checked_sub(1) else {
                frames.pop();
                continue;
            };
            *remaining = position;
            let action = &chain.actions()[position];
            if let ActionInput::Input(input) = self.input(chain.base()) {
                walk.insert(input);
            }
            match action.source() {
                Some(CopySource(Origin::State(state))) => {
                    if let ActionInput::Input(input) = self.input(state.output()) {
                        walk.insert(input);
                    }
                }
                Some(CopySource(Origin::Chain(nested))) if visited.insert(nested.identity()) => {
                    frames.push((nested, nested.actions().len()));
                }
                None | Some(CopySource(Origin::Chain(_))) => {}
            }
        }
        walk.values().to_vec()
    }
}

/// A vertex can't have 2³² steps or inputs: they wouldn't fit into a message of 16 MiB.
fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
