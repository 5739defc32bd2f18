//! Graphs as text with lanes: a line for each step, and a lane for each result that a later step still needs. Steps in
//! lanes side by side can run concurrently.

use std::fmt::Write as _;

use stagefile_text::visible;

use super::model::{Model, shortened};

/// The maximum number of lanes that are drawn; further ones share the last one.
const MAX_LANES: usize = 24;
/// The maximum length of a line.
const WIDTH: usize = 100;
/// The minimum width that is left for a name.
const LEAST: usize = 40;

/// The parts of a line in one lane, as bits.
#[derive(Clone, Copy, Default)]
struct Cell(u8);

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;
/// A horizontal line joins this lane.
const JOINED: u8 = 16;
const STEP: u8 = 32;

impl Cell {
    fn new(parts: [(u8, bool); 6]) -> Self {
        let parts = parts.into_iter().filter(|(_, is_there)| *is_there);
        Self(parts.fold(0, |all, (part, _)| all | part))
    }

    fn has(self, part: u8) -> bool {
        self.0 & part != 0
    }

    fn draw(self) -> char {
        if self.has(STEP) {
            return '●';
        }
        if self.has(UP | DOWN) && !self.has(JOINED) {
            return '│';
        }
        match [UP, DOWN, LEFT, RIGHT].map(|part| self.has(part)) {
            [true, true, true, true] => '┼',
            [true, true, true, false] => '┤',
            [true, true, false, true] => '├',
            [true, false, true, true] => '┴',
            [true, false, true, false] => '╯',
            [true, false, false, true] => '╰',
            [true, _, false, false] | [false, true, ..] => '│',
            [false, false, false, false] => ' ',
            [false, false, ..] => '─',
        }
    }
}

/// Draws a graph.
pub fn lanes(model: &Model, title: &str) -> String {
    let order = order(model);
    let mut text = heading(model, &order, title);
    let mut uses = vec![0_usize; model.vertices.len()];
    for vertex in &order {
        for input in distinct(model, *vertex) {
            uses[input] += 1;
        }
    }
    // The vertex that each lane leads down from.
    let mut lanes: Vec<Option<usize>> = Vec::new();
    for vertex in order {
        let inputs = distinct(model, vertex);
        for input in &inputs {
            uses[*input] -= 1;
        }
        let joined: Vec<usize> = (0..lanes.len())
            .filter(|lane| lanes[*lane].is_some_and(|above| inputs.contains(&above)))
            .collect();
        let ends = |lane: &usize| lanes[*lane].is_some_and(|above| uses[above] == 0);
        let ended: Vec<usize> = joined.iter().copied().filter(ends).collect();
        let free = lanes.iter().position(Option::is_none);
        let own = ended.first().copied().or(free).unwrap_or(lanes.len());
        if own == lanes.len() {
            lanes.push(None);
        }
        let first = joined.first().copied().unwrap_or(own).min(own);
        let last = joined.last().copied().unwrap_or(own).max(own);
        let cells = (0..lanes.len()).map(|lane| {
            let is_taken = lanes[lane].is_some();
            Cell::new([
                (UP, is_taken),
                (DOWN, is_taken && !ended.contains(&lane)),
                (LEFT, lane > first && lane <= last),
                (RIGHT, lane >= first && lane < last),
                (JOINED, joined.contains(&lane)),
                (STEP, lane == own),
            ])
        });
        let cells: Vec<Cell> = cells.collect();
        for lane in &ended {
            lanes[*lane] = None;
        }
        if uses[vertex] > 0 {
            lanes[own] = Some(vertex);
        }
        while lanes.last() == Some(&None) {
            lanes.pop();
        }
        line(&mut text, &cells, own, |width| {
            describe(model, vertex, width)
        });
    }
    text
}

/// Writes a line: the lanes, and the text next to them.
fn line(text: &mut String, cells: &[Cell], own: usize, words: impl Fn(usize) -> String) {
    let mut drawn = String::new();
    for (lane, cell) in cells.iter().take(MAX_LANES).enumerate() {
        let is_cut = lane + 1 == MAX_LANES && cells.len() > MAX_LANES;
        drawn.push(match cell.draw() {
            _ if is_cut && own >= MAX_LANES => '●',
            _ if is_cut => '…',
            drawn => drawn,
        });
        drawn.push(if cell.has(RIGHT) { '─' } else { ' ' });
    }
    let drawn = drawn.trim_end();
    let width = drawn.chars().count() + 2;
    let words = words(WIDTH.saturating_sub(width).max(LEAST));
    // Writing to a string can't fail.
    _ = writeln!(text, "{drawn}  {words}");
}

/// Describes a step within this width. Its notes are always shown, however long its script is.
fn describe(model: &Model, vertex: usize, width: usize) -> String {
    let vertex = &model.vertices[vertex];
    let title = vertex.title();
    let title = visible::line(&title);
    let notes = vertex.notes();
    if notes.is_empty() {
        return shortened(&title, width);
    }
    let notes = format!(" ({})", notes.join(", "));
    let notes = visible::line(&notes);
    let room = width.saturating_sub(notes.chars().count()).max(LEAST / 2);
    shortened(&(shortened(&title, room) + &notes), width)
}

/// Describes the graph's size, and how many steps run concurrently.
fn heading(model: &Model, order: &[usize], title: &str) -> String {
    let mut depth = vec![0_usize; model.vertices.len()];
    let mut widths: Vec<usize> = Vec::new();
    for vertex in order {
        let inputs = distinct(model, *vertex).into_iter();
        let level = inputs
            .map(|input| depth[input] + 1)
            .max()
            .unwrap_or_default();
        depth[*vertex] = level;
        if widths.len() <= level {
            widths.resize(level + 1, 0);
        }
        widths[level] += 1;
    }
    let most = widths.iter().max().copied().unwrap_or_default();
    format!(
        "{}: {} steps, {} one after another, up to {most} at the same time\n\n",
        visible::line(title),
        order.len(),
        widths.len()
    )
}

/// Returns what the result needs, each after its own inputs, and as close to them as possible.
fn order(model: &Model) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = vec![false; model.vertices.len()];
    let mut pending: Vec<(usize, bool)> = model.result.iter().map(|it| (it.0, false)).collect();
    while let Some((vertex, is_ready)) = pending.pop() {
        if is_ready {
            order.push(vertex);
        } else if !std::mem::replace(&mut seen[vertex], true) {
            pending.push((vertex, true));
            let inputs = distinct(model, vertex).into_iter().rev();
            pending.extend(inputs.map(|input| (input, false)));
        }
    }
    order
}

/// Returns the vertices that a vertex uses, each once.
fn distinct(model: &Model, vertex: usize) -> Vec<usize> {
    let mut inputs: Vec<usize> = Vec::new();
    for input in &model.vertices[vertex].inputs {
        if !inputs.contains(&input.vertex) {
            inputs.push(input.vertex);
        }
    }
    inputs
}

#[cfg(test)]
mod tests {
    use buildkit_llb::{Constrain as _, Exec, MarshalOptions, Mount, State};

    use super::*;

    fn drawn(state: &State) -> String {
        let options = MarshalOptions::new().on_platform("linux/amd64".parse().unwrap());
        lanes(
            &Model::from_definition(&state.marshal(&options)).unwrap(),
            "it",
        )
    }

    fn run(state: &State, name: &str) -> State {
        state.run(Exec::shell(name).named(name)).root()
    }

    #[test]
    fn what_runs_side_by_side_stands_side_by_side() {
        let base = State::image("busybox:1.35").unwrap();
        let (one, two) = (run(&base, "one"), run(&base, "two"));
        let both = State::merge([&one, &two]);
        let secret = buildkit_llb::Secret::file("/key").id("key");
        let used = Exec::shell("long ".repeat(40))
            .mount(Mount::cache("/c").id("c@linux"))
            .secret(secret)
            .mount(Mount::bind("/two", &two).readonly());
        assert_eq!(
            drawn(&both.run(used).root()),
            "\
it: 5 steps, 4 one after another, up to 2 at the same time

●  busybox:1.35
├─●  one
● │  two
├─●  merge 2
●─╯  /bin/sh -c long long long long long long long long long long long long l… (cache c, secret key)
"
        );
    }

    #[test]
    fn very_wide_graphs_stay_within_the_line() {
        let base = State::image("busybox:1.35").unwrap();
        let many: Vec<State> = (0..100)
            .map(|number| run(&base, &format!("step {number}")))
            .collect();
        let text = drawn(&State::merge(&many));
        assert_eq!(text.lines().count(), 104);
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
        for number in 0..100 {
            assert!(text.contains(&format!("  step {number}\n")), "{number}");
        }
    }

    #[test]
    fn names_and_ids_stay_within_their_line() {
        let base = State::image("busybox:1.35").unwrap();
        let cache = Exec::shell("x")
            .named("one\u{1b}[2J")
            .mount(Mount::cache("/c").id("c\n●  forged"));
        let text = drawn(&base.run(cache).root());
        assert_eq!(
            text.lines().nth(3),
            Some("●  one\\u{1b}[2J (cache c\\n●  forged)"),
            "{text}"
        );
        let heading = lanes(&Model::default(), "a\nb");
        assert!(heading.starts_with("a\\nb: 0 steps"), "{heading}");
    }

    #[test]
    fn depth_is_no_recursion() {
        let mut state = State::image("busybox:1.35").unwrap();
        for number in 0..10_000 {
            state = run(&state, &number.to_string());
        }
        assert!(drawn(&state).ends_with("●  9999\n"));
        assert!(drawn(&State::scratch()).starts_with("it: 0 steps"));
    }
}
