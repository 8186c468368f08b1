/** Keys of the keyboard: as the kernel writes them, as the browser tells them, as people read them. */

const SHOWN: Record<string, string> = {
  Space: "␣",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Backspace: "⌫",
  Delete: "Del",
  Enter: "↵",
  Escape: "Esc",
};

export const keyOf = (event: KeyboardEvent): string => (event.key === " " ? "Space" : event.key);

export const shownKey = (key: string): string => SHOWN[key] ?? key;

/** Say whether a key means this one; capital letters mean the small ones where those are not taken. */
export function isKey(pressed: string, wanted: string, taken: Iterable<string> = []): boolean {
  if (!wanted) return false;
  if (pressed === wanted) return true;
  if (pressed.length !== 1 || pressed.toLowerCase() !== wanted.toLowerCase()) return false;
  return ![...taken].includes(pressed);
}

/** Say whether a key may be a command; those that scroll, reload and the like stay the browser's. */
export const isCommand = (key: string): boolean => [...key].length === 1 || key in SHOWN;

/** Say whether somebody writes there, so that keys are letters. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "range";
  return target.matches("textarea, select") || target.isContentEditable;
}
