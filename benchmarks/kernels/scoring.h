/* A piecewise-linear program with covariance: score, interval, and whether support is plain.

   The ramps at the left of the piece that a value is in are full and those at its right are 0, so
   of a term two rows are added to the root of the variance: the sum of the full ones, made
   beforehand, and the one in play. The factor is triangular: a row ends where its segment stands. */
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    int64_t n_terms, size;
    const int64_t *first_knot;      /* of each term; one more for the end */
    const double *knots;
    const double *anchors, *starts, *slopes; /* of term t from first_knot[t] + t */
    const double *missing, *low, *high, *references;
    const double *full;             /* of term t from row first_knot[t] + t: of pieces, then unknown */
    const double *factor;           /* of term t from row first_knot[t] - t: of its segments */
    const double *offset;
    double intercept, calibration_intercept, calibration_slope, quantile, max_leverage;
} Program;

enum { LP, PROBABILITY, LOWER, UPPER, ERROR, PLAIN, N_OUT };

static inline double expit(double x) {
    double e = exp(-fabs(x));
    return x >= 0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}

static double probability(const Program *p, double lp) {
    return expit(p->calibration_intercept + p->calibration_slope * lp);
}

/* out: N_OUT numbers; parts: the function of each term, without its mean, or NULL. */
static void assess(const Program *p, const double *values, int64_t stride, double *root,
                   double *out, double *parts) {
    double lp = p->intercept;
    int plain = 1;
    memcpy(root, p->offset, sizeof(double) * p->size);
    for (int64_t t = 0; t < p->n_terms; t++) {
        double x = values[t * stride], y;
        int64_t from = p->first_knot[t], n = p->first_knot[t + 1] - from, piece = 0;
        const double *knots = p->knots + from;
        const double *full;
        int64_t width = from - t + n - 1; /* columns in which rows of this term have numbers */
        if (x != x) {
            y = p->missing[t];
            plain = 0;
            piece = n; /* the row after those of the pieces */
            full = p->full + (from + t + piece) * p->size;
            for (int64_t k = 0; k < p->size; k++) root[k] += full[k];
        } else {
            for (int64_t k = 0; k < n; k++) piece += knots[k] <= x;
            int64_t at = from + t + piece;
            y = p->starts[at] + p->slopes[at] * (x - p->anchors[at]);
            plain &= (x >= p->low[t]) & (x <= p->high[t]);
            if (piece > 0) {
                full = p->full + (from + t + piece - 1) * p->size;
                if (piece < n) {
                    const double *row = p->factor + (from - t + piece - 1) * p->size;
                    double inside = x - knots[piece - 1];
                    for (int64_t k = 0; k < width; k++) root[k] += full[k] + inside * row[k];
                } else {
                    for (int64_t k = 0; k < width; k++) root[k] += full[k];
                }
            }
        }
        lp += y;
        if (parts) parts[t] = y;
    }
    double square = 0;
    for (int64_t k = 0; k < p->size; k++) square += root[k] * root[k];
    double error = sqrt(square), half = p->quantile * error;
    out[LP] = lp;
    out[PROBABILITY] = probability(p, lp);
    out[LOWER] = probability(p, lp - half);
    out[UPPER] = probability(p, lp + half);
    out[ERROR] = error;
    out[PLAIN] = plain & (error * error <= p->max_leverage);
}

/* Rows of a matrix in column order: values[term * n + row]; out[number * n + row]. */
void assess_many(const Program *p, const double *values, int64_t from, int64_t to, int64_t n,
                 double *out) {
    static __thread double root[4096];
    double found[N_OUT];
    for (int64_t row = from; row < to; row++) {
        assess(p, values + row, n, root, found, 0);
        for (int k = 0; k < N_OUT; k++) out[k * n + row] = found[k];
    }
}
