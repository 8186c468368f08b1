/** The built bundle of the dashboard, as a notebook loads it. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeModel } from "./kernel";
import { clear, close, mount } from "./mounted";
// @ts-expect-error the bundle is built and has no types
import widget from "../../qforge_jupyter/widgets/static/dashboard.js";

const EVIL = "<img src=x onerror=alert(1)>";

function question(name: string, more: object = {}) {
  return {
    name,
    kind: "choose",
    n_answers: 6,
    n_items: 4,
    n_cant_tell: 0,
    n_valued: 4,
    how: [["agreed", 3], ["open", 1]],
    balance: [["A", 3], [EVIL, 1]],
    n_more: 0,
    histogram: null,
    agreement: [
      { coefficient: "percent agreement", value: 0.75, n: 4, reason: "" },
      { coefficient: "Krippendorff's alpha, nominal", value: 0.5, n: 4, reason: "" },
    ],
    pairs: null,
    note: "",
    ...more,
  };
}

function labeler(name: string, n: number) {
  return {
    ...{ labeler: name, n_labels: n, n_items: n, n_cant_tell: 0, n_skipped: 0, n_undone: null },
    ...{ median_s: 2.5, per_hour: 120, n_compared: 4, n_alike: 3, trend: -0.5, gold: [2, 1] },
  };
}

function session(name: string, nth: number, quality: number | null, change: number | null) {
  return {
    ...{ labeler: name, nth, kind: "initial", started_at: `2026-11-2${nth}T08:05:00.000000+00:00`, n_labels: nth },
    ...{ n_items: nth, n_skipped: 0, median_s: 2.5, per_hour: 120, n_compared: 4, n_alike: 3, gold: [4, 2] },
    ...{ quality, change },
  };
}

function figures(nLabeled = 4, more: object = {}) {
  return {
    ...{ dataset: "golden", version: "abc", n_rows: 10, n_answers: 2 * nLabeled, n_labelers: 2 },
    ...{ n_sessions: 2, last_at: "2026-11-21T10:00:00+00:00" },
    status: [["pending", 10 - nLabeled], ["labeled", nLabeled], ["validated", 0]],
    types: null,
    statuses: null,
    questions: [question("tier"), question("tags", { balance: [["urgent", 2]] })],
    tiers: { counts: [], histogram: null, note: "No version of this dataset was scored." },
    labelers: [labeler("ann", 5), labeler(EVIL, 3)],
    sessions: [session("ann", 1, 0, null), session(EVIL, 1, null, null), session("ann", 2, 0.75, 0.75)],
    pace: { unit: "hour", points: [["10:00", 3], ["11:00", 5]] },
    growth: [["2026-11-20T00:00:00", 5, "aaa", ""], ["2026-11-21T00:00:00", 10, "bbb", ""]],
    difficulty: { divided: [["r1", 2, 1]], unsure: [], slow: [] },
    suspected: null,
    model: {
      ...{ target: "tier", n: 40, n_right: 30, n_more: 0, note: "" },
      histogram: { counts: [1, 2, 37], low: 0, high: 1 },
      classes: [["A", 30, 25, 0.8333, 0.71], [EVIL, 10, 5, 0.5, 0.4]],
      lowest: [[`r7 ${EVIL}`, "A", "C", 0.021]],
    },
    coverage: {
      target: "tier",
      n: 4,
      facets: ["industry"],
      cells: [{ rule: "industry = 'retail' and tier = 'C'", n: 3, expected: 20, collect: 17 }],
      square: {
        ...{ facet: "industry", values: ["retail", "tech"], classes: ["A", "C"] },
        ...{ counts: [[9, 0], [0, 9]], expected: [[4.5, 4.5], [4.5, 4.5]] },
      },
      note: "",
    },
    ...more,
  };
}

/** A kernel that knows some figures, and says that they are unchanged to who has them. */
class Kernel extends FakeModel {
  stamp = "1";
  figures: any = figures();
  refusal = "";

  constructor() {
    super({ questions: [], rows: [] }, { title: "Dashboard of golden" });
  }

  override reply(request: any): void {
    const found = this.refusal
      ? { error: this.refusal }
      : request.since === this.stamp
        ? { ok: true, stamp: this.stamp, unchanged: true }
        : { ok: true, stamp: this.stamp, unchanged: false, figures: this.figures };
    this.tell("msg:custom", { id: request.id, ...found }, []);
  }

  change(made: any): void {
    this.figures = made;
    this.stamp += "+";
  }
}

beforeEach(() => vi.useFakeTimers());
afterAll(() => new Promise((resolve) => setTimeout(resolve, 300)));
afterEach(async () => {
  clear();
  hide(false);
  vi.useRealTimers();
});

async function open(prepare: (kernel: Kernel) => void = () => {}) {
  const kernel = new Kernel();
  prepare(kernel);
  const el = mount(widget, kernel);
  await pass(100);
  const root = el.querySelector<HTMLElement>(".qfd")!;
  const tab = async (name: string) => {
    [...root.querySelectorAll<HTMLElement>("[role=tab]")].find((each) => each.textContent === name)!.click();
    await pass(50);
    return root.querySelector<HTMLElement>("[role=tabpanel]")!;
  };
  return { kernel, root, tab };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function hide(isHidden: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

describe("what is seen", () => {
  test("is what the kernel counted", async () => {
    const { root } = await open();
    expect(root.textContent).toContain("Rows labeled4 40 % of 10");
    expect(root.textContent).toContain("Lowest α0.50");
    expect(root.querySelector(".qfd-collect")!.textContent).toBe(
      "industry = 'retail' and tier = 'C'3 rows, 20 expected: collect 17",
    );
  });

  test("changes when the kernel counts anew, and is said politely", async () => {
    const { kernel, root } = await open();
    const heard = root.querySelector("[aria-live=polite]")!;
    expect(heard.textContent).toBe("");
    kernel.change(figures(5));
    await pass(2_100);
    expect(root.textContent).toContain("Rows labeled5 50 % of 10");
    expect(heard.textContent).toBe("5 of 10 rows labeled, 10 answers, lowest alpha 0.5");
  });

  test("is not said again while nothing changes", async () => {
    const { kernel, root } = await open();
    await pass(6_500);
    expect(kernel.asked.length).toBe(4);
    expect(kernel.asked.at(-1).since).toBe("1");
    expect(root.querySelector("[aria-live=polite]")!.textContent).toBe("");
  });

  test("is text, whatever people write", async () => {
    const { root, tab } = await open();
    for (const name of ["Classes", "Agreement", "Labelers", "Coverage", "Model", "Growth"]) await tab(name);
    expect(root.querySelector("img")).toBeNull();
    expect((await tab("Classes")).textContent).toContain(EVIL);
  });

  test("a model is told example by example, the least probable label by its key", async () => {
    const { kernel, root, tab } = await open();
    await tab("Model");
    expect(root.textContent).toContain("30 of 40 labels of tier predicted rightly (75 %)");
    expect(root.textContent).toContain("25 of 30; mean probability 0.71");
    const rows = [...root.querySelectorAll("[aria-label='The least probable labels'] tbody tr")];
    expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([[`r7 ${EVIL}`, "A", "C", "0.021"]]);
    kernel.change(figures(4, { model: { target: "", n: 0, histogram: null, classes: [], lowest: [], note: "Ask suggest." } }));
    await pass(2_100);
    expect(root.querySelector("[role=tabpanel]")!.textContent).toBe("Ask suggest.");
  });

  test("of a dataset without rows and questions is a page too", async () => {
    const empty = figures(0, {
      ...{ n_rows: 0, status: [["pending", 0]], questions: [], labelers: [], growth: [] },
      pace: { unit: "minute", points: [] },
      coverage: { target: "", n: 0, facets: [], cells: [], square: null, note: "Nobody was asked." },
    });
    const { root, tab } = await open((kernel) => kernel.change(empty));
    expect(root.textContent).toContain("Nobody was asked.");
    for (const name of ["Classes", "Agreement", "Labelers", "Coverage", "Model", "Growth"]) {
      expect((await tab(name)).textContent).not.toBe("");
    }
  });
});

describe("a choice", () => {
  test("of question and of labeler stays while numbers change", async () => {
    const { kernel, root, tab } = await open();
    await tab("Classes");
    const select = root.querySelector("select")!;
    select.value = "tags";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await pass(50);
    kernel.change(figures(6));
    await pass(2_100);
    expect(root.querySelector("select")!.value).toBe("tags");
    expect(root.textContent).toContain("urgent");
  });

  test("of a labeler shows theirs alone", async () => {
    const { root, tab } = await open();
    await tab("Labelers");
    const select = root.querySelector("select")!;
    select.value = "ann";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await pass(50);
    expect(root.textContent).toContain("Known answers right50 % of 2");
    expect(root.textContent).toContain("Trend-0.50");
    const rows = [...root.querySelectorAll('[aria-label="Sessions of labelers"] tbody tr')];
    // The last session first; of others none.
    expect(rows.map((row) => row.textContent)).toEqual([
      "ann22026-11-22 08:05initial21202.52 of 4, 50 %3 of 4, 75 %0.75",
      "ann12026-11-21 08:05initial11202.52 of 4, 50 %3 of 4, 75 %–",
    ]);
    // A session in which nothing was right counts as 0.
    expect(root.querySelector('[aria-label^="Quality by session"]')!.getAttribute("aria-label")).toContain("2 points, at most 75");
  });

  test("of all labelers shows every session, and none where an old kernel sends none", async () => {
    const { kernel, root, tab } = await open();
    await tab("Labelers");
    expect(root.querySelectorAll('[aria-label="Sessions of labelers"] tbody tr')).toHaveLength(3);
    expect(root.querySelector('[aria-label^="Quality by session"]')).toBeNull();
    kernel.change(figures(4, { sessions: undefined }));
    await pass(2_100);
    expect(root.querySelector('[aria-label="Sessions of labelers"]')).toBeNull();
  });

  test("of a tab is walked with arrows", async () => {
    const { root } = await open();
    const [first] = root.querySelectorAll<HTMLElement>("[role=tab]");
    first!.focus();
    for (const [key, name] of [["ArrowRight", "Classes"], ["End", "Growth"], ["ArrowRight", "Overview"]]) {
      document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await pass(50);
      expect(document.activeElement!.textContent).toBe(name);
      expect(document.activeElement!.getAttribute("aria-selected")).toBe("true");
    }
  });
});

describe("nobody asks", () => {
  test("while the page is hidden, and at once when it shows again", async () => {
    const { kernel } = await open();
    hide(true);
    await pass(10_000);
    const n = kernel.asked.length;
    await pass(10_000);
    expect(kernel.asked.length).toBe(n);
    hide(false);
    await pass(10);
    expect(kernel.asked.length).toBe(n + 1);
  });

  test("after the widget is gone, and nothing listens any more", async () => {
    const { kernel } = await open();
    close();
    const n = kernel.asked.length;
    await pass(10_000);
    expect(kernel.asked.length).toBe(n);
    expect(kernel.nListeners()).toBe(0);
  });
});

describe("a kernel", () => {
  test("that does not answer is said, with the time of the figures", async () => {
    const { kernel, root } = await open();
    kernel.isHeld = true;
    await pass(9_000);
    expect(root.querySelector(".qfd-old")!.textContent).toMatch(/^as of .*; the kernel does not answer$/);
    expect(root.textContent).toContain("Rows labeled4");
    kernel.isHeld = false;
    await pass(7_000);
    expect(root.dataset["phase"]).toBe("live");
  });

  test("that is gone is said", async () => {
    const { kernel, root } = await open();
    kernel.isDead = true;
    await pass(9_000);
    expect(root.querySelector(".qfd-old")!.textContent).toMatch(/the kernel is gone: run the cell again$/);
  });

  test("that refuses is quoted, and asked less often", async () => {
    const { kernel, root } = await open();
    kernel.refusal = "The dataset golden was deleted: nothing can be counted any more";
    await pass(2_100);
    expect(root.querySelector("[role=alert]")!.textContent).toBe(kernel.refusal);
    const n = kernel.asked.length;
    await pass(9_000);
    expect(kernel.asked.length).toBe(n);
  });
});
