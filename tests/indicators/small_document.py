"""A small scheme that uses every level of a document, for the tests of loading, and ways to spoil it."""

import itertools
from copy import deepcopy
from datetime import date, datetime
from functools import partial, reduce
from operator import getitem

SMALL = """\
slug: essai-2030
title: Schéma d’essai
organisation:
  slug: essai
  name: Collectivité d’essai
  buyers:
    - code: VILLE
      name: Ville
      siret: '21350238800019'
    - code: CCAS
      name: Centre d’action sociale
starts_year: 2030
ends_year: 2033
pillar_label: Axe
passages:
  - heading: Préambule
    text: Un mot.
directions:
  - code: DAJ
    name: Direction des affaires juridiques
  - code: DMG
    name: Direction des moyens généraux
committees:
  - code: COPIL
    name: Comité de pilotage
    frequency: une fois par an
breakdowns:
  - code: lieux
    name: Lieux
    items:
      - code: COL
        name: Collèges
      - code: RES
        name: Restaurant
campaigns:
  - year: 2030
    kind: reference
  - year: 2031
    synthesis: Une bonne année.
    passages:
      - heading: En bref
        text: Bref.
    highlights:
      - action: A-1.1
        title: Un zoom
        text: Le texte.
pillars:
  - code: A
    number: '1'
    title: Environnement
    targets:
      - code: A-C1
        comparison: at_most
        value: "-25"
        unit: '%'
        year: 2033
        relative: true
        words: -25 % d’ici 2033
    objectives:
      - code: A-1
        actions:
          - code: A-1.1
            number: '1'
            title: Papier
            purpose: |-
              Un paragraphe.

              - une puce
            pilots:
              - DAJ
            partners:
              - direction: DMG
                note: prête la salle
            steps:
              - code: A-1.1.a
                title: Compter
                steps:
                  - code: A-1.1.a.1
                    title: les feuilles
            indicators:
              - code: A-1.1-1
                name: Nombre de ramettes
                type: count
                unit: ramette
                sense: down
                targets:
                  - code: A-1.1-1-C1
                    comparison: at_most
                    value: "100"
                    year: 2033
                    words: 100 ramettes au plus
              - code: A-1.1-2
                name: Part du papier recyclé (collèges et restaurant)
                breakdown: lieux
                measures:
                  - code: A-1.1-2.COL
                    type: ratio
                    unit: '%'
                    item: COL
                  - code: A-1.1-2.RES
                    type: percent
                    unit: '%'
                    item: RES
              - code: A-1.1-3
                name: Évolution des ramettes
                type: percent
                unit: '%'
                computation: evolution
                sources:
                  - A-1.1-1
            reports:
              - year: 2030
                readings:
                  A-1.1-1: '200'
              - year: 2031
                state: engaged
                realisation: Fait.
                extra_figures:
                  - label: ramettes rendues
                    value: '12'
                    unit: ramette
                readings:
                  A-1.1-1:
                    value: '150'
                    comment: imprimé « 150 »
                  A-1.1-2.COL: 3 / 8
                  A-1.1-2.RES:
                    missing: not_available
                    missing_note: pas de compteur
          - code: A-1.2
            number: '2'
            title: Encre
            parts:
              - code: A-1.2.A
                number: A
                title: Cartouches
                indicators:
                  - code: A-1.2.A-1
                    name: Comité réuni
                    type: choice
                    choices:
                      - Réuni
                      - Pas réuni
                  - code: A-1.2.A-2
                    name: Voir l’action 1
                    refers_to: A-1.1
"""


def mutations(document):
    """(what was done, document) for every place of a document, each spoilt in a few ways that change from place to place."""
    wrong = itertools.cycle(WRONG)
    for path in places(document):
        for spoil in (_without, _twice, _misnamed):
            yield f"{spoil.__name__} {path}", _spoilt(document, path, spoil)
        for value in itertools.islice(wrong, 3):
            yield f"{str(value)[:20]!r} {path}", _spoilt(document, path, partial(_replaced, value=value))


WRONG = (
    None,
    [],
    [None],
    ["x"],
    {},
    {"a": [1]},
    3,
    -3,
    10**21,
    1.5,
    True,
    "",
    "x" * 5000,
    "\0",
    date(2030, 1, 1),
    datetime(2030, 1, 1, 1),
    "A-1.1-1",
    "A-1.1",
    "evolution",
)


def places(value, path=()):
    """The path of everything that is written in a mapping or a list."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def _spoilt(document, path, spoil):
    document = deepcopy(document)
    spoil(reduce(getitem, path[:-1], document), path[-1])
    return document


def _without(holder, key):
    del holder[key]


def _twice(holder, key):
    if isinstance(holder, list):
        holder.append(deepcopy(holder[key]))
    else:
        holder[f"{key}s"] = deepcopy(holder[key])


def _misnamed(holder, key):
    if isinstance(holder, list):
        holder.insert(key, None)
    else:
        holder[2030] = holder.pop(key)


def _replaced(holder, key, value):
    holder[key] = value
