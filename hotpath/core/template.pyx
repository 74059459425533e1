"""Text with places, filled in one pass.

Python builds a line of thirty values by joining thirty strings and encoding the result; here each value is copied once,
to where it belongs. It knows nothing of what it writes: whoever fills a place has escaped what has to be escaped.
Values are str, bytes or int (decimal digits), so that a number costs no string of its own.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_Check
from libc.string cimport memcpy

from hotpath.core.integers cimport int64_of
from hotpath.core.text cimport format_decimal

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    void* PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)


@cython.final
cdef class Template:
    """Fixed pieces of text with a place between each two of them; immutable."""

    def __init__(self, pieces, indices):
        cdef int place
        pieces = [bytes(piece) for piece in pieces]
        indices = [int(index) for index in indices]
        if len(indices) > PLACES_MAX:
            raise ValueError(f"a template has at most {PLACES_MAX} places, not {len(indices)}")
        if len(pieces) != len(indices) + 1:
            raise ValueError(f"{len(indices)} places stand between {len(indices) + 1} pieces, not {len(pieces)}")
        if indices and (min(indices) < 0 or sorted(set(indices)) != list(range(max(indices) + 1))):
            raise ValueError(f"the values must be counted from 0 without a gap, not {indices}")
        if max(indices, default=-1) >= PLACES_MAX:
            raise ValueError(f"a template takes at most {PLACES_MAX} values")
        self.text = b"".join(pieces)
        self.places_count = len(indices)
        self.values_count = max(indices, default=-1) + 1
        length = 0
        for place in range(self.places_count + 1):
            length += len(pieces[place])
            self.ends[place] = length
            if place < self.places_count:
                self.indices[place] = indices[place]

    cpdef bytes fill(self, tuple first, tuple second):
        """Return the text with its values, those of `first` counted before those of `second`."""
        cdef char[PLACES_MAX][NUMBER_BYTES] numbers
        cdef const char* starts[PLACES_MAX]
        cdef Py_ssize_t[PLACES_MAX] lengths
        cdef Py_ssize_t first_count
        cdef Py_ssize_t total = PyBytes_GET_SIZE(self.text)
        cdef Py_ssize_t begin = 0
        cdef Py_ssize_t index
        cdef const char* text = PyBytes_AS_STRING(self.text)
        cdef char* out
        cdef int place
        cdef object value
        cdef bytes line
        if first is None or second is None:
            raise TypeError("the values of a template are two tuples, and one is None")
        first_count = PyTuple_GET_SIZE(first)
        if first_count + PyTuple_GET_SIZE(second) != self.values_count:
            raise ValueError(f"the template takes {self.values_count} values, not {first_count} and {len(second)}")
        for index in range(self.values_count):
            value = <object>(
                PyTuple_GET_ITEM(first, index) if index < first_count else PyTuple_GET_ITEM(second, index - first_count)
            )
            if PyUnicode_Check(value):
                if PyUnicode_IS_COMPACT_ASCII(value):
                    starts[index] = <const char*>PyUnicode_DATA(value)
                    lengths[index] = PyUnicode_GET_LENGTH(value)
                    continue
                starts[index] = PyUnicode_AsUTF8AndSize(value, &lengths[index])
            elif isinstance(value, bytes):
                starts[index] = PyBytes_AS_STRING(value)
                lengths[index] = PyBytes_GET_SIZE(value)
            else:
                lengths[index] = format_decimal(numbers[index], int64_of(value, "a value"), 0)
                starts[index] = numbers[index]
        for place in range(self.places_count):
            total += lengths[self.indices[place]]
        line = PyBytes_FromStringAndSize(NULL, total)
        out = PyBytes_AS_STRING(line)
        for place in range(self.places_count):
            memcpy(out, text + begin, <size_t>(self.ends[place] - begin))
            out += self.ends[place] - begin
            begin = self.ends[place]
            index = self.indices[place]
            memcpy(out, starts[index], <size_t>lengths[index])
            out += lengths[index]
        memcpy(out, text + begin, <size_t>(self.ends[self.places_count] - begin))
        return line

    def check(self):
        """Raise AssertionError when the template contradicts itself."""
        cdef int place
        begin = 0
        for place in range(self.places_count + 1):
            if self.ends[place] < begin:
                raise AssertionError(f"piece {place} ends at {self.ends[place]}, before it begins at {begin}")
            begin = self.ends[place]
        if begin != len(self.text):
            raise AssertionError(f"the pieces end at {begin}, the text at {len(self.text)}")
        for place in range(self.places_count):
            if not 0 <= self.indices[place] < self.values_count:
                raise AssertionError(f"place {place} names value {self.indices[place]} of {self.values_count}")
