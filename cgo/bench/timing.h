/* Samples of times, and their percentiles. */
#ifndef TIMING_H
#define TIMING_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_SAMPLES 1000000

static double samples[MAX_SAMPLES];
static int sampled;

static inline double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline void sample(double us) {
    if (sampled < MAX_SAMPLES)
        samples[sampled++] = us;
}

static inline int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* report prints p50 and p99, and forgets the samples. */
static inline void report(void) {
    qsort(samples, (size_t)sampled, sizeof *samples, by_size);
    printf("%.2f %.2f\n", samples[sampled / 2], samples[sampled * 99 / 100]);
    sampled = 0;
}

#endif
