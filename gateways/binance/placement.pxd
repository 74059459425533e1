"""An order on its way out: budget, request, bytes, gate and hand-over in one call."""

from libc.stdint cimport int64_t

from gateways.binance.requests cimport Requests
from gateways.gate cimport Gate
from hotpath.core.buckets cimport RateBuckets


cpdef enum:
    ORDER_WEIGHT = 1    # of the venue's request weight


cdef class OrderTemplates:
    cdef list buys      # by instrument, then by kind
    cdef list sells

    cdef bytes filled(self, int64_t request_id, object order, int64_t now_ns)


cdef class Placement:
    cdef object context
    cdef object session     # its state is asked before anything else
    cdef object arm         # begins to watch over the deadlines of requests
    cdef object refuse      # reports an order that did not leave
    cdef RateBuckets buckets
    cdef Requests requests
    cdef Gate gate
    cdef OrderTemplates templates
    cdef object sign        # encodes an order with key and signature; None where a logon made both needless
    cdef object send
    cdef int64_t epoch              # the newest that an approval was given under
    cdef int64_t limits_version     # and the newest limits

    cdef bint bound(self, object order, int64_t now_ns) except -1
    cdef object place(self, object order)
