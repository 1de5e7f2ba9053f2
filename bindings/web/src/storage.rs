//! SQLite on the origin's private files, which only this origin's Worker can open.
//!
//! If the pool of files cannot be taken, as when another tab has it, nothing is opened at all: SQLite would otherwise
//! fall back on memory and forget everything.

use std::cell::RefCell;

use samla_core::{Home, Place, StorageKey};
use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_rs::vfs::VfsFilesManager;

use sqlite_wasm_vfs::sahpool::{OpfsSAHError, OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};
use wasm_bindgen::prelude::*;

use crate::thrown::Thrown;

/// The file system's name, and the folder of its pool.
const VFS: &str = "samla";

thread_local! {
    static POOL: RefCell<Option<OpfsSAHPoolUtil>> = const { RefCell::new(None) };
}

/// Takes the pool of files. Throws `storage_busy` while another owner has it, `storage_full` without room for it and
/// `storage_unavailable` where the browser has no such files.
#[wasm_bindgen(js_name = prepareStorage)]
pub async fn prepare_storage() -> Result<(), JsValue> {
    let wanted = OpfsSAHPoolCfgBuilder::new().vfs_name(VFS).directory(VFS).build();
    let pool = install::<WasmOsCallback>(&wanted, false).await.map_err(refused)?;
    POOL.set(Some(pool));
    Ok(())
}

/// The databases that are there.
#[wasm_bindgen]
pub fn files() -> Result<Vec<String>, JsValue> {
    on_pool(VfsFilesManager::names)
}

/// Erases a database. Its book must be closed.
#[wasm_bindgen(js_name = eraseFile)]
pub fn erase_file(file: &str) -> Result<(), JsValue> {
    for name in [file.to_owned(), format!("{file}-journal"), format!("{file}-wal")] {
        on_pool(|pool| pool.remove(&name))?;
    }
    Ok(())
}

/// The home of a book: this file of the pool, and the key that its secrets are sealed under.
pub(crate) fn home(file: &str, key: &[u8]) -> Result<Home, Thrown> {
    Ok(Home { place: Place::Named { file: file.to_owned(), vfs: VFS.to_owned() }, storage_key: storage_key(key)? })
}

/// The key that a book's secrets are sealed under.
pub(crate) fn storage_key(key: &[u8]) -> Result<StorageKey, Thrown> {
    let key = key.try_into().map_err(|_| Thrown::new("bug", "storage_key"))?;
    Ok(StorageKey::from_bytes(key))
}

fn on_pool<T>(act: impl FnOnce(&OpfsSAHPoolUtil) -> Result<T, OpfsSAHError>) -> Result<T, JsValue> {
    POOL.with_borrow(|pool| match pool {
        Some(pool) => act(pool).map_err(refused),
        None => Err(Thrown::new("storage_unavailable", "not_prepared").into()),
    })
}

fn refused(error: OpfsSAHError) -> JsValue {
    let name = match &error {
        OpfsSAHError::Opfs { value, .. } => {
            js_sys::Reflect::get(value, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
        }
        _ => String::new(),
    };
    let code = match (&error, name.as_str()) {
        (_, "QuotaExceededError") => "storage_full",
        (_, "NoModificationAllowedError") | (OpfsSAHError::Busy | OpfsSAHError::FileInUse(_), _) => "storage_busy",
        (OpfsSAHError::InvalidHeader { .. } | OpfsSAHError::DuplicateFilename(_), _) => "storage_damaged",
        _ => "storage_unavailable",
    };
    Thrown::new(code, "files").into()
}
