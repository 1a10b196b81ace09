"""Twin of contracts/modules/sale_terms.vy: what a taker pays and receives at a given price."""

from __future__ import annotations

from sim.mechanisms.maths import mul_div_down, mul_div_up


def terms(
    owed: int, lot: int, price: int, scale: int, most: int, least_owed: int, least_lot: int
) -> tuple[int, int]:
    """Paid [debt token], rounded up, and received [collateral token], rounded down.

    A take that would leave less than the least on one leg, without finishing either, is shrunk to
    leave just that. `price` is in [WAD, debt per collateral] and above zero; lot * price is `scale`
    times its value; `most` is what the taker would pay and the breakers let pass.
    """
    cost = mul_div_up(lot, price, scale)
    pay = min(most, owed, cost)
    if pay < owed and pay < cost:
        by_lot = mul_div_down(max(lot - least_lot, 0), price, scale)
        pay = min(pay, max(owed - least_owed, 0), by_lot)
    return pay, min(lot, mul_div_down(pay, scale, price))
