/** The built bundle, as a notebook loads it. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { question, type Plan } from "./kernel";
import { clear, close } from "./mounted";
import { open, settle, show } from "./opened";

const ROWS = Array.from({ length: 12 }, (_, n) => ({ title: `Title ${n}` }));
const CHOICE: Plan = { questions: [question("tier", "choose", ["A", "B", "C"])], rows: ROWS };

beforeEach(() => sessionStorage.clear());
// Effects that Preact put off to the next frame end before the page does.
afterAll(() => new Promise((resolve) => setTimeout(resolve, 300)));
afterEach(() => {
  clear();
  vi.useRealTimers();
});

describe("a choice", () => {
  test("is saved with one key, and the next item shows", async () => {
    const { model, root, press } = await open(CHOICE);
    await press("2");
    expect(model.kept.map((each) => [each.key, each.answers])).toEqual([["k0", { tier: "B" }]]);
    expect(root.textContent).toContain("Title 1");
    expect(root.querySelector(".qfl-ledger")!.textContent).toBe("1 saved");
  });

  test("is timed by a clock", async () => {
    const { model, press } = await open(CHOICE);
    await press("1");
    const [given] = model.kept;
    expect(Number.isInteger(given.latency_ms)).toBe(true);
    expect(Date.parse(given.answered_at)).toBeGreaterThanOrEqual(Date.parse(given.shown_at));
  });

  test("shows its keys on its buttons", async () => {
    const { root } = await open({ ...CHOICE, keys: { undo: "u", skip: "Space" } });
    const buttons = [...root.querySelectorAll("button")].map((each) => each.textContent!.trim());
    expect(buttons).toEqual(expect.arrayContaining(["A 1", "B 2", "C 3", "Undo u", "Skip ␣"]));
  });

  test("goes on with items beyond those that came first", async () => {
    const { model, press } = await open(CHOICE);
    for (let n = 0; n < 12; n += 1) await press("1");
    expect(model.kept.map((each) => each.key)).toEqual(ROWS.map((_, n) => `k${n}`));
    expect(document.body.textContent).toContain("No item is left");
  });
});

describe("a key", () => {
  test("never leaves the widget, and suppresses JupyterLab's shortcuts", async () => {
    const { root } = await open(CHOICE);
    const heard = vi.fn();
    document.addEventListener("keydown", heard);
    for (const key of ["a", "0", "Enter", "q"]) {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      root.dispatchEvent(event);
      expect(event.defaultPrevented).toBe(true);
    }
    document.removeEventListener("keydown", heard);
    expect(heard).not.toHaveBeenCalled();
    expect(root.dataset["lmSuppressShortcuts"]).toBe("true");
    expect(root.tabIndex).toBe(0);
  });

  test.each(["ctrlKey", "metaKey", "altKey"])("with %s is the browser's", async (modifier) => {
    const { model, root } = await open(CHOICE);
    const event = new KeyboardEvent("keydown", {
      key: "1", bubbles: true, cancelable: true, [modifier]: true,
    });
    root.dispatchEvent(event);
    await settle();
    expect(event.defaultPrevented).toBe(false);
    expect(model.kept).toEqual([]);
  });

  test("in a field is a letter", async () => {
    const plan = { questions: [question("tier", "choose", ["A"]), question("why", "text")], rows: ROWS };
    const { model, root } = await open(plan);
    const box = root.querySelector("textarea")!;
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true, cancelable: true }));
    await settle();
    expect(root.querySelector("[aria-checked=true]")).toBeNull();
    expect(model.kept).toEqual([]);
  });

  // Nothing here waits for a frame: somebody who writes is faster than a page that is slow.
  test("right after the one that opens a note is a letter of it", async () => {
    const { model, root, press } = await open(CHOICE);
    await press("n", "1");
    expect(document.activeElement).toBe(root.querySelector(".qfl-note"));
    expect(model.kept).toEqual([]);
  });

  test("right after a step to another item opens a note on that one", async () => {
    const { root, press } = await open(CHOICE);
    await press("1", "b", "n");
    await new Promise((resolve) => setTimeout(resolve, 300)); // whatever was put off to a frame is done
    expect(root.querySelector(".qfl-note")).not.toBeNull();
  });

  test.each([
    ["text", "textarea"],
    ["number", "input[inputmode=decimal]"],
  ])("right after the answer before a %s goes into its field", async (kind, field) => {
    const plan = { questions: [question("tier", "choose", ["A", "B"]), question("more", kind)], rows: ROWS };
    const { model, root, press } = await open(plan);
    await press("1", "n", "x");
    expect(document.activeElement).toBe(root.querySelector(field));
    expect(root.querySelector(".qfl-note")).toBeNull();
    expect(model.asked.filter((each) => each.kind === "submit")).toEqual([]);
  });
});

describe("undo, back, skip and can't tell", () => {
  test("undo takes back what the kernel kept, as often as there is something", async () => {
    const { model, root, press } = await open(CHOICE);
    await press("1", "2", "3", "z", "z", "z");
    expect(model.kept).toEqual([]);
    expect(root.querySelector(".qfl-count")!.textContent).toContain("Item 1");
    await press("z");
    expect(root.textContent).toContain("There is nothing to undo");
  });

  test("redo brings back what undo took, in any mixture, and goes on behind it", async () => {
    const { model, root, press } = await open(CHOICE);
    await press("1", "2", "3", "z", "z", "r");
    expect(model.kept.map((each) => each.answers.tier)).toEqual(["A", "B"]);
    expect(root.querySelector(".qfl-count")!.textContent).toContain("Item 3");
    await press("r", "r");
    expect(model.kept.length).toBe(3);
    expect(root.textContent).toContain("There is nothing to bring back");
  });

  test("redo has its key on its button, also another one", async () => {
    const { model, root, press } = await open({ ...CHOICE, keys: { undo: "z", redo: "y" } });
    const button = [...root.querySelectorAll("button")].find((each) => each.textContent!.startsWith("Redo"))!;
    expect(button.textContent).toContain("y");
    await press("1", "z", "y");
    expect(model.kept.length).toBe(1);
  });

  test("undo and redo that are pressed while the kernel is slow are taken one after the other", async () => {
    const { model, press } = await open(CHOICE);
    await press("1", "2");
    model.isHeld = true;
    await press("z", "z", "r");
    for (let n = 0; n < 6; n += 1) {
      model.release();
      await settle();
    }
    expect(model.asked.map((each) => each.kind).filter((kind) => /do$/.test(kind))).toEqual(["undo", "undo", "redo"]);
    expect(model.kept.length).toBe(1);
  });

  test("undo waits for the labels before it", async () => {
    const { model, press } = await open(CHOICE);
    model.isHeld = true;
    await press("1", "z");
    expect(model.asked.filter((each) => each.kind === "undo")).toEqual([]);
    model.release();
    await settle();
    expect(model.asked.filter((each) => each.kind === "undo").length).toBe(1);
  });

  test("an item that one goes back to is answered anew", async () => {
    const { model, press } = await open(CHOICE);
    await press("1", "b", "2");
    expect(model.kept.map((each) => [each.key, each.answers.tier])).toEqual([["k0", "A"], ["k0", "B"]]);
  });

  test("skip and can't tell are told", async () => {
    const { model, press } = await open(CHOICE);
    await press("s", "x");
    expect(model.kept.map((each) => each.kind)).toEqual(["skip", "submit"]);
    expect(model.kept[1].answers).toEqual({ tier: { cant_tell: true } });
  });
});

describe("several questions", () => {
  const PLAN: Plan = {
    questions: [
      question("tier", "choose", ["A", "B"]),
      question("tags", "several", ["urgent", "spam"]),
      question("stars", "rate", [], { low: 1, high: 5, is_stepped: true }),
      question("share", "rate", [], { low: 0, high: 1 }),
    ],
    rows: ROWS,
  };

  test("are answered one after the other with keys, and sent with Enter", async () => {
    const { model, press } = await open(PLAN);
    await press("2", "2", "1", "ArrowDown", "4", "3", "Enter");
    expect(model.kept[0].answers).toEqual({ tier: "B", tags: ["urgent", "spam"], stars: 4, share: 0.3 });
  });

  test("zero is an answer", async () => {
    const { model, press } = await open(PLAN);
    await press("1", "ArrowDown", "5", "0", "Enter");
    expect(model.kept[0].answers).toEqual({ tier: "A", stars: 5, share: 0 });
  });

  test("what is not answered is asked for", async () => {
    const { model, root, press } = await open(PLAN);
    await press("Enter");
    expect(model.kept).toEqual([]);
    expect(root.textContent).toContain("“tier” is not answered");
  });

  test("those that hang on an answer come and go with it", async () => {
    const plan: Plan = {
      questions: [question("tier", "choose", ["A", "B"]), question("why", "several", ["x", "y"])],
      conditions: [{ if: "tier = A", ask: ["why"] }],
      rows: ROWS,
    };
    const { model, root, press } = await open(plan);
    const shown = () => [...root.querySelectorAll(".qfl-name")].map((each) => each.textContent);
    expect(shown()).toEqual(["tier"]);
    await press("1");
    expect(shown()).toEqual(["tier", "why"]);
    await press("2", "ArrowUp", "2", "Enter");
    expect(shown()).toEqual(["tier"]);
    expect(model.kept[0].answers).toEqual({ tier: "B" });
  });

  test.each([
    ["not tier in ['A', 'C']", true],
    ["stars >= 2 and (tier == 'B' or tier = C)", true],
    ["1 < stars < 3", false],
    ["tier != B or stars = 4", true],
    ["share > 0.5", false],
  ])("the condition %s is %s", async (rule, isAsked) => {
    const plan = {
      ...PLAN,
      questions: [...PLAN.questions, question("more", "text")],
      conditions: [{ if: rule, ask: ["more"] }],
    };
    const { model, root, press } = await open(plan);
    await press("2", "ArrowDown", "4");
    expect(root.textContent!.includes("more")).toBe(isAsked);
    expect(model.asked.some((each) => each.kind === "asked")).toBe(false);
  });

  test("a condition of another kind is asked of the kernel", async () => {
    const plan = { ...PLAN, conditions: [{ if: "len(tags) > 1", ask: ["share"] }] };
    const { model } = await open(plan);
    expect(model.asked.some((each) => each.kind === "asked")).toBe(true);
  });
});

describe("spans", () => {
  test("are marked word by word and counted in code points", async () => {
    const rows = [{ body: "😀 Ann lives" }, { body: "" }];
    const plan: Plan = {
      questions: [question("who", "spans", ["person"], { column: "body" })],
      show: { renderer: "text", columns: ["body"] },
      rows,
    };
    const { model, press } = await open(plan);
    await press("ArrowRight", "ArrowRight", "1", "Enter");
    expect(model.kept[0].answers).toEqual({ who: [{ start: 2, end: 5, label: "person" }] });
  });
});

describe("a kernel", () => {
  test("that is busy leaves labels waiting, and what it has is sent once more", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "Date"] });
    const { model, root, press } = await open(CHOICE);
    model.isHeld = true;
    await press("1", "2");
    expect(root.querySelector(".qfl-ledger")!.textContent).toBe("0 saved · 2 waiting for the kernel");
    vi.advanceTimersByTime(5_000);
    await settle();
    expect(root.querySelector(".qfl-ledger")!.textContent).toContain("does not answer");
    vi.advanceTimersByTime(12_000);
    model.release();
    await settle();
    const sent = model.asked.filter((each) => each.kind === "submit").map((each) => each.key);
    expect(sent).toEqual(["k0", "k0", "k1"]);
    expect(model.kept.map((each) => each.key)).toEqual(["k0", "k1"]);
    expect(root.querySelector(".qfl-ledger")!.textContent).toBe("2 saved");
  });

  test("that is lost is said, and takes no more labels", async () => {
    const { model, root, press } = await open(CHOICE, { resume: "cell" });
    model.isHeld = true;
    await press("1");
    model.tell("comm_live_update", model, false);
    await settle();
    expect(root.textContent).toContain("Not connected to a kernel");
    expect(root.textContent).toContain("1 label is not saved");
    expect(model.state["unsaved"].map((each: any) => each.body.key)).toEqual(["k0"]);
    await press("2");
    expect(model.state["unsaved"].length).toBe(1);
  });

  test("that is lost is said without a promise where the page keeps nothing", async () => {
    const { model, root, press } = await open(CHOICE);
    model.isHeld = true;
    await press("1");
    model.tell("comm_live_update", model, false);
    await settle();
    expect(root.textContent).toContain("run the cell again to go on");
    expect(root.textContent).toContain("1 label is not saved: this page has no place to keep them");
    expect(root.querySelector(".qfl-lost button")).toBeNull();
  });

  test("gets from the next widget what the last one could not deliver", async () => {
    const first = await open(CHOICE, { resume: "cell" });
    first.model.isHeld = true;
    await first.press("3");
    first.model.isDead = true;
    first.model.tell("comm_live_update", first.model, false);
    const { model } = await open(CHOICE, { resume: "cell" });
    await settle();
    expect(model.kept.map((each) => [each.key, each.answers])).toEqual([["k0", { tier: "C" }]]);
    expect(sessionStorage.length).toBe(0);
  });

  test("that refuses is quoted, and the label is rolled back", async () => {
    const { model, root, press } = await open(CHOICE);
    model.refuses = "The item is gone: take another";
    await press("1");
    expect(root.textContent).toContain("Item 1 is not saved: The item is gone: take another");
    expect(root.querySelector(".qfl-ledger")!.textContent).toBe("0 saved · 1 not saved");
  });

  test("that was there never is said after a failing send", async () => {
    const { root } = await open(CHOICE, {}, (model) => (model.isDead = true));
    expect(root.textContent).toContain("Not connected to a kernel");
  });
});

describe("a view", () => {
  test("shows hostile cells as text", async () => {
    const evil = "<img src=x onerror=alert(1)><script>alert(1)</script>";
    const { root } = await open({
      ...CHOICE,
      show: { renderer: "template", template: "**{title}**", columns: ["title"] },
      rows: [{ title: evil }],
    });
    expect(root.querySelector("strong")!.textContent).toBe(evil);
    expect(root.querySelector("img, script")).toBeNull();
  });

  test("cuts a long text and shows all of it on demand", async () => {
    const { root } = await open({ ...CHOICE, rows: [{ title: "x".repeat(1_000_000) }] });
    expect(root.textContent!.length).toBeLessThan(25_000);
    [...root.querySelectorAll("button")].find((each) => each.textContent === "Show all")!.click();
    await settle();
    expect(root.textContent!.length).toBeGreaterThan(1_000_000);
  });

  test("stays in step with another of the same widget", async () => {
    const first = await open(CHOICE);
    const second = await show(first.model);
    await second.press("1");
    expect(first.root.textContent).toBe(second.root.textContent);
    expect(first.model.asked.filter((each) => each.kind === "hello").length).toBe(1);
  });

  test("leaves nothing behind", async () => {
    const { model } = await open(CHOICE);
    close();
    await settle();
    expect(model.nListeners()).toBe(0);
    expect(document.querySelector(".qfl")).toBeNull();
  });

  test("says what cannot be shown", async () => {
    const { root } = await open({
      ...CHOICE,
      show: { renderer: "image", columns: ["picture"], files: ["picture"] },
      rows: [{ picture: { error: "The picture cannot be read" } }],
    });
    expect(root.textContent).toContain("The picture cannot be read");
  });
});
