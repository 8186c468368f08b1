/** The map and what is half answered, in the built bundle. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { question, type Plan } from "./kernel";
import { clear } from "./mounted";
import { open, settle } from "./opened";

const ROWS = Array.from({ length: 12 }, (_, n) => ({ x: n % 4, y: Math.floor(n / 4) }));
const MAP: Plan = {
  questions: [question("tier", "choose", ["A", "B"])],
  rows: ROWS,
  show: { renderer: "map", columns: ["x", "y"] },
};
const TEXT: Plan = {
  questions: [question("tier", "choose", ["A", "B"]), question("why", "text", [], { longest: 99 })],
  rows: ROWS,
};

beforeEach(() => {
  sessionStorage.clear();
  // jsdom draws nothing, and says so loudly.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});
afterEach(clear);

const click = async (root: HTMLElement, name: string) => {
  [...root.querySelectorAll("button")].find((each) => each.textContent!.includes(name))!.click();
  await settle();
};

test("the map asks once for all items and says what it does not draw", async () => {
  const { model, root, press } = await open(MAP);
  await press("1", "2");
  expect(model.asked.filter((each) => each.kind === "map").length).toBe(1);
  expect(root.querySelector("[role=application]")!.getAttribute("aria-label")).toContain("12 items by x and y");
  expect(root.textContent).toContain("1 item without a place on the map is not drawn");
});

test("a region is chosen with keys, answered alike, and let go again", async () => {
  const { model, root, press } = await open(MAP);
  await press("m", "ArrowRight", "⇧ArrowDown", "Enter");
  const [asked] = model.asked.filter((each) => each.kind === "choose");
  expect(asked.within.length).toBe(4);
  expect(root.textContent).toContain("3 items chosen, 3 left");
  expect(root.querySelector(".qfl-count")!.textContent).toContain("Item 4");
  await click(root, "Same answers for all 3");
  await press("2");
  expect(model.kept.map((each) => [each.key, each.answers.tier])).toEqual([["k3", "B"], ["k4", "B"], ["k5", "B"]]);
  expect(new Set(model.kept.map((each) => each.submission)).size).toBe(3);
  await click(root, "All items again");
  expect(root.textContent).not.toContain("chosen");
});

test("what was answered alike is taken back and brought back at once", async () => {
  const { model, root, press } = await open(MAP);
  await press("1", "m", "ArrowRight", "⇧ArrowDown", "Enter");
  await click(root, "Same answers for all 3");
  await press("2");
  expect(new Set(model.kept.slice(1).map((each) => each.batch)).size).toBe(1);
  expect(model.kept[0].batch).toBeUndefined();
  await press("z");
  expect(model.kept.map((each) => each.key)).toEqual(["k0"]);
  expect(root.querySelector("[aria-live=polite]")!.textContent).toContain("Taken back: 3 items. Item 4");
  expect(root.textContent).toContain("3 items chosen, 3 left");
  await press("r");
  expect(model.kept.map((each) => each.answers.tier)).toEqual(["A", "B", "B", "B"]);
  expect(root.querySelector("[aria-live=polite]")!.textContent).toContain("Brought back: 3 items");
  await press("z", "z");
  expect(model.kept).toEqual([]);
});

test("another question colours the map, and what is answered next has its colour", async () => {
  const { model, root, press } = await open({
    ...MAP,
    questions: [question("tier", "choose", ["A", "B"]), question("stars", "rate", [], { low: 1, high: 5, is_stepped: true })],
    hues: [
      { name: "tier", kind: "answer", labels: ["A", "B"] },
      { name: "stars", kind: "answer", labels: ["1", "2", "3", "4", "5"] },
      { name: "share", kind: "steps", labels: ["0 … 0.5", "0.5 … 1"], cuts: [0.5] },
    ],
  });
  const legend = () => root.querySelector(".qfl-legend")!.textContent;
  expect(legend()).toContain("not answered");
  await click(root, "stars");
  expect(legend()).toContain("1 2 3 4 5 not answered");
  await press("1", "4", "Enter");
  expect(model.kept.map((each) => each.answers)).toEqual([{ tier: "A", stars: 4 }]);
  await click(root, "share");
  expect(legend()).toContain("0.5 … 1 not answered");
});

test("a key that answers is not taken for the map", async () => {
  const plan = { ...MAP, questions: [{ ...question("tier", "choose", ["A"]), answers: [{ answer: "A", key: "m" }] }] };
  const { model, press } = await open(plan);
  await press("m");
  expect(model.kept.map((each) => each.answers)).toEqual([{ tier: "A" }]);
});

test("what is half answered goes to the kernel within a second, once for many changes", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const opened = open(TEXT, { resume: "cell" });
  await vi.advanceTimersByTimeAsync(50);
  const { model, root } = await opened;
  const box = root.querySelector("textarea")!;
  for (const text of ["h", "ha", "half"]) {
    box.value = text;
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(model.drafts).toEqual([]);
  await vi.advanceTimersByTimeAsync(900);
  expect(model.drafts.map((each) => [each.key, each.answers])).toEqual([["k0", { why: "half" }]]);
  vi.useRealTimers();
});

test("what was half answered is there again, and goes with its item", async () => {
  const greeting = { drafts: [{ key: "k0", answers: { why: "from the store" }, note: "n", confidence: 0.4, at: 5 }] };
  const { model, root, press } = await open({ ...TEXT, greeting }, { resume: "cell" });
  expect(root.querySelector("textarea")!.value).toBe("from the store");
  expect(root.querySelector(".qfl-sure output")!.textContent).toBe("40 %");
  await press("1", "Enter");
  expect(model.kept[0].answers).toEqual({ tier: "A", why: "from the store" });
  expect(sessionStorage.length).toBe(0);
});

test("the newer of two drafts counts", async () => {
  const first = await open(TEXT, { resume: "cell" });
  await first.press("2");
  const greeting = { drafts: [{ key: "k0", answers: { tier: "A" }, at: 5 }] };
  const { root } = await open({ ...TEXT, greeting }, { resume: "cell" });
  expect(root.querySelector("[aria-checked=true]")!.textContent).toContain("B");
});

test("steps back that are pressed fast are all taken, and no answer goes to the wrong item", async () => {
  const { model, root, press } = await open({ ...TEXT, questions: [TEXT.questions[0]] });
  await press("1", "2", "1");
  model.isHeld = true;
  await press("z", "z", "2");
  expect(model.asked.filter((each) => each.kind === "submit").length).toBe(3);
  model.release();
  await settle();
  await settle();
  expect(model.kept.length).toBe(1);
  expect(root.querySelector(".qfl-count")!.textContent).toContain("Item 2");
});
