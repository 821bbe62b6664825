/* The same bytecode by columns: an instruction is carried out for all rows of a block of people
   before the next one, so that the loops are short, without branches, and the compiler can do
   many rows at once. A mask of 0 and 1 in a byte stands for the branch that a row is in. */
#include <stdlib.h>

#define BLOCK 256
#define DEPTH 24

typedef struct { double value[MAX_SLOTS][BLOCK]; int64_t other[MAX_SLOTS][BLOCK];
                 uint8_t asked[64][BLOCK]; int32_t arrival[BLOCK]; } BlockState;
typedef struct { int64_t size; uint8_t *mask[DEPTH]; int32_t *ago[DEPTH]; int32_t *owner;
                 uint64_t *bits; } Room;

static Room *room_for(int64_t rows) {
    static __thread Room room;
    if (room.size < rows) {
        int64_t size = 2 * rows + 256;
        for (int k = 0; k < DEPTH; k++) {
            room.mask[k] = realloc(room.mask[k], size);
            room.ago[k] = realloc(room.ago[k], 4 * size);
        }
        room.owner = realloc(room.owner, 4 * size);
        room.bits = realloc(room.bits, 8 * (size / 64 + 4));
        room.size = size;
    }
    return &room;
}

#define EACH for (int64_t k = 0; k < n; k++)

static void test_rows(const Table *t, const Instruction *i, const double *limit, int64_t first,
                      int64_t n, int32_t today, const int32_t *arrivals, const int32_t *restrict owner,
                      const uint8_t *restrict in, const int32_t *restrict ago,
                      uint8_t *restrict out) {
    const int32_t *restrict d = i->col >= 0 ? t->days[i->col] + first : 0;
    const int8_t *restrict c = 0;
    const double *restrict x = 0;
    if (i->op == IN || i->op == HAS_CODE) c = t->codes[i->col] + first;
    if (i->op == RANGE || i->op == HAS_NUMBER) x = t->numbers[i->col] + first;
    uint8_t negated = i->a & 1;
    int32_t low, high;
    switch (i->op) {
    case IN: {
        uint32_t codes = (uint32_t)i->a; /* no vocabulary has 31 codes, and an absent one is -1 */
        EACH out[k] = in[k] & (codes >> (c[k] & 31) & 1);
        break; }
    case RANGE: EACH out[k] = in[k] & (x[k] >= limit[0]) & (x[k] <= limit[1]); break;
    case DAYS: EACH out[k] = in[k] & (d[k] < FAR) & (d[k] >= limit[0]) & (d[k] <= limit[1]); break;
    case HAS_DAY: EACH out[k] = d[k] < FAR; break;
    case HAS_CODE: EACH out[k] = c[k] >= 0; break;
    case HAS_NUMBER: EACH out[k] = x[k] == x[k]; break;
    case OPEN: EACH out[k] = in[k] & (d[k] > today); return;
    case ON: EACH out[k] = in[k] & (d[k] <= today); return;
    case WITHIN:
        low = (int32_t)i->a; high = (int32_t)i->b;
        EACH out[k] = in[k] & (ago[k] >= low) & (ago[k] < high);
        return;
    case SINCE: EACH out[k] = in[k] & (ago[k] <= arrivals[owner[k]]); return;
    }
    if (i->known >= 0) {
        const int32_t *restrict since = t->days[i->known] + first;
        EACH out[k] &= since[k] <= today;
    }
    if (i->op >= HAS_DAY) EACH out[k] = in[k] & (out[k] ^ negated);
}

static void pack(const uint8_t *mask, int64_t n, uint64_t *bits) {
    for (int64_t w = 0; w * 64 < n; w++) {
        uint64_t word = 0;
        for (int k = 0; k < 8; k++) {
            uint64_t eight;
            memcpy(&eight, mask + w * 64 + k * 8, 8);
            word |= (eight * 0x0102040810204080ULL >> 56) << (8 * k);
        }
        bits[w] = word;
    }
    bits[(n + 63) / 64] = 0;
}

static inline int64_t ones(const uint64_t *bits, int64_t from, int64_t to) {
    int64_t total = 0;
    while (from < to) {
        int64_t n = to - from < 64 ? to - from : 64, shift = from & 63;
        uint64_t word = bits[from >> 6] >> shift;
        if (shift) word |= bits[(from >> 6) + 1] << (64 - shift);
        if (n < 64) word &= (1ULL << n) - 1;
        total += __builtin_popcountll(word);
        from += n;
    }
    return total;
}

/* Only the rows of which the mask is 1 are visited: 64 are skipped at a time. */
static void gather_rows(const Table *t, const Instruction *i, int64_t first, int64_t n,
                        int32_t today, const int32_t *ago, const double *lookups,
                        const Room *room, BlockState *s) {
    double *value = s->value[i->slot];
    int64_t *other = s->other[i->slot];
    for (int64_t w = 0; w * 64 < n; w++)
        for (uint64_t word = room->bits[w]; word; word &= word - 1) {
            int64_t k = w * 64 + __builtin_ctzll(word), j = room->owner[k];
            gather_into(t, i, first + k, today, ago[k], lookups, value + j, other + j);
        }
}

static void table_by_columns(const Plan *p, int64_t number, int64_t person, int64_t people,
                             int32_t today, BlockState *s) {
    const Table *t = p->tables + number;
    const int64_t *offsets = t->offsets + person;
    int64_t first = offsets[0], n = offsets[people] - first;
    Room *room = room_for(n + 64);
    uint8_t *seen_rows = room->mask[0];
    const int32_t *restrict recorded = t->recorded + first;
    EACH seen_rows[k] = recorded[k] <= today;
    if (t->voided) EACH seen_rows[k] &= t->voided[first + k] <= 0;
    if (t->replaced) EACH seen_rows[k] &= t->replaced[first + k] > today;
    memset(seen_rows + n, 0, 64);
    pack(seen_rows, n, room->bits);
    for (int64_t j = 0; j < people; j++) {
        int64_t from = offsets[j] - first, to = offsets[j + 1] - first;
        s->asked[number][j] |= ones(room->bits, from, to) > 0;
        for (int64_t k = from; k < to; k++) room->owner[k] = (int32_t)j;
    }
    int64_t ends[DEPTH] = {t->n_code};
    int depth = 0, ago_at = 0;
    int ago_of[DEPTH] = {0};
    for (int64_t at = 0; at < t->n_code; at++) {
        while (depth && at >= ends[depth]) depth--;
        ago_at = ago_of[depth];
        const Instruction *i = t->code + at;
        const uint8_t *mask = room->mask[depth];
        if (i->op == COUNT) {
            pack(mask, n, room->bits);
            for (int64_t j = 0; j < people; j++)
                s->value[i->slot][j] += ones(room->bits, offsets[j] - first, offsets[j + 1] - first);
            continue;
        }
        if (i->op > COUNT) {
            pack(mask, n, room->bits);
            gather_rows(t, i, first, n, today, room->ago[ago_at], p->lookups, room, s);
            continue;
        }
        if (i->op == ON) {
            const int32_t *restrict d = t->days[i->col] + first;
            int32_t *restrict ago = room->ago[depth + 1];
            EACH ago[k] = today - d[k];
        }
        test_rows(t, i, t->limits + 2 * at, first, n, today, s->arrival, room->owner, mask,
                  room->ago[ago_at], room->mask[depth + 1]);
        memset(room->mask[depth + 1] + n, 0, 64);
        depth++;
        ends[depth] = i->skip;
        ago_of[depth] = i->op == ON ? depth : ago_at;
    }
}

static void finish_block(const Plan *p, int64_t f, int64_t person, int64_t n, int32_t today,
                         BlockState *s) {
    const Finish *how = p->finish + f;
    double none = p->finish_numbers[2 * f], cap = p->finish_numbers[2 * f + 1];
    double *restrict v = s->value[f];
    const int64_t *restrict other = s->other[f], *in = p->inputs + how->first;
    const int32_t *restrict birth = p->birth + person;
    const double *with = p->input_numbers + 3 * how->first;
    switch (how->op) {
    case F_COUNT: break;
    case F_ANY: EACH v[k] = v[k] > 0; break;
    case F_MAX: EACH v[k] = other[k] == 2 ? v[k] : other[k] ? NAN : none; break;
    case F_LEAST: case F_MOST: case F_LAST: EACH v[k] = other[k] ? v[k] : none; break;
    case F_AGE_AT: EACH v[k] = other[k] ? (today - birth[k] - v[k]) / DAYS_PER_YEAR : none; break;
    case F_DISTINCT: EACH v[k] = __builtin_popcountll(other[k]); break;
    case F_AGE: EACH v[k] = (today - birth[k]) / DAYS_PER_YEAR; break;
    case F_GIVEN: EACH v[k] = NAN; break;
    case F_RATIO: {
        const double *restrict a = s->value[in[0]], *restrict b = s->value[in[1]];
        EACH v[k] = a[k] != a[k] || b[k] != b[k] ? NAN : b[k] > 0 ? a[k] / b[k] * with[0] : none;
        break; }
    case F_LINEAR:
        EACH v[k] = none;
        for (int64_t j = 0; j < how->n; j++) {
            const double *restrict a = s->value[in[j]];
            double weight = with[3 * j];
            EACH v[k] += weight * a[k];
        }
        break;
    case F_CASES:
        EACH v[k] = none;
        for (int64_t j = how->n - 1; j >= 0; j--) {
            const double *restrict a = s->value[in[j]];
            double low = with[3 * j], high = with[3 * j + 1], value = with[3 * j + 2];
            EACH v[k] = (a[k] >= low) & (a[k] <= high) ? value : v[k];
        }
        for (int64_t j = 0; j < how->needed; j++) {
            const double *restrict a = s->value[in[how->n + j]];
            EACH v[k] = a[k] != a[k] ? NAN : v[k];
        }
        break;
    }
    if (how->table >= 0) {
        const uint8_t *restrict asked = s->asked[how->table];
        EACH v[k] = asked[k] ? v[k] : NAN;
    }
    if (how->since) EACH v[k] = s->arrival[k] >= 0 ? v[k] : NAN;
    if (cap < INFINITY) EACH v[k] = v[k] > cap ? cap : v[k];
}

/* A block of people who stand next to each other, on one day. */
static void block_by_columns(const Plan *p, int64_t person, int64_t people, int32_t today,
                             BlockState *s) {
    for (int64_t f = 0; f < p->n_features; f++) {
        memset(s->value[f], 0, sizeof(double) * people);
        memset(s->other[f], 0, sizeof(int64_t) * people);
    }
    for (int64_t j = 0; j < people; j++) {
        s->arrival[j] = arrival_of(p, person + j, today);
        uint64_t asked = asked_of(p, person + j, today);
        for (int64_t k = 0; k < p->n_tables; k++) s->asked[k][j] = asked >> k & 1;
    }
    for (int64_t k = 0; k < p->n_tables; k++)
        if (p->tables[k].n_code) table_by_columns(p, k, person, people, today, s);
    for (int64_t f = 0; f < p->n_features; f++) finish_block(p, f, person, people, today, s);
}

void features_many(const Plan *p, const int64_t *persons, const int32_t *days, int64_t from,
                   int64_t to, int64_t n_all, double *out) {
    static __thread BlockState s;
    while (from < to) {
        int64_t n = 1;
        while (n < BLOCK && from + n < to && persons[from + n] == persons[from] + n
               && days[from + n] == days[from]) n++;
        block_by_columns(p, persons[from], n, days[from], &s);
        for (int64_t c = 0; c < p->n_asked; c++)
            memcpy(out + c * n_all + from, s.value[p->asked_for[c]], sizeof(double) * n);
        from += n;
    }
}
