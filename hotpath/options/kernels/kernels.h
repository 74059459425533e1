/* The loops over whole columns, once for each instruction set that was built. All of them give the same bits. */

#ifndef TIERCEL_OPTIONS_KERNELS_H
#define TIERCEL_OPTIONS_KERNELS_H

#include <stdint.h>

#include "quadrature.h"

/* Columns of one length; `right` holds 1 for a call and -1 for a put. */
typedef struct {
    const double *spot, *strike, *years, *rate, *dividend_yield, *volatility;
    const int8_t *right;
} option_columns;

typedef struct {
    /* Fill `rows` of out (1: the price; 6: delta, gamma, vega, theta and rho too; 9: vanna, charm and volga too), each
       `count` long. `out` overlaps no column. */
    void (*value)(const option_columns *columns, int64_t count, int on_future, int rows, double *out);

    /* Fill `out` with the volatilities that prices imply and `reasons` with why there is none; columns->volatility is
       not looked at. */
    void (*imply)(const option_columns *columns, const double *price, int64_t count, double *out, int8_t *reasons);

    /* Fill `states` (TIERCEL_STATE_FIELDS x count) with what does not depend on the spot; columns->spot is not looked
       at. */
    void (*prepare)(const option_columns *columns, int64_t count, double *states);

    /* Fill nine rows of `out` from prepared states, as `value` does from columns that hold this spot. */
    void (*revalue)(const double *states, const int8_t *right, double spot, int64_t count, double *out);

    /* The same for American options (rows 1 or 6), and why an option has no value (AMERICAN_* in american.h). Options
       that differ from the one before in spot and strike alone cost little. */
    void (*american)(const exercise_tables *tables, const option_columns *columns, int64_t count, int on_future,
                     int rows, double *out, int8_t *reasons);

    /* American options by Barone-Adesi and Whaley's approximation: prices. */
    void (*whaley)(const option_columns *columns, int64_t count, double *out, int8_t *reasons);
} option_kernels;

/* The kernels of a level (0 baseline, 1 x86-64-v3, 2 x86-64-v4); a null pointer where this build or this machine lacks
   them. */
const option_kernels *kernels_of(int level);

#endif
