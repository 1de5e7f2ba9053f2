// Hands a file to the reader: the phone's own sharing sheet where it takes files, else a download.

/** Puts a file among the downloads. */
export function save(name: string, type: string, content: BlobPart): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Offers a file to another phone nearby. Closing the sharing sheet is no failure. */
export async function hand(name: string, content: BlobPart): Promise<void> {
  const file = new File([content], name, { type: "application/octet-stream" });
  if (navigator.canShare?.({ files: [file] })) await navigator.share({ files: [file] }).catch(() => undefined);
  else save(name, file.type, content);
}
