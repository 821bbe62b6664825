//! The tests of a plan: which rows of a mask pass one.
#![forbid(unsafe_code)]

use crate::columns::FAR;
use crate::plan::{Instruction, Op, NONE};
use crate::rows::{fill, keep, keep_both, narrow, Hand, Rows};

/// What the tests of time look at.
pub struct Times<'a> {
    /// Days since the arrival of the current detention, for each row; -1 where there is none.
    pub arrival: &'a [i32],
    /// How many days ago each row was.
    pub ago: &'a [i32],
}

/// The rows of `inside` that pass a test.
#[inline(always)]
pub fn pass(
    test: &Instruction,
    rows: &Rows,
    hand: Hand,
    times: Times,
    inside: &[u8],
    out: &mut [u8],
) {
    let n = inside.len();
    let today = &rows.today[..n];
    match test.op {
        Op::In => is_in(&test.codes, hand.codes(test.col), inside, out),
        Op::Range => {
            let (low, high) = (test.low, test.high);
            keep(out, inside, hand.numbers(test.col), |x| (x >= low) & (x <= high));
        }
        Op::Days => {
            let (low, high) = (test.low, test.high);
            keep(out, inside, hand.days(test.col), |day| {
                (day < FAR) & (f64::from(day) >= low) & (f64::from(day) <= high)
            });
        }
        Op::HasDay => fill(out, hand.days(test.col), |day| day < FAR),
        Op::HasCode => fill(out, hand.codes(test.col), |code| code >= 0),
        Op::HasNumber => fill(out, hand.numbers(test.col), |x| !x.is_nan()),
        Op::Open => keep_both(out, inside, hand.days(test.col), today, |end, now| end > now),
        Op::On => keep_both(out, inside, hand.days(test.col), today, |day, now| day <= now),
        Op::Within => {
            let (from, until) = (test.a as i32, test.b as i32);
            keep(out, inside, times.ago, |ago| (ago >= from) & (ago < until));
        }
        _ => keep_both(out, inside, times.ago, times.arrival, |ago, arrival| ago <= arrival),
    }
    if test.known != NONE {
        narrow(out, hand.days(test.known), today, |since, now| since <= now);
    }
    if matches!(test.op, Op::HasDay | Op::HasCode | Op::HasNumber) {
        let turned = (test.a & 1) as u8;
        for (out, inside) in out.iter_mut().zip(inside) {
            *out = inside & (*out ^ turned);
        }
    }
}

#[inline(always)]
fn is_in(ranges: &[(u8, u8)], codes: &[i8], inside: &[u8], out: &mut [u8]) {
    out.fill(0);
    for &(first, more) in ranges {
        for ((out, inside), code) in out.iter_mut().zip(inside).zip(codes) {
            *out |= inside & ((*code as u8).wrapping_sub(first) <= more) as u8;
        }
    }
}
