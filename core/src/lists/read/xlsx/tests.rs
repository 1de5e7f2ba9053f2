//! Workbooks as spreadsheets pack them, damaged ones, and one that inflates without end.

use rawzip::{CompressionMethod, ZipArchiveWriter, crc32};

use super::*;
use crate::lists::List;

mod dirt;

/// A workbook of these parts, as a spreadsheet packs them.
pub(crate) fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, text) in parts {
        let deflated = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
        let (mut entry, config) =
            archive.new_file(name).compression_method(CompressionMethod::DEFLATE).start().unwrap();
        let mut writer = config.wrap(Vec::new());
        writer.write_all(text.as_bytes()).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.write_all(&deflated).unwrap();
        entry.finish(descriptor).unwrap();
        assert_ne!(crc32(text.as_bytes()), 0);
    }
    archive.finish().unwrap();
    bytes
}

const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="r"><Relationship Id="rId1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="Gömd" sheetId="1" state="hidden" r:id="rId1"/><sheet name="Tom" sheetId="2" r:id="rId2"/><sheet name="Medlemmar &amp; fler" sheetId="3" r:id="rId3"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="x/worksheet" Target="/xl/worksheets/sheet3.xml"/><Relationship Id="rId4" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId5" Type="x/styles" Target="styles.xml"/></Relationships>"#;
const STRINGS: &str = r#"<sst count="4" uniqueCount="99999999999999"><si><t>Namn</t></si><si><r><t>Mobil</t></r><r><t>nummer</t></r><rPh sb="0" eb="1"><t>aside</t></rPh></si><si><t>Började</t></si><si><t>Åsa &lt;Öberg&gt;</t></si></sst>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
const EMPTY: &str = r#"<worksheet><sheetData/></worksheet>"#;
const SHEET: &str = r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c></row><row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4"><v>701740612</v></c><c r="C4" s="1"><v>43334</v></c></row><row r="5"><c r="A5" t="inlineStr"><is><t>Bo Ek</t></is></c><c r="B5"><v>4.6701740613E10</v></c><c r="C5" s="2"><f>TODAY()</f><v>43335.5</v></c></row><row><c t="str"><f>A1</f><v>Eva &#197;s</v></c><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row></sheetData></worksheet>"#;

fn book_with(name: &str, part: &str) -> Vec<u8> {
    let parts = [
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", SHEET),
        ("xl/worksheets/sheet2.xml", EMPTY),
        ("xl/worksheets/Sheet3.xml", SHEET),
    ];
    packed(&parts.map(|(of, text)| (of, if of == name { part } else { text })))
}

#[test]
fn the_sheet_with_the_list_reads_as_it_is_shown() {
    let list = List::read(&book_with("", "")).unwrap();
    assert_eq!(list.form(), &crate::lists::ListForm::Xlsx { sheet: "Medlemmar & fler".into() });
    let rows: Vec<_> = list.rows.iter().map(|row| (row.line, row.cells.iter().collect::<Vec<_>>().join("|"))).collect();
    let expected = [(4, "Åsa <Öberg>|701740612|2018-08-22"), (5, "Bo Ek|46701740613|2018-08-23"), (6, "Eva Ås||1")];
    assert_eq!(rows, expected.map(|(line, cells)| (line, cells.to_owned())));
    assert_eq!(list.header_of(1), Some("Mobilnummer"));
}

#[test]
fn a_damaged_workbook_is_told_and_never_a_panic() {
    let whole = book_with("", "");
    for cut in [4, 30, whole.len() / 2, whole.len() - 30] {
        assert_eq!(List::read(&whole[..cut]).unwrap_err(), ListError::DamagedWorkbook, "{cut}");
    }
    let sheet = |part: &str| List::read(&book_with("xl/worksheets/Sheet3.xml", part)).unwrap_err();
    assert_eq!(sheet(SHEET.split_at(SHEET.find("43334").unwrap()).0), ListError::DamagedSheet { line: 4 });
    assert_eq!(sheet(&SHEET.replace("<v>3</v>", "<v>99</v>")), ListError::DamagedSheet { line: 4 });
    assert_eq!(sheet(&SHEET.replace("C4", "XFD4")), ListError::TooManyCells { line: 4 });
    assert_eq!(sheet(&SHEET.replace("C4", "ZZZZZZZZZZZZZZZZZZ4")), ListError::TooManyCells { line: 4 });
    assert_eq!(sheet(&SHEET.replace("&#197;", "&#xFFFFFFF;")), ListError::DamagedSheet { line: 6 });
    assert_eq!(List::read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").unwrap_err(), ListError::OldWorkbook);
    let mut flipped = whole;
    let random = |seed: usize| seed.wrapping_mul(2_654_435_761);
    for seed in 0..400 {
        let at = random(seed) % flipped.len();
        flipped[at] ^= 1 << (seed % 8);
        let _ = List::read(&flipped);
    }
}

#[test]
fn a_bomb_is_a_damaged_workbook() {
    let bomb = format!("<worksheet><sheetData>{}</sheetData></worksheet>", " ".repeat(100 << 20));
    let bytes = book_with("xl/worksheets/Sheet3.xml", &bomb);
    assert!(bytes.len() < 1 << 20);
    assert_eq!(List::read(&bytes).unwrap_err(), ListError::DamagedWorkbook);
}

#[test]
fn sheets_without_end_are_not_looked_through() {
    let empty = r#"<sheet name="Tom" sheetId="2" r:id="rId2"/>"#;
    let book = |before: usize| {
        let last = r#"<sheet name="Sist" sheetId="3" r:id="rId3"/>"#;
        let sheets = format!("{}{last}", empty.repeat(before));
        book_with("xl/workbook.xml", &format!(r#"<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>"#))
    };
    assert_eq!(List::read(&book(SHEETS_MAX - 1)).map(|list| list.len()), Ok(3));
    assert_eq!(List::read(&book(SHEETS_MAX)).map(|list| list.len()), Err(ListError::Empty));
}
