//! Lists that come in: taken in and back, held against the register and against each other.

use std::fs;
use std::io::Write;

use serde_json::{Value, json};

use crate::world::World;

/// A file in the world's folder, by its path.
fn file(world: &World, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = world.dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn a_list_is_looked_at_taken_in_and_taken_back() {
    let world = World::new();
    let ann = &world.ann;
    ann.ok(&["add", "workplaces", "name=Canteen"]);
    let known = ann.ok(&["add", "contacts", "given_name=Åsa", "family_name=Ek", "phone=070-174 06 05"]);
    let before = ann.json(&["list", "contacts"]);
    let list = "Förnamn;Efternamn;Telefon;Arbetsplats;Övrigt\n\
                Åsa;Ek;0701740605;Canteen;x\nBo;Al;0701740606;Canteen;y\nCilla;Ask;0701740607;Boiler room;z\n;;;;only this\n";
    let list = file(&world, "list.csv", list);

    let dry = ann.json(&["import", &list]);
    let counts = &dry["counts"];
    assert_eq!([&counts["rows"], &counts["new"], &counts["changed"], &counts["unsure"]], [4, 2, 1, 1]);
    assert_eq!(counts["unknown_workplaces"], json!([{ "name": "Boiler room", "rows": 1 }]));
    assert_eq!((&dry["rows"][0]["line"], &dry["rows"][0]["reason"]), (&json!(5), &json!("nobody_named")));
    let told = ann.ok(&["--language", "sv", "import", &list]);
    assert!(told.contains("nya: 2, ändrade: 1, lika: 0, osäkra: 1"), "{told}");
    assert!(told.contains("Okänd arbetsplats, 1 rad: Boiler room"), "{told}");
    assert!(told.contains("inget säger vem raden gäller") && told.contains("3. Telefon = phone"), "{told}");
    assert_eq!(ann.json(&["list", "contacts"]), before, "a dry run writes nothing");

    let columns = |args: &[&str]| ann.json(&[&["import", &list][..], args].concat())["columns"].clone();
    assert_eq!(columns(&[])[4]["meaning"], "note");
    assert_eq!(columns(&["--column", "övrigt=job"])[4]["meaning"], "job");
    assert_eq!(columns(&["--column", "5=phone", "--column", "4=ignored"])[3]["meaning"], "ignored");
    let moved = columns(&["--column", "Övrigt=workplace"]);
    assert_eq!((&moved[3]["meaning"], &moved[4]["meaning"]), (&json!("ignored"), &json!("workplace")));
    assert_eq!(ann.fails(&["import", &list, "--column", "Shoe size=job"])["field"], "Shoe size");
    let shown = ann.json(&["import", &list, "--show", "changed"]);
    assert_eq!((&shown["rows"][0]["contact"], shown["rows"].as_array().unwrap().len()), (&json!(known), 1));

    let taken = ann.json(&["import", &list, "--yes", "--take", "3=skip"]);
    assert_eq!((&taken["written"]["added"], &taken["written"]["changed"]), (&json!(1), &json!(1)));
    assert_eq!(ann.json(&["list", "contacts", "given_name=Cilla"]).as_array().unwrap().len(), 1);
    assert_eq!(ann.json(&["list", "contacts", "given_name=Bo"]), json!([]));
    let imports = ann.json(&["imports"]);
    assert_eq!(
        (&imports[0]["id"], &imports[0]["source"], &imports[0]["can_undo"]),
        (&taken["import"], &json!("own"), &json!(true))
    );
    assert_eq!(ann.json(&["import", &list])["counts"]["taken_in_before"], taken["import"]);

    let back = ann.json(&["import", "undo"]);
    assert_eq!((&back["removed"], &back["finished"]), (&json!(1), &json!(true)));
    assert_eq!(ann.json(&["list", "contacts"]), before);
    assert_eq!(ann.json(&["imports"])[0]["undone"], true);
    assert_eq!(ann.code(&["import", "undo"]), "no_import");
    assert_eq!(ann.code(&["import", "resume"]), "no_import");

    ann.ok(&["import", &list, "--yes"]);
    for name in ["Bo", "Cilla"] {
        for one in ann.json(&["list", "contacts", &format!("given_name={name}")]).as_array().unwrap() {
            ann.ok(&["forget", one["id"].as_str().unwrap(), "--yes"]);
        }
    }
    ann.ok(&["forget", &known, "--yes"]);
    let told = ann.ok(&["import", "undo"]);
    assert!(told.contains("Removed: 0") && told.contains("forgotten"), "{told}");
}

#[test]
fn a_day_of_membership_is_taken_in_and_what_was_said_is_remembered() {
    let world = World::new();
    let ann = &world.ann;
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let list = "Namn;Nr;Hus;Medlem sedan\nÅsa Ek;0701740605;Lunch room;2019-05-01\n";
    let list = file(&world, "members.csv", list);
    let named = format!("lunch room={place}");
    let told = ann.ok(&["import", &list]);
    assert!(told.starts_with("CSV, UTF-8, ;\n"), "{told}");
    assert!(told.contains("4. Medlem sedan = member_since · Member since (by the header)"), "{told}");
    let said = ["--column", "Nr=phone", "--column", "Hus=workplace", "--place", &named];
    ann.ok(&[&["import", &list, "--yes"][..], &said].concat());
    let contact = ann.json(&["list", "contacts"])[0].clone();
    assert_eq!((&contact["phone"], &contact["workplace"]), (&json!("0701740605"), &json!(place)));
    let card = ann.json(&["show", contact["id"].as_str().unwrap()]);
    assert_eq!((&card["card"]["status"], &card["card"]["timeline"][0]["at"]), (&json!("member"), &json!("2019-05-01")));

    // The next list of this kind needs none of it.
    let next = file(&world, "next.csv", "Namn;Nr;Hus;Medlem sedan\nBo Al;0701740606;Lunch room;2020-05-01\n");
    let dry = ann.json(&["import", &next]);
    assert_eq!((&dry["counts"]["unknown_workplaces"], &dry["columns"][1]["meaning"]), (&json!([]), &json!("phone")));
    let again = ann.json(&["reconcile", "--employer-only", &next]);
    assert_eq!(again["unknown_workplaces"], json!([]), "{again}");
    ann.ok(&["import", "undo"]);
    assert_eq!(ann.json(&["list", "memberships"]), json!([]));
}

#[test]
fn what_the_register_has_against_a_day_of_membership_is_told_in_words() {
    let world = World::new();
    let ann = &world.ann;
    let fields = ["given_name=Per", "family_name=Palm", "phone=070-174 06 09", "membership=other_union"];
    ann.ok(&[&["add", "contacts"][..], &fields].concat());
    let list = file(&world, "members.csv", "Namn;Telefon;Medlem sedan\nPer Palm;0701740609;2020-05-01\n");
    let told = ann.ok(&["--language", "sv", "import", &list, "--show", "changed"]);
    assert!(told.contains("Medlem sedan: Annat fack → 2020-05-01"), "{told}");
}

#[test]
fn a_workbook_is_taken_in_like_any_list() {
    let world = World::new();
    let ann = &world.ann;
    let cell = |text: &str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |cells: [&str; 2]| format!("<row>{}</row>", cells.map(cell).concat());
    let rows = [row(["Name", "Phone"]), row(["Dan Berg", "070-174 06 08"])].concat();
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let workbook = packed(&[
        (
            "_rels/.rels",
            r#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="People" sheetId="1" r:id="b"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="b" Type="x/worksheet" Target="sheet.xml"/></Relationships>"#,
        ),
        ("xl/sheet.xml", &sheet),
    ]);
    let list = file(&world, "list.xlsx", workbook);
    assert_eq!(ann.json(&["import", &list])["form"], json!({ "form": "xlsx", "sheet": "People" }));
    ann.ok(&["import", &list, "--source", "employer", "--yes"]);
    let contacts = ann.json(&["list", "contacts"]);
    assert_eq!((&contacts[0]["given_name"], &contacts[0]["family_name"]), (&json!("Dan"), &json!("Berg")));
    assert_eq!(ann.json(&["imports"])[0]["source"], "employer");
}

/// A workbook of these parts.
fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, text) in parts {
        let store = rawzip::CompressionMethod::STORE;
        let (mut entry, config) = archive.new_file(name).compression_method(store).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(text.as_bytes()).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn what_is_no_list_says_why() {
    let world = World::new();
    let ann = &world.ann;
    assert_eq!(ann.code(&["import", world.dir.path().join("none.csv").to_str().unwrap()]), "no_file");
    assert_eq!(ann.code(&["import", &file(&world, "empty.csv", "")]), "list_empty");
    assert_eq!(ann.code(&["import", &file(&world, "cut.xlsx", b"PK\x03\x04 and no more")]), "list_damaged_workbook");
    let nobody = file(&world, "nobody.csv", "Job\nCook\nBaker\n");
    assert_eq!(ann.code(&["import", &nobody, "--column", "1=job"]), "list_nobody_named");
    assert_eq!(ann.run(&["import"]).status.code(), Some(2));
}

/// Whatever is wrong with a file: what is there stays as it is, even where the list is to be taken in at once.
#[test]
fn a_list_that_cannot_be_read_changes_nothing() {
    let world = World::new();
    let ann = &world.ann;
    ann.ok(&["add", "contacts", "given_name=Åsa", "phone=070-174 06 05"]);
    let before = ann.json(&["list", "contacts"]);
    let cut = file(&world, "cut.csv", "Namn;Telefon\nÅsa Ek;0701740605\n\"Bo Al;0701740606\n");
    let refused = ann.fails(&["import", &cut, "--yes"]);
    assert_eq!((&refused["code"], &refused["line"]), (&json!("list_cut_off"), &json!(3)));
    let told = String::from_utf8(ann.run(&["import", &cut, "--yes"]).stderr).unwrap();
    assert!(told.starts_with("error: The file ends in the middle of a row. (line 3) [list_cut_off]\n"), "{told}");
    let large = world.dir.path().join("large.csv");
    let row = "Ny Person;0701740606;\n".repeat(50_000);
    let mut writer = std::fs::File::create(&large).unwrap();
    for _ in 0..100 {
        std::io::Write::write_all(&mut writer, row.as_bytes()).unwrap();
    }
    assert!(large.metadata().unwrap().len() > 100_000_000);
    assert_eq!(ann.code(&["import", large.to_str().unwrap(), "--yes"]), "list_too_large");
    assert_eq!(ann.json(&["list", "contacts"]), before);
}

#[test]
fn an_employers_list_is_told_where_it_belongs() {
    let world = World::new();
    let ann = &world.ann;
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let at = format!("workplace={place}");
    let gone = ann.ok(&["add", "contacts", "given_name=Dan", "family_name=Ro", "phone=070-174 06 09", &at]);
    let employer = file(&world, "employer.csv", "Namn;Telefon;Arbetsplats\nEva Lo;0701740610;The old canteen\n");
    let only = ["reconcile", "--employer-only", &employer];
    assert_eq!(ann.code(&only), "list_no_workplace");
    let there = format!("the old canteen={place}");
    let told = ann.json(&[&only[..], &["--place", &there]].concat());
    let missed = format!("unknown_at_employer:{gone}");
    assert!(told["decisions"].as_array().unwrap().iter().any(|one| one["decision"] == missed.as_str()), "{told}");
    assert_eq!(told["unknown_workplaces"], serde_json::json!([]));
    let elsewhere = ann.json(&[&only[..], &["--at", &place]].concat());
    assert_eq!(elsewhere["unknown_workplaces"][0]["name"], "The old canteen");
}

#[test]
fn the_offices_list_and_the_employers_are_held_against_the_register() {
    let world = World::new();
    let ann = &world.ann;
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let at = format!("workplace={place}");
    let known = ann.ok(&["add", "contacts", "given_name=Åsa", "family_name=Ek", "phone=070-174 06 05", &at]);
    let gone = ann.ok(&["add", "contacts", "given_name=Dan", "family_name=Ro", "phone=070-174 06 09", &at]);
    let office = "Namn;Telefon;Arbetsplats\nÅsa Ek;0701740605;Canteen\nBo Al;0701740606;Canteen\n";
    let office = file(&world, "office.csv", office);
    let employer =
        "Namn;Telefon;Arbetsplats\nÅsa Ek;0701740605;Canteen\nBo Al;0701740606;Canteen\nEva Lo;0701740610;Canteen\n";
    let employer = file(&world, "employer.csv", employer);
    let both = ["reconcile", &office, &employer];

    let compared = ann.json(&both);
    let decisions: Vec<_> =
        compared["decisions"].as_array().unwrap().iter().map(|one| one["decision"].as_str().unwrap()).collect();
    for expected in [
        "new_member:office-3".to_owned(),
        "new_at_employer:employer-4".to_owned(),
        format!("joined:{known}"),
        format!("unknown_at_employer:{gone}"),
    ] {
        assert!(decisions.iter().any(|decision| decision.starts_with(&expected)), "{expected}: {decisions:?}");
    }
    assert_eq!(compared["open"], decisions.len());
    let told = ann.ok(&["--language", "da", "reconcile", &office, &employer]);
    assert!(told.contains("medlem, der mangler i registret · Bo Al"), "{told}");

    let accepted = ann.json(&[&both[..], &["--accept", "new_member:office-3", "--accept-all", "joined"]].concat());
    assert_eq!(accepted["open"], decisions.len() - 2);
    let bo = ann.json(&["list", "contacts", "given_name=Bo"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ann.json(&["show", &bo])["card"]["status"], "member");
    assert_eq!(ann.json(&["show", &known])["card"]["status"], "member");
    assert_eq!(ann.json(&["list", "contacts", "given_name=Eva"]), json!([]), "nobody accepted that");
    // What was written is not asked again.
    assert_eq!(ann.json(&both)["open"], decisions.len() - 2);
    assert_eq!(ann.code(&[&both[..], &["--accept", "new_member:office-3"]].concat()), "unknown_row");

    let signed = ann.json(&[&both[..], &["--sign-off"]].concat());
    assert_eq!((&signed["open"], signed["signed_off"].as_array().unwrap().len()), (&json!(0), 2));
    let imports = ann.json(&["imports"]);
    assert!(imports.as_array().unwrap().iter().all(|import| import["signed_off"].is_string()), "{imports}");
    let alone = ann.json(&["reconcile", "--employer-only", &employer]);
    assert!(!alone.to_string().contains("office-"), "{alone}");
}

#[test]
fn where_two_lists_differ_each_is_a_decision_of_its_own() {
    let world = World::new();
    let ann = &world.ann;
    let known =
        ann.ok(&["add", "contacts", "given_name=Åsa", "family_name=Ek", "phone=070-174 06 05", "email=old@a.test"]);
    let list = |address: &str| format!("Namn;Telefon;E-post\nÅsa Ek;0701740605;{address}\n");
    let (office, employer) =
        (file(&world, "office.csv", list("o@a.test")), file(&world, "employer.csv", list("e@a.test")));
    let office_says = format!("differs:{known}:email:office");
    let compared = ann.json(&["reconcile", &office, &employer, "--accept", &office_says]);
    let email = || ann.json(&["list", "contacts"])[0]["email"].as_str().unwrap().to_owned();
    assert!(email().contains("o@a.test") && !email().contains("e@a.test"), "{}", email());
    let differing = compared["decisions"].as_array().unwrap().iter().filter(|one| one["about"]["kind"] == "differs");
    assert_eq!(differing.count(), 2, "{compared}");
}

#[test]
fn two_lists_of_one_employer_tell_who_came_and_went() {
    let world = World::new();
    let ann = &world.ann;
    let old = file(
        &world,
        "old.csv",
        "Namn;Telefon;Avdelning\nÅsa Ek;0701740605;A\nBo Al;0701740606;A\nEva Lo;0701740610;A\n",
    );
    let new = file(
        &world,
        "new.csv",
        "Namn;Telefon;Avdelning\nÅsa Ek;0701740605;B\nCilla Ask;0701740607;A\nEva Lo;0701740610;A\n",
    );
    let changes = ann.json(&["changes", &old, &new]);
    assert_eq!((names(&changes["came"]), names(&changes["went"])), (vec!["Cilla Ask"], vec!["Bo Al"]));
    assert_eq!((&changes["moved"][0]["after"]["department"], &changes["stayed"]), (&json!("B"), &json!(2)));
    let told = ann.ok(&["changes", &old, &new]);
    assert!(told.contains("New: 1\n    3 Cilla Ask") && told.contains("Åsa Ek: A → B"), "{told}");
    assert_eq!(ann.fails(&["changes", &old, &new, "--column", "Shoe size=job"])["field"], "Shoe size");
}
