/* One dossier from JSON bytes into the columns of one person, checked as `dossier.reading` does on
   its fast way. Whatever is not plainly sound gives NOT_PLAIN, after which Python reads it and says
   what is wrong: so this never has to explain, and may refuse what is sound (an escape in a text,
   an exponent, a correction, more than CAPACITY rows). It reads no byte at or beyond `end`. */
#include <stdint.h>
#include <string.h>

#define CAPACITY 256
#define MAX_FIELDS 32
#define NOT_PLAIN 0
#define LATEST 84005 /* 2199-12-31, in days since 1970-01-01 */
#define EARLIEST (-25567)

enum { DAY, CODE, FLAG, INTEGER, NUMBER, TEXT };

/* Names of fields, or codes: a hash without collisions, found when the schema is made. */
typedef struct {
    int64_t factors[4], count;
    int8_t slot[128];
    const char *name[MAX_FIELDS];
    int64_t length[MAX_FIELDS];
} Names;

typedef struct {
    int64_t kind, required, nullable, is_link, fallback; /* fallback: value where absent */
    double low, high;
    const Names *codes;
    void *column;
} Field;

typedef struct { int64_t field, mask; } Has;   /* mask 0: any value at all */
typedef struct { int64_t field, n_where; Has where[3]; int64_t needed, codes, at_most; double low; }
    Agreement;

typedef struct {
    const Names *names;
    const Field *fields;
    int64_t n_fields, starts, recorded;
    int64_t n_order, n_dated, n_agreements;
    const int64_t *order, *dated;   /* pairs of fields */
    const Agreement *agreements;
    int64_t *offsets;               /* two numbers: 0 and how many rows were read */
} Rows;

typedef struct {
    const Names *top;               /* person_id, person, schema_version, then the tables */
    const Rows *person;
    const Rows *tables;
    int64_t n_tables, stays, arrived, released;
    const char *id;                 /* where the person_id was found */
    int64_t id_length;
} Schema;

typedef struct { const char *at, *end; } Text;

static inline void space(Text *t) {
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\r' || *t->at == '\t'))
        t->at++;
}

static inline int token(Text *t, char c) {
    if (t->at < t->end && *t->at == c) { t->at++; return 1; }
    space(t);
    if (t->at < t->end && *t->at == c) { t->at++; return 1; }
    return 0;
}

/* A text without escapes and without bytes beyond ASCII. */
static inline int string(Text *t, const char **from, int64_t *n) {
    if (!token(t, '"')) return 0;
    const char *s = t->at;
    while (s < t->end && *s != '"' && *s != '\\' && (unsigned char)*s >= 0x20
           && (unsigned char)*s < 0x80) s++;
    if (s >= t->end || *s != '"') return 0;
    *from = t->at;
    *n = s - t->at;
    t->at = s + 1;
    return 1;
}

static inline int find(const Names *names, const char *s, int64_t n) {
    if (n == 0) return -1;
    uint64_t h = (unsigned char)s[0] * names->factors[0] + (unsigned char)s[n - 1] * names->factors[1]
               + (unsigned char)s[n / 2] * names->factors[2] + n * names->factors[3];
    int k = names->slot[h >> 3 & 127];
    return k >= 0 && names->length[k] == n && !memcmp(names->name[k], s, n) ? k : -1;
}

/* A key and its colon; `guess` is the one that would come next if objects are alike. */
static inline int key(Text *t, const Names *names, int guess) {
    space(t);
    if (guess >= 0 && guess < names->count) {
        int64_t n = names->length[guess];
        if (t->end - t->at > n + 2 && t->at[0] == '"' && t->at[n + 1] == '"'
            && !memcmp(t->at + 1, names->name[guess], n)) {
            t->at += n + 2;
            return token(t, ':') ? guess : -1;
        }
    }
    const char *s;
    int64_t n;
    if (!string(t, &s, &n)) return -1;
    int k = find(names, s, n);
    return token(t, ':') ? k : -1;
}

static inline int is_null(Text *t) {
    if (t->end - t->at >= 4 && !memcmp(t->at, "null", 4)) { t->at += 4; return 1; }
    return 0;
}

static inline int two(const char *s) {
    unsigned a = (unsigned char)s[0] - '0', b = (unsigned char)s[1] - '0';
    return a > 9 || b > 9 ? -1 : (int)(a * 10 + b);
}

/* YYYY-MM-DD as days since 1970-01-01, or FAR. */
static int32_t day(Text *t) {
    static const uint8_t length[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *s = t->at;
    if (t->end - s < 12 || s[0] != '"' || s[5] != '-' || s[8] != '-' || s[11] != '"') return FAR;
    int a = two(s + 1), b = two(s + 3), m = two(s + 6), d = two(s + 9);
    if ((a | b | m | d) < 0) return FAR;
    int y = a * 100 + b, leap = (y % 4 == 0 && y % 100) || y % 400 == 0;
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > length[m] + (m == 2 && leap)) return FAR;
    t->at += 12;
    y -= m <= 2; /* days from the civil date: years that begin in March, eras of 400 */
    int era = y / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Digits with at most a point: up to 15 of them, which a double holds and divides exactly. */
static int number(Text *t, int whole, double *out) {
    static const double tens[16] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15};
    const char *s = t->at, *end = t->end;
    int64_t value = 0, digits = 0, after = 0;
    if (s >= end || (unsigned)(*s - '0') > 9) return 0;
    if (*s == '0' && s + 1 < end && (unsigned)(s[1] - '0') <= 9) return 0;
    for (; s < end && (unsigned)(*s - '0') <= 9; s++, digits++) {
        if (digits > 14) return 0;
        value = value * 10 + (*s - '0');
    }
    if (s < end && *s == '.') {
        if (whole) return 0;
        for (s++; s < end && (unsigned)(*s - '0') <= 9; s++, digits++, after++) {
            if (digits > 14) return 0;
            value = value * 10 + (*s - '0');
        }
        if (!after) return 0;
    }
    if (s >= end || *s == 'e' || *s == 'E') return 0;
    t->at = s;
    *out = (double)value / tens[after];
    return 1;
}

static inline int identifier(const char *s, int64_t n) {
    if (n < 1 || n > 64) return 0;
    for (int64_t k = 0; k < n; k++) {
        char c = s[k];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
              || c == '.' || c == '_' || c == ':' || c == '-')) return 0;
    }
    return 1;
}

static int value(Text *t, const Field *f, int64_t row) {
    const char *s;
    int64_t n;
    double x;
    space(t);
    if (t->at < t->end && *t->at == 'n') return f->nullable && is_null(t);
    switch (f->kind) {
    case DAY: {
        int32_t found = day(t);
        ((int32_t *)f->column)[row] = found;
        return found < FAR; }
    case CODE: {
        if (!string(t, &s, &n)) return 0;
        int found = find(f->codes, s, n);
        ((int8_t *)f->column)[row] = (int8_t)found;
        return found >= 0; }
    case FLAG:
        if (t->end - t->at >= 4 && !memcmp(t->at, "true", 4)) {
            t->at += 4;
            ((int8_t *)f->column)[row] = 1;
            return !f->is_link; /* a fact that withdraws another */
        }
        if (t->end - t->at >= 5 && !memcmp(t->at, "false", 5)) {
            t->at += 5;
            ((int8_t *)f->column)[row] = 0;
            return 1;
        }
        return 0;
    case INTEGER: case NUMBER:
        if (!number(t, f->kind == INTEGER, &x) || x < f->low || x > f->high) return 0;
        ((double *)f->column)[row] = x;
        return 1;
    }
    if (f->is_link || !string(t, &s, &n) || !identifier(s, n)) return 0;
    ((int8_t *)f->column)[row] = 0;
    return 1;
}

static inline void set_absent(const Field *f, int64_t row) {
    if (f->kind == DAY) ((int32_t *)f->column)[row] = FAR;
    else if (f->kind == INTEGER || f->kind == NUMBER) ((double *)f->column)[row] = NAN;
    else ((int8_t *)f->column)[row] = (int8_t)f->fallback;
}

static int object(Text *t, const Rows *rows, int64_t row, uint8_t *like) {
    uint64_t given = 0;
    int last = -1;
    if (!token(t, '{')) return 0;
    for (int64_t k = 0; k < rows->n_fields; k++) set_absent(rows->fields + k, row);
    do { /* no kind of row is without a required field, so an empty object is refused */
        int k = key(t, rows->names, last < 0 ? like[MAX_FIELDS] : like[last]);
        if (k < 0 || (given >> k & 1)) return 0; /* a key given twice */
        given |= 1ULL << k;
        like[last < 0 ? MAX_FIELDS : last] = (uint8_t)k;
        last = k;
        if (!value(t, rows->fields + k, row)) return 0;
    } while (token(t, ','));
    for (int64_t k = 0; k < rows->n_fields; k++)
        if (rows->fields[k].required && !(given >> k & 1)) return 0;
    return token(t, '}');
}

static int list(Text *t, const Rows *rows) {
    uint8_t like[MAX_FIELDS + 1];
    int64_t n = 0;
    if (!token(t, '[')) return 0;
    if (token(t, ']')) return 1;
    memset(like, 0, sizeof like);
    do {
        if (n == CAPACITY || !object(t, rows, n++, like)) return 0;
    } while (token(t, ','));
    rows->offsets[1] = n;
    return token(t, ']');
}

static inline int32_t day_of(const Rows *rows, int64_t field, int64_t r) {
    return ((const int32_t *)rows->fields[field].column)[r];
}

static int has_value(const Field *f, int64_t r) {
    if (f->kind == DAY) return ((const int32_t *)f->column)[r] < FAR;
    if (f->kind == INTEGER || f->kind == NUMBER) return !isnan(((const double *)f->column)[r]);
    return ((const int8_t *)f->column)[r] >= 0;
}

static int agrees(const Rows *rows, const Agreement *a, int64_t r) {
    const Field *f = rows->fields + a->field;
    for (int64_t k = 0; k < a->n_where; k++) {
        const Field *g = rows->fields + a->where[k].field;
        if (!has_value(g, r)) return 1;
        if (a->where[k].mask && !(a->where[k].mask >> ((const int8_t *)g->column)[r] & 1)) return 1;
    }
    if (a->needed) return has_value(f, r);
    if (!has_value(f, r)) return 1;
    if (a->codes) return a->codes >> ((const int8_t *)f->column)[r] & 1;
    if (a->at_most < 0) return ((const double *)f->column)[r] >= a->low;
    const Field *bound = rows->fields + a->at_most;
    return !has_value(bound, r)
        || ((const double *)f->column)[r] <= ((const double *)bound->column)[r];
}

static int same(const Rows *rows, int64_t a, int64_t b) {
    for (int64_t k = 0; k < rows->n_fields; k++) {
        const Field *f = rows->fields + k;
        if (f->kind == DAY) {
            if (day_of(rows, k, a) != day_of(rows, k, b)) return 0;
        } else if (f->kind == INTEGER || f->kind == NUMBER) {
            double x = ((const double *)f->column)[a], y = ((const double *)f->column)[b];
            if (!(x == y || (isnan(x) && isnan(y)))) return 0;
        } else if (((const int8_t *)f->column)[a] != ((const int8_t *)f->column)[b]) return 0;
    }
    return 1; /* perhaps: of texts only that they are there was kept */
}

static int rows_sound(const Rows *rows, int32_t born, int32_t last) {
    int64_t n = rows->offsets[1];
    const int32_t *starts = rows->fields[rows->starts].column;
    const int32_t *recorded = rows->fields[rows->recorded].column;
    if (!n) return 1;
    for (int64_t k = 0; k < rows->n_fields; k++) {
        if (rows->fields[k].kind != DAY) continue;
        const int32_t *days = rows->fields[k].column;
        int bad = 0;
        for (int64_t r = 0; r < n; r++)
            bad |= (days[r] < born) | ((days[r] > LATEST) & (days[r] != FAR));
        if (bad) return 0;
    }
    for (int64_t k = 0; k < rows->n_order; k++) {
        const int32_t *a = rows->fields[rows->order[2 * k]].column;
        const int32_t *b = rows->fields[rows->order[2 * k + 1]].column;
        int bad = 0;
        for (int64_t r = 0; r < n; r++) bad |= (a[r] > b[r]) & (a[r] != FAR);
        if (bad) return 0;
    }
    for (int64_t r = 0; r < n; r++)
        if (recorded[r] > last) return 0;
    for (int64_t k = 0; k < rows->n_dated; k++) {
        const Field *f = rows->fields + rows->dated[2 * k];
        const int32_t *since = rows->fields[rows->dated[2 * k + 1]].column;
        for (int64_t r = 0; r < n; r++)
            if (since[r] == FAR && has_value(f, r)) return 0;
    }
    for (int64_t k = 0; k < rows->n_agreements; k++)
        for (int64_t r = 0; r < n; r++)
            if (!agrees(rows, rows->agreements + k, r)) return 0;
    for (int64_t a = 1; a < n; a++)
        for (int64_t b = 0; b < a; b++)
            if (recorded[a] == recorded[b] && starts[a] == starts[b] && same(rows, a, b)) return 0;
    return 1;
}

static int stays_sound(const Schema *schema) {
    const Rows *rows = schema->tables + schema->stays;
    for (int64_t a = 1; a < rows->offsets[1]; a++)
        for (int64_t b = 0; b < a; b++) {
            int32_t from_a = day_of(rows, schema->arrived, a), to_a = day_of(rows, schema->released, a);
            int32_t from_b = day_of(rows, schema->arrived, b), to_b = day_of(rows, schema->released, b);
            if (from_a < to_a && from_b < to_b && from_a < to_b && from_b < to_a) return 0;
        }
    return 1;
}

/* 1 if a sound dossier was read into the columns, else NOT_PLAIN. */
int read_dossier(Schema *schema, const char *bytes, int64_t n, int32_t last) {
    Text t = {bytes, bytes + n};
    uint64_t given = 0;
    int previous = -1;
    double version;
    if (last > LATEST) last = LATEST;
    for (int64_t k = 0; k < schema->n_tables; k++) schema->tables[k].offsets[1] = 0;
    space(&t);
    if (!token(&t, '{')) return NOT_PLAIN;
    do {
        int k = key(&t, schema->top, previous + 1);
        if (k < 0 || (given >> k & 1)) return NOT_PLAIN;
        given |= 1ULL << k;
        previous = k;
        if (k == 0) {
            if (!string(&t, &schema->id, &schema->id_length)
                || !identifier(schema->id, schema->id_length)) return NOT_PLAIN;
        } else if (k == 1) {
            uint8_t like[MAX_FIELDS + 1] = {0};
            if (!object(&t, schema->person, 0, like)) return NOT_PLAIN;
        } else if (k == 2) {
            space(&t);
            if (!number(&t, 1, &version) || version != 1) return NOT_PLAIN;
        } else if (!list(&t, schema->tables + k - 3)) return NOT_PLAIN;
    } while (token(&t, ','));
    if (!token(&t, '}') || (given & 3) != 3) return NOT_PLAIN;
    space(&t);
    if (t.at != t.end) return NOT_PLAIN;
    int32_t born = ((const int32_t *)schema->person->fields[0].column)[0];
    if (born < EARLIEST || born > LATEST) return NOT_PLAIN;
    for (int64_t k = 0; k < schema->n_tables; k++)
        if (!rows_sound(schema->tables + k, born, last)) return NOT_PLAIN;
    return stays_sound(schema);
}
