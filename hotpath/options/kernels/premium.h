/* The premium of early exercise of a put whose boundary is known, strike 1: Kim's integral (1990) over its life,

     int_0^T [r e^(-ru) N(v sqrt u - d) - q S e^(-qu) N(-d)] du,
     d(u) = (ln(S / B(T-u)) + (r - q + v^2/2) u) / (v sqrt u),

   and its derivatives by everything. Since S e^(-qu) n(d) = B(T-u) e^(-ru) n(d - v sqrt u), one density serves all. */

#ifndef TIERCEL_OPTIONS_PREMIUM_H
#define TIERCEL_OPTIONS_PREMIUM_H

#include "exercise.h"

/* A premium in units of the strike and its derivatives by the spot, and by volatility and rates. */
typedef struct { double price, by_spot, by_spot_twice, by[RATES_AND_VOLATILITY]; } exercise_premium;

#define TIERCEL_ABOVE_MIN 1e-11     /* of v sqrt T: nearer to the boundary rounding would be seen */
#define TIERCEL_SPREAD_MAX 4.0      /* of v sqrt T: farther from it the points need not be spread */

/* The points of a premium's integral: v sqrt u, u, du, the boundary's drop there, and how it moves. */
typedef struct {
    double span[PREMIUM_POINTS], lag[PREMIUM_POINTS], measure[PREMIUM_POINTS];
    double drop[PREMIUM_POINTS], drop_by[RATES_AND_VOLATILITY][PREMIUM_POINTS];
} premium_points;

/* Near the boundary the integrand changes within a lag of (ln(S/B) / v)^2: the points are spread like a hyperbolic sine
   that is linear up to there, so that gamma meets its limit at the boundary. */
TIERCEL_INLINE void points_of_premium(const exercise_tables *tables, const exercise_boundary *boundary, double above,
                                      int sensitive, premium_points *points) {
    double root[PREMIUM_POINTS], total[PREMIUM_POINTS] = {0.0};
    double deviation = boundary->volatility * sqrt(boundary->years);
    double scale = above < TIERCEL_SPREAD_MAX * deviation ? above / deviation : TIERCEL_SPREAD_MAX;
    double per_scale = 1.0 / scale;
    double reach = logarithm(per_scale + sqrt(1.0 + per_scale * per_scale));
    for (int k = 0; k < PREMIUM_POINTS; k++) {
        double grown = exponential(reach * tables->premium_point[k]), shrunk = 1.0 / grown;
        double tangent = 0.5 * scale * (grown - shrunk); /* of half the angle */
        tangent = choose(tangent > 1.0, 1.0, tangent);
        double per = 1.0 / (1.0 + tangent * tangent);
        double sine = 2.0 * tangent * per, cosine = (1.0 - tangent * tangent) * per;
        double angle = scale * (grown + shrunk) * per * reach * tables->premium_weight[k];
        points->span[k] = deviation * sine;
        points->lag[k] = boundary->years * sine * sine;
        points->measure[k] = 2.0 * boundary->years * sine * cosine * angle;
        root[k] = sqrt(cosine);
        points->drop[k] = 0.0;
        for (int side = 0; side < RATES_AND_VOLATILITY; side++)
            points->drop_by[side][k] = 0.0;
    }
    for (int j = 0; j <= NODES; j++)
        for (int k = 0; k < PREMIUM_POINTS; k++) {
            double gap = root[k] - tables->node[j];
            double share = tables->barycentric[j] / choose(gap == 0.0, 1e-200, gap);
            total[k] += share;
            if (j > 0)
                points->drop[k] += share * boundary->drop[j - 1];
            if (j > 0 && sensitive)
                for (int side = 0; side < RATES_AND_VOLATILITY; side++)
                    points->drop_by[side][k] += share * boundary->drop_by[side][j - 1];
        }
    for (int k = 0; k < PREMIUM_POINTS; k++) {
        points->drop[k] /= total[k];
        for (int side = 0; side < RATES_AND_VOLATILITY; side++)
            points->drop_by[side][k] /= total[k];
    }
}

/* The premium at `spot`, which is e^`above` times the boundary and counts as a little above it in any case; without
   `sensitive` the derivatives `by` are 0. */
TIERCEL_INLINE exercise_premium premium_of(const exercise_tables *tables, const exercise_boundary *boundary,
                                           double spot, double above, int sensitive) {
    double above_min = TIERCEL_ABOVE_MIN * boundary->volatility * sqrt(boundary->years);
    premium_points points;
    above = above < above_min ? above_min : above;
    points_of_premium(tables, boundary, above, sensitive, &points);
    double rate = boundary->rate, yield = boundary->yield, per_volatility = 1.0 / boundary->volatility;
    double deepest = boundary->drop[NODES - 1];
    exercise_premium premium = {0.0, 0.0, 0.0, {0.0, 0.0, 0.0}};
    for (int k = 0; k < PREMIUM_POINTS; k++) {
        double span = points.span[k], per = 1.0 / span, lag = points.lag[k];
        double strike_weight = points.measure[k] * exponential(-rate * lag);
        double spot_weight = points.measure[k] * exponential(-yield * lag);
        double d = (above + (points.drop[k] - deepest) + boundary->drift * lag) * per;
        d = choose(d > TIERCEL_TAIL_MAX, TIERCEL_TAIL_MAX, choose(d < -TIERCEL_TAIL_MAX, -TIERCEL_TAIL_MAX, d));
        double growth = exponential(points.drop[k]), rise = boundary->pull * growth, gain = rise - yield;
        double mass = spot_weight * normal_density(d), below = spot_weight * normal_distribution(-d);
        double strike_below = strike_weight * normal_distribution(span - d);
        premium.price += rate * strike_below - yield * spot * below;
        premium.by_spot -= gain * mass * per + yield * below;
        premium.by_spot_twice += mass * (gain * d * per + yield) * per / spot;
        if (!sensitive)
            continue;
        double root_lag = span * per_volatility, by_drift = root_lag * per_volatility;
        double moved[RATES_AND_VOLATILITY]; /* d, by volatility and rates */
        for (int side = 0; side < RATES_AND_VOLATILITY; side++)
            moved[side] = (points.drop_by[side][k] - boundary->top_by[side]) * per;
        moved[BY_VOLATILITY] += root_lag - d * per_volatility;
        moved[BY_RATE] += by_drift;
        moved[BY_YIELD] -= by_drift;
        premium.by[BY_VOLATILITY] += spot * mass * (rise * root_lag - gain * moved[BY_VOLATILITY]);
        premium.by[BY_RATE] += (1.0 - rate * lag) * strike_below - spot * mass * gain * moved[BY_RATE];
        premium.by[BY_YIELD] -= spot * ((1.0 - yield * lag) * below + mass * gain * moved[BY_YIELD]);
    }
    return premium;
}

#endif
