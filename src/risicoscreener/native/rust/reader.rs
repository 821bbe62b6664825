//! One dossier from JSON bytes into the columns of one person, checked as `dossier.reading` does.
//!
//! It says "sound", with columns, or "look yourself", after which Python reads it and says what is
//! wrong. So it never explains, and may refuse what is sound (an escape in a text, an exponent, a
//! table of more than `CAPACITY` rows); but it never takes what Python refuses.
#![forbid(unsafe_code)]

use crate::columns::FAR;
use crate::schema::{Agreement, Field, Kind, Rows, Schema};
use crate::text::Text;

/// The first and the last day that can be meant, in days since 1970-01-01.
const EARLIEST: i32 = -25567;
const LATEST: i32 = 84005;
/// Rows of a table beyond which Python reads it.
const CAPACITY: usize = 1024;

/// Where a text stands in the bytes; `end` 0 is no text.
#[derive(Clone, Copy, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.start as usize..self.end as usize]
    }
    fn given(&self) -> bool {
        self.end > 0
    }
}

/// The columns of one table, each of the kind of its field and as long as there are rows.
///
/// Days that are absent are `FAR`, codes and flags -1, numbers NaN; of texts there is a code too, 0
/// for one that is there and -1 for none.
#[derive(Default)]
pub struct Columns {
    pub n: usize,
    pub days: Vec<Vec<i32>>,
    pub codes: Vec<Vec<i8>>,
    pub numbers: Vec<Vec<f64>>,
    pub texts: Vec<Vec<Span>>,
    pub there: Vec<Vec<i8>>,
    /// For each row the day on which a correction replaced it; empty if none was.
    pub replaced: Vec<i32>,
    /// Whether any row withdraws another.
    pub has_void: bool,
    links: bool,
}

/// What one reading fills, kept to be used again.
#[derive(Default)]
pub struct Room {
    pub person: Columns,
    pub tables: Vec<Columns>,
    pub id: Span,
    /// The latest day on which a fact was recorded; `i32::MIN` if there is no fact.
    pub latest: i32,
    named: Vec<u32>,
    target: Vec<usize>,
}

impl Room {
    pub fn of(schema: &Schema) -> Room {
        Room {
            person: Columns::of(&schema.person),
            tables: schema.tables.iter().map(Columns::of).collect(),
            ..Room::default()
        }
    }
    /// The day of birth.
    pub fn born(&self, schema: &Schema) -> i32 {
        self.person.days[schema.birth][0]
    }
}

impl Columns {
    fn of(rows: &Rows) -> Columns {
        let count = |kinds: &[Kind]| rows.fields.iter().filter(|f| kinds.contains(&f.kind)).count();
        Columns {
            days: vec![Vec::new(); count(&[Kind::Day])],
            codes: vec![Vec::new(); count(&[Kind::Code, Kind::Flag])],
            numbers: vec![Vec::new(); count(&[Kind::Integer, Kind::Number])],
            texts: vec![Vec::new(); count(&[Kind::Text])],
            there: vec![Vec::new(); count(&[Kind::Text])],
            ..Columns::default()
        }
    }
    fn clear(&mut self) {
        self.n = 0;
        self.days.iter_mut().for_each(Vec::clear);
        self.codes.iter_mut().for_each(Vec::clear);
        self.numbers.iter_mut().for_each(Vec::clear);
        self.texts.iter_mut().for_each(Vec::clear);
        self.there.iter_mut().for_each(Vec::clear);
        self.replaced.clear();
        self.has_void = false;
        self.links = false;
    }
    /// One more row, in which nothing is given.
    fn add_row(&mut self, rows: &Rows) {
        self.days.iter_mut().for_each(|c| c.push(FAR));
        for (column, fallback) in self.codes.iter_mut().zip(&rows.fallbacks) {
            column.push(*fallback);
        }
        self.numbers.iter_mut().for_each(|c| c.push(f64::NAN));
        self.texts.iter_mut().for_each(|c| c.push(Span::default()));
        self.there.iter_mut().for_each(|c| c.push(-1));
        self.n += 1;
    }
    fn has(&self, field: &Field, row: usize) -> bool {
        match field.kind {
            Kind::Day => self.days[field.place][row] < FAR,
            Kind::Code | Kind::Flag => self.codes[field.place][row] >= 0,
            Kind::Integer | Kind::Number => !self.numbers[field.place][row].is_nan(),
            Kind::Text => self.texts[field.place][row].given(),
        }
    }
    /// Read a value into the last row; false if Python has to look.
    fn read(&mut self, field: &Field, t: &mut Text) -> bool {
        t.space();
        if t.peek() == b'n' {
            return field.nullable && t.word(b"null");
        }
        let (place, row) = (field.place, self.n - 1);
        match field.kind {
            Kind::Day => t.day().map(|found| self.days[place][row] = found),
            Kind::Code => t
                .string()
                .and_then(|s| field.codes.find(s))
                .map(|found| self.codes[place][row] = found as i8),
            Kind::Flag => t.flag().map(|found| self.codes[place][row] = found as i8),
            Kind::Integer | Kind::Number => t
                .number(field.kind == Kind::Integer)
                .filter(|x| *x >= field.low && *x <= field.high)
                .map(|found| self.numbers[place][row] = found),
            Kind::Text => t.identifier().map(|found| {
                self.texts[place][row] = found;
                self.there[place][row] = 0;
                self.links |= field.is_link;
            }),
        }
        .is_some()
    }
    /// Read an object as one more row.
    fn object(&mut self, rows: &Rows, t: &mut Text, like: &mut Alike) -> bool {
        if self.n == CAPACITY || !t.token(b'{') {
            return false;
        }
        self.add_row(rows);
        let (mut given, mut last) = (0u64, FIRST);
        loop {
            let k = match t.key(&rows.names, like.0[last] as usize) {
                Some(k) if given >> k & 1 == 0 => k,
                _ => return false, // unknown, or given twice
            };
            given |= 1 << k;
            like.0[last] = k as u8;
            last = k;
            if !self.read(&rows.fields[k], t) {
                return false;
            }
            if !t.token(b',') {
                return given & rows.required == rows.required && t.token(b'}');
            }
        }
    }
    fn list(&mut self, rows: &Rows, t: &mut Text) -> bool {
        if !t.token(b'[') {
            return false;
        }
        if t.token(b']') {
            return true;
        }
        let mut like = Alike([0; FIRST + 1]);
        loop {
            if !self.object(rows, t, &mut like) {
                return false;
            }
            if !t.token(b',') {
                return t.token(b']');
            }
        }
    }
}

/// After which key which one came in the row before: objects of a list are mostly alike.
struct Alike([u8; FIRST + 1]);
/// Stands for the beginning of an object; fields are fewer.
pub const FIRST: usize = 63;

/// Read a dossier of which no fact was recorded after `last`; false if Python has to look.
pub fn read(schema: &Schema, room: &mut Room, bytes: &[u8], last: i32) -> bool {
    room.person.clear();
    room.tables.iter_mut().for_each(Columns::clear);
    parse(schema, room, bytes).is_some() && is_sound(schema, room, bytes, last.min(LATEST))
}

fn parse(schema: &Schema, room: &mut Room, bytes: &[u8]) -> Option<()> {
    let mut t = Text { bytes, at: 0 };
    let (mut given, mut guess) = (0u64, 0);
    let need = |holds: bool| if holds { Some(()) } else { None };
    need(t.token(b'{'))?;
    loop {
        let k = t.key(&schema.top, guess)?;
        need(given >> k & 1 == 0)?;
        given |= 1 << k;
        guess = k + 1;
        match k {
            0 => {
                t.space();
                room.id = t.identifier()?;
            }
            1 => need(room.person.object(&schema.person, &mut t, &mut Alike([0; FIRST + 1])))?,
            2 => {
                t.space();
                need(t.number(true)? == 1.0)?;
            }
            _ => need(room.tables[k - 3].list(&schema.tables[k - 3], &mut t))?,
        }
        if !t.token(b',') {
            break;
        }
    }
    need(t.token(b'}') && given & 3 == 3)?;
    t.space();
    need(t.at == bytes.len())
}

fn is_sound(schema: &Schema, room: &mut Room, bytes: &[u8], last: i32) -> bool {
    let born = room.born(schema);
    if !(EARLIEST..=LATEST).contains(&born) {
        return false;
    }
    room.latest = i32::MIN;
    for (rows, columns) in schema.tables.iter().zip(&mut room.tables) {
        if columns.n == 0 {
            continue;
        }
        if (columns.links || columns.has_flag(rows.void))
            && !links_are_sound(rows, columns, bytes, &mut room.named, &mut room.target)
        {
            return false;
        }
        if !days_are_sound(rows, columns, born, last)
            || !agrees(rows, columns)
            || repeats(rows, columns, bytes)
        {
            return false;
        }
        let recorded = &columns.days[rows.recorded];
        room.latest = recorded.iter().fold(room.latest, |a, b| a.max(*b));
    }
    !stays_overlap(schema, &room.tables[schema.stays])
}

impl Columns {
    fn has_flag(&self, place: usize) -> bool {
        self.codes[place].iter().any(|c| *c > 0)
    }
}

fn days_are_sound(rows: &Rows, columns: &Columns, born: i32, last: i32) -> bool {
    let within = |d: &i32| (*d >= born) & ((*d <= LATEST) | (*d == FAR));
    let days = |place: usize| columns.days[place].iter();
    columns.days.iter().all(|c| c.iter().fold(true, |sound, d| sound & within(d)))
        && days(rows.recorded).all(|d| *d <= last)
        && rows.order.iter().all(|(a, b)| {
            days(*a).zip(days(*b)).fold(true, |sound, (x, y)| sound & ((x <= y) | (*x == FAR)))
        })
        && rows.dated.iter().all(|(field, since)| {
            let field = &rows.fields[*field];
            days(*since).enumerate().all(|(r, d)| *d < FAR || !columns.has(field, r))
        })
}

fn agrees(rows: &Rows, columns: &Columns) -> bool {
    rows.agreements.iter().all(|one| (0..columns.n).all(|r| row_agrees(rows, columns, one, r)))
}

fn row_agrees(rows: &Rows, columns: &Columns, one: &Agreement, r: usize) -> bool {
    let applies = one.conditions.iter().all(|(field, codes)| {
        let field = &rows.fields[*field];
        columns.has(field, r) && (*codes == 0 || codes >> columns.codes[field.place][r] & 1 == 1)
    });
    let field = &rows.fields[one.field];
    let given = columns.has(field, r);
    if !applies || one.needed || !given {
        return !applies || given || !one.needed;
    }
    if one.codes != 0 {
        return one.codes >> columns.codes[field.place][r] & 1 == 1;
    }
    let value = columns.numbers[field.place][r];
    match one.at_most {
        None => value >= one.low,
        Some(bound) => {
            let bound = columns.numbers[rows.fields[bound].place][r];
            bound.is_nan() || value <= bound
        }
    }
}

/// Whether a fact without an id is there twice.
fn repeats(rows: &Rows, columns: &Columns, bytes: &[u8]) -> bool {
    let (recorded, starts) = (&columns.days[rows.recorded], &columns.days[rows.starts]);
    let ids = &columns.texts[rows.fact_id];
    (1..columns.n).any(|a| {
        let (on, from) = (recorded[a], starts[a]);
        (0..a).any(|b| {
            recorded[b] == on
                && starts[b] == from
                && !ids[a].given()
                && !ids[b].given()
                && is_same(columns, bytes, a, b)
        })
    })
}

fn is_same(columns: &Columns, bytes: &[u8], a: usize, b: usize) -> bool {
    columns.days.iter().all(|c| c[a] == c[b])
        && columns.codes.iter().all(|c| c[a] == c[b])
        && columns.numbers.iter().all(|c| c[a] == c[b] || (c[a].is_nan() && c[b].is_nan()))
        && columns.texts.iter().all(|c| c[a].of(bytes) == c[b].of(bytes))
}

/// Ids are given once, corrections name another fact recorded no later, and lead to an end.
fn links_are_sound(
    rows: &Rows,
    columns: &mut Columns,
    bytes: &[u8],
    named: &mut Vec<u32>,
    target: &mut Vec<usize>,
) -> bool {
    let ids = &columns.texts[rows.fact_id];
    let id = |r: u32| ids[r as usize].of(bytes);
    named.clear();
    named.extend((0..columns.n as u32).filter(|r| ids[*r as usize].given()));
    named.sort_unstable_by(|a, b| id(*a).cmp(id(*b)));
    if named.windows(2).any(|pair| id(pair[0]) == id(pair[1])) {
        return false;
    }
    const NONE: usize = usize::MAX;
    let (recorded, voided) = (&columns.days[rows.recorded], &columns.codes[rows.void]);
    target.clear();
    target.resize(columns.n, NONE);
    let mut any = false;
    for r in 0..columns.n {
        let link = columns.texts[rows.supersedes][r];
        columns.has_void |= voided[r] > 0;
        if !link.given() {
            if voided[r] > 0 {
                return false;
            }
            continue;
        }
        let wanted = link.of(bytes);
        match named.binary_search_by(|other| id(*other).cmp(wanted)) {
            Ok(place) => target[r] = named[place] as usize,
            Err(_) => return false,
        }
        if target[r] == r || recorded[target[r]] > recorded[r] {
            return false;
        }
        any = true;
    }
    if !any {
        return true;
    }
    columns.replaced.resize(columns.n, FAR);
    for r in 0..columns.n {
        if target[r] != NONE {
            let replaced = &mut columns.replaced[target[r]];
            *replaced = recorded[r].min(*replaced);
        }
        let (mut at, mut steps) = (r, 0);
        while target[at] != NONE {
            at = target[at];
            steps += 1;
            if steps > columns.n {
                return false;
            }
        }
    }
    true
}

fn stays_overlap(schema: &Schema, stays: &Columns) -> bool {
    let (arrived, released) = (&stays.days[schema.arrived], &stays.days[schema.released]);
    let void = &stays.codes[schema.tables[schema.stays].void];
    let counts = |r: usize| {
        arrived[r] < released[r]
            && void[r] <= 0
            && stays.replaced.get(r).map_or(true, |day| *day == FAR)
    };
    (1..stays.n).any(|a| {
        counts(a)
            && (0..a).any(|b| counts(b) && arrived[a] < released[b] && arrived[b] < released[a])
    })
}

/// All that was read as numbers, to compare: of the person, then of each table the number of rows
/// and its fields one after the other. A text is where it stands: start times 2^24 plus end.
///
/// Returns how many they are; those for which `out` has no room are left out.
pub fn numbers(schema: &Schema, room: &Room, out: &mut [f64]) -> usize {
    let mut n = 0;
    let mut add = |number: f64| {
        if let Some(place) = out.get_mut(n) {
            *place = number;
        }
        n += 1;
    };
    let text = |span: Span| span.start as f64 * (1 << 24) as f64 + span.end as f64;
    add(text(room.id));
    let all = std::iter::once((&schema.person, &room.person));
    for (rows, columns) in all.chain(schema.tables.iter().zip(&room.tables)) {
        add(columns.n as f64);
        for field in &rows.fields {
            for r in 0..columns.n {
                add(match field.kind {
                    Kind::Day => columns.days[field.place][r] as f64,
                    Kind::Code | Kind::Flag => columns.codes[field.place][r] as f64,
                    Kind::Integer | Kind::Number => columns.numbers[field.place][r],
                    Kind::Text => text(columns.texts[field.place][r]),
                });
            }
        }
    }
    n
}
