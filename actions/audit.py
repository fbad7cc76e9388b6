"""What the automatic accessibility checks found, as one small JSON file that the accessibility statement reads."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import NamedTuple


class View(NamedTuple):
    """One page as one role saw it, at one width in pixels and in one theme, and the ids of the rules that it breaks."""

    page: str
    role: str
    width: int
    theme: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audit:
    """`made_on` is None while no check has been run; `rules` are the tags of axe's rules; `broken` counts views by rule."""

    made_on: date | None = None
    axe: str = ""
    rules: tuple[str, ...] = ()
    views: int = 0
    pages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    themes: tuple[str, ...] = ()
    broken: dict[str, int] = field(default_factory=dict)
    pages_with_violations: tuple[str, ...] = ()


def audit_of(views, *, on, axe, rules):
    """The Audit of a walk: `views` seen on the day `on`, with the version `axe` and its rule tags."""
    views = list(views)
    return Audit(
        made_on=on,
        axe=axe,
        rules=tuple(rules),
        views=len(views),
        pages=_each(view.page for view in views),
        roles=_each(view.role for view in views),
        widths=_each(view.width for view in views),
        themes=_each(view.theme for view in views),
        broken=dict(sorted(Counter(rule for view in views for rule in set(view.broken)).items())),
        pages_with_violations=_each(view.page for view in views if view.broken),
    )


def _each(values):
    return tuple(sorted(set(values)))


def write_audit(views, path, *, on, axe, rules):
    """Write the file that `read_audit` reads; the same walk on the same day writes the same bytes."""
    audit = asdict(audit_of(views, on=on, axe=axe, rules=rules))
    text = json.dumps(audit | {"made_on": on.isoformat()}, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def read_audit(path):
    """The Audit of a file; its lists come back as tuples."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    made_on = stored["made_on"]
    return Audit(**values | {"made_on": made_on and date.fromisoformat(made_on)})
