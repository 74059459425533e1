"""An order that is being judged: what was asked, what the checks find on the way, and what they say in the end.

A header alone: every file of checks gets its own inlined copy of `deny` and `compare`.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t, uint64_t

from hotpath.core.units cimport int128
from hotpath.orders.denial cimport APPROVED
from hotpath.orders.line cimport Line, Parent, Slot, Worth

cdef enum:
    PERSON = -1
    MILLION = 1_000_000


cdef struct Order:
    int64_t strategy
    int64_t intent
    int64_t instrument
    int64_t price_ticks
    int64_t lots
    int64_t now_ns
    int side
    int type
    int time_in_force
    bint post_only
    bint reduce_only
    Slot* slot                  # the order that is amended; NULL for a new one
    Line* line                  # of its instrument; NULL while that is not known to be ours
    Parent* parent              # NULL: none that is open
    bint in_parts               # it says that it is a part of one
    int64_t edge_bps            # what the strategy expects
    bint has_edge               # if it says so
    bint parked                 # it will wait with us, so nothing is sent now
    int64_t open_lots           # what would be open
    int64_t growth_lots         # what would be reserved on top
    int64_t sent_price_ticks    # the limit, or a market order's protection price
    int64_t value               # what is open of it in risk currency, at the collar's edge
    int64_t equity
    int equity_error
    int after_error
    int64_t funds               # what it ties up
    bint shrinks                # it can only make the position smaller
    bint exempt                 # a person's, reduce-only, and it shrinks: getting out
    Worth after                 # of its instrument, if it is approved
    uint64_t key                # what makes it the same order as another; set once it was looked for
    int64_t observed            # what the check that said no has seen
    int64_t limit               # and what it compared with
    int64_t warned              # a bit for the code of each limit that is nearly used up
    int64_t warn_pct


cdef inline int deny(Order* order, int code, int64_t observed, int64_t limit) noexcept nogil:
    """Say no, and what was seen against what limit."""
    order.observed = observed
    order.limit = limit
    return code


@cython.overflowcheck(False)
cdef inline int compare(Order* order, int code, int64_t observed, int64_t limit) noexcept nogil:
    """Say no above the limit; from `warn_pct` of it on, remember to warn."""
    if observed > limit:
        return deny(order, code, observed, limit)
    if observed > 0 and <int128>observed * 100 >= <int128>limit * <int128>order.warn_pct:
        order.warned |= <int64_t>1 << code
    return APPROVED


@cython.overflowcheck(False)
cdef inline int compare_part(Order* order, int code, int64_t observed, int64_t whole, int64_t ppm) noexcept nogil:
    """Say no above so many millionths of a whole, without dividing; less than nothing is nothing."""
    cdef int128 most = <int128>whole * <int128>ppm if whole > 0 else 0
    cdef int128 scaled = <int128>observed * <int128>MILLION
    if scaled > most:
        return deny(order, code, observed, <int64_t>(most // <int128>MILLION))
    if observed > 0 and scaled * 100 >= most * <int128>order.warn_pct:
        order.warned |= <int64_t>1 << code
    return APPROVED


@cython.overflowcheck(False)
cdef inline bint part_overflows(int64_t whole, int64_t ppm) noexcept nogil:
    """Return whether so many millionths of a whole are more than an int64 holds."""
    return <int128>whole * <int128>ppm > <int128>INT64_MAX * <int128>MILLION


@cython.overflowcheck(False)
cdef inline int64_t part_of(int64_t amount, int64_t ppm, int* error) noexcept nogil:
    """Return so many millionths of an amount, rounded down; less than nothing is nothing."""
    cdef int128 part = <int128>amount * <int128>ppm // <int128>MILLION
    if part > <int128>INT64_MAX:
        error[0] = 1
        return 0
    return <int64_t>part if part > <int128>0 else 0


@cython.overflowcheck(False)
cdef inline int64_t hundredths(int64_t amount, int64_t percent) noexcept nogil:
    """Return so many hundredths of an amount, at most all of it, rounded down."""
    return <int64_t>(<int128>amount * <int128>percent // <int128>100)


@cython.overflowcheck(False)
cdef inline int64_t narrowed(int128 amount, int* error) noexcept nogil:
    """Return an amount as int64, or set `error`."""
    if amount > <int128>INT64_MAX or amount < -<int128>INT64_MAX:
        error[0] = 1
        return 0
    return <int64_t>amount
