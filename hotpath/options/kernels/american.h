/* American options: the European price of black.h plus a premium for early exercise, by the boundary of exercise.h to
   about 1e-10 of the strike with Greeks, or by Barone-Adesi and Whaley's approximation.

   The premium is Kim's integral (1990) of what the exercised option earns, rK - qS, wherever the spot is below the
   boundary. A call is a put with spot and strike, rate and yield exchanged (McDonald and Schroder 1998). Theta is read
   off the differential equation; the other Greeks are derivatives of the integral, the boundary's movement included.
   What is exercised at once is worth its intrinsic value, and of its Greeks only delta, 1 or -1, is not 0.

   There is one boundary unless holding the strike costs more than holding the spot does: q < r < 0 for a put, r < q < 0
   for a call. Such an option may be worth exercising between two prices only; it is refused, not guessed. */

#ifndef TIERCEL_OPTIONS_AMERICAN_H
#define TIERCEL_OPTIONS_AMERICAN_H

#include "black.h"
#include "kernels.h"
#include "premium.h"

/* Why an option has no value; the earlier of two that apply (Reason in american.pyx). */
enum { AMERICAN_VALUED, AMERICAN_OUTSIDE, AMERICAN_TWO_BOUNDARIES, AMERICAN_UNSOLVED };

typedef struct { double price, delta, gamma, vega, theta, rho; } american_greeks;

#define TIERCEL_DRIFT_MAX 9.0       /* deviations that a put's spot drifts upwards: what comes later does not matter */
#define TIERCEL_CARRY_MAX 15.0      /* and downwards: more is a front too sharp for the integral's points */
#define TIERCEL_EARNING_MIN 1e-11   /* of the strike, over the whole life: exercising for less adds below 1e-20 */

/* Between how many boundaries a put with these rates, or a call with them exchanged, is ever exercised. */
TIERCEL_INLINE int boundaries_of(double rate, double yield, double years) {
    double earning = (yield < 0.0 ? rate - yield : rate) * years;
    if (rate < 0.0)
        return yield < rate ? 2 : 0;
    return earning > TIERCEL_EARNING_MIN ? 1 : 0;
}

/* An option without variance is exercised at the best time known today: now, at expiry, or where waiting stops to pay,
   qS e^(-qt) = rK e^(-rt). */
TIERCEL_INLINE american_greeks certain_of(option_terms terms, double spot, double right, int on_future) {
    double rate = terms.rate, yield = terms.yield, years = terms.years, best = right * (spot - terms.strike), at = 0.0;
    double turn = (yield * spot) / (rate * terms.strike);
    int turns = turn > TIERCEL_PRICE_MIN && turn < 1e300 && rate != yield;
    double times[2] = {years, turns ? logarithm(turn) / (yield - rate) : years};
    for (int i = 0; i < 2; i++) {
        double time = times[i] > 0.0 && times[i] < years ? times[i] : years;
        double then = right * (spot * exponential(-yield * time) - terms.strike * exponential(-rate * time));
        at = then > best ? time : at;
        best = then > best ? then : best;
    }
    double share = best > 0.0 ? right : best == 0.0 ? 0.5 * right : 0.0;
    double asset = share * spot * exponential(-yield * at), cash = share * terms.strike * exponential(-rate * at);
    return (american_greeks){
        .price = best > 0.0 ? best : 0.0,
        .delta = share * exponential(-yield * at),
        .theta = at == years && at > 0.0 ? yield * asset - rate * cash : 0.0,
        .rho = at * (cash - (on_future ? asset : 0.0)),
    };
}

/* The life of a put after which its spot has drifted upwards by nine deviations: a longer one adds e^(-40), and would
   hide from the points what happens near the boundary. */
TIERCEL_INLINE double years_that_matter(double rate, double yield, double volatility, double years) {
    double upwards = rate - yield - 0.5 * volatility * volatility, root = TIERCEL_DRIFT_MAX * volatility / upwards;
    return upwards > 0.0 && root * root < years ? root * root : years;
}

/* What exercising early adds to a European option, whose Greeks are in `greeks`. */
TIERCEL_INLINE void add_premium(american_greeks *greeks, const exercise_premium *premium, option_terms terms,
                                double spot, double right, int on_future) {
    int is_call = right > 0.0;
    double unit = is_call ? spot : terms.strike, relative = is_call ? terms.strike / spot : spot / terms.strike;
    double worth = unit * premium->price, variance = terms.volatility * terms.volatility;
    double delta = is_call ? premium->price - relative * premium->by_spot : premium->by_spot;
    double gamma = premium->by_spot_twice * (is_call ? relative : 1.0) * (is_call ? relative : 1.0) / unit;
    double by_rate = unit * premium->by[is_call ? BY_YIELD : BY_RATE];
    double by_yield = unit * premium->by[is_call ? BY_RATE : BY_YIELD];
    greeks->price += worth;
    greeks->delta += delta;
    greeks->gamma += gamma;
    greeks->vega += unit * premium->by[BY_VOLATILITY];
    greeks->theta += terms.rate * worth - (terms.rate - terms.yield) * spot * delta
                     - 0.5 * variance * spot * spot * gamma;
    greeks->rho += by_rate + (on_future ? by_yield : 0.0);
}

TIERCEL_INLINE american_greeks no_greeks(void) { return (american_greeks){NAN, NAN, NAN, NAN, NAN, NAN}; }

/* What Black's formulas say of the same option. */
TIERCEL_INLINE american_greeks european_of(option_terms terms, double spot, double right, int on_future) {
    option_greeks european = value_of(state_of(terms), spot, right, on_future);
    return (american_greeks){
        european.price, european.delta, european.gamma, european.vega, european.theta, european.rho,
    };
}

/* A price that rounding has not taken below the intrinsic value. */
TIERCEL_INLINE double at_least_intrinsic(double price, option_terms terms, double spot, double right) {
    double intrinsic = right * (spot - terms.strike);
    return price < intrinsic ? intrinsic : price;
}

/* Whether an option outside the domain, without variance or never exercised is done with, and its value if so. */
TIERCEL_INLINE int settled(option_terms terms, double spot, double right, int on_future, american_greeks *greeks,
                           int *reason) {
    option_state state = state_of(terms);
    int boundaries = right > 0.0 ? boundaries_of(terms.yield, terms.rate, terms.years)
                                 : boundaries_of(terms.rate, terms.yield, terms.years);
    int valid = state.valid > 0.0 && spot >= 0.0 && spot <= TIERCEL_PRICE_MAX;
    int certain = valid && !(state.alive > 0.0 && spot >= TIERCEL_PRICE_MIN);
    *reason = !valid ? AMERICAN_OUTSIDE : boundaries == 2 && !certain ? AMERICAN_TWO_BOUNDARIES : AMERICAN_VALUED;
    if (*reason != AMERICAN_VALUED)
        *greeks = no_greeks();
    else if (certain)
        *greeks = certain_of(terms, spot, right, on_future);
    else if (boundaries == 0) {
        *greeks = european_of(terms, spot, right, on_future);
        greeks->price = at_least_intrinsic(greeks->price, terms, spot, right);
    } else
        return 0;
    return 1;
}

/* Value an option to high precision. `boundary` holds the last one that was solved, or years of 0: options that differ
   in spot and strike alone share it. Without `sensitive` vega, theta and rho are meaningless. */
TIERCEL_INLINE american_greeks american_of(const exercise_tables *tables, exercise_boundary *boundary,
                                           option_terms terms, double spot, double right, int on_future, int sensitive,
                                           int *reason) {
    american_greeks greeks;
    if (settled(terms, spot, right, on_future, &greeks, reason))
        return greeks;
    int is_call = right > 0.0;
    double rate = is_call ? terms.yield : terms.rate, yield = is_call ? terms.rate : terms.yield;
    double relative = is_call ? terms.strike / spot : spot / terms.strike;
    terms.years = years_that_matter(rate, yield, terms.volatility, terms.years);
    pair moneyness = is_call ? logarithm_of_ratio(terms.strike, spot) : logarithm_of_ratio(spot, terms.strike);
    if (rate != boundary->rate || yield != boundary->yield || terms.volatility != boundary->volatility
        || terms.years != boundary->years) {
        begin_boundary(tables, boundary, rate, yield, terms.volatility, terms.years);
        boundary->solved = (yield - rate) * sqrt(terms.years) <= TIERCEL_CARRY_MAX * terms.volatility
                           && solve_boundary(tables, boundary)
                           && (!sensitive || solve_sensitivities(tables, boundary));
    }
    if (!boundary->solved) {
        *reason = AMERICAN_UNSOLVED;
        return no_greeks();
    }
    double above = moneyness.high + moneyness.low - (boundary->top - boundary->drop[NODES - 1]);
    if (above <= 0.0)
        return (american_greeks){.price = right * (spot - terms.strike), .delta = right};
    exercise_premium premium = premium_of(tables, boundary, relative, above, sensitive);
    greeks = european_of(terms, spot, right, on_future);
    add_premium(&greeks, &premium, terms, spot, right, on_future);
    greeks.price = at_least_intrinsic(greeks.price, terms, spot, right);
    return greeks;
}

/* Value an option by Barone-Adesi and Whaley's approximation: the price alone. */
TIERCEL_INLINE double whaley_of(option_terms terms, double spot, double right, int *reason) {
    american_greeks greeks;
    if (settled(terms, spot, right, 0, &greeks, reason))
        return greeks.price;
    double rate = terms.rate, yield = terms.yield, volatility = terms.volatility, years = terms.years;
    pair moneyness = logarithm_of_ratio(spot, terms.strike);
    double distance = whaley_distance(rate, yield, volatility, years, right, 1e-13);
    double left = distance - right * (moneyness.high + moneyness.low); /* to the critical price */
    if (left <= 0.0)
        return right * (spot - terms.strike);
    double power = whaley_power_of(rate, yield, volatility, years, right), deviation = volatility * sqrt(years);
    double d1 = (right * distance + (rate - yield + 0.5 * volatility * volatility) * years) / deviation;
    double wanting = 1.0 - exponential(-yield * years) * normal_distribution(right * d1);
    double premium = right * exponential(right * distance - right * power * left) / power * wanting * terms.strike;
    return at_least_intrinsic(price_of(terms, spot, right) + premium, terms, spot, right);
}

TIERCEL_INLINE option_terms terms_at(const option_columns *columns, int64_t at) {
    return (option_terms){
        columns->strike[at], columns->years[at], columns->rate[at], columns->dividend_yield[at],
        columns->volatility[at],
    };
}

/* Value columns of options, `rows` of results as in kernels.h; 1 row needs no sensitivities. */
TIERCEL_INLINE void american_rows(const exercise_tables *tables, const option_columns *columns, int64_t count,
                                  int on_future, int rows, double *out, int8_t *reasons) {
    exercise_boundary boundary = {.years = 0.0}; /* no option's that needs one */
    for (int64_t at = 0; at < count; at++) {
        option_terms terms = terms_at(columns, at);
        int reason;
        american_greeks greeks = american_of(tables, &boundary, terms, columns->spot[at], columns->right[at], on_future,
                                             rows > 1, &reason);
        reasons[at] = (int8_t)reason;
        out[at] = greeks.price;
        if (rows == 1)
            continue;
        out[at + count] = greeks.delta;
        out[at + 2 * count] = greeks.gamma;
        out[at + 3 * count] = greeks.vega;
        out[at + 4 * count] = greeks.theta;
        out[at + 5 * count] = greeks.rho;
    }
}

/* Value columns of options by the approximation. */
TIERCEL_INLINE void whaley_column(const option_columns *columns, int64_t count, double *out, int8_t *reasons) {
    for (int64_t at = 0; at < count; at++) {
        int reason;
        out[at] = whaley_of(terms_at(columns, at), columns->spot[at], columns->right[at], &reason);
        reasons[at] = (int8_t)reason;
    }
}

#endif
