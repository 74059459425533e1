"""One fact for the trail."""

from libc.stdint cimport int64_t


cdef class AuditEvent:
    cdef readonly int64_t seq
    cdef readonly int64_t time_ns
    cdef readonly int64_t step
    cdef readonly object action
    cdef readonly str actor
    cdef readonly object cause
    cdef readonly object subject
    cdef readonly str resource_type
    cdef readonly str resource_id
    cdef readonly str correlation_id
    cdef readonly dict before
    cdef readonly dict after
    cdef readonly str reason
    cdef readonly dict metadata
    cdef readonly object reply_to


cdef AuditEvent hot_fact(
    int64_t seq, int64_t time_ns, int64_t step, object action, str actor, object cause, object subject,
)
