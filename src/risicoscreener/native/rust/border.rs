//! The border to the caller: everything that is `unsafe`, and nothing else.
//!
//! Addresses become slices here and results are written here. A panic (which would be a fault of
//! ours: an index out of bounds, say) ends at this border as `PANICKED`, after which the caller
//! does the work in its own way.
#![allow(unsafe_code)]
// Rust 1.63 takes a block in an unsafe function for unnecessary, later ones ask for it in a closure.
#![allow(unused_unsafe)]

use std::os::raw::c_char;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::{Mutex, Once};

use crate::columns::{Bits, Column, Values};
use crate::executor::{carry_out, Room as Scratch, Tables};
use crate::one::{Found, Given, One, Out};
use crate::plan::Plan;
use crate::reader::{numbers, read, Room};
use crate::schema::Schema;
use crate::score::{score, Given as ScoreGiven, Numbers, Program, Room as ScoreRoom, Said};

/// The agreement with `loading.py`.
const ABI: u32 = 1;
/// What a function returns if the caller has to do the work.
pub const LOOK_YOURSELF: i32 = -1;
/// The same, if a fault of ours ended it.
pub const PANICKED: i32 = -2;

static QUIET: Once = Once::new();

/// What `work` says, or `PANICKED`.
pub fn guarded(work: impl FnOnce() -> i32) -> i32 {
    QUIET.call_once(|| set_hook(Box::new(|_| {})));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(PANICKED)
}

/// What `make` makes, on the heap; null if it makes nothing or fails.
pub fn made<T>(make: impl FnOnce() -> Option<T>) -> *mut T {
    QUIET.call_once(|| set_hook(Box::new(|_| {})));
    match catch_unwind(AssertUnwindSafe(make)) {
        Ok(Some(thing)) => Box::into_raw(Box::new(thing)),
        _ => std::ptr::null_mut(),
    }
}

/// A room that no other call uses; a new one if all are in use.
pub fn taken<T>(rooms: &Mutex<Vec<T>>, new: impl FnOnce() -> T) -> T {
    let free = rooms.lock().map(|mut rooms| rooms.pop());
    free.ok().flatten().unwrap_or_else(new)
}

pub fn put_back<T>(rooms: &Mutex<Vec<T>>, room: T) {
    if let Ok(mut rooms) = rooms.lock() {
        rooms.push(room);
    }
}

/// # Safety
/// `at` is the address of `n` values that live and do not change during the call, or `n` is 0.
pub unsafe fn given<'a, T>(at: *const T, n: usize) -> &'a [T] {
    if n == 0 || at.is_null() {
        &[]
    } else {
        std::slice::from_raw_parts(at, n)
    }
}

/// # Safety
/// `at` is the address of `n` values that live during the call and that nothing else looks at.
pub unsafe fn room<'a, T>(at: *mut T, n: usize) -> &'a mut [T] {
    if n == 0 || at.is_null() {
        &mut []
    } else {
        std::slice::from_raw_parts_mut(at, n)
    }
}

#[no_mangle]
pub extern "C" fn rs_abi() -> u32 {
    ABI
}

/// What the sources were that this was compiled from, as `building.digest_of_sources` says.
#[no_mangle]
pub extern "C" fn rs_sources() -> *const c_char {
    concat!(env!("RISICOSCREENER_SOURCES"), "\0").as_ptr() as *const c_char
}

/// A schema with rooms for the threads that read by it.
pub struct Reader {
    schema: Schema,
    rooms: Mutex<Vec<Room>>,
}

/// A schema from its lines; null if it cannot be held.
///
/// # Safety
/// `text` is the address of `n` bytes.
#[no_mangle]
pub unsafe extern "C" fn rs_reader_new(text: *const u8, n: usize) -> *mut Reader {
    let bytes = given(text, n);
    made(|| {
        let schema = Schema::of(std::str::from_utf8(bytes).ok()?)?;
        Some(Reader { schema, rooms: Mutex::new(Vec::new()) })
    })
}

/// # Safety
/// `reader` is from `rs_reader_new` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn rs_reader_free(reader: *mut Reader) {
    if !reader.is_null() {
        drop(Box::from_raw(reader));
    }
}

/// How many numbers the columns of a dossier are, and these as far as there is room for them; -1
/// if Python has to look. See `reader::numbers`.
///
/// # Safety
/// `reader` is from `rs_reader_new`; `bytes` are `n` bytes and `out` is room for `n_out` numbers.
#[no_mangle]
pub unsafe extern "C" fn rs_reader_numbers(
    reader: *const Reader,
    bytes: *const u8,
    n: usize,
    last: i32,
    out: *mut f64,
    n_out: usize,
) -> i32 {
    let (reader, bytes, out) = (&*reader, given(bytes, n), room(out, n_out));
    guarded(|| {
        let mut own = taken(&reader.rooms, || Room::of(&reader.schema));
        let found = if read(&reader.schema, &mut own, bytes, last) {
            numbers(&reader.schema, &own, out) as i32
        } else {
            LOOK_YOURSELF
        };
        put_back(&reader.rooms, own);
        found
    })
}

/// A column as it is handed over: its address, how it is stored, and the bits of what is there.
#[repr(C)]
pub struct GivenColumn {
    /// 0 absent, 1 days, 2 codes, 3 flags, 4 whole numbers, 5 numbers, 6 texts.
    form: i64,
    values: *const u8,
    /// Null if all values are there.
    valid: *const u8,
    /// Where the first value stands.
    offset: i64,
    len: i64,
}

impl GivenColumn {
    /// # Safety
    /// The addresses are of as many values and bits as it says, as for `given`.
    unsafe fn column<'a>(&self) -> Column<'a> {
        let (first, n) = (self.offset as usize, self.len as usize);
        let bits = |at: *const u8| Bits { bytes: given(at, (first + n + 7) / 8), first };
        let values = match self.form {
            1 => Values::Days(given((self.values as *const i32).add(first), n)),
            2 => Values::Codes(given((self.values as *const i8).add(first), n)),
            3 => Values::Flags(bits(self.values)),
            4 => Values::Whole(given((self.values as *const i32).add(first), n)),
            5 => Values::Numbers(given((self.values as *const f64).add(first), n)),
            6 => Values::Texts(n),
            _ => Values::Absent,
        };
        let valid = (!self.valid.is_null()).then(|| bits(self.valid));
        Column { values, valid }
    }
}

/// A plan with rooms for the threads that carry it out.
pub struct Features {
    plan: Plan,
    rooms: Mutex<Vec<Scratch>>,
}

/// A plan from its numbers, as `features/bytecode.py` writes them; null if they describe none.
///
/// # Safety
/// The addresses are of as many numbers as is said.
#[no_mangle]
pub unsafe extern "C" fn rs_plan_new(
    numbers: *const i64,
    n_numbers: usize,
    pool: *const f64,
    n_pool: usize,
) -> *mut Features {
    let (numbers, pool) = (given(numbers, n_numbers), given(pool, n_pool));
    made(|| Some(Features { plan: Plan::read(numbers, pool)?, rooms: Mutex::new(Vec::new()) }))
}

/// # Safety
/// `features` is from `rs_plan_new` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn rs_plan_free(features: *mut Features) {
    if !features.is_null() {
        drop(Box::from_raw(features));
    }
}

/// The features of `n` index rows: 0, with `n` values next to each other for each feature asked
/// for, or `LOOK_YOURSELF` if the columns are not those that the plan wants.
///
/// # Safety
/// `features` is from `rs_plan_new`; of `columns` there are as many as the plan has, and of
/// `offsets` an address of `n_persons + 1` numbers for each of its tables; `persons` and `days` are
/// of `n` numbers and `out` is room for as many values for each feature.
#[no_mangle]
pub unsafe extern "C" fn rs_plan_values(
    features: *const Features,
    columns: *const GivenColumn,
    offsets: *const *const i64,
    n_persons: usize,
    persons: *const i64,
    days: *const i32,
    n: usize,
    out: *mut f64,
) -> i32 {
    let Features { plan, rooms } = &*features;
    let columns: Vec<Column> =
        given(columns, plan.columns.len()).iter().map(|column| column.column()).collect();
    let offsets: Vec<&[i64]> =
        given(offsets, plan.tables.len()).iter().map(|at| given(*at, n_persons + 1)).collect();
    let (persons, days) = (given(persons, n), given(days, n));
    let out = room(out, n * plan.asked_for.len());
    guarded(|| {
        let tables = Tables { columns: &columns, offsets: &offsets, n_persons };
        if !tables.fit(plan) {
            return LOOK_YOURSELF;
        }
        let mut own = taken(rooms, || Scratch::of(plan));
        unsafe { carried_out(plan, &tables, persons, days, out, &mut own) };
        put_back(rooms, own);
        0
    })
}

unsafe fn carried_out(
    plan: &Plan,
    tables: &Tables,
    persons: &[i64],
    days: &[i32],
    out: &mut [f64],
    own: &mut Scratch,
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
        return carried_out_wide(plan, tables, persons, days, out, own);
    }
    carry_out(plan, tables, persons, days, out, own);
}

/// The same, compiled for a processor that does more numbers at once; it adds nothing up in
/// another order.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn carried_out_wide(
    plan: &Plan,
    tables: &Tables,
    persons: &[i64],
    days: &[i32],
    out: &mut [f64],
    own: &mut Scratch,
) {
    carry_out(plan, tables, persons, days, out, own);
}

/// What describes a schema, a plan and models, each by its address and length.
#[repr(C)]
pub struct GivenOne {
    schema: *const u8,
    n_schema: usize,
    plan: *const i64,
    n_plan: usize,
    pool: *const f64,
    n_pool: usize,
    sources: *const i64,
    n_sources: usize,
    shapes: *const i64,
    n_shapes: usize,
    terms: *const f64,
    n_terms: usize,
}

/// A schema, a plan and models that one dossier goes through; null if they cannot be held.
///
/// # Safety
/// As for `given`, for each part.
#[no_mangle]
pub unsafe extern "C" fn rs_one_new(of: *const GivenOne) -> *mut One {
    let of = &*of;
    let parts = Given {
        schema: given(of.schema, of.n_schema),
        plan: given(of.plan, of.n_plan),
        pool: given(of.pool, of.n_pool),
        sources: given(of.sources, of.n_sources),
        shapes: given(of.shapes, of.n_shapes),
        terms: given(of.terms, of.n_terms),
    };
    made(|| One::of(&parts))
}

/// # Safety
/// `one` is of `rs_one_new`, and nothing uses it any more.
#[no_mangle]
pub unsafe extern "C" fn rs_one_free(one: *mut One) {
    if !one.is_null() {
        drop(Box::from_raw(one));
    }
}

/// Room for all that is found of one dossier, as long as `One::sizes` says.
#[repr(C)]
pub struct RoomOfOne {
    numbers: *mut f64,
    rows: *mut i64,
    steps: *mut f64,
    found: Found,
}

/// 0 and all that was found of one dossier, or `LOOK_YOURSELF`.
///
/// # Safety
/// `one` is of `rs_one_new`; `bytes` are `n` bytes; in `out` there is room for all, and nothing
/// else looks at it.
#[no_mangle]
pub unsafe extern "C" fn rs_one_look(
    one: *const One,
    bytes: *const u8,
    n: usize,
    last: i32,
    day: i32,
    out: *mut RoomOfOne,
) -> i32 {
    guarded(|| {
        let (one, into) = (&*one, &mut *out);
        let (n_numbers, n_rows, n_steps) = one.sizes();
        let out = Out {
            numbers: room(into.numbers, n_numbers),
            rows: room(into.rows, n_rows),
            steps: room(into.steps, n_steps),
        };
        match one.look(given(bytes, n), last, day, out) {
            Some(found) => {
                into.found = found;
                0
            }
            None => LOOK_YOURSELF,
        }
    })
}

/// A scoring program with rooms for the threads that score by it.
pub struct Scoring {
    program: Program,
    rooms: Mutex<Vec<ScoreRoom>>,
}

/// A program from its numbers, see `score::Numbers`; null if they describe none.
///
/// # Safety
/// The addresses are of as many numbers as is said.
#[no_mangle]
pub unsafe extern "C" fn rs_program_new(
    whole: *const i64,
    n_whole: usize,
    numbers: *const f64,
    n_numbers: usize,
    table: *const f64,
    n_table: usize,
) -> *mut Scoring {
    let of = Numbers {
        whole: given(whole, n_whole),
        numbers: given(numbers, n_numbers),
        table: given(table, n_table),
    };
    made(|| Some(Scoring { program: Program::of(&of)?, rooms: Mutex::new(Vec::new()) }))
}

/// # Safety
/// `scoring` is from `rs_program_new` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn rs_program_free(scoring: *mut Scoring) {
    if !scoring.is_null() {
        drop(Box::from_raw(scoring));
    }
}

/// Values of `n` people in columns of `stride` numbers, and which column each term reads.
#[repr(C)]
pub struct GivenValues {
    values: *const f64,
    n_columns: usize,
    stride: usize,
    columns: *const i64,
    n: usize,
}

/// Room for what is said of each person, as `score::Said`; null for what is not asked for.
#[repr(C)]
pub struct RoomOfScores {
    lp: *mut f64,
    error: *mut f64,
    flags: *mut u8,
    missing: *mut i32,
    reasons: *mut i16,
    k: usize,
    parts: *mut f64,
}

/// 0 and what a program says of each person, or `LOOK_YOURSELF`.
///
/// # Safety
/// `scoring` is from `rs_program_new`; there are as many values, columns and rooms as is said.
#[no_mangle]
pub unsafe extern "C" fn rs_program_score(
    scoring: *const Scoring,
    of: *const GivenValues,
    out: *const RoomOfScores,
) -> i32 {
    let (Scoring { program, rooms }, of, out) = (&*scoring, &*of, &*out);
    let (n, n_terms) = (of.n, program.n_terms());
    let values = ScoreGiven {
        values: given(of.values, of.n_columns * of.stride),
        stride: of.stride,
        columns: given(of.columns, n_terms),
    };
    let mut said = Said {
        lp: room(out.lp, n),
        error: room(out.error, n),
        flags: room(out.flags, n),
        missing: room(out.missing, n),
        reasons: room(out.reasons, n * out.k),
        k: out.k,
        parts: room(out.parts, n * n_terms),
    };
    guarded(|| {
        let mut own = taken(rooms, || ScoreRoom::of(program));
        unsafe { scored(program, &values, n, &mut said, &mut own) };
        put_back(rooms, own);
        0
    })
}

unsafe fn scored(
    program: &Program,
    values: &ScoreGiven,
    n: usize,
    said: &mut Said,
    own: &mut ScoreRoom,
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        return scored_wide(program, values, n, said, own);
    }
    score(program, values, n, said, own);
}

/// The same for a processor that does more numbers at once, as `carried_out_wide`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn scored_wide(
    program: &Program,
    values: &ScoreGiven,
    n: usize,
    said: &mut Said,
    own: &mut ScoreRoom,
) {
    score(program, values, n, said, own);
}
