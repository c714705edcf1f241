"""Running a checked GraphQL query over the forge's objects."""

from .github_graphql import Checker, Enum, Parser, QueryError, Variable, named, written
from .github_state import Refused

SCALARS = {"Int": int, "Float": (int, float), "Boolean": bool, "String": str, "ID": (str, int)}


def coerce(types, kind, value, variables, what):
    """A given value as its type wants it."""
    if isinstance(value, Variable):
        return variables.get(value.name)
    if kind[0] == "required":
        if value is None:
            raise QueryError(f"{what} of type {written(kind)} was provided invalid value "
                             "(Expected value to not be null)")
        return coerce(types, kind[1], value, variables, what)
    if value is None:
        return None
    if kind[0] == "list":
        items = value if isinstance(value, list) else [value]
        return [coerce(types, kind[1], item, variables, what) for item in items]
    target = types[kind[1]]
    if target["kind"] == "input":
        if not isinstance(value, dict):
            raise QueryError(f"{what} of type {kind[1]} was provided invalid value")
        for name in value:
            if name not in target["fields"]:
                raise QueryError(f"{what} of type {kind[1]} was provided invalid value for {name} "
                                 f"(Field is not defined on {kind[1]})")
        found = {}
        for name, (wanted, _) in target["fields"].items():
            if name in value or wanted[0] == "required":
                found[name] = coerce(types, wanted, value.get(name), variables, f"{what} for {name}")
        return found
    if target["kind"] == "enum":
        if value not in target["values"]:
            raise QueryError(f'{what} of type {kind[1]} was provided invalid value (Expected "{value}" to be one of: '
                             f"{', '.join(target['values'])})")
        return str(value)
    wanted = SCALARS.get(kind[1], str)
    stray = isinstance(value, Enum) or (isinstance(value, bool) and wanted is not bool)
    if stray or not isinstance(value, wanted):
        raise QueryError(f'{what} of type {kind[1]} was provided invalid value (Could not coerce value {value!r} to '
                         f"{kind[1]})")
    return str(value) if kind[1] == "ID" else value


class Execution:
    """One operation. `resolvers` is {type: {field: function(object, arguments, context)}}."""

    def __init__(self, types, resolvers, typename, fragments, variables, context):
        self.types, self.resolvers, self.typename = types, resolvers, typename
        self.fragments, self.variables, self.context = fragments, variables, context
        self.errors = []

    def wanted(self, directives):
        for name, arguments in directives:
            condition = coerce(self.types, ("name", "Boolean"), arguments.get("if"), self.variables, name)
            if (name == "skip" and condition) or (name == "include" and not condition):
                return False
        return True

    def collect(self, typename, selections, found):
        for one in selections:
            if not self.wanted(one.directives):
                continue
            if one.kind == "field":
                found.setdefault(one.alias or one.name, []).append(one)
                continue
            on, inner = (one.name, one.selections) if one.kind == "inline" else self.fragments[one.name][:2]
            target = self.types.get(on or typename)
            own = self.types[typename]
            if on in (None, typename) or on in own["interfaces"] or typename in target["members"]:
                self.collect(typename, inner, found)
        return found

    def object(self, typename, value, selections, path):
        answer = {}
        for key, fields in self.collect(typename, selections, {}).items():
            one = fields[0]
            if one.name == "__typename":
                answer[key] = typename
                continue
            inner = [selection for each in fields for selection in each.selections]
            answer[key] = self.field(typename, value, one, inner, path + [key])
        return answer

    def field(self, typename, value, one, inner, path):
        kind, parameters = self.types[typename]["fields"][one.name]
        try:
            arguments = {name: default for name, (_, has, default) in parameters.items() if has}
            for name, given in one.arguments.items():
                if isinstance(given, Variable) and given.name not in self.variables:
                    continue
                arguments[name] = coerce(self.types, parameters[name][0], given, self.variables, f"Argument '{name}'")
            resolver = self.resolvers.get(typename, {}).get(one.name)
            if resolver:
                found = resolver(value, arguments, self.context)
            else:
                found = value.get(one.name) if isinstance(value, dict) else getattr(value, one.name)
        except Refused as refusal:
            self.errors.append({"type": refusal.type, "path": path, "message": refusal.graphql_message,
                                "locations": [{"line": one.token.line, "column": one.token.column}]})
            return None
        except QueryError as error:
            error.body.setdefault("locations", [{"line": one.token.line, "column": one.token.column}])
            error.body.setdefault("path", path)
            self.errors.append(error.body)
            return None
        return self.complete(kind, found, inner, path)

    def complete(self, kind, value, inner, path):
        if kind[0] == "required":
            return self.complete(kind[1], value, inner, path)
        if value is None:
            return None
        if kind[0] == "list":
            return [self.complete(kind[1], item, inner, path + [at]) for at, item in enumerate(value)]
        target = self.types[kind[1]]
        if target["kind"] == "type":
            return self.object(kind[1], value, inner, path)
        if target["kind"] in ("interface", "union"):
            return self.object(self.typename(value), value, inner, path)
        return value


def introspection(types, name):
    """What `__type(name:)` answers; gh asks it to know which features the server has."""
    if name not in types or name.startswith("__"):
        return None
    one = types[name]
    fields = [{"name": key, "args": [{"name": each} for each in arguments], "isDeprecated": False}
              for key, (_, arguments) in one["fields"].items()]
    kinds = {"type": "OBJECT", "input": "INPUT_OBJECT"}
    return {"name": name, "kind": kinds.get(one["kind"], one["kind"].upper()),
            "fields": fields if one["kind"] in ("type", "interface") else None,
            "inputFields": fields if one["kind"] == "input" else None,
            "enumValues": [{"name": value, "isDeprecated": False} for value in one["values"]] or None}


def describe(request):
    """Name of the operation, its outermost fields, and the repositories ("owner/name") and node ids it speaks of: for
    the log and for injected faults."""
    try:
        operations, _ = Parser(request.get("query") or "").document()
        operation = choose(operations, request.get("operationName"))
    except QueryError:
        return None, [], []
    outer, mentions = [one for one in operation.selections if one.kind == "field"], []
    for one in outer:
        given = plain_value(one.arguments, request.get("variables") or {})
        if isinstance(given.get("owner"), str) and isinstance(given.get("name"), str):
            mentions.append(f"{given['owner']}/{given['name']}")
        mentions += strings(given)
    return operation.name, [one.name for one in outer], mentions


def plain_value(value, variables):
    """A value of a query with its variables filled in."""
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, dict):
        return {key: plain_value(one, variables) for key, one in value.items()}
    return [plain_value(one, variables) for one in value] if isinstance(value, list) else value


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [found for one in value for found in strings(one)]
    return [value] if isinstance(value, str) else []


def choose(operations, name):
    if not operations:
        raise QueryError("A query attribute must be specified and must be a string.")
    for one in operations:
        if one.name == name or (not name and len(operations) == 1):
            return one
    raise QueryError(f"No operation named {name!r}" if name else "An operation name is required")


def answer(request, types, resolvers, typename, context):
    """The body of the answer to a POST to /graphql."""
    try:
        operations, fragments = Parser(request.get("query") or "").document()
        operation = choose(operations, request.get("operationName"))
        wrong = Checker(types, fragments, operation).check()
        if wrong:
            return {"errors": wrong}
        given, variables = request.get("variables") or {}, {}
        for name, (kind, has_default, default) in operation.variables.items():
            if named(kind) not in types:
                raise QueryError(f"{named(kind)} isn't a defined input type (on ${name})", operation.token)
            if name in given or kind[0] == "required" and not has_default:
                variables[name] = coerce(types, kind, given.get(name), {}, f"Variable ${name}")
            elif has_default:
                variables[name] = coerce(types, kind, default, {}, f"Variable ${name}")
    except QueryError as error:
        return {"errors": [error.body]}
    run = Execution(types, resolvers, typename, fragments, variables, context)
    root = "Query" if operation.kind == "query" else "Mutation"
    data = run.object(root, {}, operation.selections, [])
    return {"data": data, "errors": run.errors} if run.errors else {"data": data}
