"""The requests in flight: what was asked, under which id, and until when an answer may come."""

from libc.stdint cimport int64_t


cdef class Request:
    cdef readonly int64_t id
    cdef readonly object kind
    cdef readonly object subject
    cdef readonly str order         # the client order id whose execution report is awaited, empty for none
    cdef readonly int64_t due_ns
    cdef readonly Request earlier   # the one before it that awaits a report of the same order
    cdef public bint answered
    cdef public bint reported
    cdef public object held         # the end of an amend's old order, kept back until the amend's outcome is known


cdef class Requests:
    cdef readonly int64_t deadline_ns
    cdef dict by_id
    cdef dict by_order
    cdef dict by_replaced
    cdef int64_t last_id
    cdef public bint watched        # somebody has set a timer for the first that is overdue

    cdef int64_t add(self, object kind, object subject, str order, int64_t now_ns) except -1
    cdef object drop_request(self, Request request)
