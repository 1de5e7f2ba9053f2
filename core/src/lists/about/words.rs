//! What the page alone says, in the languages of the app; what others say, too, comes from the texts that all faces share.

use crate::texts::Language;

/// The page's own sentences in one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) name: &'static str,
    pub(super) register: &'static str,
    pub(super) put_together: &'static str,
    pub(super) all_of_it: &'static str,
    pub(super) agreed: &'static str,
    pub(super) holds: &'static str,
    pub(super) told_of_by: &'static str,
    pub(super) told_on: &'static str,
    pub(super) to_be_told_by: &'static str,
    pub(super) kept_until: &'static str,
    pub(super) kept_member: &'static str,
    pub(super) kept_no_answer: &'static str,
    pub(super) kept_refused: &'static str,
    pub(super) kept_left: &'static str,
    pub(super) removed: &'static str,
    pub(super) differing: &'static str,
    pub(super) mentioned: &'static str,
    pub(super) nothing: &'static str,
}

/// The words of a language.
pub(super) const fn of(language: Language) -> &'static Words {
    match language {
        Language::Sv => &SWEDISH,
        Language::Nb => &NORWEGIAN,
        Language::Da => &DANISH,
        Language::Fi => &FINNISH,
        Language::En => &ENGLISH,
    }
}

const ENGLISH: Words = Words {
    title: "What we keep about you",
    name: "Name",
    register: "Register",
    put_together: "Put together on",
    all_of_it: "This is everything that the register holds about you. Earlier values of what was changed are kept until the \
        register is next renewed. You may ask us to correct it, to stop using it, or to erase it.",
    agreed: "What you agreed to",
    holds: "Holds",
    told_of_by: "We heard of you from",
    told_on: "You were told on",
    to_be_told_by: "You are to be told by",
    kept_until: "Kept until",
    kept_member: "as long as you are a member",
    kept_no_answer: "you are not a member and nothing has happened since",
    kept_refused: "you said no, or asked not to be contacted",
    kept_left: "you have been a member",
    removed: "removed",
    differing: "Written down differently by two people",
    mentioned: "Mentioned elsewhere",
    nothing: "Nothing",
};

const SWEDISH: Words = Words {
    title: "Det här har vi om dig",
    name: "Namn",
    register: "Register",
    put_together: "Sammanställt",
    all_of_it: "Det här är allt som registret innehåller om dig. Tidigare värden av det som ändrats finns kvar tills registret \
        förnyas nästa gång. Du kan be oss att rätta uppgifterna, sluta använda dem eller radera dem.",
    agreed: "Det här har du sagt ja till",
    holds: "Gäller",
    told_of_by: "Vi fick dina uppgifter från",
    told_on: "Du informerades",
    to_be_told_by: "Du ska informeras senast",
    kept_until: "Sparas till",
    kept_member: "så länge du är medlem",
    kept_no_answer: "du är inte medlem och inget har hänt sedan dess",
    kept_refused: "du har tackat nej eller bett att inte bli kontaktad",
    kept_left: "du har varit medlem",
    removed: "borttagen",
    differing: "Två personer har skrivit olika",
    mentioned: "Nämns på andra ställen",
    nothing: "Inget",
};

const NORWEGIAN: Words = Words {
    title: "Dette har vi om deg",
    name: "Navn",
    register: "Register",
    put_together: "Satt sammen",
    all_of_it: "Dette er alt registeret inneholder om deg. Tidligere verdier av det som er endret, finnes til registeret fornyes \
        neste gang. Du kan be oss om å rette opplysningene, slutte å bruke dem eller slette dem.",
    agreed: "Dette har du sagt ja til",
    holds: "Gjelder",
    told_of_by: "Vi fikk opplysningene fra",
    told_on: "Du ble informert",
    to_be_told_by: "Du skal informeres senest",
    kept_until: "Lagres til",
    kept_member: "så lenge du er medlem",
    kept_no_answer: "du er ikke medlem, og ingenting har skjedd siden",
    kept_refused: "du har sagt nei eller bedt om å ikke bli kontaktet",
    kept_left: "du har vært medlem",
    removed: "fjernet",
    differing: "To personer har skrevet ulikt",
    mentioned: "Nevnt andre steder",
    nothing: "Ingenting",
};

const DANISH: Words = Words {
    title: "Det har vi om dig",
    name: "Navn",
    register: "Register",
    put_together: "Sammensat",
    all_of_it: "Dette er alt, hvad registret indeholder om dig. Tidligere værdier af det, der er ændret, findes, indtil registret \
        fornyes næste gang. Du kan bede os om at rette oplysningerne, holde op med at bruge dem eller slette dem.",
    agreed: "Det har du sagt ja til",
    holds: "Gælder",
    told_of_by: "Vi fik oplysningerne fra",
    told_on: "Du blev informeret",
    to_be_told_by: "Du skal informeres senest",
    kept_until: "Gemmes til",
    kept_member: "så længe du er medlem",
    kept_no_answer: "du er ikke medlem, og intet er sket siden",
    kept_refused: "du har sagt nej eller bedt om ikke at blive kontaktet",
    kept_left: "du har været medlem",
    removed: "fjernet",
    differing: "To personer har skrevet forskelligt",
    mentioned: "Nævnt andre steder",
    nothing: "Intet",
};

const FINNISH: Words = Words {
    title: "Mitä tietoja meillä on sinusta",
    name: "Nimi",
    register: "Rekisteri",
    put_together: "Koottu",
    all_of_it: "Tässä on kaikki, mitä rekisterissä on sinusta. Muutettujen tietojen aiemmat arvot säilyvät, kunnes rekisteri \
        seuraavan kerran uusitaan. Voit pyytää meitä oikaisemaan tiedot, lopettamaan niiden käytön tai poistamaan ne.",
    agreed: "Mihin olet suostunut",
    holds: "Voimassa",
    told_of_by: "Saimme tietosi lähteestä",
    told_on: "Sinulle kerrottiin",
    to_be_told_by: "Sinulle on kerrottava viimeistään",
    kept_until: "Säilytetään asti",
    kept_member: "niin kauan kuin olet jäsen",
    kept_no_answer: "et ole jäsen eikä mitään ole tapahtunut sen jälkeen",
    kept_refused: "olet kieltäytynyt tai pyytänyt, ettei sinuun oteta yhteyttä",
    kept_left: "olet ollut jäsen",
    removed: "poistettu",
    differing: "Kaksi henkilöä on kirjannut eri tavalla",
    mentioned: "Mainittu muualla",
    nothing: "Ei mitään",
};
