/** Steps back that were pressed faster than the kernel takes them: one after the other, none is lost. */
export class Undoing {
  isOn = false;
  private nWaiting = 0;

  /** Do a step once more; it gives false where there is none, and what waits is let go then. */
  async press(settled: () => Promise<void>, step: () => Promise<boolean>): Promise<void> {
    this.nWaiting += 1;
    if (this.isOn) return;
    this.isOn = true;
    await settled();
    for (; this.nWaiting > 0; this.nWaiting -= 1) {
      if (!(await step())) this.nWaiting = 1;
    }
    this.isOn = false;
  }
}
