//! The rows of one table that belong to a few index rows, one after the other, and masks of them.
#![forbid(unsafe_code)]

use std::ops::Range;

use crate::columns::{Column, Kind, Values};

/// Rows of a table for a few index rows.
#[derive(Default)]
pub struct Rows {
    /// Where they stand in the table.
    spans: Vec<Range<usize>>,
    /// Where those of each index row begin here; one more for the end.
    pub starts: Vec<usize>,
    /// Index row of each.
    pub owner: Vec<u32>,
    /// The day of its index row, for each.
    pub today: Vec<i32>,
}

impl Rows {
    #[inline(always)]
    pub fn n(&self) -> usize {
        self.owner.len()
    }

    /// The rows of a table: those of person `p` stand from `offsets[p]` to `offsets[p + 1]`.
    #[inline(always)]
    pub fn find(&mut self, persons: &[i64], days: &[i32], offsets: &[i64]) {
        self.find_by(persons, days, |p| offsets[p] as usize..offsets[p + 1] as usize);
    }

    /// The rows of the persons themselves.
    #[inline(always)]
    pub fn find_persons(&mut self, persons: &[i64], days: &[i32]) {
        self.find_by(persons, days, |p| p..p + 1);
    }

    #[inline(always)]
    fn find_by(&mut self, persons: &[i64], days: &[i32], of: impl Fn(usize) -> Range<usize>) {
        self.spans.clear();
        self.starts.clear();
        let mut n = 0;
        for person in persons {
            let rows = of(*person as usize);
            self.starts.push(n);
            n += rows.len();
            match self.spans.last_mut() {
                Some(last) if last.end == rows.start => last.end = rows.end,
                _ => self.spans.push(rows),
            }
        }
        self.starts.push(n);
        self.owner.resize(n, 0);
        self.today.resize(n, 0);
        let same = days.first().copied().filter(|first| days.iter().all(|day| day == first));
        if let Some(day) = same {
            self.today.fill(day);
        }
        for (at, ends) in self.starts.windows(2).enumerate() {
            for owner in &mut self.owner[ends[0]..ends[1]] {
                *owner = at as u32;
            }
            if same.is_none() {
                self.today[ends[0]..ends[1]].fill(days[at]);
            }
        }
    }

    /// Where all rows begin, if they stand next to each other in the table.
    #[inline(always)]
    fn begin(&self) -> Option<usize> {
        match self.spans.as_slice() {
            [only] => Some(only.start),
            _ => None,
        }
    }

    /// Take the rows of a column, span by span.
    #[inline(always)]
    fn take<T: Copy>(&self, out: &mut Vec<T>, zero: T, part: impl Fn(Range<usize>, &mut [T])) {
        if out.len() < self.n() {
            out.resize(self.n() * 2, zero);
        }
        let mut at = 0;
        for span in &self.spans {
            part(span.clone(), &mut out[at..at + span.len()]);
            at += span.len();
        }
    }
}

/// Columns at the rows at hand, each taken when first read.
#[derive(Default)]
pub struct Taken {
    days: Vec<Vec<i32>>,
    codes: Vec<Vec<i8>>,
    numbers: Vec<Vec<f64>>,
    /// For which rows each column was taken last.
    of: Vec<u64>,
    /// Where it can be read in the table as it is.
    direct: Vec<Option<usize>>,
    now: u64,
}

impl Taken {
    pub fn for_columns(n: usize) -> Taken {
        Taken {
            days: vec![Vec::new(); n],
            codes: vec![Vec::new(); n],
            numbers: vec![Vec::new(); n],
            of: vec![0; n],
            direct: vec![None; n],
            now: 0,
        }
    }

    /// Other rows are at hand from now on.
    #[inline(always)]
    pub fn forget(&mut self) {
        self.now += 1;
    }

    /// Have a column at hand.
    #[inline(always)]
    pub fn fetch(&mut self, at: usize, kind: Kind, columns: &[Column], rows: &Rows) {
        if self.of[at] == self.now {
            return;
        }
        self.of[at] = self.now;
        let column = &columns[at];
        self.direct[at] = rows.begin().filter(|_| column.is_plain());
        if self.direct[at].is_some() {
            return;
        }
        match kind {
            Kind::Day => rows.take(&mut self.days[at], 0, |span, out| column.days(span, out)),
            Kind::Code => rows.take(&mut self.codes[at], 0, |span, out| column.codes(span, out)),
            Kind::Number => {
                rows.take(&mut self.numbers[at], 0.0, |span, out| column.numbers(span, out))
            }
        }
    }
}

/// The columns at hand at `n` rows.
#[derive(Clone, Copy)]
pub struct Hand<'a> {
    pub taken: &'a Taken,
    pub columns: &'a [Column<'a>],
    pub n: usize,
}

impl<'a> Hand<'a> {
    #[inline(always)]
    pub fn days(&self, at: usize) -> &'a [i32] {
        match (self.taken.direct[at], self.columns[at].values) {
            (Some(begin), Values::Days(values)) => &values[begin..begin + self.n],
            _ => &self.taken.days[at][..self.n],
        }
    }

    #[inline(always)]
    pub fn codes(&self, at: usize) -> &'a [i8] {
        match (self.taken.direct[at], self.columns[at].values) {
            (Some(begin), Values::Codes(values)) => &values[begin..begin + self.n],
            _ => &self.taken.codes[at][..self.n],
        }
    }

    #[inline(always)]
    pub fn numbers(&self, at: usize) -> &'a [f64] {
        match (self.taken.direct[at], self.columns[at].values) {
            (Some(begin), Values::Numbers(values)) => &values[begin..begin + self.n],
            _ => &self.taken.numbers[at][..self.n],
        }
    }
}

/// A mask has 1 for each row that is in and 0 for each that is not, and ends in zeros.
pub const WORD: usize = 64;

/// The length of a mask of `n` rows.
#[inline(always)]
pub fn padded(n: usize) -> usize {
    (n + WORD - 1) / WORD * WORD
}

/// The rows of `inside` of which `value` is as asked.
#[inline(always)]
pub fn keep<T: Copy>(out: &mut [u8], inside: &[u8], values: &[T], asked: impl Fn(T) -> bool) {
    for ((out, inside), value) in out.iter_mut().zip(inside).zip(values) {
        *out = inside & asked(*value) as u8;
    }
}

/// All rows of which the value is as asked.
#[inline(always)]
pub fn fill<T: Copy>(out: &mut [u8], values: &[T], asked: impl Fn(T) -> bool) {
    for (out, value) in out.iter_mut().zip(values) {
        *out = asked(*value) as u8;
    }
}

/// `fill` of two values.
#[inline(always)]
pub fn fill_both<T: Copy, U: Copy>(
    out: &mut [u8],
    values: &[T],
    others: &[U],
    asked: impl Fn(T, U) -> bool,
) {
    for ((out, value), other) in out.iter_mut().zip(values).zip(others) {
        *out = asked(*value, *other) as u8;
    }
}

/// `keep` of two values.
#[inline(always)]
pub fn keep_both<T: Copy, U: Copy>(
    out: &mut [u8],
    inside: &[u8],
    values: &[T],
    others: &[U],
    asked: impl Fn(T, U) -> bool,
) {
    for (((out, inside), value), other) in out.iter_mut().zip(inside).zip(values).zip(others) {
        *out = inside & asked(*value, *other) as u8;
    }
}

/// Of the rows of `out` those of which the value is as asked.
#[inline(always)]
pub fn narrow<T: Copy, U: Copy>(
    out: &mut [u8],
    values: &[T],
    others: &[U],
    asked: impl Fn(T, U) -> bool,
) {
    for ((out, value), other) in out.iter_mut().zip(values).zip(others) {
        *out &= asked(*value, *other) as u8;
    }
}

/// Whether any row is in.
#[inline(always)]
pub fn any(mask: &[u8]) -> bool {
    mask.chunks(WORD).any(|chunk| chunk.iter().fold(0, |all, one| all | one) != 0)
}

/// A mask as bits; one word more, of zeros, at the end.
#[inline(always)]
pub fn pack(mask: &[u8], bits: &mut Vec<u64>) {
    bits.clear();
    for chunk in mask.chunks_exact(WORD) {
        let mut word = 0u64;
        for (place, eight) in chunk.chunks_exact(8).enumerate() {
            let mut bytes = [0u8; 8];
            bytes.copy_from_slice(eight);
            let packed = u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            word |= packed << (8 * place);
        }
        bits.push(word);
    }
    bits.push(0);
}

/// How many bits are set from one place to another.
#[inline(always)]
pub fn ones(bits: &[u64], mut from: usize, to: usize) -> u32 {
    let mut total = 0;
    while from < to {
        let (n, shift) = ((to - from).min(WORD), from % WORD);
        let mut word = bits[from / WORD] >> shift;
        if shift != 0 {
            word |= bits[from / WORD + 1] << (WORD - shift);
        }
        if n < WORD {
            word &= (1 << n) - 1;
        }
        total += word.count_ones();
        from += n;
    }
    total
}

/// Visit the rows that are in, in their order.
#[inline(always)]
pub fn each(bits: &[u64], mut visit: impl FnMut(usize)) {
    for (at, word) in bits.iter().enumerate() {
        let mut left = *word;
        while left != 0 {
            visit(at * WORD + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}
