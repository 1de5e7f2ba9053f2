//! Personal numbers: found however they are written, cut out of every cell, and compared by tags alone.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::seal::MatchKey;

/// `YYMMDDNNNC` with month 13 and day 99, which nobody has, and Sweden's check digit.
fn swedish(n: u32) -> String {
    checked(&format!("851399{n:03}"))
}

/// The same of somebody who is not registered there: 60 is added to the day, and nobody is born on 31 February.
fn coordination(n: u32) -> String {
    checked(&format!("850291{n:03}"))
}

fn checked(nine: &str) -> String {
    let doubled = nine.bytes().enumerate().map(|(at, digit)| {
        let digit = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
        digit / 10 + digit % 10
    });
    format!("{nine}{}", (10 - doubled.sum::<u32>() % 10) % 10)
}

fn weighed(digits: &str, weights: &[u32]) -> Option<u32> {
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        check => Some(check),
    }
}

/// `DDMMYYNNNCC` with day 99 and month 13, and Norway's two check digits.
fn norwegian(from: u32) -> String {
    let whole = |n: u32| {
        let nine = format!("991385{n:03}");
        let ten = format!("{nine}{}", weighed(&nine, &[3, 7, 6, 1, 8, 9, 4, 5, 2])?);
        Some(format!("{ten}{}", weighed(&ten, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])?))
    };
    (from..).find_map(whole).unwrap()
}

/// `DDMMYYNNNC` with day 99 and month 13, and the check digit that Denmark gave.
fn danish(from: u32) -> String {
    let whole = |n: u32| {
        let nine = format!("991385{n:03}");
        Some(format!("{nine}{}", weighed(&nine, &[4, 3, 2, 7, 6, 5, 4, 3, 2])?))
    };
    (from..).find_map(whole).unwrap()
}

fn hyphened(number: &str) -> String {
    let (day, rest) = number.split_at(6);
    format!("{day}-{rest}")
}

fn key() -> MatchKey {
    MatchKey::make(&mut ChaCha20Rng::seed_from_u64(1))
}

/// Every cell of a list in one text.
fn all_cells(list: &List) -> String {
    let rows = list.rows.iter().chain(&list.header).map(|row| row.cells.iter().collect::<Vec<_>>().join("|"));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn one_number_has_one_tag_however_it_is_written() {
    let (swedish, norwegian, danish) = (swedish(123), norwegian(100), danish(100));
    let s = &swedish;
    let cases = [
        ("Personnummer", s.clone(), s.clone()),
        ("Personnummer", hyphened(s), s.clone()),
        ("Personnummer", format!("19{s}"), s.clone()),
        ("Personnummer", format!("19{}", hyphened(s)), s.clone()),
        ("Personnummer", hyphened(s).replace('-', "+"), s.clone()),
        ("Personnummer", hyphened(s).replace('-', " "), s.clone()),
        ("pnr", format!("'{s}"), s.clone()),
        ("Vad som helst", hyphened(s), s.clone()),
        ("Vad som helst", format!("19{s}"), s.clone()),
        ("Vad som helst", s.clone(), s.clone()),
        ("Fødselsnummer", norwegian.clone(), norwegian.clone()),
        ("fnr", format!("{} {}", &norwegian[..6], &norwegian[6..]), norwegian.clone()),
        ("Noe", norwegian.clone(), norwegian.clone()),
        ("CPR", danish.clone(), danish.clone()),
        ("cpr-nr.", hyphened(&danish), danish.clone()),
        ("Noget", danish.clone(), danish.clone()),
        ("Hetu", "991385-900x".into(), "991385900X".into()),
        ("Hetu", "991385A900X".into(), "991385900X".into()),
        ("Hetu", "991385900X".into(), "991385900X".into()),
        ("Jotain", "991385-900X".into(), "991385900X".into()),
    ];
    let key = key();
    for (header, written, number) in cases {
        let text = format!("Namn;{header}\nAnna;{written}\nBo;{written}\nEva;{written}\n");
        let list = List::read_for(text.as_bytes(), &key).unwrap();
        let tag = NumberTag::of_number(&number, &key);
        assert_eq!(list.tags, [Some(tag); 3], "{header}: {written}");
        assert!(list.held_numbers(1) && list.numbers_found() == 3);
        assert_eq!(all_cells(&list), format!("Anna|\nBo|\nEva|\nNamn|{header}"));
    }
}

/// Practice 19: a personal number is for matching, and is never kept.
#[test]
fn a_number_is_cut_out_of_any_other_cell_and_nothing_else_is() {
    let number = swedish(123);
    let cut = [
        (format!("ring {} först", hyphened(&number)), "ring  först"),
        (format!("19{number}"), ""),
        (format!("({})", hyphened(&number)), "()"),
        (format!("{} / chef", norwegian(100)), "/ chef"),
        ("991385A900X".to_owned(), ""),
        (format!("pnr: {}", hyphened(&number)), "pnr:"),
        (format!("pnr {}, ring", hyphened(&number)), "pnr , ring"),
        (format!("19{} (Anna)", hyphened(&number)), "(Anna)"),
        (format!("Anna 19{number} Ek"), "Anna  Ek"),
        (format!("{}/{}", hyphened(&number), hyphened(&number)), "/"),
        (hyphened(&number).replace('-', "+"), ""),
        (format!("född {}.", hyphened(&number)), "född ."),
        (format!("\u{a0}{}\u{a0}", hyphened(&number)), ""),
        (format!("fnr {}", norwegian(100)), "fnr"),
        (format!("fnr: {} (Kari)", norwegian(100)), "fnr:  (Kari)"),
        (format!("fnr {} {}", &norwegian(100)[..6], &norwegian(100)[6..]), "fnr"),
        (format!("cpr {}", hyphened(&danish(100))), "cpr"),
        (format!("se {} i mappen", hyphened(&danish(100))), "se  i mappen"),
        ("hetu 991385-900X".to_owned(), "hetu"),
        ("hetu 991385A900X tarkistettu".to_owned(), "hetu  tarkistettu"),
        ("Matti, 991385-900X".to_owned(), "Matti,"),
    ];
    for (cell, rest) in cut {
        let list = list(&format!("Namn;Anteckning\nAnna;\"{cell}\"\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!(list.rows[0].cells.get(1), Some(rest));
        assert_eq!(list.numbers_found(), 1);
    }
    let kept = [
        "0701740612",
        "070-174 06 12",
        "+46701740612",
        "0046701740612",
        "2018-08-22",
        "2018-08-22 11:30",
        "order 12345678",
        "7350053850019123",
        "56 78 90 12 34",
        "2026-2027",
        "22.08.2018",
        "20180822",
        "070-174 06 12 / 070-174 06 13",
        "(070) 174 06 12",
        "+47 99 99 99 99",
        "+45 12 34 56 78",
        "+358 40 123 4567",
        "rum 1234-56",
        "12:30-13:15",
        "15000",
        "1.98E+11",
        "bg 123-4567",
        "hus 3, plan 2",
    ];
    for cell in kept {
        let list = list(&format!("Namn;Anteckning\nAnna;{cell}\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some(cell), 0));
    }
    // Telephones are never a column of numbers, not even with digits that would do.
    let phones = list("Namn;Mobil\nAnna;0701740607\nBo;0701740615\nEva;0701740623\n");
    assert_eq!((phones.numbers_found(), meanings(&phones)), (0, vec![Column::Name, Column::Phone]));
}

/// Practice 19, for those who are not registered in Sweden.
#[test]
fn a_coordination_number_without_its_hyphen_is_cut_out_too() {
    let (one, other) = (coordination(1), coordination(2));
    let noted = list(&format!("Namn;Anteckning\nAnna;ring {one} först\nBo;lugn\nEva;lugn\nIda;lugn\n"));
    assert_eq!((noted.rows[0].cells.get(1), noted.numbers_found()), (Some("ring  först"), 1));
    // Too few cells to say what the column is.
    let short = list(&format!("Namn;Vad som helst\nAnna;{one}\nBo;{other}\n"));
    assert_eq!((all_cells(&short).contains("850291"), short.numbers_found()), (false, 2));
    // With 60 and with 92 for a day it is another number.
    for (nine, found) in [("850260001", 0), ("850290001", 1), ("850292001", 0)] {
        let list = list(&format!("Namn;Anteckning\nAnna;nr {}\nBo;lugn\nEva;lugn\nIda;lugn\n", checked(nine)));
        assert_eq!(list.numbers_found(), found, "{nine}");
    }
}

/// Practice 19: a dash that a program made of the hyphen, a space, and what nobody sees hide no number.
#[test]
fn a_number_is_cut_out_whatever_stands_within_it() {
    let (swedish, danish, norwegian, known) = (swedish(123), danish(100), norwegian(100), coordination(1));
    let apart = |number: &str, by: &str| format!("{}{by}{}", &number[..6], &number[6..]);
    let dashed = |by: &str| format!("1985-13-99{by}{}", &swedish[6..]);
    let cells = [
        apart(&swedish, "\u{2013}"),
        apart(&swedish, "\u{2011}"),
        apart(&swedish, "\u{2212}"),
        apart(&danish, "\u{2013}"),
        format!("19{}", apart(&swedish, "\u{2013}")),
        format!("19{}", apart(&swedish, "\u{a0}")),
        apart(&norwegian, "\u{a0}"),
        "991385\u{2013}900X".to_owned(),
        apart(&known, " "),
        apart(&known, "\u{a0}"),
        apart(&swedish, "\u{200b}-"),
        apart(&swedish, "-\u{ad}"),
        format!("19{}", apart(&swedish, "\u{feff}")),
        apart(&known, "\u{2060}"),
        apart(&swedish, " - "),
        apart(&swedish, "- "),
        apart(&swedish, " \u{2013}\u{a0}"),
        apart(&swedish, "\u{2014}"),
        apart(&swedish, "\u{2015}"),
        apart(&danish, " - "),
        apart(&known, "  "),
        apart(&norwegian, "-"),
        apart(&norwegian, " - "),
        format!("19{}", apart(&swedish, " - ")),
        format!("19{}", apart(&swedish, "- ")),
        dashed("-"),
        dashed("\u{2014}"),
        dashed(" - "),
        "991385 - 900A".to_owned(),
        apart(&swedish, "\u{202a}-\u{202c}"),
        apart(&swedish, "\u{2066}-\u{2069}"),
        format!("19{}", apart(&swedish, "\u{61c}")),
    ];
    for cell in cells {
        let list = list(&format!("Namn;Anteckning\nAnna;se {cell} i mappen\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some("se  i mappen"), 1), "{cell:?}");
    }
    let kept = [
        "070174 0612",
        "070174  0612",
        "order 123456 7890",
        "rum 850291 12",
        "070\u{2013}174 06 12",
        "100000 - 2000",
        "180822 - 190822",
        "180822 - 2019-08-22",
        "20180822 - 20190822",
        "20180822 - 2019-08-22",
        "2018-08-22 - 2019-08-22",
        "2018-08-22-2019-08-22",
        "2018-08-22 - 1130",
        "2018-08-22 1130",
        "991385 - 900B",
    ];
    for kept in kept {
        let list = list(&format!("Namn;Anteckning\nAnna;{kept}\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some(kept), 0));
    }
}

/// Practice 19: what stands in a column of numbers is known, however else it is written and whatever its check digits are.
#[test]
fn a_number_of_the_row_is_cut_out_of_its_other_cells() {
    let cases = [
        ("CPR-nummer", "991385-1234", "cpr: 9913851234", "cpr:"),
        ("CPR-nummer", "991385-1234", "se 99 13 85 12 34 her", "se  her"),
        ("CPR-nummer", "9913851234", "991385/1234", ""),
        ("CPR-nummer", "9913851234", "99.13.85.1234!", "!"),
        ("CPR-nummer", "991385-1234", "Anna9913851234x", "Annax"),
        ("CPR-nummer", "991385-1234", "739913851234", "73"),
        ("CPR-nummer", "991385-1234", "991385\u{2013}1234 og 9913851234", "og"),
        ("CPR-nummer", "991385-1234", "９９１３８５１２３４", ""),
        ("CPR-nummer", "９９１３８５－１２３４", "٩٩١٣٨٥١٢٣٤", ""),
        ("CPR-nummer", "991385-1234", "9913\u{200b}851234", ""),
        ("CPR-nummer", "991385-1234", "991385\n1234", ""),
        ("CPR-nummer", "991385-1234", "anna.9913851234@example.dk, post@example.dk", ", post@example.dk"),
        ("CPR-nummer", "991385-1234 / 991385-2345", "9913852345", ""),
        ("CPR-nummer", "Anna: 9913851234 (ny)", "9913851234", ""),
        ("Personnummer", "19851399-1234", "8513991234", ""),
        ("Personnummer", "851399-1234", "198513991234", ""),
        ("Personnummer", "851399+1234", "1985 1399 1234", ""),
        ("Personnummer", "198513991234.0", "SE851399123401", "SE01"),
        ("Personnummer", "0013990005", "13990005", ""),
        ("Personnummer", "13990005", "0013990005", ""),
        ("Fødselsnummer", "991385 12345", "fnr 99138512345", "fnr"),
        ("Fødselsnummer", "99138512345", "99138 512345", ""),
        ("Hetu", "991385-900X", "991385900x", ""),
        ("Hetu", "991385A900X", "991385 900X", ""),
        ("Hetu", "991385-900X", "y991385B900Xz", "yz"),
    ];
    for (header, cell, note, rest) in cases {
        let list = list(&format!("Navn;{header};Bemærkning\nAnna;{cell};\"{note}\"\nBo;;rolig\n"));
        assert_eq!(list.rows[0].cells.get(2), Some(rest), "{cell}: {note}");
        assert!(list.held_numbers(1) && list.numbers_found() == 2, "{cell}: {note}");
    }
    // What only looks like one here and there stays.
    for kept in ["991385 123 45", "ordre 13851234", "20304050", "2026-01-01", "739913852345", "99138512341"] {
        let list = list(&format!("Navn;CPR-nummer;Bemærkning\nAnna;991385-1235;{kept}\nBo;;rolig\n"));
        assert_eq!((list.rows[0].cells.get(2), list.numbers_found()), (Some(kept), 1));
    }
}

/// A note may be about a colleague.
#[test]
fn a_number_of_another_row_is_cut_out_where_it_stands_alone() {
    let list = list(
        "Navn;CPR-nummer;Bemærkning\n\
         Anna;991385-1234;rolig\n\
         Bo;991385-2345;se også 9913851234\n\
         Eva;;991385/2345, 20304050\n\
         Ida;;vare 739913851234\n\
         Per;;vare 991385123499\n",
    );
    let notes: Vec<_> = list.column(2).collect();
    assert_eq!(notes, ["rolig", "se også", ", 20304050", "vare 739913851234", "vare 991385123499"]);
    assert_eq!(list.numbers_found(), 4);
}

/// Whoever sends a list must not keep whoever reads it waiting: this one took hours when each number was held against each letter.
#[test]
fn a_row_of_nothing_but_numbers_is_read() {
    let numbers: String = (0..1_400_u64).map(|n| format!("{}/", 1_000_000_001 + n * 7_919)).collect();
    let notes = format!(";{numbers}").repeat(30);
    let address = format!(";anna@{}", numbers.replace('/', ".")).repeat(30);
    let list = list(&format!("Namn;Personnummer;Anteckning\nAnna;{numbers}{notes}{address}\n"));
    assert_eq!(list.numbers_found(), 61);
    assert!(list.rows[0].cells.iter().all(|cell| !cell.contains(|letter: char| letter.is_ascii_digit())));
}

/// Denmark gives numbers without a check digit since 2007, and anybody may mistype one.
#[test]
fn after_a_word_for_it_a_number_needs_no_check_digit() {
    let (other, danish) = (swedish(123), danish(100));
    let cut = [
        ("cpr 9913851234".to_owned(), "cpr"),
        ("CPR-nr.: 991385 1234".to_owned(), "CPR-nr.:"),
        ("Cpr.nr 99 13 85 - 1234, ring".to_owned(), "Cpr.nr , ring"),
        ("cpr (dk) 991385/1234".to_owned(), "cpr (dk)"),
        ("fnr 991385 12345".to_owned(), "fnr"),
        ("f.nr. 99138512345".to_owned(), "f.nr."),
        ("fnr (11 siffer): 99138512345".to_owned(), "fnr (11 siffer):"),
        ("fødselsnummer: 99138512345".to_owned(), "fødselsnummer:"),
        ("FØDSELSNR 99138512345".to_owned(), "FØDSELSNR"),
        ("pnr8513991234".to_owned(), "pnr"),
        ("pnr198513991234Anna".to_owned(), "pnrAnna"),
        ("p.nr 8513991234".to_owned(), "p.nr"),
        ("personnr: 851399 1234".to_owned(), "personnr:"),
        ("personnummer är 8513991234".to_owned(), "personnummer är"),
        ("personnumret 1985 1399 1234".to_owned(), "personnumret"),
        ("pnr:\n8513991234".to_owned(), "pnr:"),
        ("pnr: ８５１３９９１２３４".to_owned(), "pnr:"),
        ("hetu 991385900X".to_owned(), "hetu"),
        ("henkilötunnus: 991385 900x".to_owned(), "henkilötunnus:"),
        ("HENKILO\u{308}TUNNUS 991385900X".to_owned(), "HENKILO\u{308}TUNNUS"),
        ("hetu on 991385-9001".to_owned(), "hetu on"),
        ("personal number 8513991234".to_owned(), "personal number"),
        (format!("pnr: 8513991234 och {other}"), "pnr:  och"),
        (format!("cpr 9913851234/{danish}"), "cpr /"),
        (format!("cpr 9913851234, {danish} og 20304050"), "cpr ,  og 20304050"),
        ("pnr 8513991234, 0701740612".to_owned(), "pnr , 0701740612"),
        ("pnr.8513991234@example.se eller anna@example.se".to_owned(), "eller anna@example.se"),
    ];
    for (cell, rest) in cut {
        let list = list(&format!("Namn;Anteckning\nAnna;\"{cell}\"\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some(rest), 1), "{cell}");
    }
    let kept = [
        "cpr mangler, tlf 20304050",
        "cpr: se mappe 9913851234",
        "cpr 12345678",
        "cpr +4520304050",
        "pnr saknas, mobil 0701740612",
        "pnr? 0701740612",
        "pnr, 0701740612",
        "fnr 010190",
        "fnr 123456789012345",
        "født 01.01.1990",
        "fødselsdato 010190",
        "010190",
        "2026-01-01",
        "ordre 9913851234",
        "konto 1234 56 78903",
        "konto 12345678903",
        "20 30 40 50",
        "+45 20304050",
        "postnr 12345, 0701740612",
        "personal 0701740612",
    ];
    for kept in kept {
        let list = list(&format!("Namn;Anteckning\nAnna;{kept}\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some(kept), 0));
    }
}

/// What only resembles a word for a number, or stands before a full stop, is said of telephones, of days and of workplaces, too.
#[test]
fn an_ordinary_note_stays_as_it_is() {
    let kept = [
        "Har inget pnr. 070-174 06 12 är hennes",
        "Fick inget personnummer - 0701740612",
        "Fick inget personnummer än - 0701740612",
        "Pnr - 070 174 06 12 är mobilen",
        "personnr. 070-1740612",
        "personnummer. 0401234567",
        "personnummer. 08-123 45 67",
        "Person 2 (nr 070-174 06 16)",
        "Person 1: 0701740612, person 2: 0701740613",
        "Kollega Anna P. nr 070-174 06 14",
        "Personal nr 0701740613",
        "Personal: 070-174 06 12 och 08-123 45 67",
        "pers. nr 0701740612",
        "person id 0701740612",
        "Ring p. 070-174 06 12",
        "P-nr. 1003388394",
        "CVR 12345678, P-nummer 1003388394",
        "cpr mangler. Tlf. 20 30 40 50",
        "cpr mangler - 20304050",
        "Fnr mangler. 99 88 77 66",
        "hetu puuttuu, puh. 040 123 4567",
        "pnr 2026-01-01 12:30",
        "Saknar pnr. 2026-01-01 12:30 nytt försök",
        "bad om pnr. 2026-01-01 - 2026-02-01 ledig",
        "p. 2026-01-01 12:30",
        "d. 12.03.2026 kl. 14.30, tlf. 20 30 40 50",
        "f. 1985, tlf 99 88 77 66",
        "order 2026-11-0042",
        "ordre nr. 4500123456",
        "rum 2104, portkod 4711#, våning 3",
        "portkod 1985-1234",
        "Dørkode 1985#, alarm 4567",
        "huone B 204, ovikoodi 1234#",
        "bg 5050-1055, pg 4 88 29-0",
        "konto 8327-9 123 456 789-0",
        "clearing 6000 konto 123 456 789",
        "kontonr. 1234.56.78903",
        "reg.nr. 1234 konto 0001234567",
        "IBAN SE45 5000 0000 0583 9825 7466",
        "IBAN SE4550000000058398257466",
        "FI21 1234 5600 0007 85",
    ];
    for kept in kept {
        let list = list(&format!("Namn;Anteckning\nAnna;{kept}\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some(kept), 0));
    }
    // What may be somebody's number is cut out there, too, and after the words of other countries what looks like a telephone.
    let cut = [
        ("Har inget pnr. 0701740615 är hennes", "Har inget pnr.  är hennes"),
        ("pnr. 8513991234", "pnr."),
        ("pnr - 851399 1234", "pnr -"),
        ("pnr 1985-13-99 - 1234", "pnr"),
        ("personnr. nr 8513991234", "personnr. nr"),
        ("personnummer 0701051234", "personnummer"),
        ("Personal nr 8513991234", "Personal nr"),
        ("P-nr. 8513991234", "P-nr."),
        ("Har intet cpr. 0701051234", "Har intet cpr."),
        ("cpr - 0701051234", "cpr -"),
        ("cpr (10 siffer): 9913851234", "cpr (10 siffer):"),
        ("cpr 991385:1234", "cpr"),
        ("fnr. 0701051234", "fnr."),
        ("Hetu. 040123 4567", "Hetu."),
    ];
    for (cell, rest) in cut {
        let list = list(&format!("Namn;Anteckning\nAnna;{cell}\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        assert_eq!((list.rows[0].cells.get(1), list.numbers_found()), (Some(rest), 1), "{cell}");
    }
}

/// What is glued to a word is cut out where more than its look tells what it is.
#[test]
fn a_number_within_a_word_is_cut_out() {
    let cut = [
        (format!("Anna{}", hyphened(&swedish(123))), "Anna"),
        (format!("{}Ek", hyphened(&danish(100))), "Ek"),
        (format!("Anna19{}Ek", swedish(123)), "AnnaEk"),
        (format!("Kari{}", norwegian(100)), "Kari"),
        ("Matti991385A900X".to_owned(), "Matti991385A900X"),
        ("Matti991385-900A".to_owned(), "Matti"),
        ("hylde A123456-7890".to_owned(), "hylde A123456-7890"),
    ];
    for (cell, rest) in cut {
        let list = list(&format!("Namn;Anteckning\n{cell};x\nBo;lugn\nEva;lugn\nIda;lugn\n"));
        let found = usize::from(cell != rest);
        assert_eq!((list.rows[0].cells.get(0), list.numbers_found()), (Some(rest), found), "{cell}");
    }
}

/// A telephone is cut out only where a column that is named for numbers has its digits.
#[test]
fn telephones_beside_a_column_of_numbers_stay() {
    let named = list("Namn;Personnummer;Mobil\nAnna;851399-1234;8513991234\nBo;851399-2345;0701740612\n");
    assert_eq!(named.column(2).collect::<Vec<_>>(), ["", "0701740612"]);
    let rows =
        ["070174-0612", "070174-0613", "070174-0614"].map(|one| format!("Anna;{one};{}\n", one.replace('-', "")));
    let guessed = list(&format!("Namn;Nås på;Mobil\n{}", rows.concat()));
    assert_eq!(guessed.column(2).collect::<Vec<_>>(), ["0701740612", "0701740613", "0701740614"]);
}

/// What stands above a list goes with it to whoever looks at its columns.
#[test]
fn a_number_above_a_column_is_cut_out() {
    let list = list("Namn;Personnummer;Ring 851399-1234 8513991234\nAnna;851399-2345;x\nBo;;8513992345\n");
    assert_eq!((list.header_of(2), list.column(2).collect::<Vec<_>>()), (Some("Ring"), vec!["x", ""]));
    assert_eq!(list.numbers_found(), 3);
    assert!(!format!("{:?}", propose(&list, &Register::default(), None)).contains("851399"));
}

/// Somebody may know of a column what neither its header nor its look tells.
#[test]
fn a_column_that_is_said_to_hold_numbers_is_searched_for_elsewhere() {
    let list = list(
        "Namn;Kod;Anteckning;Mobil\n\
         Anna;9913851234;se 9913851234;0701740605\n\
         Bo;9913852345;;0701740606\n",
    );
    let columns = [Column::Name, Column::PersonalNumber, Column::Note, Column::Phone];
    let rows = read_rows(&list, &columns, Country::Se);
    assert_eq!((list.numbers_found(), rows.numbers_left_out), (0, 3));
    let told: Vec<_> = rows.flat_map(|row| [row.note, row.phone]).map(Option::unwrap_or_default).collect();
    assert_eq!(told, ["se", "0701740605", "", "0701740606"]);
    let views = propose(&list, &Register::default(), Some(&columns));
    assert_eq!((views[0].samples.len(), views[1].samples.len()), (2, 0));
}

/// The hash of a file is kept, and there are so few numbers that one could be tried after the other.
#[test]
fn the_hash_of_a_list_tells_no_number() {
    let hash = |cell: &str, note: &str| list(&format!("Namn;Personnummer\nAnna;{cell}\n{note};\n")).sha256();
    assert_eq!(hash("851399-1234", "Bo"), hash("851399-2345", "Bo"));
    assert_ne!(hash("851399-1234", "Bo"), hash("851399-1234", "Bo Ek"));
    assert_ne!(hash("", "Bo"), hash("", "'Bo"));
}

/// A telephone may be written with one hyphen after six digits.
#[test]
fn among_telephones_only_what_is_none_is_cut_out() {
    let read = |cell: &str| {
        let list = list(&format!("Namn;Telefon\nAnna;{cell}\nBo;0701740612\nEva;0701740613\n"));
        (list.rows[0].cells.get(1).map(str::to_owned), list.numbers_found())
    };
    for kept in ["070123-4567", "040123-4567", "+46 701234-5678", "070174 - 0612", "070174\u{2013}0612"] {
        assert_eq!(read(kept), (Some(kept.to_owned()), 0));
    }
    let number = hyphened(&swedish(123));
    let cut = [number.clone(), number.replace('-', " - "), format!("19{number}"), "991385-900X".to_owned()];
    for cell in cut {
        assert_eq!(read(&cell), (Some(String::new()), 1), "{cell}");
    }
    // What was rounded is nobody's number, and whoever reads the telephones says so.
    for rounded in ["1.98E+11", "198000000000", "198514000000.0"] {
        assert_eq!(read(rounded), (Some(rounded.to_owned()), 0));
    }
}

/// A telephone whose digits pass for a coordination number stays where nearly all others are surely telephones. Whatever may be
/// somebody's number goes there, too.
#[test]
fn a_telephone_among_telephones_stays() {
    const SWEDISH: &[&str] = &["070-174 06 12", "0701740613", "+46 70-174 06 14", "701740616"];
    const FINNISH: &[&str] = &["040 123 4567", "0401234567", "+358 40 123 4568", "0401234568"];
    /// Such digits with a day of 74, and so no birthday of anybody.
    const DOUBTFUL: &str = "0701740607";
    // Nobody is born on 31 February, as which both of these read; the second adds 60 to the day.
    let (birthday, coordinated) = (checked("040231000"), checked("040291000"));
    let twice = [SWEDISH, SWEDISH].concat();
    let sure = hyphened(&swedish(123));
    let with_a_number = [&twice[..], &[sure.as_str()]].concat();
    let noted = [&twice[..], &["ring först"]].concat();
    let other = coordination(1);
    let cases: [(&str, &str, &[&str], &str, bool); 11] = [
        ("nearly all are telephones", "Nås på", SWEDISH, DOUBTFUL, true),
        ("a word among them", "Nås på", &noted, DOUBTFUL, true),
        ("a spreadsheet's space around it", "Nås på", SWEDISH, " 0701740607 ", true),
        ("of Finland", "Nås på", FINNISH, &coordinated, true),
        ("somebody's birthday", "Nås på", FINNISH, &birthday, false),
        ("too few to say", "Nås på", &SWEDISH[1..], DOUBTFUL, false),
        ("telephones of another country", "Nås på", FINNISH, DOUBTFUL, false),
        ("no telephone", "Nås på", SWEDISH, &other, false),
        ("more than the number", "Nås på", SWEDISH, "ring 0701740607", false),
        ("a personal number among them", "Nås på", &with_a_number, DOUBTFUL, false),
        ("called otherwise", "Anteckning", SWEDISH, DOUBTFUL, false),
    ];
    for (case, header, others, cell, stays) in cases {
        let rows: Vec<_> = others.iter().chain([&cell]).map(|cell| format!("Anna;{cell}\n")).collect();
        let list = list(&format!("Namn;{header}\n{}", rows.concat()));
        let last = list.rows.last().and_then(|row| row.cells.get(1)).unwrap_or_default();
        assert_eq!(last.contains(cell.trim().trim_start_matches("ring ")), stays, "{case}: {last}");
        assert!(!all_cells(&list).contains(&sure) && !all_cells(&list).contains(&other), "{case}");
        let found = list.numbers_found();
        assert_eq!(found, usize::from(!stays) + usize::from(others.contains(&sure.as_str())), "{case}");
    }
    let known = list(&format!("Namn;Nås på\nAnna;{}\nAnna;{DOUBTFUL}\n", SWEDISH.join("\nAnna;")));
    assert_eq!(meanings(&known), [Column::Name, Column::Phone]);
}

/// A number that a spreadsheet or a program took for one to reckon with is the number that it was.
#[test]
fn a_number_without_its_first_zeros_has_the_tag_of_the_whole() {
    let key = key();
    let cases: [(&str, &str, &[&str], [&str; 2]); 4] = [
        (
            "Personnummer",
            "0013990005",
            &[
                "13990005",
                "13990005.0",
                "13990005,0",
                "13990005.00",
                "13990005,00",
                "13 990 005",
                "13\u{a0}990\u{a0}005",
                "13,990,005",
                "13.990.005",
                "'13990005",
            ],
            ["1113990006", "1113990007"],
        ),
        (
            "Pnr",
            "0113990006",
            &["113990006", "113990006.0", "113 990 006,00", "113,990,006"],
            ["851399-1001", "198513991002"],
        ),
        (
            "Fødselsnummer",
            "09138500012",
            &["9138500012", "9138500012.0", "9138500012,00", "9 138 500 012", "9,138,500,012", "091385 00012"],
            ["19138500013", "29138500014"],
        ),
        (
            "CPR",
            "0913851234",
            &["913851234", "913851234.0", "913 851 234", "091385-1234"],
            ["1913851234", "2913851234"],
        ),
    ];
    for (header, whole, eaten, others) in cases {
        for eaten in eaten {
            let [one, other] = others;
            let text = format!("Namn;{header}\nA;{whole}\nB;{eaten}\nC;{one}\nD;{other}\n");
            let list = List::read_for(text.as_bytes(), &key).unwrap();
            assert!(list.tags.iter().all(Option::is_some), "{eaten}");
            assert_eq!(list.tags[0], list.tags[1], "{eaten}");
            assert!(list.tags[0] != list.tags[2] && list.tags[2] != list.tags[3], "{eaten}");
            assert_eq!(all_cells(&list), format!("A|\nB|\nC|\nD|\nNamn|{header}"));
        }
    }
    // With decimals and its century it is no other.
    let whole = List::read_for("Namn;Pnr\nA;198513991001.0\nB;198513991001\n".as_bytes(), &key).unwrap();
    assert_eq!((whole.tags[0], whole.tags[0].is_some()), (whole.tags[1], true));
}

#[test]
fn a_zero_that_a_spreadsheet_ate_is_put_back() {
    let key = key();
    let read = |text: &str| List::read_for(text.as_bytes(), &key).unwrap().tags;
    let tags = read("Namn;Personnummer\nA;0013990005\nB;13990005\nC;1113990006\nD;1113990007\n");
    assert!(tags[0].is_some() && tags[0] == tags[1] && tags[2] != tags[3]);
    let tags = read("Navn;Fødselsnummer\nA;09138500000\nB;9138500000\nC;19138500000\nD;29138500000\n");
    assert!(tags[0].is_some() && tags[0] == tags[1]);
}

/// What a spreadsheet has rounded is one number for many, and ties nobody to anybody.
#[test]
fn a_number_that_a_spreadsheet_rounded_is_nobodys() {
    let key = key();
    let rounded = [
        "1.98E+11",
        "1,98E+11",
        "1.985E+11",
        "1,985E+11",
        "1.9851E+11",
        "1.98514E+11",
        "1,98514E+11",
        "1.98514E11",
        "1,98514e+11",
        "198000000000",
        "199850000000",
        "198514000000",
        "198514000000.0",
        "198514000000,00",
        "198 514 000 000",
        "198,514,000,000",
        "198.514.000.000",
        "8,51E+09",
        "8.51E+9",
        "8.514E9",
        "8510000000",
        "8514000000",
        "8 514 000 000",
    ];
    for number in rounded {
        let text = format!("Namn;Personnummer\nAnna;{number}\nBo;{number}\nEva;{number}\n");
        let list = List::read_for(text.as_bytes(), &key).unwrap();
        assert_eq!(list.tags, [None; 3], "{number}");
        assert!(list.held_numbers(1) && !all_cells(&list).contains(number), "{number}");
    }
}

#[test]
fn a_tag_says_nothing_without_its_key_and_is_never_shown() {
    let (one, other) = (key(), MatchKey::make(&mut ChaCha20Rng::seed_from_u64(2)));
    let number = swedish(123);
    assert_ne!(NumberTag::of_number(&number, &one), NumberTag::of_number(&number, &other));
    let list = List::read_for(format!("Namn;Pnr\nAnna;{number}\n").as_bytes(), &one).unwrap();
    let views = propose(&list, &Register::default(), None);
    let told = format!("{list:?} {:?} {views:?} {one:?}", list.tags);
    assert!(!told.contains(&number) && !told.contains("851399") && !told.contains("Anna\", \"Bo"));
    assert_eq!(views[1].samples, Vec::<String>::new());
    assert_eq!(views[1].meaning, Column::PersonalNumber);
    // Without a comparison not even a tag is made.
    assert_eq!(super::list(&format!("Namn;Pnr\nAnna;{number}\n")).tags, [None]);
}
