// The recovery sheet, held in memory from the moment it is made until its characters are typed back; never kept.

import type { RecoverySheet } from "../../types";

class Sheet {
  shown = $state.raw<RecoverySheet | null>(null);
}

export const sheet = new Sheet();
