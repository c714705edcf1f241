"""Lists the addresses that a browser asked for over a network, from its log (--log-net-log)."""

import json
import sys


def requests(path):
    with open(path, encoding="utf-8") as file:
        text = file.read().rstrip().rstrip(",")
    # A browser that was ended leaves its list open.
    log = json.loads(text if text.endswith("}") else text + "]}")
    for event in log["events"]:
        address = event.get("params", {}).get("url", "")
        if address.split(":")[0] in ("http", "https", "ws", "wss", "ftp"):
            yield address


if __name__ == "__main__":
    for address in sorted(set(requests(sys.argv[1]))):
        print(address)
