#!/usr/bin/env python3
"""Lists the functions that requests run, those that are called most first: the order in which the release build is linked.

    Benchmarks/Requests/instructions.sh small agent stream small-keys
    Benchmarks/Requests/order.py .build/release/pollux .build/requests/*.callgrind

It writes scripts/function-order.txt. Names that a later program has no more are of no matter; functions that it has and
that are not listed stand behind, as if there were no list. So the list is made anew when the way of a request has changed
much, and not with each change.
"""

import collections
import pathlib
import re
import subprocess
import sys

LIST = pathlib.Path(__file__).resolve().parents[2] / "scripts/function-order.txt"
# Of several thousand requests: what is called less often is no part of a request.
FEWEST_CALLS = 20
HEADER = """\
# The functions that requests run, those that are called most first. The release build puts them side by side, so that they
# take few pages of memory. Made by Benchmarks/Requests/order.py; docs/performance-changes.md says what it brings.
"""


def calls(path):
    """How often each function was called, by the name that Callgrind gives it."""
    names, counts, called = {}, collections.Counter(), None
    for line in path.read_text(errors="replace").splitlines():
        if found := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            number, name = found.groups()
            if name:
                names[number] = name
            called = names[number] if line.startswith("cfn=") else called
        elif line.startswith("calls="):
            counts[re.sub(r"'\d+$", "", called)] += int(line[6:].split()[0])
    return counts


def symbols(program):
    """The program's functions, by the name that Callgrind gives them: C++ names are written out."""
    listing = subprocess.run(["nm", program], check=True, capture_output=True, text=True).stdout
    plain = [fields[2] for fields in map(str.split, listing.splitlines()) if len(fields) == 3 and fields[1] in "tTwWuV"]
    shown = subprocess.run(["c++filt"], input="\n".join(plain), check=True, capture_output=True, text=True).stdout
    found = collections.defaultdict(list)
    for symbol, name in zip(plain, shown.splitlines()):
        found[name].append(symbol)
        if name != symbol:
            found[symbol].append(symbol)
    return found


def main():
    program, *files = sys.argv[1:]
    if not files:
        raise SystemExit(__doc__)
    counts = sum((calls(pathlib.Path(file)) for file in files), collections.Counter())
    known = symbols(program)
    often = [name for name, count in counts.most_common() if count >= FEWEST_CALLS]
    listed = list(dict.fromkeys(symbol for name in often for symbol in known.get(name, ())))
    LIST.write_text(HEADER + "\n".join(listed) + "\n")
    print(f"{len(listed)} functions in {LIST}")


if __name__ == "__main__":
    main()
