"""From YAML to a model: what is wrong is said in one sentence."""

from __future__ import annotations

import pytest

from sim.config import build, extended, find, override, read
from sim.design import Strict, load_design, load_designs
from sim.errors import InputError


class Leaf(Strict):
    rate: float


class Tree(Strict):
    name: str
    leaves: tuple[Leaf, ...] = ()
    leaf: Leaf | None = None


@pytest.fixture
def write(tmp_path):
    def file(text: str):
        path = tmp_path / "tree.yaml"
        path.write_text(text)
        return path

    return file


def load(model, path):
    return build(model, read(path), path)


def message(call, *args):
    with pytest.raises(InputError) as failure:
        call(*args)
    return str(failure.value)


def test_load__good_file__gives_the_frozen_model(write):
    tree = load(Tree, write("name: oak\nleaves: [{rate: 0.5}]"))

    assert tree == Tree(name="oak", leaves=(Leaf(rate=0.5),))
    with pytest.raises(ValueError, match="frozen"):
        tree.name = "elm"


def test_load__misspelt_field__named_with_the_nearest(write):
    path = write("name: oak\nleafs: []")
    assert message(load, Tree, path) == (
        f"{path}: leafs: there is no such field; did you mean leaf?"
    )


def test_load__misspelt_field_deep_down__named_with_its_path(write):
    path = write("name: oak\nleaves: [{rate: 1}, {rat: 2}]")
    assert message(load, Tree, path) == (
        f"{path}: leaves.1.rat: there is no such field; did you mean rate? (and 1 more)"
    )


def test_load__wrong_type__says_what_stands_there(write):
    path = write("name: oak\nleaf: {rate: green}")
    assert message(load, Tree, path) == (f"{path}: leaf.rate: should be a number, not 'green'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: 3", "name: should be text, not 3"),
        ("name:", "name: should be text, not empty"),
        ("name: oak\nleaves: {rate: 1}", "leaves: should be a list, not {'rate': 1}"),
        ("name: oak\nleaves: [3]", "leaves.0: should be fields with values, not 3"),
        ("name: oak\nleaf: [1, 2]", "leaf: should be fields with values, not [1, 2]"),
        (
            f"name: oak\nleaf: {list(range(40))}",
            "leaf: should be fields with values, not [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "
            "13, 14, 15, 16...",
        ),
    ],
)
def test_load__wrong_shape__says_which_is_wanted(write, text, said):
    path = write(text)
    assert message(load, Tree, path) == f"{path}: {said}"


def test_load__missing_field__named(write):
    path = write("leaves: []")
    assert message(load, Tree, path) == f"{path}: name: is missing"


def test_read__bad_yaml__says_the_line(write):
    path = write("name: oak\nleaves: [")
    assert message(read, path).startswith(f"{path}: not valid YAML (line 2: ")


def test_read__a_list__says_what_is_expected(write):
    path = write("- 1")
    assert message(read, path) == (f"{path}: should hold fields with values, as in 'name: my_tree'")


def test_read__binary_file__refused(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert message(read, path) == f"{path}: not a text file in UTF-8"


def test_find__unknown_name__lists_what_exists(tmp_path):
    for name in ("oak", "elm"):
        (tmp_path / f"{name}.yaml").touch()
    assert message(find, "oka", tmp_path, "tree") == (
        "there is no tree named 'oka'; did you mean oak?; there are elm, oak, "
        "or give the path of a .yaml file"
    )


def test_find__path_of_no_file__says_so(tmp_path):
    path = tmp_path / "gone.yaml"
    assert message(find, path, tmp_path, "tree") == f"{path}: there is no such tree file"


def test_extended__a_section__is_filled_up_from_the_base(tmp_path, write):
    (tmp_path / "base.yaml").write_text(
        "name: oak\nleaf: {contract: A, rate: 1, size: 2}\nlist: [1, 2]"
    )
    path = write("extends: base\nleaf: {rate: 3}\nlist: [4]")
    assert extended(path, tmp_path, "tree") == {
        "name": "oak",
        "leaf": {"contract": "A", "rate": 3, "size": 2},
        "list": [4],
    }


@pytest.mark.parametrize("tag", ["kind", "contract"])
def test_extended__a_section_of_another_sort__is_replaced(tmp_path, write, tag):
    (tmp_path / "base.yaml").write_text(f"leaf: {{{tag}: A, rate: 1}}")
    path = write(f"extends: base\nleaf: {{{tag}: B, size: 2}}")
    assert extended(path, tmp_path, "tree") == {"leaf": {tag: "B", "size": 2}}


def test_override__dotted_path__replaces_that_value_only():
    data = {"a": {"b": 1, "c": 2}, "d": [{"e": 3}]}

    assert override(data, ["a.b=5", "d.0.e=x", "n.m=true"]) == {
        "a": {"b": 5, "c": 2},
        "d": [{"e": "x"}],
        "n": {"m": True},
    }
    assert data == {"a": {"b": 1, "c": 2}, "d": [{"e": 3}]}


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("a", "--set a: should look like liquidation.bonus=0.08"),
        ("a..b=1", "--set a..b=1: should look like liquidation.bonus=0.08"),
        ("d.7=1", "--set d.7=1: 7 is not an entry of a list of 1 (counted from 0)"),
        ("v.x=1", "--set v.x=1: x is inside a plain value"),
    ],
)
def test_override__bad_setting__said(setting, says):
    assert message(override, {"d": [0], "v": 1}, [setting]) == says


def test_read__a_field_that_stands_twice__is_named_with_its_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nliquidation:\n  bonus: 0.05\n  bonus: 0.08\n")
    with pytest.raises(InputError, match=r"mine.yaml: not valid YAML \(line 4: bonus stands here"):
        read(path)


def test_load_designs__a_contracts_own_parameter__goes_to_the_designs_that_have_it():
    fixed, dutch = load_designs(
        ["fixed", "dutch"], ["liquidation.bonus=0.08", "market.min_debt=7.0"]
    )
    assert fixed.liquidation.params["bonus"] == 0.08
    assert "bonus" not in dutch.liquidation.params
    assert fixed.market.min_debt == dutch.market.min_debt == 7


def test_load_designs__an_adapters_parameter__goes_to_the_designs_that_have_it():
    setting = "market.collaterals.0.feed.adapter.hop=60"
    fixed, maker = load_designs(["fixed", "maker_eth_a"], [setting])
    assert fixed.market.collaterals[0].feed.adapter is None
    assert maker.market.collaterals[0].feed.adapter.params == {"hop": 60}


def test_load_designs__a_parameter_that_no_design_has__reaches_all_of_them():
    designs = load_designs(["fixed", "dutch"], ["liquidation.bonos=0.08"])
    assert all(d.liquidation.params["bonos"] == 0.08 for d in designs)


def test_load_design__override__takes_effect_and_is_named_when_wrong():
    assert load_design("fixed", ["liquidation.bonus=0.08"]).liquidation.params["bonus"] == 0.08

    said = message(load_design, "fixed", ["market.collaterals.0.ltv=0.9"])
    assert "fixed.yaml with --set market.collaterals.0.ltv=0.9: market.collaterals.0: " in said
    assert "a fresh loan could be liquidated at once; lower ltv" in said
