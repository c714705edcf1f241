"""GraphQL as far as GitHub's API needs it: the language, type definitions, and checking a query before it runs."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'''
    (?P<skip>[\s,\ufeff]+|\#[^\n\r]*)
  | (?P<block>"""(?:\\"""|(?!""").|\n)*""")
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<float>-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))
  | (?P<int>-?\d+)
  | (?P<name>[_A-Za-z]\w*)
  | (?P<mark>\.\.\.|[!$&()=:@\[\]{}|])
''', re.X | re.S)
ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|.)')
PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class QueryError(Exception):
    """One error as GitHub words it in `errors`."""

    def __init__(self, message, token=None, path=None, **extensions):
        super().__init__(message)
        self.body = {"message": message}
        if token:
            self.body["locations"] = [{"line": token.line, "column": token.column}]
        if path is not None:
            self.body["path"] = path
        if extensions:
            self.body["extensions"] = extensions


@dataclass
class Token:
    kind: str
    text: str
    line: int
    column: int


class Enum(str):
    """An enum value written in a query."""


@dataclass
class Variable:
    name: str


@dataclass
class Selection:
    kind: str  # field, spread, inline
    name: str
    token: Token
    alias: str = None
    arguments: dict = field(default_factory=dict)
    directives: list = field(default_factory=list)
    selections: list = field(default_factory=list)


@dataclass
class Operation:
    kind: str
    name: str
    variables: dict
    selections: list
    token: Token


def tokens(text):
    found, at, line, start = [], 0, 1, 0
    while at < len(text):
        match = TOKEN.match(text, at)
        here = Token("", text[at:at + 1], line, at - start + 1)
        if not match:
            raise QueryError(f"Parse error on {text[at]!r} (error) at [{line}, {here.column}]", here)
        if match.lastgroup != "skip":
            found.append(Token(match.lastgroup, match.group(), line, at - start + 1))
        breaks = match.group().count("\n")
        if breaks:
            line += breaks
            start = at + match.group().rindex("\n") + 1
        at = match.end()
    found.append(Token("end", "", line, at - start + 1))
    return found


class Parser:
    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    @property
    def token(self):
        return self.tokens[self.at]

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, text):
        if self.token.text == text and self.token.kind in ("mark", "name"):
            return self.take()
        return None

    def expect(self, text):
        return self.accept(text) or self.wrong(f'expected "{text}"')

    def name(self):
        return self.take().text if self.token.kind == "name" else self.wrong("expected a name")

    def wrong(self, words):
        token = self.token
        found = f'"{token.text}"' if token.text else "end of file"
        raise QueryError(f"Parse error on {found}: {words} at [{token.line}, {token.column}]", token)

    def many(self, opening, closing, item):
        found = []
        if self.accept(opening):
            while not self.accept(closing):
                found.append(item())
        return found

    # Values and types

    def value(self):
        token = self.token
        if self.accept("$"):
            return Variable(self.name())
        if self.accept("["):
            found = []
            while not self.accept("]"):
                found.append(self.value())
            return found
        if token.text == "{":
            return dict(self.many("{", "}", self.argument))
        self.take()
        if token.kind == "string":
            return ESCAPE.sub(lambda one: chr(int(one[1][1:], 16)) if len(one[1]) == 5 else PLAIN.get(one[1], one[1]),
                              token.text[1:-1])
        if token.kind == "block":
            return token.text[3:-3].replace('\\"""', '"""').strip("\n")
        if token.kind in ("int", "float"):
            return int(token.text) if token.kind == "int" else float(token.text)
        if token.kind == "name":
            return {"true": True, "false": False, "null": None}.get(token.text, Enum(token.text))
        self.at -= 1
        return self.wrong("expected a value")

    def argument(self):
        name = self.name()
        self.expect(":")
        return name, self.value()

    def type(self):
        if self.accept("["):
            inner = ("list", self.type())
            self.expect("]")
        else:
            inner = ("name", self.name())
        return ("required", inner) if self.accept("!") else inner

    def directives(self):
        found = []
        while self.accept("@"):
            found.append((self.name(), dict(self.many("(", ")", self.argument))))
        return found

    # Queries

    def document(self):
        operations, fragments = [], {}
        while self.token.kind != "end":
            token = self.token
            if token.text == "{":
                operations.append(Operation("query", None, {}, self.selection_set(), token))
            elif self.accept("fragment"):
                name = self.name()
                self.expect("on")
                on = self.name()
                self.directives()
                fragments[name] = (on, self.selection_set(), token)
            elif token.text in ("query", "mutation"):
                self.take()
                name = self.name() if self.token.kind == "name" else None
                variables = {key: rest for key, *rest in self.many("(", ")", self.variable)}
                self.directives()
                operations.append(Operation(token.text, name, variables, self.selection_set(), token))
            else:
                self.wrong("expected an operation or a fragment")
        return operations, fragments

    def variable(self):
        self.expect("$")
        name = self.name()
        self.expect(":")
        kind = self.type()
        has_default = bool(self.accept("="))
        default = self.value() if has_default else None
        self.directives()
        return name, kind, has_default, default

    def selection_set(self):
        if self.token.text != "{":
            self.wrong('expected "{"')
        return self.many("{", "}", self.selection)

    def selection(self):
        token = self.token
        if self.accept("..."):
            if self.token.kind == "name" and self.token.text != "on":
                return Selection("spread", self.name(), token, directives=self.directives())
            on = self.name() if self.accept("on") else None
            return Selection("inline", on, token, directives=self.directives(), selections=self.selection_set())
        name, alias = self.name(), None
        if self.accept(":"):
            alias, name = name, self.name()
        arguments = dict(self.many("(", ")", self.argument))
        directives = self.directives()
        inner = self.selection_set() if self.token.text == "{" else []
        return Selection("field", name, token, alias, arguments, directives, inner)

    # Type definitions

    def definitions(self):
        """Types by name: {kind, fields {name: (type, parameters)}, values, members, interfaces}.

        A parameter is (type, whether it has a default, the default).
        """
        found = {}
        while self.token.kind != "end":
            kind, name = self.name(), self.name()
            one = {"kind": kind, "name": name, "fields": {}, "values": [], "members": [], "interfaces": []}
            if self.accept("implements"):
                one["interfaces"].append(self.name())
                while self.accept("&"):
                    one["interfaces"].append(self.name())
            if self.accept("="):
                one["members"].append(self.name())
                while self.accept("|"):
                    one["members"].append(self.name())
            if kind == "enum":
                one["values"] = self.many("{", "}", self.name)
            else:
                one["fields"] = dict(self.many("{", "}", self.definition))
            found[name] = one
        return found

    def definition(self):
        name = self.name()
        arguments = dict(self.many("(", ")", self.parameter))
        self.expect(":")
        return name, (self.type(), arguments)

    def parameter(self):
        name = self.name()
        self.expect(":")
        kind = self.type()
        has_default = bool(self.accept("="))
        default = self.value() if has_default else None
        return name, (kind, has_default, default)


def named(kind):
    while kind[0] != "name":
        kind = kind[1]
    return kind[1]


def written(kind):
    if kind[0] == "required":
        return written(kind[1]) + "!"
    return f"[{written(kind[1])}]" if kind[0] == "list" else kind[1]


class Checker:
    """What GitHub checks before it runs anything: fields, arguments, fragments, variables."""

    def __init__(self, types, fragments, operation):
        self.types, self.fragments, self.operation = types, fragments, operation
        self.errors = []

    def check(self):
        root = "Query" if self.operation.kind == "query" else "Mutation"
        self.selections(self.types[root], self.operation.selections, [self.operation.kind + (
            " " + self.operation.name if self.operation.name else "")], ())
        return [error.body for error in self.errors]

    def wrong(self, *arguments, **extensions):
        self.errors.append(QueryError(*arguments, **extensions))

    def selections(self, on, selections, path, within):
        for one in selections:
            if one.kind == "field":
                self.field(on, one, path, within)
            elif one.kind == "inline":
                target = self.types.get(one.name or on["name"])
                if target is None:
                    self.wrong(f"No such type {one.name}, so it can't be a fragment condition", one.token, path,
                               code="undefinedType", typeName=one.name)
                else:
                    self.selections(target, one.selections, path + [f"... on {one.name}"], within)
            elif one.name not in self.fragments:
                self.wrong(f"Fragment {one.name} was used, but not defined", one.token, path,
                           code="useAndDefineFragment", fragmentName=one.name)
            elif one.name in within:
                self.wrong(f"Fragment {one.name} contains an infinite loop", one.token, path, code="infiniteLoop")
            else:
                condition, inner, token = self.fragments[one.name]
                if condition not in self.types:
                    self.wrong(f"No such type {condition}, so it can't be a fragment condition", token, path,
                               code="undefinedType", typeName=condition)
                else:
                    self.selections(self.types[condition], inner, path + [f"fragment {one.name}"], within + (one.name,))

    def field(self, on, one, path, within):
        path = path + [one.alias or one.name]
        if one.name == "__typename":
            return
        if one.name not in on["fields"]:
            self.wrong(f"Field '{one.name}' doesn't exist on type '{on['name']}'", one.token, path,
                       code="undefinedField", typeName=on["name"], fieldName=one.name)
            return
        kind, parameters = on["fields"][one.name]
        for name, value in one.arguments.items():
            if name not in parameters:
                self.wrong(f"Field '{one.name}' doesn't accept argument '{name}'", one.token, path + [name],
                           code="argumentNotAccepted", name=one.name, typeName="Field", argumentName=name)
            elif isinstance(value, Variable) and value.name not in self.operation.variables:
                self.wrong(f"Variable ${value.name} is used by {self.operation.name or 'anonymous query'} but not "
                           "declared", one.token, path, code="variableNotDefined", variableName=value.name)
        missing = [name for name, (wanted, default, _) in parameters.items()
                   if wanted[0] == "required" and not default and name not in one.arguments]
        if missing:
            self.wrong(f"Field '{one.name}' is missing required arguments: {', '.join(missing)}", one.token, path,
                       code="missingRequiredArguments", className="Field", name=one.name, arguments=", ".join(missing))
        target = self.types[named(kind)]
        composite = target["kind"] in ("type", "interface", "union")
        if composite and not one.selections:
            self.wrong(f"Field must have selections (field '{one.name}' returns {named(kind)} but has no selections. "
                       f"Did you mean '{one.name} {{ ... }}'?)", one.token, path, code="selectionMismatch")
        elif not composite and one.selections:
            self.wrong(f"Selections can't be made on scalars (field '{one.name}' returns {named(kind)})", one.token,
                       path, code="selectionMismatch")
        elif composite:
            self.selections(target, one.selections, path, within)
