"""From YAML to a frozen model, with overrides, and one clear sentence for whatever is wrong with
it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from sim.errors import InputError

Model = TypeVar("Model", bound=BaseModel)

# What a value of a wrong shape should be, by pydantic's name for the mistake.
SHAPES = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "fields with values"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list"),
    **dict.fromkeys(("string_type",), "text"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "string_pattern_mismatch": "text that matches {pattern}",
    "union_tag_invalid": "fields with one of {expected_tags} as their {discriminator}",
}


class _Loader(yaml.SafeLoader):
    """Refuses a field that stands twice in a section; YAML's own loader keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value} stands here twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def find(name_or_path: str | Path, folder: Path, kind: str) -> Path:
    """The file of a built-in `kind` (by name) or of the user's own (by path). Raises InputError
    listing what exists."""
    given = Path(name_or_path)
    if given.suffix in (".yaml", ".yml"):
        if given.is_file():
            return given
        raise InputError(f"{given}: there is no such {kind} file")
    built_in = folder / f"{name_or_path}.yaml"
    if built_in.is_file():
        return built_in
    known = names(folder)
    raise InputError(
        f"there is no {kind} named {str(name_or_path)!r}{_hint(str(name_or_path), known)}; "
        f"there are {', '.join(known)}, or give the path of a .yaml file"
    )


def names(folder: Path) -> list[str]:
    """Of all that is built in."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def read(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises InputError naming the file and the line."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as e:
        raise InputError(f"{path}: can't be read ({e.strerror})") from e
    except UnicodeDecodeError as e:
        raise InputError(f"{path}: not a text file in UTF-8") from e
    except yaml.YAMLError as e:
        raise InputError(f"{path}: not valid YAML ({_where(e)})") from e
    if not isinstance(data, dict):
        raise InputError(f"{path}: should hold fields with values, as in 'name: my_{path.stem}'")
    return data


def extended(path: Path, folder: Path, kind: str, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The mapping in a YAML file on top of the one that it `extends`, if it does.

    Sections are merged field by field; one of another `kind` or `contract` replaces the whole
    section. `above` are the files that lie on top of it. Raises InputError.
    """
    if path.resolve() in above:
        raise InputError(f"{path}: extends: comes back to itself")
    data = read(path)
    base = data.pop("extends", None)
    if base is None:
        return data
    below = find(str(base), folder, kind)
    return merged(extended(below, folder, kind, (*above, path.resolve())), data)


def override(data: Mapping[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of `data` in which every 'a.b=value' of `settings` holds; numbers in the path count
    list entries."""
    result = dict(data)
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not all(path.split(".")):
            raise InputError(f"--set {setting}: should look like liquidation.bonus=0.08")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as e:
            raise InputError(f"--set {setting}: the value is not valid YAML ({_where(e)})") from e
        result = _replaced(result, path.split("."), value, setting)
    return result


def holds(data: Any, setting: str) -> bool:
    """Whether `data` has the field that a setting "a.b=value" overrides."""
    for key in setting.partition("=")[0].split("."):
        if isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            data = data[int(key)]
        elif isinstance(data, dict) and key in data:
            data = data[key]
        else:
            return False
    return True


def build(model: type[Model], data: Mapping[str, Any], source: str | Path) -> Model:
    """The validated model. Raises InputError naming source, field and the way out."""
    try:
        return model.model_validate(data)
    except ValidationError as e:
        raise InputError(_sentence(model, e, data, source)) from e


def merged(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """`top` on `base`, section by section and field by field; a section of another `kind` or
    `contract` replaces the whole one below."""
    result = dict(base)
    for key, value in top.items():
        below = result.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            value = merged(below, value) if _of_one_sort(below, value) else value
        result[key] = value
    return result


def _of_one_sort(below: Mapping[str, Any], top: Mapping[str, Any]) -> bool:
    """Whether `top` names no other `kind` or `contract` than `below`."""
    return all(top.get(tag, below.get(tag)) == below.get(tag) for tag in ("kind", "contract"))


def _replaced(node: Any, path: Sequence[str], value: Any, setting: str) -> Any:
    """A copy of `node` with `value` at `path`."""
    key, rest = path[0], path[1:]
    if isinstance(node, list):
        if not key.isdecimal() or int(key) >= len(node):
            raise InputError(
                f"--set {setting}: {key} is not an entry of a list of {len(node)} (counted from 0)"
            )
        at = int(key)
        new = _replaced(node[at], rest, value, setting) if rest else value
        return [*node[:at], new, *node[at + 1 :]]
    if not isinstance(node, dict):
        raise InputError(f"--set {setting}: {key} is inside a plain value")
    return {**node, key: _replaced(node.get(key, {}), rest, value, setting) if rest else value}


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _sentence(model: type[BaseModel], error: ValidationError, data: Any, source: str | Path) -> str:
    """One sentence about the error that explains most: a misspelt field before what it leaves
    missing."""
    errors = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    first = errors[0]
    path = _path_in(data, first["loc"])
    field = ".".join(str(part) for part in path)
    if first["type"] == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        text = f"there is no such field{_hint(str(path[-1]), known)}"
    elif first["type"] == "missing":
        text = "is missing"
    elif first["type"] in ("value_error", "assertion_error"):
        text = first["msg"].removeprefix("Value error, ")
    else:
        wanted = SHAPES.get(first["type"], "").format(**first.get("ctx", {}))
        said = f"should be {wanted}" if wanted else f"{first['msg'][0].lower()}{first['msg'][1:]}"
        text = f"{said}, not {_short(first['input'])}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{source}: {field}: {text}{more}" if field else f"{source}: {text}{more}"


def _short(value: Any) -> str:
    """A value as the file has it, unless it is long."""
    text = "empty" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _path_in(data: Any, loc: Sequence[str | int]) -> list[str | int]:
    """`loc` without the tags of unions, which pydantic adds and the user never wrote."""
    path: list[str | int] = []
    for part in loc[:-1]:
        if isinstance(data, list) or (isinstance(data, Mapping) and part in data):
            path.append(part)
            data = data[part]  # type: ignore[index]
    return [*path, *loc[-1:]]


def _fields_at(model: Any, path: Sequence[str | int]) -> list[str]:
    """The fields of the model that stands at `path` inside `model`; all alternatives of a union."""
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        return sorted({f for part in get_args(model) for f in _fields_at(part, path)})
    if not path:
        return list(model.model_fields)
    field = model.model_fields.get(str(path[0]))
    rest = [part for part in path[1:] if not isinstance(part, int)]
    return _fields_at(field.annotation, rest) if field else []


def _hint(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
