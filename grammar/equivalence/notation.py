"""Reads runbook.ebnf: its rules as trees of the nodes below."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Keyword:
    word: str


@dataclass(frozen=True)
class Characters:
    text: str


@dataclass(frozen=True)
class Words:
    """What is said in words between question marks."""

    text: str


@dataclass(frozen=True)
class Rule:
    name: str
    # The rule of clauses that stands in the place of the parameter.
    given: str = ""


@dataclass(frozen=True)
class Sequence:
    parts: tuple


@dataclass(frozen=True)
class Choice:
    parts: tuple


@dataclass(frozen=True)
class Optional:
    part: object


@dataclass(frozen=True)
class Repeated:
    part: object


@dataclass(frozen=True)
class Without:
    """`part - words`: what part is, but none of these keywords."""

    part: object
    words: frozenset


PIECE = re.compile(
    r"""(?P<comment>\(\*.*?\*\))|(?P<name>[A-Za-z][A-Za-z-]*)|"(?P<keyword>[^"]*)"|'(?P<characters>[^']*)'
    |\?(?P<words>[^?]*)\?|(?P<mark>[=;,|()\[\]{}<>-])|(?P<blank>\s+)""",
    re.VERBOSE | re.DOTALL,
)


class Reader:
    def __init__(self, text):
        self.pieces = []
        position = 0
        while position < len(text):
            match = PIECE.match(text, position)
            if not match:
                raise SystemExit(f"runbook.ebnf: cannot read {text[position:position + 40]!r}")
            position = match.end()
            if match.lastgroup not in ("comment", "blank"):
                self.pieces.append((match.lastgroup, match.group(match.lastgroup)))
        self.at = 0

    def peek(self, mark=None):
        kind, text = self.pieces[self.at] if self.at < len(self.pieces) else ("end", "")
        return (kind == "mark" and text == mark) if mark else kind

    def take(self, mark=None):
        kind, text = self.pieces[self.at]
        if mark and (kind, text) != ("mark", mark):
            raise SystemExit(f"runbook.ebnf: {mark!r} is due, not {text!r} near {self.pieces[self.at - 6:self.at]}")
        self.at += 1
        return text

    def parameter(self):
        if not self.peek("<"):
            return ""
        self.take()
        name = self.take()
        self.take(">")
        return name

    def rules(self):
        """The rules by name, with the name of their parameter."""
        rules = {}
        while self.peek() != "end":
            name = self.take()
            parameter = self.parameter()
            self.take("=")
            if name in rules:
                raise SystemExit(f"runbook.ebnf: {name} stands twice")
            rules[name] = (parameter, self.choice())
            self.take(";")
        return rules

    def choice(self):
        parts = [self.sequence()]
        while self.peek("|"):
            self.take()
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self):
        parts = [self.item()]
        while self.peek(","):
            self.take()
            parts.append(self.item())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def item(self):
        item = self.simple()
        if not self.peek("-"):
            return item
        self.take()
        return Without(item, frozenset(self.keywords(self.simple())))

    def keywords(self, node):
        if isinstance(node, Keyword):
            return [node.word]
        if isinstance(node, Choice):
            return [word for part in node.parts for word in self.keywords(part)]
        if isinstance(node, Rule):
            # A rule of keywords only, looked up when all are read.
            return [node]
        raise SystemExit(f"runbook.ebnf: only keywords stand behind a -, not {node}")

    def simple(self):
        kind = self.peek()
        if kind == "keyword":
            return Keyword(self.take())
        if kind == "characters":
            return Characters(self.take())
        if kind == "words":
            return Words(" ".join(self.take().split()))
        if kind == "name":
            return Rule(self.take(), self.parameter())
        for opening, closing, make in (("(", ")", lambda part: part), ("[", "]", Optional), ("{", "}", Repeated)):
            if self.peek(opening):
                self.take()
                inner = self.choice()
                self.take(closing)
                return make(inner)
        raise SystemExit(f"runbook.ebnf: a rule is due near {self.pieces[self.at - 6:self.at + 1]}")


def first_words(rules, node):
    """The keywords that a node begins with."""
    if isinstance(node, Keyword):
        return [node.word]
    if isinstance(node, Rule):
        return first_words(rules, rules[node.name])
    if isinstance(node, Choice):
        return [word for part in node.parts for word in first_words(rules, part)]
    if isinstance(node, Sequence):
        return first_words(rules, node.parts[0])
    if isinstance(node, Words):
        return []
    raise SystemExit(f"runbook.ebnf: {node} begins with no keyword")


def read(path):
    """The rules by name. Those with a parameter are there once for each rule that is put in its place, as `name<rule>`;
    behind a `-` stand the keywords themselves."""
    with open(path, encoding="utf-8") as file:
        read = Reader(file.read()).rules()
    plain = {name: rule for name, (parameter, rule) in read.items() if not parameter}
    rules = {}

    def resolve(node, parameter, given):
        def name(rule):
            return given if parameter and rule == parameter else rule

        if isinstance(node, Without):
            words = []
            for word in node.words:
                words += [word] if isinstance(word, str) else first_words(plain, Rule(name(word.name)))
            return Without(node.part, frozenset(words))
        if isinstance(node, (Sequence, Choice)):
            return type(node)(tuple(resolve(part, parameter, given) for part in node.parts))
        if isinstance(node, (Optional, Repeated)):
            return type(node)(resolve(node.part, parameter, given))
        if isinstance(node, Rule):
            if not node.given:
                return Rule(name(node.name))
            made = f"{node.name}<{name(node.given)}>"
            if made not in rules:
                rules[made] = None
                inner, rule = read[node.name]
                rules[made] = resolve(rule, inner, name(node.given))
            return Rule(made)
        return node

    for name, rule in plain.items():
        rules[name] = resolve(rule, "", "")
    return rules


def walk(node):
    yield node
    if isinstance(node, (Sequence, Choice)):
        for part in node.parts:
            yield from walk(part)
    elif isinstance(node, (Optional, Repeated, Without)):
        yield from walk(node.part)


def is_made_of_characters(name):
    """Rules in capitals."""
    return name == name.upper()
