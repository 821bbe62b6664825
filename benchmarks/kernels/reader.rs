//! The reading of `reader.h` in Rust without `unsafe` beyond its border: to measure what it costs
//! that every access is checked. Agreements between fields and overlapping stays are left out.
use std::os::raw::{c_char, c_int};

const FAR: i32 = 1 << 30;
const LATEST: i32 = 84005;
const EARLIEST: i32 = -25567;

#[derive(Clone, Copy, PartialEq)]
enum Kind { Day, Code, Flag, Integer, Number, Text }

struct Field {
    name: Vec<u8>, kind: Kind, required: bool, nullable: bool, is_link: bool, fallback: i8,
    low: f64, high: f64, codes: Names, days: Vec<i32>, small: Vec<i8>, numbers: Vec<f64>,
}

/// Names of fields, or codes, behind a hash without collisions.
struct Names { factors: [u64; 4], slot: [i8; 128], words: Vec<Vec<u8>> }

struct Rows {
    fields: Vec<Field>, names: Names, starts: usize, recorded: usize,
    order: Vec<(usize, usize)>, dated: Vec<(usize, usize)>, n: usize,
}

pub struct Schema { top: Names, person: Rows, tables: Vec<Rows> }

struct Text<'a> { bytes: &'a [u8], at: usize }

impl Names {
    fn new(words: Vec<Vec<u8>>) -> Names {
        let mut seed = 12345u64;
        loop {
            let factors = [0; 4].map(|_: u64| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                seed >> 48 | 1
            });
            let mut made = Names { factors, slot: [-1; 128], words: words.clone() };
            let free = words.iter().enumerate().all(|(k, word)| {
                let place = made.place(word);
                let free = made.slot[place] < 0;
                made.slot[place] = k as i8;
                free
            });
            if free { return made; }
        }
    }
    fn place(&self, s: &[u8]) -> usize {
        let parts = [s[0] as u64, s[s.len() - 1] as u64, s[s.len() / 2] as u64, s.len() as u64];
        let sum: u64 = parts.iter().zip(self.factors).map(|(a, b)| a * b).sum();
        (sum >> 3 & 127) as usize
    }
    fn find(&self, s: &[u8]) -> Option<usize> {
        if s.is_empty() { return None; }
        let k = usize::try_from(self.slot[self.place(s)]).ok()?;
        (self.words[k] == s).then_some(k)
    }
}

impl<'a> Text<'a> {
    fn peek(&self) -> u8 { *self.bytes.get(self.at).unwrap_or(&0) }
    fn space(&mut self) { while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') { self.at += 1; } }
    fn token(&mut self, c: u8) -> bool {
        if self.peek() != c { self.space(); }
        let found = self.peek() == c;
        self.at += found as usize;
        found
    }
    fn word(&mut self, w: &[u8]) -> bool {
        let found = self.bytes.get(self.at..self.at + w.len()) == Some(w);
        if found { self.at += w.len(); }
        found
    }
    fn string(&mut self) -> Option<&'a [u8]> {
        if !self.token(b'"') { return None; }
        let rest = self.bytes.get(self.at..)?;
        let n = rest.iter().position(|&c| c == b'"' || c == b'\\' || c < 0x20 || c >= 0x80)?;
        if rest[n] != b'"' { return None; }
        self.at += n + 1;
        Some(&rest[..n])
    }
    fn key(&mut self, names: &Names, guess: usize) -> Option<usize> {
        self.space();
        if let Some(word) = names.words.get(guess) {
            let rest = self.bytes.get(self.at..)?;
            let n = word.len();
            if rest.len() > n + 2 && rest[0] == b'"' && rest[n + 1] == b'"' && rest[1..=n] == word[..] {
                self.at += n + 2;
                return self.token(b':').then_some(guess);
            }
        }
        let found = names.find(self.string()?)?;
        self.token(b':').then_some(found)
    }
    fn day(&mut self) -> Option<i32> {
        let s: &[u8; 12] = self.bytes.get(self.at..self.at + 12)?.try_into().ok()?;
        if s[0] != b'"' || s[5] != b'-' || s[8] != b'-' || s[11] != b'"' { return None; }
        let two = |i: usize| {
            let (a, b) = (s[i].wrapping_sub(b'0'), s[i + 1].wrapping_sub(b'0'));
            (a < 10 && b < 10).then_some(a as i32 * 10 + b as i32)
        };
        let (mut y, m, d) = (two(1)? * 100 + two(3)?, two(6)?, two(9)?);
        let leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        let length = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let longest = *length.get(m as usize)? + (m == 2 && leap) as i32;
        if y < 1 || m < 1 || d < 1 || d > longest { return None; }
        self.at += 12;
        y -= (m <= 2) as i32;
        let (era, yoe) = (y / 400, y % 400);
        let doy = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
        Some(era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468)
    }
    fn number(&mut self, whole: bool) -> Option<f64> {
        let (mut value, mut digits, mut after, mut point) = (0i64, 0, 0, false);
        let first = self.peek();
        if !first.is_ascii_digit() { return None; }
        loop {
            match self.peek() {
                c @ b'0'..=b'9' => {
                    if digits > 14 || (digits == 1 && !point && first == b'0') { return None; }
                    value = value * 10 + (c - b'0') as i64;
                    digits += 1;
                    after += point as i32;
                }
                b'.' if !point && !whole => point = true,
                b'e' | b'E' | b'.' | 0 => return None,
                _ => break,
            }
            self.at += 1;
        }
        (!point || after > 0).then(|| value as f64 / 10f64.powi(after))
    }
}

fn identifier(s: &[u8]) -> bool {
    let plain = |&c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b':' | b'-');
    (1..=64).contains(&s.len()) && s.iter().all(plain)
}

impl Field {
    fn absent(&mut self, row: usize) {
        match self.kind {
            Kind::Day => set(&mut self.days, row, FAR),
            Kind::Integer | Kind::Number => set(&mut self.numbers, row, f64::NAN),
            _ => set(&mut self.small, row, self.fallback),
        }
    }
    fn read(&mut self, t: &mut Text, row: usize) -> Option<()> {
        t.space();
        if t.peek() == b'n' { return (self.nullable && t.word(b"null")).then_some(()); }
        match self.kind {
            Kind::Day => set(&mut self.days, row, t.day()?),
            Kind::Code => set(&mut self.small, row, self.codes.find(t.string()?)? as i8),
            Kind::Flag => {
                let yes = t.word(b"true");
                if (yes && self.is_link) || (!yes && !t.word(b"false")) { return None; }
                set(&mut self.small, row, yes as i8)
            }
            Kind::Text => {
                if self.is_link || !identifier(t.string()?) { return None; }
                set(&mut self.small, row, 0)
            }
            _ => {
                let x = t.number(self.kind == Kind::Integer)?;
                if x < self.low || x > self.high { return None; }
                set(&mut self.numbers, row, x)
            }
        }
        Some(())
    }
    fn has(&self, row: usize) -> bool {
        match self.kind {
            Kind::Day => self.days[row] < FAR,
            Kind::Integer | Kind::Number => !self.numbers[row].is_nan(),
            _ => self.small[row] >= 0,
        }
    }
    fn same(&self, a: usize, b: usize) -> bool {
        match self.kind {
            Kind::Day => self.days[a] == self.days[b],
            Kind::Integer | Kind::Number => {
                let (x, y) = (self.numbers[a], self.numbers[b]);
                x == y || (x.is_nan() && y.is_nan())
            }
            _ => self.small[a] == self.small[b],
        }
    }
}

fn set<T: Copy>(column: &mut Vec<T>, row: usize, value: T) {
    match column.get_mut(row) { Some(place) => *place = value, None => column.push(value) }
}

impl Rows {
    fn object(&mut self, t: &mut Text, row: usize, like: &mut [u8; 33]) -> Option<()> {
        let (mut given, mut last) = (0u64, 32usize);
        if !t.token(b'{') { return None; }
        for field in &mut self.fields { field.absent(row); }
        loop {
            let k = t.key(&self.names, like[last] as usize)?;
            if given >> k & 1 == 1 { return None; }
            given |= 1 << k;
            like[last] = k as u8;
            last = k;
            self.fields[k].read(t, row)?;
            if !t.token(b',') { break; }
        }
        let whole = self.fields.iter().enumerate().all(|(k, f)| !f.required || given >> k & 1 == 1);
        (whole && t.token(b'}')).then_some(())
    }
    fn list(&mut self, t: &mut Text) -> Option<()> {
        if !t.token(b'[') { return None; }
        if t.token(b']') { return Some(()); }
        let mut like = [0u8; 33];
        loop {
            self.object(t, self.n, &mut like)?;
            self.n += 1;
            if !t.token(b',') { break; }
        }
        t.token(b']').then_some(())
    }
    fn sound(&self, born: i32, last: i32) -> bool {
        let n = self.n;
        let within = |&d: &i32| d >= born && (d <= LATEST || d == FAR);
        let days = |k: usize| &self.fields[k].days[..n];
        if n == 0 { return true; }
        let (starts, recorded) = (days(self.starts), days(self.recorded));
        self.fields.iter().all(|f| f.kind != Kind::Day || f.days[..n].iter().all(within))
            && recorded.iter().all(|&d| d <= last)
            && self.order.iter().all(|&(a, b)| {
                days(a).iter().zip(days(b)).all(|(x, y)| x <= y || *x == FAR)
            })
            && self.dated.iter().all(|&(f, d)| {
                days(d).iter().enumerate().all(|(r, x)| *x < FAR || !self.fields[f].has(r))
            })
            && (1..n).all(|a| {
                (0..a).all(|b| {
                    recorded[a] != recorded[b] || starts[a] != starts[b]
                        || !self.fields.iter().all(|f| f.same(a, b))
                })
            })
    }
}

fn read(schema: &mut Schema, bytes: &[u8], last: i32) -> Option<()> {
    let mut t = Text { bytes, at: 0 };
    let (mut given, mut guess) = (0u64, 0);
    for rows in &mut schema.tables { rows.n = 0; }
    if !t.token(b'{') { return None; }
    loop {
        let k = t.key(&schema.top, guess)?;
        if given >> k & 1 == 1 { return None; }
        given |= 1 << k;
        guess = k + 1;
        match k {
            0 => if !identifier(t.string()?) { return None; },
            1 => schema.person.object(&mut t, 0, &mut [0u8; 33])?,
            2 => { t.space(); if t.number(true)? != 1.0 { return None; } }
            _ => schema.tables[k - 3].list(&mut t)?,
        }
        if !t.token(b',') { break; }
    }
    if !t.token(b'}') || given & 3 != 3 { return None; }
    t.space();
    let born = schema.person.fields[0].days[0];
    let sound = t.at == bytes.len() && (EARLIEST..=LATEST).contains(&born)
        && schema.tables.iter().all(|rows| rows.sound(born, last.min(LATEST)));
    sound.then_some(())
}

fn pairs(text: &str) -> Vec<(usize, usize)> {
    text.split(',').filter_map(|p| p.split_once('>'))
        .map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).collect()
}

/// The schema from lines of text: a table with its fields after it; the person first.
fn schema_of(text: &str) -> Schema {
    let mut made: Vec<Rows> = Vec::new();
    let mut top: Vec<Vec<u8>> = ["person_id", "person", "schema_version"].map(|s| s.into()).to_vec();
    for line in text.lines() {
        let p: Vec<&str> = line.split('|').collect();
        if p[0] == "table" {
            if !made.is_empty() { top.push(p[1].into()); }
            made.push(Rows {
                fields: Vec::new(), names: Names::new(Vec::new()), starts: p[2].parse().unwrap(),
                recorded: p[3].parse().unwrap(), order: pairs(p[4]), dated: pairs(p[5]), n: 0,
            });
            continue;
        }
        let kind = [Kind::Day, Kind::Code, Kind::Flag, Kind::Integer, Kind::Number, Kind::Text];
        let codes = p[8].split(',').filter(|c| !c.is_empty()).map(|c| c.into()).collect();
        made.last_mut().unwrap().fields.push(Field {
            name: p[0].into(), kind: kind[p[1].parse::<usize>().unwrap()], required: p[2] == "1",
            nullable: p[3] == "1", is_link: p[4] == "1", fallback: p[5].parse().unwrap(),
            low: p[6].parse().unwrap(), high: p[7].parse().unwrap(), codes: Names::new(codes),
            days: Vec::new(), small: Vec::new(), numbers: Vec::new(),
        });
    }
    for rows in &mut made {
        rows.names = Names::new(rows.fields.iter().map(|f| f.name.clone()).collect());
    }
    let tables = made.split_off(1);
    Schema { top: Names::new(top), person: made.pop().unwrap(), tables }
}

/// # Safety
/// `text` points at `n` bytes of UTF-8.
#[no_mangle]
pub unsafe extern "C" fn schema_new(text: *const c_char, n: usize) -> *mut Schema {
    let bytes = std::slice::from_raw_parts(text as *const u8, n);
    Box::into_raw(Box::new(schema_of(std::str::from_utf8(bytes).unwrap())))
}

/// # Safety
/// `schema` is from `schema_new` and used by one thread; `bytes` points at `n` bytes.
#[no_mangle]
pub unsafe extern "C" fn schema_read(
    schema: *mut Schema, bytes: *const c_char, n: usize, last: i32,
) -> c_int {
    let bytes = std::slice::from_raw_parts(bytes as *const u8, n);
    read(&mut *schema, bytes, last).is_some() as c_int
}
