//! What must not leave the register: numbers that tell of fewer than five people.
//!
//! A cell that counts one to four people is hidden, and with it every column that can be worked out from it and every one
//! that tells more of them: that none of three is a member is told of all three, and so is that all are. That is not enough:
//! everybody can subtract what is shown from the total, and the total is assumed to be known even where the table leaves it
//! out, because another report tells it. So of each column as much is hidden as it takes for what is hidden to be a group of
//! five or more of which nobody can tell the parts; the smallest are taken first. Where a column has not enough, its total
//! is hidden as well. The reasons, and what this does not promise, stand in
//! `core/docs/decisions/0041-what-is-shared-gives-no-small-group-away.md`.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Cell, ReportRow, Spec};

/// The smallest group of people of which something is told outside the register.
pub const SMALLEST_GROUP: i64 = 5;

/// Whether a cell counts so few people that they could be recognised. Nobody is no group.
pub(super) fn is_small(cell: &Cell) -> bool {
    matches!(cell, Cell::Count(n) if is_few(*n))
}

fn is_few(n: i64) -> bool {
    (1..SMALLEST_GROUP).contains(&n)
}

/// Hides what must be hidden, and says whether there was anything. Rows within others must have been left out before.
pub(super) fn suppress(specs: &[Spec], rows: &mut [ReportRow], mut totals: Option<&mut Vec<Cell>>) -> bool {
    let mut ties: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for (at, spec) in specs.iter().enumerate() {
        if let Some(people) = spec.people {
            ties.entry(people.tie).or_default().push(at);
        }
    }
    let told: Vec<Vec<Cell>> = rows.iter().map(|row| row.cells.clone()).collect();
    let told_in_all = totals.as_deref().cloned().unwrap_or_default();
    let mut any = false;
    // The columns of later ties tell more of the people of earlier ones: what is hidden there is hidden here.
    let (mut hidden, mut hides_total) = (BTreeSet::new(), false);
    for columns in ties.into_values() {
        let columns = Columns { specs, at: columns, told: &told };
        let is_later = !hidden.is_empty();
        hidden.extend((0..told.len()).filter(|row| columns.has_small(*row)));
        let complete = if is_later { columns.keep_or_hide_all(&mut hidden) } else { columns.complete(&mut hidden) };
        for row in &hidden {
            if let Some(row) = rows.get_mut(*row) {
                columns.hide(&mut row.cells);
            }
        }
        hides_total |= columns.are_small(&told_in_all) || !complete;
        if let Some(totals) = totals.as_deref_mut().filter(|_| hides_total) {
            columns.hide(totals);
            any = true;
        }
        any |= !hidden.is_empty();
    }
    any
}

/// A number of people in a row: those of a column, or those of its whole whom the column does not count.
#[derive(Clone, Copy)]
struct Group {
    at: usize,
    whole: Option<usize>,
}

impl Group {
    fn number(self, cells: &[Cell]) -> Option<i64> {
        let of = |at: usize| cells.get(at)?.number();
        match self.whole {
            None => of(self.at),
            Some(whole) => Some(of(whole)?.saturating_sub(of(self.at)?)),
        }
    }
}

/// The columns of one tie.
struct Columns<'a> {
    specs: &'a [Spec],
    at: Vec<usize>,
    /// The rows before anything is hidden.
    told: &'a [Vec<Cell>],
}

impl Columns<'_> {
    fn spec(&self, at: usize) -> Option<&Spec> {
        self.specs.get(at)
    }

    fn is_known(&self, at: usize) -> bool {
        self.spec(at).and_then(|spec| spec.people).is_some_and(|people| people.known)
    }

    /// The groups that the columns tell of.
    fn groups(&self) -> impl Iterator<Item = Group> {
        let counts = self.at.iter().copied().filter(|at| self.spec(*at).is_some_and(Spec::counts_people));
        counts.flat_map(|at| {
            let whole = self.spec(at).and_then(|spec| spec.whole);
            let whole = whole.and_then(|id| self.specs.iter().position(|spec| spec.column.id == id));
            let rest = whole.map(|whole| Group { at, whole: Some(whole) });
            [Some(Group { at, whole: None }), rest].into_iter().flatten()
        })
    }

    /// Those of them that are hidden.
    fn secret(&self) -> impl Iterator<Item = Group> {
        self.groups().filter(|group| !self.is_known(group.at))
    }

    fn are_small(&self, cells: &[Cell]) -> bool {
        self.groups().any(|group| group.number(cells).is_some_and(is_few))
    }

    fn has_small(&self, row: usize) -> bool {
        self.told.get(row).is_some_and(|cells| self.are_small(cells))
    }

    fn number(&self, row: usize, group: Group) -> i64 {
        self.told.get(row).and_then(|cells| group.number(cells)).unwrap_or(0)
    }

    /// A group whose sum gives away what is hidden.
    fn given_away(&self, hidden: &BTreeSet<usize>) -> Option<Group> {
        self.secret().find(|group| gives_away(hidden.iter().map(|row| self.number(*row, *group))))
    }

    /// Adds rows to the hidden ones until no column gives them away by its sum; false where there are not enough.
    fn complete(&self, hidden: &mut BTreeSet<usize>) -> bool {
        while let Some(group) = self.given_away(hidden) {
            let shown = (0..self.told.len()).filter(|row| !hidden.contains(row));
            let shown = shown.map(|row| (self.number(row, group), row)).filter(|(n, _)| *n > 0);
            let shown: Vec<_> = shown.collect();
            let Some(least) = shown.iter().map(|(n, _)| *n).min() else { return false };
            // All that are equal: which of them was taken would tell something.
            hidden.extend(shown.into_iter().filter(|(n, _)| *n == least).map(|(_, row)| row));
        }
        true
    }

    /// The same for columns that tell more of rows that are hidden already. Which rows would have to be added tells too much
    /// of those, so all are.
    fn keep_or_hide_all(&self, hidden: &mut BTreeSet<usize>) -> bool {
        let is_kept = self.given_away(hidden).is_none();
        if !is_kept {
            hidden.extend(0..self.told.len());
        }
        is_kept
    }

    fn hide(&self, cells: &mut [Cell]) {
        for at in self.at.iter().filter(|at| !self.is_known(**at)) {
            if let Some(cell) = cells.get_mut(*at).filter(|cell| **cell != Cell::Empty) {
                *cell = Cell::Suppressed;
            }
        }
    }
}

/// Whether hidden numbers can be told from their sum: where they are a small group or nobody together, where there is but
/// one, or where small ones can only be the least or the most that small numbers can be.
fn gives_away(hidden: impl Iterator<Item = i64> + Clone) -> bool {
    let (cells, sum) = hidden.clone().fold((0, 0_i64), |(cells, sum), n| (cells + 1, sum.saturating_add(n)));
    if cells == 0 {
        return false;
    }
    let all_small = hidden.clone().all(is_few);
    let extreme = sum == cells || sum == cells.saturating_mul(SMALLEST_GROUP - 1);
    cells < 2 || sum < SMALLEST_GROUP || (all_small && extreme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_cannot_be_told_from_its_sum() {
        let given_away = |hidden: &[i64]| gives_away(hidden.iter().copied());
        for told in [&[3][..], &[7], &[1, 2], &[4, 0], &[4, 4], &[1, 1, 1, 1, 1], &[0, 0]] {
            assert!(given_away(told), "{told:?}");
        }
        for kept in [&[][..], &[0, 6], &[1, 4], &[2, 40], &[1, 6], &[4, 4, 9], &[1, 1, 1, 1, 2]] {
            assert!(!given_away(kept), "{kept:?}");
        }
    }

    /// Every table of four small rows, attacked by somebody who knows how this works, and the total: of each small number
    /// that was hidden at least two values fit what is shown.
    #[test]
    fn no_total_gives_a_small_group_away() {
        const VALUES: i64 = 11;
        let specs = [Spec::text("place"), Spec::people("signed", 0)];
        let shown = |values: &[i64]| {
            let row = |n: &i64| ReportRow { depth: 0, cells: vec![Cell::Empty, Cell::Count(*n)] };
            let mut rows: Vec<_> = values.iter().map(row).collect();
            let mut totals = vec![Cell::Empty, Cell::Count(values.iter().sum())];
            suppress(&specs, &mut rows, Some(&mut totals));
            let cells = rows.iter().map(|row| row.cells[1].number());
            (cells.collect::<Vec<_>>(), totals[1].number())
        };
        let tables =
            (0..VALUES.pow(4)).map(|code| (0..4).map(|nth| code / VALUES.pow(nth) % VALUES).collect::<Vec<_>>());
        let mut alike: BTreeMap<_, Vec<Vec<i64>>> = BTreeMap::new();
        for values in tables {
            alike.entry(shown(&values)).or_default().push(values);
        }
        for ((cells, total), tables) in &alike {
            for nth in (0..4).filter(|nth| cells[*nth].is_none()) {
                let possible: BTreeSet<_> = tables.iter().map(|values| values[nth]).collect();
                assert!(possible.len() > 1, "{cells:?} {total:?} can only be {tables:?}");
            }
            assert!(cells.iter().flatten().all(|n| !(1..SMALLEST_GROUP).contains(n)));
            assert!(total.is_none_or(|total| !(1..SMALLEST_GROUP).contains(&total)));
        }
        assert!(alike.len() > 1_000);
    }

    /// Every table of three rows with a number of people and how many of them pay, attacked likewise: of no small group it
    /// can be told how many pay, nor that none or all do.
    #[test]
    fn no_part_of_a_small_group_is_told() {
        let specs = [Spec::people("signed", 0), Spec::people("paying", 1).of("signed")];
        let pairs: Vec<(i64, i64)> =
            (0..8).flat_map(|signed| (0..=signed).map(move |paying| (signed, paying))).collect();
        let row = |(signed, paying): (i64, i64)| vec![Cell::Count(signed), Cell::Count(paying)];
        let mut alike: BTreeMap<_, Vec<[(i64, i64); 3]>> = BTreeMap::new();
        for nth in 0..pairs.len().pow(3) {
            let table = [0, 1, 2].map(|place| pairs[nth / pairs.len().pow(place) % pairs.len()]);
            let mut rows: Vec<_> = table.map(|pair| ReportRow { depth: 0, cells: row(pair) }).into();
            let sum = table.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
            let mut totals = row(sum);
            suppress(&specs, &mut rows, Some(&mut totals));
            let cells = rows.iter().map(|row| &row.cells).chain([&totals]).flatten().map(Cell::number);
            alike.entry(cells.collect::<Vec<_>>()).or_default().push(table);
        }
        for (cells, tables) in &alike {
            for nth in 0..3 {
                let of_small = tables.iter().any(|table| (1..SMALLEST_GROUP).contains(&table[nth].0));
                let paying: BTreeSet<_> = tables.iter().map(|table| table[nth].1).collect();
                let none = tables.iter().all(|table| table[nth].1 == 0);
                let all = tables.iter().all(|table| table[nth].1 == table[nth].0);
                assert!(!of_small || (paying.len() > 1 && !none && !all), "{cells:?} can only be {tables:?}");
            }
        }
        assert!(alike.len() > 1_000);
    }
}
