"""What was lost, for compiled code: C17, C18 and C19a."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.judged cimport Order


cdef struct Floor:              # a loss limit as levels of equity
    int64_t warn                # at or below it: nearly
    int64_t reduce              # orders may only make positions smaller
    int64_t end                 # only a person may, and only that
    int64_t base                # equity from which the loss is counted
    int64_t limit
    int told


@cython.final
cdef class Losses:
    cdef Floor day
    cdef Floor peak
    cdef int64_t day_ppm, day_value, peak_ppm, peak_value, reduce_pct, warn_pct
    cdef int64_t streak, streak_max, streak_warn
    cdef int streak_told
    cdef int64_t result         # of the day
    cdef int result_told
    cdef readonly int64_t calm  # above this equity nothing is to be said

    # C17, C18, C19a in this order.
    cdef int check(self, Order* order) noexcept nogil
    cdef int look(self, Order* order) noexcept nogil
    cdef int judge_day(self, Order* order) noexcept nogil
    cdef int judge_floor(
        self, Order* order, Floor* floor, int code, int input_code, int64_t level, int error
    ) noexcept nogil
    cdef int judge_streak(self, Order* order) noexcept nogil
    cdef int lay(self, Floor* floor, int64_t ppm, int64_t value) except -1
    cdef int settle(self) except -1
