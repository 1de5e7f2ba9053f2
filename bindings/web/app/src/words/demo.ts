// The words the practice register is filled with, in the reader's language.

import type { DemoWords } from "../client";
import { t } from "./words.svelte";

export function demoWords(): DemoWords {
  return {
    book: t("demo.book"),
    canteen: t("demo.canteen"),
    depot: t("demo.depot"),
    office: t("demo.office"),
    spot: t("demo.spot"),
    need_hours: t("demo.need_hours"),
    need_pay: t("demo.need_pay"),
    promise: t("demo.promise"),
    call: t("demo.call"),
    campaign: t("demo.campaign"),
    colleague: t("demo.colleague"),
  };
}
