// The hours of a visit. They are those of the clock that hung where it was planned, whatever zone the phone of the reader is in.

/** How far this phone's clock is ahead of UTC at a moment: +02:00. */
export function offsetHere(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const two = (n: number) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

/** The day and the hour as they were written down, without the offset: 2026-08-25T11:30. */
export function asPlanned(moment: string): string {
  return moment.slice(0, 16);
}

/** The offset that a moment was written with, where this phone's clock has another one then. */
export function offsetElsewhere(moment: string): string | null {
  const offset = /[+-]\d\d:\d\d$/.exec(moment)?.[0] ?? "+00:00";
  return offset === offsetHere(new Date(moment)) ? null : offset;
}
