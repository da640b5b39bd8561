"""Journey: the second tutorial's script, word by word, in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorials" / "publish-and-audit.md").read_text()
SCRIPT = "\n".join(re.findall(r"```python\n(.*?)```", TUTORIAL, flags=re.S))


def test_the_script_publishes_audits_and_finds_the_changed_card(tmp_path: Path) -> None:
    (tmp_path / "lantern.py").write_text(SCRIPT)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALLY_")}
    places = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))
    ran = subprocess.run(
        [sys.executable, "lantern.py"],
        cwd=tmp_path,
        env={**kept, "HOME": str(tmp_path), "PYTHONPATH": places, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    *before, finding = ran.stdout.splitlines()
    assert before[1:] == [
        "published version 1",
        "production is version 1",
        "production is version 2",
        "fetched README.md, model.safetensors",
        "checked 2 objects, findings: 0",
    ]
    assert finding.startswith("wrong | content: lantern:2 content (storage): expected content")
