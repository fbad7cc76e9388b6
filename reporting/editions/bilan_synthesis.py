"""The first sheet of the workbook of a bilan: its key figures, and native charts of them beside, which say in words what they show."""

from decimal import Decimal

from actions.appearance import LIGHT, WHITE
from reporting.editions.bilan import Bilan
from reporting.editions.bilan_texts import capitalised, judged, version_and_date
from reporting.editions.xlsx import Book, Number, write
from spaser.workbooks import FACE, LINE_HEIGHT, lines_in, writable

WIDTHS = (58, 12, 12, 12, 3)
CHART_COLUMN, CHART_WIDTH = 5, 620  # where they stand, beside the tables; pixels
PALE, INK = "#b9c6d3", LIGHT["ink"]
SHARE = '0" %"'


def synthesis_sheet(book: Book, bilan: Bilan):
    _Synthesis(book, bilan).write()


class _Synthesis:
    def __init__(self, book, bilan):
        self.book, self.bilan = book, bilan
        self.sheet = book.sheet("Synthèse")
        self.row = 0
        self.charts = []  # (Chart, height in pixels, alternative text)

    def write(self):
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)
        self._head()
        top = self.row
        self._key_figures()
        self._pillars()
        self._completeness()
        self._counts("États des actions", "Actions", self.bilan.states)
        self._counts(
            "Issue des cibles", "Cibles", [(label, count) for _, label, count in self.bilan.outcomes]
        )
        self._pillar_targets()
        self._place_charts(top)

    def _head(self):
        bilan, style = self.bilan, self.book.style
        self._line(bilan.scheme, style("title"), 24)
        if self.book.warning:
            self._line(self.book.warning, style("warning"))
        self.sheet.freeze_panes(self.row, 0)
        self.sheet.repeat_rows(0, self.row - 1)
        self._line(f"{bilan.organisation}, bilan annuel {bilan.year}", style("subtitle"))
        self._line(version_and_date(bilan), style("subtitle"))
        self.row += 1

    def _line(self, text, style, height=18):
        self.sheet.write_string(self.row, 0, writable(text), style)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _headings(self, *texts):
        for column, text in enumerate(texts):
            style = self.book.style("number heading" if column else "heading")
            self.sheet.write_string(self.row, column, text, style)
        self.sheet.set_row(self.row, 2 * LINE_HEIGHT + 2)
        self.row += 1

    def _values(self, values, style="lined"):
        for column, value in enumerate(values):
            write(self.book, self.sheet, self.row, column, value, style)
        self.sheet.set_row(self.row, LINE_HEIGHT * lines_in(values[0], WIDTHS[0]))
        self.row += 1

    def _key_figures(self):
        bilan = self.bilan
        reached, targets = judged(bilan.outcomes)
        self._headings("Chiffres clés", "Nombre", "Sur", "Part")
        for label, part, whole in (
            ("Actions engagées", bilan.engaged, bilan.total),
            ("Relevés renseignés", bilan.filled, bilan.expected),
            ("Cibles atteintes, de celles qui se mesurent", reached, targets),
        ):
            if whole:
                self._values([label, part, whole, Number(_share(part, whole), SHARE)])
        if bilan.unvalidated:
            self._values(["Fiches qui ne sont pas validées", bilan.unvalidated, "", ""])
        self.row += 1

    def _pillars(self):
        bilan = self.bilan
        if not bilan.pillars:
            return
        self._headings(
            capitalised(bilan.pillar_label or "orientation"),
            "Actions engagées",
            "Autres actions",
            "Fiches d’action de ce bilan",
        )
        first = self.row
        for pillar in bilan.pillars:
            others = pillar.actions - pillar.engaged
            self._values([pillar.full_title, pillar.engaged, others, pillar.actions])
        last = self.row - 1
        self._values(["Ensemble", bilan.engaged, bilan.counted - bilan.engaged, bilan.counted], "total")
        said = " ; ".join(f"{p.full_title} : {p.engaged} sur {p.actions}" for p in bilan.pillars)
        self._stacked("Actions engagées", said, first, last)
        self.row += 1

    def _completeness(self):
        pillars = [pillar for pillar in self.bilan.pillars if pillar.expected]
        if not pillars:
            return
        self._headings("Complétude", "Relevés renseignés", "Relevés manquants", "Relevés attendus")
        first = self.row
        for pillar in pillars:
            self._values([pillar.full_title, pillar.filled, pillar.expected - pillar.filled, pillar.expected])
        said = " ; ".join(f"{p.full_title} : {p.filled} sur {p.expected}" for p in pillars)
        self._stacked("Relevés renseignés", said, first, self.row - 1)
        self.row += 1

    def _counts(self, title, counted, counts):
        """A table of counts, and the bars of it."""
        if not counts:
            return
        self._headings(title, counted)
        first = self.row
        for label, count in counts:
            self._values([label, count])
        said = " ; ".join(f"{label} : {count}" for label, count in counts)
        if len(counts) > 1:
            self._chart(title, said, [(1, self.book.accent, INK)], first, self.row - 1)
        self.row += 1

    def _pillar_targets(self):
        targets = [(pillar, target) for pillar in self.bilan.pillars for target in pillar.targets]
        if not targets:
            return
        self._headings("Cibles d’ensemble")
        for pillar, target in targets:
            self._values([f"{pillar.full_title}\n{target}"])
        self.row += 1

    def _stacked(self, title, said, first, last):
        """Bars of two parts: what is done, and the rest."""
        series = [(1, self.book.accent, WHITE), (2, PALE, INK)]
        self._chart(title, said, series, first, last, subtype="stacked", headings=first - 1)

    def _chart(self, title, said, series, first, last, *, subtype=None, headings=None):
        """A bar chart of the rows `first` to `last`: a series for each (column, colour, colour of its labels)."""
        options = {"type": "bar"} | ({"subtype": subtype} if subtype else {})
        chart = self.book.book.add_chart(options)
        name = self.sheet.name
        for column, colour, ink in series:
            chart.add_series(
                {
                    "name": [name, headings, column] if headings is not None else title,
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, column, last, column],
                    "fill": {"color": colour},
                    "gap": 45,
                    "data_labels": {
                        "value": True,
                        "num_format": "0;;",  # no label where there is none
                        "font": {"name": FACE, "size": 10, "bold": True, "color": ink},
                    },
                }
            )
        chart.set_title(
            {
                "name": f"{title} {self.bilan.year}",
                "overlay": False,
                "name_font": {"name": FACE, "size": 13, "bold": True, "color": self.book.accent},
            }
        )
        chart.set_y_axis({"reverse": True, "num_font": {"name": FACE, "size": 10}, "line": {"color": PALE}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        height = 120 + 46 * (last - first + 1)
        self.charts.append((chart, height, writable(f"{title} {self.bilan.year}. {said}.")))

    def _place_charts(self, top):
        """One below the other, beside the tables."""
        offset = 0
        for chart, height, said in self.charts:
            chart.set_size({"width": CHART_WIDTH, "height": height})
            options = {"description": said, "y_offset": offset, "object_position": 2}
            self.sheet.insert_chart(top, CHART_COLUMN, chart, options)
            offset += height + 16


def _share(part, whole):
    return Decimal(100 * part) / whole
