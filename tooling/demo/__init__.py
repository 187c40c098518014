"""`nps demo`: everything at once on this machine, from the mapping spec to a Task on somebody's desk."""

from tooling.demo.run import run_demo

__all__ = ["run_demo"]
