"""Prints as many free ports of 127.0.0.1 as are asked for, all different.

They lie below the range from which the system takes ports by itself, so that they stay free for a while.
"""

import random
import socket
import sys

ports = []
candidates = list(range(20000, 32000))
random.shuffle(candidates)
for port in candidates:
    if len(ports) == int(sys.argv[1]):
        break
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    ports.append(str(port))
print(*ports)
