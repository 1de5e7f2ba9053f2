//! The names of rows: made on the device, never by a server and never from what the row says.
//!
//! An id is a UUID of version 7: it begins with the moment it was made, so rows lie in the order they were written down,
//! and ends in chance, so two phones never make the same one. The last byte decides which part of the document a row
//! lives in; a row that belongs to another (a talk of a contact, a tally of a visit) ends in that row's last byte, and
//! one tap is therefore one change in one place.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::context::Context;
use crate::tables::Device;

/// The name of one row in any table. Its text form is 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RowId([u8; 16]);

impl RowId {
    /// A new id, made at `ctx.now`. A clock that stands before 1970 gives ids of 1970.
    pub fn new(ctx: &mut Context<'_>) -> Self {
        let millis = u64::try_from(ctx.now.timestamp_millis()).unwrap_or(0);
        let [_, _, t0, t1, t2, t3, t4, t5] = millis.to_be_bytes();
        let mut chance = [0; 10];
        ctx.rng.fill_bytes(&mut chance);
        let [version, r0, variant, r1, r2, r3, r4, r5, r6, r7] = chance;
        let (version, variant) = (version & 0x0f | 0x70, variant & 0x3f | 0x80);
        Self([t0, t1, t2, t3, t4, t5, version, r0, variant, r1, r2, r3, r4, r5, r6, r7])
    }

    /// A new id for a row that belongs to this one: it ends in the same byte.
    pub fn child_of(&self, ctx: &mut Context<'_>) -> Self {
        let mut child = Self::new(ctx);
        let ([.., ours], [.., its]) = (&self.0, &mut child.0);
        *its = *ours;
        child
    }

    /// The same for a row that is written after another, and reads so however far this device's clock is behind.
    pub(crate) fn child_after(&self, earlier: &Self, ctx: &mut Context<'_>) -> Self {
        let next = earlier.made_at().map(|at| at.fixed_offset() + TimeDelta::milliseconds(1));
        let now = next.map_or(ctx.now, |next| next.max(ctx.now));
        self.child_of(&mut Context { now, rng: &mut *ctx.rng })
    }

    /// The id that these bytes spell.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The byte that decides where in the document the row lives.
    pub const fn last_byte(&self) -> u8 {
        let [.., last] = self.0;
        last
    }

    /// When the id was made, by the clock of the device that made it; nothing for an id that is no UUIDv7, such as a
    /// device's.
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        let [t0, t1, t2, t3, t4, t5, version, _, variant, ..] = self.0;
        let is_v7 = version >> 4 == 7 && variant >> 6 == 2;
        let millis = u64::from_be_bytes([0, 0, t0, t1, t2, t3, t4, t5]);
        i64::try_from(millis).ok().filter(|_| is_v7).and_then(DateTime::from_timestamp_millis)
    }
}

/// The text is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of 32 hexadecimal digits")]
pub struct NotAnId;

impl FromStr for RowId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAnId);
        }
        u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| NotAnId)
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The last four digits only: enough to tell two rows apart in a log, too little to look one up.
impl fmt::Debug for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [.., a, b] = self.0;
        write!(f, "…{a:02x}{b:02x}")
    }
}

/// Text for people's formats (JSON), sixteen bytes for ours.
impl Serialize for RowId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { self.0.serialize(to) }
    }
}

impl<'de> Deserialize<'de> for RowId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return <[u8; 16]>::deserialize(from).map(Self);
        }
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = RowId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id of 32 hexadecimal digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RowId, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Text)
    }
}

/// The name of a row of table `T`: a [`RowId`] that cannot be taken for a row of another table.
pub struct Id<T> {
    row: RowId,
    table: PhantomData<fn() -> T>,
}

/// A device's own row is named by the device's id: the first half of the hash of its public key.
pub type DeviceId = Id<Device>;

impl<T> Id<T> {
    /// The id that these bytes spell.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { row: RowId(bytes), table: PhantomData }
    }

    /// The sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.row.as_bytes()
    }

    /// The id without its table.
    pub const fn row(&self) -> RowId {
        self.row
    }
}

impl<T> From<RowId> for Id<T> {
    fn from(row: RowId) -> Self {
        Self { row, table: PhantomData }
    }
}

impl<T> From<Id<T>> for RowId {
    fn from(id: Id<T>) -> Self {
        id.row
    }
}

impl<T> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        RowId::from_str(text).map(Self::from)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> Default for Id<T> {
    fn default() -> Self {
        RowId::default().into()
    }
}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.row.cmp(&other.row)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.row.hash(state);
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

/// `Contact(…7f3a)`.
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = std::any::type_name::<T>();
        write!(f, "{}({:?})", path.rsplit("::").next().unwrap_or(path), self.row)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.row.serialize(to)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        RowId::deserialize(from).map(Self::from)
    }
}

impl From<samla_wire::DeviceId> for DeviceId {
    fn from(principal: samla_wire::DeviceId) -> Self {
        Self::from_bytes(principal.0)
    }
}

impl From<DeviceId> for samla_wire::DeviceId {
    fn from(device: DeviceId) -> Self {
        Self(*device.as_bytes())
    }
}

#[cfg(feature = "ts")]
mod typescript {
    //! Every id is a string for the page.
    use ts_rs::{Config, TS};

    use super::{Id, RowId};

    impl TS for RowId {
        type WithoutGenerics = Self;
        type OptionInnerType = Self;

        fn name(_: &Config) -> String {
            "string".to_owned()
        }

        fn inline(cfg: &Config) -> String {
            Self::name(cfg)
        }
    }

    impl<T> TS for Id<T> {
        type WithoutGenerics = RowId;
        type OptionInnerType = Self;

        fn name(cfg: &Config) -> String {
            RowId::name(cfg)
        }

        fn inline(cfg: &Config) -> String {
            RowId::name(cfg)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Contact;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    fn at(millis: i64, act: impl FnOnce(&mut Context<'_>)) {
        let now = DateTime::from_timestamp_millis(millis).unwrap().fixed_offset();
        act(&mut Context { now, rng: &mut ChaCha20Rng::seed_from_u64(1) });
    }

    #[test]
    fn a_new_id_is_a_uuid_of_version_7_and_remembers_its_moment() {
        at(1_795_392_000_123, |ctx| {
            let (first, second) = (RowId::new(ctx), RowId::new(ctx));
            assert_ne!(first, second);
            assert_eq!(first.made_at().map(|at| at.timestamp_millis()), Some(1_795_392_000_123));
            assert_eq!(first.as_bytes()[6] >> 4, 7);
            assert_eq!(first.as_bytes()[8] >> 6, 2);
        });
        at(-5, |ctx| assert_eq!(RowId::new(ctx).made_at().unwrap().timestamp_millis(), 0));
    }

    #[test]
    fn a_child_lives_where_its_parent_lives() {
        at(1_000, |ctx| {
            let parent = RowId::from_bytes([0xab; 16]);
            let child = parent.child_of(ctx);
            assert_eq!(child.last_byte(), 0xab);
            assert_eq!(child.made_at().unwrap().timestamp_millis(), 1_000);
        });
    }

    #[test]
    fn what_follows_a_row_reads_after_it_by_any_clock() {
        at(5_000, |ctx| {
            let (parent, slow) = (RowId::from_bytes([0xab; 16]), ctx.now - TimeDelta::seconds(4));
            let first = RowId::new(ctx);
            for now in [ctx.now, slow] {
                let next = parent.child_after(&first, &mut Context { now, rng: &mut *ctx.rng });
                assert!(next > first && next.last_byte() == 0xab);
            }
            let device = RowId::from_bytes([1; 16]);
            assert_eq!(parent.child_after(&device, ctx).made_at().unwrap().timestamp_millis(), 5_000);
        });
    }

    #[test]
    fn text_and_bytes_go_there_and_back_and_nothing_else_does() {
        let id = RowId::from_bytes(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<RowId>(&format!("\"{id}\"")).unwrap(), id);
        assert_eq!(postcard::to_stdvec(&id).unwrap().len(), 16);
        assert_eq!(postcard::from_bytes::<RowId>(id.as_bytes()).unwrap(), id);
        for wrong in ["", "+0123456789abcdef0123456789abcde", "0123", "0123456789abcdef0123456789abcdeg"] {
            assert_eq!(wrong.parse::<RowId>(), Err(NotAnId));
        }
        assert_eq!(format!("{:?}", Id::<Contact>::from(id)), "Contact(…6566)");
    }
}
