//! What of a screening is worth compiling, for the Python package around it.
//!
//! It knows nothing of Python, and of the schema, the features and the models no more than it is
//! handed as data. Only `border` may be unsafe: there bytes and arrays come in by their address.
//! Written for Rust 1.63, without any crate.
#![deny(unsafe_code)]

mod border;
mod columns;
mod errors;
mod executor;
mod finish;
mod gather;
mod one;
mod passing;
mod plan;
mod reader;
mod rows;
mod schema;
mod score;
mod terms;
mod text;
