/* Compiled once for each instruction set, with TIERCEL_LEVEL naming it: 0 is every machine's, 1 and 2 are x86-64-v3 and
   -v4. The formulas stand in the headers; here they are put into loops that the compiler turns into vectors. */

#include "american.h"
#include "implied.h"
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

enum { BLOCK = 128 };

TIERCEL_INLINE void put_greeks(double *out, int64_t count, int64_t at, int rows, option_greeks greeks) {
    out[at] = greeks.price;
    if (rows == 1) return;
    out[at + count] = greeks.delta;
    out[at + 2 * count] = greeks.gamma;
    out[at + 3 * count] = greeks.vega;
    out[at + 4 * count] = greeks.theta;
    out[at + 5 * count] = greeks.rho;
    if (rows == 6) return;
    out[at + 6 * count] = greeks.vanna;
    out[at + 7 * count] = greeks.charm;
    out[at + 8 * count] = greeks.volga;
}

TIERCEL_INLINE void prepare_block(const option_columns *columns, int64_t begin, int64_t size, double *states,
                                  int64_t stride) {
    const double *strike = columns->strike + begin, *years = columns->years + begin, *rate = columns->rate + begin;
    const double *yield = columns->dividend_yield + begin, *volatility = columns->volatility + begin;
    INDEPENDENT
    for (int64_t i = 0; i < size; i++) {
        put_state(states, stride, i, state_of((option_terms){strike[i], years[i], rate[i], yield[i], volatility[i]}));
    }
}

/* The distances of a block, by field: vectors want columns. */
typedef struct {
    double above[BLOCK], near[BLOCK], far[BLOCK], exponent_high[BLOCK], exponent_low[BLOCK], right[BLOCK];
} distance_block;

/* Value the options of a block; `rows` and `small` are constants where this is inlined. */
TIERCEL_INLINE void value_each(const distance_block *block, const double *states, int64_t stride, const double *spot,
                               int size, int on_future, int rows, int small, double *out, int64_t count) {
    INDEPENDENT
    for (int i = 0; i < size; i++) {
        option_distance distance = {block->above[i], block->near[i], block->far[i],
                                    {block->exponent_high[i], block->exponent_low[i]}};
        option_state state = get_state(states, stride, i);
        put_greeks(out, count, i, rows, value_at(state, distance, spot[i], block->right[i], on_future, small));
    }
}

/* Value a block of states whose fields are `stride` apart. Two loops, because one would be longer than what a processor
   looks ahead: its vectors would wait for each other. The series for small deviations is left out where a block has
   none, which changes no bit of the others. */
TIERCEL_INLINE void value_block(const double *states, int64_t stride, const double *spot, const int8_t *right, int size,
                                int on_future, int rows, double *out, int64_t count) {
    distance_block block;
    for (int i = 0; i < size; i++) block.right[i] = right[i];
    for (int i = 0; i < size; i++) {
        option_distance distance = distance_of(get_state(states, stride, i), spot[i]);
        block.above[i] = distance.above;
        block.near[i] = distance.near;
        block.far[i] = distance.far;
        block.exponent_high[i] = distance.exponent.high;
        block.exponent_low[i] = distance.exponent.low;
    }
    uint64_t signs = 0;
    for (int i = 0; i < size; i++) signs |= bits_of(get_state(states, stride, i).deviation - TIERCEL_DEVIATION_SMALL);
    if (signs >> 63) value_each(&block, states, stride, spot, size, on_future, rows, 1, out, count);
    else value_each(&block, states, stride, spot, size, on_future, rows, 0, out, count);
}

TIERCEL_INLINE void value_rows(const option_columns *columns, int64_t count, int on_future, int rows, double *out) {
    double states[TIERCEL_STATE_FIELDS * BLOCK];
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int size = count - begin < BLOCK ? (int)(count - begin) : BLOCK;
        prepare_block(columns, begin, size, states, BLOCK);
        const double *spot = columns->spot + begin;
        value_block(states, BLOCK, spot, columns->right + begin, size, on_future, rows, out + begin, count);
    }
}

static void value(const option_columns *columns, int64_t count, int on_future, int rows, double *out) {
    if (rows == 1) value_rows(columns, count, on_future, 1, out);
    else if (rows == 6) value_rows(columns, count, on_future, 6, out);
    else value_rows(columns, count, on_future, 9, out);
}

static void prepare(const option_columns *columns, int64_t count, double *states) {
    prepare_block(columns, 0, count, states, count);
}

static void revalue(const double *states, const int8_t *right, double spot, int64_t count, double *out) {
    double spots[BLOCK];
    for (int i = 0; i < BLOCK; i++) spots[i] = spot;
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int size = count - begin < BLOCK ? (int)(count - begin) : BLOCK;
        value_block(states + begin, count, spots, right + begin, size, 0, 9, out + begin, count);
    }
}

/* The problems of a block, by field: vectors want columns. */
typedef struct {
    double distance[BLOCK], target[BLOCK], sign[BLOCK], small[BLOCK];
    double root_years[BLOCK], reason[BLOCK], deviation[BLOCK];
} implied_block;

TIERCEL_INLINE void put(implied_block *block, int i, implied_problem problem) {
    block->distance[i] = problem.distance;
    block->target[i] = problem.target;
    block->sign[i] = problem.sign;
    block->small[i] = problem.small;
    block->root_years[i] = problem.root_years;
    block->reason[i] = problem.reason;
    block->deviation[i] = problem.guess;
}

TIERCEL_INLINE implied_problem get(const implied_block *block, int i) {
    return (implied_problem){block->distance[i], block->target[i], block->sign[i], block->small[i], block->deviation[i],
                             block->root_years[i], block->reason[i]};
}

/* Two steps for every problem, and two of the other kind for small ones, if there are any: what is not small has the
   same bits in whatever company. */
static void solve(implied_block *block, int size) {
    double guesses[BLOCK], any = 0.0;
    for (int i = 0; i < size; i++) guesses[i] = block->deviation[i];
    for (int i = 0; i < size; i++) any = choose(block->small[i] > any, block->small[i], any);
    for (int count = 0; count < 2; count++) {
        for (int i = 0; i < size; i++) block->deviation[i] = step(get(block, i), block->deviation[i]);
    }
    if (any == 0.0) return;
    for (int count = 0; count < 2; count++) {
        for (int i = 0; i < size; i++) guesses[i] = step_of_small(get(block, i), guesses[i]);
    }
    for (int i = 0; i < size; i++) {
        block->deviation[i] = choose(block->small[i] > 0.0, guesses[i], block->deviation[i]);
    }
}

static void imply(const option_columns *columns, const double *price, int64_t count, double *out, int8_t *reasons) {
    const double *spot = columns->spot, *strike = columns->strike, *years = columns->years;
    const double *rate = columns->rate, *yield = columns->dividend_yield;
    double rights[BLOCK];
    implied_block block;
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int size = count - begin < BLOCK ? (int)(count - begin) : BLOCK;
        for (int i = 0; i < size; i++) rights[i] = columns->right[begin + i];
        for (int i = 0; i < size; i++) {
            int64_t at = begin + i;
            option_terms terms = {strike[at], years[at], rate[at], yield[at], 1.0};
            put(&block, i, problem_of(terms, price[at], spot[at], rights[i]));
        }
        solve(&block, size);
        for (int i = 0; i < size; i++) out[begin + i] = answer_of(get(&block, i), block.deviation[i]);
        for (int i = 0; i < size; i++) reasons[begin + i] = (int8_t)block.reason[i];
    }
}

static void american(const exercise_tables *tables, const option_columns *columns, int64_t count, int on_future,
                     int rows, double *out, int8_t *reasons) {
    american_rows(tables, columns, count, on_future, rows, out, reasons);
}

static void whaley(const option_columns *columns, int64_t count, double *out, int8_t *reasons) {
    whaley_column(columns, count, out, reasons);
}

extern const option_kernels TIERCEL_KERNELS; /* another file of the same source reads it */
const option_kernels TIERCEL_KERNELS = {value, imply, prepare, revalue, american, whaley};

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
