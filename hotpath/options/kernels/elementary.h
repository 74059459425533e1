/* Exponential and logarithm of doubles, to more than a double, without a branch and without a table.

   Every compiler and every instruction set gives the same bits: only + - * / and square roots of IEEE 754 are used,
   nothing is contracted, and bits are moved as integers. A value that one double cannot hold is a pair: `high` plus a
   `low` that is smaller than an ulp of it. Arguments outside a stated range give some double, never a trap. */

#ifndef TIERCEL_OPTIONS_ELEMENTARY_H
#define TIERCEL_OPTIONS_ELEMENTARY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define TIERCEL_INLINE static inline __attribute__((always_inline))

typedef struct { double high, low; } pair;

TIERCEL_INLINE uint64_t bits_of(double value) { uint64_t bits; memcpy(&bits, &value, sizeof bits); return bits; }
TIERCEL_INLINE double of_bits(uint64_t bits) { double value; memcpy(&value, &bits, sizeof value); return value; }
TIERCEL_INLINE double choose(int condition, double yes, double no) { return condition ? yes : no; }
TIERCEL_INLINE double holds(int condition) { return condition ? 1.0 : 0.0; }

/* The upper 26 bits of a significand: products of two such are exact. */
TIERCEL_INLINE double upper_half(double value) { return of_bits(bits_of(value) & 0xfffffffff8000000u); }

/* a + b exactly, whatever their sizes (Knuth, The Art of Computer Programming 2, 4.2.2, theorem B). */
TIERCEL_INLINE pair sum(double a, double b) {
    double high = a + b, of_b = high - a;
    return (pair){high, (a - (high - of_b)) + (b - of_b)};
}

/* The same where a is the larger. */
TIERCEL_INLINE pair in_order(double a, double b) {
    double high = a + b;
    return (pair){high, b - (high - a)};
}

/* a * b - product, exactly, where `product` is a * b as a double: the bits are the same with a fused multiply-add and
   with the halves of Veltkamp and Dekker (1971, (5.14)), as long as nothing underflows or exceeds 1e300. */
TIERCEL_INLINE double lost_by_product(double a, double b, double product) {
#if defined(__FMA__) || defined(__aarch64__)
    return __builtin_fma(a, b, -product);
#else
    double a_shifted = 134217729.0 * a, a_high = a_shifted - (a_shifted - a), a_low = a - a_high;
    double b_shifted = 134217729.0 * b, b_high = b_shifted - (b_shifted - b), b_low = b - b_high;
    return (((a_high * b_high - product) + a_high * b_low) + a_low * b_high) + a_low * b_low;
#endif
}

TIERCEL_INLINE pair product(double a, double b) {
    double high = a * b;
    return (pair){high, lost_by_product(a, b, high)};
}

/* e^(high + low) for high in [-708, 709], 0 below it; `low` is small. Cody and Waite's reduction by ln 2, then a
   polynomial of degree 11 on [-ln2/2, ln2/2] (Chebyshev, 1.4e-17 relative). */
TIERCEL_INLINE double exponential_of_pair(double high, double low) {
    double shifted = high * 1.4426950408889634 + 6755399441055744.0;
    double powers = shifted - 6755399441055744.0;
    double r = ((high - powers * 6.93147180369123816490e-01) - powers * 1.90821492927058770002e-10) + low;
    double z = r * r;
    double even = ((2.762007924001307694e-7 * z + 2.480152131499478774e-5) * z + 1.388888891720173087e-3) * z;
    double odd = ((2.510520903072606363e-8 * z + 2.755725541915670461e-6) * z + 1.984126987480589652e-4) * z;
    even = (even + 4.166666666662415112e-2) * z + 5.000000000000001021e-1;
    odd = (odd + 8.333333333326139258e-3) * z + 1.666666666666667099e-1;
    double result = of_bits(bits_of(1.0 + (r + z * (even + r * odd))) + (bits_of(shifted) << 52));
    return choose(high < -708.0, 0.0, result);
}

TIERCEL_INLINE double exponential(double x) { return exponential_of_pair(x, 0.0); }

/* ln(a / b) of normal positive doubles, absolute error below 1e-18: b is brought within a factor 1.51 of a by a power
   of two, then ln = 2 artanh((a - b) / (a + b)), the quotient as a pair (degree 7 in its square, 4e-17). */
TIERCEL_INLINE pair logarithm_of_ratio(double a, double b) {
    uint64_t a_bits = bits_of(a), b_bits = bits_of(b);
    uint64_t exponent = a_bits & 0x7ff0000000000000u;
    uint64_t steps = (a_bits - b_bits + (1ull << 63) + (1ull << 51)) >> 52; /* 2048 more than the power of two */
    double powers = of_bits(0x4330000000000000u | steps) - (4503599627370496.0 + 2048.0);
    double m = of_bits(a_bits - exponent + 0x3ff0000000000000u);
    double n = of_bits(b_bits + (steps << 52) - (1ull << 63) - exponent + 0x3ff0000000000000u);
    double top = m - n;
    pair bottom = sum(m, n);
    double inverse = 1.0 / bottom.high;
    double s = top * inverse;
    double back = s * bottom.high;
    double rest = (((top - back) - lost_by_product(s, bottom.high, back)) - s * bottom.low) * inverse;
    double z = s * s, w = z * z;
    double even = 6.66666666666666641e-1 + w * (2.85714285671886857e-1
                  + w * (1.818173654483928766e-1 + w * 1.320889112433881409e-1));
    double odd = 4.000000000000814183e-1 + w * (2.222222306246991882e-1
                 + w * (1.538891011404905654e-1 + w * 1.36152060071129059e-1));
    double tail = (2.0 * rest + powers * 1.90821492927058770002e-10) + s * z * (even + z * odd);
    pair whole = sum(powers * 6.93147180369123816490e-01, 2.0 * s);
    return in_order(whole.high, whole.low + tail);
}

/* ln x of a normal positive double. */
TIERCEL_INLINE double logarithm(double x) { return logarithm_of_ratio(x, 1.0).high; }

#endif
