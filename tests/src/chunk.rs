//! The bytes of a change, taken apart and put together again with a checksum that fits, whatever they say.
//!
//! automerge's own builder writes only what it would read. Somebody who wants to stop a phone writes by hand.

use automerge::Change;
use sha2::{Digest, Sha256};

/// What a change begins with.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The type of a change that is not compressed.
const CHANGE: u8 = 1;

/// The chunk around a change's content.
pub fn chunk(content: &[u8]) -> Vec<u8> {
    let rest = [&[CHANGE][..], &leb(content.len() as u64), content].concat();
    let checksum = Sha256::digest(&rest);
    [&MAGIC[..], &checksum[..4], &rest].concat()
}

/// The content of a change's chunk.
pub fn content(chunk: &[u8]) -> Vec<u8> {
    let mut rest = chunk.get(9..).expect("a chunk");
    number(&mut rest);
    rest.to_vec()
}

/// A number in seven bits a byte, the lowest first.
pub fn leb(number: u64) -> Vec<u8> {
    let (mut bytes, mut left) = (Vec::new(), number);
    while left > 0x7f {
        bytes.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes
}

/// A run of a column: the same value so many times.
pub fn run(times: u64, value: &[u8]) -> Vec<u8> {
    let mut length = leb(times);
    // The length is signed: a bit for that may need a byte of its own.
    if let Some(last) = length.last_mut().filter(|last| **last & 0x40 != 0) {
        *last |= 0x80;
        length.push(0);
    }
    [&length[..], value].concat()
}

/// A change in parts.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Predecessors, author, sequence, counter, time and message.
    pub head: Vec<u8>,
    /// The other authors that its operations name.
    pub authors: Vec<Vec<u8>>,
    /// The columns of its operations: number and kind, and content.
    pub columns: Vec<(u64, Vec<u8>)>,
}

impl Parts {
    /// The column of keys.
    pub const KEY: u64 = 0x15;
    /// The column of what operations do.
    pub const ACTION: u64 = 0x42;
    /// The column of how many operations each replaces, and those with the authors and counters of these.
    pub const REPLACED: [u64; 3] = [0x70, 0x71, 0x73];

    /// Takes a change apart.
    pub fn of(change: &Change) -> Self {
        let content = content(change.raw_bytes());
        let mut rest = content.as_slice();
        let predecessors = number(&mut rest);
        take(&mut rest, 32 * predecessors);
        block(&mut rest);
        for _ in 0..3 {
            number(&mut rest);
        }
        block(&mut rest);
        let head = content[..content.len() - rest.len()].to_vec();
        let authors = (0..number(&mut rest)).map(|_| block(&mut rest)).collect();
        let listed: Vec<_> = (0..number(&mut rest)).map(|_| (number(&mut rest), number(&mut rest))).collect();
        let columns = listed.into_iter().map(|(column, len)| (column, take(&mut rest, len))).collect();
        Self { head, authors, columns }
    }

    /// Sets a column, and puts it in its place if it was not there.
    pub fn set(&mut self, column: u64, content: Vec<u8>) {
        self.columns.retain(|(there, _)| *there != column);
        let at = self.columns.iter().take_while(|(there, _)| *there < column).count();
        self.columns.insert(at, (column, content));
    }

    /// Puts it together again.
    pub fn chunk(&self) -> Vec<u8> {
        let mut content = [&self.head[..], &leb(self.authors.len() as u64)].concat();
        for author in &self.authors {
            content.extend([&leb(author.len() as u64)[..], author].concat());
        }
        content.extend(leb(self.columns.len() as u64));
        for (column, bytes) in &self.columns {
            content.extend([leb(*column), leb(bytes.len() as u64)].concat());
        }
        self.columns.iter().for_each(|(_, bytes)| content.extend(bytes));
        chunk(&content)
    }
}

fn number(rest: &mut &[u8]) -> u64 {
    let len = rest.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    let bits = take(rest, len as u64);
    bits.iter().rev().fold(0, |number, byte| (number << 7) | u64::from(byte & 0x7f))
}

fn take(rest: &mut &[u8], len: u64) -> Vec<u8> {
    let (taken, left) = rest.split_at(usize::try_from(len).expect("a length"));
    *rest = left;
    taken.to_vec()
}

fn block(rest: &mut &[u8]) -> Vec<u8> {
    let len = number(rest);
    take(rest, len)
}
