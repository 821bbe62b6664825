//! What rows that passed all tests add to a feature.
#![forbid(unsafe_code)]

use crate::columns::FAR;
use crate::plan::{Instruction, Op, NONE};
use crate::rows::{each, ones, Hand, Rows};

/// Where a feature is gathered: a value for each index row, and another number beside it.
pub struct Into<'a> {
    pub value: &'a mut [f64],
    /// Of a maximum 1 where rows match and 2 where one has the field; of the latest its days ago
    /// and one; of codes their bits; of others 1 where there is a row.
    pub other: &'a mut [i64],
}

/// Rows that are in, with what they are looked at with.
pub struct Matching<'a> {
    pub rows: &'a Rows,
    pub hand: Hand<'a>,
    pub bits: &'a [u64],
    pub ago: &'a [i32],
    pub arrival: &'a [i32],
    pub pool: &'a [f64],
}

/// Gather a feature.
#[inline(always)]
pub fn gather(what: &Instruction, of: &Matching, into: Into, pairs: &mut Vec<(u32, i32, i32)>) {
    let Into { value, other } = into;
    match what.op {
        Op::Count => {
            for (value, ends) in value.iter_mut().zip(of.rows.starts.windows(2)) {
                *value += f64::from(ones(of.bits, ends[0], ends[1]));
            }
        }
        Op::LeastAgo => each(of.bits, |row| {
            let (j, ago) = (of.rows.owner[row] as usize, f64::from(of.ago[row]));
            if other[j] == 0 || ago < value[j] {
                value[j] = ago;
            }
            other[j] = 1;
        }),
        Op::MostAgo => each(of.bits, |row| {
            let (j, ago) = (of.rows.owner[row] as usize, f64::from(of.ago[row]));
            if other[j] == 0 || ago > value[j] {
                value[j] = ago;
            }
            other[j] = 1;
        }),
        Op::Slope => each(of.bits, |row| {
            let bin = i64::from(of.ago[row]) / what.b;
            value[of.rows.owner[row] as usize] += of.pool[(what.a + bin) as usize];
        }),
        Op::Distinct => distinct(what, of, other),
        Op::Covered => covered(what, of, value, pairs),
        Op::LongestGap => longest_gap(of, value, other, pairs),
        Op::SumNumber => numbers(what, of, |j, x| sum(&mut value[j], x)),
        Op::SumCode => codes(what, of, |j, x| sum(&mut value[j], x)),
        Op::MaxNumber => numbers(what, of, |j, x| largest(&mut value[j], &mut other[j], x)),
        Op::MaxCode => codes(what, of, |j, x| largest(&mut value[j], &mut other[j], x)),
        Op::LastNumber => {
            let found = of.hand.numbers(what.col);
            last(what, of, value, other, |row| found[row]);
        }
        Op::LastCode => {
            let found = of.hand.codes(what.col);
            last(what, of, value, other, |row| looked_up(what, of.pool, found[row]));
        }
        _ => {
            let found = of.hand.days(what.col);
            let today = &of.rows.today;
            last(what, of, value, other, |row| {
                if found[row] < FAR {
                    f64::from(found[row] - today[row])
                } else {
                    f64::NAN
                }
            });
        }
    }
}

#[inline(always)]
fn looked_up(what: &Instruction, pool: &[f64], code: i8) -> f64 {
    if code < 0 {
        f64::NAN
    } else {
        pool[what.a as usize + code as usize]
    }
}

/// Whether the field of a row is known on its day.
#[inline(always)]
fn is_known(what: &Instruction, of: &Matching, row: usize) -> bool {
    what.known == NONE || of.hand.days(what.known)[row] <= of.rows.today[row]
}

#[inline(always)]
fn numbers(what: &Instruction, of: &Matching, mut take: impl FnMut(usize, f64)) {
    let found = of.hand.numbers(what.col);
    each(of.bits, |row| {
        let x = if is_known(what, of, row) { found[row] } else { f64::NAN };
        take(of.rows.owner[row] as usize, x);
    });
}

#[inline(always)]
fn codes(what: &Instruction, of: &Matching, mut take: impl FnMut(usize, f64)) {
    let found = of.hand.codes(what.col);
    each(of.bits, |row| {
        let known = is_known(what, of, row);
        let x = if known { looked_up(what, of.pool, found[row]) } else { f64::NAN };
        take(of.rows.owner[row] as usize, x);
    });
}

#[inline(always)]
fn sum(value: &mut f64, x: f64) {
    if !x.is_nan() {
        *value += x;
    }
}

#[inline(always)]
fn largest(value: &mut f64, other: &mut i64, x: f64) {
    if !x.is_nan() && (*other < 2 || x > *value) {
        *value = x;
        *other = 2;
    }
    *other = (*other).max(1);
}

/// Of rows of the latest day that differ the value is not known.
#[inline(always)]
fn last(
    what: &Instruction,
    of: &Matching,
    value: &mut [f64],
    other: &mut [i64],
    found: impl Fn(usize) -> f64,
) {
    each(of.bits, |row| {
        let (j, ago) = (of.rows.owner[row] as usize, i64::from(of.ago[row]));
        if other[j] != 0 && ago > other[j] - 1 {
            return;
        }
        let x = if is_known(what, of, row) { found(row) } else { f64::NAN };
        if other[j] == 0 || ago < other[j] - 1 {
            other[j] = ago + 1;
            value[j] = x;
        } else if x.is_nan() || value[j] != x {
            value[j] = f64::NAN;
        }
    });
}

#[inline(always)]
fn distinct(what: &Instruction, of: &Matching, other: &mut [i64]) {
    let found = of.hand.codes(what.col);
    each(of.bits, |row| {
        if found[row] >= 0 && is_known(what, of, row) {
            other[of.rows.owner[row] as usize] |= 1 << found[row];
        }
    });
}

/// Days in at least one spell: `a` days at most, and with `b` not before the arrival.
#[inline(always)]
fn covered(what: &Instruction, of: &Matching, value: &mut [f64], spells: &mut Vec<(u32, i32, i32)>) {
    let ends = of.hand.days(what.col);
    spells.clear();
    each(of.bits, |row| {
        let (owner, today) = (of.rows.owner[row], of.rows.today[row]);
        let mut begin = of.ago[row].min(what.a as i32);
        if what.b != 0 {
            begin = begin.min(of.arrival[owner as usize]);
        }
        let end = if ends[row] <= today { today - ends[row] } else { 0 };
        if begin > end {
            spells.push((owner, end, begin));
        }
    });
    spells.sort_unstable();
    let (mut of_one, mut reached) = (u32::MAX, 0);
    for &(owner, end, begin) in spells.iter() {
        if owner != of_one {
            of_one = owner;
            reached = 0;
        }
        if begin > reached {
            value[owner as usize] += f64::from(begin - end.max(reached));
            reached = begin;
        }
    }
}

#[inline(always)]
fn longest_gap(
    of: &Matching,
    value: &mut [f64],
    other: &mut [i64],
    days: &mut Vec<(u32, i32, i32)>,
) {
    days.clear();
    each(of.bits, |row| days.push((of.rows.owner[row], of.ago[row], 0)));
    days.sort_unstable();
    for &(owner, ..) in days.iter() {
        other[owner as usize] = 1;
    }
    for two in days.windows(2) {
        if two[0].0 == two[1].0 {
            let (j, gap) = (two[0].0 as usize, f64::from(two[1].1 - two[0].1));
            value[j] = value[j].max(gap);
        }
    }
}
