//! Words for memberships and languages, in Swedish, Norwegian, Danish, Finnish and English.

use crate::register::fold;
use crate::tables::Membership;

fn folded(cell: &str) -> String {
    let mut words = String::new();
    fold::push_words(cell, &mut words);
    words.trim().to_owned()
}

/// The membership that a word means.
pub(super) fn membership(cell: &str) -> Option<Membership> {
    let word = folded(cell);
    let own = Membership::ALL.iter().copied().find(|choice| folded(choice.text()) == word);
    own.or_else(|| {
        MEMBERSHIPS
            .iter()
            .find(|(_, words)| words.split(',').any(|known| known.trim() == word))
            .map(|(choice, _)| *choice)
    })
}

const MEMBERSHIPS: &[(Membership, &str)] = &[
    (
        Membership::Member,
        "ja, j, x, 1, ja medlem, medlem, aktiv, aktiv medlem, yrkesaktiv, yrkesaktiv medlem, betalande, betalande medlem,
         betalar, fullt medlem, ordinarie, fullbetalande, betalende, betalende medlem, aktivt medlem, jasen, kylla, k,
         aktiivinen, maksava jasen, varsinainen jasen, yes, y, active, active member, paying, paying member, full member,
         true, studentmedlem, student",
    ),
    (
        Membership::Unorganised,
        "nej, n, 0, ej medlem, inte medlem, icke medlem, oorganiserad, nei, ikke medlem, ikkemedlem, uorganisert,
         uorganiseret, ei, ei jasen, jarjestaytymaton, no, not a member, non member, nonmember, unorganized, false",
    ),
    (
        Membership::Trial,
        "provmedlem, provmedlemskap, prova pa, gratis, provperiod, prove, provemedlem, provemedlemskap,
         provemedlemskab, koejasen, kokeilujasen, trial member, on trial, free months",
    ),
    (
        Membership::Leaving,
        "uppsagd, under uppsagning, pa vag ut, slutar, pa vei ut, under utmelding, oppsagt, opsagt, pa vej ud, udmeldes,
         eroamassa, irtisanottu, resigning, notice given",
    ),
    (
        Membership::FundOnly,
        "a kassa, endast a kassa, enbart a kassa, bara a kassa, a kasse, kun a kasse, tyottomyyskassa, vain kassa,
         kassan jasen, fund, unemployment fund, unemployment fund only",
    ),
    (
        Membership::OtherUnion,
        "annat forbund, annat fack, annet forbund, andet forbund, anden fagforening, annen fagforening, toinen liitto,
         muu liitto, another union",
    ),
    (
        Membership::Former,
        "utgatt, uttradd, avslutad, avslutat, tidigare medlem, f d medlem, utmeldt, utmeld, tidligere medlem, sluttet,
         udmeldt, opphort, entinen jasen, eronnut, paattynyt, ex member, former member, left, ended, inactive, inaktiv",
    ),
];

/// The tag of a language that is written out, or that stands with its country: `sv-FI`, `en_GB`.
pub(super) fn language(cell: &str) -> Option<&'static str> {
    let word = folded(cell);
    let is_word = |words: &str| words.split(',').any(|known| known.trim() == word);
    let named = LANGUAGES.iter().find(|(_, words)| is_word(words)).map(|(tag, _)| *tag);
    named.or_else(|| {
        let (tag, country) = cell.trim().split_once(['-', '_'])?;
        let is_country = country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_alphabetic());
        // The tags alone: as a word `se` is mostly Swedish, and as a tag it is Northern Sami.
        let tag = tag.to_ascii_lowercase();
        let mut tags = LANGUAGES.iter().map(|(tag, _)| *tag);
        let found = tags.find(|known| *known == tag).or((tag == "no").then_some("nb"));
        found.filter(|_| is_country)
    })
}

const LANGUAGES: &[(&str, &str)] = &[
    ("sv", "sv, svenska, svensk, ruotsi, swedish, se"),
    ("nb", "nb, no, norska, norsk, norja, norwegian, bokmal, norsk bokmal"),
    ("nn", "nn, nynorsk, nynorska, uusnorja"),
    ("da", "da, danska, dansk, tanska, danish, dk"),
    ("fi", "fi, finska, finsk, suomi, finnish"),
    ("en", "en, engelska, engelsk, englanti, english"),
    ("ar", "ar, arabiska, arabisk, arabia, arabic"),
    ("pl", "pl, polska, polsk, puola, polish"),
    ("so", "so, somaliska, somali, somalisk"),
    ("uk", "uk, ukrainska, ukrainsk, ukraina, ukrainian"),
    ("de", "de, tyska, tysk, saksa, german"),
    ("es", "es, spanska, spansk, espanja, spanish"),
    ("fr", "fr, franska, fransk, ranska, french"),
    ("et", "et, estniska, estnisk, estisk, eesti, viro, estonian"),
    ("lt", "lt, litauiska, litauisk, liettua, lithuanian"),
    ("ro", "ro, rumanska, rumansk, rumensk, rumaensk, romania, romanian"),
    ("ru", "ru, ryska, russisk, venaja, russian"),
    ("fa", "fa, persiska, persisk, farsi, dari, persia, persian"),
    ("ku", "ku, kurdiska, kurdisk, sorani, kurmanji, kurdi, kurdish"),
    ("tr", "tr, turkiska, tyrkisk, turkki, turkish"),
    ("ti", "ti, tigrinja, tigrinska, tigrinya"),
    ("th", "th, thailandska, thailandsk, thai"),
    ("vi", "vi, vietnamesiska, vietnamesisk, vietnam, vietnamese"),
];
