#!/bin/sh
# Builds wheel and sdist and uses the installed wheel in a bare environment: no checkout, no development dependencies.
set -eu
python=$1
root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m build --no-isolation --outdir "$work/dist" "$root" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
ls "$work/dist"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$root/requirements.lock"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps "$work"/dist/*.whl
cd "$work"
"$work/venv/bin/provender" --version
"$work/venv/bin/provender" validate
"$work/venv/bin/provender" recommend radiology-group --format json >"$work/answer.json"
"$work/venv/bin/python" -c "import json, kb, sys; a = json.load(open('answer.json')); assert a['recommendations'] and 'site-packages' in kb.__file__; print(len(a['recommendations']), 'solutions recommended by the installed wheel')"
"$work/venv/bin/provender" match "the same customer is stored many times" --format json >/dev/null
"$work/venv/bin/provender" export --format ttl --out "$work/provender.ttl"
"$work/venv/bin/provender" build --out "$work/build" 2>/dev/null
"$work/venv/bin/provender" site build --out "$work/site"
test -s "$work/site/planner/index.html" && test -s "$work/site/challenge/data-drift.ttl"
"$work/venv/bin/provender" sparql 'PREFIX pv: <https://w3id.org/provender/ontology#> ASK { ?c a pv:Challenge }'
