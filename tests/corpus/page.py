"""Writes `docs/corpus.md` anew: `python -m tests.corpus.page FOLDER` with the folder of real files."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.corpus.outcomes import outcomes, page, row, verdicts

PAGE = Path(__file__).parents[2] / "docs" / "corpus.md"


async def lines(data: Path) -> list[str]:
    """Take up every file and return its line."""
    wanted = verdicts(data / "verdicts.csv")
    with tempfile.TemporaryDirectory() as folder:
        found = await outcomes(wanted, data, Path(folder))
    return [row(verdict, what) for verdict, what in zip(wanted, found, strict=True)]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "verdicts.csv").is_file():
        sys.exit("usage: python -m tests.corpus.page FOLDER, which holds verdicts.csv and the files that it names")
    PAGE.write_text(page(iter(asyncio.run(lines(Path(sys.argv[1]).resolve())))), encoding="utf-8")
