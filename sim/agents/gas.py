"""Gas limits of the calls that agents make: what each used at most in the scenarios, with a margin
[gas]."""

LIMITS = {
    "approve": 80_000,
    "transfer": 100_000,
    "push": 120_000,
    "pulse": 500_000,
    "deposit": 400_000,
    "redeem": 500_000,
    "supply_collateral": 300_000,
    "withdraw_collateral": 500_000,
    "borrow": 500_000,
    "repay": 350_000,
    "exactInputSingle": 400_000,
    "mint": 700_000,
    "decreaseLiquidity": 400_000,
    "collect": 400_000,
    "start": 800_000,
    "restart": 500_000,
    "take": 1_000_000,
    "execute": 1_200_000,
}
