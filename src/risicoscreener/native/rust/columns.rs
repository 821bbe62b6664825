//! Columns of tables as they lie in memory, and some of their rows as plain numbers.
#![forbid(unsafe_code)]

use std::ops::Range;

/// Stands for a day that never comes: an open end, an absent date.
pub const FAR: i32 = 1 << 30;

/// Bits packed eight to a byte, of which the first that counts is bit `first`.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    pub bytes: &'a [u8],
    pub first: usize,
}

impl<'a> Bits<'a> {
    /// Eight bits from `at` on; what lies beyond the end is 0.
    #[inline(always)]
    fn eight(&self, at: usize) -> u8 {
        let place = self.first + at;
        let low = self.bytes[place >> 3] as u16;
        let high = *self.bytes.get((place >> 3) + 1).unwrap_or(&0) as u16;
        ((low | high << 8) >> (place & 7)) as u8
    }

    fn holds(&self, n: usize) -> bool {
        self.first + n <= self.bytes.len() * 8
    }
}

/// The values of a column, by how they are stored.
#[derive(Clone, Copy)]
pub enum Values<'a> {
    /// There is no such column: nothing is withdrawn, nothing was replaced.
    Absent,
    /// Days since 1970-01-01, `FAR` where there is none.
    Days(&'a [i32]),
    /// Positions in a vocabulary, -1 where there is none.
    Codes(&'a [i8]),
    /// Codes 0 and 1 as bits.
    Flags(Bits<'a>),
    /// Numbers without a fraction.
    Whole(&'a [i32]),
    /// Numbers, NaN where there is none.
    Numbers(&'a [f64]),
    /// Texts, of which only matters that they are there: code 0.
    Texts(usize),
}

/// How the rows of a column are taken: as days, codes or numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Day,
    Code,
    Number,
}

/// A column, with the bits that say which of its values are there; all are without such bits.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    pub values: Values<'a>,
    pub valid: Option<Bits<'a>>,
}

impl<'a> Column<'a> {
    pub fn is_absent(&self) -> bool {
        matches!(self.values, Values::Absent)
    }

    /// Whether its values can be read where they are.
    #[inline(always)]
    pub fn is_plain(&self) -> bool {
        let as_they_are =
            matches!(self.values, Values::Days(_) | Values::Codes(_) | Values::Numbers(_));
        as_they_are && self.valid.is_none()
    }

    /// Whether it has `n` rows and can be taken as this kind.
    pub fn fits(&self, kind: Kind, n: usize) -> bool {
        let (held, own) = match self.values {
            Values::Absent => return true,
            Values::Days(values) => (values.len() >= n, Kind::Day),
            Values::Codes(values) => (values.len() >= n, Kind::Code),
            Values::Flags(bits) => (bits.holds(n), Kind::Code),
            Values::Whole(values) => (values.len() >= n, Kind::Number),
            Values::Numbers(values) => (values.len() >= n, Kind::Number),
            Values::Texts(len) => (len >= n, Kind::Code),
        };
        held && own == kind && self.valid.map_or(true, |bits| bits.holds(n))
    }

    /// Days of some rows; `FAR` where there is none. `out` has a place for each.
    #[inline(always)]
    pub fn days(&self, rows: Range<usize>, out: &mut [i32]) {
        match self.values {
            Values::Days(values) => out.copy_from_slice(&values[rows.clone()]),
            _ => out.fill(FAR),
        }
        self.hide(rows, out, FAR);
    }

    /// Codes of some rows; -1 where there is none.
    #[inline(always)]
    pub fn codes(&self, rows: Range<usize>, out: &mut [i8]) {
        match self.values {
            Values::Codes(values) => out.copy_from_slice(&values[rows.clone()]),
            Values::Flags(bits) => {
                for (chunk, at) in out.chunks_mut(8).zip(rows.clone().step_by(8)) {
                    let eight = bits.eight(at);
                    for (place, code) in chunk.iter_mut().enumerate() {
                        *code = (eight >> place & 1) as i8;
                    }
                }
            }
            Values::Texts(_) => out.fill(0),
            _ => out.fill(-1),
        }
        self.hide(rows, out, -1);
    }

    /// Numbers of some rows; NaN where there is none.
    #[inline(always)]
    pub fn numbers(&self, rows: Range<usize>, out: &mut [f64]) {
        match self.values {
            Values::Numbers(values) => out.copy_from_slice(&values[rows.clone()]),
            Values::Whole(values) => {
                for (number, whole) in out.iter_mut().zip(&values[rows.clone()]) {
                    *number = f64::from(*whole);
                }
            }
            _ => out.fill(f64::NAN),
        }
        self.hide(rows, out, f64::NAN);
    }

    /// Put `absent` where the bits say that a value is not there.
    #[inline(always)]
    fn hide<T: Copy>(&self, rows: Range<usize>, out: &mut [T], absent: T) {
        let bits = match self.valid {
            Some(bits) => bits,
            None => return,
        };
        let mut chunks = out.chunks_exact_mut(8);
        let mut at = rows.start;
        for chunk in &mut chunks {
            let eight = bits.eight(at);
            for (place, value) in chunk.iter_mut().enumerate() {
                *value = if eight & 1 << place == 0 { absent } else { *value };
            }
            at += 8;
        }
        for (place, value) in chunks.into_remainder().iter_mut().enumerate() {
            if bits.eight(at) & 1 << place == 0 {
                *value = absent;
            }
        }
    }
}
