/* Compiled once for each instruction set, with TIERCEL_LEVEL naming it: 0 is every machine's, 1 and 2 are x86-64-v3 and
   -v4. The formulas stand in the headers; here they are put into loops that the compiler turns into vectors. */

#include "american.h"
#include "black.h"
#include "kernels.h"

#if TIERCEL_LEVEL == 0 || defined(__x86_64__)

#if TIERCEL_LEVEL == 0
#define TIERCEL_KERNELS tiercel_kernels_baseline
#elif TIERCEL_LEVEL == 1
#define TIERCEL_KERNELS tiercel_kernels_v3
#else
#define TIERCEL_KERNELS tiercel_kernels_v4
#endif

/* What a loop writes overlaps nothing that it reads: callers have made sure of it. */
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

enum { BLOCK = 256 };

/* `rows` is a constant where this is inlined. */
TIERCEL_INLINE void value_rows(const option_columns *columns, int64_t count, int on_future, int rows, double *out) {
    const double *spot = columns->spot, *strike = columns->strike, *years = columns->years;
    const double *rate = columns->rate, *yield = columns->yield, *volatility = columns->volatility;
    double rights[BLOCK];
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = count - begin < BLOCK ? count : begin + BLOCK;
        for (int64_t at = begin; at < end; at++) rights[at - begin] = columns->right[at];
        INDEPENDENT
        for (int64_t at = begin; at < end; at++) {
            option_terms terms = {strike[at], years[at], rate[at], yield[at], volatility[at]};
            option_greeks greeks = value_of(state_of(terms), spot[at], rights[at - begin], on_future);
            out[at] = greeks.price;
            if (rows == 1) continue;
            out[at + count] = greeks.delta;
            out[at + 2 * count] = greeks.gamma;
            out[at + 3 * count] = greeks.vega;
            out[at + 4 * count] = greeks.theta;
            out[at + 5 * count] = greeks.rho;
            if (rows == 6) continue;
            out[at + 6 * count] = greeks.vanna;
            out[at + 7 * count] = greeks.charm;
            out[at + 8 * count] = greeks.volga;
        }
    }
}

static void value(const option_columns *columns, int64_t count, int on_future, int rows, double *out) {
    if (rows == 1) value_rows(columns, count, on_future, 1, out);
    else if (rows == 6) value_rows(columns, count, on_future, 6, out);
    else value_rows(columns, count, on_future, 9, out);
}

static void american(const exercise_tables *tables, const option_columns *columns, int64_t count, int on_future,
                     int rows, double *out, int8_t *outcomes) {
    american_rows(tables, columns, count, on_future, rows, out, outcomes);
}

static void whaley(const option_columns *columns, int64_t count, double *out, int8_t *outcomes) {
    whaley_column(columns, count, out, outcomes);
}

extern const option_kernels TIERCEL_KERNELS;
const option_kernels TIERCEL_KERNELS = {value, american, whaley};

#if TIERCEL_LEVEL == 0

#if defined(__x86_64__) && TIERCEL_LEVELS > 1

extern const option_kernels tiercel_kernels_v3, tiercel_kernels_v4;

const option_kernels *kernels_of(int level) {
    __builtin_cpu_init();
    int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi")
             && __builtin_cpu_supports("bmi2");
    int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
             && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
             && __builtin_cpu_supports("avx512vl");
    if (level == 2) return v4 ? &tiercel_kernels_v4 : 0;
    if (level == 1) return v3 ? &tiercel_kernels_v3 : 0;
    return &tiercel_kernels_baseline;
}

#else

const option_kernels *kernels_of(int level) { return level == 0 ? &tiercel_kernels_baseline : 0; }

#endif
#endif
#else

typedef int nothing_for_this_machine;

#endif
