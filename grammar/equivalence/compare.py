"""Compares Slipway's parser with one that Lark makes of grammar/runbook.ebnf: both must accept and reject the same.

    compare.py SLIPWAY [--sentences N] [--changed N] [--seed N]

Looks at the corpus (examples, case files, the fenced runbooks of the pages), at sentences drawn from the grammar, which
Slipway must accept, and at changed ones, of which both must think the same.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

sys.path.insert(0, str(Path(__file__).parent))

from notation import Choice, Keyword, read  # noqa: E402
from recognizer import Recognizer  # noqa: E402
from sentences import Writer, changed, misspelt, spaced  # noqa: E402
from tokens import Rejected  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def corpus():
    """Every runbook of the repository by a name: whole files, the chunks of case files, fenced blocks of pages."""
    texts = {}
    for path in sorted(ROOT.glob("examples/**/*.runbook")):
        texts[str(path.relative_to(ROOT))] = path.read_text("utf-8")
    for path in sorted(ROOT.glob("Tests/*/Cases/**/*.runbook")):
        for number, chunk in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n---\n")):
            # What a case expects stands in comments behind `###`, which are comments of the language, too.
            texts[f"{path.relative_to(ROOT)} {number}"] = chunk
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("grammar/**/*.md")]):
        for number, block in enumerate(re.findall(r"^```runbook\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)):
            texts[f"{path.relative_to(ROOT)} {number}"] = block
    # The pages of `slipway explain`: its wrong and right runbooks stand as strings in the code.
    literal = re.compile(r'(wrong|right):\s*(?:"""\n(.*?)\n[ ]*"""|"((?:[^"\\\n]|\\.)*)")', re.S)
    for path in sorted(ROOT.glob("Sources/RunbookCheck/Explanations/*Pages.swift")):
        for number, (kind, block, line) in enumerate(literal.findall(path.read_text("utf-8"))):
            text = re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), dedent(block) or line)
            texts[f"{path.name} {kind} {number}"] = text
    return texts


def answers(slipway, texts):
    """What Slipway's parser says of each text: None where it is right, else the first mistake."""
    call = [slipway, "debug", "syntax"]
    outcome = subprocess.run(call, input="\0".join(texts).encode(), stdout=subprocess.PIPE, check=True)
    lines = outcome.stdout.decode().removesuffix("\n").split("\n")
    if len(lines) != len(texts):
        sys.exit(f"{len(texts)} texts were asked, {len(lines)} answered")
    return [None if line == "accepted" else line for line in lines]


class Comparison:
    def __init__(self, slipway, rules):
        self.rules, self.slipway = rules, slipway
        self.recognizer = Recognizer(rules)
        self.disagreements = 0
        self.is_silent = False

    def compare(self, what, texts):
        """Asks both about every text, and shows where they differ."""
        start = time.monotonic()
        accepted = 0
        for (name, text), answer in zip(texts.items(), answers(self.slipway, list(texts.values()))):
            is_right = self.recognizer.accepts(text)
            accepted += is_right
            if is_right != (answer is None):
                self.disagreements += 1
                if self.disagreements <= 20 and not self.is_silent:
                    grammar = "accepts" if is_right else "rejects"
                    print(f"--- {name}: the grammar {grammar} it; slipway: {answer or 'accepted'}\n{text}\n---")
        seconds = time.monotonic() - start
        if not self.is_silent:
            counts = f"{accepted} accepted, {len(texts) - accepted} rejected"
            print(f"{what}: {len(texts)} texts, {counts}, {seconds:.0f} s")
        return accepted


def canaries(slipway, rules):
    """Grammars that are wrong in one place, each of which must be found out."""
    samples = {
        "stop": ('stop "a"', Choice((rules["stop"], Keyword("stop")))),
        "rollback-clause": ('rollback api to v1.2.2', Choice(rules["rollback-clause"].parts[1:])),
        "length": ("require errors of api in production since soak < 5", Choice(rules["length"].parts[:1])),
    }
    for name, (text, rule) in samples.items():
        comparison = Comparison(slipway, {**rules, name: rule})
        comparison.is_silent = True
        comparison.compare(name, {"right": text, "wrong": "stop"})
        if not comparison.disagreements:
            sys.exit(f"a grammar with another {name} was not found out")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("slipway")
    options.add_argument("--sentences", type=int, default=int(os.environ.get("SLIPWAY_GRAMMAR_SENTENCES", "1500")))
    options.add_argument("--changed", type=int, default=int(os.environ.get("SLIPWAY_GRAMMAR_CHANGED", "1500")))
    options.add_argument("--seed", type=int, default=int(os.environ.get("SLIPWAY_GRAMMAR_SEED", time.time_ns() % 10**9)))
    given = options.parse_args()
    print(f"seed {given.seed}; again with --seed {given.seed}")
    rules = read(ROOT / "grammar" / "runbook.ebnf")
    canaries(given.slipway, rules)
    comparison = Comparison(given.slipway, rules)
    keywords = comparison.recognizer.lexer.keywords
    runbooks = corpus()
    accepted = comparison.compare("corpus", runbooks)
    if accepted < 20 or accepted == len(runbooks):
        sys.exit("the corpus has too few right or no wrong runbooks")

    writer = Writer(comparison.rules, keywords, random.Random(given.seed))
    drawn = {}
    while len(drawn) < given.sentences:
        words = writer.sentence()
        if 0 < len(words) <= 120:
            drawn[f"sentence {len(drawn)}"] = (words, spaced(words, writer.random))
    rightful = comparison.compare("sentences of the grammar", {name: text for name, (_, text) in drawn.items()})
    if rightful != len(drawn):
        sys.exit(f"{len(drawn) - rightful} sentences of the grammar are none to its own parser")

    chance = random.Random(given.seed + 1)
    sources = [words for words, _ in drawn.values()]
    for text in runbooks.values():
        try:
            sources.append([token.text for token in comparison.recognizer.lexer.tokens(text)])
        except Rejected:
            continue
    wrong = {}
    for number in range(given.changed):
        words = changed(chance.choice(sources), keywords, chance)
        text = spaced(words, chance)
        wrong[f"changed {number}"] = misspelt(text, chance) if chance.random() < 0.2 else text
    rejected = len(wrong) - comparison.compare("changed sentences", wrong)
    if wrong and not 0 < rejected < len(wrong):
        sys.exit("changing sentences made all of them wrong, or none")

    if comparison.disagreements:
        sys.exit(f"{comparison.disagreements} disagreements")
    total = len(runbooks) + len(drawn) + len(wrong)
    print(f"both parsers agree on all {total} texts\n{total} passed, 0 failed")


if __name__ == "__main__":
    main()
