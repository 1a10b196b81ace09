"""The built-in designs: all four face the same market, and only what their names say differs."""

from sim.design import load_design

NAMES = ("fixed", "fixed_breaker", "dutch", "dutch_breaker")


def test_designs__all__share_the_market():
    first, *others = [load_design(name) for name in NAMES]
    assert all(other.market == first.market for other in others)


def test_designs__with_and_without_breakers__share_the_liquidation():
    for name in ("fixed", "dutch"):
        plain, guarded = load_design(name), load_design(f"{name}_breaker")
        assert plain.liquidation == guarded.liquidation
        assert not plain.breakers


def test_designs__with_breakers__share_them():
    fixed, dutch = load_design("fixed_breaker"), load_design("dutch_breaker")
    assert fixed.breakers == dutch.breakers
    assert [b.contract for b in fixed.breakers] == ["PriceBreaker", "FlowBreaker"]


def test_designs__each__is_named_as_its_file_and_states_sources():
    for name in NAMES:
        design = load_design(name)
        assert design.name == name
        assert len(design.sources) >= 2
