/* Black-Scholes-Merton (1973, continuous dividend yield) and Black (1976): one European option, price and Greeks.

   With x = ln(A/B), A = S e^(-qT), B = K e^(-rT), w = v^2 T and s = sqrt(w), the two arguments of the normal
   distribution are d1 = x/s + s/2 and d2 = x/s - s/2. Everything rests on their magnitudes, near = |x|/s - s/2 (signed)
   and far = |x|/s + s/2, because A n(d1) = B n(d2) leaves a single exponential, that of near^2/2 = (|x| - w/2)^2 / 2w.
   Its argument is kept as a pair from the logarithm on: in the tail an ulp of d1 is a thousand ulps of the Greeks.

   The out-of-the-money price is a difference of Mills ratios, the other one adds |A - B| to it. Below s = 0.01, where
   the difference would cancel, it is a Taylor series. */

#ifndef TIERCEL_OPTIONS_BLACK_H
#define TIERCEL_OPTIONS_BLACK_H

#include "normal.h"

/* What an option is worth that has these terms: prices in currency, time in years, rates and volatility per year. */
typedef struct {
    double strike, years, rate, yield, volatility;
} option_terms;

/* What of it does not depend on the spot. */
typedef struct {
    double strike, years, rate, yield, volatility;
    double strike_now, yield_factor;   /* K e^(-rT), e^(-qT) */
    pair drift, variance;              /* (r - q) T, v^2 T */
    double deviation, per_deviation;   /* s and 1 / s; that is 0 without variance */
    double valid, alive;               /* 1 or 0: inside the domain; has a strike and variance left */
} option_state;

typedef struct {
    double price, delta, gamma, vega, theta, rho, vanna, charm, volga;
} option_greeks;

#define TIERCEL_PRICE_MAX 1e100
#define TIERCEL_YEARS_MAX 1e4
#define TIERCEL_RATE_MAX 1e3
#define TIERCEL_GROWTH_MAX 300.0       /* of |rT| and |qT| */
#define TIERCEL_VOLATILITY_MAX 1e4
#define TIERCEL_PRICE_MIN 1e-150       /* below it the same as 0: discounted it might underflow */
#define TIERCEL_DEVIATION_SMALL 0.01
#define TIERCEL_VARIANCE_MIN 1e-200    /* below it the error of a product might underflow: the same as none */

TIERCEL_INLINE option_state state_of(option_terms terms) {
    double years = terms.years, rate_years = terms.rate * years, yield_years = terms.yield * years;
    pair carry = sum(terms.rate, -terms.yield), drift = product(carry.high, years);
    pair square = product(terms.volatility, terms.volatility), variance = product(square.high, years);
    drift.low += carry.low * years;
    variance.low += square.low * years;
    double deviation = sqrt(variance.high);
    int valid = (terms.strike >= 0.0) & (terms.strike <= TIERCEL_PRICE_MAX)
                & (years >= 0.0) & (years <= TIERCEL_YEARS_MAX)
                & (terms.volatility >= 0.0) & (terms.volatility <= TIERCEL_VOLATILITY_MAX)
                & (fabs(terms.rate) <= TIERCEL_RATE_MAX) & (fabs(terms.yield) <= TIERCEL_RATE_MAX)
                & (fabs(rate_years) <= TIERCEL_GROWTH_MAX) & (fabs(yield_years) <= TIERCEL_GROWTH_MAX);
    int alive = (terms.strike >= TIERCEL_PRICE_MIN) & (variance.high >= TIERCEL_VARIANCE_MIN);
    return (option_state){
        terms.strike, years, terms.rate, terms.yield, terms.volatility,
        terms.strike * exponential(-rate_years), exponential(-yield_years),
        drift, variance, deviation, choose(alive, 1.0 / deviation, 0.0),
        holds(valid), holds(alive),
    };
}

/* How far an option is from the forward; 1 where no variance is left. */
typedef struct {
    double above;                   /* 1 where x >= 0, else 0 */
    double near, far;               /* |x|/s - s/2 and |x|/s + s/2, no further than TIERCEL_TAIL_MAX */
    pair exponent;                  /* -near^2/2 = -(|x| - w/2)^2 / 2w */
} option_distance;

TIERCEL_INLINE double alive_at(option_state state, double spot) {
    return state.alive * holds(spot >= TIERCEL_PRICE_MIN);
}

TIERCEL_INLINE option_distance distance_of(option_state state, double spot) {
    double alive = alive_at(state, spot), inside = spot * state.yield_factor - state.strike_now;
    pair ratio = logarithm_of_ratio(spot, state.strike), x = sum(ratio.high, state.drift.high);
    x.low += ratio.low + state.drift.low;
    double sign = choose(x.high >= 0.0, 1.0, -1.0), per = state.per_deviation, per_variance = per * per;
    pair gap = sum(sign * x.high, -0.5 * state.variance.high);
    gap.low += sign * x.low - 0.5 * state.variance.low;
    double near = choose(alive > 0.0, gap.high * per, 1.0);
    double far = choose(alive > 0.0, sign * x.high * per + 0.5 * state.deviation, 1.0);
    near = choose(near < -TIERCEL_TAIL_MAX, -TIERCEL_TAIL_MAX, near);

    /* the quotient of the square, corrected by what it leaves */
    pair square = product(gap.high, gap.high);
    double quotient = square.high * per_variance, back = quotient * state.variance.high;
    double rest = ((square.high - back) - lost_by_product(quotient, state.variance.high, back))
                  + (square.low + 2.0 * gap.high * gap.low - quotient * state.variance.low);
    return (option_distance){
        holds(choose(alive > 0.0, x.high, inside) >= 0.0),
        choose(near > TIERCEL_TAIL_MAX, TIERCEL_TAIL_MAX, near),
        choose(far > TIERCEL_TAIL_MAX, TIERCEL_TAIL_MAX, far),
        {-0.5 * quotient, -0.5 * rest * per_variance},
    };
}

/* Where it stands in the distribution. Without variance left its tails are empty, a half at the forward. */
typedef struct {
    double peak_near, peak_far;     /* e^(-near^2/2), e^(-far^2/2) */
    double tail_near, tail_far;     /* N(-|near|), N(-far) */
    double outside;                 /* the price out of the money */
} option_tails;

/* m(h - t) - m(h + t) with h = |x|/s and a small t = s/2, where the difference would cancel: the Taylor series
   2 (t e1 + t^3/3! e3 + t^5/5! e5) with e(n) = -m^(n), e(n+1) = h e(n) + n e(n-1). */
TIERCEL_INLINE double small_difference(double h, double s) {
    double z = 0.25 * s * s, e0 = -mills(h), e1 = h * e0 + TIERCEL_INVERSE_ROOT_2PI, e2 = h * e1 + e0;
    double e3 = h * e2 + 2.0 * e1, e4 = h * e3 + 3.0 * e2, e5 = h * e4 + 4.0 * e3;
    return s * (e1 + z / 6.0 * (e3 + z / 20.0 * e5));
}

/* `small` is a constant where this is inlined: 1 if s may be below TIERCEL_DEVIATION_SMALL. */
TIERCEL_INLINE option_tails tails_of(
    option_distance distance, double alive, double asset, double cash, double deviation, int small
) {
    double near = fabs(distance.near), far = distance.far;
    double least = choose(asset < cash, asset, cash), most = choose(asset < cash, cash, asset);
    double peak = choose(alive > 0.0, exponential_of_pair(distance.exponent.high, distance.exponent.low), 0.0);
    double peak_far = choose(alive > 0.0, peak * (least / most), 0.0);
    double below_near = mills_below(near), below_far = mills_below(far);
    double inverse = 1.0 / (below_near * below_far); /* one division for two quotients */
    double mills_near = mills_above(near) * below_far * inverse, mills_far = mills_above(far) * below_near * inverse;
    double empty = choose(asset == cash, 0.5, 0.0);
    double share = choose(distance.near > 0.0, peak * (mills_near - mills_far), 1.0 - peak * (mills_near + mills_far));
    if (small) {
        double series = peak * small_difference(0.5 * (distance.near + far), deviation);
        share = choose(deviation < TIERCEL_DEVIATION_SMALL, series, share);
    }
    return (option_tails){
        peak, peak_far, choose(alive > 0.0, peak * mills_near, empty), choose(alive > 0.0, peak_far * mills_far, empty),
        choose(alive > 0.0, least * share, 0.0),
    };
}

TIERCEL_INLINE double within(double valid, double value) { return choose(valid > 0.0, value, NAN); }

/* The value of an option (`right` is 1 for a call, -1 for a put) at a spot; with `on_future` the spot is a futures
   price, which the rate does not move: that changes rho alone. NaN, all of it, outside the domain. `small` as above. */
TIERCEL_INLINE option_greeks value_at(
    option_state state, option_distance distance, double spot, double right, int on_future, int small
) {
    double asset = spot * state.yield_factor, cash = state.strike_now, per = state.per_deviation;
    double valid = state.valid * holds((spot >= 0.0) & (spot <= TIERCEL_PRICE_MAX));
    double alive = alive_at(state, spot), above = distance.above;
    option_tails tails = tails_of(distance, alive, asset, cash, state.deviation, small);

    double d1 = choose(above > 0.0, distance.far, -distance.near);
    double d2 = choose(above > 0.0, distance.near, -distance.far);
    double tail1 = choose(above > 0.0, tails.tail_far, tails.tail_near);
    double tail2 = choose(above > 0.0, tails.tail_near, tails.tail_far);
    double n1 = choose(right * d1 > 0.0, 1.0 - tail1, tail1), n2 = choose(right * d2 > 0.0, 1.0 - tail2, tail2);
    double peak1 = choose(above > 0.0, tails.peak_far, tails.peak_near);
    double density = TIERCEL_INVERSE_ROOT_2PI * state.yield_factor * peak1;
    double mass = TIERCEL_INVERSE_ROOT_2PI * choose(asset < cash, asset, cash) * tails.peak_near;

    double inside = right * (asset - cash), price = choose(inside > 0.0, inside, 0.0) + tails.outside;
    double root_years = state.years * state.volatility * per, per_volatility = root_years * per;
    double variance_rate = state.volatility * state.volatility, vega = mass * root_years;
    double carry = right * (state.yield * asset * n1 - state.rate * cash * n2);
    double bend = (state.rate - state.yield) * per - 0.5 * d2 * (variance_rate * (per * per));
    return (option_greeks){
        .price = within(valid, price),
        .delta = within(valid, right * state.yield_factor * n1),
        .gamma = within(valid, choose(alive > 0.0, density * per / spot, 0.0)),
        .vega = within(valid, vega),
        .theta = within(valid, carry - 0.5 * mass * variance_rate * per),
        .rho = within(valid, on_future ? -state.years * price : right * state.years * cash * n2),
        .vanna = within(valid, -density * d2 * per_volatility),
        .charm = within(valid, right * state.yield * state.yield_factor * n1 - density * bend),
        .volga = within(valid, vega * d1 * d2 * per_volatility),
    };
}

TIERCEL_INLINE option_greeks value_of(option_state state, double spot, double right, int on_future) {
    return value_at(state, distance_of(state, spot), spot, right, on_future, 1);
}

/* Columns of states: `count` of each field, one field after the other, in the order of the struct. */
#define TIERCEL_STATE_FIELDS 15

TIERCEL_INLINE void put_state(double *columns, int64_t count, int64_t at, option_state state) {
    const double fields[TIERCEL_STATE_FIELDS] = {
        state.strike, state.years, state.rate, state.yield, state.volatility, state.strike_now, state.yield_factor,
        state.drift.high, state.drift.low, state.variance.high, state.variance.low, state.deviation,
        state.per_deviation, state.valid, state.alive,
    };
    for (int field = 0; field < TIERCEL_STATE_FIELDS; field++) columns[at + field * count] = fields[field];
}

TIERCEL_INLINE option_state get_state(const double *columns, int64_t count, int64_t at) {
    const double *field = columns + at;
    return (option_state){
        field[0], field[count], field[2 * count], field[3 * count], field[4 * count], field[5 * count],
        field[6 * count], {field[7 * count], field[8 * count]}, {field[9 * count], field[10 * count]},
        field[11 * count], field[12 * count], field[13 * count], field[14 * count],
    };
}

/* The price alone. */
TIERCEL_INLINE double price_of(option_terms terms, double spot, double right) {
    return value_of(state_of(terms), spot, right, 0).price;
}

#endif
