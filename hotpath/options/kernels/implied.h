/* The volatility that a price implies, to the precision of a double: two steps of fourth order from a close guess.

   Jaeckel, Let's Be Rational (2015), showed how: of an out-of-the-money price the logarithm is solved for, and where
   the price is near its bound, the logarithm of what is missing to it. Here the price is taken in units of the smaller
   of A = S e^(-qT) and B = K e^(-rT), x = |ln(A/B)|, s = v sqrt(T), h = x/s, t = s/2:

       c(s) = e^(-(h-t)^2/2) (m(h-t) - m(h+t))        and      1 - c(s) = e^(-(t-h)^2/2) (m(t-h) + m(t+h))

   with the Mills ratio m. Both have logarithms without an exponential, so no price is too small. The derivatives follow
   from c' = n(h-t) and c''/c' = (h^2 - t^2)/s. The step is Householder's of third order. Below s = 0.2, where the
   difference of Mills ratios would cancel, it is a Taylor series in t. */

#ifndef TIERCEL_OPTIONS_IMPLIED_H
#define TIERCEL_OPTIONS_IMPLIED_H

#include "black.h"

enum { IMPLIED_SOLVED, IMPLIED_AT_INTRINSIC, IMPLIED_BELOW_INTRINSIC, IMPLIED_ABOVE_BOUND, IMPLIED_OUTSIDE };

#define TIERCEL_SMALL_DEVIATION 0.2

typedef struct {
    double distance;    /* x */
    double target;      /* ln c, or ln(1 - c) */
    double sign;        /* 1 for ln c, -1 for ln(1 - c) */
    double small;       /* 1 where the series is needed */
    double guess;       /* of s */
    double root_years;
    double reason;      /* why there is no solution, IMPLIED_SOLVED where there is one */
} implied_problem;

/* -N^-1 of e^`logarithm_of_tail`, at most a half (Abramowitz and Stegun 26.2.23, 4.5e-4). */
TIERCEL_INLINE double rough_quantile(double logarithm_of_tail) {
    double t = sqrt(-2.0 * logarithm_of_tail);
    return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/* x/s when prices are normal instead of lognormal, from w^2 = ln(1 + n(0) |A - B| / price); a fit within 5e-4. */
TIERCEL_INLINE double rough_normal_distance(double square) {
    double w = sqrt(square);
    double above = ((0.3116746 * w - 0.14175351) * w + 0.39018533) * w + 0.99924644;
    double below = (((0.2198816 * w - 0.060823081) * w + 0.84669589) * w + 0.36008771) * w + 1.0;
    return square * above / below;
}

/* Put a price into the normal form, and guess. The guess is within 20 % everywhere, mostly within 1 %. */
TIERCEL_INLINE implied_problem problem_of(option_terms terms, double price, double spot, double right) {
    terms.volatility = 1.0;
    option_state state = state_of(terms);
    double asset = spot * state.yield_factor, cash = state.strike_now;
    pair ratio = logarithm_of_ratio(spot, terms.strike), whole = sum(ratio.high, state.drift.high);
    double x = fabs(whole.high + (whole.low + (ratio.low + state.drift.low)));
    double least = choose(asset < cash, asset, cash), most = choose(asset < cash, cash, asset);
    pair gap = sum(most, -least);
    double inside = right * (asset - cash);
    double outside = choose(inside > 0.0, (price - gap.high) - gap.low, price);

    double centre = sqrt(2.0 * x), tail = mills(centre);
    double low = holds(outside <= (0.5 - tail) * least);
    double apart = choose(gap.high > 1e-8 * outside, gap.high, 1e-8 * outside);
    double square = logarithm_of_ratio(outside + TIERCEL_INVERSE_ROOT_2PI * apart, outside).high;
    double normal = apart / (sqrt(asset) * sqrt(cash)) / rough_normal_distance(square);
    normal = normal * (1.0 + (normal * normal - x * x) * (1.0 / 24.0));
    double small = holds((x < 2.0) & (normal < TIERCEL_SMALL_DEVIATION));
    low = choose(small > 0.0, 1.0, low);

    /* a price may be subnormal, its logarithm must not be */
    double part = 0x1p64 * choose(low > 0.0, outside, least - outside), unit = 0x1p64 * least;
    double share = logarithm_of_ratio(part, unit * choose(low > 0.0, 1.0 - 2.0 * tail, 1.0 + 2.0 * tail)).high;
    double a = rough_quantile(choose(share < -0.6931471805599453, share, -0.6931471805599453));
    double root = sqrt(a * a + 2.0 * x), far = choose(low > 0.0, 2.0 * x / (a + root), a + root);
    double lower = choose(x < 2.0, normal, far), capped = choose(lower < centre, lower, centre);
    double guess = choose(low > 0.0, capped, choose(far > centre, far, centre));

    double valid = state.valid * state.alive
                   * holds((spot >= TIERCEL_PRICE_MIN) & (spot <= TIERCEL_PRICE_MAX) & (price == price));
    double slack = choose(inside > 0.0, -0x1p-51 * most, 0.0);
    double failure = choose(outside >= slack, IMPLIED_AT_INTRINSIC, IMPLIED_BELOW_INTRINSIC);
    double reason = choose(outside > 0.0, choose(outside < least, IMPLIED_SOLVED, IMPLIED_ABOVE_BOUND), failure);
    return (implied_problem){
        x, logarithm_of_ratio(part, unit).high, choose(low > 0.0, 1.0, -1.0), small,
        choose(small > 0.0, normal, guess), sqrt(terms.years), choose(valid > 0.0, reason, IMPLIED_OUTSIDE),
    };
}

/* A step from s, given W of e^(-(h-t)^2/2) W = c or 1 - c. */
TIERCEL_INLINE double householder(implied_problem problem, double s, double weight) {
    double h = problem.distance / s, t = 0.5 * s, near = h - t;
    double slope = problem.sign * TIERCEL_INVERSE_ROOT_2PI / weight;
    double d = (logarithm(weight) - 0.5 * near * near - problem.target) / slope;
    double bend = (h - t) * (h + t) / s, q = bend - slope;
    double third = q * (q - slope) - (3.0 * h * h / (s * s) + 0.25);
    double next = s - d * (1.0 - 0.5 * d * q) / (1.0 - d * q + d * d * third * (1.0 / 6.0));
    return choose(next > 2.0 * s, 2.0 * s, choose(next < 0.5 * s, 0.5 * s, next));
}

TIERCEL_INLINE double step(implied_problem problem, double s) {
    double h = problem.distance / s, t = 0.5 * s, near = problem.sign * (h - t), far = h + t;
    double below_near = mills_below(near), below_far = mills_below(far);
    double weight = (mills_above(near) * below_far - problem.sign * mills_above(far) * below_near)
                    / (below_near * below_far);
    return householder(problem, s, weight);
}

/* The same by the series m(h-t) - m(h+t) = -2 (t m'(h) + t^3/3! m'''(h) + ...), m^(n+1) = h m^(n) + n m^(n-1). */
TIERCEL_INLINE double step_of_small(implied_problem problem, double s) {
    double h = problem.distance / s, t = 0.5 * s, z = t * t, e0 = -mills(h);
    double e1 = h * e0 + TIERCEL_INVERSE_ROOT_2PI, e2 = h * e1 + e0, e3 = h * e2 + 2.0 * e1, e4 = h * e3 + 3.0 * e2;
    double e5 = h * e4 + 4.0 * e3, e6 = h * e5 + 5.0 * e4, e7 = h * e6 + 6.0 * e5, e8 = h * e7 + 7.0 * e6;
    double e9 = h * e8 + 8.0 * e7, e10 = h * e9 + 9.0 * e8, e11 = h * e10 + 10.0 * e9;
    double weight = e1 + z / 6.0 * (e3 + z / 20.0 * (e5 + z / 42.0 * (e7 + z / 72.0 * (e9 + z / 110.0 * e11))));
    return householder(problem, s, s * weight);
}

/* The volatility: 0 for a price at the intrinsic value, NaN where there is none. */
TIERCEL_INLINE double answer_of(implied_problem problem, double s) {
    double nothing = choose(problem.reason == IMPLIED_AT_INTRINSIC, 0.0, NAN);
    return choose(problem.reason == IMPLIED_SOLVED, s / problem.root_years, nothing);
}

/* One price; the reason is an IMPLIED_ value. */
TIERCEL_INLINE double implied_of(option_terms terms, double price, double spot, double right, int *reason) {
    implied_problem problem = problem_of(terms, price, spot, right);
    double s = problem.guess;
    for (int i = 0; i < 2; i++) s = problem.small > 0.0 ? step_of_small(problem, s) : step(problem, s);
    *reason = (int)problem.reason;
    return answer_of(problem, s);
}

#endif
