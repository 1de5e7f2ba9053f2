//! What a list's letters are written in, and what parts its cells.

use super::*;

/// The letters of Windows-1252 that Latin-1 does not have.
const SPECIAL: [(u8, char); 27] = [
    (0x80, '€'),
    (0x82, '‚'),
    (0x83, 'ƒ'),
    (0x84, '„'),
    (0x85, '…'),
    (0x86, '†'),
    (0x87, '‡'),
    (0x88, 'ˆ'),
    (0x89, '‰'),
    (0x8a, 'Š'),
    (0x8b, '‹'),
    (0x8c, 'Œ'),
    (0x8e, 'Ž'),
    (0x91, '‘'),
    (0x92, '’'),
    (0x93, '“'),
    (0x94, '”'),
    (0x95, '•'),
    (0x96, '–'),
    (0x97, '—'),
    (0x98, '˜'),
    (0x99, '™'),
    (0x9a, 'š'),
    (0x9b, '›'),
    (0x9c, 'œ'),
    (0x9e, 'ž'),
    (0x9f, 'Ÿ'),
];

fn windows_1252(text: &str) -> Vec<u8> {
    let special = |letter: char| SPECIAL.iter().find(|(_, known)| *known == letter).map(|(byte, _)| *byte);
    text.chars().map(|letter| special(letter).unwrap_or_else(|| u8::try_from(letter).unwrap())).collect()
}

fn utf16(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
}

/// Each encoding with each letter that sets it apart.
#[test]
fn letters_in_each_encoding() {
    let mut cells: Vec<String> = SPECIAL.iter().map(|(_, letter)| letter.to_string()).collect();
    let more = [
        "25 € i timmen",
        "„Annis“ och “Bosse”",
        "kallad ”Annis”",
        "Annis’ plats",
        "‘Bosse’",
        "mån–fre",
        "nej — aldrig",
        "Šimon Žak",
        "žena z Košic",
        "Œuvre, cœur",
        "Ÿves",
        "ring…",
        "• dag • natt",
        "Kaffe™",
        "50 ‰",
        "‹Anki› ‚Anki‘",
        "Åsa Öberg",
        "Søren Kjærgård, Ærø",
        "ÅÄÖÆØ åäöæø",
        "Þórður Ægisson, Ísafjörður",
        "Äidinkieli: ruotsi",
        "García Müller, Çelik",
        "½ dag, § 4, 37°",
        "«Anki»",
        "Åsa – „Annis“ – Ek…",
    ];
    cells.extend(more.map(str::to_owned));
    for cell in cells {
        let text = format!("Namn;Anteckning\r\nAnna Ek;{cell}\r\nBo Al;x\r\n");
        let forms = [
            (windows_1252(&text), Encoding::Windows1252),
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8Bom),
            (utf16(&text, [0xff, 0xfe], u16::to_le_bytes), Encoding::Utf16Le),
            (utf16(&text, [0xfe, 0xff], u16::to_be_bytes), Encoding::Utf16Be),
        ];
        for (bytes, encoding) in forms {
            let read = List::read(&bytes).unwrap();
            assert_eq!(read.form(), &ListForm::Csv { encoding, separator: ';' }, "{cell}");
            assert_eq!((read.len(), read.header_of(0)), (2, Some("Namn")), "{cell}, {encoding:?}");
            assert_eq!(read.rows[0].cells.get(1), Some(&*cell), "{encoding:?}");
        }
    }
}

/// The cells of all rows below the header.
fn cells(list: &List) -> Vec<Vec<&str>> {
    list.rows.iter().map(|row| row.cells.iter().collect()).collect()
}

/// Each separator in each of these lists, where it is written §. The others stand in some of them, too.
#[test]
fn lists_with_each_separator() {
    let two: &[&[&str]] = &[&["Anna Ek", "Umeå"], &["Bo Al", "Kiruna"]];
    let cases: &[(&str, &[&[&str]])] = &[
        ("Namn§Arbetsplats\nAnna Ek§Umeå\nBo Al§Kiruna\n", two),
        ("Namn§Arbetsplats\r\nAnna Ek§Umeå\r\nBo Al§Kiruna\r\n", two),
        ("Namn§Arbetsplats\rAnna Ek§Umeå\rBo Al§Kiruna\r", two),
        ("Namn§Arbetsplats\nAnna Ek§Umeå\nBo Al§Kiruna", two),
        ("Namn§Arbetsplats\n\nAnna Ek§Umeå\n\n\nBo Al§Kiruna\n\n", two),
        ("Namn§Arbetsplats\n§\nAnna Ek§Umeå\nBo Al§Kiruna\n§\n", two),
        ("Medlemmar 2026\n\nNamn§Arbetsplats\nAnna Ek§Umeå\nBo Al§Kiruna\n", two),
        ("sep=§\nNamn§Arbetsplats\nAnna Ek§Umeå\nBo Al§Kiruna\n", two),
        ("\"Namn\"§\"Arbetsplats\"\n\"Anna Ek\"§\"Umeå\"\n\"Bo Al\"§\"Kiruna\"\n", two),
        ("Namn§Arbetsplats\nAnna Ek§Umeå\n", &[&["Anna Ek", "Umeå"]]),
        ("Namn § Arbetsplats\nAnna Ek § Umeå\n", &[&["Anna Ek ", " Umeå"]]),
        // The other separators in quotes.
        (
            "Namn§Anteckning\n\"Ek, Anna; jr|x\ty\"§a\nBo Al§\"b,c;d|e\"\n",
            &[&["Ek, Anna; jr|x\ty", "a"], &["Bo Al", "b,c;d|e"]],
        ),
        (
            "Namn§Anteckning\nAnna Ek§\"a, b, c\"\nBo Al§\"d; e; f\"\n",
            &[&["Anna Ek", "a, b, c"], &["Bo Al", "d; e; f"]],
        ),
        ("Namn§Lön\nAnna Ek§\"1,5\"\nBo Al§\"2,5\"\n", &[&["Anna Ek", "1,5"], &["Bo Al", "2,5"]]),
        // A column without anything in it, or without an end to it.
        (
            "Namn§Arbetsplats§Anteckning\nAnna Ek§Umeå§\nBo Al§Kiruna§\n",
            &[&["Anna Ek", "Umeå", ""], &["Bo Al", "Kiruna", ""]],
        ),
        ("Namn§Arbetsplats§\nAnna Ek§Umeå§\nBo Al§Kiruna§\n", &[&["Anna Ek", "Umeå", ""], &["Bo Al", "Kiruna", ""]]),
        ("Namn§Arbetsplats§Anteckning\nAnna Ek§§x\nBo Al§§y\n", &[&["Anna Ek", "", "x"], &["Bo Al", "", "y"]]),
        ("Namn§Arbetsplats\nAnna Ek§Umeå§x\nBo Al§Kiruna§y\n", &[&["Anna Ek", "Umeå", "x"], &["Bo Al", "Kiruna", "y"]]),
        ("Namn§Arbetsplats\n\"\"§Umeå\nBo Al§\"\"\n", &[&["", "Umeå"], &["Bo Al", ""]]),
        // Quotation marks and new lines within.
        (
            "Namn§Anteckning\nAnna Ek§\"säger \"\"hej\"\"\"\nBo Al§x\n",
            &[&["Anna Ek", "säger \"hej\""], &["Bo Al", "x"]],
        ),
        ("Namn§Anteckning\nAnna Ek§\"rad 1\nrad 2\"\nBo Al§x\n", &[&["Anna Ek", "rad 1\nrad 2"], &["Bo Al", "x"]]),
        ("Namn§Anteckning\nAnna \"Annis\" Ek§x\nBo Al§y\n", &[&["Anna \"Annis\" Ek", "x"], &["Bo Al", "y"]]),
        ("Namn§Anteckning\nPat O'Brien§x\n'Bosse' Al§'y'\n", &[&["Pat O'Brien", "x"], &["'Bosse' Al", "'y'"]]),
    ];
    for separator in [';', ',', '\t', '|'] {
        for (text, rows) in cases {
            let text = text.replace('§', &separator.to_string());
            let read = list(&text);
            let encoding = Encoding::Utf8;
            assert_eq!(read.form(), &ListForm::Csv { encoding, separator }, "{text}");
            assert_eq!(cells(&read), *rows, "{text}");
        }
    }
}

/// Cells that stand in apostrophes, as the header's do. Those within a cell stay.
#[test]
fn lists_in_apostrophes() {
    let two: &[&[&str]] = &[&["Anna Ek", "Umeå"], &["Bo Al", "Kiruna"]];
    let cases: &[(&str, &[&[&str]])] = &[
        ("'Namn'§'Arbetsplats'\n'Anna Ek'§'Umeå'\n'Bo Al'§'Kiruna'\n", two),
        ("'Namn'§'Arbetsplats'\r\n'Anna Ek'§'Umeå'\r\n'Bo Al'§'Kiruna'\r\n", two),
        ("'Namn'§'Arbetsplats'\r'Anna Ek'§'Umeå'\r'Bo Al'§'Kiruna'\r", two),
        ("'Namn'§'Arbetsplats'\n'Anna Ek'§'Umeå'\n'Bo Al'§'Kiruna'", two),
        ("'Namn'§'Arbetsplats'\n\n'Anna Ek'§'Umeå'\n''§''\n'Bo Al'§'Kiruna'\n", two),
        ("Medlemmar 2026\n\n'Namn'§'Arbetsplats'\n'Anna Ek'§'Umeå'\n'Bo Al'§'Kiruna'\n", two),
        ("sep=§\n'Namn'§'Arbetsplats'\n'Anna Ek'§'Umeå'\n'Bo Al'§'Kiruna'\n", two),
        ("'Namn'§'Arbetsplats'§\n'Anna Ek'§'Umeå'§\n", &[&["Anna Ek", "Umeå", ""]]),
        // Where a cell needs none, some programs leave them out.
        ("'Namn'§'Arbetsplats'\nAnna Ek§'Umeå'\n'Bo Al'§Kiruna\n", two),
        ("'Namn'§'Arbetsplats'\n''§'Umeå'\n'Bo Al'§\n", &[&["", "Umeå"], &["Bo Al", ""]]),
        ("'Namn'§'Anteckning'\n'Anna Ek'§17\nPat O'Brien§'x'\n", &[&["Anna Ek", "17"], &["Pat O'Brien", "x"]]),
        // Within a cell: alone, doubled, around a name, at the end.
        ("'Namn'§'Anteckning'\n'O'Brien'§'x'\n'Bo Al'§'y'\n", &[&["O'Brien", "x"], &["Bo Al", "y"]]),
        ("'Namn'§'Anteckning'\n'O''Brien'§'x'\n'Bo Al'§'y'\n", &[&["O'Brien", "x"], &["Bo Al", "y"]]),
        ("'Namn'§'Anteckning'\n'Bo 'Bosse' Al'§'x'\n'D'Arc'§'y'", &[&["Bo 'Bosse' Al", "x"], &["D'Arc", "y"]]),
        ("'Namn'§'Anteckning'\n'Bo ''Bosse'' Al'§'x'\n", &[&["Bo 'Bosse' Al", "x"]]),
        ("'Namn'§'Anteckning'\n'Bo Al 'Bosse''§'x'\n'Ek'§'y'\n", &[&["Bo Al 'Bosse'", "x"], &["Ek", "y"]]),
        ("'Namn'§'Anteckning'\n'Bo Al ''Bosse'''§'x'\n", &[&["Bo Al 'Bosse'", "x"]]),
        ("'Namn'§'Anteckning'\n''Bosse' Al'§'Lars' plats'\n", &[&["'Bosse' Al", "Lars' plats"]]),
        // The separators, quotation marks and new lines.
        (
            "'Namn'§'Anteckning'\n'Ek, Anna; jr|x\ty'§'a'\n'Al'§'b,c;d|e'",
            &[&["Ek, Anna; jr|x\ty", "a"], &["Al", "b,c;d|e"]],
        ),
        ("'Namn'§'Lön'\n'Anna Ek'§'1,5'\n'Bo Al'§'2;5'\n", &[&["Anna Ek", "1,5"], &["Bo Al", "2;5"]]),
        ("'Namn'§'Anteckning'\n'Anna \"Annis\" Ek'§'säger \"hej\"'\n", &[&["Anna \"Annis\" Ek", "säger \"hej\""]]),
        (
            "'Namn'§'Anteckning'\n'Anna Ek'§'rad 1\nrad 2'\n'Bo Al'§'x'\n",
            &[&["Anna Ek", "rad 1\nrad 2"], &["Bo Al", "x"]],
        ),
        // A header of which only a part stands in apostrophes, and apostrophes below one without any.
        ("'Namn'§Anteckning\n'Anna Ek'§x\n'Bo Al'§y\n", &[&["'Anna Ek'", "x"], &["'Bo Al'", "y"]]),
        ("Namn§Anteckning\n'Anna Ek'§'x'\n'O'Brien'§'y'\n", &[&["'Anna Ek'", "'x'"], &["'O'Brien'", "'y'"]]),
    ];
    for separator in [';', ',', '\t', '|'] {
        for (text, rows) in cases {
            let text = text.replace('§', &separator.to_string());
            let read = list(&text);
            let encoding = Encoding::Utf8;
            assert_eq!(read.form(), &ListForm::Csv { encoding, separator }, "{text}");
            assert_eq!(cells(&read), *rows, "{text}");
            assert_eq!(read.header_of(0).map(|header| header.trim_matches('\'')), Some("Namn"), "{text}");
        }
    }
    let one = list("'Namn'\n'Ek, Anna'\n'Pat O'Brien'\n");
    assert_eq!(cells(&one), [["Ek, Anna"], ["Pat O'Brien"]]);
    let cut = List::read("'Namn';'Arbetsplats'\n'Anna Ek';'Umeå'\n'Bo Al';'Kir".as_bytes());
    assert_eq!(cut.map(|list| list.len()), Err(ListError::CutOff { line: 3 }));
}

/// Commas that part nothing, where something else parts the cells.
#[test]
fn commas_within_cells() {
    let cases: &[(&str, &[&[&str]])] = &[
        (
            "Namn§Lön\nAnna Ek§1,5\nBo Al§2,5\nEva Lo§3,25\n",
            &[&["Anna Ek", "1,5"], &["Bo Al", "2,5"], &["Eva Lo", "3,25"]],
        ),
        ("Namn§Arbetsplats\nEk, Anna§Umeå\nAl, Bo§Kiruna\n", &[&["Ek, Anna", "Umeå"], &["Al, Bo", "Kiruna"]]),
        (
            "Namn§Lön§Anteckning\nEk, Anna§1,5§a, b\nAl, Bo§2,5§c, d, e\n",
            &[&["Ek, Anna", "1,5", "a, b"], &["Al, Bo", "2,5", "c, d, e"]],
        ),
        ("Namn§Lön§\nAnna Ek§1,5§\nBo Al§2,5§\n", &[&["Anna Ek", "1,5", ""], &["Bo Al", "2,5", ""]]),
        ("Lön§Namn\n1,5§Anna Ek\n2,5§Bo Al\n", &[&["1,5", "Anna Ek"], &["2,5", "Bo Al"]]),
    ];
    for separator in [';', '\t', '|'] {
        for (text, rows) in cases {
            let text = text.replace('§', &separator.to_string());
            let read = list(&text);
            assert!(matches!(read.form(), ListForm::Csv { separator: found, .. } if *found == separator), "{text}");
            assert_eq!(cells(&read), *rows, "{text}");
        }
    }
}
