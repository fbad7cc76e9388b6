"""The plotly figures of `indicators.charts`, made and checked by plotly's own Python library, as plain dicts.

They are drawn by the browser (`static/charts.js`), which gives the names of CSS custom properties, « var(--chart-1) », the
colours that the page has for them: light, dark, or an organisation's own. Words are French, and made here.
"""

from html import escape
from textwrap import shorten, wrap

from indicators import svg

LINE = 20
YEARS = 58  # pixels for the names of the years, before horizontal bars
HOVERED = 60  # characters in a line of what appears under the pointer
LABEL_WIDTH = 44  # characters in a line of a legend, as wide as a phone
SYMBOLS = ("circle", "square", "diamond", "triangle-up")
DASHES = ("solid", "dash", "dot", "dashdot")
MOST_LINES = len(SYMBOLS)
FIXED = {"fixedrange": True, "showgrid": False, "zeroline": False}
LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "itemclick": False,
    "itemdoubleclick": False,
    "traceorder": "normal",
}
COMMON = {
    "separators": ",\u202f",
    "dragmode": False,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"family": "var(--font)", "size": 14, "color": "var(--ink)"},
    "hoverlabel": {
        "bgcolor": "var(--paper)",
        "bordercolor": "var(--line-strong)",
        "font": {"color": "var(--ink)", "size": 14},
        "align": "left",
        "namelength": -1,
    },
}
PLACES = {
    "above": {"yanchor": "bottom", "yshift": 5},
    "below": {"yanchor": "top", "yshift": -5},
    "beside": {"xanchor": "left", "xshift": 8},
}
STRIPES = {"shape": "/", "size": 9, "solidity": 0.2, "fgopacity": 0.5}


def checked(data, layout, height, *, legend=0):
    """The figure as a plain dict, `height` pixels high and `legend` more for the names under it.

    Raises ValueError when plotly does not know a property or a value.
    """
    from plotly.graph_objects import Figure  # a quarter of a second, for the first page that has a chart

    margin = layout["margin"]
    if legend:
        plot = height - margin["t"] - margin["b"]
        below = {"y": -(margin["b"] + 6) / plot, "yanchor": "top"}
        layout = layout | {"legend": LEGEND | below, "margin": margin | {"b": margin["b"] + legend + 8}}
        height += legend + 8
    figure = Figure(data=data, layout=COMMON | layout | {"height": height}).to_plotly_json()
    del figure["layout"]["template"]  # the look of plotly’s own charts
    return figure


def words(text):
    """Text as plotly takes it: what was typed is no mark-up."""
    return escape(text, quote=False)


def folded(text, width=LABEL_WIDTH):
    return "<br>".join(map(words, wrap(text, width))) or " "


def lines_of(text, width=LABEL_WIDTH):
    return max(1, len(wrap(text, width)))


def note(x, y, text, **options):
    return {"x": x, "y": y, "text": text, "showarrow": False, **options}


def trend(frame, unit):
    """Lines with markers and values over the years of `frame`, as `svg.trend` draws them."""
    rank_of = {year: rank for rank, year in enumerate(frame.years)}
    several = len(frame.traces) > 1
    targets = [line for trace in frame.traces for line in trace.targets]
    data = [
        _run(trace, run, rank, frame, first=number == 0, named=several)
        for rank, trace in enumerate(frame.traces)
        for number, run in enumerate(trace.runs)
    ]
    data += [_target_mark(line, frame) for line in targets if line.year in rank_of]
    top = 2 * svg.APART + (LINE if unit else 0)
    bottom = 34 + (LINE if frame.breaks else 0) + (LINE if frame.invented else 0)
    layout = {
        "xaxis": FIXED
        | {
            "type": "category",
            "categoryarray": [frame.year_label(year) for year in frame.years],
            "range": [-0.5, len(frame.years) - 0.5],
            "tickfont": {"color": "var(--ink-soft)"},
            "showspikes": False,
        },
        "yaxis": FIXED | {"visible": False, "range": [float(frame.low), float(frame.low) + frame.span]},
        "margin": {"l": 4, "r": 4, "t": top, "b": bottom, "pad": 0},
        "hovermode": "x unified",
        "showlegend": several,
        "annotations": [*_values(frame, rank_of), *_said_around(frame, rank_of, targets, unit, top)],
        "shapes": [
            *(_break(rank_of[year]) for year in frame.breaks),
            *(_target(line, rank_of) for line in targets),
            _zero(),
        ],
    }
    legend = sum(lines_of(trace.label) for trace in frame.traces) * LINE if several else 0
    return checked(data, layout, svg.PLOT + 30 + top + bottom, legend=legend)


def _said_around(frame, rank_of, targets, unit, top):
    """What is written around the lines: targets above theirs, breaks and what * means below, the unit on top."""
    for line in targets:
        if line.label:
            place = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
            yield note(0, float(line.number), words(line.label), font={"color": "var(--ink)"}, **place)
    for year, said in frame.breaks.items():
        place = {"yref": "paper", "yanchor": "top", "yshift": -26, "hovertext": folded(said)}
        yield note(rank_of[year] - 0.5, 0, "‖ rupture de série", font={"color": "var(--warn)"}, **place)
    corner = {"xref": "paper", "yref": "paper", "xanchor": "left"}
    if frame.invented:
        down = 34 + (LINE if frame.breaks else 0)
        yield note(0, 0, svg.INVENTED, yanchor="top", yshift=-down, **corner)
    if unit:
        place = corner | {"yanchor": "bottom", "yshift": top - LINE}
        yield note(0, 1, f"en {words(unit)}", font={"color": "var(--ink-soft)"}, **place)


def _run(trace, run, rank, frame, *, first, named):
    colour = f"var(--chart-{rank + 1})"
    name = f"{shorten(trace.label, HOVERED, placeholder='…')} : " if named else ""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": folded(trace.label),
        "legendgroup": str(rank),
        "showlegend": first,
        "x": [frame.year_label(point.year) for point in run],
        "y": [float(point.number) for point in run],
        "line": {"color": colour, "dash": DASHES[rank], "width": 2.5},
        "marker": {"symbol": SYMBOLS[rank], "size": 10, "color": colour},
        "customdata": [folded(name + point.text, HOVERED) for point in run],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def _values(frame, rank_of):
    """The value of each point, beside its marker where it hides no other."""
    scale = svg.PLOT / frame.span
    for year, x in rank_of.items():
        found = [(rank, p) for rank, trace in enumerate(frame.traces) for p in trace.known if p.year == year]
        places = svg.places([-float(point.number - frame.low) * scale for _, point in found], floor=0)
        for (rank, point), place in zip(found, places, strict=True):
            font = {"color": f"var(--chart-{rank + 1})", "weight": 600}
            yield note(x, float(point.number), words(point.label), font=font, **PLACES[place])


def _break(rank):
    line = {"color": "var(--warn)", "dash": "dash", "width": 1}
    return {
        "type": "line",
        "x0": rank - 0.5,
        "x1": rank - 0.5,
        "yref": "paper",
        "y0": 0,
        "y1": 1.05,
        "line": line,
    }


def _target(line, rank_of):
    place = {"x0": 0, "x1": 1, "xref": "paper"}
    if line.year in rank_of:
        place = {"x0": -0.5, "x1": rank_of[line.year]}
    level = {"y0": float(line.number), "y1": float(line.number)}
    return (
        {
            "type": "line",
            "layer": "below",
            "line": {"color": "var(--ink)", "dash": "dash", "width": 1.5},
        }
        | place
        | level
    )


def _target_mark(line, frame):
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [frame.year_label(line.year)],
        "y": [float(line.number)],
        "marker": {"symbol": "diamond", "size": 12, "color": "var(--ink)"},
        "customdata": [words(line.label)],
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
        "cliponaxis": False,
    }


def _zero():
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 0,
        "y1": 0,
        "layer": "below",
        "line": {"color": "var(--line-strong)", "width": 1},
    }


# Bars are placed by pixels: one unit of their vertical axis is one pixel of the figure.


def bars(rows):
    """Horizontal bars by row and year, the row's words above them, what should be reached as a mark across."""
    points = [point for row in rows for point in row.known]
    notes, shapes, shades, y = [], [], ([], []), 4
    for row in rows:
        y, said = _above(row.label, y, left=YEARS)
        notes.append(said)
        for target in filter(lambda line: line.label, row.targets):
            y, said = _above(f"◆ {target.label}", y, left=YEARS)
            notes.append(said)
        top = y
        for rank, point in enumerate(row.known):
            if point.broken and rank:
                shapes.append(_between(y + 2))
                y, said = _above("‖ rupture de série", y + 2, colour="var(--warn)", left=YEARS)
                notes.append(said)
            shades[rank == len(row.known) - 1].append((point, y + svg.BAR / 2 + 2, row.label))
            y += svg.BAR + svg.GAP
        shapes += [_across(target, top, y) for target in row.targets]
        y += svg.ROW_GAP
    for point, middle, _ in [bar for shade in shades for bar in shade]:
        notes.append(
            note(
                0,
                middle,
                point.year_label,
                xref="paper",
                xanchor="right",
                xshift=-6,
                font={"color": "var(--ink-soft)"},
            )
        )
        edge = max(float(point.number), 0)
        notes.append(note(edge, middle, words(point.text), xanchor="left", xshift=4, font={"weight": 600}))
    if any(point.demonstration for point in points):
        y, said = _above(svg.INVENTED, y, left=YEARS)
        notes.append(said)
    room = 16 + max((len(point.text) for point in points), default=0) * svg.NARROW_CHARACTER
    data = [_shade(bars, name) for bars, name in zip(shades, ("earlier", "later"), strict=True) if bars]
    return checked(data, _by_pixels(y, notes, shapes, left=YEARS, right=room), y)


def _above(text, y, *, colour="var(--ink)", left=0):
    """Words on lines of their own from `y` down, beginning `left` pixels before the bars; and the `y` after them."""
    label = note(
        0,
        y,
        folded(text),
        xref="paper",
        xanchor="left",
        yanchor="top",
        align="left",
        xshift=-left,
        font={"color": colour},
    )
    return y + lines_of(text) * LINE, label


def _shade(bars, name):
    return {
        "type": "bar",
        "orientation": "h",
        "x": [float(point.number) for point, _, _ in bars],
        "y": [middle for _, middle, _ in bars],
        "width": svg.BAR,
        "marker": {"color": f"var(--fill-{name})"},
        "customdata": [folded(f"{label} : {point.words}", HOVERED) for point, _, label in bars],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _between(y):
    line = {"color": "var(--warn)", "dash": "dash", "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def _across(target, top, bottom):
    line = {"color": "var(--ink)", "dash": "dash", "width": 1.5}
    return {
        "type": "line",
        "x0": float(target.number),
        "x1": float(target.number),
        "y0": top,
        "y1": bottom,
        "line": line,
    }


def _by_pixels(height, notes, shapes, *, left=0, right=0):
    return {
        "xaxis": FIXED | {"visible": False},
        "yaxis": FIXED | {"visible": False, "range": [height, 0]},
        "margin": {"l": left, "r": right, "t": 0, "b": 0, "pad": 0},
        "hovermode": "closest",
        "showlegend": False,
        "annotations": notes,
        "shapes": shapes,
    }


def stacked(rows, legend):
    """Bars of 100 % with the counts in them: `rows` of (label, segments), `legend` {key: label}."""
    notes, placed, y = [], [], 0
    for label, segments in rows:
        total = sum(segment.count for segment in segments)
        notes.append(
            note(
                1,
                y,
                str(total),
                xref="paper",
                xanchor="right",
                yanchor="top",
                font={"color": "var(--ink-soft)"},
            )
        )
        y, said = _above(label, y)
        notes.append(said)
        placed += [(segment, total, y + 2 + svg.THICK / 2, label) for segment in segments]
        y += svg.THICK + svg.ROW_GAP
    data = [
        _category(key, name, [part for part in placed if part[0].key == key]) for key, name in legend.items()
    ]
    layout = _by_pixels(y, notes, []) | {
        "barmode": "stack",
        "showlegend": True,
        "uniformtext": {"mode": "hide", "minsize": 12},
    }
    layout["xaxis"]["range"] = [-0.002, 1.002]  # the outline of the ends shows too
    return checked(data, layout, y, legend=len(legend) * LINE)


def _category(key, name, placed):
    paint, colour = svg.CATEGORIES[key], f"var(--fill-{svg.category(key)})"
    marker = {"color": colour, "line": {"color": "var(--paper)", "width": 2}}
    ink = "var(--on-fill-dark)" if paint.dark else "var(--on-fill-light)"
    if paint.is_striped:
        stripe = "var(--stripe-on-dark)" if paint.dark else "var(--stripe-on-light)"
        marker["pattern"] = STRIPES | {"bgcolor": colour, "fgcolor": stripe}
    if paint.is_hollow:
        marker, ink = {"color": "var(--paper)", "line": {"color": colour, "width": 1.5}}, "var(--ink)"
    return {
        "type": "bar",
        "orientation": "h",
        "name": words(name),
        "x": [segment.count / total for segment, total, _, _ in placed],
        "y": [middle for _, _, middle, _ in placed],
        "width": svg.THICK,
        "marker": marker,
        "text": [str(segment.count) for segment, _, _, _ in placed],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": ink, "weight": 600},
        "customdata": [
            folded(f"{label} : {segment.label} {segment.count} sur {total}", HOVERED)
            for segment, total, _, label in placed
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
