//! What a dossier consists of, handed over by Python as lines of text; see `dossier.compiled`.
#![forbid(unsafe_code)]

use crate::reader::FIRST;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Day,
    Code,
    Flag,
    Integer,
    Number,
    Text,
}

/// A field of a table.
pub struct Field {
    pub kind: Kind,
    /// Which it is of the columns of its kind.
    pub place: usize,
    pub nullable: bool,
    /// Whether it ties facts together.
    pub is_link: bool,
    pub low: f64,
    pub high: f64,
    pub codes: Names,
}

/// What a field has to be where other fields are what the conditions say; see `dossier.agreements`.
pub struct Agreement {
    pub field: usize,
    /// A field, and the codes of which it has one as bits; 0 if it has any value at all.
    pub conditions: Vec<(usize, u64)>,
    pub needed: bool,
    pub codes: u64,
    pub at_most: Option<usize>,
    pub low: f64,
}

/// A table: its fields, and what is asked of each row. Days are places among the days.
pub struct Rows {
    pub names: Names,
    pub fields: Vec<Field>,
    /// The fields that a row must have, as bits.
    pub required: u64,
    /// What each code or flag is where it is not given.
    pub fallbacks: Vec<i8>,
    pub starts: usize,
    pub recorded: usize,
    pub fact_id: usize,
    pub supersedes: usize,
    pub void: usize,
    /// Pairs of days of which the first does not come after the second.
    pub order: Vec<(usize, usize)>,
    /// Pairs of a field and the day without which it has no value.
    pub dated: Vec<(usize, usize)>,
    pub agreements: Vec<Agreement>,
}

pub struct Schema {
    /// person_id, person, schema_version, then the tables.
    pub top: Names,
    pub person: Rows,
    pub tables: Vec<Rows>,
    /// The table of stays, of which no two may overlap, and two of its days.
    pub stays: usize,
    pub arrived: usize,
    pub released: usize,
    /// The day of birth among the days of the person.
    pub birth: usize,
}

/// Names of fields, or codes, behind a hash without collisions.
pub struct Names {
    factors: [u64; 4],
    slot: [i8; 128],
    pub words: Vec<Vec<u8>>,
}

/// Sets of factors tried before a list of names is given up.
const TRIES: usize = 100_000;

impl Names {
    /// `None` if they are too many, if one is given twice, or if no hash tells them apart.
    fn new(words: Vec<Vec<u8>>) -> Option<Names> {
        if words.len() > FIRST || words.iter().any(Vec::is_empty) {
            return None;
        }
        let mut seed = 12345u64;
        for _ in 0..TRIES {
            let mut factors = [0; 4];
            for factor in &mut factors {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                *factor = seed >> 48 | 1;
            }
            let mut made = Names { factors, slot: [-1; 128], words: Vec::new() };
            let apart = words.iter().enumerate().all(|(k, word)| {
                let place = made.place(word);
                let free = made.slot[place] < 0;
                made.slot[place] = k as i8;
                free
            });
            if apart {
                made.words = words;
                return Some(made);
            }
        }
        None
    }
    #[inline]
    fn place(&self, s: &[u8]) -> usize {
        let [a, b, c, d] = self.factors;
        let sum = s[0] as u64 * a
            + s[s.len() - 1] as u64 * b
            + s[s.len() / 2] as u64 * c
            + s.len() as u64 * d;
        (sum >> 3 & 127) as usize
    }
    #[inline]
    pub fn find(&self, s: &[u8]) -> Option<usize> {
        if s.is_empty() {
            return None;
        }
        let k = usize::try_from(self.slot[self.place(s)]).ok()?;
        if self.words[k] == s {
            Some(k)
        } else {
            None
        }
    }
}

/// The parts of a line, taken one after the other.
struct Line<'a>(std::str::Split<'a, char>);

impl<'a> Line<'a> {
    fn text(&mut self) -> Option<&'a str> {
        self.0.next()
    }
    fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }
    fn flag(&mut self) -> Option<bool> {
        Some(self.number::<u8>()? == 1)
    }
    fn words(&mut self) -> Option<Vec<&'a str>> {
        Some(self.text()?.split(',').filter(|word| !word.is_empty()).collect())
    }
    fn pairs<T: std::str::FromStr>(&mut self) -> Option<Vec<(usize, T)>> {
        let pair = |word: &str| {
            let (a, b) = word.split_once('>')?;
            Some((a.parse().ok()?, b.parse().ok()?))
        };
        self.words()?.into_iter().map(pair).collect()
    }
}

impl Schema {
    /// A schema from its lines; `None` if there is anything in it that cannot be held.
    ///
    /// A line `table` begins a table, the person first; its lines `field` and `agreement` follow.
    pub fn of(text: &str) -> Option<Schema> {
        let mut top: Vec<Vec<u8>> = Vec::new();
        let mut made: Vec<Rows> = Vec::new();
        let mut ends = None;
        for line in text.lines() {
            let mut line = Line(line.split('|'));
            match line.text()? {
                "top" => top = line.words()?.into_iter().map(|word| word.into()).collect(),
                "ends" => {
                    ends = Some((line.number()?, line.number()?, line.number()?, line.number()?))
                }
                "table" => made.push(table(&mut line)?),
                "field" => field(&mut line, made.last_mut()?)?,
                "agreement" => {
                    let one = agreement(&mut line)?;
                    made.last_mut()?.agreements.push(one)
                }
                _ => return None,
            }
        }
        if made.is_empty() || top.len() != made.len() + 2 {
            return None;
        }
        let tables = made.split_off(1);
        let (stays, arrived, released, birth) = ends?;
        Some(Schema {
            top: Names::new(top)?,
            person: made.pop()?,
            tables,
            stays,
            arrived,
            released,
            birth,
        })
    }
}

fn table(line: &mut Line) -> Option<Rows> {
    Some(Rows {
        names: Names::new(line.words()?.into_iter().map(|word| word.into()).collect())?,
        fields: Vec::new(),
        required: 0,
        fallbacks: Vec::new(),
        starts: line.number()?,
        recorded: line.number()?,
        fact_id: line.number()?,
        supersedes: line.number()?,
        void: line.number()?,
        order: line.pairs()?,
        dated: line.pairs()?,
        agreements: Vec::new(),
    })
}

fn field(line: &mut Line, rows: &mut Rows) -> Option<()> {
    let kind = match line.text()? {
        "date" => Kind::Day,
        "code" => Kind::Code,
        "flag" => Kind::Flag,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "text" => Kind::Text,
        _ => return None,
    };
    let place = line.number()?;
    if line.flag()? {
        rows.required |= 1 << rows.fields.len();
    }
    let (nullable, is_link, fallback) = (line.flag()?, line.flag()?, line.number()?);
    if matches!(kind, Kind::Code | Kind::Flag) {
        rows.fallbacks.push(fallback);
    }
    rows.fields.push(Field {
        kind,
        place,
        nullable,
        is_link,
        low: line.number()?,
        high: line.number()?,
        codes: Names::new(line.words()?.into_iter().map(|word| word.into()).collect())?,
    });
    Some(())
}

fn agreement(line: &mut Line) -> Option<Agreement> {
    let (field, conditions) = (line.number()?, line.pairs()?);
    let (needed, codes, bound) = (line.flag()?, line.number()?, line.number::<i64>()?);
    Some(Agreement {
        field,
        conditions,
        needed,
        codes,
        at_most: usize::try_from(bound).ok(),
        low: line.number()?,
    })
}
