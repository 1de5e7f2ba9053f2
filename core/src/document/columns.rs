//! How much a change says it holds, counted before anything of it is taken apart.
//!
//! A change lists its operations column by column, each as runs: a few bytes say the same a billion times. automerge takes
//! such a run apart one by one, and believes the length that a text says it has. Here only the runs are added up.

use super::change::CHUNK_TYPE;

/// The columns that decide how much there is: their number and the kind of their content.
const KEY: u64 = (1 << 4) | 5;
const ACTION: u64 = (4 << 4) | 2;
const REPLACED: u64 = 7 << 4;
const MARK: u64 = (10 << 4) | 5;

/// The most bytes of an author: a device and which of its lives it is; a base's are fewer.
const AUTHOR: usize = 20;

/// What a change may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Operations.
    pub ops: u64,
    /// Operations that they replace, in all, and other authors that they name.
    pub replaced: u64,
}

impl Limits {
    /// For what has passed the rules already.
    pub const NONE: Self = Self { ops: u64::MAX, replaced: u64::MAX };
    /// Bytes of an operation's key, on average over as many operations as there may be.
    const KEY: u64 = 64;

    /// Does the change in this plain chunk keep to them? False also where the columns cannot be read.
    pub(super) fn hold_for(&self, chunk: &[u8]) -> bool {
        count(chunk).is_some_and(|counted| {
            counted.ops <= self.ops
                && counted.replaced.max(counted.authors) <= self.replaced
                && counted.key_bytes <= self.ops.saturating_mul(Self::KEY)
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    ops: u64,
    replaced: u64,
    key_bytes: u64,
    authors: u64,
}

fn count(chunk: &[u8]) -> Option<Counted> {
    let mut rest = Reader(chunk.get(CHUNK_TYPE + 1..)?);
    rest.number()?;
    let predecessors = rest.number()?;
    rest.take(predecessors.checked_mul(32)?)?;
    rest.author()?;
    // Sequence, first counter, time; then a message.
    for _ in 0..3 {
        rest.number()?;
    }
    rest.block()?;
    let authors = rest.number()?;
    for _ in 0..authors {
        rest.author()?;
    }
    let columns = rest.number()?;
    let mut listed = Reader(rest.0);
    for _ in 0..columns {
        rest.number()?;
        rest.number()?;
    }
    let [mut keys, mut actions, mut replaced, mut marks] = [None; 4];
    for _ in 0..columns {
        let (column, len) = (listed.number()?, listed.number()?);
        let content = rest.take(len)?;
        let slot = match column {
            KEY => &mut keys,
            ACTION => &mut actions,
            REPLACED => &mut replaced,
            MARK => &mut marks,
            _ => continue,
        };
        // A column that is there twice says two things.
        if slot.replace(content).is_some() {
            return None;
        }
    }
    let mut ops = 0_u64;
    each_run(actions.unwrap_or_default(), Reader::number, |times, _| ops = ops.saturating_add(times))?;
    let text = |reader: &mut Reader<'_>| Some(reader.block()?.len() as u64);
    let key_bytes =
        sum(keys.unwrap_or_default(), text, ops)?.saturating_add(sum(marks.unwrap_or_default(), text, ops)?);
    Some(Counted { ops, replaced: sum(replaced.unwrap_or_default(), Reader::number, ops)?, key_bytes, authors })
}

/// Adds up what a column says of the first `rows` operations. The rest is never read.
fn sum<'a>(column: &'a [u8], value: impl Fn(&mut Reader<'a>) -> Option<u64>, rows: u64) -> Option<u64> {
    let (mut left, mut sum) = (rows, 0_u64);
    each_run(column, value, |times, value| {
        let times = times.min(left);
        left -= times;
        sum = sum.saturating_add(times.saturating_mul(value));
    })?;
    Some(sum)
}

/// Goes through a column's runs: how often, and which value.
fn each_run<'a>(
    column: &'a [u8],
    value: impl Fn(&mut Reader<'a>) -> Option<u64>,
    mut run: impl FnMut(u64, u64),
) -> Option<()> {
    let mut rest = Reader(column);
    while !rest.0.is_empty() {
        match rest.signed()? {
            0 => run(rest.number()?, 0),
            times @ 1.. => run(times.unsigned_abs(), value(&mut rest)?),
            different => {
                for _ in 0..different.unsigned_abs() {
                    run(1, value(&mut rest)?);
                }
            }
        }
    }
    Some(())
}

/// Reads from the front; nothing where there is not so much left.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// Bytes that begin with their length.
    fn block(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        self.take(len)
    }

    /// Who wrote something. automerge copies it beside each operation, so that its length counts as often.
    fn author(&mut self) -> Option<&'a [u8]> {
        self.block().filter(|author| author.len() <= AUTHOR)
    }

    /// LEB128: seven bits a byte, the lowest first. Returns the bits and how many were read, too.
    fn bits(&mut self) -> Option<(u64, u32, u8)> {
        let (mut bits, mut read) = (0_u64, 0);
        loop {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            bits |= u64::from(byte & 0x7f).checked_shl(read)?;
            read += 7;
            if byte & 0x80 == 0 {
                return Some((bits, read, *byte));
            }
        }
    }

    fn number(&mut self) -> Option<u64> {
        self.bits().map(|(bits, ..)| bits)
    }

    fn signed(&mut self) -> Option<i64> {
        let (bits, read, last) = self.bits()?;
        let above = if last & 0x40 == 0 { 0 } else { u64::MAX.checked_shl(read).unwrap_or_default() };
        Some((bits | above).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{ActorId, Automerge, ObjType, ROOT, ReadDoc};

    use super::*;

    fn leb(number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut left = number;
        loop {
            let byte = (left & 0x7f) as u8;
            left >>= 7;
            bytes.push(if left == 0 { byte } else { byte | 0x80 });
            if left == 0 {
                return bytes;
            }
        }
    }

    /// A run of a signed length, which is read with one bit for its sign.
    fn run(times: u64, value: &[u8]) -> Vec<u8> {
        let mut length = leb(times);
        if let Some(last) = length.last_mut().filter(|last| **last & 0x40 != 0) {
            *last |= 0x80;
            length.push(0);
        }
        [length, value.to_vec()].concat()
    }

    /// A chunk with these columns, whatever its checksum.
    fn chunk(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
        chunk_by(&[7], &[], columns)
    }

    /// The same by this author, with these others.
    fn chunk_by(author: &[u8], others: &[&[u8]], columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
        let block = |bytes: &[u8]| [leb(bytes.len() as u64), bytes.to_vec()].concat();
        // No predecessor, the author, sequence 1, first counter 1, time 0, no message, the other authors.
        let mut content = [vec![0], block(author), vec![1, 1, 0, 0], leb(others.len() as u64)].concat();
        others.iter().for_each(|other| content.extend(block(other)));
        content.extend(leb(columns.len() as u64));
        for (column, bytes) in columns {
            content.extend([leb(*column), leb(bytes.len() as u64)].concat());
        }
        columns.iter().for_each(|(_, bytes)| content.extend(bytes));
        [vec![0; 8], vec![1], leb(content.len() as u64), content].concat()
    }

    #[test]
    fn what_automerge_writes_is_counted_as_automerge_counts_it() {
        let mut doc = Automerge::new().with_actor(ActorId::from(&[1; 20][..]));
        let mut tx = doc.transaction();
        let row = tx.put_object(ROOT, "row", ObjType::Map).unwrap();
        for number in 0..300 {
            tx.put(&row, format!("field {}", number % 7), number).unwrap();
        }
        tx.commit();
        let mut other = doc.fork().with_actor(ActorId::from(&[2; 20][..]));
        let mut tx = other.transaction();
        let row = tx.get(ROOT, "row").unwrap().unwrap().1;
        for number in 0..7 {
            tx.delete(&row, format!("field {number}")).unwrap();
        }
        tx.commit();
        let changes = other.get_changes(&[]);
        assert_eq!(changes.len(), 2);
        for change in changes {
            let expanded = change.decode();
            let keys = expanded.operations.iter().map(|op| match &op.key {
                automerge::legacy::Key::Map(key) => key.len() as u64,
                automerge::legacy::Key::Seq(_) => 0,
            });
            let counted = Counted {
                ops: change.len() as u64,
                replaced: expanded.operations.iter().map(|op| op.pred.iter().count() as u64).sum(),
                key_bytes: keys.sum(),
                authors: change.other_actor_ids().len() as u64,
            };
            assert_eq!(count(change.raw_bytes()), Some(counted));
        }
    }

    #[test]
    fn runs_are_added_up_and_not_taken_apart() {
        let most = 1_u64 << 62;
        let of = |columns: &[(u64, Vec<u8>)]| count(&chunk(columns));
        let counted = |ops, replaced, key_bytes| Some(Counted { ops, replaced, key_bytes, authors: 0 });
        assert_eq!(of(&[]), counted(0, 0, 0));
        assert_eq!(of(&[(ACTION, run(most, &[1]))]), counted(most, 0, 0));
        assert_eq!(
            of(&[(ACTION, [run(most, &[1]), run(most, &[1]), run(most, &[1]), run(most, &[1])].concat())]),
            counted(u64::MAX, 0, 0)
        );
        assert_eq!(of(&[(ACTION, vec![0x7d, 1, 1, 1])]), counted(3, 0, 0));
        assert_eq!(of(&[(ACTION, [vec![0], leb(9)].concat())]), counted(9, 0, 0));
        // What is said of more operations than there are does not count.
        assert_eq!(of(&[(KEY, run(most, &[2, b'n', b'o'])), (ACTION, run(3, &[1]))]), counted(3, 0, 6));
        assert_eq!(of(&[(ACTION, run(2, &[1])), (REPLACED, run(most, &leb(most)))]), counted(2, most * 2, 0));
        assert_eq!(of(&[(ACTION, run(2, &[1])), (MARK, run(2, &[1, b'm']))]), counted(2, 0, 2));
    }

    #[test]
    fn what_says_more_than_it_holds_is_not_counted() {
        let of = |columns: &[(u64, Vec<u8>)]| count(&chunk(columns));
        // A text of a thousand million bytes, of which one is there.
        assert_eq!(of(&[(KEY, run(1, &[leb(1_000_000_000), vec![b'n']].concat())), (ACTION, run(1, &[1]))]), None);
        assert_eq!(of(&[(ACTION, run(1, &[1])), (ACTION, run(9, &[1]))]), None);
        assert_eq!(of(&[(ACTION, vec![0x7d, 1, 1])]), None);
        assert_eq!(of(&[(ACTION, vec![0xff; 11])]), None);
        let whole = chunk(&[(ACTION, run(5, &[1]))]);
        for len in 0..whole.len() {
            assert_eq!(count(&whole[..len]), None, "{len} bytes");
        }
    }

    /// automerge would write a long one beside each operation, however few bytes say how many there are.
    #[test]
    fn an_author_has_no_more_bytes_than_a_device_and_its_life() {
        let bytes = [7; 5000];
        let authors = |author: usize, other: usize| {
            let chunk = chunk_by(&bytes[..author], &[&bytes[..20], &bytes[..other]], &[(ACTION, run(3, &[1]))]);
            count(&chunk).map(|counted| counted.authors)
        };
        assert_eq!(authors(20, 20), Some(2));
        for long in [21, 127, 128, 5000] {
            assert_eq!((authors(long, 20), authors(20, long)), (None, None), "{long} bytes");
        }
    }

    #[test]
    fn limits_are_what_may_be_reached() {
        let limits = Limits { ops: 10, replaced: 20 };
        let holds = |ops, replaced, key: usize| {
            let key = [leb(key as u64), vec![b'n'; key]].concat();
            let columns = [(KEY, run(ops, &key)), (ACTION, run(ops, &[1])), (REPLACED, run(ops, &leb(replaced)))];
            limits.hold_for(&chunk(&columns))
        };
        assert!(holds(10, 2, 64) && holds(1, 20, 640));
        assert!(!holds(11, 0, 0) && !holds(10, 3, 0) && !holds(10, 0, 65) && !holds(1, 0, 641));
    }
}
