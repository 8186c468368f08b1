/** The built bundle of a verdict, as a notebook loads it. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeModel } from "./kernel";
import { clear, close, mount } from "./mounted";
// @ts-expect-error the bundle is built and has no types
import widget from "../../qforge_jupyter/widgets/static/verdict.js";

const EVIL = "<img src=x onerror=alert(1)>";
const NAMES = ["distribution", "correlation", "entropy", "gradient", "landscape", "spectrum", "generalization", "consistency"];

function dimension(name: string, score: number | null) {
  return {
    ...{ name, question: `Is the ${name} right?`, score, low: score && score - 5, by_chance: 60, tone: "bad" },
    ...{ worst: "w", at: "", excess: 3, least: 1, declined: score === null ? "there is one column" : "" },
  };
}

function statistic(of: string, name: string, more: object = {}) {
  return {
    ...{ dimension: of, name, at: "", columns: [], value: 0.3, expected: 0.02, spread: 0.01 },
    ...{ low: 0.25, tolerance: 0.1, excess: 2.5, p_value: 0.0033, ...more },
  };
}

function verdict(more: object = {}) {
  return {
    ...{ word: "collapsed", tone: "bad", said: "collapsed (of sound data at most a share of 0.05 is called so)" },
    ...{ score: 12.3, low: 8, high: 12.3, p_value: 0.0033, false_alarms: 0.05, n_columns: 3 },
    dimensions: NAMES.map((name, at) => dimension(name, at === 4 ? null : 90 - 10 * at)),
    candidate: { name: "synth", n: 500 },
    reference: { name: "real", n: 700 },
    because: ["distribution: too narrow"],
    needed: "",
    unsettled: [],
    interrupted: "",
    statistics: [
      statistic("distribution", "distance", { at: EVIL, columns: [1] }),
      statistic("consistency", "χ distance"),
    ],
    columns: ["age", EVIL, "plan"],
    worst: [1],
    copying: { is_flagged: false, is_identifiable: true, tolerated: 0.05, lines: [["repeated rows", 0.1, 0.1, false]] },
    left_out: [],
    notes: [],
    ...more,
  };
}

const LOCALIZATION = {
  ...{ name: "culprits", n_unlike: 40, n_rows: 500, n_suspect: 25, n_missing: 3, channels: [["rare", 25]] },
  regions: [{ rule: `age > 60 and plan = '${EVIL}'`, n: 40, expected: 3.5, ratio: 11, low: 8, high: null }],
  ...{ missing_regions: [], overlays: [], notes: [] },
};

function entry(place: number, more: object = {}) {
  return {
    ...{ place, name: "clip", title: `fix ${place}`, sentence: "numbers were clipped", needs: "a pass" },
    ...{ standing: "helps", estimated: 50, seconds: 0.2, n_before: 500, n_after: 500, n_changed: 9, takes_rows: false },
    gain: { before: 12, after: 80, value: 68, low: 50, high: 72, word_before: "collapsed", word_after: "fit" },
    ...more,
  };
}

const PLAN = {
  ...{ name: "plan", advice: "Apply it", score: 12, word: "collapsed", n_tried: 500, n_judging: 350, n_left: 0 },
  entries: [entry(0), entry(1, { gain: null, standing: "not verified" })],
  declined: [["relabel", "no target was named"]],
};

/** A kernel that works as long as a test lets it. */
class Kernel extends FakeModel {
  verdict: any = verdict();
  found: any = { localization: null, plan: null, fixed: null };
  job: any = null;
  refusal = "";
  after: (() => void) | null = null;

  constructor() {
    super({ questions: [], rows: [] }, { title: "synth against real" });
  }

  override reply(request: any): void {
    const found = this.refusal && request.kind !== "hello" ? { error: this.refusal } : this.told(request);
    this.tell("msg:custom", { id: request.id, ok: true, ...found }, []);
  }

  finish(found: object): void {
    this.found = { ...this.found, ...found };
    this.job = { ...this.job, state: "done", share: 1, left_s: null };
  }

  private told(request: any): object {
    switch (request.kind) {
      case "hello":
        return { verdict: this.verdict, has_tables: true, ...this.found, job: this.job };
      case "column":
        return {
          at: request.at,
          overlay: { column: this.verdict.columns[request.at], labels: ["a", EVIL], candidate: [0.7, 0.3], reference: [0.5, 0.5] },
        };
      case "start":
        this.job = {
          ...{ work: request.work, state: "running", said: "", note: "density ratio", done: 1, total: 4 },
          ...{ share: 0.25, left_s: 40.2, seconds: 13, is_stopping: false },
        };
        return { job: this.job };
      case "stop":
        this.job = { ...this.job, is_stopping: true };
        return { job: this.job };
      case "job":
        return this.job?.state === "running" ? { job: this.job } : { ...this.found, job: this.job };
      case "rows": {
        const rows = Array.from({ length: Math.min(10, 25 - request.start) }, (_, at) => ({
          ...{ row: request.start + at, score: 5.25, reason: "rare", blamed: [1], cells: ["1", EVIL] },
        }));
        const code = [{ said: "label them", code: "%%qforge label culprits by row" }];
        return { head: ["age", EVIL], rows, total: 25, n_hidden: 2, page_rows: 10, code };
      }
      default:
        return { error: "No such request" };
    }
  }
}

beforeEach(() => vi.useFakeTimers());
afterAll(() => new Promise((resolve) => setTimeout(resolve, 300)));
afterEach(() => {
  clear();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function open(prepare: (kernel: Kernel) => void = () => {}) {
  const kernel = new Kernel();
  prepare(kernel);
  const el = mount(widget, kernel);
  await pass(100);
  const root = el.querySelector<HTMLElement>(".qfv")!;
  const named = (selector: string, name: string) =>
    [...root.querySelectorAll<HTMLElement>(selector)].find((each) => each.textContent === name)!;
  const tab = async (name: string) => {
    named(".qfl-tabs [role=tab]", name).click();
    await pass(50);
  };
  const click = async (name: string) => {
    named("button", name).click();
    await pass(50);
  };
  return { kernel, root, tab, click };
}

const press = (key: string) =>
  document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

describe("the verdict", () => {
  test("comes first, with its rate of false alarms and its interval", async () => {
    const { root } = await open();
    expect(root.querySelector(".qfv-verdict")!.textContent).toContain("collapsed (of sound data at most a share of 0.05");
    expect(root.textContent).toContain("12.3 of 100 (8 to 12.3)");
    expect(root.textContent).toContain("Distribution: too narrow");
  });

  test("says that it was interrupted, and what would be enough", async () => {
    const more = {
      interrupted: "Interrupted after 140 of 299 draws",
      needed: "about 900 rows",
      unsettled: ["correlation: moderate damage could have gone unseen"],
    };
    const { root } = await open((kernel) => (kernel.verdict = verdict(more)));
    expect(root.textContent).toContain("Interrupted after 140 of 299 draws");
    expect(root.textContent).toContain("about 900 rows");
    expect(root.textContent).toContain("Correlation: moderate damage could have gone unseen");
  });

  test("has eight bars that say score, bound and band, the worst chosen", async () => {
    const { root } = await open();
    const bars = [...root.querySelectorAll(".qfv-bars [role=tab]")];
    expect(bars.length).toBe(8);
    expect(bars[0]!.getAttribute("aria-label")).toBe("distribution: 90 of 100, at least 85, by chance down to 60");
    expect(bars[4]!.getAttribute("aria-label")).toBe("landscape: not judged, there is one column");
    expect(root.querySelector(".qfv-bars [aria-selected=true]")!.textContent).toContain("consistency");
    expect(root.querySelectorAll(".qfv-chance").length).toBe(8);
  });
});

describe("keys", () => {
  test("walk the dimensions, and their statistics follow", async () => {
    const { root } = await open();
    root.querySelector<HTMLElement>(".qfv-bars [aria-selected=true]")!.focus();
    press("ArrowDown");
    await pass(50);
    expect(document.activeElement!.getAttribute("aria-label")).toContain("distribution");
    expect(root.querySelector(".qfv-panel table")!.textContent).toContain(EVIL);
    press("End");
    await pass(50);
    expect(root.querySelector(".qfv-panel")!.textContent).toContain("χ distance");
  });

  test("turn the pages, and stay in the widget", async () => {
    const { root } = await open();
    let n = 0;
    document.body.addEventListener("keydown", () => (n += 1));
    root.querySelector<HTMLElement>("[role=tab]")!.focus();
    press("3");
    await pass(50);
    expect(document.activeElement!.textContent).toBe("Rows");
    expect(root.textContent).toContain("Find rows to look at");
    expect(n).toBe(0);
    expect(root.dataset["lmSuppressShortcuts"]).toBe("true");
  });

  test("written into a name turn no page", async () => {
    const { root, tab } = await open((kernel) => (kernel.found = { ...kernel.found, plan: PLAN }));
    await tab("Fixes");
    root.querySelector("input")!.focus();
    press("1");
    await pass(50);
    expect(root.querySelector("[aria-selected=true]")!.textContent).toBe("Fixes");
  });
});

describe("a column", () => {
  test("that a statistic names is shown on both sides, as text", async () => {
    const { root, kernel } = await open();
    root.querySelector<HTMLElement>(".qfv-bars [role=tab]")!.click();
    await pass(50);
    root.querySelector<HTMLElement>(".qfv-link")!.click();
    await pass(50);
    expect(root.querySelector(".qfv-overlay b")!.textContent).toBe(EVIL);
    expect(root.querySelector(".qfv-levels")!.textContent).toContain("70 %50 %");
    expect(root.querySelector("img")).toBeNull();
    expect(kernel.asked.filter((each) => each.kind === "column").length).toBe(1);
  });
});

describe("rows", () => {
  test("are looked for with progress and remaining time, and paged", async () => {
    const { root, kernel, tab, click } = await open();
    await tab("Rows");
    await click("Find rows to look at");
    expect(root.querySelector(".qfv-work")!.textContent).toContain("25 % · density ratio · 1 of 4 · about 40 s left");
    kernel.finish({ localization: LOCALIZATION });
    await pass(600);
    expect(root.querySelector("[aria-live=polite]")!.textContent).toBe("Rows were looked for");
    expect(root.textContent).toContain("1–10 of 25, 2 more columns");
    expect(root.querySelectorAll(".qfv-blamed").length).toBe(10);
    await click("Next rows");
    await click("Next rows");
    expect(root.textContent).toContain("21–25 of 25");
    expect(root.querySelector(".qfv-code")!.textContent).toContain("%%qforge label culprits by row");
    expect(root.querySelector("img")).toBeNull();
  });

  test("of a region are asked for by its place", async () => {
    const { root, kernel, tab } = await open((made) => (made.found = { ...made.found, localization: LOCALIZATION }));
    await tab("Rows");
    root.querySelector<HTMLElement>(".qfv-regions button")!.click();
    await pass(50);
    const last = kernel.asked.filter((each) => each.kind === "rows").at(-1);
    expect([last.which, last.at, last.start]).toEqual(["region", 0, 0]);
  });
});

describe("fixes", () => {
  test("show gain, interval and cost, and one is applied under a name", async () => {
    const { root, kernel, tab } = await open((made) => (made.found = { ...made.found, plan: PLAN }));
    await tab("Fixes");
    expect(root.querySelector(".qfv-plan")!.textContent).toContain("+68.0 (+50.0 to +72.0)");
    expect(root.querySelector(".qfv-plan")!.textContent).toContain("about 1 s to apply");
    const input = root.querySelector("input")!;
    input.value = "a b";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await pass(50);
    const apply = root.querySelector<HTMLButtonElement>(".qfv-fix button")!;
    expect([input.getAttribute("aria-invalid"), apply.disabled]).toEqual(["true", true]);
    input.value = "mended";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await pass(50);
    apply.click();
    await pass(50);
    expect(kernel.asked.at(-1)).toMatchObject({ kind: "start", work: "fix", place: 0, name: "mended" });
    const { gain } = PLAN.entries[0]!;
    const after = { ...verdict(), word: "fit", tone: "good", score: 97 };
    const sentence = { title: "fix 0", sentence: "clipped", judged_by: "real", committed: "" };
    const counts = { n_before: 500, n_after: 500, n_changed: 9, n_judging: 350 };
    kernel.finish({ fixed: { name: "mended", place: 0, gain, after, ...sentence, ...counts } });
    await pass(600);
    expect(root.textContent).toContain("collapsed before, fit after, on 350 real rows");
    expect(root.querySelectorAll(".qfv-compared tbody tr").length).toBe(8);
    expect(root.textContent).toContain("%qforge check mended against {{mended.held_out}} into again");
  });

  test("that are being tried can be stopped, and what was done is shown", async () => {
    const { root, kernel, tab, click } = await open();
    await tab("Fixes");
    await click("Try fixes");
    await click("Stop");
    expect(kernel.asked.some((each) => each.kind === "stop")).toBe(true);
    kernel.finish({ plan: { ...PLAN, n_left: 5 } });
    kernel.job = { ...kernel.job, state: "stopped", said: "stopped after 2 fixes were tried" };
    await pass(600);
    expect(root.querySelector(".qfv-stopped")!.textContent).toBe("stopped after 2 fixes were tried");
    expect(root.textContent).toContain("5 fixes were not tried or not verified");
  });
});

describe("a kernel", () => {
  test("that is busy is said, and its answer is taken when it comes", async () => {
    const { kernel, root, tab } = await open();
    kernel.isHeld = true;
    await tab("Columns");
    await pass(6_000);
    expect(root.dataset["phase"]).toBe("busy");
    expect(root.textContent).toContain("The kernel is busy");
    kernel.release();
    await pass(1_500);
    expect(root.dataset["phase"]).toBe("ready");
    expect(root.querySelector(".qfv-overlay")).not.toBeNull();
  });

  test("that is gone is said, and nothing can be asked for", async () => {
    const { kernel, root, tab } = await open();
    kernel.isDead = true;
    kernel.tell("comm_live_update", false);
    await pass(100);
    expect(root.querySelector("[role=alert]")!.textContent).toBe("The kernel is gone: run the cell again");
    await tab("Rows");
    expect(root.querySelector<HTMLButtonElement>(".qfl-row button")!.disabled).toBe(true);
    expect(root.querySelector(".qfv-verdict")!.textContent).toContain("collapsed");
  });

  test("that refuses is quoted", async () => {
    const { kernel, root, tab, click } = await open();
    kernel.refusal = "The workspace was closed: open it again";
    await tab("Rows");
    await click("Find rows to look at");
    expect(root.querySelector("[role=alert]")!.textContent).toBe(kernel.refusal);
  });

  test("is asked no more once the widget is gone, and nothing listens", async () => {
    const { kernel, tab, click } = await open();
    await tab("Rows");
    await click("Find rows to look at");
    close();
    const n = kernel.asked.length;
    await pass(5_000);
    expect(kernel.asked.length).toBe(n);
    expect(kernel.nListeners()).toBe(0);
  });
});
