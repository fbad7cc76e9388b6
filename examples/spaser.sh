#!/bin/sh
# Reads a plan and feeds its readings through the API of SPASER, with curl (7.68 or later). Copy it, change it.
#
# The address of the site and the key come from the environment: SPASER_ADDRESS, SPASER_KEY. The key reaches curl by its
# standard input, since anybody on the machine can read the arguments of a command.
set -eu

usage() {
    cat >&2 <<'FIN'
Usage :
  spaser.sh plan SCHEMA FICHIER                 lire tout le plan (JSON) dans FICHIER, s’il a changé depuis
  spaser.sh releve SCHEMA CODE CAMPAGNE VALEUR  écrire un relevé, si personne ne l’a changé depuis sa lecture
  spaser.sh lot SCHEMA FICHIER                  envoyer d’un coup les relevés d’un fichier JSON
Environnement : SPASER_ADDRESS (adresse du site), SPASER_KEY (clé d’accès).
FIN
    exit 2
}

refuse() {
    echo "$1" >&2
    exit 1
}

# curl [options] ADDRESS: the answer goes to $answer, its headers to $headers; waits when the site says so (429)
ask() {
    status=$(
        printf 'header = "Authorization: Bearer %s"\n' "$SPASER_KEY" |
            curl --config - --silent --show-error --proto "=$protocol" --globoff --max-time 60 \
                --retry 5 --retry-max-time 300 --dump-header "$headers" --output "$answer" \
                --write-out '%{http_code}' "$@"
    ) || return 1
    case $status in
        2?? | 304) ;;
        *) return 1 ;;
    esac
}

# the answer, on several lines where Python is there
show() {
    python3 -m json.tool --no-ensure-ascii "$answer" 2>/dev/null || cat "$answer"
}

# what is wrong, in the French of the site; curl has already told why there is no answer at all
fail() {
    [ "$status" = 000 ] || echo "Réponse $status" >&2
    [ ! -s "$answer" ] || show >&2
    exit 1
}

# the text $1 as JSON
quoted() {
    printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"
}

plan() {
    [ -f "$2" ] || rm -f "$2.etag"
    # next to the file, the ETag of what is in it: the site sends the plan only when it has changed
    ask --etag-compare "$2.etag" --etag-save "$folder/etag" "$schemes/$1/plan/" || fail
    if [ -s "$answer" ]; then
        mv "$answer" "$2"
        mv "$folder/etag" "$2.etag"
        echo "Le plan est dans $2."
    else
        echo 'Le plan n’a pas changé.'
    fi
}

releve() {
    address=$schemes/$1/readings/$2/$3/
    if ask "$address" 2>/dev/null; then
        condition="If-Match: $(sed -n 's/^[Ee][Tt][Aa][Gg]: *\([^[:space:]]*\).*/\1/p' "$headers" | tail -n 1)"
    else
        condition='If-None-Match: *' # there is none yet
    fi
    ask --request PUT --header "$condition" --header 'Content-Type: application/json' \
        --data-binary "{\"value\": $(quoted "$4")}" "$address" || fail
    show
}

lot() {
    [ -r "$2" ] || refuse "Ce fichier ne se lit pas : $2"
    ask --header 'Content-Type: application/json' --data-binary "@$2" "$schemes/$1/readings/batch/" || fail
    show
    ! grep -Eq '"outcome": ?"(refused|conflict)"' "$answer" || exit 1
}

case ${SPASER_ADDRESS:-} in
    *@*) refuse 'SPASER_ADDRESS ne contient ni nom ni mot de passe.' ;;
    https://?*) protocol=https ;;
    http://localhost | http://localhost[:/]* | http://127.0.0.1 | http://127.0.0.1[:/]*)
        protocol=http
        export no_proxy='*' # a proxy would read the key
        ;;
    *) refuse 'SPASER_ADDRESS : l’adresse du site, en https:// (http:// : localhost seul).' ;;
esac
[ -n "${SPASER_KEY:-}" ] || refuse 'SPASER_KEY : une clé d’accès, que l’équipe de pilotage crée sur le site.'

schemes=${SPASER_ADDRESS%/}/api/v1/schemes
umask 077 # some values may not be public
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
answer=$folder/answer.json
headers=$folder/headers

command=${1:-}
[ $# -eq 0 ] || shift
case $command-$# in
    plan-2 | releve-4 | lot-2) "$command" "$@" ;;
    *) usage ;;
esac
