/* The standard normal distribution: density, distribution function, and the Mills ratio that both tails share.

   mills(a) = e^(a^2/2) N(-a) is smooth and positive for a >= 0, so the tail keeps its relative accuracy: one rational
   function of degrees 9 and 10 with positive coefficients (minimax on [0, 40], 5.5e-17), one exponential whose square
   is split exactly, no branch. N(x) is within 1e-14 of itself on [-37, 8]; below -37.6 it is 0. */

#ifndef TIERCEL_OPTIONS_NORMAL_H
#define TIERCEL_OPTIONS_NORMAL_H

#include "elementary.h"

#define TIERCEL_INVERSE_ROOT_2PI 0.39894228040143267794
#define TIERCEL_TAIL_MAX 40.0 /* where e^(-a^2/2) has long been 0 */

TIERCEL_INLINE double mills_above(double a) {
    double z = a * a;
    double even = ((((3.7504060146864315502e-5 * z + 4.10830522511479918e-3) * z + 9.7991549785289625696e-2) * z
                    + 5.9495626996173065305e-1) * z + 4.9999999999999997304e-1);
    double odd = ((((1.3968428421054231318e-6 * z + 4.9316621179873394391e-4) * z + 2.3711767642623961516e-2) * z
                   + 2.8998314128225690709e-1) * z + 7.75501448241226163e-1);
    return even + a * odd;
}

TIERCEL_INLINE double mills_below(double a) {
    double z = a * a;
    double even = (((((3.5013657632467831815e-6 * z + 1.2396857365370061421e-3) * z + 6.0665769259386860065e-2) * z
                     + 7.8387940953910452632e-1) * z + 2.5640535771552462378) * z + 1.0);
    double odd = ((((9.4008737575618709063e-5 * z + 1.0392002765090069662e-2) * z + 2.5573835466308332204e-1) * z
                   + 1.7173028364687982658) * z + 2.3488874572853070611);
    return even + a * odd;
}

/* e^(a^2/2) N(-a) for a in [0, 40]. */
TIERCEL_INLINE double mills(double a) { return mills_above(a) / mills_below(a); }

/* e^(-a^2/2). */
TIERCEL_INLINE double gaussian(double a) {
    double upper = upper_half(a);
    return exponential_of_pair(-0.5 * upper * upper, -0.5 * (a - upper) * (a + upper));
}

TIERCEL_INLINE double normal_density(double x) { return TIERCEL_INVERSE_ROOT_2PI * gaussian(x); }

TIERCEL_INLINE double normal_distribution(double x) {
    double a = fabs(x);
    double tail = gaussian(a) * mills(choose(a > TIERCEL_TAIL_MAX, TIERCEL_TAIL_MAX, a));
    return choose(x == x, choose(x > 0.0, 1.0 - tail, tail), NAN);
}

#endif
