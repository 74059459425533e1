"""The kernels that this process uses: `active`, chosen once, when this module is imported."""

from libc.stdint cimport int8_t, int64_t


cdef extern from "kernels.h" nogil:
    ctypedef struct exercise_tables:        # constants of American options, see quadrature.h
        pass

    ctypedef struct option_columns:
        const double* spot
        const double* strike
        const double* years
        const double* rate
        const double* dividend_yield
        const double* volatility
        const int8_t* right

    ctypedef struct option_kernels:
        void (*value)(const option_columns* columns, int64_t count, int on_future, int rows, double* out) noexcept nogil
        void (*imply)(
            const option_columns* columns, const double* price, int64_t count, double* out, int8_t* reasons
        ) noexcept nogil
        void (*prepare)(const option_columns* columns, int64_t count, double* states) noexcept nogil
        void (*revalue)(
            const double* states, const int8_t* right, double spot, int64_t count, double* out
        ) noexcept nogil
        void (*american)(
            const exercise_tables* tables, const option_columns* columns, int64_t count, int on_future, int rows,
            double* out, int8_t* reasons
        ) noexcept nogil
        void (*whaley)(const option_columns* columns, int64_t count, double* out, int8_t* reasons) noexcept nogil

    const option_kernels* kernels_of(int level)


cdef const option_kernels* active
