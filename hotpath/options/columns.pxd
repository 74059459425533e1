"""Columns of options from Python for the kernels: checked once, and kept alive while a kernel reads them."""

cimport cython
from libc.stdint cimport int8_t

from hotpath.options.isa cimport option_columns

# The argument, or TypeError for None, which would be an empty view.
cdef object present(object values)

# An argument as a column, `count` long where that is not negative; ValueError names the argument and what is wrong.
cdef const double[::1] doubles(str name, object values, Py_ssize_t count) except *
cdef const int8_t[::1] rights(object values, Py_ssize_t count) except *
cdef double[::1] results(str name, object values, Py_ssize_t count) except *
cdef int8_t[::1] reasons_of(object values, Py_ssize_t count) except *

# A result of several rows, each `count` long: one of `rows_counts`, which `said` explains.
cdef double[:, ::1] rows_of(object values, Py_ssize_t count, tuple rows_counts, str said) except *

# ValueError where a result (`one`) shares memory with something else.
cdef int refuse_shared(const void* one, Py_ssize_t one_bytes, const void* other, Py_ssize_t other_bytes) except -1


@cython.final
cdef class Columns:
    cdef option_columns pointers        # all NULL when there are no options
    cdef Py_ssize_t count
    cdef const int8_t[::1] right
    cdef const double[::1] spot
    cdef const double[::1] strike
    cdef const double[::1] years
    cdef const double[::1] rate
    cdef const double[::1] dividend_yield
    cdef const double[::1] volatility

    # ValueError where `bytes_count` bytes at `begin` are part of a column.
    cdef int refuse_overlap(self, const void* begin, Py_ssize_t bytes_count) except -1
