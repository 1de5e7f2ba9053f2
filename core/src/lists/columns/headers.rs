//! The words that stand above columns, in Swedish, Norwegian, Danish, Finnish and English; folded, as
//! [`push_words`](crate::register::fold::push_words) folds them.

use super::Column;

/// What a whole header means.
pub(super) fn meaning(words: &str) -> Option<Column> {
    let known = HEADERS.iter().find(|(_, headers)| headers.split(',').any(|header| header.trim() == words));
    known.map(|(column, _)| *column)
}

/// What the longest known header within a longer one means: "mobil" in "mobil eller telefon hem" gives way to "telefon
/// hem".
pub(super) fn longest_within(words: &str) -> Option<Column> {
    let padded = format!(" {words} ");
    let all = HEADERS.iter().flat_map(|(column, headers)| headers.split(',').map(|header| (*column, header.trim())));
    let within = all.filter(|(_, header)| header.len() >= 3 && padded.contains(&format!(" {header} ")));
    within.max_by_key(|(_, header)| header.len()).map(|(column, _)| column)
}

const HEADERS: &[(Column, &str)] = &[
    (
        Column::PersonalNumber,
        "personnummer, personnr, person nr, persnr, pers nr, pnr, samordningsnummer, personbeteckning, id beteckning,
         fodselsnummer, fodselsnr, fodsels nr, fnr, personnummer 11 siffer, d nummer,
         cpr, cpr nummer, cpr nr, cprnr, cprnummer, personnummer cpr,
         henkilotunnus, hetu, sotu, henkilo tunnus,
         personal number, personal id, personal identity number, personal id number, personal identity code, national id,
         national identity number, identity number, ssn, social security number, social security no",
    ),
    (
        Column::GivenName,
        "fornamn, tilltalsnamn, fornamn tilltalsnamn, fornavn, for navn, fornavne, mellemnavn og fornavn, etunimi, etunimet,
         kutsumanimi, first name, firstname, given name, givenname, given names, forename, forenames",
    ),
    (
        Column::FamilyName,
        "efternamn, slaktnamn, etternavn, efternavn, slektsnavn, sukunimi, last name, lastname, family name, familyname,
         surname",
    ),
    (
        Column::Name,
        "namn, fullstandigt namn, hela namnet, namn efternamn fornamn, for och efternamn, medlem, medlemmens namn, anstalld,
         anstallds namn, medarbetare, namn pa medlem, navn, fullt navn, fulde navn, fuldt navn, ansatt, ansattes navn, ansat,
         medarbejder, medarbeider, medlemsnavn, navn pa medlem, nimi, koko nimi, sukunimi etunimi, tyontekija,
         tyontekijan nimi, jasen, jasenen nimi, henkilo, name, full name, fullname, employee, employee name, member,
         member name, person",
    ),
    (
        Column::Phone,
        "telefon, tel, tel nr, telnr, tfn, telefonnummer, telefonnr, telefon nr, mobil, mobiltelefon, mobilnummer, mobilnr,
         mobil nr, mobiltel, mobil privat, mobil arbete, telefon hem, telefon arbete, telefon privat, telefon mobil,
         hemtelefon, arbetstelefon, jobbtelefon, tjanstetelefon, tlf, tlf nr, tlfnr, tlf privat, tlf mobil, mobiltlf,
         mobil tlf, telefon arbeid, jobbtelefon, privattelefon, arbejdstelefon, telefon arbejde, mobilnummer privat,
         puhelin, puh, puh nro, puhelinnumero, puhelinnro, puhelin nro, matkapuhelin, matkapuhelinnumero, gsm, kannykka,
         tyopuhelin, kotipuhelin, phone, phone number, phone no, telephone, telephone number, mobile, mobile phone,
         mobile number, cell, cell phone, cellphone, home phone, work phone, contact number",
    ),
    (
        Column::Email,
        "e post, epost, e postadress, epostadress, e post adress, mail, mejl, e mail, email, mailadress, mejladress,
         e post arbete, e post privat, e postadresse, epostadresse, e post adresse, e mailadresse, mailadresse, mail adresse,
         sahkoposti, sahkopostiosoite, s posti, email address, e mail address, mail address, work email, private email",
    ),
    (
        Column::Workplace,
        "arbetsplats, arbetsplatsens namn, arbetsplatsnamn, arbetsstalle, arbetsstallets namn, tjanstestalle,
         tjanstgoringsstalle, arbetsort, skola, arbeidssted, arbeidsplass, arbeidsplassen, tjenestested, skole,
         arbejdssted, arbejdsplads, arbejdspladsens navn, tjenestested, tyopaikka, tyopaikan nimi, toimipaikka, toimipiste,
         tyoskentelypaikka, koulu, workplace, workplace name, place of work, work site, worksite, site, location, school",
    ),
    (
        Column::Department,
        "avdelning, avd, enhet, sektion, arbetslag, avdeling, seksjon, afdeling, afd, enhed, sektion, team, osasto, yksikko,
         tyoyksikko, department, dept, unit, section, division",
    ),
    (
        Column::Job,
        "befattning, befattningsbenamning, yrke, yrkestitel, yrkesbenamning, titel, tjanst, tjanstetitel, roll, yrkesroll,
         stilling, stillingsbetegnelse, stillingstittel, tittel, yrkestittel, jobtitel, stillingsbetegnelse, fag, tehtava,
         tehtavanimike, ammatti, ammattinimike, nimike, toimenkuva, job, job title, title, position, occupation, profession,
         role",
    ),
    (
        Column::Language,
        "sprak, modersmal, kontaktsprak, sprog, modersmaal, kieli, aidinkieli, asiointikieli, language, mother tongue,
         preferred language",
    ),
    (
        Column::HiredOn,
        "anstallningsdatum, anstallningsdag, anstalld fran, anstalld sedan, anstallningens borjan, borjade,
         borjade datum, startdatum, tilltradesdag, tilltradesdatum, tilltrade, forsta arbetsdag, ansatt dato, ansattdato,
         ansatt fra, ansatt siden, ansettelsesdato, startdato, tiltredelsesdato, tiltredelse, begynte, ansat dato,
         ansat fra, ansat den, ansaettelsesdato, ansaettelse, tiltraedelsesdato, tiltraedelse, begyndte, aloituspaiva,
         aloituspvm, aloitus pvm, alkupaiva, alkamispaiva, tyosuhteen alku, tyosuhde alkoi, tyosuhteen alkupaiva,
         palvelukseen, tulopaiva, start date, startdate, hire date, hired, hired on, date hired, employed from,
         employed since, employment date, first day, joined company",
    ),
    (
        Column::StudentUntil,
        "studerar till, student till, examen, examensdatum, studieslut, student til, studerer til, eksamen, eksamensdato,
         opiskelija asti, valmistuminen, valmistumispaiva, student until, graduation, graduation date, studies end",
    ),
    (
        Column::Membership,
        "medlemsstatus, medlemskap, medlemsskap, medlemstyp, medlem ja nej, status, facklig status, medlemsstatus i dag,
         medlemskapsstatus, medlemstype, medlemskab, medlemsstatus, medlemsform, jasenyys, jasenstatus, jasenlaji,
         jasenyyden tila, jasentyyppi, membership, membership status, membership type, member status, member type,
         union status",
    ),
    (
        Column::MemberSince,
        "medlem sedan, medlem fran, intradesdatum, intrade, intradesdag, medlem fra, medlem siden, innmeldt, innmeldingsdato,
         innmeldt dato, indmeldt, indmeldelsesdato, indmeldt dato, indmeldt den, jasen alkaen, jasenyys alkoi, liittynyt,
         liittymispaiva, liittymispvm, member since, member from, joined, joined on, date joined, membership start",
    ),
    (
        Column::Note,
        "anteckning, anteckningar, notering, kommentar, kommentarer, anmarkning, anm, ovrigt, merknad, merknader, notat,
         bemaerkning, bemaerkninger, note, noter, huomautus, huomautukset, huom, huomio, lisatieto, lisatiedot, kommentti,
         muistiinpano, notes, remark, remarks, comment, comments, other",
    ),
    // Words that would otherwise be taken for others, and mean what is not taken in.
    (
        Column::Ignored,
        "fodelsedatum, fodselsdato, fodt, syntymaaika, date of birth, birth date, birthdate, born, fodelsedag, syntynyt,
         anstallningsnummer, anstallningsnr, anst nr, anstnr, ansattnummer, ansattnr, medarbejdernummer, medarbejdernr,
         henkilonumero, employee number, employee id, employee no, medlemsnummer, medlemsnr, medlems nr, medlemsnummer,
         jasennumero, member number, member no, member id, avdelningsnummer, avdelingsnummer, department number,
         arbetsplatsnummer, arbetsplatskod, kostnadsstalle, kon, kjonn, sukupuoli, gender, sex, lon, lonn, palkka,
         salary, telefonkatalog, antal, antall, summa, sum, total, totalt, yhteensa, adress, adresse, osoite, address,
         hemadress, postnummer, postnr, postinumero, postadress, ort, poststed, postort, slutdatum, sluttdato, slutdato,
         end date, paattymispaiva, employer, arbetsgivare, arbeidsgiver, arbejdsgiver, tyonantaja, foretag, bolag, nr, id",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::fold::push_words;

    #[test]
    fn every_header_is_folded_and_means_one_thing() {
        let mut seen = std::collections::BTreeMap::new();
        for (column, headers) in HEADERS {
            for header in headers.split(',').map(str::trim) {
                let mut folded = String::new();
                push_words(header, &mut folded);
                assert_eq!(folded.trim(), header, "{header} is not folded");
                assert!(seen.insert(header, column).is_none_or(|other| other == column), "{header} means two things");
            }
        }
        assert!(seen.len() > 300);
    }
}
