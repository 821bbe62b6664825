//! A plan carried out by columns: each instruction for all rows of a few index rows before the
//! next, so that loops are short, without branches, and many rows go at once.
//!
//! Sums are added in the order of the rows, as the ways in Python and numpy add them, so that
//! values are equal to the last bit.
#![forbid(unsafe_code)]

use crate::columns::{Column, Kind};
use crate::finish::{finish, People};
use crate::gather::{gather, Into, Matching};
use crate::passing::{pass, Times};
use crate::plan::{Make, Op, Plan, NONE};
use crate::rows::{any, each, fill_both, narrow, ones, pack, padded, Hand, Rows, Taken};

/// Index rows worked on at a time, so that what they need stays in the nearest cache.
pub const BLOCK: usize = 256;

/// The tables that a plan is carried out on.
pub struct Tables<'a> {
    /// In the order of the columns of the plan.
    pub columns: &'a [Column<'a>],
    /// For each table where the rows of each person begin, one more for the end.
    pub offsets: &'a [&'a [i64]],
    pub n_persons: usize,
}

impl<'a> Tables<'a> {
    /// Whether every column that the plan reads is there, of its kind and long enough.
    pub fn fit(&self, plan: &Plan) -> bool {
        let lengths: Vec<usize> = self
            .offsets
            .iter()
            .map(|offsets| *offsets.last().unwrap_or(&0) as usize)
            .collect();
        let whole = self.offsets.iter().all(|offsets| offsets.len() == self.n_persons + 1);
        let n_rows = |table: usize| if table == NONE { self.n_persons } else { lengths[table] };
        let columns = plan.columns.iter().zip(self.columns);
        whole
            && self.columns.len() == plan.columns.len()
            && self.offsets.len() == plan.tables.len()
            && columns.into_iter().all(|(place, column)| column.fits(place.kind, n_rows(place.table)))
    }
}

/// What is worked with, used again for all index rows of a call.
pub struct Room {
    values: Vec<f64>,
    other: Vec<i64>,
    arrival: Vec<i32>,
    arrival_of_rows: Vec<i32>,
    asked: Vec<u64>,
    rows: Rows,
    taken: Taken,
    masks: Vec<Vec<u8>>,
    ago: Vec<Vec<i32>>,
    bits: Vec<u64>,
    pairs: Vec<(u32, i32, i32)>,
    ends: Vec<(usize, usize)>,
}

impl Room {
    pub fn of(plan: &Plan) -> Room {
        Room {
            values: vec![0.0; plan.features.len() * BLOCK],
            other: vec![0; plan.features.len() * BLOCK],
            arrival: vec![-1; BLOCK],
            arrival_of_rows: Vec::new(),
            asked: vec![0; BLOCK],
            rows: Rows::default(),
            taken: Taken::for_columns(plan.columns.len()),
            masks: vec![Vec::new(); plan.depth + 1],
            ago: vec![Vec::new(); plan.depth + 1],
            bits: Vec::new(),
            pairs: Vec::new(),
            ends: Vec::new(),
        }
    }
}

/// The values of the features asked for, into `out`: those of a feature stand next to each other.
///
/// `persons` are positions in the tables, `days` the day of each.
#[inline(always)]
pub fn carry_out(
    plan: &Plan,
    tables: &Tables,
    persons: &[i64],
    days: &[i32],
    out: &mut [f64],
    room: &mut Room,
) {
    let n = persons.len();
    for from in (0..n).step_by(BLOCK) {
        let to = (from + BLOCK).min(n);
        room.block(plan, tables, &persons[from..to], &days[from..to]);
        for (column, slot) in plan.asked_for.iter().enumerate() {
            let found = &room.values[slot * BLOCK..slot * BLOCK + to - from];
            out[column * n + from..column * n + to].copy_from_slice(found);
        }
    }
}

impl Room {
    #[inline(always)]
    fn block(&mut self, plan: &Plan, tables: &Tables, persons: &[i64], days: &[i32]) {
        let n = persons.len();
        for (slot, how) in plan.features.iter().enumerate() {
            if how.make.begins_at_zero() {
                self.values[slot * BLOCK..slot * BLOCK + n].fill(0.0);
            }
            if how.make.has_other() {
                self.other[slot * BLOCK..slot * BLOCK + n].fill(0);
            }
        }
        self.arrival[..n].fill(-1);
        self.asked[..n].fill(0);
        let first = [plan.stays.0, plan.inquiries.0];
        let others = (0..plan.tables.len()).filter(|table| !first.contains(table));
        for table in first.into_iter().chain(others) {
            let is_fixed = first.contains(&table);
            if is_fixed || !plan.tables[table].code.is_empty() {
                self.rows.find(persons, days, tables.offsets[table]);
                self.see(plan, table, tables.columns);
                self.look_at_fixed(plan, table, tables.columns);
                self.table(plan, table, tables.columns);
            }
        }
        self.finish(plan, persons, days, tables.columns);
    }

    #[inline(always)]
    fn finish(&mut self, plan: &Plan, persons: &[i64], days: &[i32], columns: &[Column]) {
        let n = persons.len();
        self.rows.find_persons(persons, days);
        self.taken.forget();
        self.taken.fetch(plan.birth, Kind::Day, columns, &self.rows);
        for how in plan.features.iter().filter(|how| how.make == Make::Person) {
            self.taken.fetch(how.col, Kind::Code, columns, &self.rows);
        }
        let hand = Hand { taken: &self.taken, columns, n };
        let people = People {
            days,
            born: hand.days(plan.birth),
            hand,
            arrival: &self.arrival[..n],
            asked: &self.asked[..n],
        };
        for (slot, how) in plan.features.iter().enumerate() {
            finish(how, slot, &mut self.values, &self.other, &people);
        }
    }

    /// Which rows of a table can be seen, as the outermost mask.
    #[inline(always)]
    fn see(&mut self, plan: &Plan, table: usize, columns: &[Column]) {
        let (code, n) = (&plan.tables[table], self.rows.n());
        self.taken.forget();
        for mask in &mut self.masks {
            mask.resize(padded(n), 0);
            mask[n..].fill(0);
        }
        for ago in &mut self.ago {
            ago.resize(n, 0);
        }
        self.taken.fetch(code.recorded, Kind::Day, columns, &self.rows);
        let (today, mask) = (&self.rows.today[..n], &mut self.masks[0][..n]);
        let recorded = Hand { taken: &self.taken, columns, n }.days(code.recorded);
        fill_both(mask, recorded, today, |recorded, today| recorded <= today);
        if !columns[code.voided].is_absent() {
            self.taken.fetch(code.voided, Kind::Code, columns, &self.rows);
            let voided = Hand { taken: &self.taken, columns, n }.codes(code.voided);
            narrow(mask, voided, today, |voided, _| voided <= 0);
        }
        if !columns[code.replaced].is_absent() {
            self.taken.fetch(code.replaced, Kind::Day, columns, &self.rows);
            let replaced = Hand { taken: &self.taken, columns, n }.days(code.replaced);
            narrow(mask, replaced, today, |replaced, today| replaced > today);
        }
        pack(&self.masks[0], &mut self.bits);
        if !code.code.is_empty() {
            for (at, asked) in self.asked.iter_mut().enumerate().take(self.rows.starts.len() - 1) {
                let some = ones(&self.bits, self.rows.starts[at], self.rows.starts[at + 1]) > 0;
                *asked |= (some as u64) << table;
            }
        }
    }

    /// What the stays and the inquiries say for all tables.
    #[inline(always)]
    fn look_at_fixed(&mut self, plan: &Plan, table: usize, columns: &[Column]) {
        let n = self.rows.n();
        if table == plan.stays.0 {
            let (_, arrived, released) = plan.stays;
            self.taken.fetch(arrived, Kind::Day, columns, &self.rows);
            self.taken.fetch(released, Kind::Day, columns, &self.rows);
            let hand = Hand { taken: &self.taken, columns, n };
            let (arrived, released) = (hand.days(arrived), hand.days(released));
            let (rows, arrival) = (&self.rows, &mut self.arrival);
            each(&self.bits, |row| {
                let ago = rows.today[row] - arrived[row];
                let found = &mut arrival[rows.owner[row] as usize];
                if released[row] > rows.today[row] && (*found < 0 || ago < *found) {
                    *found = ago;
                }
            });
        }
        if table == plan.inquiries.0 {
            let (_, subject, complete) = plan.inquiries;
            self.taken.fetch(subject, Kind::Code, columns, &self.rows);
            self.taken.fetch(complete, Kind::Code, columns, &self.rows);
            let hand = Hand { taken: &self.taken, columns, n };
            let (subject, complete) = (hand.codes(subject), hand.codes(complete));
            let (rows, asked) = (&self.rows, &mut self.asked);
            each(&self.bits, |row| {
                if complete[row] == 1 {
                    for (other, code) in plan.tables.iter().enumerate() {
                        if code.subject == i64::from(subject[row]) && subject[row] >= 0 {
                            asked[rows.owner[row] as usize] |= 1 << other;
                        }
                    }
                }
            });
        }
    }

    /// The instructions of one table.
    #[inline(always)]
    fn table(&mut self, plan: &Plan, table: usize, columns: &[Column]) {
        let (code, n) = (&plan.tables[table].code, self.rows.n());
        self.arrival_of_rows.clear();
        if code.iter().any(|found| found.op == Op::Since) {
            let (owner, arrival) = (&self.rows.owner, &self.arrival);
            self.arrival_of_rows.extend(owner.iter().map(|at| arrival[*at as usize]));
        }
        self.ends.clear();
        self.ends.push((code.len(), 0));
        let mut at = 0;
        while at < code.len() {
            while self.ends.len() > 1 && at >= self.ends[self.ends.len() - 1].0 {
                self.ends.pop();
            }
            let depth = self.ends.len() - 1;
            let ago = self.ends[depth].1;
            let found = &code[at];
            for column in [found.col, found.known] {
                if column != NONE {
                    self.taken.fetch(column, plan.columns[column].kind, columns, &self.rows);
                }
            }
            at += 1;
            let hand = Hand { taken: &self.taken, columns, n };
            if !found.op.is_test() {
                pack(&self.masks[depth], &mut self.bits);
                let of = Matching {
                    rows: &self.rows,
                    hand,
                    bits: &self.bits,
                    ago: &self.ago[ago][..n],
                    arrival: &self.arrival,
                    pool: &plan.pool,
                };
                let own = found.slot * BLOCK..(found.slot + 1) * BLOCK;
                let into =
                    Into { value: &mut self.values[own.clone()], other: &mut self.other[own] };
                gather(found, &of, into, &mut self.pairs);
                continue;
            }
            let (outer, inner) = self.masks.split_at_mut(depth + 1);
            let times = Times { arrival: &self.arrival_of_rows, ago: &self.ago[ago][..n] };
            let out = &mut inner[0][..n];
            pass(found, &self.rows, hand, times, &outer[depth][..n], out);
            if !any(out) {
                at = found.skip;
                continue;
            }
            if found.op == Op::On {
                self.ago_since(found.col, columns, depth + 1);
            }
            self.ends.push((found.skip, if found.op == Op::On { depth + 1 } else { ago }));
        }
    }

    /// How many days ago the rows were, by the column that places them in time.
    #[inline(always)]
    fn ago_since(&mut self, column: usize, columns: &[Column], depth: usize) {
        let n = self.rows.n();
        let days = Hand { taken: &self.taken, columns, n }.days(column);
        let today = &self.rows.today[..n];
        for ((ago, day), today) in self.ago[depth].iter_mut().zip(days).zip(today) {
            *ago = today.wrapping_sub(*day);
        }
    }
}
