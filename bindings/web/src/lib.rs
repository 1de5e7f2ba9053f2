//! The register in a browser Worker.
//!
//! First the ground it stands on: SQLite on the origin private file system, and an automerge document kept in it.
#![cfg(target_arch = "wasm32")]

use automerge::{AutoCommit, ReadDoc, transaction::Transactable};
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, install};
use wasm_bindgen::prelude::*;

const VFS: &str = "samla";

/// What [`probe`] found.
#[derive(Serialize)]
struct Probe {
    opened: i64,
    sqlite: String,
    bytes: usize,
}

fn told(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

/// Opens `file` on the origin private file system, counts this opening in an automerge document
/// kept there, and answers how often it has been opened.
#[wasm_bindgen]
pub async fn probe(file: String) -> Result<JsValue, JsError> {
    let pool = OpfsSAHPoolCfgBuilder::new()
        .vfs_name(VFS)
        .directory("samla")
        .build();
    install::<WasmOsCallback>(&pool, false)
        .await
        .map_err(told)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let db = Connection::open_with_flags_and_vfs(&file, flags, VFS).map_err(told)?;
    db.execute_batch(
        "create table if not exists doc (id integer primary key, bytes blob not null)",
    )
    .map_err(told)?;
    let mut doc = match db.query_row("select bytes from doc where id = 1", [], |row| {
        row.get::<_, Vec<u8>>(0)
    }) {
        Ok(bytes) => AutoCommit::load(&bytes).map_err(told)?,
        Err(rusqlite::Error::QueryReturnedNoRows) => AutoCommit::new(),
        Err(other) => return Err(told(other)),
    };
    let opened = match doc.get(automerge::ROOT, "opened").map_err(told)? {
        Some((value, _)) => value.as_i64().unwrap_or(0) + 1,
        None => 1,
    };
    doc.put(automerge::ROOT, "opened", opened).map_err(told)?;
    let bytes = doc.save();
    db.execute("insert or replace into doc values (1, ?1)", [&bytes])
        .map_err(told)?;
    let sqlite = rusqlite::version().to_owned();
    serde_wasm_bindgen::to_value(&Probe {
        opened,
        sqlite,
        bytes: bytes.len(),
    })
    .map_err(told)
}
