"""The levels of a scheme's document, from the organisation down to a reading, stated once for both ways.

A level is a YAML list under its parent (`pillars`, `objectives` …) whose items become rows of one model. Its
`fields` are written under their own names; its `refs` name another row by its code. Identity is a code in the
scheme where there is one, and otherwise a place under the parent.
"""

from dataclasses import dataclass

from django.db import models

from actions.models import (
    Action,
    Buyer,
    Committee,
    Direction,
    Involvement,
    Objective,
    Organisation,
    Passage,
    Pillar,
    Scheme,
    Step,
)
from indicators.models import (
    Breakdown,
    BreakdownItem,
    Campaign,
    CampaignPassage,
    ExtraFigure,
    Highlight,
    Indicator,
    Measure,
    MeasureSource,
    Reading,
    Report,
    Target,
)


@dataclass(frozen=True)
class Level:
    """One level of the document."""

    name: str
    model: type[models.Model]
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    refs: tuple[tuple[str, str], ...] = ()  # (key and field, name of the level that it points to)
    identity: tuple[str, ...] = ("code",)  # the keys that tell the items of one parent apart; () is the rank
    coded: bool = False  # the code alone identifies the row in its scheme
    parents: tuple[tuple[str, str], ...] = ()  # (name of the parent level, field that points to it)
    extra_keys: tuple[str, ...] = ()  # keys of nested lists, and keys that `shapes` rewrites

    def field(self, name):
        return self.model._meta.get_field(name)

    @property
    def keys(self):
        return {*self.fields, *(key for key, _ in self.refs), *self.extra_keys}

    @property
    def has_position(self):
        return any(field.name == "position" for field in self.model._meta.fields)

    @property
    def has_scheme(self):
        return any(field.name == "scheme" for field in self.model._meta.fields)


VALIDITY = ("valid_from", "valid_until")
BASELINE = ("baseline_from", "baseline_to")

LEVELS = {
    level.name: level
    for level in (
        Level(
            "organisation",
            Organisation,
            ("slug", "name"),
            ("slug", "name"),
            identity=("slug",),
            coded=True,
            extra_keys=("buyers",),
        ),
        Level(
            "buyer",
            Buyer,
            ("code", "name", "siret"),
            ("code", "name"),
            parents=(("organisation", "organisation"),),
        ),
        Level(
            "scheme",
            Scheme,
            (
                "slug",
                "title",
                "starts_year",
                "ends_year",
                "pillar_label",
                "objective_label",
                "action_label",
                "part_label",
                "step_label",
                "pilot_label",
                "support_label",
                "partner_label",
                "purpose_label",
                "implementation_label",
                "declared_pillars",
                "declared_objectives",
                "declared_actions",
                "adoption_text",
                "adopted_on",
                "deliberation",
                "published_url",
                "source_note",
            ),
            ("slug", "title"),
            refs=(("predecessor", "scheme"),),
            identity=("slug",),
            coded=True,
            parents=(("organisation", "organisation"),),
            extra_keys=(
                "organisation",
                "passages",
                "directions",
                "committees",
                "breakdowns",
                "pillars",
                "sheets",
                "campaigns",
            ),
        ),
        Level(
            "direction",
            Direction,
            ("code", "name", "kind", "note"),
            ("code", "name"),
            parents=(("organisation", "organisation"),),
        ),
        Level(
            "committee",
            Committee,
            ("code", "name", "composition", "frequency", "role", "source_note"),
            ("code", "name"),
            coded=True,
        ),
        Level(
            "breakdown",
            Breakdown,
            ("code", "name", "open", "source_note"),
            ("code", "name"),
            coded=True,
            extra_keys=("items",),
        ),
        Level(
            "item",
            BreakdownItem,
            ("code", "name", *VALIDITY),
            ("code", "name"),
            parents=(("breakdown", "breakdown"),),
        ),
        Level(
            "pillar",
            Pillar,
            ("code", "number", "title", "introduction", "source_note"),
            ("code", "title"),
            coded=True,
            extra_keys=("passages", "targets", "objectives"),
        ),
        Level(
            "objective",
            Objective,
            ("code", "number", "title", "introduction", "source_note"),
            ("code",),
            coded=True,
            parents=(("pillar", "pillar"),),
            extra_keys=("passages", "actions"),
        ),
        Level(
            "action",
            Action,
            (
                "code",
                "number",
                "title",
                "nature",
                "bonus",
                "purpose",
                "implementation",
                "expected_results",
                "due_text",
                "due_from",
                "due_to",
                *VALIDITY,
                "source_note",
            ),
            ("code", "title"),
            coded=True,
            parents=(("objective", "objective"), ("action", "parent")),
            extra_keys=(
                "pilots",
                "supports",
                "partners",
                "passages",
                "steps",
                "indicators",
                "targets",
                "parts",
                "reports",
            ),
        ),
        Level(
            "involvement",
            Involvement,
            ("role", "note"),
            ("role", "direction"),
            refs=(("direction", "direction"),),
            identity=("role", "direction"),
            parents=(("action", "action"),),
        ),
        Level(
            "step",
            Step,
            ("code", "title", "source_note"),
            ("code", "title"),
            coded=True,
            parents=(("action", "action"), ("step", "parent")),
            extra_keys=("steps",),
        ),
        Level(
            "passage",
            Passage,
            ("heading", "text"),
            identity=(),
            parents=(("pillar", "pillar"), ("objective", "objective"), ("action", "action")),
        ),
        Level(
            "indicator",
            Indicator,
            ("code", "name", "kind", "definition", *VALIDITY, "source_note"),
            ("code", "name"),
            refs=(("breakdown", "breakdown"), ("refers_to", "action"), ("duplicate_of", "indicator")),
            coded=True,
            parents=(("action", "action"),),
            extra_keys=("measures",),
        ),
        Level(
            "measure",
            Measure,
            (
                "code",
                "name",
                "type",
                "unit",
                "numerator_label",
                "denominator_label",
                "choices",
                "sense",
                "computation",
                *BASELINE,
                "baseline_value",
                "perimeter",
                "threshold",
                *VALIDITY,
                "source_note",
            ),
            ("code", "type"),
            refs=(("item", "item"), ("alternative_to", "measure")),
            coded=True,
            parents=(("indicator", "indicator"),),
            extra_keys=("sources", "targets"),
        ),
        Level(
            "source",
            MeasureSource,
            refs=(("source", "measure"),),
            required=("source",),
            identity=(),
            parents=(("measure", "measure"),),
        ),
        Level(
            "target",
            Target,
            (
                "code",
                "comparison",
                "value",
                "value_max",
                "unit",
                "year",
                "each_year",
                "stage",
                "relative",
                *BASELINE,
                "words",
                "source_note",
            ),
            ("code", "comparison", "words"),
            coded=True,
            parents=(("measure", "measure"), ("action", "action"), ("pillar", "pillar")),
        ),
        Level(
            "campaign",
            Campaign,
            ("year", "kind", "period", "synthesis", "source_note"),
            ("year",),
            identity=("year", "period"),
            extra_keys=("passages", "highlights"),
        ),
        Level(
            "campaign_passage",
            CampaignPassage,
            ("heading", "text"),
            ("heading",),
            identity=(),
            parents=(("campaign", "campaign"),),
        ),
        Level(
            "highlight",
            Highlight,
            ("title", "text"),
            ("action", "text"),
            refs=(("action", "action"),),
            identity=("action",),
            parents=(("campaign", "campaign"),),
        ),
        Level(
            "report",
            Report,
            ("state", *Report.SECTIONS, "source_note"),
            ("campaign",),
            refs=(("campaign", "campaign"),),
            identity=("campaign",),
            parents=(("action", "action"),),
            extra_keys=("extra_figures", "readings"),
        ),
        Level(
            "extra_figure",
            ExtraFigure,
            ("heading", "label", "value", "decimals", "unit", "qualifier", "note"),
            ("label", "value"),
            identity=("heading", "label"),
            parents=(("report", "report"),),
        ),
        Level(
            "reading",
            Reading,
            (
                "number",
                "numerator",
                "denominator",
                "boolean",
                "text",
                "decimals",
                "missing",
                "missing_note",
                "qualifier",
                "comment",
                "as_of",
                "source",
                "unfilled",
            ),
            ("measure",),
            refs=(("measure", "measure"),),
            identity=("measure",),
            parents=(("report", "report"),),
        ),
    )
}

# Under each level: the YAML key of the nested list, and the level of its items.
NESTED = {
    "scheme": (
        ("passages", "passage"),
        ("directions", "direction"),
        ("committees", "committee"),
        ("breakdowns", "breakdown"),
        ("campaigns", "campaign"),
        ("pillars", "pillar"),
        ("sheets", "action"),
    ),
    "organisation": (("buyers", "buyer"),),
    "breakdown": (("items", "item"),),
    "pillar": (("passages", "passage"), ("targets", "target"), ("objectives", "objective")),
    "objective": (("passages", "passage"), ("actions", "action")),
    "action": (
        ("involvements", "involvement"),
        ("passages", "passage"),
        ("steps", "step"),
        ("indicators", "indicator"),
        ("targets", "target"),
        ("parts", "action"),
        ("reports", "report"),
    ),
    "step": (("steps", "step"),),
    "indicator": (("measures", "measure"),),
    "measure": (("sources", "source"), ("targets", "target")),
    "campaign": (("passages", "campaign_passage"), ("highlights", "highlight")),
    "report": (("extra_figures", "extra_figure"), ("readings", "reading")),
}
