//! One dossier from its bytes to the values of the features and what the terms of each model say.
#![forbid(unsafe_code)]

use std::sync::Mutex;

use crate::columns::{Column, Values};
use crate::executor::{carry_out, Room as PlanRoom, Tables};
use crate::plan::{Plan, NONE};
use crate::reader::{read, Columns, Room as Read};
use crate::schema::Schema;
use crate::terms::Terms;

/// How a column of the plan is found among those that were read.
#[derive(Clone, Copy)]
enum Form {
    Days,
    Codes,
    Numbers,
    Texts,
    Withdrawn,
    Replaced,
}

struct Source {
    table: usize,
    form: Form,
    place: usize,
}

/// A model: its terms, and where their values stand among the features.
struct Model {
    terms: Terms,
    inputs: Vec<usize>,
}

/// A schema, a plan and models that are gone through together.
pub struct One {
    schema: Schema,
    plan: Plan,
    sources: Vec<Source>,
    models: Vec<Model>,
    rooms: Mutex<Vec<(Read, PlanRoom)>>,
}

/// What describes all of it.
pub struct Given<'a> {
    pub schema: &'a [u8],
    pub plan: &'a [i64],
    pub pool: &'a [f64],
    /// Three numbers for each column of the plan: its table or -1, its form and its place.
    pub sources: &'a [i64],
    /// Of each model how many terms it has, then of each of these its feature and its knots.
    pub shapes: &'a [i64],
    /// Of each model the intercept, then the numbers of its terms; see `Terms::of`.
    pub terms: &'a [f64],
}

/// What is found beside the numbers.
#[repr(C)]
#[derive(Default)]
pub struct Found {
    pub day: i32,
    pub id_start: u32,
    pub id_end: u32,
}

/// Where numbers are written.
pub struct Out<'a> {
    /// The features, then of each model the linear predictor, whether all values are in range, and
    /// the contributions.
    pub numbers: &'a mut [f64],
    /// Of each model its rows and steps, one model after the other.
    pub rows: &'a mut [i64],
    pub steps: &'a mut [f64],
}

/// Stands for a day that is not given: that of the latest fact.
pub const LATEST_FACT: i32 = i32::MIN;

impl One {
    /// All of it from what describes it; `None` if that does not belong together.
    pub fn of(given: &Given) -> Option<One> {
        let schema = Schema::of(std::str::from_utf8(given.schema).ok()?)?;
        let plan = Plan::read(given.plan, given.pool)?;
        let sources = given.sources.chunks_exact(3).map(source).collect::<Option<Vec<_>>>()?;
        let models = models(given.shapes, given.terms)?;
        let n = plan.asked_for.len();
        let sound = sources.len() == plan.columns.len()
            && schema.tables.len() == plan.tables.len()
            && models.iter().all(|model| model.inputs.iter().all(|at| *at < n));
        if !sound {
            return None;
        }
        let made = One { schema, plan, sources, models, rooms: Mutex::new(Vec::new()) };
        // Once through with nobody, so that what does not fit shows here.
        let own = Read::of(&made.schema);
        let fits = made.sources.iter().all(|source| is_there(&own, source));
        if fits {
            Some(made)
        } else {
            None
        }
    }

    /// How many numbers, rows and steps there are.
    pub fn sizes(&self) -> (usize, usize, usize) {
        let terms: usize = self.models.iter().map(|m| m.terms.len()).sum();
        let n = self.models.len();
        (self.plan.asked_for.len() + terms + 2 * n, terms + n, 2 * (terms + n))
    }

    /// Read, compute and score; `None` if Python has to look.
    pub fn look(&self, bytes: &[u8], last: i32, day: i32, out: Out) -> Option<Found> {
        let taken = self.rooms.lock().ok().and_then(|mut rooms| rooms.pop());
        let mut room = taken.unwrap_or_else(|| (Read::of(&self.schema), PlanRoom::of(&self.plan)));
        let found = self.look_in(&mut room, bytes, last, day, out);
        if let Ok(mut rooms) = self.rooms.lock() {
            rooms.push(room);
        }
        found
    }

    fn look_in(
        &self,
        room: &mut (Read, PlanRoom),
        bytes: &[u8],
        last: i32,
        day: i32,
        out: Out,
    ) -> Option<Found> {
        let (own, working) = room;
        if !read(&self.schema, own, bytes, last) {
            return None;
        }
        let day = if day == LATEST_FACT { own.latest } else { day };
        if day < own.born(&self.schema) {
            return None;
        }
        let n = self.plan.asked_for.len();
        let (values, said) = out.numbers.split_at_mut(n);
        self.features(own, working, day, values)?;
        self.score(values, said, out.rows, out.steps)?;
        Some(Found { day, id_start: own.id.start, id_end: own.id.end })
    }

    fn features(
        &self,
        own: &Read,
        working: &mut PlanRoom,
        day: i32,
        out: &mut [f64],
    ) -> Option<()> {
        let columns: Vec<Column> = self.sources.iter().map(|source| column(own, source)).collect();
        let offsets: Vec<[i64; 2]> = own.tables.iter().map(|table| [0, table.n as i64]).collect();
        let offsets: Vec<&[i64]> = offsets.iter().map(|both| &both[..]).collect();
        let tables = Tables { columns: &columns, offsets: &offsets, n_persons: 1 };
        if !tables.fit(&self.plan) {
            return None;
        }
        carry_out(&self.plan, &tables, &[0], &[day], out, working);
        Some(())
    }

    /// Pass the terms of each model; `None` for an infinite value, of which Python says whose.
    fn score(
        &self,
        values: &[f64],
        said: &mut [f64],
        rows: &mut [i64],
        steps: &mut [f64],
    ) -> Option<()> {
        let (mut said, mut rows, mut steps) = (said, rows, steps);
        for model in &self.models {
            let n = model.terms.len();
            let (own, rest) = said.split_at_mut(n + 2);
            let (own_rows, other_rows) = rows.split_at_mut(n + 1);
            let (own_steps, other_steps) = steps.split_at_mut(2 * n + 2);
            let given = model.inputs.iter().map(|at| values[*at]);
            let (lp, in_ranges) = model.terms.pass(given, &mut own[2..], own_rows, own_steps);
            if lp.is_nan() {
                return None;
            }
            own[0] = lp;
            own[1] = f64::from(u8::from(in_ranges));
            said = rest;
            rows = other_rows;
            steps = other_steps;
        }
        Some(())
    }
}

fn column<'a>(own: &'a Read, source: &Source) -> Column<'a> {
    let columns: &Columns =
        if source.table == NONE { &own.person } else { &own.tables[source.table] };
    let place = source.place;
    let values = match source.form {
        Form::Days => Values::Days(&columns.days[place]),
        Form::Codes => Values::Codes(&columns.codes[place]),
        Form::Numbers => Values::Numbers(&columns.numbers[place]),
        Form::Texts => Values::Codes(&columns.there[place]),
        Form::Withdrawn if columns.has_void => Values::Codes(&columns.codes[place]),
        Form::Replaced if !columns.replaced.is_empty() => Values::Days(&columns.replaced),
        _ => Values::Absent,
    };
    Column { values, valid: None }
}

/// Whether what was read has such a column.
fn is_there(own: &Read, source: &Source) -> bool {
    let columns =
        if source.table == NONE { Some(&own.person) } else { own.tables.get(source.table) };
    let has = |columns: &Columns| match source.form {
        Form::Days => columns.days.len(),
        Form::Codes | Form::Withdrawn => columns.codes.len(),
        Form::Numbers => columns.numbers.len(),
        Form::Texts => columns.there.len(),
        Form::Replaced => 1,
    };
    columns.map_or(false, |columns| source.place < has(columns))
}

fn source(three: &[i64]) -> Option<Source> {
    let form = match three[1] {
        0 => Form::Days,
        1 => Form::Codes,
        2 => Form::Numbers,
        3 => Form::Texts,
        4 => Form::Withdrawn,
        5 => Form::Replaced,
        _ => return None,
    };
    let table = if three[0] == -1 { NONE } else { usize::try_from(three[0]).ok()? };
    Some(Source { table, form, place: usize::try_from(three[2]).ok()? })
}

fn models(shapes: &[i64], terms: &[f64]) -> Option<Vec<Model>> {
    let (mut shapes, mut terms) = (shapes, terms);
    let mut made = Vec::new();
    while !shapes.is_empty() {
        let n = usize::try_from(shapes[0]).ok()?;
        let own = shapes.get(1..1 + 2 * n)?;
        shapes = &shapes[1 + 2 * n..];
        let inputs = own.chunks_exact(2).map(|two| usize::try_from(two[0]).ok());
        let n_knots: Vec<i64> = own.chunks_exact(2).map(|two| two[1]).collect();
        let (found, rest) = Terms::of(&n_knots, terms)?;
        terms = rest;
        made.push(Model { terms: found, inputs: inputs.collect::<Option<Vec<usize>>>()? });
    }
    if terms.is_empty() {
        Some(made)
    } else {
        None
    }
}
