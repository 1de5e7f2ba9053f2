import Samla
import XCTest

final class BookTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    /// A book to practise with: it is never sent.
    private func practice() throws -> Book {
        let new = NewBook(name: "Lunch", myName: "Ann", deviceLabel: "Phone")
        let key = Data((0 ..< 32).map { _ in UInt8.random(in: .min ... .max) })
        return try createBook(path: folder.appendingPathComponent("book").path, storageKey: key, newBook: new).book
    }

    func testSignUpIsFoundAtOnce() async throws {
        let book = try practice()
        let contact = ContactDraft(givenName: "Åsa", phone: "070-174 06 05")
        let signed = try book.signUp(signUp: SignUp(contact: contact))
        XCTAssertEqual(book.search(typed: "asa").map(\.id), [signed.contact])
        let synced = try await book.sync()
        XCTAssertEqual(synced, Synced())
    }

    func testSignUpTakesTheOfferOfTheCampaignThatRuns() throws {
        let book = try practice()
        let campaign = try book.add(draft: .campaigns(CampaignDraft(name: "Autumn", trialMonths: 3)))
        XCTAssertEqual(try book.offer(visit: nil, on: "2026-11-30"), campaign)
        XCTAssertEqual(try book.freeUntil(campaign: campaign, on: "2026-11-30"), "2027-02-28")
    }

    func testErrorsSayWhatToDoNext() throws {
        let book = try practice()
        XCTAssertThrowsError(try book.add(draft: .workplaces(WorkplaceDraft(employer: "Region")))) { error in
            guard case let SamlaError.InvalidField(field, reason) = error else { return XCTFail("another error") }
            XCTAssertEqual([field, reason], ["name", "required"])
        }
    }

    func testListIsTakenInAndTakenBack() throws {
        let book = try practice()
        let list = try ListFile.read(bytes: Data("Namn;Telefon\nÅsa Ek;0701740605\nBo Al;0701740606\n".utf8))
        let columns = try book.listColumns(list: list).map(\.meaning)
        XCTAssertEqual(columns, [.name, .phone])
        let dry = try book.dryRun(list: list, terms: ListTerms(source: .employer, columns: columns))
        XCTAssertEqual(dry.view().new, 2)
        let run = try book.startImport(dry: dry, choices: ImportChoices())
        while try !run.step(book: book, rows: 1).finished {}
        XCTAssertEqual(book.listContacts().count, 2)
        let undo = try book.undoImport(id: run.id())
        while try !undo.step(book: book).finished {}
        XCTAssertEqual(undo.progress().removed, 2)
    }

    func testWhatIsSharedGivesNoSmallGroupAway() throws {
        let book = try practice()
        let contact = try book.add(draft: .contacts(ContactDraft(givenName: "Åsa")))
        let left = MembershipEventDraft(contact: contact, kind: .left, on: "2026-11-23", reason: "Too dear")
        _ = try book.add(draft: .memberships(left))
        let query = ReportQuery(from: "2026-11-01", until: "2026-11-30", today: "2026-11-30", shared: true)
        XCTAssertFalse(try book.reportCsv(report: .leaveReasons, query: query).contains("Too dear"))
    }
}
