#!/bin/sh
# A month of clinic duty: the story, a statement for everybody, and why one fine does not stand.
set -eu
cd "$(dirname "$0")"

dutyrules=${DUTYRULES:-../../.venv/bin/dutyrules}
moment=2026-02-01T09:00:00+08:00    # the morning after the last night duty of January

heading() { printf '\n=== %s ===\n\n' "$1"; }

heading "what happened, and what came of it"
"$dutyrules" timeline events.jsonl --as-of $moment

heading "what the month comes to for each person"
"$dutyrules" statement events.jsonl --as-of $moment 2>/dev/null

heading "why he does not pay the 50 for the night of 11 January"
"$dutyrules" explain events.jsonl 9059e7be --as-of $moment
