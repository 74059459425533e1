"""What was lost: since midnight, from the peak, and how many closed trades in a row ended at a loss.

A loss limit is laid out as levels of equity when its baseline or its bounds change, so that an order costs one compare
while nothing is near. At a part of the limit (half) orders may only reduce, at the limit only a person's may; reaching
a level counts as beyond it. Without equity nobody knows what was lost, so only what makes positions smaller passes.
The baselines are told from outside and survive a restart there.
"""

cimport cython
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t

from hotpath.core.units cimport UNITS_OK, int128
from hotpath.orders.denial cimport (
    APPROVED, CONSECUTIVE_LOSSES, CONSECUTIVE_LOSSES_INPUT, DAILY_LOSS, DAILY_LOSS_INPUT, DRAWDOWN, DRAWDOWN_INPUT,
)
from hotpath.orders.judged cimport Order, deny, narrowed, part_of
from hotpath.orders.told cimport NEVER_TOLD, TOLD, UNUSABLE, usable

cdef enum:
    PERCENT = 100


@cython.final
cdef class Losses:
    """Losses against their limits. Amounts are money of the risk currency."""

    def __cinit__(self):
        self.calm = INT64_MIN

    def set_bounds(
        self,
        *,
        int64_t day_ppm,
        int64_t day_value,
        int64_t peak_ppm,
        int64_t peak_value,
        int64_t reduce_pct,
        int64_t streak_max,
        int64_t warn_pct,
    ):
        """Take the limits: parts of the baseline in millionths and amounts, of which the tighter binds."""
        if min(day_ppm, day_value, peak_ppm, peak_value, reduce_pct, streak_max) < 1:
            raise ValueError("a loss limit, its part and a streak are at least 1")
        self.day_ppm, self.day_value, self.peak_ppm, self.peak_value = day_ppm, day_value, peak_ppm, peak_value
        self.reduce_pct, self.warn_pct, self.streak_max = reduce_pct, warn_pct, streak_max
        self.settle()

    def set_day_equity(self, equity):
        """Say what equity was when the day began; what is no positive amount of money cannot be used."""
        self.day.told = TOLD
        self.day.base = usable(equity, 1, &self.day.told)
        self.settle()

    def set_day_result(self, result):
        """Say what was won since the day began, which inventory does not count into; what is no money cannot be used.

        Until it is said the day's loss is that of equity.
        """
        self.result_told = TOLD
        self.result = usable(result, -INT64_MAX, &self.result_told)
        self.settle()

    def set_peak_equity(self, equity):
        """Say what equity was at its highest; what is no positive amount of money cannot be used."""
        self.peak.told = TOLD
        self.peak.base = usable(equity, 1, &self.peak.told)
        self.settle()

    def set_losses_in_row(self, count):
        """Say how many closed trades in a row ended at a loss; what is no count cannot be used."""
        self.streak_told = TOLD
        self.streak = usable(count, 0, &self.streak_told)
        self.settle()

    cdef int settle(self) except -1:
        """Lay the levels out anew, and find the equity above which nothing is to be said."""
        self.lay(&self.day, self.day_ppm, self.day_value)
        self.lay(&self.peak, self.peak_ppm, self.peak_value)
        self.calm = INT64_MIN
        if self.day.told == TOLD and self.result_told == NEVER_TOLD:
            self.calm = self.day.warn
        if self.peak.told == TOLD:
            self.calm = max(self.calm, self.peak.warn)
        if UNUSABLE in (self.day.told, self.peak.told, self.result_told):
            self.calm = INT64_MAX
        if self.day.told == TOLD and self.result_told == TOLD and self.result <= self.day.warn - self.day.base:
            self.calm = INT64_MAX
        self.streak_warn = -(-self.streak_max * self.warn_pct // PERCENT)
        if self.streak_told == UNUSABLE or (self.streak_told == TOLD and self.streak >= self.streak_warn):
            self.calm = INT64_MAX
        return 0

    @cython.overflowcheck(False)
    cdef int lay(self, Floor* floor, int64_t ppm, int64_t value) except -1:
        """Turn a limit into levels of equity; a limit beyond int64 cannot be used."""
        cdef int error = UNITS_OK
        cdef int64_t part = part_of(floor.base, ppm, &error)
        if floor.told != TOLD:
            return 0
        floor.limit = value if error != UNITS_OK else min(part, value)
        floor.end = floor.base - floor.limit
        floor.reduce = floor.base - <int64_t>(<int128>floor.limit * <int128>self.reduce_pct // PERCENT)
        floor.warn = floor.base - <int64_t>(
            <int128>floor.limit * <int128>self.reduce_pct * <int128>self.warn_pct // (PERCENT * PERCENT)
        )
        return 0

    cdef int check(self, Order* order) noexcept nogil:
        """C17, C18, C19a: one compare while all is well."""
        if order.equity > self.calm and order.equity_error == UNITS_OK:
            return APPROVED
        return self.look(order)

    cdef int look(self, Order* order) noexcept nogil:
        """Look at each of the three."""
        return (
            self.judge_day(order)
            or self.judge_floor(order, &self.peak, DRAWDOWN, DRAWDOWN_INPUT, order.equity, order.equity_error)
            or self.judge_streak(order)
        )

    @cython.overflowcheck(False)
    cdef int judge_day(self, Order* order) noexcept nogil:
        """Compare what the day brought with its limit: what was told, or else what equity lost."""
        cdef int error = self.result_told == UNUSABLE
        cdef int64_t level
        if self.result_told == NEVER_TOLD:
            return self.judge_floor(order, &self.day, DAILY_LOSS, DAILY_LOSS_INPUT, order.equity, order.equity_error)
        level = narrowed(<int128>self.day.base + <int128>self.result, &error)
        return self.judge_floor(order, &self.day, DAILY_LOSS, DAILY_LOSS_INPUT, level, error)

    @cython.overflowcheck(False)
    cdef int judge_floor(
        self, Order* order, Floor* floor, int code, int input_code, int64_t level, int error
    ) noexcept nogil:
        """Compare a level of equity with those of one limit."""
        cdef int64_t loss
        if floor.told == NEVER_TOLD:
            return APPROVED
        if floor.told == UNUSABLE or error != UNITS_OK:
            return APPROVED if order.shrinks else deny(order, input_code, level, floor.base)
        if level > floor.warn:
            return APPROVED
        order.warned |= <int64_t>1 << code
        loss = <int64_t>min(<int128>floor.base - <int128>level, <int128>INT64_MAX)
        if level <= floor.end:
            return APPROVED if order.exempt else deny(order, code, loss, floor.limit)
        if level <= floor.reduce and not (order.reduce_only and order.shrinks):
            return deny(order, code, loss, floor.base - floor.reduce)
        return APPROVED

    cdef int judge_streak(self, Order* order) noexcept nogil:
        """Compare the row of losing trades with its limit."""
        if self.streak_told == NEVER_TOLD:
            return APPROVED
        if self.streak_told == UNUSABLE:
            return APPROVED if order.shrinks else deny(order, CONSECUTIVE_LOSSES_INPUT, 0, self.streak_max)
        if self.streak >= self.streak_max and not (order.reduce_only and order.shrinks):
            return deny(order, CONSECUTIVE_LOSSES, self.streak, self.streak_max)
        if self.streak >= self.streak_warn:
            order.warned |= <int64_t>1 << CONSECUTIVE_LOSSES
        return APPROVED
