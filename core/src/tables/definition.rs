//! The register, table by table: the one place where a table, a field or a choice is written down.
//!
//! A line reads `name: need kind`. The need is `required` or `optional`. The kinds are `text`, `int(least, most)`, `bool`,
//! `date`, `moment`, `choice(Enum)`, `link(Row)`, and `parent(Row)`: a link to the row that this one belongs to. All
//! fields may be missing in a row that is read; `required` binds the one who makes it.

/// Hands the whole definition of the register to the macro named, so that the core's types and the bindings' records
/// come from the same lines.
///
/// ```text
/// for_each_table!(my_macro);      // calls my_macro! { choices { … } tables { … } }
/// ```
/// The callback receives `choices { /// doc  Enum { /// doc  Variant = "text", … } … }` and
/// `tables { /// doc  table_name TableVariant Row RowDraft { /// doc  field: need kind, … } … }`.
#[macro_export]
macro_rules! for_each_table {
    ($($callback:tt)+) => { $($callback)+! {
        choices {
            /// Where a person stands towards the union.
            Membership {
                /// Nobody has asked yet.
                Unknown = "unknown",
                /// In no union.
                Unorganised = "unorganised",
                /// A member who pays.
                Member = "member",
                /// Signed up, in the free months.
                Trial = "trial",
                /// Has said that they will leave.
                Leaving = "leaving",
                /// In the unemployment fund and not in the union.
                FundOnly = "fund_only",
                /// In another union.
                OtherUnion = "other_union",
                /// Has been a member.
                Former = "former",
            }
            /// A way to reach a person, or the way a talk was held.
            Channel {
                /// Face to face.
                InPerson = "in_person",
                /// A call.
                Phone = "phone",
                /// A text message.
                Sms = "sms",
                /// E-mail.
                Email = "email",
                /// A chat or a group.
                Chat = "chat",
                /// A video call.
                Video = "video",
            }
            /// What makes a person think of joining.
            Trigger {
                /// Starts in the job.
                StartsWork = "starts_work",
                /// The job is at risk.
                RiskOfUnemployment = "risk_of_unemployment",
                /// Changes employer.
                ChangesEmployer = "changes_employer",
                /// Something else.
                Other = "other",
            }
            /// Who told the register of a person.
            Origin {
                /// The person.
                Themselves = "themselves",
                /// A colleague.
                Colleague = "colleague",
                /// A list from the employer.
                EmployerList = "employer_list",
                /// A list from the union's office.
                OfficeList = "office_list",
                /// Somebody or something else, such as a page that is open to all.
                Other = "other",
            }
            /// What a place of work is.
            WorkplaceKind {
                /// An employer's site.
                Workplace = "workplace",
                /// A school with students to meet.
                School = "school",
                /// A part of a larger workplace.
                Unit = "unit",
            }
            /// What one person is to another.
            LinkKind {
                /// Two contacts are one person.
                SamePerson = "same_person",
                /// Two contacts look alike and are not one person.
                NotTheSame = "not_the_same",
                /// They know each other.
                Knows = "knows",
                /// The second recruited the first.
                Recruited = "recruited",
            }
            /// What gave rise to a talk.
            Occasion {
                /// Pay is being negotiated.
                PayNegotiation = "pay_negotiation",
                /// A new colleague starts.
                NewHire = "new_hire",
                /// About a month after the start.
                FirstMonth = "first_month",
                /// A meeting of the branch.
                ClubMeeting = "club_meeting",
                /// At an information table.
                Table = "table",
                /// A round of the workplace.
                Visit = "visit",
                /// A call.
                Phone = "phone",
                /// It just happened.
                Spontaneous = "spontaneous",
            }
            /// What a talk or a meeting was for.
            Purpose {
                /// To tell.
                Inform = "inform",
                /// To listen.
                Listen = "listen",
            }
            /// How a talk ended.
            TalkAnswer {
                /// Signed up.
                Signed = "signed",
                /// Wants to think.
                Thinking = "thinking",
                /// Not now; ask again.
                NotNow = "not_now",
                /// No.
                No = "no",
                /// Was a member already.
                AlreadyMember = "already_member",
                /// Is in another union.
                OtherUnion = "other_union",
            }
            /// What a visit is.
            VisitKind {
                /// An information table.
                Table = "table",
                /// A round from desk to desk.
                Round = "round",
                /// The employer's induction of new colleagues.
                Induction = "induction",
                /// A meeting.
                Meeting = "meeting",
                /// A lecture.
                Lecture = "lecture",
                /// Something social.
                Social = "social",
                /// A day of calls.
                Calls = "calls",
                /// A meeting on screens.
                Digital = "digital",
            }
            /// How far a visit has come.
            VisitState {
                /// To come.
                Planned = "planned",
                /// Done.
                Done = "done",
                /// Called off.
                Cancelled = "cancelled",
            }
            /// Whether somebody staffs a visit.
            ShiftState {
                /// Asked, no answer yet.
                Asked = "asked",
                /// Will come.
                Yes = "yes",
                /// Cannot come.
                No = "no",
            }
            /// Whether a contact came to a visit.
            AttendanceState {
                /// Invited.
                Invited = "invited",
                /// Was there.
                Attended = "attended",
                /// Said no.
                Declined = "declined",
            }
            /// What is counted at a table without asking for a name.
            TallyKind {
                /// A talk.
                Talked = "talked",
                /// Somebody walked by.
                PassedBy = "passed_by",
                /// Material was handed out.
                HandedOut = "handed_out",
                /// Signed up on a paper or a page that this register does not see.
                SignedWithoutName = "signed_without_name",
            }
            /// What happened to a membership.
            MembershipKind {
                /// Signed up.
                Signed = "signed",
                /// The free months end.
                TrialEnds = "trial_ends",
                /// Pays dues.
                Paying = "paying",
                /// Left.
                Left = "left",
            }
            /// What a follow-up is.
            FollowUpKind {
                /// Something was promised.
                Promise = "promise",
                /// To call.
                Call = "call",
                /// To welcome a new member.
                Welcome = "welcome",
                /// To fill up material.
                Refill = "refill",
                /// Something was asked of the office.
                Request = "request",
                /// To talk with somebody who is leaving.
                SaveTalk = "save_talk",
            }
            /// Where material went.
            MoveKind {
                /// Came into stock.
                Received = "received",
                /// Was handed out.
                HandedOut = "handed_out",
                /// Was placed somewhere.
                Placed = "placed",
                /// Came back.
                TakenBack = "taken_back",
                /// Was ordered.
                Ordered = "ordered",
            }
            /// What makes the union visible at a workplace.
            CheckItem {
                /// The notice board.
                NoticeBoard = "notice_board",
                /// A page of the intranet.
                Intranet = "intranet",
                /// The right to write news there.
                NewsRights = "news_rights",
                /// A name in the employer's job ads.
                JobAds = "job_ads",
                /// Signs.
                Signs = "signs",
                /// A brochure stand.
                BrochureStand = "brochure_stand",
                /// A roll-up.
                RollUp = "roll_up",
                /// A place in the employer's induction.
                Induction = "induction",
            }
            /// How far one of those has come.
            CheckState {
                /// The employer was asked.
                Asked = "asked",
                /// The employer said yes.
                Granted = "granted",
                /// The employer said no.
                Refused = "refused",
                /// It is up, or done.
                Posted = "posted",
            }
            /// What an employer has in the calendar.
            CalendarEvent {
                /// Pay is reviewed.
                PayReview = "pay_review",
                /// Appraisals.
                Appraisals = "appraisals",
                /// The workplace is reorganised.
                Reorganisation = "reorganisation",
                /// New colleagues are inducted.
                Induction = "induction",
                /// A term starts.
                TermStart = "term_start",
                /// Nobody is at work: visits that repeat leave these days out.
                Holiday = "holiday",
            }
            /// How far a topic has come.
            TopicState {
                /// Somebody brought it up.
                Raised = "raised",
                /// The union works on it.
                TakenUp = "taken_up",
                /// Won, wholly or in part; small wins count.
                Won = "won",
                /// Lost.
                Lost = "lost",
            }
            /// Where a list of members comes from.
            ImportSource {
                /// The employer.
                Employer = "employer",
                /// The union's office.
                Office = "office",
                /// The stewards' own.
                Own = "own",
            }
            /// Which way a list of people went.
            ListDirection {
                /// It was taken into the register.
                In = "in",
                /// It was taken out of the register.
                Out = "out",
            }
            /// What is taken out of the register for people to be reached by.
            ExportKind {
                /// E-mail addresses.
                Addresses = "addresses",
                /// Cards for an address book.
                Vcards = "vcards",
            }
            /// The country a register works in: how a phone number without a country code is read.
            Country {
                /// Sweden.
                Se = "SE",
                /// Norway.
                No = "NO",
                /// Denmark.
                Dk = "DK",
                /// Finland.
                Fi = "FI",
            }
        }
        tables {
            /// A steward or an organiser: one of those who keep the register. Devices point at a person.
            people People Person PersonDraft {
                /// Name, as colleagues know it.
                name: required text,
                /// Phone number, for the colleagues.
                phone: optional text,
                /// Title or task in the union.
                title: optional text,
                /// Branch, section or team.
                unit: optional text,
                /// Which workplaces the person looks after, in words.
                workplaces_note: optional text,
            }
            /// A place where people work or study.
            workplaces Workplaces Workplace WorkplaceDraft {
                /// Name, as people say it.
                name: required text,
                /// The employer.
                employer: optional text,
                /// The larger workplace that this one is part of.
                parent: optional link(Workplace),
                /// Workplace, school or unit.
                kind: optional choice(WorkplaceKind),
                /// Street address.
                address: optional text,
                /// Municipality.
                municipality: optional text,
                /// How many people work here.
                employees: optional int(0, 10_000_000),
                /// How many of them could be members.
                eligible: optional int(0, 10_000_000),
                /// Members, by the office's list.
                members_office: optional int(0, 10_000_000),
                /// The day the three numbers were counted.
                counted_on: optional date,
                /// When and where people are best met.
                best_slot: optional text,
                /// Name of the contact at the employer's HR.
                hr_name: optional text,
                /// Phone of the contact at HR.
                hr_phone: optional text,
                /// The employer's next induction of new colleagues.
                next_induction: optional date,
                /// Link to the workplace's group.
                group_link: optional text,
                /// Anything else.
                note: optional text,
                /// No longer visited; left out of choices.
                archived: optional bool,
            }
            /// A person the stewards have met or want to meet.
            contacts Contacts Contact ContactDraft {
                /// Given name.
                given_name: optional text,
                /// Family name.
                family_name: optional text,
                /// Phone, as it was typed; two numbers in one cell are both found.
                phone: optional text,
                /// E-mail address.
                email: optional text,
                /// Where the person works.
                workplace: optional link(Workplace),
                /// Department.
                department: optional text,
                /// Job.
                job: optional text,
                /// Language the person likes to speak, as a tag such as `sv` or `en`.
                language: optional text,
                /// How the person likes to be reached.
                channel: optional choice(Channel),
                /// Where the person stands, when no membership event says otherwise.
                membership: optional choice(Membership),
                /// The stewards' own assessment: 1 leads others towards the union, 5 works against it.
                assessment: optional int(1, 5),
                /// First day in the job.
                hired_on: optional date,
                /// Last day of studies.
                student_until: optional date,
                /// What might make the person join.
                trigger: optional choice(Trigger),
                /// The steward who keeps the relation.
                owner: optional link(Person),
                /// Wants to help recruiting.
                willing_to_help: optional bool,
                /// Has asked not to be contacted; hides calls.
                do_not_contact: optional bool,
                /// Where the record comes from, in words.
                source: optional text,
                /// Who told of the person; whoever was told of by another is to be told within a month.
                origin: optional choice(Origin),
                /// The day the person was told what is kept about them, and why.
                told_on: optional date,
                /// Which version of that text they were given.
                told_version: optional text,
                /// The day the person was forgotten: nothing is left but what reports count.
                forgotten_on: optional date,
                /// Anything else.
                note: optional text,
            }
            /// What two contacts are to each other.
            links Links Link LinkDraft {
                /// One contact.
                a: required parent(Contact),
                /// The other contact.
                b: required link(Contact),
                /// Same person, not the same, acquainted, or recruited by the other.
                kind: required choice(LinkKind),
                /// Who decided.
                by: optional link(Person),
                /// When.
                at: optional moment,
                /// Taken back: the link no longer holds.
                undone: optional bool,
            }
            /// A talk with a person, named or not.
            talks Talks Talk TalkDraft {
                /// With whom.
                contact: optional parent(Contact),
                /// During which visit.
                visit: optional parent(Visit),
                /// Where.
                workplace: optional link(Workplace),
                /// What gave rise to it.
                occasion: optional choice(Occasion),
                /// How it was held.
                channel: optional choice(Channel),
                /// To inform or to listen.
                purpose: optional choice(Purpose),
                /// When.
                at: required moment,
                /// Which steward.
                by: optional link(Person),
                /// What the person needs and expects.
                needs: optional text,
                /// The reason to join that was used.
                reason_used: optional text,
                /// Whether that reason landed.
                landed: optional bool,
                /// Whether the person was invited to join.
                invited: optional bool,
                /// How it ended.
                answer: optional choice(TalkAnswer),
                /// Anything else.
                note: optional text,
            }
            /// A planned or held event at a workplace: a table, a round, a meeting, a day of calls.
            visits Visits Visit VisitDraft {
                /// What it is.
                kind: required choice(VisitKind),
                /// Where.
                workplace: optional link(Workplace),
                /// When it starts.
                starts_at: required moment,
                /// When it ends.
                ends_at: optional moment,
                /// The first visit of the series that this one repeats.
                series: optional link(Visit),
                /// The day that the series gave it; moving the visit leaves this as it is.
                series_on: optional date,
                /// Every how many weeks the series repeats; on its first visit.
                every_weeks: optional int(1, 52),
                /// The last day of the series; on its first visit.
                repeat_until: optional date,
                /// The very place, such as "by the canteen".
                spot: optional text,
                /// Part of the day, such as "lunch".
                slot: optional text,
                /// Planned, done or cancelled.
                state: optional choice(VisitState),
                /// The campaign it is part of.
                campaign: optional link(Campaign),
                /// Topic.
                topic: optional text,
                /// Guests and helpers from elsewhere.
                guests: optional text,
                /// What it cost, in whole units of the country's money.
                cost: optional int(0, 1_000_000_000),
                /// Who pays.
                funding: optional text,
                /// What went well and what did not.
                review: optional text,
                /// Anything else.
                note: optional text,
            }
            /// One person's turn at a visit.
            shifts Shifts Shift ShiftDraft {
                /// The visit.
                visit: required parent(Visit),
                /// Who.
                person: required link(Person),
                /// Asked, yes or no.
                state: optional choice(ShiftState),
                /// Anything else.
                note: optional text,
            }
            /// One contact at one visit.
            attendance Attendance Attendance AttendanceDraft {
                /// The visit.
                visit: required parent(Visit),
                /// Who.
                contact: required link(Contact),
                /// Invited, attended or declined.
                state: optional choice(AttendanceState),
            }
            /// A counter at a visit: one row for each device, summed, so that no merge can lose a tap.
            tallies Tallies Tally TallyDraft {
                /// The visit.
                visit: required parent(Visit),
                /// What is counted.
                kind: required choice(TallyKind),
                /// Which item, where several are handed out.
                item: optional text,
                /// The device that counted.
                device: required link(Device),
                /// How many this device counted.
                n: required int(0, 1_000_000),
            }
            /// Something that happened to a membership; the status follows from the latest.
            memberships Memberships MembershipEvent MembershipEventDraft {
                /// Whose.
                contact: required parent(Contact),
                /// What happened.
                kind: required choice(MembershipKind),
                /// On which day.
                on: required date,
                /// Who wrote it down.
                by: optional link(Person),
                /// Which steward recruited. A colleague who is none is named by a link.
                recruiter: optional link(Person),
                /// The campaign whose offer was taken.
                campaign: optional link(Campaign),
                /// The visit where it happened.
                visit: optional link(Visit),
                /// How: a form, a page, paper.
                method: optional text,
                /// Why, for those who leave.
                reason: optional text,
                /// The day the office confirmed it.
                confirmed_on: optional date,
            }
            /// Something to do later, with an owner and a day.
            follow_ups FollowUps FollowUp FollowUpDraft {
                /// What is to be done.
                what: required text,
                /// A promise, a call, a welcome …
                kind: optional choice(FollowUpKind),
                /// For whom.
                contact: optional parent(Contact),
                /// For which workplace.
                workplace: optional link(Workplace),
                /// After which visit.
                visit: optional parent(Visit),
                /// Who does it.
                owner: optional link(Person),
                /// By which day.
                due: optional date,
                /// When it was done; wins over any other change.
                done_at: optional moment,
                /// Whether the promise was kept.
                kept: optional bool,
                /// What came of it.
                outcome: optional text,
                /// How many times it was tried.
                attempts: optional int(0, 1_000),
                /// What called for it; two rows of one cause and contact count as one.
                cause: optional text,
            }
            /// A person's consent to be kept and contacted, with the proof of what was agreed to.
            consents Consents Consent ConsentDraft {
                /// Whose.
                contact: required parent(Contact),
                /// For what.
                purpose: optional text,
                /// Which version of the text was shown.
                text_version: optional text,
                /// In which language.
                language: optional text,
                /// How it was given.
                how: optional text,
                /// When it was given; none where only its withdrawal is known here.
                given_at: required moment,
                /// When it was taken back; wins.
                withdrawn_at: optional moment,
                /// 1, and one more each time the person agrees again after taking it back. A withdrawal ends its own round
                /// and all before it.
                round: optional int(1, 1_000),
            }
            /// A period with an offer and a goal.
            campaigns Campaigns Campaign CampaignDraft {
                /// Name.
                name: required text,
                /// First day.
                starts_on: optional date,
                /// Last day.
                ends_on: optional date,
                /// How many free months the offer gives.
                trial_months: optional int(0, 60),
                /// The offer in words.
                offer: optional text,
                /// What a recruiter is thanked with.
                prize: optional text,
                /// For how many confirmed sign-ups.
                prize_at: optional int(1, 1_000),
                /// How many months after the free ones dues may be paid for a sign-up still to count for its recruiter.
                score_months: optional int(1, 60),
                /// Anything else.
                note: optional text,
            }
            /// Something to hand out or put up.
            materials Materials Material MaterialDraft {
                /// Name.
                name: required text,
                /// What is counted: pieces, boxes.
                unit: optional text,
                /// At how many it is time to order.
                low_at: optional int(0, 1_000_000),
            }
            /// Material in or out.
            moves Moves Move MoveDraft {
                /// Which material.
                material: required link(Material),
                /// What happened to it.
                kind: optional choice(MoveKind),
                /// How many.
                n: required int(0, 1_000_000),
                /// At which visit.
                visit: optional parent(Visit),
                /// At which workplace.
                workplace: optional link(Workplace),
                /// Who.
                by: optional link(Person),
                /// When.
                at: optional moment,
            }
            /// One thing that makes the union visible at a workplace: asked for, granted, up. Of several rows for one
            /// workplace and item the later counts.
            checks Checks Check CheckDraft {
                /// Where.
                workplace: required parent(Workplace),
                /// What.
                item: required choice(CheckItem),
                /// Asked, granted, refused or posted.
                state: optional choice(CheckState),
                /// Since which day it is so.
                since: optional date,
                /// The day by which it is to be renewed.
                refresh_by: optional date,
            }
            /// Something in an employer's calendar that makes a visit worth while.
            calendar Calendar CalendarEntry CalendarEntryDraft {
                /// Where; every workplace if none is named.
                workplace: optional parent(Workplace),
                /// What.
                what: required choice(CalendarEvent),
                /// Its day, or its first.
                on: required date,
                /// Its last day.
                until: optional date,
                /// Anything else.
                note: optional text,
            }
            /// Something that people at work care about.
            topics Topics Topic TopicDraft {
                /// What it is, in a few words.
                title: required text,
                /// Raised, taken up, won or lost.
                state: optional choice(TopicState),
                /// What the union does about it.
                action: optional text,
                /// What came of it.
                result: optional text,
                /// The day those who raised it were told.
                told_back_on: optional date,
            }
            /// One time that a topic came up. A topic weighs as much as it has of these.
            raises Raises Raise RaiseDraft {
                /// Which topic.
                topic: required link(Topic),
                /// Who raised it.
                contact: optional parent(Contact),
                /// In which talk.
                talk: optional parent(Talk),
                /// At which visit.
                visit: optional parent(Visit),
                /// When.
                at: optional moment,
            }
            /// How much is to be reached in a month or another period: sign-ups of a campaign, or of all where neither is named,
            /// or the value of a metric.
            goals Goals Goal GoalDraft {
                /// The campaign whose sign-ups count.
                campaign: optional link(Campaign),
                /// The metric that is to get there.
                metric: optional link(Metric),
                /// First day of the period.
                starts_on: optional date,
                /// Last day of the period.
                ends_on: optional date,
                /// How many.
                target: required int(0, 1_000_000_000),
            }
            /// A number that is followed over time, such as followers of a page.
            metrics Metrics Metric MetricDraft {
                /// Name.
                name: required text,
                /// What is counted.
                unit: optional text,
                /// Where it began.
                start: optional int(-1_000_000_000, 1_000_000_000),
                /// Where it is to end.
                target: optional int(-1_000_000_000, 1_000_000_000),
            }
            /// What a metric was on one day.
            readings Readings Reading ReadingDraft {
                /// Which metric.
                metric: required parent(Metric),
                /// On which day.
                on: required date,
                /// The number.
                value: required int(-1_000_000_000, 1_000_000_000),
                /// Who or what says so.
                source: optional text,
                /// What it cost to get there, in whole units of the country's money.
                cost: optional int(0, 1_000_000_000),
            }
            /// One of a steward's own reasons to be a member, for talks.
            reasons Reasons Reason ReasonDraft {
                /// The reason, as it is said.
                text: required text,
                /// Whose; everybody's if nobody is named.
                person: optional link(Person),
                /// Its place in the list, from 1.
                order: optional int(0, 1_000),
            }
            /// A guide for conversations, or a card to train with.
            guides Guides Guide GuideDraft {
                /// Title.
                title: required text,
                /// The text.
                body: required text,
                /// Its language, as a tag such as `sv`.
                language: optional text,
                /// Its place in the list, from 1.
                order: optional int(0, 1_000),
            }
            /// A question to many.
            polls Polls Poll PollDraft {
                /// The question.
                question: required text,
                /// The answers to choose from, one a line; free text where there are none.
                choices: optional text,
                /// The last day to answer.
                closes_on: optional date,
            }
            /// One answer to a poll.
            answers Answers PollAnswer PollAnswerDraft {
                /// Which poll.
                poll: required parent(Poll),
                /// Who answered; nobody is named where the poll is anonymous.
                contact: optional link(Contact),
                /// The choice, as the poll spells it.
                choice: optional text,
                /// Words of one's own.
                text: optional text,
                /// When; left out where the poll is anonymous and the hour would tell who.
                at: optional moment,
            }
            /// A list of people that was taken in, or taken out. One that was taken out names nobody, and needs a kind, a
            /// purpose, a number and a moment in the place of a source.
            imports Imports Import ImportDraft {
                /// Whose list it is; one that was taken out has no source.
                source: required choice(ImportSource),
                /// SHA-256 of the file in hexadecimal, or of its cells where personal numbers were left out: the same file is known
                /// again.
                file_sha256: optional text,
                /// How many rows it had; of how many people it was, if it was taken out.
                rows: optional int(0, 10_000_000),
                /// When it was taken in or out.
                at: optional moment,
                /// Who took it in or out.
                by: optional link(Person),
                /// When the comparison with the other lists was signed off.
                signed_off: optional moment,
                /// Taken back: what it wrote no longer holds.
                undone: optional bool,
                /// Which way it went: in, where nothing is said.
                direction: optional choice(ListDirection),
                /// What was taken out: addresses or cards.
                kind: optional choice(ExportKind),
                /// The purpose that those had agreed to who were taken out.
                purpose: optional text,
                /// Only those of this workplace, with its sub-sites, were taken out.
                workplace: optional link(Workplace),
            }
            /// What the whole book agrees on. One row counts: the one with the lowest id.
            settings Settings Setting SettingDraft {
                /// What the book is called.
                name: optional text,
                /// The country the register works in.
                country: optional choice(Country),
                /// Languages offered to visitors, as tags with commas between: `sv,en`.
                languages: optional text,
                /// After how many months without a talk a person is listed as not spoken with.
                cadence_months: optional int(1, 120),
                /// How many months a contact without a membership is kept after the last that happened.
                keep_contacts_months: optional int(1, 120),
                /// How many months somebody who said no, or wants no contact, is kept.
                keep_refusals_months: optional int(1, 120),
                /// How many months a former member is kept.
                keep_former_months: optional int(1, 120),
                /// How many months the proof of a withdrawn consent is kept.
                keep_consents_months: optional int(1, 240),
                /// The purpose text a visitor reads before a consent.
                purpose_text: optional text,
                /// The version of that text, written on each consent.
                purpose_version: optional text,
                /// What people are told who were told of by another: what is kept, why, and whom to ask.
                notice_text: optional text,
                /// The version of that text, written on each contact that was told.
                notice_version: optional text,
                /// The thanks a visitor reads after signing up.
                thanks_text: optional text,
            }
            /// An answer that a field had when the book was founded anew, and that the field does not show: it waits for
            /// somebody to choose. Its id ends in the byte of the row that it is about.
            conflicts Conflicts KeptAnswer KeptAnswerDraft {
                /// What it is about: `table/row/field`; the field `live` where a removal met an edit.
                path: required text,
                /// The answer that was kept aside, as JSON; none where the field was emptied.
                mine: optional text,
                /// What the field showed instead, as JSON; none where it was empty.
                base: optional text,
                /// The device that wrote the kept answer.
                device: optional link(Device),
                /// When it was written, by that device's clock.
                at: optional moment,
            }
            /// A phone or computer of a member. Its row's id is the device's id.
            devices Devices Device DeviceDraft {
                /// What the owner calls it.
                label: required text,
                /// Whose it is.
                person: optional link(Person),
            }
        }
    } };
}
