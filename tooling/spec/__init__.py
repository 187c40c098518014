"""The mapping spec: what exists in the org and what flows into it.

Read model.py first, then loader.py (document → shape → checks), then objects/ (our objects and fields as data).
"""

from __future__ import annotations

from tooling.spec.loader import load_spec, spec_from
from tooling.spec.model import Spec

__all__ = ["Spec", "load_spec", "spec_from"]
