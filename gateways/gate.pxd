"""The gate as a gateway asks it, once for every order."""


cdef class Gate:
    cdef object cells
    cdef object seen        # the word that was seen last
    cdef public object on_seen

    cdef bint lets_pass(self, bint shrinks) except -1
    cdef object notice(self, object value)
