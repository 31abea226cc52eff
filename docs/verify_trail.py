"""Verify an exported audit trail, with nothing but Python's standard library.

    python3 verify_trail.py trail.jsonl [NUMBER:HASH ...]

Each line of the export holds `hashed`, the exact text of one event, and `hash`, its SHA-256. The
text names its own number and the hash of the event before it, so that the events form one chain:
nobody can edit, remove, insert or move one without breaking it. A chain that was rewritten from
some point to its end is found by NUMBER:HASH pairs that were kept elsewhere, for example those
printed on certificates. Exit status 0: intact; 1: not intact; 2: the file cannot be read.
"""

# ruff: noqa: ANN001, ANN002, ANN201, INP001, PTH123, T201 - a short script for strangers
import hashlib
import json
import sys


def fault(line, number, previous):
    event = json.loads(line)
    told = json.loads(event["hashed"])
    if hashlib.sha256(event["hashed"].encode()).hexdigest() != event["hash"]:
        return event, f"event {told['number']} was edited: its text does not give its hash"
    if told["number"] != number:
        return event, f"event {number} is missing: event {told['number']} stands in its place"
    if told["previous"] != previous:
        return event, f"event {number} does not follow event {number - 1}"
    return event, ""


def verify(lines, kept):
    number, previous = 0, "0" * 64
    for line in lines:
        event, found = fault(line, number + 1, previous)
        if found:
            return found
        number, previous = number + 1, event["hash"]
        if kept.pop(number, previous) != previous:
            return f"event {number} has another hash than the one kept: the trail was rewritten"
    if kept:
        return f"the trail ends at event {number}, but event {max(kept)} was kept: its end is cut"
    print(f"intact: {number} events, the last hash is {previous}")
    return ""


def main(path, *pairs):
    kept = {int(number): hashed for number, hashed in (pair.split(":") for pair in pairs)}
    with open(path, encoding="utf-8") as lines:
        found = verify(lines, kept)
    if found:
        print(f"NOT INTACT: {found}")
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot be read: {error}")
        sys.exit(2)
