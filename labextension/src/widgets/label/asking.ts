/** Which questions are asked, as the answers so far decide. */
import type { Channel } from "../rpc";
import { askedOf } from "./conditions";
import type { Answers, Hello, Question } from "./protocol";

export class Asking {
  private readonly told = new Map<string, string[]>();

  constructor(
    private readonly channel: Channel,
    private readonly changed: () => void,
  ) {}

  of(hello: Hello, answers: Answers): Question[] {
    const asked =
      askedOf(hello.questions, hello.conditions ?? [], answers) ?? this.ask(hello, answers);
    return hello.questions.filter((each) => asked.includes(each.name));
  }

  /** Ask the kernel; what is always asked holds until it says. */
  private ask(hello: Hello, answers: Answers): string[] {
    const key = JSON.stringify(answers);
    const known = this.told.get(key);
    if (known) return known;
    const waiting = new Set((hello.conditions ?? []).flatMap((each) => each.ask));
    const plain = hello.questions.map((each) => each.name).filter((name) => !waiting.has(name));
    this.told.set(key, plain);
    this.channel.request("asked", { answers }).then(
      (reply) => {
        this.told.set(key, reply["asked"] as string[]);
        this.changed();
      },
      () => this.told.delete(key),
    );
    return plain;
  }
}
