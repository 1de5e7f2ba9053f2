"""What is Python's own: errors, texts, asyncio, the stream of events."""

import asyncio
import os
import secrets
import tempfile
import unittest

import samla
from server import Server


def new_book(folder, url):
    new = samla.NewBook(name="Lunch", server_url=url, my_name="Ann", device_label="Phone")
    return samla.create_book(os.path.join(folder, "book"), secrets.token_bytes(32), new)


def confirm(made):
    letters = made.sheet.text.removeprefix("samlar1")
    made.book.confirm_recovery("".join(letters[place - 1] for place in made.sheet.ask))
    return made.book


class Errors(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_each_says_what_to_do_next(self):
        book = new_book(self.folder.name, "https://samla.example").book
        with self.assertRaises(samla.SamlaError.Refused) as refused:
            book.add(samla.Draft.CONTACTS(samla.ContactDraft(given_name="Eva")))
        self.assertEqual(refused.exception.code, "recovery_unconfirmed")
        with self.assertRaises(samla.SamlaError.InvalidField) as refused:
            book.add(samla.Draft.WORKPLACES(samla.WorkplaceDraft(employer="Region")))
        self.assertEqual((refused.exception.field, refused.exception.reason), ("name", "required"))
        with self.assertRaises(samla.SamlaError.InvalidField) as refused:
            book.contact_card("not an id")
        self.assertEqual(refused.exception.reason, "not_an_id")
        with self.assertRaises(samla.SamlaError.UnknownRow):
            book.remove(samla.Table.CONTACTS, "00" * 16)

    def test_a_code_to_compare_is_told_from_one_that_was_mistyped(self):
        book = new_book(self.folder.name, "https://samla.example").book
        code = book.compare_code()
        self.assertEqual("".join(code.groups), code.text)
        self.assertEqual(book.compare(" ".join(code.groups).upper()), samla.Compared.SAME)
        for typed, error in ((code.text[:-1], "compare_mistyped"), ("https://samla.example", "compare_malformed")):
            with self.assertRaises(samla.SamlaError.Refused) as refused:
                book.compare(typed)
            self.assertEqual(refused.exception.code, error)

    def test_a_key_that_does_not_fit(self):
        path = os.path.join(self.folder.name, "book")
        del new_book(self.folder.name, "https://samla.example").book
        for key in (secrets.token_bytes(32), b"short"):
            with self.assertRaises(samla.SamlaError.WrongKey):
                samla.Book.open(path, key)


class Texts(unittest.TestCase):
    def test_values_and_errors_in_the_readers_language(self):
        kind = samla.VisitKind.TABLE
        self.assertEqual(samla.text("sv-FI", f"VisitKind.{kind.name.lower()}"), "Bord")
        self.assertEqual(samla.text("fi", "unit.week"), "vko {n}")
        self.assertEqual(samla.text("de", "error.invite_expired"), "This invitation has expired.")
        self.assertIsNone(samla.text("nb", "VisitKind.picnic"))


class Network(unittest.TestCase):
    def test_asyncio_and_events(self):
        with Server() as server, tempfile.TemporaryDirectory() as folder:
            book = new_book(folder, server.url).book
            self.assertIsNone(book.events_request())
            self.assertGreater(asyncio.run(book.sync_async()).sent, 0)
            self.assertEqual(next(book.listen()), book.status().head_n)
        with self.assertRaises(samla.Offline):
            book.sync()

    def test_a_person_is_erased_and_the_server_signs_for_it(self):
        with Server() as server, tempfile.TemporaryDirectory() as folder:
            book = confirm(new_book(folder, server.url))
            anna = book.add(samla.Draft.CONTACTS(samla.ContactDraft(given_name="Anna")))
            book.sync()
            book.erase(anna)
            self.assertEqual(book.wanted().erased, 1)
            book.sync()
            self.assertIsNone(book.wanted())
            self.assertEqual(book.status().epoch, 1)
            (founded,) = book.founded()
            self.assertEqual((founded.reason, founded.gone), ("erase", 1))
            self.assertGreater(founded.receipt.count, 0)
            self.assertEqual(founded.probe.log, samla.ProbeAnswer.GONE)
            self.assertIsNone(book.contact_card(anna))


if __name__ == "__main__":
    unittest.main()
