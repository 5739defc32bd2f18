//! Deep graphs need memory, not stack.

use std::thread;

use buildkit_llb::{Build, Copy, Exec, FileAction, Graph, MarshalOptions, Mount, State};

/// The stack size, far less than recursion over any of these graphs would need.
const STACK: usize = 128 * 1024;

fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(test);
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn a_chain_of_a_million_vertices() {
    const LENGTH: usize = 1_000_000;
    on_small_stack(|| {
        let state = (0..LENGTH).fold(State::local("base"), |state, _| {
            state.file(FileAction::mkdir("/d", 0o755))
        });
        let definition = state.marshal(&MarshalOptions::new());
        // The source, the chain and the terminal operation.
        assert_eq!(definition.operations().len(), LENGTH + 2);
        drop(state);
    });
}

#[test]
fn chains_of_every_operation() {
    on_small_stack(|| {
        let other = State::local("other");
        let state = (0..5_000).fold(State::local("base"), |state, number| {
            let run = state.run(Exec::shell("x").mount(Mount::bind("/m", &other)));
            let state = if number % 2 == 0 {
                run.root()
            } else {
                run.output("/m").expect("an output")
            };
            let state = State::merge([&other, &state]);
            let state = State::diff(&other, &state);
            let state = state.requires("gate", [&other]).expect("a state");
            let state = Build::new(&state).into_state().expect("a state");
            State::scratch().file(FileAction::copy(&state, "/", "/"))
        });
        let definition = state.marshal(&MarshalOptions::new());
        drop(state);
        let graph = Graph::read(&definition).expect("valid");
        assert!(graph.to_string().lines().count() > 30_000);
        let imported = State::from_definition(&definition).expect("valid");
        let again = imported.marshal(&MarshalOptions::new());
        assert_eq!(again.operations().len(), definition.operations().len());
    });
}

#[test]
fn nested_chains_of_actions() {
    on_small_stack(|| {
        let scratch = State::scratch();
        let innermost = FileAction::mkfile("/f", 0o644, "x").on(&scratch);
        let nested = (0..50_000).fold(innermost, |nested, _| {
            FileAction::from(Copy::new(nested, "/f", "/f")).on(&scratch)
        });
        let state = scratch.file(Copy::new(nested, "/f", "/f"));
        assert_eq!(state.marshal(&MarshalOptions::new()).operations().len(), 2);
    });
}

#[test]
fn settings_of_long_chains_stay_cheap() {
    on_small_stack(|| {
        let state = (0..100_000).fold(State::local("base"), |state, number| {
            state
                .env(format!("NAME{}", number % 1_000), "value")
                .host("name", [127, 0, 0, 1].into())
        });
        assert_eq!(state.get_envs().len(), 1_000);
    });
}
