"""What binds an approval to the order that leaves: 64 bits over every field that the venue will read, and its validity.

Risk seals what it approved; orders and the gate compute the same over what they are about to send and compare. So an
approval is worth nothing for another price or quantity, after its time, under another trading state or other limits.
The bits find errors and mixed-up messages, no forger: whoever can write here can write the order as well.
"""

cimport cython
from libc.stdint cimport int64_t, uint64_t

cdef uint64_t MIX = 0x9E3779B97F4A7C15  # as in hotpath.orders.recents


@cython.overflowcheck(False)
cdef inline uint64_t stir(uint64_t mixed, int64_t field) noexcept nogil:
    """Return the bits with one more field in them."""
    mixed = (mixed ^ <uint64_t>field) * MIX
    return mixed ^ (mixed >> 32)


@cython.overflowcheck(False)
cdef uint64_t binding_of(Leaving* leaving, int64_t epoch, int64_t limits_version, int64_t expires_ns) noexcept nogil:
    """Return the bits of an order and of what its approval is valid for."""
    cdef int64_t kinds = leaving.side * 64 + leaving.time_in_force * 4 + leaving.post_only * 2 + leaving.shrinks
    cdef uint64_t mixed = stir(MIX, leaving.price_ticks)
    mixed = stir(mixed, leaving.lots)
    mixed = stir(mixed, leaving.instrument)
    mixed = stir(mixed, kinds)
    mixed = stir(mixed, epoch)
    mixed = stir(mixed, limits_version)
    return stir(mixed, expires_ns)


cdef Seal sealed(Leaving* leaving, int64_t epoch, int64_t limits_version, int64_t expires_ns):
    """Seal an order."""
    cdef Seal seal = Seal.__new__(Seal)
    seal.epoch, seal.limits_version, seal.expires_ns = epoch, limits_version, expires_ns
    seal.binding = binding_of(leaving, epoch, limits_version, expires_ns)
    return seal


@cython.final
@cython.freelist(64)
cdef class Seal:
    """An approval's bits, the trading state and limits that it was given under, and when it ends.

    Two are equal when all of that is.
    """

    @staticmethod
    def of(
        int64_t instrument, int side, int time_in_force, bint post_only, int64_t price_ticks, int64_t lots,
        bint shrinks, int64_t epoch, int64_t limits_version, int64_t expires_ns,
    ):
        """Seal an order as it leaves."""
        cdef Leaving leaving = Leaving(
            instrument, price_ticks, lots, side, time_in_force, post_only, shrinks
        )
        return sealed(&leaving, epoch, limits_version, expires_ns)

    cdef bint fits(self, Leaving* leaving) noexcept nogil:
        """Return whether the bits are those of this order."""
        return self.binding == binding_of(leaving, self.epoch, self.limits_version, self.expires_ns)

    def __eq__(self, other):
        if not isinstance(other, Seal):
            return NotImplemented
        cdef Seal seal = other
        return self.binding == seal.binding and self.expires_ns == seal.expires_ns and self.epoch == seal.epoch

    def __hash__(self):
        return hash(self.binding)

    def __repr__(self):
        return f"Seal({self.binding:016x}, epoch {self.epoch}, limits {self.limits_version}, until {self.expires_ns})"
