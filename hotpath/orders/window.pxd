"""How often something happened lately, for compiled code: a count over a sliding time in 64 parts."""

from libc.stdint cimport int64_t, uint32_t

cdef enum:
    WINDOW_PARTS = 64


cdef struct Window:
    int64_t end_ns                      # of the newest part
    int64_t total
    uint32_t counts[WINDOW_PARTS]
    int newest

# How long a part of a window is that covers `window_ns`.
cdef int64_t part_of_window(int64_t window_ns) noexcept nogil

cdef void note(Window* window, int64_t now_ns, int64_t part_ns) noexcept nogil
cdef int64_t count_of(Window* window, int64_t now_ns, int64_t part_ns) noexcept nogil
cdef void forget(Window* window) noexcept nogil
