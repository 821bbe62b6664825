//! The standard error of a linear predictor from the pieces in which the values of a person lie.
#![forbid(unsafe_code)]

/// Columns that are added up at a time, in the registers of a processor.
const TILE: usize = 16;

/// Where a value lies: the row of its piece, and how far beyond the left end of that.
#[derive(Clone, Copy)]
pub struct Place {
    pub row: usize,
    pub step: f64,
}

/// What each row adds to the root of the variance.
///
/// Columns stand in tiles and the rows of a tile next to each other, so that what one person needs
/// of a tile is near. A row has numbers in the first columns only, and many have none.
pub struct Errors {
    n_rows: usize,
    n_tiles: usize,
    /// What a row adds at the left end of its piece.
    begins: Vec<f64>,
    /// What each step beyond that adds.
    slopes: Vec<f64>,
    /// How many columns of each row are in use.
    begins_width: Vec<usize>,
    slopes_width: Vec<usize>,
}

impl Errors {
    /// From a table with for each row what it adds, and then what a step adds, `size` numbers each.
    pub fn read(table: &[f64], n_rows: usize, size: usize) -> Option<Errors> {
        if table.len() != n_rows.checked_mul(size)?.checked_mul(2)? {
            return None;
        }
        let n_tiles = (size + TILE - 1) / TILE;
        let mut made = Errors {
            n_rows,
            n_tiles,
            begins: vec![0.0; n_rows * n_tiles * TILE],
            slopes: vec![0.0; n_rows * n_tiles * TILE],
            begins_width: Vec::with_capacity(n_rows),
            slopes_width: Vec::with_capacity(n_rows),
        };
        for (row, numbers) in table.chunks_exact(2 * size).enumerate() {
            let (begin, slope) = numbers.split_at(size);
            for (columns, into, widths) in [
                (begin, &mut made.begins, &mut made.begins_width),
                (slope, &mut made.slopes, &mut made.slopes_width),
            ] {
                widths.push(columns.iter().rposition(|x| *x != 0.0).map_or(0, |last| last + 1));
                for (tile, part) in columns.chunks(TILE).enumerate() {
                    let at = (tile * n_rows + row) * TILE;
                    into[at..at + part.len()].copy_from_slice(part);
                }
            }
        }
        Some(made)
    }

    /// The standard error of who is at these places, one for each term; the last row is added too.
    #[inline(always)]
    pub fn standard_error(&self, places: &[Place], used: &mut Used) -> f64 {
        used.find(self, places);
        let (mut begins, mut slopes) = (used.begins.as_slice(), used.slopes.as_slice());
        let mut squares = [0.0; TILE];
        for tile in 0..self.n_tiles {
            let first = tile * TILE;
            begins = without(begins, |row| self.begins_width[*row] <= first);
            slopes = without(slopes, |place| self.slopes_width[place.row] <= first);
            let of_tile = first * self.n_rows..(first + TILE) * self.n_rows;
            let mut root = [0.0; TILE];
            let rows = &self.begins[of_tile.clone()];
            add(&mut root, &rows[(self.n_rows - 1) * TILE..], 1.0);
            for row in begins {
                add(&mut root, &rows[row * TILE..], 1.0);
            }
            let rows = &self.slopes[of_tile];
            for Place { row, step } in slopes {
                add(&mut root, &rows[row * TILE..], *step);
            }
            for (square, x) in squares.iter_mut().zip(&root) {
                *square += *x * *x;
            }
        }
        squares.iter().sum::<f64>().sqrt()
    }
}

/// The rows of one person that have any numbers, in the order of the terms.
#[derive(Default)]
pub struct Used {
    begins: Vec<usize>,
    slopes: Vec<Place>,
}

impl Used {
    #[inline(always)]
    fn find(&mut self, of: &Errors, places: &[Place]) {
        self.begins.clear();
        self.slopes.clear();
        for place in places {
            if of.begins_width[place.row] > 0 {
                self.begins.push(place.row);
            }
            if of.slopes_width[place.row] > 0 && place.step != 0.0 {
                self.slopes.push(*place);
            }
        }
    }
}

/// What is left when the first that are done are left out.
#[inline(always)]
fn without<T>(mut left: &[T], done: impl Fn(&T) -> bool) -> &[T] {
    while let Some((first, others)) = left.split_first() {
        if !done(first) {
            break;
        }
        left = others;
    }
    left
}

#[inline(always)]
fn add(root: &mut [f64; TILE], row: &[f64], times: f64) {
    for (root, x) in root.iter_mut().zip(&row[..TILE]) {
        *root += times * *x;
    }
}
