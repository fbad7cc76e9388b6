#!/usr/bin/env python3
"""Reads a plan and feeds its readings through the API of SPASER. Copy it, change it: Python 3.9, no other package.

The address of the site and the key come from the environment, never from the command line, which others can see.
"""

import argparse
import csv
import io
import json
import os
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit

TIMEOUT, TRIES, LONGEST_WAIT = 60, 5, 120  # seconds, requests, seconds
BATCH, LARGEST_BATCH = 500, 1000  # readings in one request; the API takes no more than the latter
# {column: name in the API}. A number is sent as it was typed: the API reads « 1 234,5 ».
COLUMNS = {
    "code": "measure",
    "valeur": "value",
    "numerateur": "numerator",
    "denominateur": "denominator",
    "commentaire": "comment",
    "source": "source",
    "version": "version",
}
OUTCOMES = {
    "created": "créé",
    "updated": "modifié",
    "unchanged": "inchangé",
    "refused": "refusé",
    "conflict": "changé entre-temps, laissé tel quel",
    "not_stored": "acceptable, mais non écrit",
}
MISSING = {"not_available": "non disponible", "not_applicable": "sans objet"}


class Refusal(Exception):
    """What went wrong, in French; `problem` is what the API says of it (RFC 9457)."""

    def __init__(self, message, status=0, problem=None):
        super().__init__(message)
        self.status, self.problem = status, problem or {}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the address that was given, and nowhere else."""

    def redirect_request(self, *args):
        return None


class Site:
    def __init__(self, address, key):
        parts = urlsplit(address)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or parts.scheme not in (("http", "https") if local else ("https",)):
            raise Refusal("SPASER_ADDRESS : l’adresse du site, en https:// (http:// : localhost seul).")
        if not key or not key.isascii():
            raise Refusal("SPASER_KEY : une clé d’accès, que l’équipe de pilotage crée sur le site.")
        self.api = address.rstrip("/") + "/api/v1/schemes/"
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        direct = [urllib.request.ProxyHandler({})] if local else []
        self.opener = urllib.request.build_opener(NoRedirect, *direct)

    def ask(self, path, method="GET", body=None, condition=None):
        """(headers, JSON of the answer), None for what has not changed (304). Waits when the site says so (429, 503)."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, **(condition or {})}
        request = urllib.request.Request(self.api + path, data, headers, method=method)
        for tries_left in reversed(range(TRIES)):
            try:
                with self.opener.open(request, timeout=TIMEOUT) as answer:
                    return answer.headers, json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == 304:
                    return error.headers, None
                if error.code not in (429, 503) or not tries_left:
                    raise refusal_of(error) from error
                wait = error.headers.get("Retry-After", "")
                wait = min(int(wait), LONGEST_WAIT) if wait.isdigit() else 10
                print(f"Le site demande d’attendre {wait} s.", file=sys.stderr)
                time.sleep(wait)
            except (OSError, HTTPException) as error:
                why = getattr(error, "reason", error)
                raise Refusal(f"Le site ne répond pas ({why}). Relancer est sans risque.") from error
            except ValueError as error:
                raise Refusal("Cette adresse ne répond pas comme l’API de SPASER.") from error


def refusal_of(error):
    """The Refusal that an HTTPError tells of, with every fault."""
    try:
        problem = json.load(error)
        message = " : ".join(filter(None, [problem["title"], problem.get("detail")]))
    except (ValueError, KeyError, TypeError):  # not from the API: a proxy, another site
        return Refusal(f"Réponse {error.code} ({error.reason}) à {error.url}", error.code)
    lines = [message, *map(fault_line, problem.get("errors", []))]
    if problem.get("current"):  # of a reading that somebody changed
        lines.append(f"    Valeur actuelle : {latest_text(problem['current'])}")
    return Refusal("\n".join(lines), error.code, problem)


def fault_line(fault):
    """« valeur : il faut un nombre » of {"pointer": "#/readings/3/value", "detail": …}, under what it is about."""
    name = (fault.get("parameter") or fault.get("pointer") or "").rpartition("/")[2]
    column = {api: column for column, api in COLUMNS.items()}.get(name)
    return f"    {column} : {fault['detail']}" if column else f"    {fault['detail']}"


def show_plan(site, options):
    """Prints the plan, read in one request; with --cache, the site sends it only when it has changed."""
    path, kept = f"{quote(options.schema, '')}/plan/", {}
    if options.cache and options.cache.exists():
        kept = json.loads(options.cache.read_text(encoding="utf-8"))
    known = kept.get("address") == site.api + path
    headers, plan = site.ask(path, condition={"If-None-Match": kept["etag"]} if known else None)
    if plan is None:
        plan = kept["plan"]
        print("Le plan n’a pas changé depuis la dernière lecture.", file=sys.stderr)
    elif options.cache:
        os.umask(0o077)  # some values may not be public
        kept = {"address": site.api + path, "etag": headers["ETag"], "plan": plan}
        options.cache.write_text(json.dumps(kept), encoding="utf-8")
    rows = [["code", "grandeur", "unité", "valeur", "campagne"], *rows_of(plan)]
    if options.csv:
        csv.writer(sys.stdout, delimiter=";", lineterminator="\n").writerows(rows)
        return 0
    for code, name, unit, value, campaign in rows:
        name = name if len(name) <= 60 else name[:59] + "…"
        print(f"{code:<20}  {name:<60}  {value:>14}  {unit:<20}  {campaign}".rstrip())
    return 0


def rows_of(plan):
    """[code, name, unit, latest value, its campaign] of each measure."""
    names = {indicator["code"]: indicator["name"] for indicator in plan["indicators"]}
    for measure in plan["measures"]:
        name = measure["name"] or names.get(measure["indicator"], "")
        name = f"{name} ({measure['item_name']})" if measure["item_name"] else name
        value, campaign = "", ""
        for latest in measure["values"][-1:]:
            value = latest_text(latest)
            campaign = latest["campaign"] + (" (démonstration)" if latest["demonstration"] else "")
        yield [measure["code"], name, measure["unit"], value, campaign]


def latest_text(latest):
    """A value as it is written in France, or why there is none; a rate with two decimals."""
    value = latest["value"]
    if value is None:
        return MISSING.get(latest["missing"], "")
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str):
        return value
    decimals = latest["decimals"] if latest["denominator"] is None else 2
    return f"{value:.{decimals}f}".replace(".", ",")


def send_file(site, options):
    """Sends the lines of a CSV and prints what became of each; 1 when one was not taken."""
    lines = lines_of(options.fichier)
    size = LARGEST_BATCH if options.tout_ou_rien else BATCH
    if options.tout_ou_rien and len(lines) > size:
        raise Refusal(f"--tout-ou-rien : {size} lignes au plus, le fichier en a {len(lines)}.")
    path, key, failed = f"{quote(options.schema, '')}/readings/", options.campagne, 0
    seen = versions_of(site, path, key)
    for start in range(0, len(lines), size):
        part = lines[start : start + size]
        readings = [
            {"campaign": key, "version": seen.get(line.get("measure"), 0), **line} for _, line in part
        ]
        body = {"readings": readings, "all_or_nothing": options.tout_ou_rien, "dry_run": options.essai}
        try:
            answer = site.ask(f"{path}batch/", "POST", body)[1]
        except Refusal as refusal:
            if "results" not in refusal.problem:
                raise
            answer = refusal.problem  # all or nothing: nothing, and here is why
        for result in answer["results"]:
            number, line = part[result["index"]]
            print(f"Ligne {number}, {line.get('measure', '(sans code)')} : {OUTCOMES[result['outcome']]}")
            for fault in result["errors"]:
                print(fault_line(fault))
            for warning in result["warnings"]:
                print(f"    À confirmer : {warning}")
            failed += result["outcome"] in ("refused", "conflict")
        if not answer["stored"]:
            print("Rien n’est écrit.")
    return 1 if failed else 0


def versions_of(site, path, campaign):
    """{measure: version} of what is stored: what somebody changes after this is not overwritten."""
    found, page, more = {}, 1, True
    while more:
        answer = site.ask(f"{path}?campaign={quote(campaign, '')}&page_size=1000&page={page}")[1]
        found.update({reading["measure"]: reading["version"] for reading in answer["results"]})
        page, more = page + 1, answer["next"]
    return found


def lines_of(path):
    """[(line number, {name in the API: text})] of a CSV as Excel saves it; empty cells and lines are left out."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    header = [cell.strip().lower().replace("é", "e") for cell in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    if "code" not in header or not set(header) <= set(COLUMNS) or len(set(header)) < len(header):
        raise Refusal(f"La première ligne nomme les colonnes, parmi : {', '.join(COLUMNS)}.")
    found, number = [], rows.line_num + 1
    for row in rows:
        if any(cell.strip() for cell in row[len(header) :]):
            raise Refusal(f"Ligne {number} : {len(row)} cellules, pour {len(header)} colonnes.")
        line = {COLUMNS[header[rank]]: cell.strip() for rank, cell in enumerate(row) if cell.strip()}
        if set(line) - {"measure"}:
            found.append((number, line))
        number = rows.line_num + 1  # a cell may hold several lines
    return found


def send_one(site, options):
    """Writes one reading, unless somebody changed it since it was read."""
    path = f"{quote(options.schema, '')}/readings/{quote(options.code, '')}/{quote(options.campagne, '')}/"
    etag = options.etag and json.dumps(options.etag.strip('"'))  # a shell eats the quotes
    condition = {"If-Match": etag} if etag else None
    try:
        condition = condition or {"If-Match": site.ask(path)[0]["ETag"]}
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        condition = {"If-None-Match": "*"}  # there is none yet
    names = set(COLUMNS) - {"code", "version"}
    body = {COLUMNS[name]: getattr(options, name) for name in names if getattr(options, name) is not None}
    headers, reading = site.ask(path, "PUT", body, condition)
    print(f"{reading['measure']}, {reading['campaign']} : {latest_text(reading)} (ETag {headers['ETag']})")
    for warning in reading["warnings"]:
        print(f"    À confirmer : {warning}")
    return 0


def arguments():
    parser = argparse.ArgumentParser(
        description="Lire un plan SPASER et en saisir les relevés.",
        epilog="Environnement : SPASER_ADDRESS (adresse du site), SPASER_KEY (clé d’accès).",
    )
    commands = parser.add_subparsers(dest="commande", required=True)
    plan = commands.add_parser("plan", help="afficher tout le plan, avec les dernières valeurs")
    plan.add_argument("--csv", action="store_true", help="en CSV plutôt qu’en tableau")
    plan.add_argument("--cache", type=Path, metavar="FICHIER", help="y garder le plan pour la fois suivante")
    many = commands.add_parser("releves", help="envoyer les relevés d’un fichier CSV")
    one = commands.add_parser("releve", help="écrire un relevé")
    for command, run in ((plan, show_plan), (many, send_file), (one, send_one)):
        command.set_defaults(run=run)
        command.add_argument("schema", help="le schéma, par exemple pas-de-calais-2026")
    many.add_argument("campagne", help="la campagne, par exemple 2026 ou 2026-S1")
    many.add_argument("fichier", type=Path, help=f"colonnes : {';'.join(COLUMNS)}")
    many.add_argument("--essai", action="store_true", help="dire ce qui se passerait, sans rien écrire")
    many.add_argument("--tout-ou-rien", action="store_true", help="rien, si une ligne est refusée")
    one.add_argument("code", help="la grandeur, par exemple ENV-1.2-1")
    one.add_argument("campagne", help="la campagne, par exemple 2026 ou 2026-S1")
    for name in [name for name in COLUMNS if name not in ("code", "version")]:
        one.add_argument(f"--{name}")
    one.add_argument("--etag", help="l’ETag du relevé lu auparavant ; sans cela, il est relu juste avant")
    return parser.parse_args()


def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")
    options = arguments()
    try:
        site = Site(os.environ.get("SPASER_ADDRESS", "").strip(), os.environ.get("SPASER_KEY", "").strip())
        return options.run(site, options)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
    except (OSError, ValueError, csv.Error) as error:  # of a file
        print(f"Lecture ou écriture impossible : {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
