"""The org as a person sees it: server-rendered pages over the same façade the APIs use, as the administrator in system context."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ...store.ids import is_id, to_18
from ..wire import the_org
from . import analytics, display, interviews, list_views, overview, records

routes = Blueprint("pages", __name__, template_folder=".")

_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@routes.app_context_processor
def _shared() -> dict[str, Any]:
    return {"moment": display.moment, "label": display.label, "plain": display.plain, "clock": the_org().now(), "where": request.path}


@routes.get("/")
def home() -> str:
    return render_template("overview.html", **overview.overview())


@routes.get("/local-org.css")
def style() -> Response:
    return Response(_STYLE, content_type="text/css;charset=UTF-8", headers={"Cache-Control": "max-age=60"})


@routes.get("/o/<sobject>")
def object_page(sobject: str) -> str:
    found = the_org().metadata.schema.get(sobject)
    if found is None:
        abort(404)
    page = request.args.get("page", "1")
    view = list_views.chosen(found, request.args.get("view"))
    return render_template("object.html", **records.record_list(found, view, int(page) if page.isdigit() else 1))


@routes.get("/r/<record_id>")
def record_page(record_id: str) -> str:
    return _page("record.html", records.record(to_18(record_id)) if is_id(record_id) else None)


@routes.get("/interviews")
def interview_list() -> str:
    flow = request.args.get("flow", "")
    return render_template("interviews.html", interviews=interviews.newest(flow), flow=flow)


@routes.get("/interviews/<key>")
def interview_page(key: str) -> str:
    found = interviews.of_key(key)
    return _page("interview.html", {"interview": found} if found is not None else None)


@routes.get("/dashboards")
def dashboard_list() -> str:
    return render_template("analytics.html", title="Dashboards", folders=analytics.listed("Dashboard"))


@routes.get("/dashboards/<path:name>")
def dashboard_page(name: str) -> str:
    return _page("dashboard.html", analytics.dashboard(name))


@routes.get("/reports")
def report_list() -> str:
    return render_template("analytics.html", title="Reports", folders=analytics.listed("Report"))


@routes.get("/reports/<path:name>")
def report_page(name: str) -> str:
    return _page("report.html", analytics.report(name))


@routes.get("/metadata")
def metadata_page() -> str:
    return render_template("metadata.html", types=overview.deployed())


@routes.get("/metadata/<kind>/<text:name>")
def component_page(kind: str, name: str) -> str:
    return _page("component.html", overview.component(kind, name))


@routes.get("/emails")
def email_list() -> str:
    return render_template("emails.html", emails=overview.emails())


# Links that flows and e-mails carry into an org lead to the record here too.
@routes.get("/<record_id>")
@routes.get("/lightning/r/<record_id>/view")
@routes.get("/lightning/r/<sobject>/<record_id>/view")
def open_record(record_id: str, sobject: str = "") -> AnyResponse:
    if not is_id(record_id):
        abort(404)
    return redirect(f"/r/{to_18(record_id)}", 302)


def _page(template: str, values: Mapping[str, Any] | None) -> str:
    if values is None:
        abort(404)
    return render_template(template, **values)
