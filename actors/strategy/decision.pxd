"""From a strategy's decision to the intent that risk judges, in one call."""

from actors.strategy.market cimport Market


cdef class Decision:
    cdef object strategy
    cdef dict markets       # by the instrument's index, and by its names
    cdef dict orders        # by intent
    cdef object callback    # on_quote of the strategy
    cdef object find
    cdef object busy
    cdef object context
    cdef object risk

    cdef Market market_of(self, object instrument)
