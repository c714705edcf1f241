"""Cuts texts into the tokens of runbook.ebnf: its rules in capitals become regular expressions."""

import re
from dataclasses import dataclass, field

from notation import (
    Characters, Choice, Keyword, Optional, Repeated, Rule, Sequence, Words, is_made_of_characters, walk,
)

# What runbook.ebnf says in words, as regular expressions.
SAID_IN_WORDS = {
    "U+0009": r"\t",
    "U+000A": r"\n",
    "U+000D": r"\r",
    "0-9": r"[0-9]",
    "1-9": r"[1-9]",
    "0-2": r"[0-2]",
    "0-5": r"[0-5]",
    "any character but U+000A": r"[^\n]",
    'any character but ", \\, {, } and U+000A': r'[^"\\{}\n]',
    "a NAME that begins with a letter": r"(?=[a-z]).*",
    "an INTEGER of at most 9223372036854775807": r"[0-9]+",
    "one to 63 of a-z, 0-9 and -, with no - at either end": r"(?!-)[a-z0-9-]{1,63}(?<!-)",
    "one to nine of 0-9": r"[0-9]{1,9}",
    "one or more of a-z, A-Z, 0-9 and -": r"[a-zA-Z0-9-]+",
    "an IDENTIFIER with a letter or a - in it": r"[a-zA-Z0-9-]*[a-zA-Z-][a-zA-Z0-9-]*",
    "one to eight of 0-9, a-f, A-F: a Unicode scalar": r"[0-9a-fA-F]{1,8}",
    "00 to 23": r"(?:[01][0-9]|2[0-3])",
    "00 to 59": r"[0-5][0-9]",
    "00 to 60": r"(?:[0-5][0-9]|60)",
    "01 to 12": r"(?:0[1-9]|1[0-2])",
    "01 to 31": r"(?:0[1-9]|[12][0-9]|3[01])",
}

# The longest run of name characters; a number takes in the signs of versions, times and percentages.
NUMBER_RUN = re.compile(r"(?=v?[0-9])(?:[A-Za-z0-9._-]|[^\x00-\x7f]|\+(?=[A-Za-z0-9])|(?<=[0-9]):(?=[0-9]))+%?")
WORD_RUN = re.compile(r"(?:[A-Za-z0-9._]|-(?=[A-Za-z0-9._-]|[^\x00-\x7f])|[^\x00-\x7f])(?:[A-Za-z0-9._-]|[^\x00-\x7f])*")
BLANKS = re.compile(r"[ \t]+")


class Rejected(Exception):
    """The text has no tokens."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    # The tokens of each interpolation of a string.
    inside: tuple = field(default=(), compare=False)
    # Whether it is the first on its line.
    begins: bool = field(default=False, compare=False)


class Lexer:
    def __init__(self, rules):
        self.rules = rules
        self.keywords = {node.word for rule in rules.values() for node in walk(rule) if isinstance(node, Keyword)}
        marks = {
            node.text
            for name, rule in rules.items() if not is_made_of_characters(name)
            for node in walk(rule) if isinstance(node, Characters)
        }
        self.marks = sorted(marks, key=len, reverse=True)
        # WORD lists the classes of words; the first that fits is taken.
        self.classes = [
            (part.name, re.compile(f"(?:{self.expression(rules[part.name])})\\Z")) for part in rules["WORD"].parts
        ]
        self.comment = re.compile(self.expression(rules["COMMENT"]))
        self.line_break = re.compile(self.expression(rules["LINE-BREAK"]))
        self.escape = re.compile(self.expression(rules["ESCAPE"]))
        self.plain = re.compile(self.expression(rules["PLAIN"]))

    def expression(self, node):
        if isinstance(node, Characters):
            return re.escape(node.text)
        if isinstance(node, Words):
            return SAID_IN_WORDS[node.text]
        if isinstance(node, Rule):
            return f"(?:{self.expression(self.rules[node.name])})"
        if isinstance(node, Sequence):
            return "".join(self.expression(part) for part in node.parts)
        if isinstance(node, Choice):
            return "(?:" + "|".join(self.expression(part) for part in node.parts) + ")"
        if isinstance(node, Optional):
            return f"(?:{self.expression(node.part)})?"
        if isinstance(node, Repeated):
            return f"(?:{self.expression(node.part)})*"
        raise SystemExit(f"runbook.ebnf: {node} stands in a rule in capitals")

    def tokens(self, text):
        """All tokens; comments and blanks are left out, and line breaks between ( ) and [ ]."""
        tokens, position = self.scan(text.removeprefix("\ufeff"), 0, until=None)
        return tokens

    def scan(self, text, position, until):
        """Up to the end, or up to the `}` that closes an interpolation."""
        tokens = []
        # Line breaks count for nothing in brackets, and in interpolations.
        opened = ["{"] if until else []
        while position < len(text):
            character = text[position]
            blanks = BLANKS.match(text, position) or self.comment.match(text, position)
            if blanks:
                if until and character == "#":
                    raise Rejected("a comment in an interpolation")
                position = blanks.end()
                continue
            line_break = self.line_break.match(text, position)
            if line_break:
                position = line_break.end()
                if not opened:
                    tokens.append(Token("LINE-BREAK", "\n"))
                continue
            if character == '"':
                token, position = self.string(text, position)
                tokens.append(token)
                continue
            word = NUMBER_RUN.match(text, position) or WORD_RUN.match(text, position)
            if word:
                begins = not opened and (not tokens or tokens[-1].kind == "LINE-BREAK")
                tokens.append(self.word(word.group(), begins))
                position = word.end()
                continue
            if character == until:
                return tokens, position
            mark = next((mark for mark in self.marks if text.startswith(mark, position)), None)
            if not mark:
                raise Rejected(f"{character!r} begins no token")
            if mark in "([":
                opened.append(mark)
            elif mark in ")]":
                if not opened or opened.pop() + mark not in ("()", "[]", "{}"):
                    raise Rejected(f"{mark} closes nothing")
            tokens.append(Token(mark, mark))
            position += len(mark)
        if until:
            raise Rejected("an interpolation that nothing closes")
        return tokens, position

    def first(self, text, position):
        """The token that begins here."""
        if text[position] == '"':
            return self.string(text, position)[0]
        word = NUMBER_RUN.match(text, position) or WORD_RUN.match(text, position)
        if word:
            return self.word(word.group(), False)
        mark = next(mark for mark in self.marks if text.startswith(mark, position))
        return Token(mark, mark)

    def word(self, text, begins):
        for name, expression in self.classes:
            if expression.match(text):
                return Token(name, text, begins=begins)
        raise Rejected(f"{text!r} is no word")

    # Strings: interpolations nest, which is beyond regular expressions.

    def string(self, text, position):
        start = position
        is_block = text.startswith('"""', position)
        closing = '"""' if is_block else '"'
        position += len(closing)
        interpolations = []
        # For the layout of a block: its text with each interpolation and escape as one character.
        shape = ""
        while not text.startswith(closing, position):
            if position >= len(text):
                raise Rejected("a string that nothing closes")
            character = text[position]
            pair = text[position:position + 2]
            escape = self.escape.match(text, position)
            if escape:
                self.check_scalar(escape.group())
                position, shape = escape.end(), shape + "x"
            elif pair in ("{{", "}}"):
                position, shape = position + 2, shape + "x"
            elif character == "{":
                inside, position = self.scan(text, position + 1, until="}")
                interpolations.append(tuple(inside))
                position, shape = position + 1, shape + "x"
            elif self.plain.match(text, position) or is_block and character in '"\n':
                position, shape = position + 1, shape + character
            else:
                raise Rejected(f"{character!r} in a string")
        if is_block:
            self.check_block(shape)
        end = position + len(closing)
        kind = "BLOCK-STRING" if is_block else "LINE-STRING"
        return Token(kind, text[start:end], tuple(interpolations)), end

    def check_scalar(self, escape):
        if escape.startswith("\\u"):
            number = int(escape[3:-1], 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                raise Rejected(f"{escape} is no character")

    def check_block(self, shape):
        """Quotes on lines of their own; every line begins with the blanks before the closing ones, or has only blanks."""
        lines = shape.replace("\r\n", "\n").split("\n")
        if len(lines) < 2 or lines[0].strip(" \t") or lines[-1].strip(" \t"):
            raise Rejected("the quotes of a block do not stand on lines of their own")
        for line in lines[1:-1]:
            if not line.startswith(lines[-1]) and line.strip(" \t"):
                raise Rejected("a line of a block is not indented as its closing quotes are")
