"""What becomes of a request to a matching engine, in order of precedence: matching.pyi says what each one means."""

cdef enum:
    INVALID = 1
    DUPLICATE = 2
    UNKNOWN = 3
    FULL = 4
    WOULD_TAKE = 5
    KILLED = 6
    FILLED = 7
    PREVENTED = 8
    EXPIRED = 9
    RESTING = 10
    WAITING = 11
    REDUCED = 12
    CANCELED = 13
