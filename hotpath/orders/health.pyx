"""Whether what we rely on is well: the clock, the audit trail, and how much of what we sent nobody knows about.

Each is told from outside with its time, and a word that is too old is no word. A clock is not trusted either when its
distance to the venue's jumped since the last measurement, until the next one agrees. While clock or trail are ill only
a person's order that makes a position smaller passes; too many unresolved orders leave reducing to everybody.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport free

from hotpath.orders.account cimport zeroed
from hotpath.orders.denial cimport (
    APPROVED, AUDIT_HEALTHY, AUDIT_HEALTHY_INPUT, CLOCK_HEALTHY, CLOCK_HEALTHY_INPUT, UNKNOWN_ORDERS,
)
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport Order, compare, deny
from hotpath.orders.told cimport NEVER_TOLD, TOLD, UNUSABLE, usable

cdef enum:
    VENUES_MAX = 64


@cython.final
cdef class Health:
    """The health of clocks, trail and orders against its limits. Times are ns."""

    def __cinit__(self, Exposure exposure not None, venue_of=()):
        cdef int index
        venues = list(venue_of) or [0] * exposure.instruments_count
        count = exposure.instruments_count
        if len(venues) != count or any(not 0 <= venue < VENUES_MAX for venue in venues):
            raise ValueError(f"venues {venues} of {count} instruments; expected 0 to {VENUES_MAX - 1} each")
        self.exposure = exposure
        self.instruments_count = exposure.instruments_count
        self.venues_count = max(venues, default=0) + 1
        self.clocks = <Clock*>zeroed(self.venues_count, sizeof(Clock))
        self.venue_of = <int*>zeroed(self.instruments_count, sizeof(int))
        for index in range(self.instruments_count):
            self.venue_of[index] = venues[index]

    def __dealloc__(self):
        free(self.clocks)
        free(self.venue_of)

    def set_bounds(
        self,
        *,
        int64_t offset_ns,
        int64_t clock_age_ns,
        int64_t lag_ns,
        int64_t backlog_pct,
        int64_t health_age_ns,
        int64_t unknown_instrument,
        int64_t unknown_all,
    ):
        """Take the limits."""
        self.offset_max_ns, self.clock_age_ns = offset_ns, clock_age_ns
        self.lag_max_ns, self.backlog_max_pct, self.health_age_ns = lag_ns, backlog_pct, health_age_ns
        self.unknown_instrument_max, self.unknown_max = unknown_instrument, unknown_all

    def set_clock_offset(self, int64_t venue, offset_ns, time_ns):
        """Say how far a venue's clock is from ours, and when that was measured; what is no int cannot be used."""
        if not 0 <= venue < self.venues_count:
            raise ValueError(f"venue {venue} is unknown; there are 0 to {self.venues_count - 1}")
        cdef Clock* clock = &self.clocks[venue]
        cdef int told = TOLD
        cdef int64_t offset = usable(offset_ns, -INT64_MAX // 4, &told)
        clock.time_ns = usable(time_ns, 0, &told)
        offset = min(offset, INT64_MAX // 4)
        clock.step_ns = abs(offset - clock.offset_ns) if clock.told == TOLD else 0
        clock.offset_ns, clock.distance_ns, clock.told = offset, abs(offset), told

    def set_audit_health(self, durable, lag_ns, backlog_pct, time_ns):
        """Say how the audit trail is: whether its last write is on disk, how late it is, how full what waits for it."""
        cdef int told = TOLD if durable is True or durable is False else UNUSABLE
        self.audit_durable = durable is True
        self.audit_lag_ns = usable(lag_ns, 0, &told)
        self.audit_backlog_pct = usable(backlog_pct, 0, &told)
        self.audit_time_ns = usable(time_ns, 0, &told)
        self.audit_told = told

    cdef int clock_healthy(self, Order* order) noexcept nogil:
        """C23: the venue's clock is near ours, was measured lately, and did not jump."""
        cdef Clock* clock = &self.clocks[self.venue_of[order.instrument]]
        if clock.told == NEVER_TOLD or order.exempt:
            return APPROVED
        if clock.told == UNUSABLE or not 0 <= order.now_ns - clock.time_ns <= self.clock_age_ns:
            return deny(order, CLOCK_HEALTHY_INPUT, order.now_ns - clock.time_ns, self.clock_age_ns)
        if clock.step_ns > self.offset_max_ns:
            return deny(order, CLOCK_HEALTHY, clock.step_ns, self.offset_max_ns)
        return compare(order, CLOCK_HEALTHY, clock.distance_ns, self.offset_max_ns)

    cdef int audit_healthy(self, Order* order) noexcept nogil:
        """C24: what we do reaches the disk, soon enough."""
        if self.audit_told == NEVER_TOLD or order.exempt:
            return APPROVED
        if self.audit_told == UNUSABLE or not 0 <= order.now_ns - self.audit_time_ns <= self.health_age_ns:
            return deny(order, AUDIT_HEALTHY_INPUT, order.now_ns - self.audit_time_ns, self.health_age_ns)
        if not self.audit_durable or self.audit_backlog_pct >= self.backlog_max_pct:
            return self.lagging(order)
        return compare(order, AUDIT_HEALTHY, self.audit_lag_ns, self.lag_max_ns)

    cdef int lagging(self, Order* order) noexcept nogil:
        """Say no to an order while the trail is not durable or has too much before it."""
        return deny(order, AUDIT_HEALTHY, max(self.audit_lag_ns, self.lag_max_ns + 1), self.lag_max_ns)

    cdef int unknown_orders(self, Order* order) noexcept nogil:
        """C25: orders of which nobody knows what became of them; beyond the limit orders may only reduce."""
        if self.exposure.unknown_count == 0 or (order.reduce_only and order.shrinks):
            return APPROVED
        if order.line.unknown_count > self.unknown_instrument_max:
            return deny(order, UNKNOWN_ORDERS, order.line.unknown_count, self.unknown_instrument_max)
        return compare(order, UNKNOWN_ORDERS, self.exposure.unknown_count, self.unknown_max)
