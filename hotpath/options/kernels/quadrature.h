/* The points at which an exercise boundary is sought and its integrals are summed: the same for every option.

   Gauss and Legendre's rules serve three times: their points, with both ends, are the nodes of the polynomial, and they
   are the points of the boundary's integrals and of the premium's. The values of the cardinal polynomials at the points
   of each node's integral are constants too, since node times and points scale together. Made once, when the module is
   imported, with nothing but + - * / and square roots: every machine makes the same bits. */

#ifndef TIERCEL_OPTIONS_QUADRATURE_H
#define TIERCEL_OPTIONS_QUADRATURE_H

#include "elementary.h"

#define NODES 24            /* of the boundary, time 0 not counted */
#define POINTS 24           /* of the integral that belongs to a node */
#define PREMIUM_POINTS 96   /* of the integral over the whole life */

typedef struct {
    double node[NODES + 1], barycentric[NODES + 1];     /* z from 0 to 1, and the weights of interpolation */
    double root_time[NODES], time[NODES];               /* z^2 and z^4 of the nodes after time 0 */
    double sine[POINTS], measure[POINTS];               /* of the angle a, and 2 sin cos da */
    double premium_point[PREMIUM_POINTS], premium_weight[PREMIUM_POINTS]; /* on [0, 1] */
    double at_point[NODES][NODES][POINTS];              /* node of the integral, cardinal polynomial, point */
    double at_node[NODES][POINTS][NODES];               /* the same with the last two exchanged */
} exercise_tables;

/* cos x for x in [0, pi], by its series. */
static inline double cosine(double x) {
    double term = 1.0, total = 1.0;
    for (int k = 1; k < 16; k++) {
        term *= -x * x / ((2 * k - 1) * (2 * k));
        total += term;
    }
    return total;
}

/* The rule of `count` points on [0, 1], ascending: Newton's method on the Legendre polynomial's recurrence. */
static inline void gauss_legendre(int count, double *points, double *weights) {
    for (int i = 0; i < count; i++) {
        double x = -cosine(3.14159265358979323846 * (i + 0.75) / (count + 0.5)), slope = 1.0;
        for (int step = 0; step < 8; step++) {
            double before = 1.0, value = x;
            for (int k = 2; k <= count; k++) {
                double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
                before = value;
                value = next;
            }
            slope = count * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        points[i] = 0.5 * (1.0 + x);
        weights[i] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
}

/* The cardinal polynomials at z, without that of node 0, where every drop is 0. */
TIERCEL_INLINE void interpolate(const double *node, const double *barycentric, double z, double *values) {
    double total = 0.0;
    for (int j = 0; j <= NODES; j++) {
        double gap = z - node[j];
        double share = barycentric[j] / (gap == 0.0 ? 1e-200 : gap); /* on a node its share drowns all others */
        total += share;
        if (j > 0)
            values[j - 1] = share;
    }
    for (int j = 0; j < NODES; j++)
        values[j] /= total;
}

static inline void make_tables(exercise_tables *tables) {
    double weights[PREMIUM_POINTS], point[POINTS];
    tables->node[0] = 0.0;
    tables->node[NODES] = 1.0;
    gauss_legendre(NODES - 1, tables->node + 1, weights);
    gauss_legendre(PREMIUM_POINTS, tables->premium_point, tables->premium_weight);
    gauss_legendre(POINTS, point, weights);
    for (int i = 0; i <= NODES; i++) {
        double product = 1.0;
        for (int j = 0; j <= NODES; j++)
            product *= j == i ? 1.0 : 4.0 * (tables->node[i] - tables->node[j]);
        tables->barycentric[i] = 1.0 / product;
    }
    for (int i = 0; i < NODES; i++) {
        double z = tables->node[i + 1];
        tables->root_time[i] = z * z;
        tables->time[i] = tables->root_time[i] * tables->root_time[i];
    }
    for (int k = 0; k < POINTS; k++) { /* the point is tan(a / 2) */
        double square = point[k] * point[k], cos_a = (1.0 - square) / (1.0 + square);
        tables->sine[k] = 2.0 * point[k] / (1.0 + square);
        tables->measure[k] = 2.0 * tables->sine[k] * cos_a * weights[k] * 2.0 / (1.0 + square);
        for (int i = 0; i < NODES; i++) {
            interpolate(tables->node, tables->barycentric, tables->node[i + 1] * sqrt(cos_a), tables->at_node[i][k]);
            for (int j = 0; j < NODES; j++)
                tables->at_point[i][j][k] = tables->at_node[i][k][j];
        }
    }
}

#endif
