"""Prints what the forge knows of a repository's pull requests.

    python3 -m rig.github_query --state DIR acme/NAME
"""

import argparse
import http.client
import os
import socket
import sys
from urllib.parse import quote


def fetch(sock, path):
    """(status, body) of a GET over a unix socket."""
    connection = http.client.HTTPConnection("api.github.com", timeout=30)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(30)
    try:
        connection.sock.connect(sock)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", required=True)
    parser.add_argument("repository")
    given = parser.parse_args()
    try:
        status, body = fetch(os.path.join(os.path.abspath(given.state), "gh", "gh.sock"),
                             "/_rig/pulls?repo=" + quote(given.repository, safe=""))
    except OSError as error:
        sys.exit(f"the forge does not answer: {error}")
    print(body)
    sys.exit(0 if status == 200 else 1)


if __name__ == "__main__":
    main()
