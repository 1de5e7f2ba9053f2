// The recovery sheet, held in memory from the moment it is made until its characters are typed back; never kept.

import type { Sheet } from "../../client";

class Shown {
  sheet = $state.raw<Sheet | null>(null);
}

export const shown = new Shown();
