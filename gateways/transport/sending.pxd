"""What every link does with bytes on their way out."""


cdef class Sender:
    cdef readonly str name
    cdef public object on_sent
    cdef object sent            # whoever counts and hashes what is handed over
    cdef object transmit
