"""The sequence of one instrument's updates: does this one follow, is it old, or is something missing?

The first update after a snapshot may reach back before it, because the venue cuts its stream at other places than its
snapshots; after that each must begin exactly where the last one ended. A gap is final: everything is a GAP until
start is called with a new snapshot. It knows neither book nor venue.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t

from hotpath.core.integers cimport int64_of


@cython.final
cdef class Sequence:
    """The chain of one instrument's update ids, from a snapshot on."""

    def __cinit__(self):
        self.last_id = 0
        self.synchronised = False
        self.joined = False

    @property
    def expected(self):
        """The first id that the next update must have."""
        return self.last_id + 1

    def start(self, last_id):
        """Begin anew from a snapshot that stands at `last_id`."""
        cdef int64_t stands_at = int64_of(last_id, "last_id")
        if not 0 <= stands_at < INT64_MAX:
            raise ValueError(f"last_id {stands_at}: expected an update id from 0 to 2^63 - 2")
        self.last_id = stands_at
        self.synchronised = True
        self.joined = False

    cdef int follow(self, int64_t first_id, int64_t last_id) noexcept nogil:
        """Judge an update of 0 < first_id <= last_id < INT64_MAX, and go on to it when it follows."""
        if not self.synchronised:
            return GAP
        if last_id <= self.last_id:
            return DUPLICATE
        if first_id > self.last_id + 1 or (self.joined and first_id != self.last_id + 1):
            self.synchronised = False
            return GAP
        self.last_id = last_id
        self.joined = True
        return IN_ORDER

    def step(self, first_id, last_id):
        """Judge the update of ids `first_id` to `last_id`.

        Returns:
            IN_ORDER: it follows, and last_id is now its last. DUPLICATE: all of it is known already; nothing changes.
            GAP: something is missing, or it overlaps what is known; synchronised is False until the next start.

        Raises:
            ValueError: the ids are no range.
        """
        return self.judge(int64_of(first_id, "first_id"), int64_of(last_id, "last_id"))

    cdef int judge(self, int64_t first_id, int64_t last_id) except -1:
        """Judge an update of any ids: ValueError when they are no range."""
        if not 0 <= first_id <= last_id < INT64_MAX:
            raise ValueError(f"update ids {first_id} to {last_id}: expected 0 <= first_id <= last_id < 2^63 - 1")
        return self.follow(first_id, last_id)

    def check(self):
        """Raise AssertionError unless the state is sound."""
        if not 0 <= self.last_id < INT64_MAX or (self.joined and self.last_id == 0):
            raise AssertionError(f"last_id {self.last_id}, joined {self.joined}: an update has an id above 0")
