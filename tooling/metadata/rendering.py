"""Templates to text, escaped exactly as a retrieve from Salesforce writes it, so that a retrieve shows no difference."""

from __future__ import annotations

from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Undefined
from markupsafe import Markup

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


class Component(Protocol):
    """A metadata component as a value: where its file lies below the package directory, and the template that prints it."""

    @property
    def path(self) -> str: ...

    @property
    def template(self) -> str: ...


def escaped(value: object) -> object:
    """A value as XML text: booleans in lower case, all five special characters as entities.

    >>> str(escaped('"a" & b')), str(escaped(True))
    ('&quot;a&quot; &amp; b', 'true')
    """
    if isinstance(value, Undefined) or hasattr(value, "__html__"):
        return value
    if value is None:
        raise TypeError("a template prints a missing value")
    if isinstance(value, bool):
        return Markup("true" if value else "false")
    return Markup(str(value).translate(_ESCAPES))


_ENVIRONMENT = Environment(
    loader=PackageLoader("tooling.metadata"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=escaped,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render_template(template: str, **values: object) -> str:
    """The text of a template of `templates/`, for example `CustomField.xml.jinja`."""
    return _ENVIRONMENT.get_template(template).render(**values)


def render(component: Component) -> str:
    """The file of a component; its template knows it as `it`."""
    return render_template(component.template, it=component)
