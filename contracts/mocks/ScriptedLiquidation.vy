# pragma version 0.4.3
"""
@title The reading half of a liquidation module, with answers as told; enough for the lens
"""

struct Answer:
    startable: bool
    restartable: bool
    pay: uint256  # [debt token]
    receive: uint256  # [collateral token]
    reverts: bool


answers: public(HashMap[address, Answer])


@external
def set_answer(account: address, answer: Answer):
    self.answers[account] = answer


@view
@external
def startable(account: address) -> bool:
    return self._answer(account).startable


@view
@external
def restartable(account: address, collateral: address) -> bool:
    return self._answer(account).restartable


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    answer: Answer = self._answer(account)
    return min(answer.pay, max_pay), answer.receive


@view
def _answer(account: address) -> Answer:
    assert not self.answers[account].reverts, "scripted: reverts"
    return self.answers[account]
