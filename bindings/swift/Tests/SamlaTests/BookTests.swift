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

    func testErrorsSayWhatToDoNext() throws {
        let book = try practice()
        XCTAssertThrowsError(try book.add(draft: .workplaces(WorkplaceDraft(employer: "Region")))) { error in
            guard case let SamlaError.InvalidField(field, reason) = error else { return XCTFail("another error") }
            XCTAssertEqual([field, reason], ["name", "required"])
        }
    }
}
