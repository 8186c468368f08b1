/** Steps and labels on their way to a kernel that is slow or goes away, in the built bundle. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { question, type FakeModel, type Plan } from "./kernel";
import { clear } from "./mounted";
import { open, settle } from "./opened";

const ROWS = Array.from({ length: 12 }, (_, n) => ({ x: n % 4, y: Math.floor(n / 4) }));
const CHOICE: Plan = { questions: [question("tier", "choose", ["A", "B", "C"])], rows: ROWS };
const MAP: Plan = { ...CHOICE, show: { renderer: "map", columns: ["x", "y"] } };
/** After so long a question without an answer is asked again. */
const RESEND_MS = 16_000;

beforeEach(() => {
  sessionStorage.clear();
  // jsdom draws nothing, and says so loudly.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});
afterEach(() => {
  clear();
  vi.useRealTimers();
});

const asked = (model: FakeModel, ...kinds: string[]): any[] => model.asked.filter((each) => kinds.includes(each.kind));
const count = (root: HTMLElement): string => root.querySelector(".qfl-count")!.textContent!;
const ledger = (root: HTMLElement): string => root.querySelector(".qfl-ledger")!.textContent!;

/** Answer one question that is held up, as a kernel that takes its time. */
async function answerOne(model: FakeModel): Promise<void> {
  model.release(1);
  await settle();
}

/** Choose a region of three items, all of which get the answers that come next. */
async function chooseAlike(root: HTMLElement, press: (...keys: string[]) => Promise<void>): Promise<void> {
  await press("m", "ArrowRight", "⇧ArrowDown", "Enter");
  [...root.querySelectorAll("button")].find((each) => each.textContent!.includes("Same answers for all 3"))!.click();
  await settle();
}

test("labels reach a slow kernel in the order of the keys, one after the other, each once", async () => {
  const { model, root, press } = await open(CHOICE);
  model.isHeld = true;
  await press("1", "2", "3", "s");
  expect(ledger(root)).toBe("0 saved · 4 waiting for the kernel");
  expect(asked(model, "submit", "skip").map((each) => each.key)).toEqual(["k0"]);
  for (let n = 1; n <= 4; n += 1) {
    while (model.kept.length < n) await answerOne(model);
    expect(asked(model, "submit", "skip").length).toBe(Math.min(4, n + 1));
  }
  expect(model.kept.map((each) => [each.kind, each.key])).toEqual([
    ["submit", "k0"], ["submit", "k1"], ["submit", "k2"], ["skip", "k3"],
  ]);
  expect(model.kept.map((each) => each.answers?.tier)).toEqual(["A", "B", "C", undefined]);
  expect(new Set(model.kept.map((each) => each.submission)).size).toBe(4);
  expect(ledger(root)).toBe("4 saved");
});

test("a label that is refused does not hold up those behind it", async () => {
  const { model, root, press } = await open(CHOICE);
  model.isHeld = true;
  await press("1", "2");
  model.refuses = "The item is gone: take another";
  await answerOne(model);
  model.refuses = "";
  model.release();
  await settle();
  expect(model.kept.map((each) => each.key)).toEqual(["k1"]);
  expect(ledger(root)).toBe("1 saved · 1 not saved");
  expect(root.textContent).toContain("Item 1 is not saved: The item is gone: take another");
});

test("a page that goes away gives the kernel all labels at once, and the next widget sends none twice", async () => {
  const first = await open(CHOICE, { resume: "cell" });
  first.model.isHeld = true;
  await first.press("1", "2", "3");
  window.dispatchEvent(new Event("pagehide"));
  expect(asked(first.model, "submit").map((each) => each.key)).toEqual(["k0", "k1", "k2"]);
  const given = asked(first.model, "submit").map((each) => each.submission);
  first.model.release();
  const { model } = await open(CHOICE, { resume: "cell" }, (made) => made.kept.push(...first.model.kept));
  expect(model.kept.map((each) => each.submission)).toEqual(given);
});

test("a step back that was not answered is sent again as the same one, and taken once", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "Date"] });
  const { model, root, press } = await open(CHOICE);
  await press("1", "2", "3");
  model.isHeld = true;
  await press("z");
  expect(ledger(root)).toContain("undoing");
  vi.advanceTimersByTime(RESEND_MS);
  await settle();
  expect(asked(model, "undo").length).toBe(2);
  expect(new Set(asked(model, "undo").map((each) => each.submission)).size).toBe(1);
  model.release();
  await settle();
  expect(model.kept.map((each) => each.key)).toEqual(["k0", "k1"]);
  expect(count(root)).toContain("Item 3");
  expect(ledger(root)).not.toContain("undoing");
});

test("what the kernel says of a step back is shown", async () => {
  const { model, root, press } = await open(CHOICE);
  await press("1", "2");
  model.says = "1 item was passed over, forgotten or not in golden any more";
  await press("z");
  expect(root.querySelector(".qfl-notice")!.textContent).toBe(model.says);
  expect(count(root)).toContain("Item 2");
});

test("what was given at once and is on its way yet is taken back whole, and brought back whole", async () => {
  const { model, root, press } = await open(MAP);
  await chooseAlike(root, press);
  model.isHeld = true;
  await press("2", "z");
  expect(asked(model, "submit").map((each) => each.key)).toEqual(["k3", "k4", "k5"]);
  expect(asked(model, "undo")).toEqual([]);
  model.release();
  await settle();
  expect(asked(model, "undo").length).toBe(1);
  expect(model.kept).toEqual([]);
  expect(root.textContent).toContain("3 items chosen, 3 left");
  await press("r");
  expect(model.kept.map((each) => [each.key, each.answers.tier])).toEqual([["k3", "B"], ["k4", "B"], ["k5", "B"]]);
});

test("what was given at once and taken back is answered anew, each item once", async () => {
  const { model, root, press } = await open(MAP);
  await chooseAlike(root, press);
  await press("2", "z", "1");
  expect(model.kept.map((each) => [each.key, each.answers.tier])).toEqual([["k3", "A"]]);
  expect(count(root)).toContain("Item 5");
  await press("3");
  expect(model.kept.map((each) => [each.key, each.answers.tier])).toEqual([["k3", "A"], ["k4", "C"]]);
});

test("a region that the kernel refuses leaves the queue as it was", async () => {
  const { model, root, press } = await open(MAP);
  model.refusesRegions = "No item lies in the region: draw it around some";
  await press("m", "ArrowRight", "Enter");
  expect(root.textContent).toContain("No item lies in the region: draw it around some");
  expect(count(root)).toContain("Item 1");
  await press("1");
  expect(model.kept.map((each) => each.key)).toEqual(["k0"]);
});

test("a kernel that is lost takes no step; what was on its way goes on when it is back", async () => {
  const { model, root, press } = await open(CHOICE, { resume: "cell" });
  await press("1", "2");
  model.isHeld = true;
  await press("z", "z");
  model.isDead = true;
  model.tell("comm_live_update", model, false);
  await settle();
  expect(root.textContent).toContain("Not connected to a kernel");
  await press("r", "3");
  expect(asked(model, "redo", "submit").length).toBe(2);
  model.isDead = false;
  model.tell("comm_live_update", model, true);
  for (let n = 0; n < 4; n += 1) await answerOne(model);
  model.release();
  await settle();
  expect(new Set(asked(model, "undo").map((each) => each.submission)).size).toBe(2);
  expect(model.kept).toEqual([]);
  expect(count(root)).toContain("Item 1");
});

test("labels of a lost kernel are all kept, sent or not, and go in their order when it is back", async () => {
  const { model, root, press } = await open(CHOICE, { resume: "cell" });
  model.isHeld = true;
  await press("1", "2", "3");
  model.isDead = true;
  model.tell("comm_live_update", model, false);
  await settle();
  expect(model.state["unsaved"].map((each: any) => each.body.key)).toEqual(["k0", "k1", "k2"]);
  expect(root.textContent).toContain("3 labels are not saved");
  model.isDead = false;
  model.tell("comm_live_update", model, true);
  model.release();
  await settle();
  expect(model.kept.map((each) => [each.key, each.answers.tier])).toEqual([["k0", "A"], ["k1", "B"], ["k2", "C"]]);
  expect(ledger(root)).toBe("3 saved");
});
