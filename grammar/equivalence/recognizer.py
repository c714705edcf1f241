"""Derives a parser from runbook.ebnf with Lark, and asks it whether a text is a runbook."""

import logging

from lark import Lark, Token as LarkToken
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer as LarkLexer

from notation import (
    Characters, Choice, Keyword, Optional, Repeated, Rule, Sequence, Without, Words, first_words, is_made_of_characters,
)
from tokens import Lexer, Rejected

logging.disable(logging.CRITICAL)


class Kinds(frozenset):
    """The type of a token: all terminals that it can be, since a keyword is a name too."""

    def __eq__(self, other):
        return other in self if isinstance(other, str) else frozenset.__eq__(self, other)

    __hash__ = frozenset.__hash__


class Given(LarkLexer):
    """Tokens that are tokens already."""

    def __init__(self, configuration):
        pass

    def lex(self, tokens):
        yield from tokens.text if hasattr(tokens, "text") else tokens


class Recognizer:
    def __init__(self, rules):
        self.rules = rules
        self.lexer = Lexer(rules)
        self.terminals = {}
        # For each set of keywords that are no names somewhere, the terminal of the other names.
        self.exceptions = {("NAME", frozenset()): "NAME"}
        self.verbs = frozenset(first_words(rules, rules["keyword-statement"]))
        self.lines = []
        for name, rule in rules.items():
            if not is_made_of_characters(name) and name != "no-clause":
                self.lines.append(f"{self.rule_name(name)}: {self.expression(rule)}")
        self.lines.append("%declare " + " ".join(sorted({*self.terminals.values(), *self.exceptions.values()})))
        self.parser = Lark(
            "\n".join(self.lines), parser="earley", lexer=Given, start=["r_runbook", "r_expression"], ambiguity="forest"
        )

    @staticmethod
    def rule_name(name):
        return "r_" + name.replace("-", "_").replace("<", "_of_").replace(">", "")

    def terminal(self, kind, text):
        return self.terminals.setdefault((kind, text), f"T{len(self.terminals)}")

    def expression(self, node):
        if isinstance(node, Keyword):
            return self.terminal("keyword", node.word)
        if isinstance(node, Characters):
            return self.terminal("mark", node.text)
        if isinstance(node, Without):
            assert node.part in (Rule("NAME"), Rule("VARIABLE")), "only names have exceptions"
            return self.exceptions.setdefault((node.part.name, node.words), f"NAME{len(self.exceptions)}")
        if isinstance(node, Words):
            assert node.text == "a word that keyword-statement begins with", node
            return "(" + " | ".join(self.terminal("keyword", word) for word in sorted(self.verbs)) + ")"
        if isinstance(node, Rule):
            if node.name == "NAME":
                return "NAME"
            if is_made_of_characters(node.name):
                return self.strings(node.name)
            return self.rule_name(node.name)
        if isinstance(node, Sequence):
            return " ".join(self.expression(part) for part in node.parts)
        if isinstance(node, Choice):
            return "(" + " | ".join(self.expression(part) for part in node.parts) + ")"
        if isinstance(node, Optional):
            return f"({self.expression(node.part)})?"
        if isinstance(node, Repeated):
            if isinstance(node.part, Rule) and node.part.name.endswith("-clause"):
                return self.clauses(node.part.name)
            return f"({self.expression(node.part)})*"
        raise SystemExit(f"runbook.ebnf: {node} stands in a rule in small letters")

    def strings(self, name):
        """A rule in capitals, seen as one token; STRING has two kinds."""
        rule = self.rules[name]
        if isinstance(rule, Choice) and all(isinstance(part, Rule) for part in rule.parts) and name == "STRING":
            return "(" + " | ".join(self.terminal("class", part.name) for part in rule.parts) + ")"
        return self.terminal("class", name)

    def clauses(self, name):
        """Clauses in any order, each at most once: a rule for every set of those that are left."""
        rule = self.rules[name]
        parts = rule.parts if isinstance(rule, Choice) else (rule,)
        known = {}

        def left(remaining):
            if remaining not in known:
                known[remaining] = f"{self.rule_name(name)}_{len(known)}"
                choices = [
                    f"{self.rule_name(name)}__{index} {left(remaining - {index})}" for index in sorted(remaining)
                ]
                self.lines.append(f"{known[remaining]}: {' | '.join(choices)} |")
            return known[remaining]

        if f"{self.rule_name(name)}__0" not in {line.split(":")[0] for line in self.lines}:
            for index, part in enumerate(parts):
                self.lines.append(f"{self.rule_name(name)}__{index}: {self.expression(part)}")
            self.every = getattr(self, "every", {})
            self.every[name] = left(frozenset(range(len(parts))))
        return self.every[name]

    def kinds(self, token):
        kinds = {self.terminals.get(("class", token.kind)), self.terminals.get(("mark", token.kind))}
        if token.kind == "LINE-STRING" and not token.inside:
            kinds.add(self.terminals.get(("class", "QUOTED")))
        if token.kind == "INTEGER" and int(token.text) < 2**63:
            kinds.add(self.terminals.get(("class", "WHOLE")))
        if token.kind == "NAME":
            kinds.add(self.terminals.get(("keyword", token.text)))
            for (name, words), terminal in self.exceptions.items():
                is_one = name == "NAME" or token.text[0].isalpha()
                if is_one and token.text not in words and not (token.begins and token.text in self.verbs):
                    kinds.add(terminal)
        return Kinds(kinds - {None})

    def parses(self, tokens, start):
        given = [LarkToken(self.kinds(token), token.text) for token in tokens]
        try:
            self.parser.parse(given, start="r_" + start)
        except UnexpectedInput:
            return False
        return all(self.parses(inside, "expression") for token in tokens for inside in token.inside)

    def accepts(self, text):
        try:
            tokens = self.lexer.tokens(text)
        except Rejected:
            return False
        return self.parses(tokens, "runbook")
