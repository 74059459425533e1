/* Barone-Adesi and Whaley, "Efficient Analytic Approximation of American Option Values" (1987): the premium of early
   exercise as a power of the spot, A (S / S*)^lambda. `right` is 1 for a call and -1 for a put, the strike is 1, and
   the critical price S* is told by its distance, right * ln S*, which is positive. */

#ifndef TIERCEL_OPTIONS_WHALEY_H
#define TIERCEL_OPTIONS_WHALEY_H

#include "normal.h"

#define TIERCEL_DISTANCE_MAX 600.0  /* of a critical price in logarithms: never exercised */

/* x / (1 - e^(-x)), by its series near 0. */
TIERCEL_INLINE double annuity(double x) {
    double z = x * x;
    double near = 1.0 + 0.5 * x + z * (1.0 / 12.0 - z * (1.0 / 720.0 - z * (1.0 / 30240.0)));
    return choose(fabs(x) < 0.05, near, x / (1.0 - exponential(-x)));
}

/* The root of lambda^2 + (n - 1) lambda - m = 0 that has the sign of `right` (the paper's q1 and q2). */
TIERCEL_INLINE double whaley_power(double n, double m, double right) {
    double half = 0.5 * (1.0 - n), root = sqrt(half * half + m);
    return half * right >= 0.0 ? half + right * root : m / (right * root - half);
}

/* The distance at which a perpetual option is exercised. */
TIERCEL_INLINE double whaley_limit(double rate, double yield, double volatility, double right) {
    double per = 2.0 / (volatility * volatility), power = whaley_power((rate - yield) * per, rate * per, right);
    double ratio = power / (power - 1.0); /* the perpetual's critical price: zero or infinite when it is never met */
    if (!(ratio > 1e-250 && ratio < 1e250))
        return TIERCEL_DISTANCE_MAX;
    return right * logarithm(ratio);
}

/* The paper's lambda for a life of `years`. */
TIERCEL_INLINE double whaley_power_of(double rate, double yield, double volatility, double years, double right) {
    double per = 2.0 / (volatility * volatility);
    return whaley_power((rate - yield) * per, annuity(rate * years) / years * per, right);
}

/* The distance of the critical price, by Newton's method inside a bracket; the root of equation (19), or (24) for puts,
   divided by the strike; it ends with a step that is smaller than `step_min`, relatively. */
static inline double whaley_distance(double rate, double yield, double volatility, double years, double right,
                              double step_min) {
    double deviation = volatility * sqrt(years), power = whaley_power_of(rate, yield, volatility, years, right);
    double drift = (rate - yield + 0.5 * volatility * volatility) * years;
    double yield_factor = exponential(-yield * years), rate_factor = exponential(-rate * years);
    double low = 0.0, high = whaley_limit(rate, yield, volatility, right), wanting = 1.0 - 1.0 / power;
    double distance = 2.0 * deviation < high ? 2.0 * deviation : 0.5 * high;
    for (int step = 0; step < 100; step++) {
        double price = exponential(right * distance), d1 = (right * distance + drift) / deviation;
        double n1 = yield_factor * normal_distribution(right * d1);
        double n2 = rate_factor * normal_distribution(right * (d1 - deviation));
        double excess = right * (price * (1.0 - n1) * wanting - 1.0 + n2);
        double slope = price * ((1.0 - n1) * wanting + right * yield_factor * normal_density(d1) / (deviation * power));
        double next = distance - excess / slope;
        if (excess < 0.0)
            low = distance;
        else
            high = distance;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (fabs(next - distance) <= step_min * distance)
            return next;
        distance = next;
    }
    return distance;
}

#endif
