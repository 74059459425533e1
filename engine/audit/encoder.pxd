"""Events as the bytes of the trail."""

from libc.stdint cimport int64_t

from hotpath.core.fact cimport AuditEvent
from hotpath.core.template cimport Template


cdef class Plan:
    cdef Template line
    cdef object render


cdef class Encoder:
    cdef str node
    cdef str session
    cdef object rendering_of
    cdef dict plans
    cdef dict actors
    cdef int64_t time_ns
    cdef str timestamp

    cpdef bytes body(self, AuditEvent event, str prev_hash)
    cdef bytes first(self, AuditEvent event, str prev_hash)
    cdef Template template(self, object action, object words)
    cdef str actor(self, str name)
