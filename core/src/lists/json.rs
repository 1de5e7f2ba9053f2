//! The whole register as one JSON document.

use serde_json::{Map, Value as Json, json};

use crate::register::Register;
use crate::tables::{Row, Table, Value};

/// All tables: `{"tables": {"contacts": [{"id": "…", "given_name": "…"}, …], …}}`. A field without a value is left out.
pub fn export_json(register: &Register) -> String {
    let table = |table: Table| (table.name().to_owned(), register.rows(table).iter().map(object).collect());
    let tables: Map<String, Json> = Table::ALL.into_iter().map(table).collect();
    let mut document = serde_json::to_string_pretty(&json!({ "tables": tables })).expect("every key is text");
    document.push('\n');
    document
}

fn object(row: &Row) -> Json {
    let id = std::iter::once(("id".to_owned(), json!(row.id())));
    let json = |value: Value| match value {
        Value::Text(text) => Json::from(text),
        Value::Int(number) => Json::from(number),
        Value::Bool(yes) => Json::from(yes),
    };
    Json::Object(id.chain(row.values().map(|(name, value)| (name.to_owned(), json(value)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RowId;
    use crate::tables::RowState;

    #[test]
    fn every_table_is_there_and_every_value_keeps_its_kind() {
        let mut register = Register::default();
        let id = RowId::from_bytes([1; 16]);
        let fields = [
            ("given_name", Value::Text("Åsa".into())),
            ("assessment", Value::Int(4)),
            ("willing_to_help", Value::Bool(true)),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).to_vec();
        register.apply(RowState { table: Table::Contacts, id, live: true, fields, clashes: Vec::new(), by: None });
        let document: Json = serde_json::from_str(&export_json(&register)).unwrap();
        let contact = json!({"id": id, "given_name": "Åsa", "assessment": 4, "willing_to_help": true});
        assert_eq!(document["tables"]["contacts"], json!([contact]));
        assert_eq!(document["tables"].as_object().unwrap().len(), Table::ALL.len());
        assert_eq!(document["tables"]["visits"], json!([]));
    }
}
