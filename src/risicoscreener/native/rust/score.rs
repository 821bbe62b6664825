//! A scoring program for many people, by columns: linear predictor, standard error, where it may
//! speak, and the strongest reasons.
//!
//! Of each person the operations are those of `models.piecewise` in the same order, whoever stands
//! beside. What makes a probability of a linear predictor stays with the caller.
#![forbid(unsafe_code)]

use crate::errors::{Errors, Place, Used};
use crate::terms::{Piece, Terms};

/// The agreement with `models/compiled.py`.
const FORM: i64 = 1;
/// Knots of a term at most: a piece is counted in one byte.
const MOST_KNOTS: i64 = 250;
/// People worked on at a time.
pub const BLOCK: usize = 128;

/// What is to be said of a person, as bits: a value lies outside its range, one that is required
/// is unknown, a rule of the population bars the person.
pub const OUTSIDE: u8 = 1;
pub const LACKING: u8 = 2;
pub const BARRED: u8 = 4;

/// A scoring program.
pub struct Program {
    terms: Terms,
    required: Vec<usize>,
    rules: Vec<(usize, f64, f64)>,
    errors: Option<Errors>,
}

/// The numbers that describe a program; see `models/compiled.py`.
pub struct Numbers<'a> {
    /// How many columns the table has, how many features are required, how many rules there are
    /// and how many terms; then the knots of each term, the required features, and the feature of
    /// each rule.
    pub whole: &'a [i64],
    /// Those of `Terms::of`, then of each rule the least and the most.
    pub numbers: &'a [f64],
    /// What each row adds to the root of the variance, and each step in it; empty for a program
    /// without a covariance.
    pub table: &'a [f64],
}

impl Program {
    /// The program that numbers describe; `None` if they describe none.
    pub fn of(given: &Numbers) -> Option<Program> {
        let (form, whole) = given.whole.split_first()?;
        if *form != FORM || whole.len() < 4 || whole.iter().any(|x| !(0..=1 << 16).contains(x)) {
            return None;
        }
        let (sizes, whole) = whole.split_at(4);
        let [size, n_required, n_rules, n_terms] =
            [sizes[0] as usize, sizes[1] as usize, sizes[2] as usize, sizes[3] as usize];
        if whole.len() != n_terms + n_required + n_rules {
            return None;
        }
        let (n_knots, places) = whole.split_at(n_terms);
        if n_knots.iter().any(|n| *n > MOST_KNOTS) || places.iter().any(|at| *at as usize >= n_terms)
        {
            return None;
        }
        let (required, of_rules) = places.split_at(n_required);
        let (terms, bounds) = Terms::of(n_knots, given.numbers)?;
        if bounds.len() != 2 * n_rules {
            return None;
        }
        let n_rows = n_knots.iter().sum::<i64>() as usize + 2 * n_terms + 1;
        let errors = match (size, given.table.is_empty()) {
            (0, true) => None,
            (0, false) => return None,
            _ => Some(Errors::read(given.table, n_rows, size)?),
        };
        let rules = of_rules.iter().zip(bounds.chunks_exact(2));
        Some(Program {
            terms,
            required: required.iter().map(|at| *at as usize).collect(),
            rules: rules.map(|(at, of)| (*at as usize, of[0], of[1])).collect(),
            errors,
        })
    }

    pub fn n_terms(&self) -> usize {
        self.terms.terms.len()
    }
}

/// Values of people: those of a term stand next to each other, from `columns[term] * stride` on.
pub struct Given<'a> {
    pub values: &'a [f64],
    pub stride: usize,
    pub columns: &'a [i64],
}

/// What is said of each person. What is empty is not asked for.
pub struct Said<'a> {
    pub lp: &'a mut [f64],
    /// Standard error of the linear predictor; not touched by a program without a covariance.
    pub error: &'a mut [f64],
    pub flags: &'a mut [u8],
    pub missing: &'a mut [i32],
    /// Terms of the `k` largest contributions, largest first, of each person one after the other.
    pub reasons: &'a mut [i16],
    pub k: usize,
    /// Contributions, of each person one after the other.
    pub parts: &'a mut [f64],
}

/// What is worked with.
pub struct Room {
    part: Vec<f64>,
    step: Vec<f64>,
    piece: Vec<u8>,
    best: Vec<f64>,
    which: Vec<f64>,
    places: Vec<Place>,
    used: Used,
    counts: Vec<f64>,
}

impl Room {
    pub fn of(program: &Program) -> Room {
        let n = program.n_terms();
        Room {
            part: vec![0.0; BLOCK],
            step: vec![0.0; n * BLOCK],
            piece: vec![0; n * BLOCK],
            best: Vec::new(),
            which: Vec::new(),
            places: Vec::with_capacity(n),
            used: Used::default(),
            counts: vec![0.0; BLOCK],
        }
    }
}

/// What a program says of `n` people.
#[inline(always)]
pub fn score(program: &Program, given: &Given, n: usize, said: &mut Said, room: &mut Room) {
    for from in (0..n).step_by(BLOCK) {
        let to = (from + BLOCK).min(n);
        block(program, given, from, to, said, room);
    }
}

#[inline(always)]
fn block(
    program: &Program,
    given: &Given,
    from: usize,
    to: usize,
    said: &mut Said,
    room: &mut Room,
) {
    let n = to - from;
    let (lp, flags) = (&mut said.lp[from..to], &mut said.flags[from..to]);
    let missing = &mut said.missing[from..to];
    lp.fill(program.terms.intercept);
    flags.fill(0);
    missing.fill(0);
    room.best.clear();
    room.best.resize(said.k * BLOCK, -1.0);
    room.which.clear();
    room.which.resize(said.k * BLOCK, 0.0);
    for (t, term) in program.terms.terms.iter().enumerate() {
        let start = given.columns[t] as usize * given.stride;
        let x = &given.values[start + from..start + to];
        let own = t * BLOCK..t * BLOCK + n;
        let (piece, step) = (&mut room.piece[own.clone()], &mut room.step[own]);
        let part = &mut room.part[..n];
        find_pieces(&term.knots, x, &mut room.counts[..n], piece);
        for ((((x, piece), step), part), lp) in
            x.iter().zip(piece.iter_mut()).zip(step).zip(part.iter_mut()).zip(lp.iter_mut())
        {
            let Piece { anchor, start, slope } = term.pieces[*piece as usize];
            *step = *x - anchor;
            let inside = start + slope * *step;
            let y = if x.is_nan() { term.missing } else { inside };
            *piece = if x.is_nan() { term.knots.len() as u8 + 1 } else { *piece };
            *lp += y;
            *part = y - term.reference;
        }
        for ((x, flags), missing) in x.iter().zip(flags.iter_mut()).zip(missing.iter_mut()) {
            *flags |= ((*x < term.low) | (*x > term.high)) as u8 * OUTSIDE;
            *missing += x.is_nan() as i32;
        }
        rank(&room.part[..n], t, said.k, &mut room.best, &mut room.which);
        if !said.parts.is_empty() {
            let rows = said.parts[from * program.n_terms()..].chunks_mut(program.n_terms());
            for (row, part) in rows.zip(&room.part[..n]) {
                row[t] = *part;
            }
        }
    }
    for at in &program.required {
        let unknown = program.terms.terms[*at].knots.len() as u8 + 1;
        for (flags, piece) in flags.iter_mut().zip(&room.piece[at * BLOCK..]) {
            *flags |= (*piece == unknown) as u8 * LACKING;
        }
    }
    for (at, low, high) in &program.rules {
        let start = given.columns[*at] as usize * given.stride;
        for (flags, x) in flags.iter_mut().zip(&given.values[start + from..start + to]) {
            *flags |= ((*x < *low) | (*x > *high)) as u8 * BARRED;
        }
    }
    let reasons = &mut said.reasons[from * said.k..to * said.k];
    for place in 0..said.k {
        let which = &room.which[place * BLOCK..place * BLOCK + n];
        for (found, which) in reasons.iter_mut().skip(place).step_by(said.k).zip(which) {
            *found = *which as i16;
        }
    }
    if let Some(errors) = &program.errors {
        for (k, error) in said.error[from..to].iter_mut().enumerate() {
            room.places.clear();
            for (t, term) in program.terms.terms.iter().enumerate() {
                let row = term.first_row as usize + room.piece[t * BLOCK + k] as usize;
                room.places.push(Place { row, step: room.step[t * BLOCK + k] });
            }
            *error = errors.standard_error(&room.places, &mut room.used);
        }
    }
}

/// The number of knots at or left of each value, which for an unknown one is 0.
///
/// They are counted as numbers of the width of the values, as many at once as these.
#[inline(always)]
fn find_pieces(knots: &[f64], x: &[f64], counts: &mut [f64], piece: &mut [u8]) {
    counts.fill(0.0);
    for knot in knots {
        for (count, x) in counts.iter_mut().zip(x) {
            *count += if *x >= *knot { 1.0 } else { 0.0 };
        }
    }
    for (piece, count) in piece.iter_mut().zip(counts) {
        *piece = *count as u8;
    }
}

/// Keep the largest contributions of each person in order; the first of those that are equal.
#[inline(always)]
fn rank(part: &[f64], t: usize, k: usize, best: &mut [f64], which: &mut [f64]) {
    for place in (0..k).rev() {
        let (before, own) = best.split_at_mut(place * BLOCK);
        let (before_which, own_which) = which.split_at_mut(place * BLOCK);
        for (at, part) in part.iter().enumerate() {
            let size = part.abs();
            let is_more = size > own[at];
            let above = if place == 0 { f64::INFINITY } else { before[(place - 1) * BLOCK + at] };
            let passes = size > above;
            let (other, other_which) = if passes {
                (above, before_which[(place - 1) * BLOCK + at])
            } else {
                (size, t as f64)
            };
            own[at] = if is_more { other } else { own[at] };
            own_which[at] = if is_more { other_which } else { own_which[at] };
        }
    }
}
