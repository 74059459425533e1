"""Price levels as a message brings them: text scanned once, straight into one C array of (ticks, lots).

A Levels is immutable and holds no Python object, so a message with thousands of levels costs the garbage collector
nothing. It keeps the order of the text and the last of two equal prices still counts as a second level: what they mean
is the book's affair. The scanner takes what venues print, without whitespace, and refuses the rest with its place.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

from hotpath.core.integers cimport int64_of
from hotpath.core.text cimport TEXT_MALFORMED, TEXT_OK, TEXT_TOO_FINE, scan_decimal
from hotpath.core.units cimport Scale

from hotpath.core.units import PrecisionError

cdef enum:
    LEVEL_TEXT_MIN = 9      # ["1","0"]
    NOT_POSITIVE = -1       # joins the codes of hotpath.core.text: a price of 0 or less, a quantity below 0


cdef Levels allocate(Py_ssize_t capacity):
    """Return an empty batch with room for `capacity` levels."""
    cdef Levels batch = Levels.__new__(Levels)
    if capacity > 0:
        batch.levels = <Level*>malloc(<size_t>capacity * sizeof(Level))
        if batch.levels == NULL:
            raise MemoryError(f"no memory for {capacity} levels")
    return batch


@cython.final
@cython.freelist(64)
cdef class Levels:
    """An immutable batch of (ticks, lots), in the order in which they came; 0 lots deletes a level."""

    def __cinit__(self):
        self.levels = NULL
        self.count = 0

    def __dealloc__(self):
        free(self.levels)

    @staticmethod
    def of(pairs):
        """Make a batch of (ticks, lots). ValueError unless ticks > 0 and lots >= 0."""
        cdef list rows = list(pairs)
        cdef Levels batch = allocate(len(rows))
        cdef int64_t ticks, lots
        for price, quantity in rows:
            ticks = int64_of(price, "ticks")
            lots = int64_of(quantity, "lots")
            if ticks <= 0 or lots < 0:
                raise ValueError(
                    f"level ({ticks} ticks, {lots} lots): expected a price above 0 and a quantity of 0 or more"
                )
            batch.levels[batch.count].ticks = ticks
            batch.levels[batch.count].lots = lots
            batch.count += 1
        return batch

    def check(self):
        """Raise AssertionError unless every level is sound."""
        cdef Py_ssize_t i
        for i in range(self.count):
            if self.levels[i].ticks <= 0 or self.levels[i].lots < 0:
                raise AssertionError(f"level {i} is ({self.levels[i].ticks} ticks, {self.levels[i].lots} lots)")

    def __len__(self):
        return self.count

    def __getitem__(self, Py_ssize_t index):
        cdef Py_ssize_t at = index + self.count if index < 0 else index
        if not 0 <= at < self.count:
            raise IndexError(f"level {index} of {self.count}")
        return self.levels[at].ticks, self.levels[at].lots

    def __iter__(self):
        cdef Py_ssize_t i
        return iter([(self.levels[i].ticks, self.levels[i].lots) for i in range(self.count)])

    def __eq__(self, other):
        cdef Py_ssize_t i
        if not isinstance(other, Levels):
            return NotImplemented
        if self.count != (<Levels>other).count:
            return False
        for i in range(self.count):
            if self.levels[i].ticks != (<Levels>other).levels[i].ticks:
                return False
            if self.levels[i].lots != (<Levels>other).levels[i].lots:
                return False
        return True

    def __hash__(self):
        return hash(tuple(self))

    def __repr__(self):
        return f"Levels.of({list(self)})"

    def __reduce__(self):
        return Levels.of, (list(self),)


@cython.overflowcheck(False)  # which cannot subtract pointers
cdef const unsigned char* scan_level(
    const unsigned char* p, const unsigned char* end,
    int price_decimals, int quantity_decimals, Level* level, int* error,
) noexcept nogil:
    """Read `["price","quantity"]` and return what follows it; on an error return the place of it."""
    cdef const unsigned char* number
    error[0] = TEXT_MALFORMED
    if end - p < LEVEL_TEXT_MIN or p[0] != c'[' or p[1] != c'"':
        return p
    number = p + 2
    p = scan_decimal(number, end, price_decimals, &level.ticks, error)
    if error[0] != TEXT_OK:
        return number
    error[0] = TEXT_MALFORMED
    if end - p < 3 or p[0] != c'"' or p[1] != c',' or p[2] != c'"':
        return p
    if level.ticks <= 0:
        error[0] = NOT_POSITIVE
        return number
    number = p + 3
    p = scan_decimal(number, end, quantity_decimals, &level.lots, error)
    if error[0] != TEXT_OK:
        return number
    error[0] = TEXT_MALFORMED
    if end - p < 2 or p[0] != c'"' or p[1] != c']':
        return p
    if level.lots < 0:
        error[0] = NOT_POSITIVE
        return number
    error[0] = TEXT_OK
    return p + 2


@cython.overflowcheck(False)
cdef const unsigned char* scan_levels(
    const unsigned char* p, const unsigned char* end, Scale scale, Levels batch, int* error
) noexcept nogil:
    """Read the whole array into `batch`, which is large enough; returns the end, or the place of the error."""
    cdef int price_decimals = scale.price_decimals
    cdef int quantity_decimals = scale.quantity_decimals
    cdef Level* level = batch.levels
    error[0] = TEXT_MALFORMED
    if end - p < 2 or p[0] != c'[':
        return p
    if end - p == 2 and p[1] == c']':
        error[0] = TEXT_OK
        return end
    while True:
        p = scan_level(p + 1, end, price_decimals, quantity_decimals, level, error)
        if error[0] != TEXT_OK:
            return p
        level += 1
        batch.count += 1
        if p == end or p[0] != c',':
            break
    if end - p == 1 and p[0] == c']':
        return end
    error[0] = TEXT_MALFORMED
    return p


cdef int refuse(const unsigned char* start, Py_ssize_t length, Py_ssize_t place, Py_ssize_t level, int error) except -1:
    """Raise what `error` means, with the level, the byte and the text that stands there."""
    cdef bytes around = start[place:min(length, place + 32)]
    cdef str where = f"level {level}, byte {place} of {length}, at {around!r}"
    if error == TEXT_MALFORMED:
        raise ValueError(f'malformed levels: {where}; expected [["price","quantity"],...] with plain decimals')
    if error == NOT_POSITIVE:
        raise ValueError(f"{where}: expected a price above 0 and a quantity of 0 or more")
    if error == TEXT_TOO_FINE:
        raise PrecisionError(f"{where}: the number is finer than the scale of its instrument; read the instrument anew")
    raise OverflowError(f"{where}: the number does not fit int64 at the scale of its instrument")


@cython.overflowcheck(False)
cdef Levels read_levels(const unsigned char* start, Py_ssize_t length, Scale scale):
    """Read a JSON array of levels that fills `length` bytes."""
    cdef int error = TEXT_OK
    cdef Levels batch = allocate(length // LEVEL_TEXT_MIN + 1)
    cdef const unsigned char* stop = scan_levels(start, start + length, scale, batch, &error)
    if error != TEXT_OK:
        refuse(start, length, stop - start, batch.count, error)
    return batch


def parse_levels(raw, Scale scale not None):
    """Read `[["price","quantity"],...]`, strictly, without a float and without a copy of the text.

    Args:
        raw: anything with a contiguous buffer: bytes, memoryview, msgspec.Raw. It is not kept.
        scale: what the venue prints.

    Raises:
        ValueError: the text is malformed, a price is not above 0 or a quantity is negative; names level and byte.
        PrecisionError: a digit is finer than the scale.
        OverflowError: a number does not fit int64.
    """
    cdef Py_buffer view
    PyObject_GetBuffer(raw, &view, PyBUF_SIMPLE)
    try:
        return read_levels(<const unsigned char*>view.buf, view.len, scale)
    finally:
        PyBuffer_Release(&view)
