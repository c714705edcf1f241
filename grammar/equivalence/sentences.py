"""Draws sentences from runbook.ebnf, and makes wrong ones of right ones."""

from notation import (
    Characters, Choice, Keyword, Optional, Repeated, Rule, Sequence, Without, Words, first_words,
)

# What the rules in capitals are drawn from.
SAMPLES = {
    "NAME": ["api", "web", "project-management", "team.api", "staging", "production", "soak", "x", "v1", "pm-2"],
    "VARIABLE": ["soak", "x", "team.api"],
    "DURATION": ["250ms", "90s", "30m", "1h30m", "2d", "0s", "1d2h3m4s5ms"],
    "VERSION": ["v1.2.2", "1.2.2-rc.1+b7", "0.0.0", "v10.20.30", "1.0.0-alpha-1.0a"],
    "INTEGER": ["0", "2", "20", "503", "9223372036854775808"],
    "WHOLE": ["0", "2", "20", "503", "9223372036854775807"],
    "DECIMAL": ["1.5", "0.25"],
    "PERCENTAGE": ["0.5%", "5%", "100%"],
    "TIME": ["18:00", "00:00", "23:59"],
    "DATE-TIME": ["2026-12-24T18:00+00:00", "2026-12-24T18:00Z", "2026-01-31T09:30:59-05:30"],
    "LINE-STRING": ['"x"', '""', '"a b"', r'"\n\t\"\\\u{1F680}"', '"{{}}"', '"é # no comment ; {{"'],
    "QUOTED": ['"all"', '"2d"', '"to"', '"api"'],
    "BLOCK-STRING": ['"""\n  one\n\n    two "quoted"\n  """', '"""\n"""', '"""\n\tx\n\t"""'],
}

MARKS = ["(", ")", "[", "]", "{", "}", ",", ";", "=", "<", "<=", ">", ">=", "+", "-", "\n"]


class Writer:
    """Draws sentences: below a depth, only the shortest ways are taken."""

    def __init__(self, rules, keywords, random):
        self.rules, self.keywords, self.random = rules, sorted(keywords), random
        self.verbs = first_words(rules, Rule("keyword-statement"))
        self.heights = {}
        changed = True
        while changed:
            changed = False
            for name, rule in rules.items():
                height = self.height(rule) + 1
                if height < self.heights.get(name, 1000):
                    self.heights[name], changed = height, True

    def height(self, node):
        if isinstance(node, Rule):
            return 0 if node.name in SAMPLES else self.heights.get(node.name, 1000)
        if isinstance(node, Sequence):
            return max(self.height(part) for part in node.parts)
        if isinstance(node, Choice):
            return min(self.height(part) for part in node.parts)
        return 0

    def sentence(self, start="runbook"):
        words = []
        self.write(Rule(start), self.random.randint(8, 22), words)
        return words

    def write(self, node, depth, words):
        random = self.random
        if isinstance(node, Keyword):
            words.append(node.word)
        elif isinstance(node, Characters):
            words.append(node.text)
        elif isinstance(node, Without):
            is_any = node.part.name == "NAME"
            words.append(self.name(words, node.words) if is_any else random.choice(SAMPLES["VARIABLE"]))
        elif isinstance(node, Words):
            words.append(random.choice(self.verbs))
        elif isinstance(node, Rule):
            self.rule(node.name, depth, words)
        elif isinstance(node, Sequence):
            for part in node.parts:
                self.write(part, depth - 1, words)
        elif isinstance(node, Choice):
            parts = node.parts
            if depth <= 0:
                least = min(self.height(part) for part in parts)
                parts = [part for part in parts if self.height(part) == least]
            self.write(random.choice(parts), depth - 1, words)
        elif isinstance(node, Optional):
            if random.random() < (0.5 if depth > 0 else 0.1) and self.height(node.part) < 1000:
                self.write(node.part, depth - 1, words)
        elif isinstance(node, Repeated):
            self.repeat(node.part, depth, words)

    def repeat(self, part, depth, words):
        if isinstance(part, Rule) and part.name.endswith("-clause"):
            rule = self.rules[part.name]
            clauses = list(rule.parts) if isinstance(rule, Choice) else [rule]
            self.random.shuffle(clauses)
            for clause in clauses[:self.random.randint(0, len(clauses))]:
                self.write(clause, depth - 2, words)
            return
        while depth > 0 and self.random.random() < 0.55:
            self.write(part, depth - 1, words)
            depth -= 2

    def name(self, words, without=frozenset()):
        if self.random.random() < 0.8:
            return self.random.choice(SAMPLES["NAME"])
        # The first word of a line that a statement begins with is no name.
        without = {*without, *self.verbs} if not words or words[-1] == "\n" else without
        return self.random.choice([word for word in self.keywords if word not in without])

    def rule(self, name, depth, words):
        if name == "NAME":
            words.append(self.name(words))
        elif name == "LINE-STRING" and depth > 0 and self.random.random() < 0.2:
            words.append('"a {' + " ".join(self.sentence_without_breaks(depth)) + '} b"')
        elif name in SAMPLES:
            words.append(self.random.choice(SAMPLES[name]))
        elif name == "LINE-BREAK":
            words.append("\n")
        else:
            self.write(self.rules[name], depth - 1, words)

    def sentence_without_breaks(self, depth):
        inner = []
        self.write(Rule("expression"), min(depth, 6) - 1, inner)
        return [word for word in inner if word != "\n" and not word.startswith('"""')] if "\n" not in inner else ["x"]


def spaced(words, random):
    """The words as a text: blanks, tabs, comments and line ends of both kinds between them."""
    text = ""
    opened = 0
    for index, word in enumerate(words):
        opened += (word in "([") - (word in ")]") if len(word) == 1 else 0
        before = words[index - 1] if index else "\n"
        if word == "\n":
            text += random.choice(["\n", "\n", "\r\n", "  # a comment, with \"quotes\" and {\n", " \t\n"])
            continue
        touches = word in tuple("()[]{},;") or before in tuple("()[]{},;")
        gap = random.choice(["", " "]) if touches else random.choice([" ", " ", "  ", "\t"])
        if opened > 0 and word not in "([" and random.random() < 0.1:
            gap = random.choice(["\n  ", " # inside\n"])
        text += gap + word
    return text


def changed(words, keywords, random):
    """The words with one to three of them left out, put twice, exchanged, replaced or put in."""
    words = list(words)
    for _ in range(random.randint(1, 3)):
        if not words:
            return words
        index = random.randrange(len(words))
        kind = random.choice(["leave out", "twice", "exchange", "neighbours", "replace", "put in"])
        if kind == "leave out":
            del words[index]
        elif kind == "twice":
            words.insert(index, words[index])
        elif kind == "exchange":
            other = random.randrange(len(words))
            words[index], words[other] = words[other], words[index]
        elif kind == "neighbours" and index:
            words[index - 1], words[index] = words[index], words[index - 1]
        elif kind == "replace":
            words[index] = any_word(keywords, random)
        else:
            words.insert(index, any_word(keywords, random))
    return words


def any_word(keywords, random):
    kind = random.random()
    if kind < 0.4:
        return random.choice(sorted(keywords))
    if kind < 0.6:
        return random.choice(MARKS)
    return random.choice(SAMPLES[random.choice(sorted(SAMPLES))])


def misspelt(text, random):
    """The text with one character left out, put twice, or replaced."""
    if not text:
        return text
    index = random.randrange(len(text))
    return random.choice([
        text[:index] + text[index + 1:],
        text[:index] + text[index] + text[index:],
        text[:index] + random.choice("\"{}()-+.:%#\\\n aZ0_é") + text[index + 1:],
    ])
