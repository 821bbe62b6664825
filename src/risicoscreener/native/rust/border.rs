//! The border to the caller: everything that is `unsafe`, and nothing else.
//!
//! Addresses become slices here and results are written here. A panic (which would be a fault of
//! ours: an index out of bounds, say) ends at this border as `PANICKED`, after which the caller
//! does the work in its own way.
#![allow(unsafe_code)]

use std::os::raw::c_char;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::{Mutex, Once};

use crate::reader::{numbers, read, Room};
use crate::schema::Schema;

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
