"""From a Bilan to paper: what the printed document gathers, and the PDF made of it."""

from base64 import b64encode
from dataclasses import dataclass, replace

from django.template.loader import render_to_string

from reporting.editions import bilan_charts
from reporting.editions.bilan import Bilan, Sheet, Table
from reporting.editions.bilan_spread import contents_flow, foreword_flow, spread_of
from reporting.editions.bilan_texts import judged
from reporting.editions.pdf import Attachment, colours_of, pdf_of

DATA = {".json": "Toutes les données du bilan", ".csv": "Les valeurs des indicateurs, une par ligne"}


@dataclass(frozen=True)
class PrintedSheet:
    """One action as it is printed; `parts` are those of an action that has parts."""

    sheet: Sheet
    tables: list[Table]
    charts: list
    parts: tuple = ()


def bilan_pdf(bilan: Bilan, made=None):
    """The bytes of the printed bilan, PDF/UA-1 and PDF/A-3a. It carries the data of `made` ({suffix: bytes of a file}), if any."""
    attachments = [
        Attachment(f"{bilan.imprint.file_stem}{suffix}", made[suffix], words)
        for suffix, words in DATA.items()
        if suffix in (made or {})
    ]
    return pdf_of(bilan_html(bilan), imprint=bilan.imprint, attachments=attachments)


def bilan_html(bilan: Bilan):
    """The printed bilan as HTML."""
    shades = bilan_charts.shades_of(colours_of(bilan.imprint.accent)["accent"])
    pillars = printed_pillars(bilan, shades)
    spread = spread_of(bilan)
    has_words = bool(bilan.passages or (bilan.synthesis and not spread.words))
    contents = contents_flow(bilan, contents_of(bilan, pillars), with_words=has_words)
    foreword = foreword_flow(bilan)
    reached, held = judged(bilan.outcomes)
    context = {
        "bilan": bilan,
        "imprint": bilan.imprint,
        "logo": data_address(bilan.imprint.logo),
        "pillars": pillars,
        "zooms": [(zoom, data_address(zoom.picture)) for zoom in bilan.zooms],
        "charts": {
            "states": bilan_charts.states_chart(bilan),
            "engaged": bilan_charts.engaged_chart(bilan, shades),
            "completeness": bilan_charts.completeness_chart(bilan, shades),
            "outcomes": bilan_charts.outcomes_chart(bilan, by_pillar=spread.targets_by_pillar),
        },
        "reached": reached,
        "judged": held,
        "target_count": sum(count for _, _, count in bilan.outcomes),
        "sheet_count": sum(bool(sheet.status) for sheet in bilan.sheets),
        "validated_count": sum(sheet.validated for sheet in bilan.sheets),
        "spread": spread,
        "has_words": has_words,
        "contents": contents,
        "foreword": foreword,
        # the cover, the contents and the foreword stand before the synthesis, which begins on a left page
        "about_first": (1 + contents.pages + foreword.pages) % 2 == 0,
        "next_year": bilan.year + 1,
        "counted": "actions engagées" if bilan.engaged > 1 else "action engagée",
        "readings": "relevés renseignés" if bilan.filled > 1 else "relevé renseigné",
    }
    return render_to_string("reporting/bilan.html", context)


def data_address(picture):
    """A Picture as an address that holds it; "" without picture."""
    if picture is None:
        return ""
    return f"data:{picture.content_type};base64,{b64encode(picture.content).decode()}"


def printed_pillars(bilan: Bilan, shades):
    """[(title of the pillar, its PrintedSheets)], parts under their action; "" is the title of sheets outside any."""
    codes = {sheet.code for sheet in bilan.sheets}
    parts, pillars = {}, {}
    for sheet in bilan.sheets:
        if sheet.parent in codes:
            parts.setdefault(sheet.parent, []).append(_printed(sheet, bilan, shades))
    for sheet in bilan.sheets:
        if sheet.parent not in codes:
            printed = replace(_printed(sheet, bilan, shades), parts=tuple(parts.get(sheet.code, ())))
            pillars.setdefault(sheet.pillar, []).append(printed)
    return list(pillars.items())


def _printed(sheet, bilan, shades):
    tables = printed_tables(sheet)
    charts = bilan_charts.sheet_charts(
        tables, sheet.full_title, bilan.years, invented=bilan.invented, shades=shades
    )
    return PrintedSheet(sheet, tables, charts)


def printed_tables(sheet: Sheet):
    """The tables of a sheet: indicators of one row each stand together, as the document prints them."""
    gathered = []
    for table in sheet.indicators:
        single = len(table.rows) == 1
        if single and gathered and gathered[-1].code == "":
            last = gathered[-1]
            gathered[-1] = replace(last, rows=last.rows + _named(table), notes=last.notes + table.notes)
        elif single:
            gathered.append(Table("", "", "", _named(table), table.notes))
        else:
            gathered.append(table)
    return gathered


def _named(table):
    """The only row of an indicator, under the indicator's own words."""
    return tuple(replace(row, label=table.title) for row in table.rows)


def contents_of(bilan: Bilan, pillars):
    """The titles that the contents list, besides those of the chapters."""
    titles = [zoom.title for zoom in bilan.zooms]
    for pillar, sheets in pillars:
        titles += [pillar, *(item.sheet.full_title for item in sheets)]
    return titles
