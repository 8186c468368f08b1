/**
 * Conditions over the answers, as the kernel's rule language writes them.
 *
 * What is often written is understood here, so that a question shows at once; `null` is given for
 * anything else, and the kernel is asked.
 */
import { isCantTell, type Answers, type Condition, type Question } from "./protocol";

type Truth = boolean | null;
type Cell = string | number | boolean | string[] | null;
class NotUnderstood extends Error {}

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(==|!=|<=|>=|[=<>()[\],]))/uy;

/** Give the names of the questions that are asked, or null where the kernel has to say. */
export function askedOf(
  questions: Question[],
  conditions: Condition[],
  answers: Answers,
): string[] | null {
  const waiting = new Set(conditions.flatMap((each) => each.ask));
  try {
    for (const each of conditions) {
      if (holds(each.if, questions, answers) === true) {
        for (const name of each.ask) waiting.delete(name);
      }
    }
  } catch (problem) {
    if (problem instanceof NotUnderstood) return null;
    throw problem;
  }
  return questions.map((each) => each.name).filter((name) => !waiting.has(name));
}

function holds(rule: string, questions: Question[], answers: Answers): Truth {
  const parser = new Parser(tokens(rule), new Set(questions.map((each) => each.name)), answers);
  const found = parser.either();
  parser.end();
  return found;
}

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new NotUnderstood(text);
    found.push(match[0].trim());
  }
  return found;
}

class Parser {
  private at = 0;
  constructor(
    private readonly tokens: string[],
    private readonly names: Set<string>,
    private readonly answers: Answers,
  ) {}

  either(): Truth {
    let held = this.both();
    while (this.take("or")) held = or(held, this.both());
    return held;
  }

  end(): void {
    if (this.at < this.tokens.length) throw new NotUnderstood();
  }

  private both(): Truth {
    let held = this.not();
    while (this.take("and")) held = and(held, this.not());
    return held;
  }

  private not(): Truth {
    if (!this.take("not")) return this.comparison();
    const held = this.not();
    return held === null ? null : !held;
  }

  private comparison(): Truth {
    if (this.take("(")) {
      const held = this.either();
      this.want(")");
      return held;
    }
    let left = this.term();
    let held: Truth = true;
    let n = 0;
    for (;;) {
      const sign = this.tokens[this.at];
      if (sign !== undefined && /^(==?|!=|[<>]=?)$/.test(sign)) {
        this.at += 1;
        const right = this.term();
        held = and(held, compare(sign, left, right));
        left = right;
      } else if (sign === "in" || (sign === "not" && this.tokens[this.at + 1] === "in")) {
        this.at += sign === "in" ? 1 : 2;
        const found = among(left, this.list());
        held = and(held, found === null ? null : found === (sign === "in"));
      } else break;
      n += 1;
    }
    if (n === 0) throw new NotUnderstood();
    return held;
  }

  private list(): Cell[] {
    const close = this.take("[") ? "]" : this.take("(") ? ")" : "";
    if (!close) {
      const found = this.term();
      if (!Array.isArray(found)) throw new NotUnderstood();
      return found;
    }
    const found: Cell[] = [];
    while (!this.take(close)) {
      found.push(this.term());
      this.take(",");
    }
    return found;
  }

  private term(): Cell {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token === undefined || /^[=<>()[\],!]/.test(token)) throw new NotUnderstood();
    if (token[0] === "'" || token[0] === '"') return token.slice(1, -1).replace(/\\(.)/g, "$1");
    if (/^-?\d/.test(token)) return Number(token);
    if (this.names.has(token)) return plain(this.answers[token]);
    const next = this.tokens[this.at];
    if (next !== undefined && !/^(and|or|not|in|\)|\]|,|[=<>!].*)$/.test(next)) {
      throw new NotUnderstood();
    }
    return token; // a word that is one of the answers
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private want(token: string): void {
    if (!this.take(token)) throw new NotUnderstood();
  }
}

function plain(value: unknown): Cell {
  if (value === undefined || value === null || isCantTell(value)) return null;
  return value as Cell;
}

function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}

function or(left: Truth, right: Truth): Truth {
  if (left === true || right === true) return true;
  return left === null || right === null ? null : false;
}

function among(value: Cell, list: Cell[]): Truth {
  return value === null ? null : list.includes(value);
}

function compare(sign: string, left: Cell, right: Cell): Truth {
  if (left === null || right === null) return null;
  if (typeof left !== typeof right || Array.isArray(left)) throw new NotUnderstood();
  switch (sign) {
    case "=":
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right!;
    case "<=":
      return left <= right!;
    case ">":
      return left > right!;
    default:
      return left >= right!;
  }
}
