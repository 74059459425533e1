/* Where an American put is exercised: the boundary B(t) of Andersen, Lake and Offengenden, "High Performance American
   Option Pricing" (2016), solved by collocation and Newton's method. The strike is 1 and t is the time to expiry.

   Smooth pasting, V_S(t, B(t)) = -1, in the integral form of Kim (1990), becomes for every t

     0 = e^(-qt) N(d(t, B(t))) + int_0^t e^(-qu) [q N(d) - (r / B(t-u) - q) n(d) / (v sqrt u)] du,
     d(u) = (ln(B(t) / B(t-u)) + (r - q + v^2/2) u) / (v sqrt u), and the first d against the strike, over all of t

   (their equation FP-A without the terms that cancel). The unknown is the drop y(t) = ln(B(0+) / B(t)), a polynomial in
   the fourth root of t / T: B moves with sqrt(t ln t) near expiry, and that root makes it smooth enough for 1e-10. With
   u = t sin^2(a) both square roots at the ends of the integral are analytic, so that few points are enough.

   The whole Jacobian is kept, not its diagonal as in the paper: six sweeps then do, for negative yields too, and how
   the boundary moves with volatility and rates is one more linear system, not a difference of two solutions. */

#ifndef TIERCEL_OPTIONS_EXERCISE_H
#define TIERCEL_OPTIONS_EXERCISE_H

#include "quadrature.h"
#include "whaley.h"

#define TIERCEL_SWEEPS_MAX 40
#define TIERCEL_STEP_MIN 1e-8   /* of the largest drop: the error left is its square */

enum { BY_VOLATILITY, BY_RATE, BY_YIELD, RATES_AND_VOLATILITY };

typedef struct {
    double rate, yield, volatility, years, drift;   /* drift is r - q + v^2/2 */
    double top, pull;                               /* ln B(0+), r / B(0+) */
    double top_by[RATES_AND_VOLATILITY], pull_by[RATES_AND_VOLATILITY];
    double drop[NODES];                             /* y at the times T z^4 of the nodes z */
    double drop_by[RATES_AND_VOLATILITY][NODES];
    double weight[NODES][POINTS];                   /* du e^(-qu) of the integrals */
    int sweeps, solved;
} exercise_boundary;

/* What the integrand of one node is made of, point by point. */
typedef struct {
    double span[POINTS], distance[POINTS], density[POINTS], below[POINTS], growth[POINTS]; /* v sqrt u, d, n, N, e^y */
} exercise_points;

typedef double exercise_system[NODES][NODES + 4]; /* a matrix and up to four right hand sides */

/* Take over the terms and set the first guess: Barone-Adesi and Whaley's boundary, and where q > r, which moves B(0+)
   away from the strike, at least the asymptote B(0+) (1 - 0.6388 v sqrt t) (Evans, Kuske and Keller 2002). */
static inline void begin_boundary(const exercise_tables *tables, exercise_boundary *boundary,
                           double rate, double yield, double volatility, double years) {
    int low = yield > rate && yield > 0.0;
    double variance = volatility * volatility, discounting_yield = low ? rate : yield;
    double deepest = whaley_limit(rate, yield, volatility, -1.0);
    *boundary = (exercise_boundary){
        .rate = rate, .yield = yield, .volatility = volatility, .years = years,
        .drift = rate - yield + 0.5 * variance,
        .top = low ? logarithm(rate / yield) : 0.0, .pull = low ? yield : rate,
        .top_by = {0.0, low ? 1.0 / rate : 0.0, low ? -1.0 / yield : 0.0},
        .pull_by = {0.0, low ? 0.0 : 1.0, low ? 1.0 : 0.0},
    };
    deepest += boundary->top;
    for (int i = 0; i < NODES; i++) {
        double time = years * tables->time[i], deviation = volatility * tables->root_time[i] * sqrt(years);
        double drop = whaley_distance(rate, discounting_yield, volatility, time, -1.0, 1e-2) + boundary->top;
        double least = 0.6388 * deviation;
        least = deepest < TIERCEL_DISTANCE_MAX ? deepest * (1.0 - exponential(-least / deepest)) : least;
        boundary->drop[i] = drop < least ? least : drop;
        for (int k = 0; k < POINTS; k++) {
            double lag = time * tables->sine[k] * tables->sine[k];
            boundary->weight[i][k] = time * tables->measure[k] * exponential(-yield * lag);
        }
    }
}

/* The integrand's parts for node i. */
TIERCEL_INLINE void points_of_node(const exercise_tables *tables, const exercise_boundary *boundary, int i,
                                   exercise_points *points) {
    double drop[POINTS] = {0.0};
    double root_time = tables->root_time[i] * sqrt(boundary->years), per_volatility = 1.0 / boundary->volatility;
    for (int j = 0; j < NODES; j++)
        for (int k = 0; k < POINTS; k++)
            drop[k] += tables->at_point[i][j][k] * boundary->drop[j];
    for (int k = 0; k < POINTS; k++) {
        double root_lag = root_time * tables->sine[k], span = boundary->volatility * root_lag;
        double d = (drop[k] - boundary->drop[i]) / span + boundary->drift * root_lag * per_volatility;
        d = choose(d > TIERCEL_TAIL_MAX, TIERCEL_TAIL_MAX, choose(d < -TIERCEL_TAIL_MAX, -TIERCEL_TAIL_MAX, d));
        double peak = exponential(-0.5 * d * d), tail = peak * mills(fabs(d));
        points->span[k] = span;
        points->distance[k] = d;
        points->density[k] = TIERCEL_INVERSE_ROOT_2PI * peak;
        points->below[k] = choose(d > 0.0, 1.0 - tail, tail);
        points->growth[k] = exponential(drop[k]);
    }
}

/* Smooth pasting at node i and its derivatives by the drops; returns the residual. */
TIERCEL_INLINE double row_of_node(const exercise_tables *tables, const exercise_boundary *boundary, int i,
                                  const exercise_points *points, double *row) {
    double yield = boundary->yield, time = boundary->years * tables->time[i];
    double deviation = boundary->volatility * tables->root_time[i] * sqrt(boundary->years);
    double discount = exponential(-yield * time);
    double d = (boundary->top - boundary->drop[i] + boundary->drift * time) / deviation;
    double residual = discount * normal_distribution(d), own = discount * normal_density(d) / deviation;
    double pulls[POINTS];
    for (int j = 0; j < NODES; j++)
        row[j] = 0.0;
    for (int k = 0; k < POINTS; k++) {
        double weight = boundary->weight[i][k], rise = boundary->pull * points->growth[k], gain = rise - yield;
        double per = 1.0 / points->span[k];
        double mass = weight * points->density[k] * per;
        double slope = mass * (yield + gain * points->distance[k] * per);
        residual += weight * yield * points->below[k] - gain * mass;
        own += slope;
        pulls[k] = slope - mass * rise;
    }
    for (int k = 0; k < POINTS; k++)
        for (int j = 0; j < NODES; j++)
            row[j] += tables->at_node[i][k][j] * pulls[k];
    row[i] -= own;
    return residual;
}

/* Solve a system for `sides` right hand sides in place (Gauss, largest pivot of the column); 0 when it is singular. */
TIERCEL_INLINE int solve_system(exercise_system system, int sides) {
    for (int at = 0; at < NODES; at++) {
        int pivot = at;
        for (int i = at + 1; i < NODES; i++)
            if (fabs(system[i][at]) > fabs(system[pivot][at]))
                pivot = i;
        if (!(fabs(system[pivot][at]) > 0.0))
            return 0;
        for (int j = 0; j < NODES + sides; j++) {
            double kept = system[at][j];
            system[at][j] = system[pivot][j];
            system[pivot][j] = kept;
        }
        double per = 1.0 / system[at][at];
        for (int i = at + 1; i < NODES; i++) {
            double factor = system[i][at] * per;
            for (int j = at; j < NODES + sides; j++)
                system[i][j] -= factor * system[at][j];
        }
    }
    for (int at = NODES - 1; at >= 0; at--) {
        double per = 1.0 / system[at][at];
        for (int side = NODES; side < NODES + sides; side++) {
            double found = system[at][side] * per;
            system[at][side] = found;
            for (int i = 0; i < at; i++)
                system[i][side] -= found * system[i][at];
        }
    }
    return 1;
}

/* Find the drops; 0 when Newton's steps do not end. A step may at most halve or double a drop. */
TIERCEL_INLINE int solve_boundary(const exercise_tables *tables, exercise_boundary *boundary) {
    exercise_system system;
    exercise_points points;
    for (boundary->sweeps = 1; boundary->sweeps <= TIERCEL_SWEEPS_MAX; boundary->sweeps++) {
        double step_max = 0.0, drop_max = 0.0;
        for (int i = 0; i < NODES; i++) {
            points_of_node(tables, boundary, i, &points);
            system[i][NODES] = -row_of_node(tables, boundary, i, &points, system[i]);
        }
        if (!solve_system(system, 1))
            return 0;
        for (int i = 0; i < NODES; i++) {
            double drop = boundary->drop[i], next = drop + system[i][NODES];
            next = choose(next < 0.5 * drop, 0.5 * drop, choose(next > 2.0 * drop, 2.0 * drop, next));
            step_max = choose(fabs(next - drop) <= step_max, step_max, fabs(next - drop));
            drop_max = choose(next > drop_max, next, drop_max);
            boundary->drop[i] = next;
        }
        if (step_max <= TIERCEL_STEP_MIN * drop_max)
            return 1;
    }
    return 0;
}

/* Derivatives of smooth pasting at node i by volatility and rates, the drops held, into `by`. */
TIERCEL_INLINE void sensitivity_of_node(const exercise_tables *tables, const exercise_boundary *boundary, int i,
                                        const exercise_points *points, double *by) {
    double yield = boundary->yield, volatility = boundary->volatility, per_volatility = 1.0 / volatility;
    double time = boundary->years * tables->time[i], root_time = tables->root_time[i] * sqrt(boundary->years);
    double discount = exponential(-yield * time), per_deviation = 1.0 / (volatility * root_time);
    double d = (boundary->top - boundary->drop[i] + boundary->drift * time) * per_deviation;
    double density = discount * normal_density(d), drift_by = root_time * per_volatility;
    by[BY_VOLATILITY] = density * (root_time - d * per_volatility);
    by[BY_RATE] = density * (drift_by + boundary->top_by[BY_RATE] * per_deviation);
    by[BY_YIELD] = density * (boundary->top_by[BY_YIELD] * per_deviation - drift_by)
                   - time * discount * normal_distribution(d);
    for (int k = 0; k < POINTS; k++) {
        double root_lag = root_time * tables->sine[k], lag = root_lag * root_lag, per = 1.0 / points->span[k];
        double weight = boundary->weight[i][k], below = points->below[k], distance = points->distance[k];
        double growth = points->growth[k], gain = boundary->pull * growth - yield;
        double mass = weight * points->density[k] * per;
        double slope = mass * (yield * points->span[k] + gain * distance);
        by[BY_VOLATILITY] += slope * (root_lag - distance * per_volatility) + gain * mass * per_volatility;
        by[BY_RATE] += slope * root_lag * per_volatility - boundary->pull_by[BY_RATE] * growth * mass;
        by[BY_YIELD] += weight * below - slope * root_lag * per_volatility 
                        - (boundary->pull_by[BY_YIELD] * growth - 1.0) * mass
                        - lag * (weight * yield * below - gain * mass);
    }
}

/* Find how the drops move with volatility and rates. */
TIERCEL_INLINE int solve_sensitivities(const exercise_tables *tables, exercise_boundary *boundary) {
    exercise_system system;
    exercise_points points;
    for (int i = 0; i < NODES; i++) {
        double by[RATES_AND_VOLATILITY];
        points_of_node(tables, boundary, i, &points);
        row_of_node(tables, boundary, i, &points, system[i]);
        sensitivity_of_node(tables, boundary, i, &points, by);
        for (int side = 0; side < RATES_AND_VOLATILITY; side++)
            system[i][NODES + side] = -by[side];
    }
    if (!solve_system(system, RATES_AND_VOLATILITY))
        return 0;
    for (int side = 0; side < RATES_AND_VOLATILITY; side++)
        for (int i = 0; i < NODES; i++)
            boundary->drop_by[side][i] = system[i][NODES + side];
    return 1;
}

#endif
