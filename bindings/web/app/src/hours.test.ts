import { afterAll, beforeAll, expect, test } from "vitest";
import { asPlanned, offsetElsewhere, offsetHere } from "./hours";

const zone = process.env.TZ;
beforeAll(() => void (process.env.TZ = "Europe/Stockholm"));
afterAll(() => void (zone === undefined ? delete process.env.TZ : (process.env.TZ = zone)));

test("a moment is read as it was written down", () => {
  expect(asPlanned("2026-08-25T11:30:00.000+02:00")).toBe("2026-08-25T11:30");
  expect(asPlanned("2026-08-25T11:30:00Z")).toBe("2026-08-25T11:30");
});

test("an offset is another one where the clock of this phone has not got it that day", () => {
  expect(offsetHere(new Date("2026-08-25T11:30:00+02:00"))).toBe("+02:00");
  expect(offsetElsewhere("2026-08-25T11:30:00.000+02:00")).toBe(null);
  expect(offsetElsewhere("2026-11-25T11:30:00.000+01:00")).toBe(null);
  expect(offsetElsewhere("2026-08-25T11:30:00.000+03:00")).toBe("+03:00");
  expect(offsetElsewhere("2026-11-25T11:30:00.000-05:30")).toBe("-05:30");
  expect(offsetElsewhere("2026-11-25T11:30:00Z")).toBe("+00:00");
});
