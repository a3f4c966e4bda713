"""What axe-core finds on a page that keeps somebody from using it."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_faults(page: Page, **how: Any) -> list[dict[str, Any]]:
    """The serious and the critical ones; ``how`` is axe's context and options."""
    found = Axe().run(page, **how).response["violations"]
    return [one for one in found if one["impact"] in ("serious", "critical")]
