"""What axe finds on what is seen."""

from pathlib import Path

from waiting import drawn

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page, selector):
    """Give impact, rule, place and reason of each that axe finds on a page that is drawn."""
    page.locator(selector).first.wait_for()
    drawn(page)
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate("selector => axe.run(selector, {resultTypes: ['violations']})", selector)
    return [
        (each["impact"], each["id"], node["target"], node.get("failureSummary"))
        for each in found["violations"]
        for node in each["nodes"]
    ]
