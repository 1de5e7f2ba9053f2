// The storage key of each register: 32 random bytes that the core seals its tables under. They lie wrapped by an AES-GCM
// key that the browser keeps and no script can read, so a copied file opens nowhere else.

import type { Place } from "../client";
import { profile } from "./profile";

interface Wrapped {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
}

const nameOf = (place: Place) => `key:${place}`;
/** Where the key lies that is to take the place of a register's key. */
const nextOf = (place: Place) => `key:${place}:next`;

async function wrapping(): Promise<CryptoKey> {
  const kept = await profile.get<CryptoKey>("wrapping");
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await profile.put("wrapping", made);
  return made;
}

/** A new storage key for a register that is about to be made. It is kept before it is answered. */
export function makeKey(place: Place): Promise<Uint8Array> {
  return keep(place, nameOf(place));
}

/** A key that is to take the place of a register's key. It is kept beside that one before it is answered. */
export function makeNextKey(place: Place): Promise<Uint8Array> {
  return keep(place, nextOf(place));
}

/** The register is sealed under the next key: the one before is forgotten. */
export async function takeNextKey(place: Place): Promise<void> {
  const next = await profile.get<Wrapped>(nextOf(place));
  if (!next) return;
  await profile.put(nameOf(place), next);
  await profile.drop(nextOf(place));
}

/** The next key was not needed, or has taken its place already. */
export async function dropNextKey(place: Place): Promise<void> {
  await profile.drop(nextOf(place));
}

async function keep(place: Place, name: string): Promise<Uint8Array> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: label(place) }, await wrapping(), key);
  await profile.put(name, { iv, bytes } satisfies Wrapped);
  return key;
}

/** The storage key of a register that is there; null if this profile cannot open it any more. */
export function openKey(place: Place): Promise<Uint8Array | null> {
  return unwrap(place, nameOf(place));
}

/** The key that was to take its place; null if there is none. */
export function openNextKey(place: Place): Promise<Uint8Array | null> {
  return unwrap(place, nextOf(place));
}

async function unwrap(place: Place, name: string): Promise<Uint8Array | null> {
  const wrapped = await profile.get<Wrapped>(name);
  if (!wrapped) return null;
  const opened = crypto.subtle.decrypt({ name: "AES-GCM", iv: wrapped.iv, additionalData: label(place) }, await wrapping(), wrapped.bytes);
  return opened.then((bytes) => new Uint8Array(bytes)).catch(() => null);
}

export async function dropKey(place: Place): Promise<void> {
  await profile.drop(nameOf(place));
  await profile.drop(nextOf(place));
}

function label(place: Place): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`samla/1 storage key ${place}`);
}
