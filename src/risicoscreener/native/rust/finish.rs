//! From what was gathered to the value of a feature, and features that are made of others.
#![forbid(unsafe_code)]

use crate::executor::BLOCK;
use crate::plan::{Finish, Make, NONE};
use crate::rows::Hand;

const DAYS_PER_YEAR: f64 = 365.25;

/// What is known of the index rows beside what was gathered.
pub struct People<'a> {
    /// The day of each.
    pub days: &'a [i32],
    /// The day on which each was born.
    pub born: &'a [i32],
    pub hand: Hand<'a>,
    /// Days since the arrival of the current detention; -1 where there is none.
    pub arrival: &'a [i32],
    /// Tables that were filled or asked for, as bits.
    pub asked: &'a [u64],
}

/// The value of the feature in `slot`, in place; its inputs stand before it.
#[inline(always)]
pub fn finish(how: &Finish, slot: usize, values: &mut [f64], other: &[i64], of: &People) {
    let n = of.days.len();
    let (before, own) = values.split_at_mut(slot * BLOCK);
    let (value, other) = (&mut own[..n], &other[slot * BLOCK..slot * BLOCK + n]);
    let input = |at: usize| &before[how.inputs[at].0 * BLOCK..][..n];
    let none = how.none;
    match how.make {
        Make::Count => {}
        Make::Any => value.iter_mut().for_each(|v| *v = f64::from(u8::from(*v > 0.0))),
        Make::Max => each(value, other, |v, found| match found {
            2 => v,
            0 => none,
            _ => f64::NAN,
        }),
        Make::Ago | Make::Last | Make::LongestGap => {
            each(value, other, |v, found| if found != 0 { v } else { none })
        }
        Make::Distinct => each(value, other, |_, found| f64::from(found.count_ones())),
        Make::AgeAt => {
            for (((v, found), day), born) in value.iter_mut().zip(other).zip(of.days).zip(of.born) {
                let age = (f64::from(*day - *born) - *v) / DAYS_PER_YEAR;
                *v = if *found != 0 { age } else { none };
            }
        }
        Make::Age => {
            for ((v, day), born) in value.iter_mut().zip(of.days).zip(of.born) {
                *v = f64::from(*day - *born) / DAYS_PER_YEAR;
            }
        }
        Make::Unknown => value.fill(f64::NAN),
        Make::Person => {
            for (v, code) in value.iter_mut().zip(of.hand.codes(how.col)) {
                let place = usize::try_from(*code).unwrap_or(NONE);
                *v = how.values.get(place).copied().unwrap_or(f64::NAN);
            }
        }
        Make::Ratio => ratio(value, input(0), input(1), how.inputs[0].1[0], none),
        Make::Linear => {
            value.fill(none);
            for at in 0..how.inputs.len() {
                let weight = how.inputs[at].1[0];
                for (v, x) in value.iter_mut().zip(input(at)) {
                    *v += weight * *x;
                }
            }
        }
        Make::Cases => {
            value.fill(none);
            for at in (0..how.inputs.len()).rev() {
                let [low, high, found] = how.inputs[at].1;
                for (v, x) in value.iter_mut().zip(input(at)) {
                    *v = if (*x >= low) & (*x <= high) { found } else { *v };
                }
            }
            for slot in &how.needed {
                for (v, x) in value.iter_mut().zip(&before[slot * BLOCK..][..n]) {
                    *v = if x.is_nan() { f64::NAN } else { *v };
                }
            }
        }
    }
    bounded(how, value, of);
}

#[inline(always)]
fn each(value: &mut [f64], other: &[i64], made: impl Fn(f64, i64) -> f64) {
    for (v, found) in value.iter_mut().zip(other) {
        *v = made(*v, *found);
    }
}

#[inline(always)]
fn ratio(value: &mut [f64], tops: &[f64], bottoms: &[f64], scale: f64, none: f64) {
    for ((v, top), bottom) in value.iter_mut().zip(tops).zip(bottoms) {
        let share = if *bottom > 0.0 { top / bottom * scale } else { none };
        *v = if top.is_nan() || bottom.is_nan() { f64::NAN } else { share };
    }
}

/// Unknown where nobody looked or nobody is detained, and no more than the cap.
#[inline(always)]
fn bounded(how: &Finish, value: &mut [f64], of: &People) {
    if how.table != NONE {
        for (v, asked) in value.iter_mut().zip(of.asked) {
            *v = if asked >> how.table & 1 != 0 { *v } else { f64::NAN };
        }
    }
    if how.since {
        for (v, arrival) in value.iter_mut().zip(of.arrival) {
            *v = if *arrival >= 0 { *v } else { f64::NAN };
        }
    }
    if how.cap < f64::INFINITY {
        value.iter_mut().for_each(|v| *v = if *v > how.cap { how.cap } else { *v });
    }
}
