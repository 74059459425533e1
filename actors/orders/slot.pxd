"""One order as orders knows it: what was asked for, where it stands, and what is on its way."""

from libc.stdint cimport int64_t


cdef class Slot:
    # ---- what was asked for
    cdef readonly int64_t number
    cdef public str client_order_id
    cdef readonly int64_t strategy
    cdef readonly int64_t intent
    cdef readonly int64_t instrument
    cdef readonly object side
    cdef readonly object time_in_force
    cdef readonly bint post_only
    cdef readonly bint shrinks
    cdef public int64_t price_ticks
    cdef public int64_t lots                # the whole quantity, with what was filled
    cdef readonly int64_t approval
    cdef readonly object scale
    cdef public int64_t sent_ns             # when the request was sent whose answer is awaited
    cdef public int64_t cause               # the audit seq of the last record of this order
    cdef public bint for_waiting            # triggers sent it for an order that waits, and hears of it instead

    # ---- where it stands
    cdef public int64_t state
    cdef public int64_t filled_lots
    cdef public int64_t earlier_lots        # filled under the ids before the last amend
    cdef public bint accepted               # the venue has proved that the order was in its book
    cdef public bint cancel_wanted
    cdef public bint must_cancel            # the wish outlives a refusal: the desk asked, not the strategy
    cdef public bint contradicted           # a contradiction was audited already; one record says it
    cdef readonly dict trade_ids            # None before the first execution
    cdef readonly int64_t forgotten_trade_id    # the highest that fell out of trade_ids

    # ---- what a reconciliation found
    cdef public bint ask                    # ask the venue at the next round, whatever the state
    cdef public bint absent                 # one after the grace period did not show it
    cdef public int64_t absent_since_ns     # when the venue first said that it does not know the order, or 0
    cdef public int64_t short_since_ns      # when it first counted executions that it does not show, or 0

    # ---- the amend that is on its way
    cdef public str next_id                 # of the replacement; empty when there is none
    cdef public bint next_absent
    cdef public int64_t next_price_ticks
    cdef public int64_t next_lots           # 0 when an earlier run asked for it and its records do not say
    cdef public bint gone                   # the order left the book meanwhile
    cdef readonly tuple ids                 # that an amend has replaced, or asked for in vain

    cdef int begin(self) except -1
    cdef int settle(self) except -1
