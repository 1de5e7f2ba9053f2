//! One register in which every steward writes, without phones and without a server: for a season larger than phones could
//! play.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::register::Register;
use samla_core::tables::{
    Answer, Clash, Contact, ContactDraft, Draft, MembershipEventDraft, MembershipKind, Person, PersonDraft, RowState,
    TallyDraft, TallyKind, Value, Visit,
};
use samla_core::{Context, DeviceId, Id, Moment, RowId, SignUp};

/// What one steward has counted: at a visit, what, of which material.
type Counted = (Id<Visit>, TallyKind, Option<String>, usize);

/// The register, being filled as the document would.
pub(super) struct Alone {
    pub(super) register: Register,
    rng: ChaCha20Rng,
    pub(super) stewards: Vec<Id<Person>>,
    counted: BTreeMap<Counted, (RowId, i64)>,
}

impl Alone {
    pub(super) fn of(names: impl Iterator<Item = String>, seed: u64, now: Moment) -> Self {
        let rng = ChaCha20Rng::seed_from_u64(seed);
        let mut alone = Self { register: Register::default(), rng, stewards: Vec::new(), counted: BTreeMap::new() };
        for name in names {
            let steward = PersonDraft { name: Some(name), ..PersonDraft::default() };
            let steward = alone.adds(&steward.into(), now);
            alone.stewards.push(steward.into());
        }
        alone
    }

    pub(super) fn adds(&mut self, draft: &Draft, now: Moment) -> RowId {
        let mut ctx = Context { now, rng: &mut self.rng };
        let id = match draft.parent() {
            Some(parent) => parent.child_of(&mut ctx),
            None => RowId::new(&mut ctx),
        };
        let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.register.apply(RowState { table: draft.table(), id, live: true, fields, clashes: Vec::new(), by: None });
        id
    }

    pub(super) fn sets(&mut self, id: RowId, set: &Draft) -> Result<()> {
        self.answers(id, set, Vec::new())
    }

    /// Two answer one field of a contact at once.
    pub(super) fn answers_twice(&mut self, contact: Id<Contact>, departments: [&str; 2], at: Moment) -> Result<()> {
        let answer = |(device, text): (u8, &str)| Answer {
            value: Some(Value::Text(text.to_owned())),
            device: DeviceId([device; 16]).into(),
            at,
        };
        let answers = (0..).zip(departments).map(answer).collect();
        let clash = Clash { field: "department".into(), answers };
        let set = ContactDraft { department: departments.last().map(|text| (*text).to_owned()), ..Default::default() };
        self.answers(contact.into(), &set.into(), vec![clash])
    }

    fn answers(&mut self, id: RowId, set: &Draft, clashes: Vec<Clash>) -> Result<()> {
        let row = self.register.row(set.table(), id).context("a row that is there")?;
        let mut fields: BTreeMap<&str, Value> = row.values().collect();
        fields.extend(set.writes());
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.register.apply(RowState { table: set.table(), id, live: true, fields, clashes, by: None });
        Ok(())
    }

    /// The sign-up of somebody who is written down already.
    pub(super) fn signs_up(&mut self, steward: usize, sign_up: &SignUp, now: Moment) {
        let steward = self.stewards.get(steward).copied();
        let signed = MembershipEventDraft {
            contact: sign_up.contact_id,
            kind: Some(MembershipKind::Signed),
            on: Some(now.date_naive()),
            by: steward,
            recruiter: steward,
            campaign: sign_up.campaign,
            visit: sign_up.visit,
            method: sign_up.method.clone(),
            ..MembershipEventDraft::default()
        };
        self.adds(&signed.into(), now);
    }

    pub(super) fn counts(
        &mut self,
        (steward, visit): (usize, Id<Visit>),
        kind: TallyKind,
        item: Option<&str>,
        times: i64,
        now: Moment,
    ) -> Result<()> {
        let key = (visit, kind, item.map(str::to_owned), steward);
        let device = DeviceId([u8::try_from(steward).unwrap_or(u8::MAX); 16]);
        let n = times + self.counted.get(&key).map_or(0, |(_, n)| *n);
        let tally = TallyDraft {
            visit: Some(visit),
            kind: Some(kind),
            item: key.2.clone(),
            device: Some(device.into()),
            n: Some(n),
        };
        let id = match self.counted.get(&key).copied() {
            Some((id, _)) => self.sets(id, &tally.into()).map(|()| id)?,
            None => self.adds(&tally.into(), now),
        };
        self.counted.insert(key, (id, n));
        Ok(())
    }
}
