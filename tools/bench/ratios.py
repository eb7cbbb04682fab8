#!/usr/bin/env python3
"""Two results of api.py side by side, with how many times the first is ahead: ratios.py OURS.json THEIRS.json

Rates alone say as much about the machine as about the program; a ratio of two runs on one machine says what matters.
"""
import json
import sys


def phases(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)["phases"]


def shape(name):
    """A storm's size stands in its name; storms of different sizes are still compared by their rates."""
    head, _, tail = name.rpartition(".")
    return head if tail.isdigit() else name


def other_than(name, theirs):
    """The other's row for a phase. A login of ours with or without a remembered password has the same beside it."""
    return theirs.get(shape(name)) or theirs.get(shape(name.removeprefix("cold.").removeprefix("warm."))) or {}


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    ours, theirs = phases(sys.argv[1]), {shape(name): row for name, row in phases(sys.argv[2]).items()}
    print("| phase | per second | the other's | times | p50 ms | the other's | server CPU ms/op | the other's | times |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, row in ours.items():
        other = other_than(name, theirs)
        if "rss_mib" in row:
            print(f"| {name} | {row['rss_mib']} MiB | {str(other.get('rss_mib', '')) + ' MiB' if other else ''} | | | | | | |")
            continue
        times = round(row["rate"] / other["rate"], 1) if other.get("rate") else ""
        saved = round(other["cpu"] / row["cpu"], 1) if other.get("cpu") and row.get("cpu") else ""
        print(f"| {name} | {row['rate']} | {other.get('rate', '')} | {times} | {row.get('p50', '')} | {other.get('p50', '')} "
              f"| {row.get('cpu', '')} | {other.get('cpu', '')} | {saved} |")


if __name__ == "__main__":
    main()
