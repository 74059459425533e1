"""Numbers as ASCII text, in both directions, for everything compiled. Inline, so that a parser pays for no call.

Errors are codes: a leaf without the GIL cannot raise. The caller, who knows what the text means, words the message.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t, uint64_t

cdef extern from * nogil:
    """
    #ifndef TIERCEL_TEXT
    #define TIERCEL_TEXT
    #include <stdint.h>
    #define TIERCEL_INT64_TENTH ((uint64_t)(INT64_MAX / 10))
    static const int64_t tiercel_pow10[19] __attribute__((unused)) = {
        INT64_C(1), INT64_C(10), INT64_C(100), INT64_C(1000), INT64_C(10000), INT64_C(100000), INT64_C(1000000),
        INT64_C(10000000), INT64_C(100000000), INT64_C(1000000000), INT64_C(10000000000), INT64_C(100000000000),
        INT64_C(1000000000000), INT64_C(10000000000000), INT64_C(100000000000000), INT64_C(1000000000000000),
        INT64_C(10000000000000000), INT64_C(100000000000000000), INT64_C(1000000000000000000)};
    #endif
    """
    const int64_t* POW10 "tiercel_pow10"          # 10^0 to 10^18
    const uint64_t INT64_TENTH "TIERCEL_INT64_TENTH"  # the largest value that may still be multiplied by ten
    bint multiply_overflows "__builtin_mul_overflow" (int64_t a, int64_t b, int64_t* product)


cdef enum:
    TEXT_OK = 0
    TEXT_MALFORMED = 1   # not [-]digits[.digits]
    TEXT_TOO_FINE = 2    # a digit other than 0 beyond the decimals of the scale
    TEXT_TOO_LARGE = 3   # beyond 2^63 - 1 units, either sign

    DECIMALS_MAX = 18         # the most decimals a scale can have: 10^18 is the last power of ten in an int64
    DECIMAL_TEXT_MAX = 24     # bytes that format_decimal writes at most, rounded up
    TIMESTAMP_TEXT_LENGTH = 30


# Read [-]digits[.digits] from `text`, never at or beyond `end`, and return where it stopped: the caller checks what
# stands there. `value` is in units of 10^-decimals. Zeros beyond the scale are exact and accepted.
@cython.overflowcheck(False)  # which cannot subtract pointers; every sum below is bounded by hand
cdef inline const unsigned char* scan_decimal(
    const unsigned char* text, const unsigned char* end, int decimals, int64_t* value, int* error
) noexcept nogil:
    cdef uint64_t units = 0
    cdef const unsigned char* first
    cdef const unsigned char* last
    cdef unsigned int digit
    cdef bint negative = text < end and text[0] == c'-'
    cdef bint too_large = False
    cdef bint too_fine = False
    cdef int missing = decimals
    error[0] = TEXT_MALFORMED
    value[0] = 0
    if negative:
        text += 1
    first = text
    while text < end:
        digit = <unsigned int>text[0] ^ 48
        if digit > 9:
            break
        if units >= INT64_TENTH and (units > INT64_TENTH or digit > 7):
            too_large = True
        else:
            units = units * 10 + digit
        text += 1
    if text == first:
        return text
    if text < end and text[0] == c'.':
        text += 1
        first = text
        last = end if end - text < decimals else text + decimals
        while text < last:
            digit = <unsigned int>text[0] ^ 48
            if digit > 9:
                break
            if units >= INT64_TENTH and (units > INT64_TENTH or digit > 7):
                too_large = True
            else:
                units = units * 10 + digit
            text += 1
        missing = decimals - <int>(text - first)
        while text < end:
            digit = <unsigned int>text[0] ^ 48
            if digit > 9:
                break
            if digit != 0:
                too_fine = True
            text += 1
        if text == first:
            return text
    if too_fine:
        error[0] = TEXT_TOO_FINE
    elif too_large or multiply_overflows(<int64_t>units, POW10[missing], value):
        error[0] = TEXT_TOO_LARGE
        value[0] = 0
    else:
        error[0] = TEXT_OK
        if negative:
            value[0] = -value[0]
    return text


# Read all of `text` as a decimal in units of 10^-decimals. `error` is always set; the result is 0 unless it is TEXT_OK.
@cython.overflowcheck(False)
cdef inline int64_t decimal_to_int(
    const unsigned char* text, Py_ssize_t length, int decimals, int* error
) noexcept nogil:
    cdef int64_t value
    if scan_decimal(text, text + length, decimals, &value, error) != text + length:
        error[0] = TEXT_MALFORMED
        return 0
    return value


# Write `value` units of 10^-decimals with every digit of the scale, no exponent; returns the length. `out` must hold
# DECIMAL_TEXT_MAX bytes; nothing ends the text.
cdef inline int format_decimal(char* out, int64_t value, int decimals) noexcept nogil:
    cdef char reversed_text[DECIMAL_TEXT_MAX]
    cdef int length = 0
    cdef int digits = 0
    cdef int i
    cdef uint64_t left = <uint64_t>value if value >= 0 else <uint64_t>(-(value + 1)) + 1
    while left > 0 or digits <= decimals:
        if digits == decimals and digits > 0:
            reversed_text[length] = c'.'
            length += 1
        reversed_text[length] = <char>(48 + left % 10)
        length += 1
        digits += 1
        left = left // 10
    if value < 0:
        reversed_text[length] = c'-'
        length += 1
    for i in range(length):
        out[i] = reversed_text[length - 1 - i]
    return length


cdef void format_timestamp(char* out, int64_t time_ns) noexcept nogil
