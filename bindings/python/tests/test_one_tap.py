"""Replays tests/stories/one_tap.json against a real server. What each step means stands in the story's ``format``."""

import json
import os
import secrets
import tempfile
import unittest

import samla
from server import Server

STORY = os.path.join(os.path.dirname(__file__), "../../../tests/stories/one_tap.json")


class Story:
    def __init__(self, folder, url):
        self.folder, self.url, self.network = folder, url, True
        self.phones, self.names = {}, {}

    def named(self, told):
        """The step with the ids in place of their names."""
        if isinstance(told, str):
            return self.names[told[1:]] if told.startswith("$") else told
        if isinstance(told, list):
            return [self.named(item) for item in told]
        if isinstance(told, dict):
            return {self.named(key): self.named(value) for key, value in told.items()}
        return told

    def step(self, step):
        step = self.named(step)
        book = self.phones.get(step["on"]) if isinstance(step.get("on"), str) else None
        answer = getattr(self, step["do"])(book, step)
        if "as" in step:
            self.names[step["as"]] = answer

    def create(self, _, step):
        new = samla.NewBook(name=step["book"], server_url=self.url, my_name=step["name"], device_label=step["label"])
        made = samla.create_book(os.path.join(self.folder, step["on"]), secrets.token_bytes(32), new)
        letters = made.sheet.text.removeprefix("samlar1")
        made.book.confirm_recovery("".join(letters[place - 1] for place in made.sheet.ask))
        self.phones[step["on"]] = made.book

    def join(self, _, step):
        path = os.path.join(self.folder, step["on"])
        self.phones[step["on"]] = samla.Book.join(path, secrets.token_bytes(32), step["link"], step["name"], step["label"])

    def offline(self, *_):
        self.network = False

    def sync(self, book, _):
        if self.network:
            return book.sync()
        with unittest.TestCase().assertRaises(samla.Offline):
            book.sync(send=self.nobody)

    def nobody(self, _):
        raise samla.Offline()

    def online(self, *_):
        self.network = True

    def invite(self, book, step):
        made = book.invite(samla.Role[step["role"].upper()])
        book.sync()
        return next(invite.link for invite in book.invites() if invite.id == made.id)

    def add(self, book, step):
        return book.add(draft(step["table"], step["fields"]))

    def set(self, book, step):
        book.set(step["row"], draft(step["table"], step["fields"]), step["clear"])

    def sign_up(self, book, step):
        contact = draft("contacts", step["fields"])[0]
        return book.sign_up(samla.SignUp(contact=contact, visit=step["visit"])).contact

    def tally(self, book, step):
        book.tally(step["visit"], samla.TallyKind[step["kind"].upper()], step["delta"])

    def resolve(self, book, step):
        book.resolve(table(step["table"]), step["row"], step["field"], samla.Value.TEXT(step["value"]))

    def same(self, _, step):
        first, *others = [(self.phones[name].heads(), self.phones[name].export_json()) for name in step["on"]]
        for other in others:
            assert other == first, "the phones differ"

    def check(self, book, step):
        test = unittest.TestCase()
        register = json.loads(book.export_json())["tables"]
        for name, rows in step.get("rows", {}).items():
            found = {row["id"]: row for row in register[name]}
            for key, expected in rows.items():
                if key == "count":
                    test.assertEqual(len(found), expected, name)
                else:
                    test.assertEqual({field: found[key].get(field) for field in expected}, expected)
        if expected := step.get("summary"):
            summary = book.table_summary(expected.pop("visit"))
            test.assertEqual({field: getattr(summary, field) for field in expected}, expected)
        if "conflicts" in step:
            found = [(c.table, c.id, c.field, sorted(a.shown for a in c.answers)) for c in book.conflicts()]
            expected = [(table(c["table"]), c["row"], c["field"], c["answers"]) for c in step["conflicts"]]
            test.assertEqual(found, expected)
        for typed, expected in step.get("search", {}).items():
            test.assertEqual([hit.id for hit in book.search(typed)], expected, typed)
        for offer in step.get("offers", []):
            campaign = book.offer(offer["visit"], offer["on"])
            until = campaign and book.free_until(campaign, offer["on"])
            test.assertEqual((campaign, until), (offer["campaign"], offer["until"]), offer)
        if "unsent" in step:
            test.assertEqual(book.status().unsent, step["unsent"])


def table(name):
    return samla.Table[name.upper()]


def draft(name, fields):
    return samla.parse_draft(table(name), fields)


class OneTap(unittest.TestCase):
    def test_story(self):
        with open(STORY, encoding="utf-8") as file, Server() as server, tempfile.TemporaryDirectory() as folder:
            story = Story(folder, server.url)
            for nth, step in enumerate(json.load(file)["steps"]):
                with self.subTest(nth=nth, step=step):
                    story.step(step)


if __name__ == "__main__":
    unittest.main()
