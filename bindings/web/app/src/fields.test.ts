import { expect, test } from "vitest";
import { changes, filled } from "./fields";
import { joinName, splitName } from "./names";

test("a draft holds what has a value, without the space around it", () => {
  expect(filled({ given_name: " Anna ", phone: "", note: null, willing_to_help: false, assessment: 0 })).toEqual({
    given_name: "Anna",
    assessment: 0,
  });
});

test("a patch holds what changed: set, or emptied", () => {
  const before = { given_name: "Anna", phone: "070-174 06 05", note: null, do_not_contact: true };
  expect(changes({ given_name: "Anna ", phone: "", note: "", do_not_contact: false, job: "Nurse" }, before)).toEqual({
    set: { job: "Nurse" },
    clear: ["phone", "do_not_contact"],
  });
});

test("nothing changed is no patch", () => {
  expect(changes({ given_name: "Anna", phone: "" }, { given_name: "Anna", phone: null })).toEqual({ set: {}, clear: [] });
});

test("a name is read as it was typed", () => {
  for (const name of ["Anna", "Anna Berg", "Maria Elena Lopez Garcia"]) {
    const { given_name, family_name } = splitName(`  ${name} `);
    expect(joinName(given_name, family_name)).toBe(name);
  }
  expect(splitName("")).toEqual({ given_name: "", family_name: "" });
});
