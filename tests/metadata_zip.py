"""Our metadata as the Metadata API takes it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tooling.metadata.package import to_mdapi

FORCE_APP = Path(__file__).parents[1] / "force-app"


def zipped_package(folder: Path) -> Path:
    """A zip file in this folder with everything in force-app/."""
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in to_mdapi(FORCE_APP).items():
            archive.writestr(name, body)
    return path
