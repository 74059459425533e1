"""Ticks, lots and money: exact integers, and the only place where decimal text becomes one of them.

A tick is the smallest price a venue prints, a lot the smallest quantity, money is 1e-8 of its currency; all are int64.
Products are __int128 and are rounded once, against us: what we pay goes up, what we receive goes down. No float enters:
it cannot say what was written. It knows no instrument and no order step; those are checks on our own orders.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdint cimport INT64_MAX, int64_t, uint64_t

from hotpath.core.integers cimport int64_of
from hotpath.core.text cimport (
    DECIMAL_TEXT_MAX, DECIMALS_MAX, POW10, TEXT_MALFORMED, TEXT_OK, TEXT_TOO_FINE, decimal_to_int, format_decimal,
)

from decimal import Decimal

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)


class PrecisionError(ValueError):
    """A value has digits finer than the scale it is read at; nothing is rounded."""


@cython.overflowcheck(False)
cdef object wide(int128 value):
    """Return 128 bits as a Python integer."""
    return (<object><int64_t>(value >> 64) << 64) | <uint64_t>value


cdef str plain_text(int64_t value, int decimals):
    """Return `value` units of 10^-decimals as text with every digit of the scale."""
    cdef char out[DECIMAL_TEXT_MAX]
    return PyUnicode_DecodeASCII(out, format_decimal(out, value, decimals), NULL)


cdef str shown(value):
    """Return a value as an error message shows it: never more than one line of it."""
    cdef str text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


cdef int refuse(str what, value, int decimals, int error) except -1:
    """Raise what `error` means for `value`, which was to become `what` with `decimals` decimals."""
    if error == TEXT_MALFORMED:
        raise ValueError(f"{what} {shown(value)} is not a plain decimal; expected digits and at most a dot, like 0.25")
    if error == TEXT_TOO_FINE:
        raise PrecisionError(
            f"{what} {shown(value)} is finer than its scale: it may have {decimals} decimals; nothing is rounded"
        )
    raise OverflowError(
        f"{what} {shown(value)} does not fit: at {decimals} decimals the largest is {plain_text(INT64_MAX, decimals)}"
    )


cdef int64_t from_decimal(str what, value, int decimals) except? -1:
    """Read a Decimal. Its exponent is looked at first, so that 1E+999999 is never written out."""
    cdef int error = TEXT_OK
    cdef int64_t units
    cdef bytes text
    if not value.is_finite():
        refuse(what, value, decimals, TEXT_MALFORMED)
    if not value:
        return 0
    if value.adjusted() < -decimals:
        refuse(what, value, decimals, TEXT_TOO_FINE)
    if value.adjusted() > DECIMALS_MAX:
        raise OverflowError(f"{what} {shown(value)} does not fit: it has over {DECIMALS_MAX + 1} digits before the dot")
    text = format(value, "f").encode("ascii")
    units = decimal_to_int(<const unsigned char*>PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), decimals, &error)
    if error != TEXT_OK:
        refuse(what, value, decimals, error)
    return units


cdef int64_t from_other(str what, value, int decimals) except? -1:
    """Read what is neither str nor bytes: Decimal and int; anything else is a TypeError."""
    if isinstance(value, Decimal):
        return from_decimal(what, value, decimals)
    if isinstance(value, int) and not isinstance(value, bool):
        return from_decimal(what, Decimal(value), decimals)
    if isinstance(value, float):
        raise TypeError(
            f"{what} {shown(value)} is a float, which cannot say the decimal that was meant; "
            "write it as text or Decimal, like '0.1'"
        )
    raise TypeError(f"{what} is a {type(value).__name__}; expected str, bytes, Decimal or int")


cdef inline int64_t units_of(str what, value, int decimals) except? -1:
    """Read `value` exactly, in units of 10^-decimals."""
    cdef int error = TEXT_MALFORMED
    cdef int64_t units = 0
    cdef const unsigned char* text
    if isinstance(value, str):
        if PyUnicode_IS_ASCII(value):
            units = decimal_to_int(PyUnicode_1BYTE_DATA(value), PyUnicode_GET_LENGTH(value), decimals, &error)
    elif isinstance(value, bytes):
        text = <const unsigned char*>PyBytes_AS_STRING(value)
        units = decimal_to_int(text, PyBytes_GET_SIZE(value), decimals, &error)
    else:
        return from_other(what, value, decimals)
    if error != TEXT_OK:
        refuse(what, value, decimals, error)
    return units


@cython.final
cdef class Scale:
    """How many decimals a venue prints: the bridge between decimal text and integer ticks and lots.

    Immutable and hashable. Readers take str, bytes, Decimal or int, exactly: ValueError for what is no plain decimal,
    PrecisionError for a digit finer than the scale, OverflowError beyond int64, TypeError for float.
    """

    def __cinit__(self, price_decimals, quantity_decimals):
        cdef int64_t price = int64_of(price_decimals, "price_decimals")
        cdef int64_t quantity = int64_of(quantity_decimals, "quantity_decimals")
        if not (0 <= price <= DECIMALS_MAX and 0 <= quantity <= DECIMALS_MAX):
            raise ValueError(
                f"a scale has 0 to {DECIMALS_MAX} decimals; got price_decimals={price}, quantity_decimals={quantity}"
            )
        self.price_decimals = <int>price
        self.quantity_decimals = <int>quantity

    def price_ticks(self, value):
        """Return a price in ticks."""
        return units_of("price", value, self.price_decimals)

    def lots(self, value):
        """Return a quantity in lots."""
        return units_of("quantity", value, self.quantity_decimals)

    def price(self, ticks):
        """Return ticks as a price with every digit of the scale."""
        return Decimal(plain_text(int64_of(ticks, "ticks"), self.price_decimals))

    def quantity(self, lots):
        """Return lots as a quantity with every digit of the scale."""
        return Decimal(plain_text(int64_of(lots, "lots"), self.quantity_decimals))

    def price_text(self, ticks):
        """Return ticks as plain decimal text with every digit of the scale."""
        return plain_text(int64_of(ticks, "ticks"), self.price_decimals)

    def lots_text(self, lots):
        """Return lots as plain decimal text with every digit of the scale."""
        return plain_text(int64_of(lots, "lots"), self.quantity_decimals)

    def __eq__(self, other):
        if not isinstance(other, Scale):
            return NotImplemented
        return (
            self.price_decimals == (<Scale>other).price_decimals
            and self.quantity_decimals == (<Scale>other).quantity_decimals
        )

    def __hash__(self):
        return self.price_decimals * (DECIMALS_MAX + 1) + self.quantity_decimals

    def __repr__(self):
        return f"Scale(price_decimals={self.price_decimals}, quantity_decimals={self.quantity_decimals})"

    def __reduce__(self):
        return Scale, (self.price_decimals, self.quantity_decimals)


@cython.overflowcheck(False)  # the checked build knows no 128 bits; every step below is bounded by hand
cdef int64_t rounded_money(int128 value, int decimals, bint up, int* error) noexcept nogil:
    """Return `value` units of 10^-decimals as money, rounded up or down; sets `error`."""
    cdef int surplus = decimals - MONEY_DECIMALS
    cdef int128 limit = <int128>INT64_MAX
    cdef int128 divisor
    cdef int128 money = value
    if surplus > 0:
        divisor = <int128>POW10[surplus if surplus <= DECIMALS_MAX else DECIMALS_MAX]
        if surplus > DECIMALS_MAX:
            divisor = divisor * <int128>POW10[surplus - DECIMALS_MAX]
        money = -(-value // divisor) if up else value // divisor
    elif surplus < 0 and -limit <= value <= limit:
        money = value * <int128>POW10[-surplus]
    if money > limit or money < -limit:
        error[0] = UNITS_OVERFLOW
        return 0
    error[0] = UNITS_OK
    return <int64_t>money


cdef int64_t money_up(int128 value, int decimals, int* error) noexcept nogil:
    """Return `value` units of 10^-decimals as money, rounded up."""
    return rounded_money(value, decimals, True, error)


cdef int64_t money_down(int128 value, int decimals, int* error) noexcept nogil:
    """Return `value` units of 10^-decimals as money, rounded down."""
    return rounded_money(value, decimals, False, error)


cdef int refuse_product(int64_t price_ticks, int64_t lots, Scale scale) except -1:
    """Raise that price x quantity is too much money."""
    raise OverflowError(
        f"price {plain_text(price_ticks, scale.price_decimals)} x "
        f"quantity {plain_text(lots, scale.quantity_decimals)} "
        f"does not fit: the largest money is {plain_text(INT64_MAX, MONEY_DECIMALS)}"
    )


@cython.overflowcheck(False)
cdef int64_t cost_money(int64_t price_ticks, int64_t lots, Scale scale) except? -1:
    """Return price x quantity as money, rounded up once."""
    cdef int error = UNITS_OK
    cdef int64_t money = money_up(
        <int128>price_ticks * <int128>lots, scale.price_decimals + scale.quantity_decimals, &error
    )
    if error != UNITS_OK:
        refuse_product(price_ticks, lots, scale)
    return money


@cython.overflowcheck(False)
cdef int64_t proceeds_money(int64_t price_ticks, int64_t lots, Scale scale) except? -1:
    """Return price x quantity as money, rounded down once."""
    cdef int error = UNITS_OK
    cdef int64_t money = money_down(
        <int128>price_ticks * <int128>lots, scale.price_decimals + scale.quantity_decimals, &error
    )
    if error != UNITS_OK:
        refuse_product(price_ticks, lots, scale)
    return money


def cost(price_ticks, lots, Scale scale not None):
    """Return price x quantity as money, rounded up once. OverflowError beyond int64."""
    return cost_money(int64_of(price_ticks, "price_ticks"), int64_of(lots, "lots"), scale)


def proceeds(price_ticks, lots, Scale scale not None):
    """Return price x quantity as money, rounded down once. OverflowError beyond int64."""
    return proceeds_money(int64_of(price_ticks, "price_ticks"), int64_of(lots, "lots"), scale)


def lots_to_money(lots, Scale scale not None):
    """Return a quantity as money of its own asset, exactly.

    Raises:
        OverflowError: it does not fit int64.
        PrecisionError: the quantity has digits finer than 1e-8.
    """
    return units_of("quantity", plain_text(int64_of(lots, "lots"), scale.quantity_decimals), MONEY_DECIMALS)


def money(value):
    """Return an amount in 1e-8 of its currency, exactly, from str, bytes, Decimal or int."""
    return units_of("amount", value, MONEY_DECIMALS)


def money_text(money):
    """Return money as plain decimal text without trailing zeros, at least "0"."""
    cdef char out[DECIMAL_TEXT_MAX]
    cdef int length = format_decimal(out, int64_of(money, "money"), MONEY_DECIMALS)
    while out[length - 1] == c'0':
        length -= 1
    if out[length - 1] == c'.':
        length -= 1
    return PyUnicode_DecodeASCII(out, length, NULL)
