"""A plan onto the disk. Only files that stand in the manifest are ever deleted, so a customer's own metadata in the same tree is safe."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

MANIFEST = ".nps-manifest"
"""Beside the package directory, checked in: the paths that the generator owns."""


def write(plan: Mapping[str, str], root: Path) -> list[str]:
    """Makes the package directory `root` equal to the plan; the paths that changed, sorted.

    Raises:
        FileExistsError: a file that is not ours lies where one of ours is to go.
    """
    owned = _owned(root)
    foreign = [path for path, text in plan.items() if path not in owned and (root / path).exists() and _read(root / path) != text]
    if foreign:
        raise FileExistsError(f"not made by the generator, and in its way: {', '.join(foreign)}")
    changed = []
    for path in sorted(owned - plan.keys()):
        if (root / path).exists():
            (root / path).unlink()
            _remove_empty_folders((root / path).parent, root)
            changed.append(path)
    for path, text in plan.items():
        target = root / path
        if not target.exists() or _read(target) != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
            changed.append(path)
    manifest = "".join(f"{path}\n" for path in sorted(plan))
    if not (root.parent / MANIFEST).exists() or _read(root.parent / MANIFEST) != manifest:
        (root.parent / MANIFEST).write_bytes(manifest.encode())
    return sorted(changed)


def diff(plan: Mapping[str, str], root: Path) -> str:
    """What `write` would change, as a unified diff; empty when nothing."""
    lines: list[str] = []
    for path in sorted(plan.keys() | _owned(root)):
        target = root / path
        before = _read(target) if target.exists() else ""
        after = plan.get(path, "")
        if before != after:
            lines.extend(
                difflib.unified_diff(
                    before.splitlines(keepends=True),
                    after.splitlines(keepends=True),
                    f"{root.name}/{path}",
                    f"{root.name}/{path} (generated)",
                )
            )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _owned(root: Path) -> set[str]:
    manifest = root.parent / MANIFEST
    if not manifest.exists():
        return set()
    paths = {line for line in manifest.read_text("utf-8").splitlines() if line}
    # A manifest is a text file that anybody can edit: a path that leaves the package directory is not followed.
    return {path for path in paths if (root / path).resolve().is_relative_to(root.resolve())}


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def _remove_empty_folders(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
