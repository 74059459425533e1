"""One instrument as one strategy sees it: its last quote, the strategy's own working orders and its own position."""


cdef class Market:
    cdef readonly object instrument
    cdef readonly object index
    cdef readonly object scale
    cdef public object quote
    cdef public bint synchronised
    cdef readonly list buys
    cdef readonly list sells
    cdef readonly object lot_money
    cdef readonly object position_money
    cdef readonly object position_lots  # in whole lots, towards zero

    cdef int add(self, object order, object side) except -1
