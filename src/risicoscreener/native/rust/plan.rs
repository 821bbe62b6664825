//! A feature plan as it is handed over: instructions for the rows of each table, and how a feature
//! is made of what they found.
//!
//! The numbers are those of `features/bytecode.py`. Everything is looked at here once, so that
//! carrying it out can rely on it.
#![forbid(unsafe_code)]

use crate::columns::Kind;

/// The agreement with `features/bytecode.py`.
const FORM: i64 = 1;
/// Stands for "none" where a place is asked for.
pub const NONE: usize = usize::MAX;

/// What an instruction does: the tests pass a row on, the others gather it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    In,
    Range,
    Days,
    HasDay,
    HasCode,
    HasNumber,
    Open,
    On,
    Within,
    Since,
    Count,
    SumNumber,
    SumCode,
    MaxNumber,
    MaxCode,
    LeastAgo,
    MostAgo,
    LastNumber,
    LastCode,
    LastDay,
    Distinct,
    Slope,
    Covered,
    LongestGap,
}

const OPS: [Op; 24] = [
    Op::In,
    Op::Range,
    Op::Days,
    Op::HasDay,
    Op::HasCode,
    Op::HasNumber,
    Op::Open,
    Op::On,
    Op::Within,
    Op::Since,
    Op::Count,
    Op::SumNumber,
    Op::SumCode,
    Op::MaxNumber,
    Op::MaxCode,
    Op::LeastAgo,
    Op::MostAgo,
    Op::LastNumber,
    Op::LastCode,
    Op::LastDay,
    Op::Distinct,
    Op::Slope,
    Op::Covered,
    Op::LongestGap,
];

/// One instruction. Which of the numbers it reads depends on what it does.
#[derive(Clone, Debug)]
pub struct Instruction {
    pub op: Op,
    /// Column that it reads.
    pub col: usize,
    /// Column with the day from which that is known; `NONE` if always.
    pub known: usize,
    /// Where to go on with the rows as they were before this test.
    pub skip: usize,
    /// Feature that it gathers for.
    pub slot: usize,
    pub a: i64,
    pub b: i64,
    pub low: f64,
    pub high: f64,
    /// Codes that are let through, as ranges: the first, and how many follow it.
    pub codes: Vec<(u8, u8)>,
}

/// How a feature is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Make {
    Count,
    Any,
    Max,
    Ago,
    AgeAt,
    Last,
    Distinct,
    LongestGap,
    Age,
    Unknown,
    Person,
    Ratio,
    Linear,
    Cases,
}

const MAKES: [Make; 14] = [
    Make::Count,
    Make::Any,
    Make::Max,
    Make::Ago,
    Make::AgeAt,
    Make::Last,
    Make::Distinct,
    Make::LongestGap,
    Make::Age,
    Make::Unknown,
    Make::Person,
    Make::Ratio,
    Make::Linear,
    Make::Cases,
];

impl Make {
    /// Whether rows add to a value.
    pub fn begins_at_zero(self) -> bool {
        matches!(self, Make::Count | Make::Any | Make::LongestGap)
    }

    /// Whether something is gathered beside the value.
    pub fn has_other(self) -> bool {
        matches!(
            self,
            Make::Max | Make::Ago | Make::AgeAt | Make::Last | Make::Distinct | Make::LongestGap
        )
    }
}

/// How one feature is made of what was gathered or of other features.
#[derive(Clone, Debug)]
pub struct Finish {
    pub make: Make,
    /// Table without which it is unknown; `NONE` if it is not made of rows.
    pub table: usize,
    /// Whether it is unknown where nobody is detained.
    pub since: bool,
    /// Column of the person that it reads.
    pub col: usize,
    /// What it is where there is nothing to make it of, or what a sum begins with.
    pub none: f64,
    /// The most that it can be.
    pub cap: f64,
    /// Features that it is made of, with three numbers for each.
    pub inputs: Vec<(usize, [f64; 3])>,
    /// Features that must be known.
    pub needed: Vec<usize>,
    /// Values of codes.
    pub values: Vec<f64>,
}

/// Columns that every table of facts has, by their place; `NONE` in a plan that leaves it out.
#[derive(Clone, Debug)]
pub struct TableCode {
    pub recorded: usize,
    pub voided: usize,
    pub replaced: usize,
    /// Code of the table among the subjects of inquiries; -1 for none.
    pub subject: i64,
    pub code: Vec<Instruction>,
}

/// Of which table a column is, and how it is taken.
#[derive(Clone, Debug)]
pub struct Place {
    /// `NONE` for the persons.
    pub table: usize,
    pub kind: Kind,
}

/// Everything needed to compute some features.
#[derive(Clone, Debug)]
pub struct Plan {
    pub columns: Vec<Place>,
    pub tables: Vec<TableCode>,
    /// Where features stand that look at the current detention: the table, the day of the arrival
    /// and that of the release.
    pub stays: (usize, usize, usize),
    /// The table of inquiries, their subject, and whether they were complete.
    pub inquiries: (usize, usize, usize),
    pub birth: usize,
    pub features: Vec<Finish>,
    pub asked_for: Vec<usize>,
    /// Numbers that instructions look up.
    pub pool: Vec<f64>,
    /// How many tests can stand within each other.
    pub depth: usize,
}

/// Reads numbers one after the other; `None` where they end or make no sense.
struct Source<'a> {
    numbers: &'a [i64],
    at: usize,
}

impl<'a> Source<'a> {
    fn next(&mut self) -> Option<i64> {
        let found = *self.numbers.get(self.at)?;
        self.at += 1;
        Some(found)
    }

    /// A place below `n`.
    fn place(&mut self, n: usize) -> Option<usize> {
        let found = usize::try_from(self.next()?).ok()?;
        (found < n).then(|| found)
    }

    /// A place below `n`, or `NONE` for -1.
    fn maybe(&mut self, n: usize) -> Option<usize> {
        let found = self.next()?;
        if found == -1 {
            return Some(NONE);
        }
        let place = usize::try_from(found).ok()?;
        (place < n).then(|| place)
    }
}

impl Plan {
    /// The plan that numbers describe; `None` if they describe none.
    pub fn read(numbers: &[i64], pool: &[f64]) -> Option<Plan> {
        let mut from = Source { numbers, at: 0 };
        if from.next()? != FORM {
            return None;
        }
        let (n_columns, n_tables) = (from.place(1 << 16)?, from.place(64)?);
        let (n_features, n_asked) = (from.place(1 << 16)?, from.place(1 << 16)?);
        let columns = read_columns(&mut from, n_columns, n_tables)?;
        let kind = |at: usize, kind: Kind, table: usize| {
            at == NONE || (columns[at].kind == kind && columns[at].table == table)
        };
        let of_facts = |from: &mut Source| -> Option<(usize, usize, usize)> {
            Some((from.place(n_tables)?, from.place(n_columns)?, from.place(n_columns)?))
        };
        let (stays, inquiries) = (of_facts(&mut from)?, of_facts(&mut from)?);
        let birth = from.place(n_columns)?;
        let fixed = kind(stays.1, Kind::Day, stays.0)
            && kind(stays.2, Kind::Day, stays.0)
            && kind(inquiries.1, Kind::Code, inquiries.0)
            && kind(inquiries.2, Kind::Code, inquiries.0)
            && kind(birth, Kind::Day, NONE);
        if !fixed {
            return None;
        }
        let mut depth = 0;
        let mut tables = Vec::with_capacity(n_tables);
        for table in 0..n_tables {
            let found = read_table(&mut from, table, &columns, n_features, pool)?;
            depth = depth.max(depth_of(&found.code)?);
            tables.push(found);
        }
        let mut features = Vec::with_capacity(n_features);
        for at in 0..n_features {
            features.push(read_finish(&mut from, at, n_tables, &columns, pool)?);
        }
        let mut asked_for = Vec::with_capacity(n_asked);
        for _ in 0..n_asked {
            asked_for.push(from.place(n_features)?);
        }
        let pool = pool.to_vec();
        (from.at == numbers.len()).then(|| Plan {
            columns,
            tables,
            stays,
            inquiries,
            birth,
            features,
            asked_for,
            pool,
            depth,
        })
    }
}

fn read_columns(from: &mut Source, n: usize, n_tables: usize) -> Option<Vec<Place>> {
    let mut columns = Vec::with_capacity(n);
    for _ in 0..n {
        let table = from.maybe(n_tables)?;
        let kind = [Kind::Day, Kind::Code, Kind::Number][from.place(3)?];
        columns.push(Place { table, kind });
    }
    Some(columns)
}

fn read_table(
    from: &mut Source,
    table: usize,
    columns: &[Place],
    n_features: usize,
    pool: &[f64],
) -> Option<TableCode> {
    let n = columns.len();
    let (recorded, voided, replaced) = (from.place(n)?, from.place(n)?, from.place(n)?);
    let own = |at: usize, kind: Kind| columns[at].table == table && columns[at].kind == kind;
    if !(own(recorded, Kind::Day) && own(voided, Kind::Code) && own(replaced, Kind::Day)) {
        return None;
    }
    let subject = from.next()?;
    let length = from.place(1 << 20)?;
    let mut code = Vec::with_capacity(length);
    for at in 0..length {
        let op = OPS[from.place(OPS.len())?];
        let (col, known) = (from.maybe(n)?, from.maybe(n)?);
        let skip = from.place(length + 1)?;
        let slot = from.maybe(n_features)?;
        let (a, b) = (from.next()?, from.next()?);
        let limits = usize::try_from(from.next()?).ok()?;
        let (low, high) = (*pool.get(limits)?, *pool.get(limits + 1)?);
        let codes = if op == Op::In { ranges(a as u64) } else { Vec::new() };
        let found = Instruction { op, col, known, skip, slot, a, b, low, high, codes };
        let reads = reads(op).map_or(true, |kind| col != NONE && own(col, kind));
        let is_known = known == NONE || own(known, Kind::Day);
        let goes_on = if op.is_test() { skip > at } else { slot != NONE };
        let looks_up = match op {
            Op::SumCode | Op::MaxCode | Op::LastCode => Some(a),
            Op::Slope => (b > 0).then(|| a),
            _ => Some(0),
        };
        let in_pool = usize::try_from(looks_up?).ok()? <= pool.len();
        if !(reads && is_known && goes_on && in_pool) {
            return None;
        }
        code.push(found);
    }
    Some(TableCode { recorded, voided, replaced, subject, code })
}

/// The bits of a mask as ranges: the first of each, and how many follow it.
fn ranges(mask: u64) -> Vec<(u8, u8)> {
    let mut found: Vec<(u8, u8)> = Vec::new();
    for code in (0..64u8).filter(|code| mask >> code & 1 != 0) {
        match found.last_mut() {
            Some((first, more)) if *first + *more + 1 == code => *more += 1,
            _ => found.push((code, 0)),
        }
    }
    found
}

/// The kind of column that an instruction reads, if it reads one.
fn reads(op: Op) -> Option<Kind> {
    match op {
        Op::Days | Op::HasDay | Op::Open | Op::On | Op::LastDay | Op::Covered => Some(Kind::Day),
        Op::In | Op::HasCode | Op::SumCode | Op::MaxCode | Op::LastCode | Op::Distinct => {
            Some(Kind::Code)
        }
        Op::Range | Op::HasNumber | Op::SumNumber | Op::MaxNumber | Op::LastNumber => {
            Some(Kind::Number)
        }
        _ => None,
    }
}

impl Op {
    /// Whether it passes rows on to what stands within it.
    pub fn is_test(self) -> bool {
        (self as usize) < Op::Count as usize
    }
}

/// How many tests stand within each other at most; `None` if one ends beyond the one around it.
fn depth_of(code: &[Instruction]) -> Option<usize> {
    let mut ends = vec![code.len()];
    let mut deepest = 0;
    for (at, found) in code.iter().enumerate() {
        while ends.len() > 1 && at >= *ends.last()? {
            ends.pop();
        }
        if found.op.is_test() {
            if found.skip > *ends.last()? {
                return None;
            }
            ends.push(found.skip);
            deepest = deepest.max(ends.len() - 1);
        }
    }
    Some(deepest)
}

fn read_finish(
    from: &mut Source,
    own: usize,
    n_tables: usize,
    columns: &[Place],
    pool: &[f64],
) -> Option<Finish> {
    let make = MAKES[from.place(MAKES.len())?];
    let table = from.maybe(n_tables)?;
    let since = from.place(2)? == 1;
    let col = from.maybe(columns.len())?;
    let numbers = usize::try_from(from.next()?).ok()?;
    let (none, cap) = (*pool.get(numbers)?, *pool.get(numbers + 1)?);
    let (n_inputs, n_needed) = (from.place(1 << 16)?, from.place(1 << 16)?);
    let mut inputs = Vec::with_capacity(n_inputs);
    for _ in 0..n_inputs {
        let (slot, at) = (from.place(own)?, usize::try_from(from.next()?).ok()?);
        let three = pool.get(at..at.checked_add(3)?)?;
        inputs.push((slot, [three[0], three[1], three[2]]));
    }
    let mut needed = Vec::with_capacity(n_needed);
    for _ in 0..n_needed {
        needed.push(from.place(own)?);
    }
    let (at, n) = (usize::try_from(from.next()?).ok()?, from.place(1 << 16)?);
    let values = pool.get(at..at.checked_add(n)?)?.to_vec();
    let of_person = col != NONE && columns[col].table == NONE && columns[col].kind == Kind::Code;
    let sound = (make != Make::Person || of_person) && (make != Make::Ratio || n_inputs == 2);
    sound.then(|| Finish { make, table, since, col, none, cap, inputs, needed, values })
}
