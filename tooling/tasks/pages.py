"""`cci task run nps_pages`: shows NPS on the customer's own page layouts, by CumulusCI's retrieve, transform, deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from cumulusci.core.exceptions import CumulusCIFailure
from cumulusci.core.utils import process_bool_arg
from cumulusci.tasks.metadata_etl import BaseMetadataTransformTask

from tooling.metadata.layout_section import with_section, without_section
from tooling.tasks.spec_option import SPEC_OPTION, spec_of


class NpsPages(BaseMetadataTransformTask):
    """Adds our section and related list to each layout that `pages` of the spec names, or takes them off. A second run changes nothing."""

    task_options = {  # noqa: RUF012 - CumulusCI's own form
        **BaseMetadataTransformTask.task_options,
        **SPEC_OPTION,
        "remove": {"description": "Take the section and the related list off again. Default: False."},
    }

    def _init_task(self) -> None:
        super()._init_task()
        self._spec = spec_of(self)
        named = [(sobject, layout) for sobject, layouts in self._spec.pages.items() for layout in layouts]
        # The Metadata API wants everything but spaces encoded, as in the names of the files.
        self._layouts = {f"{sobject}-{quote(layout, safe=' ')}": (sobject, layout) for sobject, layout in named}
        self._changed: list[str] = []

    def _get_entities(self) -> dict[str, list[str]]:
        return {"Layout": [escape(name) for name in (self._changed or self._layouts)]}

    def _run_task(self) -> None:
        if not self._layouts:
            self.logger.info("The mapping spec names no pages.")
            return
        super()._run_task()

    def _transform(self) -> None:
        change = without_section if process_bool_arg(self.options.get("remove") or False) else with_section
        missing = [f"{sobject}: {layout}" for name, (sobject, layout) in self._layouts.items() if not self._retrieved(name).exists()]
        if missing:
            raise CumulusCIFailure(f"The org has no such page layout: {'; '.join(missing)}. Correct `pages` in the mapping spec.")
        for name, (sobject, layout) in self._layouts.items():
            before = self._retrieved(name).read_bytes()
            after = change(before, sobject, self._spec)
            if after == before:
                self.logger.info(f"{sobject}: {layout} is already as it should be.")
                continue
            target = Path(self.deploy_dir, "layouts", f"{name}.layout")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(after)
            self._changed.append(name)
            self.logger.info(f"{sobject}: {layout} is changed.")

    def _deploy(self) -> Any:
        return super()._deploy() if self._changed else None

    def _retrieved(self, name: str) -> Path:
        return Path(self.retrieve_dir, "layouts", f"{name}.layout")
