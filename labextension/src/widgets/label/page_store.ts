/** Lists in the page's session, by what they are of and by the cell that they belong to. */

const place = (kind: string, resume: string): string => `qforge-${kind}:${resume}`;

export function read<Entry>(kind: string, resume: string): Entry[] {
  if (!resume) return [];
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(place(kind, resume)) ?? "[]");
    return Array.isArray(found) ? (found as Entry[]) : [];
  } catch {
    return [];
  }
}

/** Say whether it is kept: some pages have no store, and some drawings are too large for one. */
export function write(kind: string, resume: string, entries: unknown[]): boolean {
  if (!resume) return false;
  try {
    if (entries.length) sessionStorage.setItem(place(kind, resume), JSON.stringify(entries));
    else sessionStorage.removeItem(place(kind, resume));
    return true;
  } catch {
    return false;
  }
}
