"""Reads runbooks with grammar/slipway.tmLanguage.json, as an editor does, and looks whether each token has its colour.

An engine for what that grammar uses of TextMate's: matches with captures, begin and end, nested patterns, includes.
"""

import itertools
import json
import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from compare import ROOT, corpus  # noqa: E402
from notation import read  # noqa: E402
from sentences import Writer  # noqa: E402
from tokens import BLANKS, Lexer, Rejected  # noqa: E402


class Highlighter:
    def __init__(self, grammar):
        self.grammar = grammar
        self.expressions = {}

    def expression(self, text):
        if text not in self.expressions:
            self.expressions[text] = re.compile(text)
        return self.expressions[text]

    def patterns(self, patterns):
        for pattern in patterns:
            if "include" in pattern:
                yield from self.patterns([self.grammar["repository"][pattern["include"].removeprefix("#")]])
            elif "match" in pattern or "begin" in pattern:
                yield pattern
            else:
                yield from self.patterns(pattern["patterns"])

    def scopes(self, text):
        """For each character, the scopes that it has."""
        scopes = []
        stack = [{"patterns": self.grammar["patterns"], "name": ""}]
        for line in text.split("\n"):
            scopes += self.line(line, stack) + [[]]
        return scopes[:-1]

    def line(self, line, stack):
        scopes = [[] for _ in line]
        position = 0
        while True:
            best, found = None, None
            if "end" in stack[-1]:
                best = self.expression(stack[-1]["end"]).search(line, position)
            for pattern in self.patterns(stack[-1].get("patterns", [])):
                match = self.expression(pattern.get("match", pattern.get("begin"))).search(line, position)
                if match and (match.end() > match.start()) and (not best or match.start() < best.start()):
                    best, found = match, pattern
            stop = best.start() if best else len(line)
            self.mark(scopes, position, stop, stack)
            if not best:
                return scopes
            if found is None:
                self.mark(scopes, best.start(), best.end(), stack)
                stack.pop()
            elif "begin" in found:
                stack.append(found)
                self.mark(scopes, best.start(), best.end(), stack)
            else:
                self.mark(scopes, best.start(), best.end(), stack)
                for index in range(best.start(), best.end()):
                    scopes[index].append(found.get("name", ""))
                for group, capture in found.get("captures", {}).items():
                    for index in range(*best.span(int(group))):
                        scopes[index].append(capture["name"])
            position = best.end()

    @staticmethod
    def mark(scopes, start, stop, stack):
        for index in range(start, stop):
            scopes[index] = [rule["name"] for rule in stack if rule.get("name")]


# What the tokens of the language must be among.
EXPECTED = {
    "DURATION": "constant.numeric.duration", "VERSION": "constant.numeric.version", "INTEGER": "constant.numeric",
    "DECIMAL": "constant.numeric", "PERCENTAGE": "constant.numeric.percentage", "TIME": "constant.numeric.time",
    "DATE-TIME": "constant.numeric.date-time", "LINE-STRING": "string.quoted", "BLOCK-STRING": "string.quoted",
}
WORDS = ("keyword.", "constant.language.", "support.")


def places(lexer, text):
    """The tokens of a right runbook with their places, and its comments."""
    position = 0
    while position < len(text):
        skipped = BLANKS.match(text, position) or lexer.line_break.match(text, position)
        comment = lexer.comment.match(text, position)
        if skipped or comment:
            if comment:
                yield "COMMENT", position, comment.end()
            position = (skipped or comment).end()
            continue
        token = lexer.first(text, position)
        yield token.kind, position, position + len(token.text)
        position += len(token.text)


def main():
    grammar = json.loads((ROOT / "grammar" / "slipway.tmLanguage.json").read_text("utf-8"))
    rules = read(ROOT / "grammar" / "runbook.ebnf")
    lexer = Lexer(rules)
    highlighter = Highlighter(grammar)
    wrong, tokens, coloured = [], 0, set()
    # Words that no runbook of the repository has come from sentences, always the same: as many as it takes for the rare ones.
    writer = Writer(rules, lexer.keywords, random.Random(1))
    drawn = ((f"sentence {number}", " ".join(writer.sentence())) for number in range(30000))
    for number, (name, text) in enumerate(itertools.chain(corpus().items(), drawn)):
        if number >= 3000 and not lexer.keywords - coloured:
            break
        try:
            lexer.tokens(text)
        except Rejected:
            continue
        scopes = highlighter.scopes(text)
        for kind, start, end in places(lexer, text):
            tokens += 1
            word = text[start:end]
            have = [scope for scope in scopes[start] if scope]
            due = "comment." if kind == "COMMENT" else EXPECTED.get(kind)
            if due and not any(scope.startswith(due) for scope in have):
                wrong.append(f"{name}: {word!r} is {have}, not {due}")
            if kind == "NAME" and word in lexer.keywords and any(scope.startswith(WORDS) for scope in have):
                coloured.add(word)
            if kind == "NAME" and not have:
                wrong.append(f"{name}: {word!r} has no scope")
    for message in wrong[:20]:
        print(message)
    missing = sorted(lexer.keywords - coloured)
    if missing:
        print(f"never seen as keywords: {', '.join(missing)}")
    print(f"{tokens - len(wrong)} passed, {len(wrong) + len(missing)} failed")
    sys.exit(bool(wrong or missing or tokens < 1000))


if __name__ == "__main__":
    main()
