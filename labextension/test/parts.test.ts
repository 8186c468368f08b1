/** Pure parts of the labeling widget. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dab, maskOf, runsOf, stroke } from "../src/widgets/label/drawing/runs";
import { codePoints, segmentsOf, units, wordsOf } from "../src/widgets/label/questions/span_places";
import { grey, limitsOf, lookUp, STRETCHES } from "../src/widgets/label/renderers/stretch";

/** A sky with scatter 500 around 20,000 and a bright pixel in every forty. */
function sky(): Uint16Array {
  let state = 12_345n;
  const next = () => {
    state = (state * 1_103_515_245n + 12_345n) % 2_147_483_648n;
    return Number(state) / 2 ** 31;
  };
  const found = Uint16Array.from({ length: 4_000 }, () => {
    let total = 0;
    for (let n = 0; n < 12; n += 1) total += next();
    return Math.round(20_000 + (total - 6) * 500);
  });
  for (let at = 0; at < found.length; at += 40) found[at] = 60_000;
  return found;
}

test("zscale finds the limits that astropy finds", () => {
  const pixels = sky();
  expect([...pixels.slice(1, 4)]).toEqual([20_899, 19_575, 20_215]);
  const { low, high } = limitsOf(pixels, "zscale");
  // astropy 8.0: ZScaleInterval(n_samples=4096, contrast=0.25).get_limits(pixels)
  expect(low).toBe(18_370);
  expect(Math.abs(high - 23_046)).toBeLessThan(0.05 * (23_046 - 18_370));
});

test("linear runs from the darkest to the brightest, and pixels without a value do not count", () => {
  expect(limitsOf(Uint16Array.from([0, 5, 9, 0, 7]), "linear")).toEqual({ low: 5, high: 9 });
});

test("asinh lifts what is faint and keeps both ends", () => {
  const limits = { low: 100, high: 1_100 };
  const table = lookUp("asinh", limits);
  expect([table[100], table[1_100], table[0], table[65_535]]).toEqual([0, 255, 0, 255]);
  expect(table[200]).toBe(Math.round((255 * Math.asinh(1)) / Math.asinh(10)));
  expect(lookUp("linear", limits)[200]).toBe(Math.round(25.5));
});

test.each(STRETCHES)("%s draws the grey levels by which Python is tested, too", (stretch) => {
  const known = readFileSync("../tests/data/stretches.json", "utf8");
  for (const image of Object.values<any>(JSON.parse(known))) {
    const pixels = Uint16Array.from(image.levels);
    const drawn = grey(pixels, lookUp(stretch, limitsOf(pixels, stretch)));
    expect([...drawn.filter((_, at) => at % 4 === 0)]).toEqual(image[stretch]);
  }
});

test("a pixel without a value is see-through", () => {
  expect([...grey(Uint16Array.from([0, 65_535]), lookUp("linear", { low: 1, high: 65_535 }))]).toEqual(
    [0, 0, 0, 0, 255, 255, 255, 255],
  );
});

test("a mask is the runs that were made of it", () => {
  const mask = Uint8Array.from([0, 1, 1, 0, 0, 1, 1, 1]);
  expect(runsOf(mask)).toEqual([1, 2, 5, 3]);
  expect(maskOf([1, 2, 5, 3], 8)).toEqual(mask);
  expect(runsOf(new Uint8Array(4))).toEqual([]);
  expect(maskOf([], 2)).toEqual(new Uint8Array(2));
});

test("a dab is round and stays inside the picture, and wiping takes it away", () => {
  const mask = new Uint8Array(25);
  dab(mask, 5, 5, 2, 2, 1, 1);
  expect(runsOf(mask)).toEqual([7, 1, 11, 3, 17, 1]);
  dab(mask, 5, 5, -3, 2, 1, 1);
  dab(mask, 5, 5, 2, 2, 9, 0);
  expect(runsOf(mask)).toEqual([]);
});

test("a fast stroke leaves no gaps", () => {
  const mask = new Uint8Array(100);
  stroke(mask, 100, 1, [5, 0], [90, 0], 0.5, 1);
  expect(runsOf(mask)).toEqual([5, 86]);
});

test("places are counted in code points both ways", () => {
  const text = "a😀b😀";
  expect([0, 1, 3, 4, 6].map((at) => codePoints(text, at))).toEqual([0, 1, 2, 3, 4]);
  expect([0, 1, 2, 3, 4].map((at) => units(text, at))).toEqual([0, 1, 3, 4, 6]);
});

test("words are words in any script, and marks of punctuation", () => {
  const text = "Ann’s café, 東京!";
  expect(wordsOf(text).map(([start, end]) => text.slice(start, end))).toEqual([
    "Ann’s", "café", ",", "東京", "!",
  ]);
});

test("spans that overlap cut the text where each starts and ends", () => {
  const spans = [{ start: 0, end: 3, label: "a" }, { start: 2, end: 5, label: "b" }];
  const found = segmentsOf("abcdef", spans, null).map((each) => [
    each.start, each.end, each.spans.map((one) => one.label).join(""),
  ]);
  expect(found).toEqual([[0, 2, "a"], [2, 3, "ab"], [3, 5, "b"], [5, 6, ""]]);
});
