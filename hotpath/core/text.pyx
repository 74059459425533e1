"""Numbers and moments as ASCII text: what stands in messages, audit lines and logs.

The parser and the formatter of decimals are inline in text.pxd, because levels, orders and audit call them by the
million; here is what is called from Python. It knows no scale and no instrument. A timestamp always has nine digits and
a Z, so that text sorts as time does.
"""

from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdint cimport int64_t

from hotpath.core.integers cimport int64_of

cdef enum:
    SECONDS_A_DAY = 86_400
    DAYS_TO_1970 = 719_468      # from 1 March of the year 0
    DAYS_IN_400_YEARS = 146_097


cdef inline void put_number(char* out, int64_t value, int width) noexcept nogil:
    """Write `value` right-aligned in `width` bytes, zeros in front."""
    cdef int i
    for i in range(width - 1, -1, -1):
        out[i] = <char>(48 + value % 10)
        value = value // 10


cdef void format_timestamp(char* out, int64_t time_ns) noexcept nogil:
    """Write TIMESTAMP_TEXT_LENGTH bytes of RFC 3339; `time_ns` counts from 1970 and is not negative.

    The date comes from counting years from 1 March, so that the leap day is a year's last one (Hinnant,
    chrono-Compatible Low-Level Date Algorithms, 2013, civil_from_days).
    """
    cdef int64_t seconds = time_ns // 1_000_000_000
    cdef int64_t days = seconds // SECONDS_A_DAY + DAYS_TO_1970
    cdef int64_t era = days // DAYS_IN_400_YEARS
    cdef int64_t day_of_era = days - era * DAYS_IN_400_YEARS
    cdef int64_t year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // (DAYS_IN_400_YEARS - 1)
    ) // 365
    cdef int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    cdef int64_t month_from_march = (5 * day_of_year + 2) // 153
    cdef int64_t month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    cdef int64_t second_of_day = seconds % SECONDS_A_DAY
    put_number(out, era * 400 + year_of_era + (1 if month <= 2 else 0), 4)
    out[4] = c'-'
    put_number(out + 5, month, 2)
    out[7] = c'-'
    put_number(out + 8, day_of_year - (153 * month_from_march + 2) // 5 + 1, 2)
    out[10] = c'T'
    put_number(out + 11, second_of_day // 3_600, 2)
    out[13] = c':'
    put_number(out + 14, second_of_day // 60 % 60, 2)
    out[16] = c':'
    put_number(out + 17, second_of_day % 60, 2)
    out[19] = c'.'
    put_number(out + 20, time_ns % 1_000_000_000, 9)
    out[29] = c'Z'


def timestamp_text(time_ns):
    """Return a moment as RFC 3339 with nine digits and Z: 2024-08-08T23:59:59.123456789Z.

    Args:
        time_ns: nanoseconds since 1970-01-01 UTC, not negative; int64 ends on 2262-04-11.

    Raises:
        ValueError: the time lies before 1970.
    """
    cdef char out[TIMESTAMP_TEXT_LENGTH]
    cdef int64_t moment_ns = int64_of(time_ns, "time_ns")
    if moment_ns < 0:
        raise ValueError(f"time {moment_ns} ns lies before 1970; expected nanoseconds since 1970-01-01 UTC")
    format_timestamp(out, moment_ns)
    return PyUnicode_DecodeASCII(out, TIMESTAMP_TEXT_LENGTH, NULL)
