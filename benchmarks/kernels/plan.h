/* A feature plan as bytecode (see _bytecode.py), for one person or for many. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define FAR (1 << 30)
#define N_CODES 16
#define MAX_SLOTS 512
#define DAYS_PER_YEAR 365.25

enum { IN, RANGE, DAYS, HAS_DAY, HAS_CODE, HAS_NUMBER, OPEN, ON, WITHIN, SINCE,
       COUNT, SUM_NUMBER, SUM_CODE, MAX_NUMBER, MAX_CODE, LEAST_AGO, MOST_AGO,
       LAST_NUMBER, LAST_CODE, LAST_DAY, DISTINCT };
enum { F_COUNT, F_ANY, F_MAX, F_LEAST, F_MOST, F_AGE_AT, F_LAST, F_DISTINCT,
       F_AGE, F_GIVEN, F_RATIO, F_LINEAR, F_CASES };

typedef struct { int64_t op, col, known, skip, slot, a, b; } Instruction;
typedef struct { int64_t op, table, since, first, n, needed; } Finish;

typedef struct {
    const int64_t *offsets;      /* where the rows of each person begin */
    const int32_t *recorded, *replaced, *starts;
    const int8_t *voided;
    const int32_t **days;
    const int8_t **codes;
    const double **numbers;
    const Instruction *code;
    const double *limits;        /* two for each instruction */
    int64_t n_code, subject;     /* its code in inquiries, or -1 */
} Table;

typedef struct {
    const Table *tables;
    int64_t n_tables, detentions, inquiries;
    const int32_t *released, *birth;
    const int8_t *subject, *complete;
    const Finish *finish;
    const double *finish_numbers; /* none and cap */
    int64_t n_features;
    const int64_t *inputs;
    const double *input_numbers;  /* three for each input */
    const double *lookups;
    const int64_t *asked_for;
    int64_t n_asked;
} Plan;

typedef struct { double value[MAX_SLOTS]; int64_t other[MAX_SLOTS]; } State;

static inline int seen(const Table *t, int64_t r, int32_t today) {
    return t->recorded[r] <= today && !(t->voided && t->voided[r] > 0)
        && !(t->replaced && t->replaced[r] <= today);
}

static inline double number_or_nan(const Table *t, const Instruction *i, int64_t r, int32_t today,
                                   const double *lookups) {
    if (i->known >= 0 && t->days[i->known][r] > today) return NAN;
    switch (i->op) {
    case LAST_DAY: { int32_t day = t->days[i->col][r]; return day < FAR ? day - today : NAN; }
    case SUM_NUMBER: case MAX_NUMBER: case LAST_NUMBER: return t->numbers[i->col][r];
    }
    int8_t code = t->codes[i->col][r];
    return code < 0 ? NAN : lookups[i->a * N_CODES + code];
}

static inline int holds(const Table *t, const Instruction *i, const double *limit, int64_t r,
                        int32_t today) {
    int known = i->known < 0 || t->days[i->known][r] <= today;
    switch (i->op) {
    case IN: { int8_t v = t->codes[i->col][r]; return known && v >= 0 && (i->a >> v & 1); }
    case RANGE: { double v = t->numbers[i->col][r]; return known && v >= limit[0] && v <= limit[1]; }
    case DAYS: { int32_t v = t->days[i->col][r];
                 return known && v < FAR && v >= limit[0] && v <= limit[1]; }
    case HAS_DAY: return (known && t->days[i->col][r] < FAR) != i->a;
    case HAS_CODE: return (known && t->codes[i->col][r] >= 0) != i->a;
    case HAS_NUMBER: return (known && !isnan(t->numbers[i->col][r])) != i->a;
    }
    return 0;
}

static inline void gather_into(const Table *t, const Instruction *i, int64_t r, int32_t today,
                               int32_t ago, const double *lookups, double *value,
                               int64_t *other) {
    switch (i->op) {
    case COUNT: *value += 1; return;
    case LEAST_AGO: if (!*other || ago < *value) *value = ago; *other = 1; return;
    case MOST_AGO: if (!*other || ago > *value) *value = ago; *other = 1; return;
    case DISTINCT: {
        int8_t code = t->codes[i->col][r];
        if (code >= 0 && (i->known < 0 || t->days[i->known][r] <= today)) *other |= 1LL << code;
        return; }
    }
    double v = number_or_nan(t, i, r, today, lookups);
    switch (i->op) {
    case SUM_NUMBER: case SUM_CODE: if (!isnan(v)) *value += v; return;
    case MAX_NUMBER: case MAX_CODE:
        if (!isnan(v) && (*other < 2 || v > *value)) { *value = v; *other = 2; }
        if (!*other) *other = 1;
        return;
    }
    /* last: of rows of the latest day that differ the value is not known */
    if (*other == 0 || ago < *other - 1) { *other = (int64_t)ago + 1; *value = v; }
    else if (ago == *other - 1 && !(*value == v)) *value = NAN;
}

static inline void gather(const Table *t, const Instruction *i, int64_t r, int32_t today,
                          int32_t ago, const double *lookups, State *s) {
    gather_into(t, i, r, today, ago, lookups, s->value + i->slot, s->other + i->slot);
}

static void one_row(const Table *t, int64_t r, int32_t today, int32_t arrival,
                    const double *lookups, State *s) {
    int32_t ago = 0;
    for (int64_t at = 0; at < t->n_code;) {
        const Instruction *i = t->code + at;
        if (i->op >= COUNT) { gather(t, i, r, today, ago, lookups, s); at++; continue; }
        int go;
        switch (i->op) {
        case OPEN: go = t->days[i->col][r] > today; break;
        case ON: { int32_t day = t->days[i->col][r]; go = day <= today; ago = today - day; break; }
        case WITHIN: go = ago >= i->a && ago < i->b; break;
        case SINCE: go = ago <= arrival; break;
        default: go = holds(t, i, t->limits + 2 * at, r, today);
        }
        at = go ? at + 1 : i->skip;
    }
}

static inline double finish_one(const Plan *p, const Finish *how, int64_t f, int64_t person,
                                int32_t today, uint64_t asked, int32_t arrival, const State *s) {
    double none = p->finish_numbers[2 * f], value = s->value[f];
    const int64_t *in = p->inputs + how->first;
    const double *with = p->input_numbers + 3 * how->first;
    if (how->table >= 0 && !(asked >> how->table & 1)) return NAN;
    if (how->since && arrival < 0) return NAN;
    switch (how->op) {
    case F_COUNT: return value;
    case F_ANY: return value > 0;
    case F_MAX: return s->other[f] == 2 ? value : s->other[f] ? NAN : none;
    case F_LEAST: case F_MOST: case F_LAST: return s->other[f] ? value : none;
    case F_AGE_AT: return s->other[f] ? (today - p->birth[person] - value) / DAYS_PER_YEAR : none;
    case F_DISTINCT: return __builtin_popcountll(s->other[f]);
    case F_AGE: return (today - p->birth[person]) / DAYS_PER_YEAR;
    case F_RATIO: {
        double top = s->value[in[0]], bottom = s->value[in[1]];
        if (isnan(top) || isnan(bottom)) return NAN;
        return bottom > 0 ? top / bottom * with[0] : none; }
    case F_LINEAR: {
        double total = none;
        for (int64_t k = 0; k < how->n; k++) total += with[3 * k] * s->value[in[k]];
        return total; }
    case F_CASES:
        for (int64_t k = 0; k < how->needed; k++)
            if (isnan(s->value[in[how->n + k]])) return NAN;
        for (int64_t k = 0; k < how->n; k++)
            if (s->value[in[k]] >= with[3 * k] && s->value[in[k]] <= with[3 * k + 1])
                return with[3 * k + 2];
        return none;
    }
    return NAN;
}

static int32_t arrival_of(const Plan *p, int64_t person, int32_t today) {
    const Table *t = p->tables + p->detentions;
    int32_t arrival = -1;
    for (int64_t r = t->offsets[person]; r < t->offsets[person + 1]; r++)
        if (seen(t, r, today) && p->released[r] > today) {
            int32_t ago = today - t->starts[r];
            if (arrival < 0 || ago < arrival) arrival = ago;
        }
    return arrival;
}

/* Tables into which an inquiry is known, as bits. */
static uint64_t asked_of(const Plan *p, int64_t person, int32_t today) {
    const Table *t = p->tables + p->inquiries;
    uint64_t subjects = 0, asked = 0;
    for (int64_t r = t->offsets[person]; r < t->offsets[person + 1]; r++)
        if (seen(t, r, today) && p->complete[r] == 1) subjects |= 1ULL << p->subject[r];
    for (int64_t k = 0; k < p->n_tables; k++)
        if (p->tables[k].subject >= 0 && (subjects >> p->tables[k].subject & 1)) asked |= 1ULL << k;
    return asked;
}

static void interpreted(const Plan *p, int64_t person, int32_t today, State *s) {
    memset(s->value, 0, sizeof(double) * p->n_features);
    memset(s->other, 0, sizeof(int64_t) * p->n_features);
    int32_t arrival = arrival_of(p, person, today);
    uint64_t asked = asked_of(p, person, today);
    for (int64_t k = 0; k < p->n_tables; k++) {
        const Table *t = p->tables + k;
        if (!t->n_code) continue;
        for (int64_t r = t->offsets[person]; r < t->offsets[person + 1]; r++)
            if (seen(t, r, today)) {
                asked |= 1ULL << k;
                one_row(t, r, today, arrival, p->lookups, s);
            }
    }
    for (int64_t f = 0; f < p->n_features; f++) {
        double value = finish_one(p, p->finish + f, f, person, today, asked, arrival, s);
        double cap = p->finish_numbers[2 * f + 1];
        s->value[f] = value > cap ? cap : value;
    }
}
