"""Pages on a machine of any speed: what an action brings is waited for, or said to be missing."""

import os
import time

LIMIT_S = 120
#: Frames, timers and what the kernel says come later by so many milliseconds, in their order.
LATE = """ms => {
  const later = setTimeout;
  const frame = requestAnimationFrame;
  window.requestAnimationFrame = call => later(() => frame(call), ms);
  window.cancelAnimationFrame = clearTimeout;
  window.setTimeout = (call, wait = 0, ...more) =>
    later(call, wait < ms ? wait + ms : wait, ...more);
  const {set} = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    configurable: true,
    set(call) { set.call(this, call && (said => later(() => call.call(this, said), ms))); },
  });
}"""
DRAWN = """() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""


def patient(page):
    """Give a page time; where `QFORGE_LATE` says milliseconds it is late, to see who waits."""
    page.set_default_timeout(1_000 * LIMIT_S)
    if late := os.environ.get("QFORGE_LATE"):
        page.add_init_script(f"({LATE})({int(late)})")
    return page


def drawn(page):
    """Wait until the page has drawn whatever it knows of."""
    page.evaluate(DRAWN)


def becomes(page, wanted, read):
    """Wait until what is read is what is wanted; tell what was read last where it never is."""
    until = time.monotonic() + LIMIT_S
    while (found := read()) != wanted and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert wanted == found


def saved(page, n):
    """Wait until the kernel has said of so many labels that they are saved."""
    page.locator(".qfl-ledger:visible", has_text=f"{n} saved").first.wait_for()
