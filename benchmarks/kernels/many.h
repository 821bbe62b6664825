/* Values of index rows by FEATURES_OF, column by column: out[column * n_all + row]. */
void features_many(const Plan *p, const int64_t *persons, const int32_t *days, int64_t from,
                   int64_t to, int64_t n_all, double *out) {
    static __thread State s;
    for (int64_t row = from; row < to; row++) {
        FEATURES_OF(p, persons[row], days[row], &s);
        for (int64_t c = 0; c < p->n_asked; c++) out[c * n_all + row] = s.value[p->asked_for[c]];
    }
}
