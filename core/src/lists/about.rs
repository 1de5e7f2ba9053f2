//! What is kept about one person as a file to hand over: a page to read, and JSON for another program.
//!
//! The page needs nothing else: no script, no picture, no network. Whatever somebody wrote into the register stands in it
//! as text; the template escapes every value by itself.

use std::borrow::Cow;

use askama::Template;

use crate::context::{Date, Moment};
use crate::register::{AboutRow, AboutView, ConflictView, ConsentView, ExpiredReason, MentionView};
use crate::tables::{Kind, LIVE, Table, Value};
use crate::texts::{Language, is_mark};

/// Something that an app has a word for in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label<'a> {
    /// A table.
    Table(Table),
    /// A field of a table.
    Field(Table, &'a str),
    /// One of the words that a field of a table takes.
    Choice(Table, &'a str, &'a str),
}

/// What the page alone says: the texts of these names that begin with `page.`.
pub(crate) const SAID: [&str; 20] = [
    "title",
    "name",
    "register",
    "put_together",
    "all_of_it",
    "agreed",
    "holds",
    "every_purpose",
    "told_of_by",
    "told_on",
    "to_be_told_by",
    "kept_until",
    "kept_member",
    "kept_no_answer",
    "kept_refused",
    "kept_left",
    "removed",
    "differing",
    "mentioned",
    "nothing",
];

/// Everything about one person as JSON: the view as it is, under the names of the definition.
pub fn export_about_json(about: &AboutView) -> String {
    let mut document = serde_json::to_string_pretty(about).expect("every key is text");
    document.push('\n');
    document
}

/// Everything about one person as one page of HTML in this language (`sv`, `nb`, `da`, `fi`, else English). Tables, fields
/// and choices are called what `label` says; where it says nothing, the definition's own words stand.
pub fn export_about_html(about: &AboutView, language: &str, label: &dyn Fn(Label<'_>) -> Option<String>) -> String {
    let language = Language::of_tag(language).unwrap_or(Language::En);
    let writer = Writer { language, label };
    let page = Page {
        writer: &writer,
        name: &about.name,
        book: about.book.as_deref(),
        on: about.on,
        facts: writer.facts(about),
        consents: about.consents.iter().map(|consent| writer.consent(consent)).collect(),
        tables: about
            .tables
            .iter()
            .map(|of| Section {
                title: writer.table(of.table),
                rows: of.rows.iter().map(|row| writer.row(of.table, row)).collect(),
            })
            .collect(),
        conflicts: about.conflicts.iter().map(|conflict| writer.conflict(conflict)).collect(),
        mentions: about.mentions.iter().map(|mention| writer.mention(mention)).collect(),
    };
    page.render().expect("memory takes whatever is written")
}

#[derive(Template)]
#[template(path = "about.html")]
struct Page<'a> {
    writer: &'a Writer<'a>,
    name: &'a str,
    book: Option<&'a str>,
    on: Date,
    facts: Vec<Fact<'a>>,
    consents: Vec<Block<'a>>,
    tables: Vec<Section<'a>>,
    conflicts: Vec<Block<'a>>,
    mentions: Vec<Block<'a>>,
}

/// What it is called, and what it is.
type Fact<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A table on the page.
struct Section<'a> {
    title: Cow<'a, str>,
    rows: Vec<Block<'a>>,
}

/// One thing with its facts.
struct Block<'a> {
    title: Cow<'a, str>,
    facts: Vec<Fact<'a>>,
}

/// Puts a view into words.
struct Writer<'a> {
    language: Language,
    label: &'a dyn Fn(Label<'_>) -> Option<String>,
}

impl Writer<'_> {
    /// What the page alone says; see [`SAID`].
    fn says(&self, word: &'static str) -> &'static str {
        debug_assert!(SAID.contains(&word), "{word}");
        self.language.text(&format!("page.{word}")).unwrap_or(word)
    }

    fn table(&self, table: Table) -> Cow<'static, str> {
        (self.label)(Label::Table(table)).map_or(Cow::Borrowed(table.doc()), Cow::Owned)
    }

    fn field(&self, table: Table, field: &str) -> Cow<'static, str> {
        let doc = || table.field(field).map_or_else(|| field.to_owned().into(), |spec| Cow::Borrowed(spec.doc));
        (self.label)(Label::Field(table, field)).map_or_else(doc, Cow::Owned)
    }

    fn value<'v>(&self, table: Table, field: &str, value: Option<&Value>, shown: &'v str) -> Cow<'v, str> {
        match (value, table.field(field).map(|spec| spec.kind)) {
            (Some(Value::Bool(yes)), _) => self.yes_or_no(*yes).into(),
            (Some(Value::Text(word)), Some(Kind::Choice(_))) => {
                (self.label)(Label::Choice(table, field, word)).map_or(shown.into(), Cow::Owned)
            }
            (Some(Value::Text(text)), Some(Kind::Moment)) => {
                Moment::parse_from_rfc3339(text).map_or(shown.into(), |at| moment(&at).into())
            }
            (Some(Value::Text(text)), Some(Kind::Text)) => {
                self.language.written(table, field, text).unwrap_or(shown).into()
            }
            _ => shown.into(),
        }
    }

    fn yes_or_no(&self, yes: bool) -> &'static str {
        self.language.text(if yes { "bool.true" } else { "bool.false" }).unwrap_or_default()
    }

    fn facts<'v>(&self, about: &'v AboutView) -> Vec<Fact<'v>> {
        let mut facts = Vec::new();
        let status = Value::Text(about.status.text().to_owned());
        facts.push((
            self.field(Table::Contacts, "membership"),
            self.value(Table::Contacts, "membership", Some(&status), about.status.text()),
        ));
        if let Some(notice) = &about.notice {
            let origin = Value::Text(notice.origin.text().to_owned());
            let origin = self.value(Table::Contacts, "origin", Some(&origin), notice.origin.text());
            let got = format!("{origin}, {}", notice.got_on);
            facts.push((self.says("told_of_by").into(), got.into()));
            facts.push(match notice.told_on {
                Some(on) => (self.says("told_on").into(), on.to_string().into()),
                None => (self.says("to_be_told_by").into(), notice.due.to_string().into()),
            });
        }
        let kept = about.kept.map(|kept| {
            let why = match kept.why {
                ExpiredReason::NoAnswer => self.says("kept_no_answer"),
                ExpiredReason::Refused => self.says("kept_refused"),
                ExpiredReason::Left => self.says("kept_left"),
            };
            format!("{} ({why})", kept.until)
        });
        facts.push((self.says("kept_until").into(), kept.map_or(self.says("kept_member").into(), Cow::Owned)));
        facts
    }

    fn consent<'v>(&self, consent: &'v ConsentView) -> Block<'v> {
        let of = |field: &str| self.field(Table::Consents, field);
        let facts = [
            Some((self.says("holds").into(), self.yes_or_no(consent.holds).into())),
            consent.given_at.map(|at| (of("given_at"), moment(&at).into())),
            consent.withdrawn_at.map(|at| (of("withdrawn_at"), moment(&at).into())),
            consent.text_version.as_deref().map(|version| (of("text_version"), version.into())),
            consent.language.as_deref().map(|language| (of("language"), language.into())),
            consent.how.as_deref().map(|how| (of("how"), how.into())),
        ];
        let title = match (consent.purpose.as_str(), consent.withdrawn_at) {
            ("", Some(_)) => self.says("every_purpose"),
            ("", None) => self.says("nothing"),
            (purpose, _) => purpose,
        };
        Block { title: title.into(), facts: facts.into_iter().flatten().collect() }
    }

    fn row<'v>(&self, table: Table, row: &'v AboutRow) -> Block<'v> {
        let written = row.written_on.map(|on| on.to_string());
        let removed = row.removed.then_some(self.says("removed"));
        let parts = [written.as_deref(), row.by.as_deref(), removed];
        let title = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ").into();
        let fact = |of: &'v crate::register::AboutField| {
            (self.field(table, &of.field), self.value(table, &of.field, Some(&of.value), &of.shown))
        };
        let read = row.fields.iter().filter(|of| !is_mark(table, &of.field, &of.shown));
        Block { title, facts: read.map(fact).collect() }
    }

    fn conflict<'v>(&self, conflict: &'v ConflictView) -> Block<'v> {
        let title = if conflict.field == LIVE {
            self.says("removed").into()
        } else {
            self.field(conflict.table, &conflict.field)
        };
        let facts = conflict.answers.iter().map(|answer| {
            let who = answer.person_name.as_deref().or(answer.device_label.as_deref()).unwrap_or("–");
            let value = self.value(conflict.table, &conflict.field, answer.value.as_ref(), &answer.shown);
            let when = answer.at.as_ref().map(|at| format!(", {}", moment(at))).unwrap_or_default();
            (format!("{who}{when}").into(), value)
        });
        Block { title, facts: facts.collect() }
    }

    fn mention<'v>(&self, mention: &'v MentionView) -> Block<'v> {
        let fact = (self.field(mention.table, &mention.field), Cow::Borrowed(mention.excerpt.as_str()));
        let written = mention.written_on.map(|on| on.to_string());
        let parts = [Some(self.table(mention.table).into_owned()), written];
        Block { title: parts.into_iter().flatten().collect::<Vec<_>>().join(" · ").into(), facts: vec![fact] }
    }
}

/// A moment as its own clock showed it.
fn moment(at: &Moment) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ids::{Id, RowId};
    use crate::register::Register;
    use crate::tables::{
        Answer, Clash, Contact, ContactDraft, Draft, FollowUpDraft, MembershipEventDraft, RowState, TalkDraft,
        VisitDraft,
    };

    const HOSTILE: &str = "</dd><script>alert('x')</script>&\"";

    fn put(register: &mut Register, id: u8, draft: impl Into<Draft>, clashes: Vec<Clash>) -> RowId {
        let (draft, id) = (draft.into(), RowId::from_bytes([id; 16]));
        let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        register.apply(RowState { table: draft.table(), id, live: true, fields, clashes, by: None });
        id
    }

    /// Practice 58: the person gets to see it, on paper or on a screen, and nothing that was written runs.
    #[test]
    fn a_page_tells_everything_and_runs_nothing() {
        let mut register = Register::default();
        let text = |text: &str| Some(text.to_owned());
        let answer = |value: &str, n: u8| Answer {
            value: Some(Value::Text(value.into())),
            device: Id::from_bytes([n; 16]),
            at: Moment::parse_from_rfc3339("2026-11-23T11:30:00+01:00").unwrap(),
        };
        let clashes = vec![Clash { field: "job".into(), answers: vec![answer("nurse", 1), answer(HOSTILE, 2)] }];
        let contact = ContactDraft {
            given_name: text("Åsa <b>"),
            family_name: text("Ek"),
            note: text(HOSTILE),
            willing_to_help: Some(true),
            ..Default::default()
        };
        let asa: Id<Contact> = put(&mut register, 1, contact, clashes).into();
        let at = Moment::parse_from_rfc3339("2026-11-23T11:30:00+01:00").ok();
        put(&mut register, 2, TalkDraft { contact: Some(asa), at, needs: text(HOSTILE), ..Default::default() }, vec![]);
        put(&mut register, 3, VisitDraft { note: text("Asa B Ek was here & left"), ..Default::default() }, vec![]);

        let about = register.about(asa, "2026-11-30".parse().unwrap()).unwrap();
        let label = |label: Label<'_>| match label {
            Label::Table(Table::Talks) => text("Samtal <i>"),
            Label::Choice(_, "membership", "unknown") => text("okänd"),
            _ => None,
        };
        let page = export_about_html(&about, "sv-SE", &label);
        let not_shown = "Två saker visas inte";
        let answers = ["nurse", "was here"];
        for told in ["<html lang=\"sv\">", "Det här har vi om dig", "okänd", "2026-11-23 11:30", not_shown]
            .into_iter()
            .chain(answers)
        {
            assert!(page.contains(told), "{told}");
        }
        assert!(page.contains("<dd>Ja</dd>") && !page.contains("<i>") && !page.contains("<b>"));
        for (tag, language, yes) in [("no", "nb", "Ja"), ("FI", "fi", "Kyllä"), ("so", "en", "Yes")] {
            let page = export_about_html(&about, tag, &label);
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{tag}");
            assert!(page.contains(&format!("<dd>{yes}</dd>")), "{tag}");
        }
        assert!(!page.contains("<script") && !page.contains("alert('"));
        assert_eq!(page.matches("script").count(), 2 * 3);
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("src="));
        assert_eq!(page.matches("<dl>").count(), page.matches("</dl>").count());

        let json: serde_json::Value = serde_json::from_str(&export_about_json(&about)).unwrap();
        assert_eq!(json["tables"][0]["rows"][0]["fields"][0]["value"], "Åsa <b>");
        assert_eq!(json["mentions"].as_array().map(Vec::len), Some(1));
        assert_eq!(json["conflicts"][0]["answers"].as_array().map(Vec::len), Some(2));
        assert_eq!(register.about(Id::from_bytes([9; 16]), "2026-11-30".parse().unwrap()), None);
    }

    #[test]
    fn the_page_has_nothing_in_the_words_of_another_language_or_of_phones() {
        let mut register = Register::default();
        let text = |text: &str| Some(text.to_owned());
        let contact = ContactDraft { given_name: text("Åsa"), source: text("office"), ..Default::default() };
        let asa: Id<Contact> = put(&mut register, 1, contact, vec![]).into();
        let signed = MembershipEventDraft { contact: Some(asa), method: text("office list"), ..Default::default() };
        put(&mut register, 2, signed, vec![]);
        let (what, cause) = (text("Call before the free months end"), text("trial_ends signed 2026-08-31"));
        put(&mut register, 3, FollowUpDraft { contact: Some(asa), what, cause, ..Default::default() }, vec![]);
        let about = register.about(asa, "2026-11-30".parse().unwrap()).unwrap();
        let page = export_about_html(&about, "sv", &|of| Language::Sv.label(of));
        for told in ["<dd>Kansliet</dd>", "<dd>Kansliets lista</dd>", "<dd>Ring innan gratismånaderna tar slut</dd>"] {
            assert!(page.contains(told), "{told}");
        }
        assert!(!page.contains("office") && !page.contains("trial_ends") && !page.contains("free months"));
    }

    #[test]
    fn the_page_says_what_it_has_texts_for() {
        let said: BTreeSet<&str> = [include_str!("about.rs"), include_str!("../../templates/about.html")]
            .into_iter()
            .flat_map(|source| source.split("says(\"").skip(1))
            .filter_map(|rest| rest.split_once('"').map(|(word, _)| word))
            .collect();
        assert_eq!(said, SAID.into());
    }
}
