"""What arrays of options must be like before a kernel may read them.

A kernel is given pointers and a length, so everything is checked here: type, dimension, order, equal lengths, rights
that are rights, and results that overwrite no input. An error says which argument it is about. It knows no formula.
Any buffer will do, a numpy array or another; nothing is imported for it.
"""

cimport cython
from libc.stdint cimport int8_t, uintptr_t

cdef str DOUBLES = "expected a contiguous float64 array of one dimension: numpy.ascontiguousarray(..., dtype=float)"


cdef object present(object values):
    """Return an argument that is not None, which would be an empty view instead of an error."""
    if values is None:
        raise TypeError("it is None")
    return values


cdef int refuse_length(str name, Py_ssize_t found, Py_ssize_t count) except -1:
    """Raise ValueError for a column that is longer or shorter than the first."""
    if found != count and count >= 0:
        raise ValueError(f"{name} has {found} elements and the first array {count}; expected equal lengths")
    return 0


cdef const double[::1] doubles(str name, object values, Py_ssize_t count) except *:
    """Return an input column."""
    cdef const double[::1] column
    try:
        column = present(values)
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(f"{name}: {problem}; {DOUBLES}") from None
    refuse_length(name, column.shape[0], count)
    return column


cdef double[::1] results(str name, object values, Py_ssize_t count) except *:
    """Return a column that will be written."""
    cdef double[::1] column
    try:
        column = present(values)
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(f"{name}: {problem}; {DOUBLES}, writable") from None
    refuse_length(name, column.shape[0], count)
    return column


cdef int8_t[::1] reasons_of(object values, Py_ssize_t count) except *:
    """Return the column in which reasons will be written."""
    cdef int8_t[::1] column
    try:
        column = present(values)
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(f"reasons: {problem}; expected a contiguous, writable int8 array of one dimension") from None
    if column.shape[0] != count:
        raise ValueError(f"reasons has {column.shape[0]} elements; expected {count}, as the other arrays")
    return column


cdef double[:, ::1] rows_of(object values, Py_ssize_t count, tuple rows_counts, str said) except *:
    """Return the rows in which results will be written."""
    cdef double[:, ::1] rows
    try:
        rows = present(values)
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(f"out: {problem}; expected a writable float64 array (rows, count) in C order") from None
    if rows.shape[0] not in rows_counts or rows.shape[1] != count:
        raise ValueError(f"out has the shape ({rows.shape[0]}, {rows.shape[1]}); expected {count} columns, and {said}")
    return rows


cdef const int8_t[::1] rights(object values, Py_ssize_t count) except *:
    """Return the column of rights, each of which is 1 or -1."""
    cdef const int8_t[::1] column
    cdef Py_ssize_t i
    cdef int wrong = 0
    try:
        column = present(values)
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(
            f"right: {problem}; expected a contiguous int8 array of one dimension, CALL (1) or PUT (-1) each"
        ) from None
    refuse_length("right", column.shape[0], count)
    for i in range(column.shape[0]):
        wrong |= column[i] * column[i] - 1
    if wrong:
        i = 0
        while column[i] == 1 or column[i] == -1:
            i += 1
        raise ValueError(f"right[{i}] is {column[i]}; expected CALL (1) or PUT (-1)")
    return column


cdef int refuse_shared(const void* one, Py_ssize_t one_bytes, const void* other, Py_ssize_t other_bytes) except -1:
    """Raise ValueError where a result and something else share a byte."""
    if <uintptr_t>one < <uintptr_t>other + other_bytes and <uintptr_t>other < <uintptr_t>one + one_bytes:
        raise ValueError("a result shares memory with another argument; expected an array of its own: numpy.empty(...)")
    return 0


@cython.final
cdef class Columns:
    """The terms of many options."""

    def __cinit__(self, right, spot, strike, years, rate, dividend_yield, volatility):
        self.right = rights(right, -1)
        self.count = self.right.shape[0]
        self.spot = doubles("spot", spot, self.count)
        self.strike = doubles("strike", strike, self.count)
        self.years = doubles("years", years, self.count)
        self.rate = doubles("rate", rate, self.count)
        self.dividend_yield = doubles("dividend_yield", dividend_yield, self.count)
        self.volatility = doubles("volatility", volatility, self.count)
        if self.count == 0:
            return
        self.pointers.right = &self.right[0]
        self.pointers.spot = &self.spot[0]
        self.pointers.strike = &self.strike[0]
        self.pointers.years = &self.years[0]
        self.pointers.rate = &self.rate[0]
        self.pointers.dividend_yield = &self.dividend_yield[0]
        self.pointers.volatility = &self.volatility[0]

    cdef int refuse_overlap(self, const void* begin, Py_ssize_t bytes_count) except -1:
        """Raise ValueError where a result would overwrite what is still to be read."""
        cdef Py_ssize_t size = self.count * <Py_ssize_t>sizeof(double)
        refuse_shared(begin, bytes_count, self.pointers.right, self.count)
        refuse_shared(begin, bytes_count, self.pointers.spot, size)
        refuse_shared(begin, bytes_count, self.pointers.strike, size)
        refuse_shared(begin, bytes_count, self.pointers.years, size)
        refuse_shared(begin, bytes_count, self.pointers.rate, size)
        refuse_shared(begin, bytes_count, self.pointers.dividend_yield, size)
        refuse_shared(begin, bytes_count, self.pointers.volatility, size)
        return 0
