//! What workbooks have in their cells and around their lists, kind by kind.

use super::*;
use crate::lists::ListForm;
use crate::lists::cells::{Listed, RowNote, read_rows};
use crate::lists::columns::propose;
use crate::register::Register;
use crate::register::phone::PhoneKey;
use crate::tables::{Country, Membership, TEXT_MAX};

const STRINGS: &str = "<sst>\
    <si><t>Umeå</t></si>\
    <si><r><t>Ume</t></r><r><rPr><b/></rPr><t>å</t></r><rPh sb=\"0\" eb=\"1\"><t>aside</t></rPh></si>\
    <si><t xml:space=\"preserve\">  två  ord </t></si>\
    <si><t>rad 1\nrad 2</t></si>\
    <si><t>A\u{30a}sa</t></si>\
    <si>\n  <r>\n    <t>Ume</t>\n  </r>\n  <r>\n    <t>å</t>\n  </r>\n</si>\
    <si><t>rad 1_x000D_&#10;rad 2</t></si>\
    <si><t/></si>\
    </sst>";

/// The styles of cells, by number: none; days (1, 2, 3, 4, 10, 11, 12, 13); percent (5); money (6); an hour (7); telephones (8,
/// 9); text (14).
const STYLES: &str = r##"<styleSheet><numFmts>
    <numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="[$-40B]d\.m\.yyyy"/>
    <numFmt numFmtId="166" formatCode="#,##0.00\ &quot;kr&quot;"/><numFmt numFmtId="167" formatCode="0000000000"/>
    <numFmt numFmtId="168" formatCode="&quot;+&quot;00\ 00\-000\ 00\ 00"/><numFmt numFmtId="169" formatCode="mmmm yyyy"/>
    </numFmts><cellXfs>
    <xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="165"/><xf numFmtId="9"/>
    <xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="167"/><xf numFmtId="168"/><xf numFmtId="15"/><xf numFmtId="16"/>
    <xf numFmtId="17"/><xf numFmtId="169"/><xf numFmtId="49" quotePrefix="1"/>
    </cellXfs></styleSheet>"##;

/// A workbook with these properties and sheets, each with its attributes.
fn workbook(properties: &str, sheets: &[(&str, String)]) -> Vec<u8> {
    let (mut list, mut related, mut parts) = (String::new(), String::new(), Vec::new());
    for (n, (attributes, xml)) in sheets.iter().enumerate() {
        list.push_str(&format!(r#"<sheet {attributes} sheetId="{n}" r:id="s{n}"/>"#));
        related.push_str(&format!(r#"<Relationship Id="s{n}" Type="x/worksheet" Target="worksheets/{n}.xml"/>"#));
        parts.push((format!("xl/worksheets/{n}.xml"), xml.clone()));
    }
    for (kind, xml) in [("sharedStrings", STRINGS), ("styles", STYLES)] {
        related.push_str(&format!(r#"<Relationship Id="{kind}" Type="x/{kind}" Target="{kind}.xml"/>"#));
        parts.push((format!("xl/{kind}.xml"), xml.to_owned()));
    }
    let book = format!(r#"<workbook xmlns:r="r"><workbookPr {properties}/><sheets>{list}</sheets></workbook>"#);
    parts.push(("_rels/.rels".to_owned(), RELS.to_owned()));
    parts.push(("xl/workbook.xml".to_owned(), book));
    parts.push(("xl/_rels/workbook.xml.rels".to_owned(), format!("<Relationships>{related}</Relationships>")));
    let parts: Vec<_> = parts.iter().map(|(name, xml)| (name.as_str(), xml.as_str())).collect();
    packed(&parts)
}

fn sheet(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

fn text(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// Rows of texts; what is empty is left out.
fn grid(first_row: usize, first_column: u8, rows: &[&[&str]]) -> String {
    let row = |(line, cells): (usize, &&[&str])| {
        let cells = cells.iter().zip(first_column..).filter(|(cell, _)| !cell.is_empty());
        let cells: String = cells.map(|(cell, at)| text(&format!("{}{line}", char::from(b'A' + at)), cell)).collect();
        format!(r#"<row r="{line}">{cells}</row>"#)
    };
    (first_row..).zip(rows).map(row).collect()
}

/// A list of one row: a name, and this cell below this header.
fn with_cell(properties: &str, header: &str, cell: &str) -> List {
    let header = format!("{}{}", text("A1", "Namn"), text("B1", header));
    let rows = format!(r#"<row r="1">{header}</row><row r="2">{}{cell}</row>"#, text("A2", "Anna Ek"));
    List::read(&workbook(properties, &[(r#"name="Lista""#, sheet(&rows))])).unwrap()
}

/// The same, read.
fn row_with(properties: &str, header: &str, cell: &str) -> Listed {
    let list = with_cell(properties, header, cell);
    let columns: Vec<_> = propose(&list, &Register::default(), None).into_iter().map(|view| view.meaning).collect();
    read_rows(&list, &columns, Country::Se).next().unwrap()
}

#[test]
fn a_cell_reads_as_it_is_shown() {
    let cases = [
        ("a text that cells share", r#"<c r="B2" t="s"><v>0</v></c>"#, "Umeå"),
        ("in two ways to write", r#"<c r="B2" t="s"><v>1</v></c>"#, "Umeå"),
        ("with its spaces", r#"<c r="B2" t="s"><v>2</v></c>"#, "  två  ord "),
        ("of two lines", r#"<c r="B2" t="s"><v>3</v></c>"#, "rad 1\nrad 2"),
        ("in letters of two parts", r#"<c r="B2" t="s"><v>4</v></c>"#, "A\u{30a}sa"),
        ("in a part that people can read", r#"<c r="B2" t="s"><v>5</v></c>"#, "Umeå"),
        ("with what XML cannot write", r#"<c r="B2" t="s"><v>6</v></c>"#, "rad 1\r\nrad 2"),
        ("that is empty", r#"<c r="B2" t="s"><v>7</v></c>"#, ""),
        ("lines around its number", "<c r=\"B2\" t=\"s\">\n  <v>\n 0 </v>\n</c>", "Umeå"),
        ("a text of its own", r#"<c r="B2" t="inlineStr"><is><t>Umeå</t></is></c>"#, "Umeå"),
        ("in parts", r#"<c r="B2" t="inlineStr"><is><r><t>Ume</t></r><r><t>å</t></r></is></c>"#, "Umeå"),
        ("on lines", "<c r=\"B2\" t=\"inlineStr\">\n <is>\n  <t>Umeå</t>\n </is>\n</c>", "Umeå"),
        ("with signs", r#"<c r="B2" t="inlineStr"><is><t>Ek &amp; Al &lt;x&gt; &#197;</t></is></c>"#, "Ek & Al <x> Å"),
        ("as it stands", r#"<c r="B2" t="inlineStr"><is><t><![CDATA[Ek & Al]]></t></is></c>"#, "Ek & Al"),
        ("a line of a page", r#"<c r="B2" t="inlineStr"><is><t>Ek_x000B_Al_x0007_</t></is></c>"#, "Ek\u{b}Al"),
        (
            "a code that is none",
            r#"<c r="B2" t="inlineStr"><is><t>_x005F_x0041_ _xy_ _x</t></is></c>"#,
            "_x0041_ _xy_ _x",
        ),
        ("kept from reckoning", r#"<c r="B2" s="14" t="inlineStr"><is><t>007</t></is></c>"#, "007"),
        ("a number", r#"<c r="B2"><v>12345</v></c>"#, "12345"),
        ("called one", r#"<c r="B2" t="n"><v>12345</v></c>"#, "12345"),
        ("with decimals of nothing", r#"<c r="B2"><v>12345.0</v></c>"#, "12345"),
        ("with a power", r#"<c r="B2"><v>1.2345E4</v></c>"#, "12345"),
        ("with a power below", r#"<c r="B2"><v>1E-3</v></c>"#, "0.001"),
        ("a fraction", r#"<c r="B2"><v>1.5</v></c>"#, "1.5"),
        ("a fraction that is none in twos", r#"<c r="B2"><v>1.1000000000000001</v></c>"#, "1.1"),
        ("below nothing", r#"<c r="B2"><v>-7</v></c>"#, "-7"),
        ("larger than is exact", r#"<c r="B2"><v>1E+20</v></c>"#, "1E+20"),
        ("percent", r#"<c r="B2" s="5"><v>0.5</v></c>"#, "0.5"),
        ("money", r#"<c r="B2" s="6"><v>15000.5</v></c>"#, "15000.5"),
        ("an hour", r#"<c r="B2" s="7"><v>0.5</v></c>"#, "0.5"),
        ("of a style that is not there", r#"<c r="B2" s="99"><v>43334</v></c>"#, "43334"),
        ("yes", r#"<c r="B2" t="b"><v>1</v></c>"#, "1"),
        ("an error", r#"<c r="B2" t="e"><v>#N/A</v></c>"#, ""),
        ("a formula for a text", r#"<c r="B2" t="str"><f>A1&amp;"x"</f><v>Umeå</v></c>"#, "Umeå"),
        ("for a number", r#"<c r="B2"><f>SUM(C1:C9)</f><v>7</v></c>"#, "7"),
        ("for nothing", r#"<c r="B2" t="str"><f>IF(1,"")</f><v></v></c>"#, ""),
        ("for an error", r#"<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#, ""),
        ("never reckoned", r#"<c r="B2"><f>A1</f></c>"#, ""),
        ("that others share", r#"<c r="B2"><f t="shared" ref="B2:B9" si="0">A2</f><v>7</v></c>"#, "7"),
        ("of many cells", r#"<c r="B2"><f t="array" ref="B2:B9">A2:A9</f><v>7</v></c>"#, "7"),
        ("nothing but a colour", r#"<c r="B2" s="5"/>"#, ""),
        ("no cell", "", ""),
    ];
    for (what, cell, shown) in cases {
        let list = with_cell("", "Anteckning", cell);
        assert_eq!(list.rows[0].cells.get(1).unwrap_or_default(), shown, "{what}");
        assert_eq!((list.len(), list.rows[0].cells.get(0)), (1, Some("Anna Ek")), "{what}");
    }
    for (value, membership) in [("1", Membership::Member), ("0", Membership::Unorganised)] {
        let row = row_with("", "Medlemskap", &format!(r#"<c r="B2" t="b"><v>{value}</v></c>"#));
        assert_eq!(row.membership, Some(membership));
    }
}

#[test]
fn telephones_in_workbooks() {
    const ONE: &[&str] = &["46701740612"];
    const TWO: &[&str] = &["46701740612", "46701740613"];
    let number = |value: &str| format!(r#"<c r="B2"><v>{value}</v></c>"#);
    let styled = |style: u8, value: &str| format!(r#"<c r="B2" s="{style}"><v>{value}</v></c>"#);
    let cases: &[(String, &[&str], Option<RowNote>)] = &[
        // The 0 before it is gone.
        (number("701740612"), ONE, None),
        (number("701740612.0"), ONE, None),
        (number("7.01740612E8"), ONE, None),
        (number("7.01740612E+08"), ONE, None),
        (number("46701740612"), ONE, None),
        (number("46701740612.0"), ONE, None),
        (number("4.6701740612E10"), ONE, None),
        (number("4.6701740612000000E+10"), ONE, None),
        // Only the style shows it.
        (styled(8, "701740612"), ONE, None),
        (styled(9, "46701740612"), ONE, None),
        (styled(6, "701740612"), ONE, None),
        // As texts.
        (text("B2", "0701740612"), ONE, None),
        (text("B2", "070-174 06 12"), ONE, None),
        (text("B2", "+46 70-174 06 12"), ONE, None),
        (text("B2", "0046701740612"), ONE, None),
        (text("B2", "'0701740612"), ONE, None),
        (text("B2", "070\u{a0}174\u{a0}06\u{a0}12"), ONE, None),
        (text("B2", "\u{202d}0701740612\u{202c}"), ONE, None),
        (text("B2", "070-174 06 12 jobb"), ONE, None),
        (text("B2", "701 740 612,00"), ONE, None),
        (text("B2", "070-174 06 12_x000D_&#10;070-174 06 13"), TWO, None),
        (text("B2", "070-174 06 12 / 070-174 06 13"), TWO, None),
        (r#"<c r="B2" s="14" t="inlineStr"><is><t>0701740612</t></is></c>"#.to_owned(), ONE, None),
        (r#"<c r="B2" t="str"><f>"0"&amp;C2</f><v>0701740612</v></c>"#.to_owned(), ONE, None),
        (r#"<c r="B2"><f>VALUE(C2)</f><v>701740612</v></c>"#.to_owned(), ONE, None),
        // What is none, and what was rounded.
        (r#"<c r="B2" t="e"><f>VALUE(C2)</f><v>#VALUE!</v></c>"#.to_owned(), &[], None),
        (r#"<c r="B2" t="b"><v>1</v></c>"#.to_owned(), &[], Some(RowNote::NoPhoneInIt)),
        (number("112"), &[], Some(RowNote::NoPhoneInIt)),
        (number("46701700000"), &[], Some(RowNote::PhoneRounded)),
        (number("3.58401E+11"), &[], Some(RowNote::PhoneRounded)),
        // The digits of a personal number, as far as they go.
        (number("1.98E+11"), &[], Some(RowNote::PhoneRounded)),
        (number("198514000000"), &[], Some(RowNote::PhoneRounded)),
        (text("B2", "4,67017E+10"), &[], Some(RowNote::PhoneRounded)),
        (text("B2", "-"), &[], None),
    ];
    for (cell, keys, note) in cases {
        let row = row_with("", "Mobilnummer", cell);
        let found = row.phone.as_deref().map(|phone| PhoneKey::all(phone, Country::Se)).unwrap_or_default();
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        assert_eq!((found, row.notes.first()), (keys, note.as_ref()), "{cell}");
    }
}

#[test]
fn days_in_workbooks() {
    const OF_1904: &str = r#"date1904="1""#;
    let styled = |style: u8, value: &str| format!(r#"<c r="B2" s="{style}"><v>{value}</v></c>"#);
    let iso = |value: &str| format!(r#"<c r="B2" s="1" t="d"><v>{value}</v></c>"#);
    let (august, odd) = (Some("2018-08-22"), |note| (None, Some(note)));
    let cases = [
        ("", styled(1, "43334"), (august, None)),
        ("", styled(2, "43334"), (august, None)),
        ("", styled(3, "43334.75"), (august, None)),
        ("", styled(4, "43334"), (august, None)),
        ("", styled(10, "43334"), (august, None)),
        ("", styled(11, "43334"), (august, None)),
        ("", styled(12, "43334"), (august, None)),
        ("", styled(13, "43334"), (august, None)),
        ("", styled(1, "43334.0"), (august, None)),
        ("", styled(1, "4.3334E4"), (august, None)),
        ("", styled(2, "43334.999988425925"), (august, None)),
        ("", styled(2, "36526"), (Some("2000-01-01"), None)),
        ("", styled(2, "43159"), (Some("2018-02-28"), None)),
        ("", styled(2, "43160"), (Some("2018-03-01"), None)),
        // A number of days, and digits that are one.
        ("", styled(0, "43334"), (august, None)),
        ("", styled(0, "20180822"), (august, None)),
        ("", r#"<c r="B2" s="2"><f>DATE(2018,8,22)</f><v>43334</v></c>"#.to_owned(), (august, None)),
        ("", iso("2018-08-22"), (august, None)),
        ("", iso("2018-08-22T00:00:00"), (august, None)),
        ("", iso("2018-08-22T23:59:59.999Z"), (august, None)),
        // Texts, in a cell for days or not.
        ("", text("B2", "2018-08-22"), (august, None)),
        ("", text("B2", "22.08.2018"), (august, None)),
        ("", text("B2", "22/8-18"), (august, None)),
        ("", text("B2", "'2018-08-22"), (august, None)),
        ("", r#"<c r="B2" s="2" t="inlineStr"><is><t>22 augusti 2018</t></is></c>"#.to_owned(), (august, None)),
        ("", text("B2", "31.9.2018"), odd(RowNote::NotADay)),
        ("", text("B2", "22/8"), odd(RowNote::DayWithoutYear)),
        ("", styled(2, "0"), odd(RowNote::NotADay)),
        ("", styled(2, "-1"), odd(RowNote::NotADay)),
        ("", styled(2, "9999999"), odd(RowNote::NotADay)),
        ("", styled(7, "0.5"), odd(RowNote::NotADay)),
        ("", r#"<c r="B2" s="2" t="e"><v>#VALUE!</v></c>"#.to_owned(), (None, None)),
        ("", r#"<c r="B2" s="2"/>"#.to_owned(), (None, None)),
        // Counted from 1904, as old spreadsheets of one make did.
        (OF_1904, styled(1, "41872"), (august, None)),
        (OF_1904, styled(2, "41872"), (august, None)),
        (OF_1904, styled(3, "41872.5"), (august, None)),
        (OF_1904, styled(4, "41872"), (august, None)),
        (r#"date1904="true""#, styled(2, "41872"), (august, None)),
        (OF_1904, iso("2018-08-22"), (august, None)),
        (OF_1904, text("B2", "22.08.2018"), (august, None)),
        (r#"date1904="0""#, styled(2, "43334"), (august, None)),
        (r#"date1904="false""#, styled(2, "43334"), (august, None)),
    ];
    for (properties, cell, (day, note)) in cases {
        let row = row_with(properties, "Anställningsdatum", &cell);
        let found = row.hired_on.map(|day| day.to_string());
        assert_eq!((found.as_deref(), row.notes.first().copied()), (day, note), "{properties} {cell}");
    }
}

const PEOPLE: &[&[&str]] = &[&["Namn", "Mobil"], &["Anna Ek", "0701740612"], &["Bo Al", "0701740613"]];
const COVER: &[&[&str]] = &[&["Så läses detta"], &["Frågor besvaras av kontoret"]];

/// Each workbook has the same list somewhere, and nothing but this is read of it.
#[test]
fn a_list_is_found_however_it_lies_in_its_workbook() {
    let people = || grid(1, 0, PEOPLE);
    let of = |xml: String| workbook("", &[(r#"name="Lista""#, xml)]);
    let after = |sheets: &[(&str, String)]| {
        let list = (r#"name="Lista""#, sheet(&grid(1, 0, PEOPLE)));
        workbook("", &[sheets, &[list]].concat())
    };
    let first = |attributes: &'static str, xml: String| after(&[(attributes, xml)]);
    let bare = |cell: &str| format!(r#"<c t="inlineStr"><is><t>{cell}</t></is></c>"#);
    let bare_row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(|cell| bare(cell)).collect::<String>());
    let merged = r#"<mergeCells><mergeCell ref="A1:B1"/></mergeCells>"#;
    let titled = sheet(&(grid(1, 0, &[&["Lista 2026-11"]]) + &grid(2, 0, PEOPLE)));
    let wide: String = ["C", "IV", "XFD"].iter().map(|column| format!(r#"<c r="{column}1" s="5"/>"#)).collect();
    let other = sheet(&grid(1, 0, &[&["Namn", "Mobil"], &["Eva Lo", "0701740614"], &["Pia Ny", "0701740615"]]));
    let cases = [
        ("from the first cell", of(sheet(&people()))),
        ("further down", of(sheet(&grid(7, 0, PEOPLE)))),
        ("below a title", of(sheet(&(grid(1, 0, &[&["Medlemmar 2026"]]) + &grid(3, 0, PEOPLE))))),
        ("below a title of merged cells", of(titled.replace("</worksheet>", &format!("{merged}</worksheet>")))),
        ("with rows of nothing between", of(sheet(&people().replace("</row>", "</row><row r=\"9\" spans=\"1:2\"/>")))),
        (
            "with rows of spaces between",
            of(sheet(&people().replace("<row r=\"3\">", &format!("<row>{}</row><row r=\"3\">", bare("  "))))),
        ),
        (
            "with colours beside it",
            of(sheet(&people().replace("</row>", "<c r=\"D1\" s=\"5\"/><c r=\"E1\" s=\"5\"/></row>"))),
        ),
        ("with colours as far as a sheet goes", of(sheet(&people().replace("</row>", &format!("{wide}</row>"))))),
        ("with colours below it", of(sheet(&(people() + &format!(r#"<row r="4" s="5">{wide}</row>"#).repeat(9))))),
        ("without places of rows and cells", of(sheet(&PEOPLE.iter().map(bare_row).collect::<String>()))),
        (
            "with a size that is not true",
            of(sheet(&people()).replace("<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>")),
        ),
        (
            "with columns that are hidden",
            of(sheet(&people())
                .replace("<sheetData>", "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols><sheetData>")),
        ),
        ("with rows that are hidden", of(sheet(&people().replace("<row r=\"3\">", "<row r=\"3\" hidden=\"1\">")))),
        ("with a filter", of(sheet(&people()).replace("</worksheet>", "<autoFilter ref=\"A1:B3\"/></worksheet>"))),
        ("with prefixes", of(sheet(&people()).replace('<', "<x:").replace("<x:/", "</x:"))),
        ("in a part that people can read", of(sheet(&people()).replace("><", ">\n    <"))),
        ("with remarks in the part", of(sheet(&people()).replace("<row", "<!-- x --><row"))),
        (
            "in the first of two",
            workbook("", &[(r#"name="Lista""#, sheet(&people())), (r#"name="Mer""#, other.clone())]),
        ),
        ("behind a hidden one", first(r#"name="Gömd" state="hidden""#, other.clone())),
        ("behind one that is very hidden", first(r#"name="Gömd" state="veryHidden""#, other)),
        ("behind an empty one", first(r#"name="Blad1""#, sheet(""))),
        ("behind one of colours", first(r#"name="Blad1""#, sheet(&format!(r#"<row r="1">{wide}</row>"#)))),
        ("behind a chart", first(r#"name="Diagram1""#, "<chartsheet><sheetViews/></chartsheet>".to_owned())),
        ("behind a page about it", first(r#"name="Läs mig""#, sheet(&grid(1, 0, COVER)))),
        ("behind a header without rows", first(r#"name="Mall""#, sheet(&grid(1, 0, &[&["Namn", "Mobil"]])))),
        (
            "behind a page and one that is damaged",
            after(&[
                (r#"name="Läs mig""#, sheet(&grid(1, 0, COVER))),
                (r#"name="Data""#, format!("<worksheet><sheetData>{}", grid(1, 0, COVER))),
            ]),
        ),
    ];
    for (how, bytes) in cases {
        let list = List::read(&bytes).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(list.form(), &ListForm::Xlsx { sheet: "Lista".into() }, "{how}");
        let rows: Vec<_> = list.rows.iter().map(|row| row.cells.iter().collect::<Vec<_>>()).collect();
        assert_eq!(rows, PEOPLE[1..], "{how}");
        assert_eq!((list.header_of(0), list.width()), (Some("Namn"), 2), "{how}");
    }
}

/// What lies otherwise is read as it lies.
#[test]
fn a_workbook_is_read_as_it_lies() {
    let of = |xml: String| List::read(&workbook("", &[(r#"name="Lista""#, xml)])).unwrap();
    let rows = |list: &List| {
        list.rows.iter().map(|row| (row.line, row.cells.iter().collect::<Vec<_>>().join("|"))).collect::<Vec<_>>()
    };
    // Beside the first columns, which have nothing in them.
    let beside = of(sheet(&grid(4, 2, PEOPLE)));
    assert_eq!((beside.width(), beside.header_of(2)), (4, Some("Namn")));
    assert_eq!(rows(&beside)[0], (5, "||Anna Ek|0701740612".to_owned()));
    // Of merged cells the first has what they show.
    let places = grid(1, 0, &[&["Namn", "Arbetsplats"], &["Anna Ek", "Norra"], &["Bo Al", ""]]);
    let merged = r#"<mergeCells><mergeCell ref="B2:B3"/></mergeCells></worksheet>"#;
    let merged = of(sheet(&places).replace("</worksheet>", merged));
    assert_eq!(rows(&merged), [(2, "Anna Ek|Norra".to_owned()), (3, "Bo Al".to_owned())]);
    // Without a sheet whose columns are named it is the first.
    let cover = workbook("", &[(r#"name="Läs mig""#, sheet(&grid(1, 0, COVER))), (r#"name="Tom""#, sheet(""))]);
    let cover = List::read(&cover).unwrap();
    assert_eq!((cover.form(), cover.len()), (&ListForm::Xlsx { sheet: "Läs mig".into() }, 2));
    // The name of a file says nothing.
    let csv = List::read("Namn;Mobil\nAnna Ek;0701740612\n".as_bytes()).unwrap();
    assert!(matches!(csv.form(), ListForm::Csv { separator: ';', .. }));
    // As long as a cell may be, and as far.
    let long = "y".repeat(TEXT_MAX);
    assert_eq!(with_cell("", "Anteckning", &text("B2", &long)).rows[0].cells.get(1), Some(&*long));
    assert_eq!(with_cell("", "Anteckning", &text("IV2", "x")).width(), 256);
}

#[test]
fn what_cannot_be_read_of_a_workbook_is_told() {
    let of = |xml: &str| workbook("", &[(r#"name="Lista""#, xml.to_owned())]);
    let with = |cell: &str| {
        let rows = format!(r#"<row r="1">{}</row><row r="2">{cell}</row>"#, text("A1", "Namn"));
        of(&sheet(&rows))
    };
    let whole = of(&sheet(&grid(1, 0, PEOPLE)));
    let zip = |parts: &[(&str, &str)]| packed(parts);
    let ole = |rest: usize| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &vec![0; rest]].concat();
    let damaged = |line| ListError::DamagedSheet { line };
    let open = sheet(&grid(1, 0, PEOPLE)).replace("</sheetData></worksheet>", "");
    let hidden = workbook("", &[(r#"name="Gömd" state="hidden""#, sheet(&grid(1, 0, PEOPLE)))]);
    let many = format!("<row>{}</row>", text("A1", "x")).repeat(crate::lists::ROWS_MAX + 2);
    let behind = |rows: &str| {
        let page = (r#"name="Läs mig""#, sheet(&grid(1, 0, COVER)));
        workbook("", &[page, (r#"name="Lista""#, sheet(rows))])
    };
    let broken = grid(1, 0, PEOPLE) + r#"<row r="4"><c r="A4" t="s"><v>99</v></c></row>"#;
    let far = grid(1, 0, PEOPLE) + &format!(r#"<row r="4">{}</row>"#, text("IW4", "x"));
    let cases = [
        ("no sheet", workbook("", &[]), ListError::Empty),
        ("a sheet of nothing", of(&sheet("")), ListError::Empty),
        ("a header alone", of(&sheet(&grid(1, 0, &[&["Namn", "Mobil"]]))), ListError::Empty),
        ("nothing but a hidden sheet", hidden, ListError::Empty),
        ("nothing but a chart", of("<chartsheet/>"), ListError::Empty),
        ("a cell that is too long", with(&text("A2", &"y".repeat(TEXT_MAX + 1))), ListError::CellTooLong { line: 2 }),
        ("a cell too far out", with(&text("IW2", "x")), ListError::TooManyCells { line: 2 }),
        ("a cell without a place", with(&text("2", "x")), ListError::TooManyCells { line: 2 }),
        ("rows without end", of(&sheet(&many)), ListError::TooManyRows { max: crate::lists::ROWS_MAX }),
        ("a text that is not there", with(r#"<c r="A2" t="s"><v>99</v></c>"#), damaged(2)),
        ("a damaged list behind a page about it", behind(&broken), damaged(4)),
        ("a list that is too wide behind a page about it", behind(&far), ListError::TooManyCells { line: 4 }),
        ("a text of no number", with(r#"<c r="A2" t="s"><v>x</v></c>"#), damaged(2)),
        ("a sign that is none", with(&text("A2", "&nosuch;")), damaged(2)),
        ("a sheet that ends within a cell", of(open.trim_end_matches("</t></is></c></row>")), damaged(3)),
        ("a sheet that ends after a row", of(&open), damaged(3)),
        ("a workbook cut in half", whole[..whole.len() / 2].to_vec(), ListError::DamagedWorkbook),
        ("a workbook without its last bytes", whole[..whole.len() - 30].to_vec(), ListError::DamagedWorkbook),
        ("the first bytes of one", whole[..4].to_vec(), ListError::DamagedWorkbook),
        ("an archive of something else", zip(&[("word/document.xml", "<x/>")]), ListError::DamagedWorkbook),
        ("a workbook of another make", zip(&[("content.xml", "<x/>"), ("mimetype", "x")]), ListError::DamagedWorkbook),
        ("a binary workbook", zip(&[("_rels/.rels", "<x/>"), ("xl/workbook.bin", "x")]), ListError::DamagedWorkbook),
        ("an old workbook", ole(500), ListError::OldWorkbook),
        ("a workbook with a password", ole(9_000), ListError::OldWorkbook),
        ("a page", b"<html><table><tr><td>Namn</td></tr></table></html>".to_vec(), ListError::OldWorkbook),
        ("a page with a mark", b"\xef\xbb\xbf\r\n<HTML xmlns:x='x'><table>".to_vec(), ListError::OldWorkbook),
        ("a page of its kind", b"<!DOCTYPE html><table><tr><td>Namn</td></tr>".to_vec(), ListError::OldWorkbook),
        ("a table of a page", b"<TABLE border=1><tr><td>Namn</td></tr>".to_vec(), ListError::OldWorkbook),
        ("a workbook in one part", b"<?xml version=\"1.0\"?><Workbook/>".to_vec(), ListError::OldWorkbook),
        ("an archive of nothing", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(), ListError::NotAList),
    ];
    for (what, bytes, error) in cases {
        assert_eq!(List::read(&bytes).map(|list| list.len()), Err(error), "{what}");
    }
}

/// Practice 19: a sheet may be called by somebody's number.
#[test]
fn the_name_of_a_sheet_has_no_number() {
    let people: &[&[&str]] = &[&["Namn", "Personnummer"], &["Anna Ek", "851399-1234"]];
    for (name, shown) in
        [("Anna 8513991234", "Anna"), ("pnr 8513992345", "pnr"), ("Lista 2026-01-01", "Lista 2026-01-01")]
    {
        let name = format!(r#"name="{name}""#);
        let book = workbook("", &[(&*name, sheet(&grid(1, 0, people)))]);
        assert_eq!(List::read(&book).unwrap().form(), &ListForm::Xlsx { sheet: shown.to_owned() });
    }
}
