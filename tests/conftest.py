"""The modules beside the tests (tables of mutants, sample records, plants) can be imported by their names."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
