/** Places in a text: the kernel counts code points, the browser UTF-16 units. */

export interface Span {
  start: number;
  end: number;
  label: string;
}

export interface Segment {
  start: number;
  end: number;
  spans: Span[];
  isHere: boolean;
}

const WORD = /[\p{L}\p{N}\p{M}_]+(?:[’'-][\p{L}\p{N}\p{M}_]+)*|[^\s\p{L}\p{N}\p{M}_]/gu;

/** Count the code points before a place that is counted in units. */
export function codePoints(text: string, place: number): number {
  let n = 0;
  for (let at = 0; at < place; at += text.codePointAt(at)! > 0xffff ? 2 : 1) n += 1;
  return n;
}

/** Count the units before a place that is counted in code points. */
export function units(text: string, place: number): number {
  let at = 0;
  for (let n = 0; n < place && at < text.length; n += 1) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return at;
}

export function wordsOf(text: string): [number, number][] {
  return [...text.matchAll(WORD)].map((each) => [each.index, each.index + each[0].length]);
}

/** Cut a text wherever a span, or what is pointed at, starts or ends. */
export function segmentsOf(text: string, spans: Span[], here: [number, number] | null): Segment[] {
  const places = spans.map((each) => ({
    span: each,
    start: units(text, each.start),
    end: units(text, each.end),
  }));
  const cuts = new Set([0, text.length, ...(here ?? [])]);
  for (const each of places) cuts.add(each.start).add(each.end);
  const sorted = [...cuts].filter((each) => each <= text.length).sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, at) => {
    const end = sorted[at + 1]!;
    return {
      start,
      end,
      spans: places.filter((each) => each.start <= start && each.end >= end).map((each) => each.span),
      isHere: here !== null && here[0] <= start && here[1] >= end,
    };
  });
}
