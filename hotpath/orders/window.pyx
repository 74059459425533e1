"""How often something happened lately: a count over a sliding time, kept in 64 parts.

Times are not kept, only how many fell into each part, so the memory does not depend on the limit. A part leaves as a
whole: what is counted covers the window and up to a sixty-third of it more, never less, so a limit binds at most that
much too long. A clock that steps back counts into the newest part.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.string cimport memset


cdef int64_t part_of_window(int64_t window_ns) noexcept nogil:
    """Return the length of a part: without the newest one, which has only begun, the parts cover the window."""
    return -(-window_ns // (WINDOW_PARTS - 1))


@cython.overflowcheck(False)
cdef void slide(Window* window, int64_t now_ns, int64_t part_ns) noexcept nogil:
    """Let parts that are too old go; `now_ns` lies beyond the newest."""
    if now_ns - window.end_ns >= part_ns * WINDOW_PARTS:
        forget(window)
        window.end_ns = now_ns + part_ns
        return
    while window.end_ns <= now_ns:
        window.newest = (window.newest + 1) & (WINDOW_PARTS - 1)
        window.total -= window.counts[window.newest]
        window.counts[window.newest] = 0
        window.end_ns += part_ns


cdef void note(Window* window, int64_t now_ns, int64_t part_ns) noexcept nogil:
    """Count one."""
    if now_ns >= window.end_ns:
        slide(window, now_ns, part_ns)
    window.counts[window.newest] += 1
    window.total += 1


cdef int64_t count_of(Window* window, int64_t now_ns, int64_t part_ns) noexcept nogil:
    """Return how many there were within the window."""
    if now_ns >= window.end_ns:
        slide(window, now_ns, part_ns)
    return window.total


cdef void forget(Window* window) noexcept nogil:
    """Begin anew."""
    memset(window, 0, sizeof(Window))
