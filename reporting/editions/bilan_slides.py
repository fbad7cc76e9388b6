"""The slides of a bilan for the COPIL, as a PPTX that one can edit: the synthesis, a slide a pillar, the zooms, what lacks, what comes next."""

from pptx.enum.dml import MSO_THEME_COLOR as THEME

from reporting.editions.bilan import Bilan, PillarCount
from reporting.editions.bilan_rows import own_label
from reporting.editions.bilan_texts import (
    completeness,
    judged,
    version_and_date,
    version_of,
    warning_of,
)
from reporting.editions.slides_layout import (
    BOTTOM,
    CONTENT,
    INNER,
    MARGIN,
    POINTS,
    TOP,
    WIDTH,
    Box,
    Deck,
    Line,
    add_picture,
    add_text,
)
from reporting.editions.slides_objects import Heading, Series, add_bars, add_table, pages_of
from reporting.editions.slides_text import LEADING, height_of, paragraphs, shortened
from spaser.french import NO_BREAK, format_date, format_number, plural

GAP = 0.35
PANEL = Box(MARGIN, TOP, 3.3, BOTTOM - TOP)  # at the left, with the figures
BESIDE = Box(MARGIN + PANEL.width + GAP, TOP, INNER - PANEL.width - GAP, BOTTOM - TOP)
TABLE_SIZE, TEXT_SIZES = 12, (18, 16, 14)
MOST_PAGES = 2  # slides of one list; the rest stands in the notes of the last
REST = "La suite est dans les commentaires de cette diapositive."


def bilan_slides(bilan: Bilan):
    """The bytes of the deck; the same each time for the same bilan."""
    deck = Deck(
        bilan.imprint,
        title=f"{bilan.scheme}, bilan annuel {bilan.year}",
        author=bilan.organisation,
        footer=f"{bilan.organisation}, bilan annuel {bilan.year}, {version_of(bilan).lower()}",
        warning=warning_of(bilan),
    )
    _cover(deck, bilan)
    _synthesis(deck, bilan)
    _progress(deck, bilan)
    _said(deck, bilan)
    for pillar in bilan.pillars:
        _pillar(deck, bilan, pillar)
    for zoom in bilan.zooms:
        _zoom(deck, zoom)
    _missing(deck, bilan)
    _decisions(deck, bilan)
    _outlook(deck, bilan)
    return deck.as_bytes()


def _cover(deck, bilan):
    slide = deck.cover(f"Bilan annuel {bilan.year}", bilan.scheme)
    if bilan.imprint.logo:
        box = Box(WIDTH - MARGIN - 2.6, 4.6, 2.6, 1.6)
        add_picture(slide, bilan.imprint.logo, box, name="Logo")
    lines = [Line(bilan.organisation, 24, bold=True, after=6), Line(version_and_date(bilan), 16, after=10)]
    lines += [Line(bilan.imprint.correction, 14, after=10)] if bilan.imprint.correction else []
    box = Box(MARGIN, 4.6, INNER - 3, 1.6)
    add_text(slide, box, _fitting(lines, box, most=2), name="Collectivité et version")
    if deck.warning:
        warning = Line(deck.warning, 18, bold=True, colour=THEME.ACCENT_6)
        box = Box(MARGIN, 6.3, INNER, BOTTOM - 6.3)
        add_text(slide, box, _fitting([warning], box), name="Avertissement")


def _fitting(lines, box, most=4):
    """`lines`, none longer than `most` lines of the slide, the last one cut to the room that those before leave."""
    left, width = box.height * POINTS, (box.width - 0.2) * POINTS
    for line in lines:
        room = min(int(left / (LEADING * line.size)), most)
        if room < 1:
            return
        fitted = line._replace(text=shortened(line.text, width, line.size, room, bold=line.bold))
        left -= _height(fitted, width)
        yield fitted


# The whole


def _synthesis(deck, bilan):
    slide = deck.slide(f"{bilan.year} : {_engaged(bilan.engaged, bilan.total)}", notes=bilan.synthesis)
    reached, targets = judged(bilan.outcomes)
    figures = [(f"{bilan.engaged} / {bilan.total}", "actions engagées sur celles du schéma")]
    if bilan.expected:
        figures.append(
            (f"{bilan.filled} / {bilan.expected}", f"relevés renseignés sur ceux attendus{_share(bilan)}")
        )
    if targets:
        figures.append((f"{reached} / {targets}", "cibles atteintes, de celles qui se mesurent"))
    if bilan.unvalidated:
        several = bilan.unvalidated >= 2
        said = "fiches qui ne sont pas validées" if several else "fiche qui n’est pas validée"
        figures.append((str(bilan.unvalidated), said))
    lines = []
    for number, words in figures:
        lines += [Line(number, 36, bold=True, colour=THEME.ACCENT_1), Line(words, 16, after=14)]
    add_text(slide, PANEL, _fitting(lines, PANEL), name="Chiffres clés")
    if not bilan.pillars:
        return
    said = " ; ".join(f"{p.full_title} : {p.engaged} sur {p.actions}" for p in bilan.pillars)
    series = [
        Series("Engagées", tuple(p.engaged for p in bilan.pillars)),
        Series("Autres", tuple(p.actions - p.engaged for p in bilan.pillars), THEME.ACCENT_2, THEME.TEXT_1),
    ]
    title = f"Actions engagées en {bilan.year}"
    names = [_short(pillar) for pillar in bilan.pillars]
    add_bars(slide, BESIDE, title, names, series, description=f"{title}. {said}.", stacked=True)


def _share(bilan):
    return "" if bilan.completeness is None else f" ({format_number(bilan.completeness, 0)}{NO_BREAK}%)"


def _engaged(engaged, total):
    return f"{engaged} {plural('action engagée', engaged)} sur {total}"


def _short(pillar: PillarCount):
    """What a chart has room for."""
    return shortened(pillar.full_title, 200, 12, 2)


def _progress(deck, bilan):
    """Completeness, states and outcomes side by side: those of which there is something to compare."""
    charts = []
    due = [pillar for pillar in bilan.pillars if pillar.expected]
    if due:
        series = [
            Series("Renseignés", tuple(p.filled for p in due)),
            Series("Manquants", tuple(p.expected - p.filled for p in due), THEME.ACCENT_2, THEME.TEXT_1),
        ]
        said = " ; ".join(f"{p.full_title} : {p.filled} sur {p.expected}" for p in due)
        charts.append((f"Relevés de {bilan.year}", [_short(pillar) for pillar in due], series, said, True))
    for title, counts in (
        ("États des actions", bilan.states),
        ("Issue des cibles", [(label, count) for _, label, count in bilan.outcomes]),
    ):
        if len(counts) > 1:
            series = [Series(title, tuple(count for _, count in counts))]
            said = " ; ".join(f"{label} : {count}" for label, count in counts)
            charts.append((title, [label for label, _ in counts], series, said, False))
    if not charts:
        return
    slide = deck.slide(f"Où en sont les actions et les relevés en {bilan.year}")
    width = (INNER - GAP * (len(charts) - 1)) / len(charts)
    for rank, (title, categories, series, said, stacked) in enumerate(charts):
        box = Box(MARGIN + rank * (width + GAP), TOP, width, BOTTOM - TOP)
        add_bars(slide, box, title, categories, series, description=f"{title}. {said}.", stacked=stacked)


def _said(deck, bilan):
    """The words of the year: the synthesis and its passages; all of them in the notes where they do not fit."""
    parts = [bilan.synthesis, *(f"{passage.heading}\n{passage.text}" for passage in bilan.passages)]
    text = "\n\n".join(filter(None, (part.strip() for part in parts)))
    if text:
        _prose(deck, f"L’année {bilan.year} en quelques mots", text, CONTENT)


def _prose(deck, title, text, box, lead=()):
    """A slide of a text as large as fits, or cut, and then whole in the notes; the slide."""
    width = (box.width - 0.2) * POINTS
    room = box.height * POINTS - sum(_height(line, width) for line in lead)
    sizes = ([Line(part, size, after=after) for part, after in paragraphs(text)] for size in TEXT_SIZES)
    lines = next((lines for lines in sizes if sum(_height(line, width) for line in lines) <= room), None)
    notes = ""
    if lines is None:
        notes, size = text, TEXT_SIZES[-1]
        whole = [Line(part, size, after=after) for part, after in paragraphs(text)]
        short = box._replace(height=room / POINTS - 0.35)
        lines = [*_fitting(whole, short, most=30), Line(REST, 12)]
    slide = deck.slide(title, notes=notes)
    add_text(slide, box, [*lead, *lines])
    return slide


def _height(line, width):
    return height_of(line.text, width, line.size, bold=line.bold) + line.after


# The pillars


def _pillar(deck, bilan, pillar):
    sheets = [sheet for sheet in bilan.sheets if sheet.pillar == pillar.full_title]
    headings, rows = _indicator_table(sheets, bilan)
    name = "Principaux indicateurs"
    if not rows:
        headings = [Heading(bilan.action_label or "Action", 0.75), Heading("État", 0.25)]
        rows = [(sheet.full_title, sheet.state or "non renseigné") for sheet in sheets]
        name = "Actions"
    height = BESIDE.height - 0.4
    (shown, *_), left = pages_of(rows, headings, BESIDE.width, height, TABLE_SIZE, most_pages=1)
    slide = deck.slide(pillar.full_title, notes="\n".join(" ; ".join(filter(None, row)) for row in left))
    _pillar_facts(slide, pillar, sheets)
    if shown:
        described = f"{name} : {len(shown)} sur {len(rows)}, {pillar.full_title}"
        add_table(slide, BESIDE, headings, shown, name=name, description=described, size=TABLE_SIZE)
    _say_left(slide, BESIDE, left)


def _say_left(slide, box, left):
    """Below a table, how many rows the notes hold."""
    if left:
        others = f"{len(left)} {plural('autre', len(left))} dans les commentaires de cette diapositive."
        place = Box(box.left, BOTTOM - 0.3, box.width, 0.3)
        add_text(slide, place, [Line(others, 12)], name="Suite")


def _pillar_facts(slide, pillar, sheets):
    """Its figures, its actions where there is room, and the bars of their states where there are several."""
    lines = [Line(_engaged(pillar.engaged, pillar.actions), 18, bold=True, colour=THEME.ACCENT_1, after=8)]
    if pillar.expected:
        filled = f"{pillar.filled} {plural('relevé renseigné', pillar.filled)} sur {pillar.expected}"
        lines.append(Line(filled, 14, after=8))
    if pillar.outcomes:
        counts = ", ".join(f"{label} {count}" for _, label, count in pillar.outcomes)
        lines.append(Line(f"Cibles : {counts}", 14, after=8))
    lines += [Line(f"Cible : {target}", 14, after=8) for target in pillar.targets]
    states = [(label or "sans état", count) for _, label, count in pillar.states]
    chart_height = 0.9 + 0.36 * len(states) if len(states) > 1 else 0
    box = PANEL._replace(height=PANEL.height - chart_height)
    width = (box.width - 0.2) * POINTS
    actions = [Line(shortened(sheet.full_title, width, 12, 2), 12, after=4) for sheet in sheets]
    if sum(_height(line, width) for line in (*lines, *actions)) <= box.height * POINTS:
        lines += actions
    add_text(slide, box, _fitting(lines, box), name="Chiffres")
    if chart_height:
        place = Box(PANEL.left, BOTTOM - chart_height, PANEL.width, chart_height)
        said = " ; ".join(f"{label} : {count}" for label, count in states)
        title = "États des actions"
        series = [Series(title, tuple(count for _, count in states))]
        names = [label for label, _ in states]
        add_bars(slide, place, title, names, series, description=f"{title}, {pillar.full_title}. {said}.")


def _indicator_table(sheets, bilan):
    """(headings, rows) of the measures that have a value or a target; columns of which no row says anything are left out."""
    rows = _indicator_rows(sheets)
    year, target = (0.19, 0.19) if bilan.invented else (0.16, 0.23)  # « (démonstration) » takes room
    year += 0 if any(row[-1] for row in rows) else 0.05  # that of the targets, when it is left out
    headings = [Heading("Indicateur", 0)]
    headings += [Heading(label, year, is_number=True) for label in bilan.year_labels]
    headings += [Heading("Évolution", 0.13, is_number=True), Heading("Cible et issue", target)]
    kept = [rank for rank in range(len(headings)) if any(row[rank] for row in rows)]
    headings[0] = headings[0]._replace(share=1 - sum(headings[rank].share for rank in kept))
    return [headings[rank] for rank in kept], [tuple(row[rank] for rank in kept) for row in rows]


def _indicator_rows(sheets):
    """The cells of each measure, those with a target first, then those with all their numbers."""
    found = []
    for sheet in sheets:
        for table in sheet.indicators:
            for row in table.rows:
                known = sum(not cell.missing for cell in row.cells)
                if known or row.targets:
                    label = " : ".join(filter(None, (table.title, own_label(row, table))))
                    target = "\n".join(filter(None, (*row.targets, row.outcome_label)))
                    cells = (label, *(cell.text for cell in row.cells), row.evolution, target)
                    found.append((not row.targets, -known, cells))
    return [cells for _, _, cells in sorted(found, key=lambda item: item[:2])]


# The zooms


def _zoom(deck, zoom):
    lead = [Line(zoom.action, 16, bold=True, colour=THEME.ACCENT_1, after=8)]
    if zoom.picture is None:
        _prose(deck, zoom.title, zoom.text, CONTENT, lead)
        return
    slide = _prose(deck, zoom.title, zoom.text, CONTENT._replace(width=6.6), lead)
    place = Box(MARGIN + 6.6 + GAP, TOP, INNER - 6.6 - GAP, BOTTOM - TOP - 0.4)
    taken = add_picture(slide, zoom.picture, place)
    if zoom.picture.credit:
        box = Box(taken.left, taken.top + taken.height + 0.06, place.width, 0.3)
        credit = shortened(zoom.picture.credit, (box.width - 0.2) * POINTS, 11, 1)
        add_text(slide, box, [Line(credit, 11)], name="Crédit")


# What lacks, what was decided, what comes next


def _missing(deck, bilan):
    if not bilan.expected and not bilan.missing:
        return
    lead = [completeness(bilan)] if bilan.expected else []
    if bilan.unvalidated:
        lead.append(f"Fiches qui ne sont pas validées : {bilan.unvalidated}")
    unreported = [sheet.code for sheet in bilan.sheets if not sheet.reported]
    if unreported:
        lead.append(f"Fiches non rendues : {len(unreported)} ({', '.join(unreported)})")
    headings = [
        Heading(bilan.action_label or "Action", 0.14),
        Heading("Indicateur", 0.56),
        Heading("Raison", 0.3),
    ]
    title = "Ce qui manque" if bilan.missing else "Aucune valeur ne manque"
    _list(deck, title, bilan.missing, headings, lead=lead, described="Valeurs qui manquent, avec leur raison")


def _decisions(deck, bilan):
    rows = [
        (f"{decision.committee}, {format_date(decision.held_on)}", decision.text)
        for decision in bilan.decisions
    ]
    headings = [Heading("Instance", 0.25), Heading("Décisions", 0.75)]
    if rows:
        _list(deck, "Décisions des instances", rows, headings, described="Décisions des instances de l’année")


def _outlook(deck, bilan):
    rows = [(sheet.full_title, sheet.outlook.strip()) for sheet in bilan.sheets if sheet.outlook.strip()]
    headings = [Heading(bilan.action_label or "Action", 0.3), Heading("Perspectives", 0.7)]
    if rows:
        title = f"Et ensuite : les perspectives {bilan.year + 1}"
        _list(deck, title, rows, headings, described="Perspectives des actions", most_lines=2, whole=True)


def _list(deck, title, rows, headings, *, described, lead=(), most_lines=4, whole=False):
    """A table over up to MOST_PAGES slides, under the sentences `lead`; with `whole`, the notes hold every row in full."""
    sentences = [Line(text, 16, after=4) for text in lead]
    width = (INNER - 0.2) * POINTS
    box = Box(MARGIN, TOP, INNER, 1.2)
    sentences = list(_fitting(sentences, box))
    used = sum(height_of(line.text, width, line.size) + line.after for line in sentences) / POINTS
    top = TOP + used + (0.15 if used else 0)
    height = BOTTOM - top - 0.4
    pages, left = pages_of(
        rows, headings, INNER, height, TABLE_SIZE, most_lines=most_lines, most_pages=MOST_PAGES
    )
    rank = 0
    for number, page in enumerate(pages, 1):
        counted = f"{title} ({number} / {len(pages)})" if len(pages) > 1 else title
        full = rows[rank : rank + len(page)] if whole else []
        rank += len(page)
        notes = [*full, *(left if number == len(pages) else [])]
        slide = deck.slide(counted, notes="\n\n".join(" : ".join(row) for row in notes))
        if sentences:
            add_text(slide, box, sentences, name="En bref")
        if page:
            place = Box(MARGIN, top, INNER, height)
            add_table(slide, place, headings, page, name="Tableau", description=described, size=TABLE_SIZE)
        _say_left(slide, CONTENT, left if number == len(pages) else ())
