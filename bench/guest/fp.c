/*
 * Scalar floating point. Only what IEEE 754 defines exactly, so that all agree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "bench.h"
#include <math.h>

static uint64_t bits(double x)
{
    uint64_t n;
    memcpy(&n, &x, 8);
    return n;
}

static uint64_t nbody(unsigned turns)
{
    enum { N = 5 };
    double x[N][3], v[N][3] = { { 0 } }, mass[N];
    for (int i = 0; i < N; i++) {
        mass[i] = 1.0 / (i + 1);
        for (int d = 0; d < 3; d++) {
            x[i][d] = (i * 7 + d * 3) % 11 - 5;
        }
    }
    while (turns--) {
        for (int i = 0; i < N; i++) {
            for (int k = i + 1; k < N; k++) {
                double d[3], r2 = 0.01;
                for (int n = 0; n < 3; n++) {
                    d[n] = x[i][n] - x[k][n];
                    r2 += d[n] * d[n];
                }
                double f = 0.001 / (r2 * sqrt(r2));
                for (int n = 0; n < 3; n++) {
                    v[i][n] -= d[n] * mass[k] * f;
                    v[k][n] += d[n] * mass[i] * f;
                }
            }
        }
        for (int i = 0; i < N; i++) {
            for (int n = 0; n < 3; n++) {
                x[i][n] += 0.001 * v[i][n];
            }
        }
    }
    return bits(x[0][0]) ^ bits(x[4][2]);
}

static uint64_t matmul(unsigned turns)
{
    enum { N = 64 };
    static double a[N][N], b[N][N], c[N][N];
    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = i % 17 - 8;
        b[i / N][i % N] = i % 23 - 11;
    }
    while (turns--) {
        FORGET(a);
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < N; k++) {
                double sum = 0;
                for (int n = 0; n < N; n++) {
                    sum += a[i][n] * b[n][k];
                }
                c[i][k] = sum;
            }
        }
    }
    return bits(c[3][5]) ^ bits(c[60][1]);
}

static uint64_t mandelbrot(unsigned turns)
{
    uint64_t sum = 0;
    while (turns--) {
        for (int p = 0; p < 32 * 32; p++) {
            double cr = (p % 32) / 16.0 - 1.5, ci = (p / 32) / 16.0 - 1, r = 0, i = 0;
            int n = 0;
            for (; n < 100 && r * r + i * i < 4; n++) {
                double t = r * r - i * i + cr;
                i = 2 * r * i + ci;
                r = t;
            }
            sum += n;
        }
    }
    return sum;
}

static uint64_t convert(unsigned turns)
{
    uint64_t state = 9, sum = 0;
    while (turns--) {
        int32_t n = (int32_t)next_random(&state);
        double d = n * 0.37;
        float f = (float)d;
        sum += (int64_t)d + (int32_t)(f * 0.25f) + (uint32_t)(int64_t)(float)(n & 0xffff);
    }
    return sum;
}

#ifdef __x86_64__
static int has_fma(void) { return __builtin_cpu_supports("fma"); }

static __attribute__((target("fma"))) uint64_t fused(unsigned turns)
{
    double a = 1, b = 0.5, c = 0.25;
    while (turns--) {
        for (int i = 0; i < 100; i++) {
            a = __builtin_fma(a, 0.75, b);
            b = __builtin_fma(b, -0.5, c);
            c = __builtin_fma(c, 0.99, 0.01);
        }
    }
    return bits(a) ^ bits(b) ^ bits(c);
}

static uint64_t x87(unsigned turns)
{
    long double a = 1, b = 3, sum = 0;
    while (turns--) {
        for (int i = 0; i < 100; i++) {
            sum += a / b;
            a = a * 1.0625L + 0.5L;
            b = a > 1000 ? a = 1, b + 1 : b;
        }
    }
    return bits((double)sum);
}
#endif

const Work fp_works[] = {
    { "fp.nbody", nbody, 250000, NULL }, { "fp.matmul", matmul, 75, NULL }, { "fp.mandel", mandelbrot, 100, NULL }, { "fp.convert", convert, 7500000, NULL },
#ifdef __x86_64__
    { "fp.fma", fused, 100000, has_fma }, { "fp.x87", x87, 50000, NULL },
#endif
    { 0 },
};
