//! Faults of this part that would be panics: to Python they are a record that it has to read, or an error like others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// What some work comes to that only reads; none if it panicked.
pub fn unless_it_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// What some work comes to; an error if it panicked, after which whatever it changed is of no use.
///
/// What pyo3 itself makes of a panic is no `Exception`: it would pass by whatever handles those.
pub fn or_error<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    unless_it_panics(work).unwrap_or_else(|| {
        Err(PyRuntimeError::new_err(
            "a fault of streams/native: nothing of this batch has landed or is committed; please report it, and \
             set CXB_INGEST_NATIVE=false, so that Python code reads",
        ))
    })
}
