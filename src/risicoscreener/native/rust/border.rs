//! The border to the caller: everything that is `unsafe`, and nothing else.
//!
//! Addresses become slices here and results are written here. A panic (which would be a fault of
//! ours: an index out of bounds, say) ends at this border as `PANICKED`, after which the caller
//! does the work in its own way.
#![allow(unsafe_code)]

use std::os::raw::c_char;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::Once;

/// The agreement with `loading.py`.
const ABI: u32 = 1;
/// What every function returns that can fail, if a fault of ours ended it.
pub const PANICKED: i32 = -1;

static QUIET: Once = Once::new();

/// What `work` says, or `PANICKED`.
pub fn guarded(work: impl FnOnce() -> i32) -> i32 {
    QUIET.call_once(|| set_hook(Box::new(|_| {})));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(PANICKED)
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
