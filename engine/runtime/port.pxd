"""Where the world comes in: a Port takes every input of one source, and nothing else does."""


cdef class Port:
    cdef readonly int index
    cdef readonly str name
    cdef readonly str owner     # the actor behind it, empty for none
    cdef public bint is_market    # it brings market data, which starts the clock of the reaction time
    cdef public object receive
    cdef object enter
