//! What tells who a row is about: telephones, letters and nicknames in all the ways in which lists have them.

use super::*;

/// What a cell for telephones gives: the numbers, and what is noted.
fn telephones(country: Country, cell: &str) -> (Vec<String>, Option<RowNote>) {
    let row = row_in(country, "Mobilnummer", cell);
    let keys = row.phone.as_deref().map(|phone| PhoneKey::all(phone, country)).unwrap_or_default();
    (keys.iter().map(ToString::to_string).collect(), row.notes.first().copied())
}

#[test]
fn two_telephones_in_one_cell() {
    const A: &str = "46701740612";
    const B: &str = "46701740613";
    let both: &[&str] = &[A, B];
    let norwegian: &[&str] = &["4722334455", "4722334456"];
    let danish: &[&str] = &["4533445566", "4533445567"];
    let finnish: &[&str] = &["358401234567", "358401234568"];
    let cases: &[(Country, &str, &[&str])] = &[
        (Country::Se, "070-174 06 12, 070-174 06 13", both),
        (Country::Se, "070-174 06 12; 070-174 06 13", both),
        (Country::Se, "0701740612/0701740613", both),
        (Country::Se, "070-174 06 12 | 070-174 06 13", both),
        (Country::Se, "070-174 06 12 & 070-174 06 13", both),
        (Country::Se, "070-174 06 12 + 070-174 06 13", both),
        (Country::Se, "070-174 06 12 och 070-174 06 13", both),
        (Country::Se, "0701740612 (privat) 0701740613 (jobb)", both),
        (Country::Se, "jobb: 070-174 06 12 hem: 070-174 06 13", both),
        (Country::Se, "+46 70-174 06 12 +46 70-174 06 13", both),
        (Country::Se, "+46701740612, 070-174 06 13", both),
        (Country::Se, "46701740612, 46701740613", both),
        // Nothing but a space, a line or a dash between them.
        (Country::Se, "0701740612 0701740613", both),
        (Country::Se, "070-174 06 12\n070-174 06 13", both),
        (Country::Se, "0701740612\r\n0701740613", both),
        (Country::Se, "0046701740612 0046701740613", both),
        (Country::Se, "(070) 174 06 12 (070) 174 06 13", both),
        (Country::Se, "070-174 06 12 - 070-174 06 13", both),
        (Country::Se, "046-12 34 56 070-174 06 12", &["4646123456", A]),
        // One number, and something that is none.
        (Country::Se, "070-174 06 12 / +46 70 174 06 12", &[A]),
        (Country::Se, "070-174 06 12, ankn 1234", &[A]),
        (Country::Se, "070-174 06 12/13", &[A]),
        (Country::No, "22 33 44 55 / 22 33 44 56", norwegian),
        (Country::No, "22334455 22334456", norwegian),
        (Country::No, "+47 22 33 44 55 eller 22 33 44 56", norwegian),
        (Country::Dk, "33 44 55 66 og 33 44 55 67", danish),
        (Country::Dk, "33 44 55 66\n33 44 55 67", danish),
        (Country::Fi, "040 123 4567 tai 040 123 4568", finnish),
        (Country::Fi, "+358 40 1234567 / 040-1234568", finnish),
        (Country::Fi, "040 1234567 040 1234568", finnish),
    ];
    for (country, cell, keys) in cases {
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(telephones(*country, cell), (keys, None), "{cell}");
    }
    // What is no number and no two is left out, and told.
    for cell in ["1234 5678 9012 3456 7890", "12345678901234567890 jobb", "070 174 06 12 070 174 06 13 070 174 06 14"] {
        assert_eq!(telephones(Country::Se, cell), (Vec::new(), Some(RowNote::NoPhoneInIt)), "{cell}");
    }
    // They are kept as they were typed, put apart where nothing else did.
    for (cell, kept) in [
        ("0701740612 (privat), 0701740613", "0701740612 (privat), 0701740613"),
        ("070-174 06 12\n070-174 06 13", "070-174 06 12 / 070-174 06 13"),
        ("070-174 06 12 - 070-174 06 13", "070-174 06 12 / 070-174 06 13"),
    ] {
        assert_eq!(row_with("Mobilnummer", cell).phone.as_deref(), Some(kept), "{cell}");
    }
}

/// A word with a telephone, before it or after it, is no part of it.
#[test]
fn words_with_a_telephone() {
    let swedish = [
        "jobb 070-174 06 12",
        "070-174 06 12 jobb",
        "'jobb' 070-174 06 12",
        "070-174 06 12 'jobb'",
        "\"jobb\" 070-174 06 12",
        "”jobb” 070-174 06 12",
        "(arbete) 070-174 06 12",
        "070-174 06 12 (arbete)",
        "0046701740612 arbete",
        "hem: 070-174 06 12",
        "070-174 06 12 hem",
        "701740612 hem",
        "mob. 070-174 06 12",
        "070-174 06 12 mob.",
        "mobil:0701740612",
        "privat 0701740612",
        "0701740612 privat",
        "070-174 06 12, privat",
        "070-174 06 12; hem",
        "070-174 06 12 / jobb",
        "070-174 06 12 - jobb",
        "70 174 06 12 jobb",
        "tfn 070-174 06 12",
        "tel. 070-174 06 12",
        "jobb +46 70-174 06 12",
        "+46 (0)70-174 06 12 (jobb)",
        "070-174 06 12 efter 17",
    ];
    let norwegian = [
        "22 33 44 55 jobb",
        "jobb: 22 33 44 55",
        "'jobb' 22 33 44 55",
        "(arbeid) 22 33 44 55",
        "22334455 arbeid",
        "hjemme 22 33 44 55",
        "22 33 44 55 privat",
        "mob. 22334455",
        "+47 22 33 44 55 (jobb)",
        "tlf. 22 33 44 55",
    ];
    let danish = [
        "33 44 55 66 arbejde",
        "(job) 33 44 55 66",
        "'job' 33 44 55 66",
        "33 44 55 66 (job)",
        "privat: 33 44 55 66",
        "hjem 33 44 55 66",
        "mob.: 33445566",
        "tlf. +45 33 44 55 66",
    ];
    let finnish = [
        "040 123 4567 työ",
        "työ: 040 123 4567",
        "'työ' 040 123 4567",
        "(koti) 040 123 4567",
        "040 123 4567 koti",
        "puh. 040 123 4567",
        "gsm 040-1234567",
        "040 1234567 oma",
        "+358 40 123 4567 (työ)",
    ];
    let english = [
        "work 070-174 06 12",
        "'work' 070-174 06 12",
        "070-174 06 12 (work)",
        "home: 070-174 06 12",
        "mobile 070-174 06 12",
        "cell: 0701740612",
        "070-174 06 12 private",
        "office 0701740612",
        "070-174 06 12 ext. 12",
    ];
    let cases: [(Country, &[&str], &str); 5] = [
        (Country::Se, &swedish, "46701740612"),
        (Country::No, &norwegian, "4722334455"),
        (Country::Dk, &danish, "4533445566"),
        (Country::Fi, &finnish, "358401234567"),
        (Country::Se, &english, "46701740612"),
    ];
    for (country, cells, key) in cases {
        for cell in cells {
            assert_eq!(telephones(country, cell), (vec![key.to_owned()], None), "{cell}");
        }
    }
}

/// A spreadsheet takes a telephone for a number: the 0 and the plus before it are gone, and decimals or powers come after.
#[test]
fn telephones_that_a_spreadsheet_reckoned_with() {
    const MOBILE: Option<&str> = Some("46701740612");
    const FIXED: Option<&str> = Some("4646123456");
    const FINNISH: Option<&str> = Some("358401234567");
    let cases = [
        (Country::Se, "701740612", MOBILE),
        (Country::Se, "70 174 06 12", MOBILE),
        (Country::Se, "70-174 06 12", MOBILE),
        (Country::Se, "701740612.0", MOBILE),
        (Country::Se, "701740612,0", MOBILE),
        (Country::Se, "701740612.00", MOBILE),
        (Country::Se, "701740612,00", MOBILE),
        (Country::Se, "701 740 612", MOBILE),
        (Country::Se, "701\u{a0}740\u{a0}612,00", MOBILE),
        (Country::Se, "701.740.612,00", MOBILE),
        (Country::Se, "701,740,612", MOBILE),
        (Country::Se, "701,740,612.00", MOBILE),
        (Country::Se, "7.01740612E8", MOBILE),
        (Country::Se, "7,01740612E+08", MOBILE),
        (Country::Se, "46701740612", MOBILE),
        (Country::Se, "46701740612.0", MOBILE),
        (Country::Se, "4,6701740612E+10", MOBILE),
        // 046-12 34 56, whose area code looks like the country's.
        (Country::Se, "46123456", FIXED),
        (Country::Se, "46123456.0", FIXED),
        (Country::Se, "701740610.0", Some("46701740610")),
        (Country::Se, "701,740,610", Some("46701740610")),
        // What was rounded away does not come back.
        (Country::Se, "7.0174E+08", None),
        (Country::Se, "7,0E+8", None),
        (Country::Se, "7E+08", None),
        (Country::Se, "4.67017E+10", None),
        (Country::Se, "46701700000", None),
        (Country::Se, "46701700000,00", None),
        (Country::Se, "+46701700000", Some("46701700000")),
        (Country::Se, "0850000000", Some("46850000000")),
        (Country::No, "22334455.0", Some("4722334455")),
        (Country::No, "4722334455", Some("4722334455")),
        (Country::No, "4,722334455E+9", Some("4722334455")),
        (Country::Dk, "33445566,0", Some("4533445566")),
        (Country::Dk, "3.3445566E+7", Some("4533445566")),
        (Country::Fi, "401234567", FINNISH),
        (Country::Fi, "40 1234567", FINNISH),
        (Country::Fi, "401234567.0", FINNISH),
        (Country::Fi, "4.01234567E+08", FINNISH),
        (Country::Fi, "3.58401234567E+11", FINNISH),
        (Country::Fi, "3,584E+11", None),
        (Country::Fi, "358400000000", None),
    ];
    for (country, cell, key) in cases {
        let note = key.is_none().then_some(RowNote::PhoneRounded);
        let keys: Vec<String> = key.iter().map(ToString::to_string).collect();
        assert_eq!(telephones(country, cell), (keys, note), "{cell}");
    }
}

/// A letter with its mark is one letter, whether the list has it as one or as two.
#[test]
fn letters_in_one_form() {
    type Field = fn(&Listed) -> &Option<String>;
    let given: (&str, Field) = ("Förnamn", |row| &row.given_name);
    let family: (&str, Field) = ("Efternamn", |row| &row.family_name);
    let cases: [((&str, Field), &str, &str); 34] = [
        (given, "Åsa", "Åsa"),
        (given, "A\u{30a}sa", "Åsa"),
        (given, "\u{212b}sa", "Åsa"),
        (given, "A\u{30a}SA", "Åsa"),
        (given, "a\u{30a}sa", "Åsa"),
        (given, "A\u{30a}sa-Märta", "Åsa-Märta"),
        (given, "Bjo\u{308}rn", "Björn"),
        (given, "Andre\u{301}", "André"),
        (given, "Pa\u{308}ivi", "Päivi"),
        (given, "Ma\u{301}ret", "Máret"),
        (given, "C\u{30c}uorvu", "Čuorvu"),
        (given, "Gu\u{301}stav", "Gústav"),
        (given, "I\u{307}pek", "İpek"),
        (given, "Nha\u{302}\u{323}t", "Nhật"),
        (given, "Nha\u{323}\u{302}t", "Nhật"),
        (family, "O\u{308}berg", "Öberg"),
        (family, "O\u{308}BERG", "Öberg"),
        (family, "Sjo\u{308}stro\u{308}m", "Sjöström"),
        (family, "A\u{308}ng", "Äng"),
        (family, "Lu\u{308}tzow", "Lützow"),
        (family, "Ha\u{308}ma\u{308}la\u{308}inen", "Hämäläinen"),
        (family, "Seppa\u{308}la\u{308}", "Seppälä"),
        (family, "Ska\u{30a}r", "Skår"),
        (family, "A\u{30a}kjær", "Åkjær"),
        (family, "Wis\u{301}niewska", "Wiśniewska"),
        (family, "Nguye\u{302}\u{303}n", "Nguyễn"),
        (family, "Dvor\u{30c}a\u{301}k", "Dvořák"),
        // These have no form in two.
        (family, "Sørlie-Bæk", "Sørlie-Bæk"),
        (family, "Đorđević", "Đorđević"),
        (("Arbetsplats", |row| &row.workplace), "Ha\u{308}lsocentralen Va\u{308}ster", "Hälsocentralen Väster"),
        (("Avdelning", |row| &row.department), "Fo\u{308}rra\u{30a}d", "Förråd"),
        (("Befattning", |row| &row.job), "la\u{308}rare", "lärare"),
        (("Anteckning", |row| &row.note), "ringer pa\u{30a} kva\u{308}llen", "ringer på kvällen"),
        (("Fo\u{308}rnamn", |row| &row.given_name), "A\u{30a}ke", "Åke"),
    ];
    for ((header, field), cell, text) in cases {
        assert_eq!(field(&row_with(header, cell)).as_deref(), Some(text), "{header}: {cell}");
    }
}

#[test]
fn nicknames() {
    let cases = [
        ("Anna \"Annis\" Svensson", "Anna \"Annis\"", "Svensson"),
        ("Anna ”Annis” Svensson", "Anna ”Annis”", "Svensson"),
        ("Anna “Annis” Svensson", "Anna “Annis”", "Svensson"),
        ("Anna „Annis“ Svensson", "Anna „Annis“", "Svensson"),
        ("Anna «Annis» Svensson", "Anna «Annis»", "Svensson"),
        ("Anna »Annis« Svensson", "Anna »Annis«", "Svensson"),
        ("Anna 'Annis' Svensson", "Anna 'Annis'", "Svensson"),
        ("Anna (Annis) Svensson", "Anna (Annis)", "Svensson"),
        ("Anna kallad Annis Svensson", "Anna kallad Annis", "Svensson"),
        ("Anna \"Lilla A\" Svensson", "Anna \"Lilla A\"", "Svensson"),
        ("Anna \"Annis Svensson", "Anna \"Annis", "Svensson"),
        ("\"Annis\" Svensson", "\"Annis\"", "Svensson"),
        ("Svensson, Anna \"Annis\"", "Anna \"Annis\"", "Svensson"),
        ("Svensson, Anna (Annis)", "Anna (Annis)", "Svensson"),
        ("Svensson, \"Annis\"", "\"Annis\"", "Svensson"),
        ("SVENSSON, ANNA (ANNIS)", "Anna (Annis)", "Svensson"),
        ("anna \"annis\" svensson", "Anna \"Annis\"", "Svensson"),
        ("CARL \"CALLE\" VON ESSEN", "Carl \"Calle\"", "von Essen"),
        ("Carl \"Calle\" von Essen", "Carl \"Calle\"", "von Essen"),
        ("Anna-Karin \"Anki\" Berg", "Anna-Karin \"Anki\"", "Berg"),
        ("Per \"Pelle\" Olof Lind", "Per \"Pelle\" Olof", "Lind"),
        ("Mikko ”Masa” Mäkinen", "Mikko ”Masa”", "Mäkinen"),
        ("Søren «Sørn» Kjærgård", "Søren «Sørn»", "Kjærgård"),
        // It stands last.
        ("Anna Svensson \"Annis\"", "Anna \"Annis\"", "Svensson"),
        ("Anna Svensson ”Annis”", "Anna ”Annis”", "Svensson"),
        ("Anna Svensson »Annis«", "Anna »Annis«", "Svensson"),
        ("Anna Svensson (Annis)", "Anna (Annis)", "Svensson"),
        ("Anna Svensson \"Lilla A\"", "Anna \"Lilla A\"", "Svensson"),
        ("Carl von Essen 'Calle'", "Carl 'Calle'", "von Essen"),
        // Nobody's family.
        ("Anna \"Annis\"", "Anna \"Annis\"", ""),
        ("Anna »Annis«", "Anna »Annis«", ""),
        ("\"Lilla A\"", "\"Lilla A\"", ""),
    ];
    for (cell, given, family) in cases {
        let row = row_with("Namn", cell);
        let told = (row.given_name.unwrap_or_default(), row.family_name.unwrap_or_default());
        assert_eq!(told, (given.to_owned(), family.to_owned()), "{cell}");
    }
}
