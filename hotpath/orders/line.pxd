"""What a live order reserves and what an instrument adds up to, as structs, and their worth in money.

The structs point at each other: a slot at what its strategy holds and at the parent that it belongs to, so that a
change of a reservation reaches every sum in constant time.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

cdef enum:                   # the side of an order
    BUY = 1
    SELL = -1


cdef inline int64_t lots_bound() noexcept nogil:
    """Return the most lots of a position or a side: two of them still add up to an int64."""
    return INT64_MAX >> 1


cdef struct Parent:          # an order that is sent in parts
    int64_t number           # 0: free
    int64_t cap_lots
    int64_t live_lots        # of its children: what they reserve
    int64_t filled_lots
    bint closed              # no child any more; its place is free when none lives


cdef struct Share:           # of one strategy in one instrument
    int64_t position_lots
    int64_t buy_lots
    int64_t sell_lots


cdef struct Slot:
    int64_t handle           # 0: free
    int64_t price_ticks
    int64_t lots             # the whole quantity, with what is filled
    int64_t filled_lots
    int64_t amend_price_ticks
    int64_t amend_lots       # the quantity of the replacement itself; 0: no amend on its way
    int64_t reserved_lots
    int64_t reserved_funds
    Share* share             # NULL: nobody's
    Parent* parent           # NULL: none
    int instrument
    int side
    int next_free            # -1: the last one
    int next_own             # among those that rest on its side of its instrument; -1: the last one
    int previous_own
    bint reduce_only
    bint resting             # it may stand in the book, so an order of the other side could meet it
    bint parked              # it waits with us: it counts as open and ties up funds, and is no worst case
    bint unknown             # nobody knows what became of it


cdef struct Worth:           # money of the risk currency
    int64_t long_side        # worst case of the buying side, 0 when it is not long
    int64_t short_side
    int64_t net_long         # signed
    int64_t net_short


cdef struct Own:             # the orders of one side that may stand in the book
    int head                 # -1: none
    int64_t best_ticks       # 0: none
    bint stale               # the best one left: look again


cdef struct Line:
    int64_t position_lots
    int64_t base_rest        # money of base fees below a lot
    int64_t buy_lots
    int64_t sell_lots
    int64_t open_count
    int64_t unknown_count
    int64_t low_ticks        # the collar's edges; 0: no mark
    int64_t high_ticks
    int64_t rate_numerator   # quote currency into risk currency; 0: nobody knows
    int64_t rate_denominator
    int64_t lot_money
    Worth worth
    Own buys
    Own sells
    int decimals
    int base_asset
    int quote_asset
    bint unpriced
    bint watched             # somebody asks which lines changed
    bint changed             # and was not told of this one yet


# Signed lots in risk currency: what could be ours at the high edge rounded up, what offsets it at the low edge.
cdef int64_t side_worth(Line* line, int64_t lots, int* error) noexcept nogil

# The worst cases of a line with these lots; UNITS_OVERFLOW when it has no price.
cdef int worth_of(Line* line, int64_t position, int64_t buys, int64_t sells, Worth* worth) noexcept nogil

# What an order ties up: quote currency and a fee for a buy, base currency for a sell.
cdef int64_t funds_of(
    Line* line, int64_t fee_ppm, int side, int64_t price_ticks, int64_t lots, int* error
) noexcept nogil
