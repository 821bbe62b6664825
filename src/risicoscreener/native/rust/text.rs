//! JSON bytes, read by what a dossier can hold: keys and codes of a list, days, plain numbers.
#![forbid(unsafe_code)]

use crate::reader::Span;
use crate::schema::Names;

pub struct Text<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/// Digits that a whole number may have so that a double holds it, and divides it exactly.
const DIGITS: usize = 15;
const LENGTHS: [u8; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl<'a> Text<'a> {
    #[inline]
    pub fn peek(&self) -> u8 {
        *self.bytes.get(self.at).unwrap_or(&0)
    }
    #[inline]
    pub fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }
    /// Whether a character comes next, after any space; it is passed if so.
    #[inline]
    pub fn token(&mut self, c: u8) -> bool {
        if self.peek() != c {
            self.space();
        }
        let found = self.peek() == c && self.at < self.bytes.len();
        self.at += found as usize;
        found
    }
    #[inline]
    pub fn word(&mut self, word: &[u8]) -> bool {
        let found = self.bytes.get(self.at..self.at + word.len()) == Some(word);
        if found {
            self.at += word.len();
        }
        found
    }
    /// A text without escapes and without bytes beyond ASCII.
    #[inline]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        if !self.token(b'"') {
            return None;
        }
        let rest = self.bytes.get(self.at..)?;
        let n = rest.iter().position(|&c| c == b'"' || c == b'\\' || !(0x20..0x80).contains(&c))?;
        if rest[n] != b'"' {
            return None;
        }
        self.at += n + 1;
        Some(&rest[..n])
    }
    /// A text that the pattern of identifiers matches, and where it stands.
    pub fn identifier(&mut self) -> Option<Span> {
        let found = self.string()?;
        let plain = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b':' | b'-');
        if !(1..=64).contains(&found.len()) || !found.iter().all(plain) {
            return None;
        }
        let end = self.at - 1;
        Some(Span { start: u32::try_from(end - found.len()).ok()?, end: u32::try_from(end).ok()? })
    }
    /// Which of some names a key is, and its colon; `guess` is the one that mostly comes here.
    #[inline]
    pub fn key(&mut self, names: &Names, guess: usize) -> Option<usize> {
        self.space();
        if let Some(word) = names.words.get(guess) {
            let rest = self.bytes.get(self.at..)?;
            let n = word.len();
            if rest.len() > n + 2
                && rest[0] == b'"'
                && rest[n + 1] == b'"'
                && rest[1..=n] == word[..]
            {
                self.at += n + 2;
                return if self.token(b':') { Some(guess) } else { None };
            }
        }
        let found = names.find(self.string()?)?;
        if self.token(b':') {
            Some(found)
        } else {
            None
        }
    }
    pub fn flag(&mut self) -> Option<bool> {
        if self.word(b"true") {
            return Some(true);
        }
        if self.word(b"false") {
            return Some(false);
        }
        None
    }
    /// YYYY-MM-DD in quotes, as days since 1970-01-01.
    pub fn day(&mut self) -> Option<i32> {
        let s: &[u8; 12] = self.bytes.get(self.at..self.at + 12)?.try_into().ok()?;
        if s[0] != b'"' || s[5] != b'-' || s[8] != b'-' || s[11] != b'"' {
            return None;
        }
        let two = |i: usize| {
            let (a, b) = (s[i].wrapping_sub(b'0'), s[i + 1].wrapping_sub(b'0'));
            if a < 10 && b < 10 {
                Some(a as i32 * 10 + b as i32)
            } else {
                None
            }
        };
        let (mut y, m, d) = (two(1)? * 100 + two(3)?, two(6)?, two(9)?);
        let leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        let longest = *LENGTHS.get(m as usize)? as i32 + (m == 2 && leap) as i32;
        if y < 1 || m < 1 || d < 1 || d > longest {
            return None;
        }
        self.at += 12;
        // Days from the civil date: years that begin in March, in eras of 400.
        y -= (m <= 2) as i32;
        let (era, of_era) = (y / 400, y % 400);
        let of_year = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
        Some(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468)
    }
    /// A number without a sign; if it is `whole` without a point and an exponent, and of no more
    /// digits than a double holds.
    pub fn number(&mut self, whole: bool) -> Option<f64> {
        let start = self.at;
        let (mut value, mut digits, mut after, mut point) = (0i64, 0usize, 0usize, false);
        loop {
            match self.peek() {
                c @ b'0'..=b'9' => {
                    if digits == 1 && !point && value == 0 {
                        return None; // it begins with a 0
                    }
                    if digits < DIGITS {
                        value = value * 10 + (c - b'0') as i64;
                    }
                    digits += 1;
                    after += point as usize;
                }
                b'.' if !point && digits > 0 => point = true,
                b'.' => return None,
                _ => break,
            }
            self.at += 1;
        }
        if digits == 0 || (point && (after == 0 || whole)) {
            return None;
        }
        let exponent = matches!(self.peek(), b'e' | b'E');
        if digits <= DIGITS && !exponent {
            return Some(value as f64 / TENS[after]);
        }
        if !point || exponent {
            return None;
        }
        // More digits than can be divided exactly: the standard library rounds as everybody does.
        let text = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
        text.parse().ok()
    }
}
