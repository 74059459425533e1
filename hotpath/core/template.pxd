"""Text with places, filled in one pass: made once from its pieces, filled for every line that is written."""

cimport cython

cdef enum:
    PLACES_MAX = 64
    NUMBER_BYTES = 24


@cython.final
cdef class Template:
    cdef bytes text                       # the pieces, one after the other
    cdef Py_ssize_t[PLACES_MAX + 1] ends  # where each piece ends in text
    cdef int[PLACES_MAX] indices          # which value stands at each place
    cdef readonly int places_count
    cdef readonly int values_count        # how many values fill needs, the same one may stand at several places

    cpdef bytes fill(self, tuple first, tuple second)
