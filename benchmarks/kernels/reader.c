#include "plan.h"
#include "scoring.h"
#include "reader.h"

/* From the bytes of a dossier to its features and what each program says of them; contributions
   stand after the N_OUT numbers of a program. */
int look(Schema *schema, const Plan *plan, const char *bytes, int64_t n, int32_t last,
         int32_t today, int64_t n_programs, const Program **programs, const int64_t **inputs,
         double *values, double *said) {
    static __thread State s;
    static __thread double root[4096], x[256];
    if (!read_dossier(schema, bytes, n, last)) return NOT_PLAIN;
    interpreted(plan, 0, today, &s);
    for (int64_t c = 0; c < plan->n_asked; c++) values[c] = s.value[plan->asked_for[c]];
    for (int64_t m = 0; m < n_programs; m++) {
        const Program *p = programs[m];
        for (int64_t t = 0; t < p->n_terms; t++) x[t] = values[inputs[m][t]];
        assess(p, x, 1, root, said, said + N_OUT);
        for (int64_t t = 0; t < p->n_terms; t++) said[N_OUT + t] -= p->references[t];
        said += N_OUT + p->n_terms;
    }
    return 1;
}

void features_of_read(const Plan *plan, int32_t today, int64_t times) {
    static __thread State s;
    while (times--) interpreted(plan, 0, today, &s);
}
