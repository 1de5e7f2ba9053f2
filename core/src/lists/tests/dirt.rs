//! One kind of dirt a test: cells, headers, encodings, files that are no list or only half of one.

use super::*;

#[test]
fn telephones() {
    const ONE: &[u64] = &[46_701_740_612];
    const TWO: &[u64] = &[46_701_740_612, 46_701_740_613];
    let cases: &[(&str, &[u64], Option<RowNote>)] = &[
        ("0701740612", ONE, None),
        ("070-174 06 12", ONE, None),
        ("070 174 06 12", ONE, None),
        ("+46 70-174 06 12", ONE, None),
        ("+46 (0)70-174 06 12", ONE, None),
        ("+46 070 174 06 12", ONE, None),
        ("0046701740612", ONE, None),
        ("46701740612", ONE, None),
        ("70 174 06 12", ONE, None),
        ("701740612", ONE, None),
        ("701740612.0", ONE, None),
        ("'0701740612", ONE, None),
        ("070-174 06 12 jobb", ONE, None),
        ("tel: 070-174 06 12", ONE, None),
        ("070\u{a0}174\u{a0}06\u{a0}12", ONE, None),
        ("\u{202d}0701740612", ONE, None),
        ("(070) 174.06.12", ONE, None),
        ("070–174–06–12", ONE, None),
        ("0701740612 (privat), 0701740613 (jobb)", TWO, None),
        ("070-174 06 12 / 070-174 06 13", TWO, None),
        ("0701740612;0701740613", TWO, None),
        ("4.6701740612E+10", ONE, None),
        ("4,6701740612E+10", ONE, None),
        ("7.01740612E8", ONE, None),
        ("1.98E+11", &[], Some(RowNote::PhoneRounded)),
        ("4,67017E+10", &[], Some(RowNote::PhoneRounded)),
        ("jobb", &[], Some(RowNote::NoPhoneInIt)),
        ("112", &[], Some(RowNote::NoPhoneInIt)),
        ("hemligt nummer", &[], Some(RowNote::NoPhoneInIt)),
        ("12345678901234567890", &[], Some(RowNote::NoPhoneInIt)),
        ("-", &[], None),
        ("saknas", &[], None),
    ];
    for (cell, keys, note) in cases {
        let row = row_with("Mobilnummer", cell);
        let found = row.phone.as_deref().map(|phone| PhoneKey::all(phone, Country::Se)).unwrap_or_default();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!((found, row.notes.first()), (keys, note.as_ref()), "{cell}");
    }
}

/// What keeps a spreadsheet from reckoning is no part of a text.
#[test]
fn what_was_disarmed_is_read_as_it_was() {
    let cases = [
        ("=1+1", "=1+1"),
        ("- ring", "- ring"),
        ("Bo,=1+1", "Bo,=1+1"),
        ("x;=1+1, @b", "x;=1+1, @b"),
        ("x;\"=1\"", "x;\"=1\""),
        ("x,-b;@c", "x,-b;@c"),
        ("Kvar:\n- ring\r\n- skriv", "Kvar: - ring - skriv"),
        ("x\t=1", "x =1"),
        ("Bo,'Bosse'; o'clock", "Bo,'Bosse'; o'clock"),
    ];
    for (text, read) in cases {
        for written in [text.to_owned(), crate::lists::csv::harmless(text.to_owned())] {
            assert_eq!(row_with("Anteckning", &written).note.as_deref(), Some(read), "{written:?}");
        }
    }
}

#[test]
fn names() {
    let cases = [
        ("Anna Svensson", "Anna", "Svensson"),
        ("Svensson, Anna", "Anna", "Svensson"),
        ("SVENSSON, ANNA", "Anna", "Svensson"),
        ("ANNA SVENSSON", "Anna", "Svensson"),
        ("anna svensson", "Anna", "Svensson"),
        ("  Anna   Svensson ", "Anna", "Svensson"),
        ("Anna\u{a0}Svensson", "Anna", "Svensson"),
        ("Svensson,Anna", "Anna", "Svensson"),
        ("A\u{30a}SA O\u{308}BERG", "Åsa", "Öberg"),
        ("Åsa Öberg", "Åsa", "Öberg"),
        ("ANNA-KARIN BERG-ÅS", "Anna-Karin", "Berg-Ås"),
        ("Anna Karin Svensson", "Anna Karin", "Svensson"),
        ("Anna \"Annis\" Svensson", "Anna \"Annis\"", "Svensson"),
        ("Svensson, Anna \"Annis\"", "Anna \"Annis\"", "Svensson"),
        ("Carl von Essen", "Carl", "von Essen"),
        ("CARL VON ESSEN", "Carl", "von Essen"),
        ("Ana de la Cruz", "Ana de la", "Cruz"),
        ("Søren Kjærgård", "Søren", "Kjærgård"),
        ("O'BRIEN, PAT", "Pat", "O'Brien"),
        ("Anna", "Anna", ""),
        ("Svensson,", "Svensson", ""),
        ("Nguyễn Thị Hoa", "Nguyễn Thị", "Hoa"),
        ("McDonald, Ian", "Ian", "McDonald"),
        ("\u{feff}Anna Svensson", "Anna", "Svensson"),
        ("Anna\u{200b} Svensson", "Anna", "Svensson"),
        ("-", "", ""),
        ("N/A", "", ""),
    ];
    for (cell, given, family) in cases {
        let row = row_with("Namn", cell);
        let told = (row.given_name.unwrap_or_default(), row.family_name.unwrap_or_default());
        assert_eq!(told, (given.to_owned(), family.to_owned()), "{cell}");
    }
}

/// A whole name in capitals is written as people write it; initials, and names of which only a part is in capitals, stay.
#[test]
fn names_in_capitals() {
    let cases = [
        ("BERTIL EK", "Bertil", "Ek"),
        ("BO EK", "Bo", "Ek"),
        ("ÖRJAN ÄNGSTRÖM", "Örjan", "Ängström"),
        ("SØREN KJÆRGÅRD", "Søren", "Kjærgård"),
        ("ÆGIR ØSTERGAARD", "Ægir", "Østergaard"),
        ("TIINA MÄKELÄ-LAHTI", "Tiina", "Mäkelä-Lahti"),
        ("EVA-LENA NORD-ÅS", "Eva-Lena", "Nord-Ås"),
        ("EVA KARIN LIND", "Eva Karin", "Lind"),
        ("PAT O'BRIEN", "Pat", "O'Brien"),
        ("PAT O’BRIEN", "Pat", "O’Brien"),
        ("PER-OLOF D'ARC", "Per-Olof", "D'Arc"),
        ("CARL AF GEIJER", "Carl", "af Geijer"),
        ("SVEN VON ESSEN", "Sven", "von Essen"),
        ("LUDWIG VAN DER VEEN", "Ludwig", "van der Veen"),
        ("MARÍA DE LEÓN", "María", "de León"),
        ("ÉMILIE ÇELIK", "Émilie", "Çelik"),
        ("ŁUKASZ ŻAK", "Łukasz", "Żak"),
        ("NGUYỄN THỊ HOA", "Nguyễn Thị", "Hoa"),
        ("EVA \"EVIS\" LIND", "Eva \"Evis\"", "Lind"),
        ("EVA LIND (EVIS)", "Eva (Evis)", "Lind"),
        ("J. LIND", "J.", "Lind"),
        ("  EVA   ÅS ", "Eva", "Ås"),
        ("EVA\u{a0}LIND", "Eva", "Lind"),
        ("A\u{30a}KE O\u{308}ST", "Åke", "Öst"),
        ("EVA", "Eva", ""),
        ("BO", "BO", ""),
        ("EVA Lind", "EVA", "Lind"),
        ("Eva LIND", "Eva", "LIND"),
    ];
    for (cell, given, family) in cases {
        let row = row_with("Namn", cell);
        let told = (row.given_name.unwrap_or_default(), row.family_name.unwrap_or_default());
        assert_eq!(told, (given.to_owned(), family.to_owned()), "{cell}");
    }
}

/// The family's name first, and a comma.
#[test]
fn names_with_the_family_first() {
    let cases = [
        ("Lind, Eva", "Eva", "Lind"),
        ("Lind ,Eva", "Eva", "Lind"),
        ("  Lind ,   Eva ", "Eva", "Lind"),
        ("Lind,\u{a0}Eva", "Eva", "Lind"),
        ("Lind, \u{200b}Eva", "Eva", "Lind"),
        ("\u{feff}Lind, Eva", "Eva", "Lind"),
        ("O\u{308}st, A\u{30a}ke", "Åke", "Öst"),
        ("Kjærgård, Søren", "Søren", "Kjærgård"),
        ("Mäkelä-Lahti, Tiina", "Tiina", "Mäkelä-Lahti"),
        ("Nord-Ås, Eva-Lena", "Eva-Lena", "Nord-Ås"),
        ("Lindgren Ek, Eva", "Eva", "Lindgren Ek"),
        ("Lind, Eva Karin", "Eva Karin", "Lind"),
        ("Lind, Eva K.", "Eva K.", "Lind"),
        ("Lind, E.", "E.", "Lind"),
        ("Lind, Eva (Evis)", "Eva (Evis)", "Lind"),
        ("Lind, Eva ”Evis”", "Eva ”Evis”", "Lind"),
        ("O'Brien, Pat", "Pat", "O'Brien"),
        ("von Essen, Carl", "Carl", "von Essen"),
        ("de la Cruz, Ana", "Ana", "de la Cruz"),
        ("van der Veen, Ludwig", "Ludwig", "van der Veen"),
        ("VAN DER VEEN, LUDWIG", "Ludwig", "van der Veen"),
        ("NORD-ÅS, EVA-LENA", "Eva-Lena", "Nord-Ås"),
        ("lind, eva", "Eva", "Lind"),
        ("LIND, Eva", "Eva", "LIND"),
        ("Nguyễn, Thị Hoa", "Thị Hoa", "Nguyễn"),
        (", Eva", "Eva", ""),
        ("Eva Lind,", "Eva", "Lind"),
    ];
    for (cell, given, family) in cases {
        let row = row_with("Namn", cell);
        let told = (row.given_name.unwrap_or_default(), row.family_name.unwrap_or_default());
        assert_eq!(told, (given.to_owned(), family.to_owned()), "{cell}");
    }
}

#[test]
fn days() {
    use RowNote::{DayWithoutYear, NotADay};
    let august = Ok("2018-08-22");
    let cases = [
        ("2018-08-22", august),
        ("2018/08/22", august),
        ("2018.08.22", august),
        ("20180822", august),
        ("180822", august),
        ("22.08.2018", august),
        ("22.8.2018", august),
        ("22.8.18", august),
        ("22/8/2018", august),
        ("22/8-18", august),
        ("22-08-2018", august),
        ("22. 8. 2018", august),
        ("22.08.2018.", august),
        ("8/22/2018", august),
        ("2018-08-22 00:00:00", august),
        ("2018-08-22T00:00:00", august),
        ("22.08.2018 00:00", august),
        ("43334", august),
        ("22 augusti 2018", august),
        ("22. august 2018", august),
        ("22. elokuuta 2018", august),
        ("22 aug 18", august),
        ("Aug 22, 2018", august),
        ("den 22 augusti 2018", august),
        ("1.10.1999", Ok("1999-10-01")),
        ("3. maj 2021", Ok("2021-05-03")),
        ("5. mars 2021", Ok("2021-03-05")),
        ("24. joulukuuta 2020", Ok("2020-12-24")),
        ("1.6.87", Ok("1987-06-01")),
        ("31.9.", Err(NotADay)),
        ("31.9.2018", Err(NotADay)),
        ("29.2.2019", Err(NotADay)),
        ("22/8", Err(DayWithoutYear)),
        ("22.8.", Err(DayWithoutYear)),
        ("22 augusti", Err(DayWithoutYear)),
        ("augusti", Err(NotADay)),
        ("0000-00-00", Err(NotADay)),
        ("99999999", Err(NotADay)),
        ("snart", Err(NotADay)),
        ("2018", Err(NotADay)),
        ("12", Err(NotADay)),
    ];
    for (cell, expected) in cases {
        assert_eq!(day(cell).map(|day| day.to_string()), expected.map(str::to_owned), "{cell}");
    }
}

/// A day without its year is told, and no year is guessed.
#[test]
fn days_without_a_year() {
    let cases = [
        "22/8",
        "22/08",
        "22.8",
        "22.8.",
        "22.08",
        "22.08.",
        "22-8",
        "22-08",
        "22 8",
        "22. 8.",
        "1/1",
        "31.12.",
        "29.2.",
        "22 augusti",
        "22 AUG",
        "22 aug.",
        "den 22 augusti",
        "22. august",
        "August 22",
        "Aug 22",
        "6. juni",
        "5. mars",
        "5. marts",
        "1. mai",
        "24. desember",
        "22. elokuuta",
        "12. maaliskuuta",
        "24. joulukuuta",
    ];
    for cell in cases {
        assert_eq!(day(cell), Err(RowNote::DayWithoutYear), "{cell}");
    }
}

/// What is no day, and what would be one that there is not.
#[test]
fn days_that_are_none() {
    let cases = [
        "31.9.",
        "31.9.2018",
        "31/4",
        "31.4.2019",
        "30.2.",
        "30.2.2020",
        "29.2.2019",
        "29.2.1900",
        "32.1.2020",
        "0.1.2020",
        "1.0.2020",
        "13.13.2020",
        "2018-13-01",
        "2018-02-30",
        "20180230",
        "20181301",
        "180230",
        "0000-00-00",
        "00000000",
        "99999999",
        "99999",
        "17999",
        "73001",
        "22.8.218",
        "22.8.1899",
        "22.8.3018",
        "22.8.2018.1",
        "2018",
        "2018-08",
        "08/2018",
        "2018-W34",
        "v. 34",
        "12",
        "augusti",
        "snart",
        "vet ej",
    ];
    for cell in cases {
        assert_eq!(day(cell), Err(RowNote::NotADay), "{cell}");
    }
}

#[test]
fn months_in_five_languages() {
    let languages = [
        "januari februari mars april maj juni juli augusti september oktober november december",
        "januar februar mars april mai juni juli august september oktober november desember",
        "januar februar marts april maj juni juli august september oktober november december",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta \
         marraskuuta joulukuuta",
        "january february march april may june july august september october november december",
    ];
    for months in languages {
        assert_eq!(months.split_whitespace().count(), 12);
        for (month, n) in months.split_whitespace().zip(1..) {
            let upper = month.to_uppercase();
            for cell in [
                format!("22 {month} 2018"),
                format!("22. {month} 2018"),
                format!("den 22 {upper} 18"),
                format!("{month} 22, 2018"),
                format!("2018 {month} 22"),
            ] {
                assert_eq!(day(&cell).map(|day| day.to_string()), Ok(format!("2018-{n:02}-22")), "{cell}");
            }
        }
    }
}

#[test]
fn encodings() {
    let text = "Namn;Ort;Lön\r\nÅsa Öberg;Ærø;1,5\r\n\"Kjærgård; Søren\";Malmö;2\r\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let narrow: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let forms = [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8Bom),
        (narrow, Encoding::Windows1252),
        ([b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(), Encoding::Utf16Le),
        ([b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(), Encoding::Utf16Be),
    ];
    for (bytes, encoding) in forms {
        for (separator, named) in [(b';', ';'), (b',', ','), (b'\t', '\t'), (b'|', '|')] {
            // What parts the cells stands nowhere else in this text, but for the quoted one, which is kept.
            let swapped = |from: u8, to: u8| bytes.iter().map(|byte| if *byte == from { to } else { *byte }).collect();
            let bytes: Vec<u8> = if separator == b',' { swapped(b',', b'.') } else { bytes.clone() };
            let bytes: Vec<u8> = bytes.iter().map(|byte| if *byte == b';' { separator } else { *byte }).collect();
            let read = List::read(&bytes).unwrap();
            assert_eq!(read.form(), &ListForm::Csv { encoding, separator: named }, "{encoding:?} {named}");
            let rows: Vec<Vec<&str>> = read.rows.iter().map(|row| row.cells.iter().collect()).collect();
            assert_eq!((rows[0][0], rows[0][1]), ("Åsa Öberg", "Ærø"), "{encoding:?} {named}");
            assert_eq!(rows[1].len(), 3, "{encoding:?} {named}");
            assert!(rows[1][0].starts_with("Kjærgård") && rows[1][0].ends_with("Søren"));
        }
    }
}

#[test]
fn headers_in_five_languages_and_any_order() {
    use Column::{
        Department, Email, FamilyName, GivenName, HiredOn, Ignored, Job, Language, MemberSince, Membership, Name, Note,
        PersonalNumber, Phone, Workplace,
    };
    let cases: &[(&str, &[Column])] = &[
        ("Förnamn;Efternamn;Mobil;E-post", &[GivenName, FamilyName, Phone, Email]),
        ("E-POST;MOBIL;EFTERNAMN;FÖRNAMN", &[Email, Phone, FamilyName, GivenName]),
        ("Tilltalsnamn;Efternamn;Personnr;Avdelning", &[GivenName, FamilyName, PersonalNumber, Department]),
        ("Namn;Telefon (mobil);Arbetsplats;Befattning", &[Name, Phone, Workplace, Job]),
        ("Namn;Anställningsdatum;Medlemsstatus", &[Name, HiredOn, Membership]),
        ("Namn;Medlem sedan;Anteckningar", &[Name, MemberSince, Note]),
        ("Fornavn;Etternavn;Tlf.;E-postadresse", &[GivenName, FamilyName, Phone, Email]),
        ("Navn;Fødselsnummer;Arbeidssted;Stilling", &[Name, PersonalNumber, Workplace, Job]),
        ("Ansattnr;Navn;Ansatt dato;Avdeling", &[Ignored, Name, HiredOn, Department]),
        ("Navn;Innmeldt;Medlemskap;Merknad", &[Name, MemberSince, Membership, Note]),
        ("Fornavn;Efternavn;Mobilnr.;Mailadresse", &[GivenName, FamilyName, Phone, Email]),
        ("CPR-nummer;Navn;Arbejdssted;Stillingsbetegnelse", &[PersonalNumber, Name, Workplace, Job]),
        ("Navn;Ansættelsesdato;Afdeling;Bemærkninger", &[Name, HiredOn, Department, Note]),
        ("Etunimi;Sukunimi;Puhelinnumero;Sähköposti", &[GivenName, FamilyName, Phone, Email]),
        ("Henkilötunnus;Nimi;Työpaikka;Tehtävänimike", &[PersonalNumber, Name, Workplace, Job]),
        ("Nimi;Aloituspäivä;Osasto;Äidinkieli", &[Name, HiredOn, Department, Language]),
        ("First name;Last name;Mobile phone;Email address", &[GivenName, FamilyName, Phone, Email]),
        ("Surname;Forename;Phone No.;e-mail", &[FamilyName, GivenName, Phone, Email]),
        ("Employee;Job title;Site;Start date;Notes", &[Name, Job, Workplace, HiredOn, Note]),
        ("given_name;family_name;phone;hired_on", &[GivenName, FamilyName, Phone, HiredOn]),
        ("NAMN ;  Telefon hem;Telefon arbete", &[Name, Phone, Phone]),
        ("Namn;Födelsedatum;Lön", &[Name, Ignored, Ignored]),
        ("Medlemsnummer;Namn;Status", &[Ignored, Name, Membership]),
        ("Namn;Mobil eller telefon hem;Enhet", &[Name, Phone, Department]),
    ];
    for (header, columns) in cases {
        let row = vec!["x"; columns.len()].join(";");
        let list = list(&format!("{header}\n{row}\n{row}\n"));
        assert_eq!(&meanings(&list), columns, "{header}");
    }
}

#[test]
fn a_header_is_found_below_a_title_and_missed_where_there_is_none() {
    let titled = list("Medlemslista per 2026-08-01\n\nNamn;Mobil\nAnna Svensson;0701740612\n");
    assert_eq!((titled.header_of(0), titled.len()), (Some("Namn"), 1));
    assert_eq!(titled.rows[0].line, 4);

    let bare = list("Anna Svensson;0701740612;anna@exempel.se\nBo Ek;0701740613;bo@exempel.se\n");
    assert_eq!((bare.header_of(0), bare.len()), (None, 2));
    assert_eq!(meanings(&bare), [Column::Name, Column::Phone, Column::Email]);
    let sure: Vec<_> = propose(&bare, &Register::default(), None).iter().map(|view| view.confidence).collect();
    assert_eq!(sure, [40, 70, 90]);

    let twice = list("Enhet;Avdelning;Namn\nA;B;Anna Svensson\n");
    assert_eq!(meanings(&twice), [Column::Department, Column::Ignored, Column::Name]);
}

#[test]
fn a_row_with_a_separator_too_many_is_noted() {
    let list = list("Namn;Mobil\nAnna Ek;0701740605;\nBo Ek;0701740606\nEk; Eva;0701740608\n");
    let rows = read_rows(&list, &[Column::Name, Column::Phone, Column::Ignored], Country::Se);
    let odd: Vec<_> = rows.map(|row| row.notes.contains(&RowNote::OtherWidth)).collect();
    assert_eq!(odd, [false, false, true]);
}

#[test]
fn what_cannot_be_a_list_is_told_and_where() {
    let read = |bytes: &[u8]| List::read(bytes).map(|list| list.len());
    assert_eq!(read(b""), Err(ListError::Empty));
    assert_eq!(read(b"\r\n \r\n"), Err(ListError::Empty));
    assert_eq!(read(b"Namn;Mobil\n"), Err(ListError::Empty));
    assert_eq!(read(b"\xef\xbb\xbf"), Err(ListError::Empty));
    assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0\0\r"), Err(ListError::NotAList));
    assert_eq!(read(b"Namn;Mobil\nAnna;1\nBo;2\nEva"), Err(ListError::CutOff { line: 4 }));
    assert_eq!(read(b"Namn;Mobil\nAnna;1\nBo;\"2\nEva;3\n"), Err(ListError::CutOff { line: 3 }));
    assert_eq!(read(&vec![b'x'; 100 << 20]), Err(ListError::TooLarge { max: FILE_MAX }));
    let long = format!("Namn;Not\nAnna;x\nBo;\"{}\"\n", "y".repeat(20_000));
    assert_eq!(read(long.as_bytes()), Err(ListError::CellTooLong { line: 3 }));
    let wide = format!("Namn\nAnna\n{}\n", ";".repeat(300).replace(';', "x;"));
    assert_eq!(read(wide.as_bytes()), Err(ListError::TooManyCells { line: 3 }));
    let many = format!("Namn\n{}", "Anna\n".repeat(ROWS_MAX + 1));
    assert_eq!(read(many.as_bytes()), Err(ListError::TooManyRows { max: ROWS_MAX }));
    // Nothing of the file stands in what is told.
    assert_eq!(ListError::CutOff { line: 4 }.to_string(), "the list is cut off in line 4");
    assert_eq!(ListError::CutOff { line: 4 }.line(), Some(4));
}

#[test]
fn addresses() {
    const NO_ADDRESS: Option<RowNote> = Some(RowNote::NoEmailInIt);
    let cases: &[(&str, &str, Option<RowNote>)] = &[
        ("anna@exempel.se", "anna@exempel.se", None),
        ("  anna@exempel.se ", "anna@exempel.se", None),
        ("ANNA@EXEMPEL.SE", "ANNA@EXEMPEL.SE", None),
        ("anna@exempel.se.", "anna@exempel.se", None),
        ("anna@exempel.se,", "anna@exempel.se", None),
        ("anna\u{200b}@exempel.se", "anna@exempel.se", None),
        ("\u{a0}anna@exempel.se\u{a0}", "anna@exempel.se", None),
        ("'anna@exempel.se", "anna@exempel.se", None),
        ("'anna@exempel.se'", "anna@exempel.se", None),
        ("o'brien@exempel.se", "o'brien@exempel.se", None),
        ("mailto:anna@exempel.se", "anna@exempel.se", None),
        ("MAILTO:anna@exempel.se", "anna@exempel.se", None),
        ("e-post:anna@exempel.se", "anna@exempel.se", None),
        ("e-post: anna@exempel.se", "anna@exempel.se", None),
        ("Anna Svensson <anna@exempel.se>", "anna@exempel.se", None),
        ("\"Svensson, Anna\" <anna@exempel.se>", "anna@exempel.se", None),
        ("anna@exempel.se (privat)", "anna@exempel.se", None),
        ("[anna@exempel.se](mailto:anna@exempel.se)", "anna@exempel.se", None),
        ("anna.svensson+facket@jobb.exempel.se", "anna.svensson+facket@jobb.exempel.se", None),
        ("åsa@exempel.se", "åsa@exempel.se", None),
        ("a\u{30a}sa@exempel.se", "åsa@exempel.se", None),
        ("anna@exempel.se; bo@exempel.se", "anna@exempel.se, bo@exempel.se", None),
        ("anna@exempel.se / bo@exempel.se", "anna@exempel.se, bo@exempel.se", None),
        ("anna@exempel.se;Anna@Exempel.se", "anna@exempel.se", None),
        ("hanna@exempel.se, anna@exempel.se", "hanna@exempel.se, anna@exempel.se", None),
        ("-", "", None),
        ("saknas", "", None),
        ("har ingen", "", NO_ADDRESS),
        ("anna(at)exempel.se", "", NO_ADDRESS),
        ("anna@exempel", "", NO_ADDRESS),
        ("anna@exempel,se", "", NO_ADDRESS),
        ("anna@@exempel.se", "", NO_ADDRESS),
        ("anna@exempel..se", "", NO_ADDRESS),
        ("@exempel.se", "", NO_ADDRESS),
        ("anna@.se", "", NO_ADDRESS),
        ("0701740612", "", NO_ADDRESS),
    ];
    for (cell, address, note) in cases {
        let row = row_with("E-post", cell);
        assert_eq!((row.email.as_deref().unwrap_or_default(), row.notes.first()), (*address, note.as_ref()), "{cell}");
    }
}

#[test]
fn languages() {
    let cases = [
        ("sv", "sv"),
        ("SV", "sv"),
        ("Svenska", "sv"),
        ("svensk", "sv"),
        ("ruotsi", "sv"),
        ("Swedish", "sv"),
        ("sv-SE", "sv"),
        ("sv_FI", "sv"),
        ("norsk bokmål", "nb"),
        ("Norska", "nb"),
        ("no", "nb"),
        ("nb-NO", "nb"),
        ("Nynorsk", "nn"),
        ("nynorska", "nn"),
        ("uusnorja", "nn"),
        ("no-NO", "nb"),
        ("DANSK", "da"),
        ("tanska", "da"),
        (" Suomi ", "fi"),
        ("finska", "fi"),
        ("fi-FI", "fi"),
        ("English", "en"),
        ("englanti", "en"),
        ("en-GB", "en"),
        ("arabiska", "ar"),
        ("Polska.", "pl"),
        ("somali", "so"),
        ("ukrainska", "uk"),
        ("tyska", "de"),
        ("persiska", "fa"),
        ("Dari", "fa"),
        ("eesti", "et"),
        ("tigrinja", "ti"),
        ("rumensk", "ro"),
        // What is not known stays as it stands, and is nobody's guess.
        ("teckenspråk", "teckenspråk"),
        ("svenska och engelska", "svenska och engelska"),
        ("sv-svenska", "sv-svenska"),
        // Northern Sami, in three countries.
        ("se-NO", "se-NO"),
        ("se-FI", "se-FI"),
        ("se-SE", "se-SE"),
        ("?", ""),
    ];
    for (cell, tag) in cases {
        assert_eq!(row_with("Språk", cell).language.unwrap_or_default(), tag, "{cell}");
    }
}

#[test]
fn single_headers_of_each_language() {
    let cases: [(&str, [&str; 24]); 5] = [
        (
            "sv",
            [
                "Förnamn=given_name",
                "Tilltalsnamn=given_name",
                "Efternamn=family_name",
                "Namn=name",
                "Anställd=name",
                "Mobilnr=phone",
                "Telefon hem=phone",
                "Tjänstetelefon=phone",
                "E-postadress=email",
                "Mejl=email",
                "Arbetsställe=workplace",
                "Tjänsteställe=workplace",
                "Avd.=department",
                "Arbetslag=department",
                "Befattning=job",
                "Yrkestitel=job",
                "Modersmål=language",
                "Tillträdesdatum=hired_on",
                "Examen=student_until",
                "Medlemskap=membership",
                "Inträdesdatum=member_since",
                "Anm.=note",
                "Personnr=personal_number",
                "Födelsedatum=ignored",
            ],
        ),
        (
            "nb",
            [
                "Fornavn=given_name",
                "For navn=given_name",
                "Etternavn=family_name",
                "Slektsnavn=family_name",
                "Fullt navn=name",
                "Medarbeider=name",
                "Tlf.=phone",
                "Mobil privat=phone",
                "Telefon arbeid=phone",
                "E-postadresse=email",
                "E-post=email",
                "Arbeidssted=workplace",
                "Arbeidsplassen=workplace",
                "Avdeling=department",
                "Seksjon=department",
                "Stillingstittel=job",
                "Yrkestittel=job",
                "Språk=language",
                "Ansettelsesdato=hired_on",
                "Tiltredelse=hired_on",
                "Medlemsstatus=membership",
                "Innmeldt dato=member_since",
                "Fødselsnr.=personal_number",
                "Ansattnr=ignored",
            ],
        ),
        (
            "da",
            [
                "Fornavne=given_name",
                "Fornavn=given_name",
                "Efternavn=family_name",
                "Fulde navn=name",
                "Ansat=name",
                "Medarbejder=name",
                "Mobilnummer privat=phone",
                "Arbejdstelefon=phone",
                "Tlf.nr.=phone",
                "Mailadresse=email",
                "E-mail=email",
                "Arbejdssted=workplace",
                "Arbejdsplads=workplace",
                "Afdeling=department",
                "Enhed=department",
                "Stillingsbetegnelse=job",
                "Jobtitel=job",
                "Fag=job",
                "Modersmål=language",
                "Ansættelsesdato=hired_on",
                "Medlemskab=membership",
                "Indmeldelsesdato=member_since",
                "CPR-nr.=personal_number",
                "Bemærkninger=note",
            ],
        ),
        (
            "fi",
            [
                "Etunimi=given_name",
                "Kutsumanimi=given_name",
                "Sukunimi=family_name",
                "Sukunimi Etunimi=name",
                "Työntekijä=name",
                "Puh.=phone",
                "Matkapuhelin=phone",
                "GSM=phone",
                "Työpuhelin=phone",
                "Sähköposti=email",
                "S-posti=email",
                "Työpaikka=workplace",
                "Toimipiste=workplace",
                "Osasto=department",
                "Yksikkö=department",
                "Tehtävänimike=job",
                "Ammatti=job",
                "Äidinkieli=language",
                "Työsuhteen alku=hired_on",
                "Valmistumispäivä=student_until",
                "Jäsenyys=membership",
                "Liittymispäivä=member_since",
                "Hetu=personal_number",
                "Huom.=note",
            ],
        ),
        (
            "en",
            [
                "First name=given_name",
                "Forename=given_name",
                "Surname=family_name",
                "Last Name=family_name",
                "Full name=name",
                "Employee=name",
                "Phone No.=phone",
                "Mobile=phone",
                "Work phone=phone",
                "E-mail address=email",
                "Email=email",
                "Workplace=workplace",
                "Site=workplace",
                "Dept.=department",
                "Team=department",
                "Job title=job",
                "Occupation=job",
                "Preferred language=language",
                "Start date=hired_on",
                "Graduation=student_until",
                "Membership status=membership",
                "Member since=member_since",
                "Personal ID=personal_number",
                "Remarks=note",
            ],
        ),
    ];
    for (language, headers) in cases {
        for header in headers {
            let (header, meaning) = header.split_once('=').unwrap();
            let written = [header.to_owned(), header.to_uppercase(), format!(" {header} ")];
            for header in written {
                // A second column that says who it is about, so that the first row is taken for the header.
                let list = list(&format!("{header};Xyz\nx;y\n"));
                let found = meanings(&list).remove(0);
                assert_eq!(json!(found), meaning, "{language}: {header}");
            }
        }
    }
}

/// Every way in which a file has nothing to tell, in every way to write its letters.
#[test]
fn empty_files() {
    let texts = ["", "\n", "\r\n\r\n", " \t \n", ";;;\n;;;\n", "Namn;Mobil\n", "Namn;Mobil", "Namn\tMobil\r\n\t\r\n"];
    for text in texts {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
            [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
        ] {
            assert_eq!(List::read(&bytes).map(|list| list.len()), Err(ListError::Empty), "{text:?}");
        }
    }
}

/// A file that ends anywhere in the middle of its last row, before its last cell, is told from one that is whole.
#[test]
fn files_cut_in_the_middle_of_a_row() {
    for separator in [";", ",", "\t", "|"] {
        let rows = ["Namn;Mobil;Ort", "Anna;0701740605;Malmö", "Bo;0701740606;Umeå", "Eva;0701740607;Kiruna"];
        let text = rows.join("\r\n").replace(';', separator);
        let last = text.rfind("Eva").unwrap();
        let cells = text.rfind(separator).unwrap();
        for end in last + 1..=cells {
            let read = List::read(&text.as_bytes()[..end]).map(|list| list.len());
            assert_eq!(read, Err(ListError::CutOff { line: 4 }), "{}", &text[..end]);
        }
        assert_eq!(List::read(text.as_bytes()).map(|list| list.len()), Ok(3));
        // Cut between two rows nothing shows that more was to come.
        assert_eq!(List::read(&text.as_bytes()[..last]).map(|list| list.len()), Ok(2));
    }
}

/// The same where cells stand in quotation marks or in apostrophes: until the last of them is there, the end is missing.
#[test]
fn files_cut_within_quotation_marks() {
    for separator in [";", ",", "\t", "|"] {
        for mark in ["\"", "'"] {
            let rows = ["'Namn';'Ort'", "'Ek, Anna; jr';'Malmö'", "'Pat O-Brien';'Umeå\tnorra'", "'Eva';'Kiruna'"];
            let text = rows.join("\n").replace("';'", &format!("'{separator}'")).replace('\'', mark);
            let last = text.rfind("Eva").unwrap() - 1;
            // A cell of nothing is one, too.
            for end in (last + 1..text.len()).filter(|end| !text[..*end].ends_with(separator)) {
                let read = List::read(&text.as_bytes()[..end]).map(|list| list.len());
                assert_eq!(read, Err(ListError::CutOff { line: 4 }), "{}", &text[..end]);
            }
            assert_eq!(List::read(text.as_bytes()).map(|list| list.len()), Ok(3), "{text}");
        }
    }
}

/// The same in each encoding, between two letters or within one.
#[test]
fn files_cut_in_each_encoding() {
    let rows = ["Namn;Mobil;Ort", "Åsa;0701740605;Malmö", "Bo;0701740606;Umeå", "Örjan Ö;0701740607;"];
    let text = rows.join("\r\n");
    let utf16 = |bytes: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    type Write<'a> = &'a dyn Fn(&str) -> Vec<u8>;
    let forms: [(&[u8], Write<'_>); 7] = [
        (b"", &|text| text.as_bytes().to_vec()),
        (b"\xef\xbb\xbf", &|text| text.as_bytes().to_vec()),
        (b"", &|text| text.chars().map(|letter| u8::try_from(letter).unwrap()).collect()),
        (b"", &|text| utf16(u16::to_le_bytes, text)),
        (b"", &|text| utf16(u16::to_be_bytes, text)),
        (b"\xff\xfe", &|text| utf16(u16::to_le_bytes, text)),
        (b"\xfe\xff", &|text| utf16(u16::to_be_bytes, text)),
    ];
    for (mark, write) in forms {
        let last = mark.len() + write(&text[..text.rfind("Örjan").unwrap()]).len();
        let whole = [mark, &write(&text)].concat();
        // Before the last separator.
        let end = whole.len() - write(";").len();
        for cut in last + 1..=end {
            let read = List::read(&whole[..cut]).map(|list| list.len());
            assert_eq!(read, Err(ListError::CutOff { line: 4 }), "{:x?}", &whole[last..cut]);
        }
        assert_eq!(List::read(&whole).map(|list| list.len()), Ok(3));
        assert_eq!(List::read(&whole[..last]).map(|list| list.len()), Ok(2));
    }
}

/// What several columns say of one thing is kept once, however it is written, and whole.
#[test]
fn columns_of_one_meaning_are_read_together() {
    let list = list(
        "Namn;Mobil;Telefon hem;E-post;E-post privat;Anteckning;Kommentar\n\
         Anna Ek;0701740605;+46 70-174 06 05;hanna@exempel.se;anna@exempel.se;ringer;ring\n",
    );
    let row = read_rows(&list, &meanings(&list), Country::Se).next().unwrap();
    assert_eq!(row.phone.as_deref(), Some("0701740605"));
    assert_eq!(row.email.as_deref(), Some("hanna@exempel.se, anna@exempel.se"));
    assert_eq!(row.note.as_deref(), Some("ringer; ring"));
}

/// A number that two columns have is kept once, also where the later cell has another one besides.
#[test]
fn numbers_of_two_columns_are_kept_once() {
    let cases = [
        ("0701740605", "070-174 06 06", "0701740605 / 070-174 06 06"),
        ("0701740605", "+46 70-174 06 05, 070-174 06 06 (jobb)", "0701740605 / 070-174 06 06 (jobb)"),
        ("0701740605 (hem)", "jobb 0701740606/070-174 06 05", "0701740605 (hem) / jobb 0701740606"),
        ("0701740605, 0701740606", "0701740606 | 0701740605", "0701740605, 0701740606"),
        ("0701740605", "070-174 06 05 eller 070-174 06 06", "0701740605 / +46701740606"),
    ];
    for (mobile, other, kept) in cases {
        let list = list(&format!("Namn;Mobil;Telefon hem\nAnna Ek;{mobile};{other}\n"));
        let row = read_rows(&list, &meanings(&list), Country::Se).next().unwrap();
        assert_eq!((row.phone.as_deref(), row.notes.is_empty()), (Some(kept), true), "{mobile}; {other}");
    }
}

/// Reading tells how far it has come, and comes to its end.
#[test]
fn reading_a_long_list_tells_how_far_it_has_come() {
    let text = format!("Namn;Mobil\n{}", "Anna Ek;0701740605\n".repeat(4_500));
    let mut told = Vec::new();
    let list = List::read_telling(text.as_bytes(), |progress| told.push(progress)).unwrap();
    assert_eq!((list.len(), told.len()), (4_500, 4));
    assert!(told.windows(2).all(|two| two[0].done < two[1].done));
    assert!(told.iter().all(|progress| progress.total == text.len() && progress.done <= progress.total));

    // Rows without a word, as a spreadsheet has them by the thousand below its last, are not told one by one.
    let text = format!("Namn;Mobil\n{}{}", "Anna Ek;0701740605\n".repeat(999), ";\n".repeat(5_000));
    let mut times = 0;
    let list = List::read_telling(text.as_bytes(), |_| times += 1).unwrap();
    assert_eq!((list.len(), times), (999, 1));
}
