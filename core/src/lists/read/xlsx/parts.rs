//! The parts of a workbook, inflated within a bound.

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive, crc32};

use crate::lists::ListError;

/// The most bytes that all parts together may have.
const INFLATED_MAX: usize = 96 << 20;
/// The most parts that are looked through.
const PARTS_MAX: usize = 4_096;

/// The archive, and how many bytes may still be inflated.
pub(super) struct Parts<'a> {
    archive: ZipSliceArchive<&'a [u8]>,
    left: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, ListError> {
        let archive = ZipArchive::from_slice(bytes).map_err(|_| ListError::DamagedWorkbook)?;
        Ok(Self { archive, left: INFLATED_MAX })
    }

    /// A part as text; nothing where the workbook has none of that name.
    pub(super) fn text(&mut self, path: &str) -> Result<Option<String>, ListError> {
        let damaged = |_| ListError::DamagedWorkbook;
        for entry in self.archive.entries().take(PARTS_MAX) {
            let entry = entry.map_err(damaged)?;
            if !entry.file_path().as_ref().eq_ignore_ascii_case(path.as_bytes()) {
                continue;
            }
            let packed = self.archive.get_entry(entry.wayfinder()).map_err(damaged)?;
            let bytes = match entry.compression_method() {
                CompressionMethod::STORE if packed.data().len() > self.left => None,
                CompressionMethod::STORE => Some(packed.data().to_vec()),
                CompressionMethod::DEFLATE => decompress_to_vec_with_limit(packed.data(), self.left).ok(),
                _ => None,
            };
            let bytes = bytes.filter(|bytes| crc32(bytes) == entry.crc32()).ok_or(ListError::DamagedWorkbook)?;
            self.left -= bytes.len();
            let text = String::from_utf8(bytes).map_err(|_| ListError::DamagedWorkbook)?;
            return Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)));
        }
        Ok(None)
    }
}
