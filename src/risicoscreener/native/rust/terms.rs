//! One person through the terms of a scoring program, as `models.straight` does it: the same
//! operations in the same order, so that the numbers are the same to the last bit.
#![forbid(unsafe_code)]

/// The piecewise-linear terms of a program.
pub struct Terms {
    pub intercept: f64,
    pub terms: Vec<Term>,
}

pub struct Term {
    pub knots: Vec<f64>,
    pub pieces: Vec<Piece>,
    pub missing: f64,
    pub reference: f64,
    pub low: f64,
    pub high: f64,
    /// Row of the first piece, where every piece of every term has one and unknown has one after.
    pub first_row: i64,
}

#[derive(Clone, Copy)]
pub struct Piece {
    pub anchor: f64,
    pub start: f64,
    pub slope: f64,
}

impl Terms {
    /// Terms from their numbers, and the numbers that are left: the intercept, then of each term
    /// missing, reference, low and high, its knots, and of each of its pieces anchor, start and
    /// slope. `None` if there are too few.
    pub fn of<'a>(n_knots: &[i64], numbers: &'a [f64]) -> Option<(Terms, &'a [f64])> {
        let mut left = numbers.iter().copied();
        let intercept = left.next()?;
        let mut first_row = 0;
        let mut terms = Vec::new();
        for n in n_knots {
            let n = usize::try_from(*n).ok()?;
            let (missing, reference) = (left.next()?, left.next()?);
            let (low, high) = (left.next()?, left.next()?);
            let knots = (0..n).map(|_| left.next()).collect::<Option<Vec<f64>>>()?;
            let mut piece =
                |_| Some(Piece { anchor: left.next()?, start: left.next()?, slope: left.next()? });
            let pieces = (0..=n).map(&mut piece).collect::<Option<Vec<Piece>>>()?;
            terms.push(Term { knots, pieces, missing, reference, low, high, first_row });
            first_row += n as i64 + 2;
        }
        let n_left = left.len();
        Some((Terms { intercept, terms }, &numbers[numbers.len() - n_left..]))
    }
    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }
    /// The linear predictor, and whether every value is known and lies in its range.
    ///
    /// `parts` gets the contribution of each term, `rows` its row and, last, that of the intercept;
    /// `steps` for each row 1 and how far the value lies beyond the left end of its piece.
    pub fn pass(
        &self,
        values: impl Iterator<Item = f64>,
        parts: &mut [f64],
        rows: &mut [i64],
        steps: &mut [f64],
    ) -> (f64, bool) {
        let (mut lp, mut in_ranges) = (self.intercept, true);
        let mut last = 0;
        for (t, (term, x)) in self.terms.iter().zip(values).enumerate() {
            let (y, row, step) = if x.is_nan() {
                (term.missing, term.knots.len() + 1, 0.0)
            } else {
                let piece = term.knots.iter().map(|knot| (*knot <= x) as usize).sum();
                let Piece { anchor, start, slope } = &term.pieces[piece];
                let step = x - anchor;
                (start + slope * step, piece, step)
            };
            in_ranges &= term.low <= x && x <= term.high;
            lp += y;
            parts[t] = y - term.reference;
            rows[t] = term.first_row + row as i64;
            steps[2 * t] = 1.0;
            steps[2 * t + 1] = step;
            last = term.first_row + term.knots.len() as i64 + 2;
        }
        let n = self.terms.len();
        rows[n] = last;
        steps[2 * n] = 1.0;
        steps[2 * n + 1] = 0.0;
        (lp, in_ranges)
    }
}
