"""The printed legal publication, from the frozen one alone."""

from django.template.loader import render_to_string

from indicators.charts import Point, TargetLine, Trace, printed_bars
from reporting.editions.bilan_charts import WHOLE, shades_of
from reporting.editions.bilan_pdf import data_address
from reporting.editions.legal import RATE_DECIMALS, Publication
from reporting.editions.pdf import Attachment, colours_of, pdf_of
from spaser.french import format_number, with_unit

DATA = {
    ".json": "Toutes les données de la publication",
    ".csv": "Les données ouvertes, une ligne par acheteur, catégorie, unité et année",
}


def legal_pdf(publication: Publication, made=None):
    """The bytes of the PDF, PDF/UA-1 and PDF/A-3a; it carries the data of `made` ({suffix: bytes of a file}), if any."""
    stem = publication.imprint.file_stem
    attachments = [
        Attachment(f"{stem}{suffix}", made[suffix], words)
        for suffix, words in DATA.items()
        if suffix in (made or {})
    ]
    return pdf_of(legal_html(publication), imprint=publication.imprint, attachments=attachments)


def legal_html(publication: Publication):
    """The printed publication as HTML."""
    shades = shades_of(colours_of(publication.imprint.accent)["accent"])
    context = {
        "publication": publication,
        "imprint": publication.imprint,
        "logo": data_address(publication.imprint.logo),
        "buyers": [(buyer, rates_charts(buyer, publication, shades)) for buyer in publication.buyers],
    }
    return render_to_string("reporting/legal.html", context)


def rates_charts(buyer, publication: Publication, shades):
    """[(title, picture)] of the rates of a buyer on each basis, one bar a category and year; none where there is no rate."""
    charts = []
    for basis in dict.fromkeys(line.basis_label for line in buyer.lines):
        traces = [
            trace
            for group in buyer.groups
            if (trace := _trace(group, basis, publication.invented)) is not None
        ]
        if traces:
            title = f"Taux en {basis}, {' et '.join(map(str, publication.years))}"
            charts.append((title, printed_bars(f"{buyer.name}. {title}", traces, width=WHOLE, shades=shades)))
    return charts


def _trace(group, basis, invented):
    lines = [line for line in group.lines if line.basis_label == basis]
    if all(line.rate is None for line in lines):
        return None
    points = tuple(
        Point(
            line.year,
            line.rate,
            _per_cent(line.rate, RATE_DECIMALS) if line.rate is not None else "",
            demonstration=line.invented,
        )
        for line in lines
    )
    last = lines[-1]
    targets = ()
    if last.target is not None:
        when = f" {last.target_year}" if last.target_year else ""
        targets = (TargetLine(f"cible{when} : {_per_cent(last.target)}", last.target, last.target_year),)
    return Trace(group.name, points, targets)


def _per_cent(number, decimals=None):
    return with_unit(format_number(number, decimals), "%")
