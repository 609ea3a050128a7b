"""docs/events.md is made from the code, and is as new as the code."""

import re
import runpy
from pathlib import Path

from ledger.commands import COMMAND_TYPES
from ledger.events import EVENT_TYPES
from ledger.refusals import REFUSALS

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")


def test_the_page_is_not_stale() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "generate_docs.py"))["render"]()
    assert made == PAGE, "run .venv/bin/python tools/generate_docs.py"


def test_every_event_command_and_refusal_is_on_the_page_in_its_order() -> None:
    headings = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
    assert headings == [*EVENT_TYPES, *COMMAND_TYPES]
    codes = re.findall(r"^\| `([a-z_]+)` \| (?:[A-Z]{2}-\d+)? ?\| ", PAGE, re.MULTILINE)
    assert codes == [refusal.CODE for refusal in REFUSALS]


def test_every_member_is_on_the_page() -> None:
    for cls in (*EVENT_TYPES.values(), *COMMAND_TYPES.values()):
        for member in cls.__struct_fields__:
            assert f"`{member}`" in PAGE, f"{cls.__name__}.{member}"
