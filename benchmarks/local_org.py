"""How fast the local org runs automation: interviews per second, and how cost grows with rows and loops.

    python benchmarks/local_org.py [--full]

Every figure stands beside its peer of the same run: the same inserts without flows. The best of several repetitions counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from local_org_flows import ACCESS, OBJECT, THREE, loop
from rich.console import Console
from rich.table import Table

from tooling.local_org.engine.org import Org, SaveOptions
from tooling.local_org.formula import Reference, Type, compile_formula

FORMULAS = (
    "Budget__c * 1.19",
    "IF(BLANKVALUE(Budget__c, 0) > 1000, 'Large', IF(Budget__c > 100, 'Medium', 'Small'))",
    "CASE(MOD(FLOOR(Budget__c), 4), 0, 'a', 1, 'b', 2, 'c', 'd') & LEFT(TEXT(Budget__c), 3)",
)


class Bench:
    """An org with projects; traces are kept only where a measurement is about them."""

    def __init__(self, flows: Mapping[str, bytes]) -> None:
        self.org = Org.open()
        self.admin = self.org.user_named("admin@local.example")
        self._deploy({"objects/Project__c.object": OBJECT.encode(), "permissionsets/Projects.permissionset": ACCESS.encode()})
        found = self.org.query(self.admin, "SELECT Id FROM PermissionSet WHERE Name = 'Projects'").records[0]["Id"]
        self._insert([{"attributes": {"type": "PermissionSetAssignment"}, "AssigneeId": self.admin.id, "PermissionSetId": found}])
        self.org.settings = self.org.settings.changed({"async": "on request"})
        contacts = [{"attributes": {"type": "Contact"}, "LastName": f"Contact {n}"} for n in range(100)]
        self.contacts = [str(result.id) for result in self._insert(contacts)]
        if flows:
            self._deploy(flows)

    def close(self) -> None:
        self.org.close()

    def _deploy(self, files: Mapping[str, bytes]) -> None:
        result = self.org.deploy(self.admin, files)
        if not result.success:
            raise SystemExit("\n".join(str(failure.problem) for failure in result.failures))

    def _insert(self, records: list[dict[str, Any]], options: SaveOptions | None = None) -> list[Any]:
        results = self.org.insert(self.admin, records, options=options)
        if not all(result.success for result in results):
            raise SystemExit(str(next(result.errors for result in results if not result.success)))
        return results

    def insert(self, rows: int, *, traced: bool = False) -> float:
        """Seconds of one request with new projects; they are removed afterwards."""
        records = [
            {
                "attributes": {"type": "Project__c"},
                "Name": f"P{n}",
                "Budget__c": n * 10,
                "Contact__c": self.contacts[n % len(self.contacts)],
            }
            for n in range(rows)
        ]
        begin = time.perf_counter()
        results = self._insert(records, SaveOptions(bulk=not traced))
        taken = time.perf_counter() - begin
        self.org.delete(self.admin, [str(result.id) for result in results])
        return taken


def best(measure: Callable[[], float], repetitions: int) -> float:
    measure()
    return min(measure() for _ in range(repetitions))


def table(console: Console, title: str, *columns: str) -> Table:
    made = Table(title=title, title_justify="left")
    for position, column in enumerate(columns):
        made.add_column(column, justify="left" if position == 0 else "right")
    console.print()
    return made


def saves(console: Console, sizes: list[int], repetitions: int) -> None:
    """Rows against time, with three flows (two of them write, one queries) and without."""
    with_flows, without = Bench(THREE), Bench({})
    found = table(console, "New projects in one request: three flows, one with a child query", "rows", "with flows", "without", "factor",
                  "µs per row", "interviews/s", "traced")  # fmt: skip
    for rows in sizes:
        taken = best(lambda rows=rows: with_flows.insert(rows), repetitions)  # type: ignore[misc]
        peer = best(lambda rows=rows: without.insert(rows), repetitions)  # type: ignore[misc]
        traced = best(lambda rows=rows: with_flows.insert(rows, traced=True), repetitions)  # type: ignore[misc]
        found.add_row(
            str(rows), _ms(taken), _ms(peer), f"{taken / peer:.1f}", f"{(taken - peer) / rows * 1e6:.0f}", f"{3 * rows / taken:,.0f}",
            _ms(traced),
        )  # fmt: skip
    console.print(found)
    with_flows.close()
    without.close()


def loops(console: Console, lengths: list[int], repetitions: int) -> None:
    found = table(console, "One record, a before-save flow that goes round", "rounds", "time", "µs per round")
    for length in lengths:
        bench = Bench(loop(length))
        bench.org.settings = bench.org.settings.changed({"governor_limits": False})
        taken = best(lambda bench=bench: bench.insert(1), repetitions)  # type: ignore[misc]
        found.add_row(f"{length:,}", _ms(taken), f"{taken / length * 1e6:.1f}")
        bench.close()
    console.print(found)


class _Budget:
    """A record with one field."""

    is_new = False

    def __init__(self, budget: Decimal) -> None:
        self._budget = budget

    def find(self, path: tuple[str, ...]) -> Reference | None:
        return Reference(("Budget__c",), Type.NUMBER, "Budget")

    def value(self, path: tuple[str, ...]) -> Any:
        return self._budget


def formulas(console: Console, count: int, repetitions: int) -> None:
    found = table(console, "Formulas, compiled once", "formula", "evaluations/s")
    values = [_Budget(Decimal(n)) for n in range(count)]
    for source in FORMULAS:
        formula = compile_formula(source, values[0], result=None)

        def evaluate(run: Callable[[Any], Any] = formula.evaluate) -> float:
            begin = time.perf_counter()
            for each in values:
                run(each)
            return time.perf_counter() - begin

        found.add_row(source if len(source) < 60 else source[:57] + "…", f"{count / best(evaluate, repetitions):,.0f}")
    console.print(found)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="more sizes and more repetitions (about a minute)")
    full = parser.parse_args().full
    console = Console()
    repetitions = 5 if full else 2
    saves(console, [50, 100, 200, 500, 1000, 2000] if full else [50, 200, 500], repetitions)
    loops(console, [10, 100, 1_000, 10_000, 100_000] if full else [100, 1_000, 10_000], repetitions)
    formulas(console, 20_000 if full else 5_000, repetitions)


if __name__ == "__main__":
    main()
