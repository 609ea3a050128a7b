"""A place for an embedded server."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.postgres import start


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any account may pass through; whatever runs there is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="jifen-test-")).resolve()
    folder.chmod(0o711)
    try:
        yield folder / "home"
        if (folder / "home" / "postgres").exists():
            start(folder / "home").stop()
    finally:
        shutil.rmtree(folder)
