//! Phone numbers as people type them, and the one number they mean.
//!
//! A cell of a list may hold two numbers, a word after them, a country code or none, and may have lost its first 0 in a
//! spreadsheet. Whatever it looks like, the same telephone gives the same [`PhoneKey`].

use crate::tables::Country;

/// A whole international number without its plus: `46701740612`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PhoneKey(u64);

/// How a country writes its numbers.
struct Plan {
    code: &'static str,
    /// Numbers within the country begin with a 0 that falls away after the country code.
    trunk_zero: bool,
    /// From this many digits on, a number that begins with the country code has it, though no plus says so.
    whole_from: usize,
}

const fn plan(country: Country) -> Plan {
    match country {
        Country::Se => Plan { code: "46", trunk_zero: true, whole_from: 10 },
        Country::Fi => Plan { code: "358", trunk_zero: true, whole_from: 10 },
        Country::No => Plan { code: "47", trunk_zero: false, whole_from: 10 },
        Country::Dk => Plan { code: "45", trunk_zero: false, whole_from: 10 },
    }
}

impl PhoneKey {
    /// The numbers in a cell, as written in `country`.
    pub(crate) fn all(cell: &str, country: Country) -> Vec<Self> {
        let mut keys: Vec<_> = runs(cell).filter_map(|run| Self::of(&run, country)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The numbers in a cell as a telephone dials them, in the order they stand there and each once: whole where they are
    /// written with a country code, else as they are dialled at home. A short number of a switchboard is one, too.
    pub(crate) fn dialled(cell: &str, country: Country) -> Vec<String> {
        let mut known = Vec::new();
        let dialled = runs(cell).filter_map(|run| {
            let key = Self::of(&run, country).filter(|key| !known.contains(key))?;
            known.push(key);
            let run = without_stray_plus(&run);
            let is_whole = run.starts_with('+') || run.starts_with("00");
            Some(if is_whole { format!("+{key}") } else { run.to_owned() })
        });
        let dialled: Vec<_> = dialled.collect();
        let is_short = |run: &String| (2..=15).contains(&run.len());
        match dialled.is_empty() && !cell.chars().any(char::is_alphabetic) {
            true => runs(cell).filter(is_short).collect(),
            false => dialled,
        }
    }

    /// The number as somebody at home dials it, without any 0 before it: what is left when the country code of one of the
    /// four countries is taken away.
    pub(crate) fn national(self) -> String {
        let digits = self.0.to_string();
        let rest = Country::ALL.iter().find_map(|&country| digits.strip_prefix(plan(country).code));
        rest.map(str::to_owned).unwrap_or(digits)
    }

    fn of(run: &str, country: Country) -> Option<Self> {
        let plan = plan(country);
        let run = without_stray_plus(run);
        let abroad = run.strip_prefix('+').or_else(|| run.strip_prefix("00"));
        let whole = match abroad {
            Some(number) => without_trunk_zero(number),
            None if run.starts_with(plan.code) && run.len() >= plan.whole_from => without_trunk_zero(run),
            None if plan.trunk_zero => format!("{}{}", plan.code, run.strip_prefix('0').unwrap_or(run)),
            None => format!("{}{run}", plan.code),
        };
        if (7..=15).contains(&whole.len()) && run.len() >= 5 { whole.parse().ok().map(Self) } else { None }
    }
}

impl std::fmt::Display for PhoneKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// No country's code begins with 0: such a plus says that another number follows.
fn without_stray_plus(run: &str) -> &str {
    run.strip_prefix('+').filter(|number| number.starts_with('0')).unwrap_or(run)
}

/// `+46 (0)70 …` and `+46 070 …` mean `+46 70 …`.
fn without_trunk_zero(number: &str) -> String {
    let zero_countries = Country::ALL.iter().map(|&country| plan(country)).filter(|plan| plan.trunk_zero);
    for Plan { code, .. } in zero_countries {
        if let Some(rest) = number.strip_prefix(code).and_then(|rest| rest.strip_prefix('0')) {
            return format!("{code}{rest}");
        }
    }
    number.to_owned()
}

/// The runs of digits in a cell, each with its plus if it has one. Spaces, dashes, dots and brackets lie within a number;
/// any other character, and a plus, begins a new one.
fn runs(cell: &str) -> impl Iterator<Item = String> {
    let mut all = vec![String::new()];
    for letter in cell.chars() {
        let begins = !(letter.is_ascii_digit() || letter.is_whitespace() || "-‐‑–.()".contains(letter));
        if begins {
            all.push(String::new());
        }
        if letter.is_ascii_digit() || letter == '+' {
            all.iter_mut().next_back().expect("it begins with one run and never loses one").push(letter);
        }
    }
    all.into_iter().filter(|run| !run.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_telephone_has_one_key_however_it_was_typed() {
        let ways = [
            "0701740612",
            "070-174 06 12",
            "+46 70-174 06 12",
            "0046701740612",
            "46701740612",
            "70 174 06 12",
            "701740612",
            "+46 (0)70-174 06 12",
            "(070) 174.06.12 jobb",
            "tel: 070\u{a0}174\u{a0}06\u{a0}12",
            "+46070-1740612",
            "+0701740612",
        ];
        for typed in ways {
            let keys = PhoneKey::all(typed, Country::Se);
            assert_eq!(keys, [PhoneKey(46_701_740_612)], "{typed}");
        }
    }

    #[test]
    fn each_country_reads_its_own_numbers() {
        let cases = [
            (Country::No, "22 33 44 55", 4_722_334_455),
            (Country::No, "+47 22334455", 4_722_334_455),
            (Country::No, "4722334455", 4_722_334_455),
            (Country::Dk, "33 44 55 66", 4_533_445_566),
            (Country::Fi, "040 123 4567", 358_401_234_567),
            (Country::Fi, "358401234567", 358_401_234_567),
            (Country::Fi, "+358 (0)40 1234567", 358_401_234_567),
            (Country::Se, "+47 22 33 44 55", 4_722_334_455),
            // An area code that looks like the country code: 046 in Sweden.
            (Country::Se, "046-12 34 56", 4_646_123_456),
            (Country::Se, "46 12 34 56", 4_646_123_456),
        ];
        for (country, typed, key) in cases {
            assert_eq!(PhoneKey::all(typed, country), [PhoneKey(key)], "{typed}");
        }
        assert_eq!(PhoneKey(46_701_740_612).national(), "701740612");
    }

    #[test]
    fn a_number_is_dialled_as_it_is_meant() {
        let cases: [(&str, &[&str]); 9] = [
            ("070-174 06 12", &["0701740612"]),
            ("+46 (0)70-174 06 12 jobb", &["+46701740612"]),
            ("0046 70 174 06 12", &["+46701740612"]),
            ("22 33 44 55", &["22334455"]),
            ("070-174 06 13 / +46 70 174 06 12", &["0701740613", "+46701740612"]),
            ("0701740612, +46 70-174 06 12", &["0701740612"]),
            ("0701740612 + 0701740613", &["0701740612", "0701740613"]),
            ("45 12", &["4512"]),
            ("1.98E+11", &[]),
        ];
        for (cell, dialled) in cases {
            assert_eq!(PhoneKey::dialled(cell, Country::Se), dialled, "{cell}");
        }
        assert_eq!(PhoneKey::dialled("", Country::Se), [""; 0]);
    }

    #[test]
    fn two_numbers_in_a_cell_give_two_keys_and_rubbish_none() {
        for both in [
            "070-174 06 12 / 070-174 06 13",
            "0701740612, 0701740613 jobb",
            "+46701740612+46701740613",
            "0701740612 + 0701740613",
        ] {
            assert_eq!(PhoneKey::all(both, Country::Se).len(), 2, "{both}");
        }
        for none in ["", "jobb", "1.98E+11", "112", "+", "12345678901234567890"] {
            assert_eq!(PhoneKey::all(none, Country::Se), [], "{none}");
        }
    }
}
