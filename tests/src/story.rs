//! Replays a story: steps as data, so that Rust, Kotlin, Python and the browser tell the same one.
//!
//! What each step means stands in the story's own `format`. Every language has a replayer like this one; none of them
//! knows a step that the others do not.

use std::collections::BTreeMap;

use samla_core::tables::{Draft, Patch, Row, Table, TallyKind, Value};
use samla_core::{Role, RowId, SignUp};
use serde_json::{Value as Json, json};

use crate::phone::Phone;
use crate::server::Server;

/// The phones of a story, and the names it has given so far.
#[derive(Debug)]
pub struct Story {
    server: Server,
    online: bool,
    phones: BTreeMap<String, Phone>,
    names: BTreeMap<String, String>,
}

/// Plays a story from its first step to its last; panics at the first that does not hold.
pub fn play(story: &str) {
    let told: Json = serde_json::from_str(story).expect("a story is JSON");
    let mut story = Story { server: Server::new(), online: true, phones: BTreeMap::new(), names: BTreeMap::new() };
    for (nth, step) in told["steps"].as_array().expect("steps").iter().enumerate() {
        eprintln!("{nth}: {step}");
        story.step(&story.named(step));
    }
}

impl Story {
    /// The step with the ids in place of their names.
    fn named(&self, told: &Json) -> Json {
        let id = |text: &str| text.strip_prefix('$').map(|name| self.names.get(name).expect("a known name").clone());
        match told {
            Json::String(text) => json!(id(text).unwrap_or_else(|| text.clone())),
            Json::Array(list) => list.iter().map(|item| self.named(item)).collect(),
            Json::Object(map) => Json::Object(
                map.iter().map(|(key, value)| (id(key).unwrap_or_else(|| key.clone()), self.named(value))).collect(),
            ),
            other => other.clone(),
        }
    }

    fn phone(&mut self, step: &Json) -> &mut Phone {
        self.phones.get_mut(text(&step["on"])).expect("a phone")
    }

    fn step(&mut self, step: &Json) {
        let answer = match text(&step["do"]) {
            "create" => self.arrive(step, Phone::founds(1, text(&step["name"]))),
            "join" => self.arrive(step, Phone::joins(2, text(&step["name"]), text(&step["link"]))),
            "offline" => self.go(false),
            "online" => self.go(true),
            "sync" => self.sync(text(&step["on"])),
            "invite" => self.invite(step),
            "add" => self.phone(step).with(|book, ctx| book.add(ctx, &draft(step))).expect("a row").to_string(),
            "set" => {
                let clear =
                    step["clear"].as_array().into_iter().flatten().map(|field| text(field).to_owned()).collect();
                let patch = Patch { id: id(&step["row"]), set: draft(step), clear };
                self.phone(step).with(|book, ctx| book.set(ctx, &patch)).expect("a change");
                String::new()
            }
            "sign_up" => self.sign_up(step),
            "tally" => {
                let kind = TallyKind::ALL.iter().find(|kind| kind.text() == step["kind"]).expect("a counter");
                let (visit, delta) = (id(&step["visit"]).into(), step["delta"].as_i64().expect("a number"));
                self.phone(step)
                    .with(|book, ctx| book.tally(ctx, visit, *kind, None, delta))
                    .expect("a count")
                    .to_string()
            }
            "resolve" => {
                let value = step["value"].as_str().map(|text| Value::Text(text.to_owned()));
                let (row, field) = (id(&step["row"]), text(&step["field"]));
                let settled = self.phone(step).with(|book, ctx| book.resolve(ctx, table(step), row, field, value));
                settled.expect("settled");
                String::new()
            }
            "same" => self.same(step),
            "check" => self.check(step),
            other => panic!("no such step: {other}"),
        };
        if let Some(name) = step["as"].as_str() {
            self.names.insert(name.to_owned(), answer);
        }
    }

    fn arrive(&mut self, step: &Json, phone: Phone) -> String {
        self.phones.insert(text(&step["on"]).to_owned(), phone);
        String::new()
    }

    fn go(&mut self, online: bool) -> String {
        self.online = online;
        String::new()
    }

    fn sync(&mut self, name: &str) -> String {
        let phone = self.phones.get_mut(name).expect("a phone");
        phone.wait(1);
        phone.sync_with(|request| self.online.then(|| self.server.answer(request))).expect("a round");
        String::new()
    }

    fn invite(&mut self, step: &Json) -> String {
        let role = Role::from_name(text(&step["role"])).expect("a role");
        let phone = self.phones.get_mut(text(&step["on"])).expect("a phone");
        phone.invites(&self.server, role)
    }

    fn sign_up(&mut self, step: &Json) -> String {
        let fields = json!({ "table": "contacts", "fields": step["fields"] });
        let Draft::Contacts(contact) = draft(&fields) else { unreachable!("a draft of a contact") };
        let sign_up = SignUp { contact, visit: Some(id(&step["visit"]).into()), ..SignUp::default() };
        self.phone(step).with(|book, ctx| book.sign_up(ctx, &sign_up)).expect("signed up").contact.to_string()
    }

    fn same(&mut self, step: &Json) -> String {
        let mut seen = None;
        for name in step["on"].as_array().expect("phones") {
            let book = &mut self.phones.get_mut(text(name)).expect("a phone").book;
            let has = (book.heads().expect("heads"), book.export_json().expect("the register"));
            assert_eq!(seen.get_or_insert_with(|| has.clone()), &has, "{name} has the same");
        }
        String::new()
    }

    fn check(&mut self, step: &Json) -> String {
        let book = &self.phone(step).book;
        let register = book.register();
        for (name, rows) in step["rows"].as_object().into_iter().flatten() {
            let table: Table = name.parse().expect("a table");
            let found = register.rows(table);
            for (key, expected) in rows.as_object().into_iter().flatten() {
                if key == "count" {
                    assert_eq!(json!(found.len()), *expected, "rows of {name}");
                    continue;
                }
                let row = found.iter().find(|row| Row::id(row).to_string() == *key).expect("the row is there");
                for (field, value) in expected.as_object().into_iter().flatten() {
                    assert_eq!(json!(row.get(field)), *value, "{name}.{field}");
                }
            }
        }
        if let Some(expected) = step["summary"].as_object() {
            let summary = json!(register.table_summary(id(&step["summary"]["visit"]).into()));
            for (key, value) in expected.iter().filter(|(key, _)| *key != "visit") {
                assert_eq!(summary[key], *value, "{key}");
            }
        }
        if let Some(expected) = step["conflicts"].as_array() {
            let conflicts = register.conflicts().into_iter().map(|conflict| {
                let mut answers: Vec<_> = conflict.answers.into_iter().map(|answer| answer.shown).collect();
                answers.sort();
                json!({ "table": conflict.table, "row": conflict.id, "field": conflict.field, "answers": answers })
            });
            assert_eq!(conflicts.collect::<Vec<_>>(), *expected);
        }
        for (typed, expected) in step["search"].as_object().into_iter().flatten() {
            let found: Vec<_> =
                register.search(typed, 10, samla_core::Date::MAX).into_iter().map(|hit| hit.id).collect();
            assert_eq!(json!(found), *expected, "{typed}");
        }
        for offer in step["offers"].as_array().into_iter().flatten() {
            let visit = offer["visit"].as_str().map(|_| id(&offer["visit"]).into());
            let on = text(&offer["on"]).parse().expect("a day");
            let campaign = register.offer(visit, on);
            let until = campaign.and_then(|campaign| register.free_until(campaign, on));
            assert_eq!((json!(campaign), json!(until)), (offer["campaign"].clone(), offer["until"].clone()), "{offer}");
        }
        if let Some(unsent) = step["unsent"].as_u64() {
            assert_eq!(book.status().expect("a status").unsent, unsent);
        }
        String::new()
    }
}

fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}

fn id(json: &Json) -> RowId {
    text(json).parse().expect("an id")
}

fn table(step: &Json) -> Table {
    text(&step["table"]).parse().expect("a table")
}

fn draft(step: &Json) -> Draft {
    let fields = step["fields"].as_object().expect("fields").iter().map(|(name, value)| (name, text(value)));
    let zone = chrono::FixedOffset::east_opt(3600).expect("an hour");
    Draft::parse(table(step), fields, zone).expect("a draft")
}
