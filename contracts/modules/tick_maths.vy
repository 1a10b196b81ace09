# pragma version 0.4.3
"""
@title Uniswap v3's ticks
@notice p(i) = 1.0001**i. With |i| = sum of b_k 2**k, 1 / sqrt(p(|i|)) is the product of c_k = 1.0001**(-2**k / 2) over
        the bits that are set; every c_k is rounded to the nearest in Q128.128 and every product cut there. A positive
        tick takes the reciprocal, cut too; at last the result is rounded up to Q64.96. So the pool does it, and the
        results are equal.
"""

Q32: constant(uint256) = 2**32
Q64: constant(uint256) = 2**64
Q128: constant(uint256) = 2**128
POWERS: constant(uint256[20]) = [  # c_k [Q128.128]
    340_265_354_078_544_963_557_816_517_032_075_149_313,
    340_248_342_086_729_790_484_326_174_814_286_782_778,
    340_214_320_654_664_324_051_920_982_716_015_181_260,
    340_146_287_995_602_323_631_171_512_101_879_684_304,
    340_010_263_488_231_146_823_593_991_679_159_461_444,
    339_738_377_640_345_403_697_157_401_104_375_502_016,
    339_195_258_003_219_555_707_034_227_454_543_997_025,
    338_111_622_100_601_834_656_805_679_988_414_885_971,
    335_954_724_994_790_223_023_589_805_789_778_977_700,
    331_682_121_138_379_247_127_172_139_078_559_817_300,
    323_299_236_684_853_023_288_211_250_268_160_618_739,
    307_163_716_377_032_989_948_697_243_942_600_083_929,
    277_268_403_626_896_220_162_999_269_216_087_595_045,
    225_923_453_940_442_621_947_126_027_127_485_391_333,
    149_997_214_084_966_997_727_330_242_082_538_205_943,
    66_119_101_136_024_775_622_716_233_608_466_517_926,
    12_847_376_061_809_297_530_290_974_190_478_138_313,
    485_053_260_817_066_172_746_253_684_029_974_020,
    691_415_978_906_521_570_653_435_304_214_168,
    1_404_880_482_679_654_955_896_180_642,
]


@pure
def _sqrt_price_up(tick: int24) -> uint256:
    """
    @param tick from -887,272 to 887,272, as every pool's is
    @return square root of the tick's price [Q64.96]
    """
    size: uint256 = convert(abs(convert(tick, int256)), uint256)
    ratio: uint256 = Q128
    for k: uint256 in range(20):
        if (size >> k) & 1 == 1:
            ratio = (ratio * POWERS[k]) >> 128
    if tick > 0:
        ratio = max_value(uint256) // ratio
    return (ratio + Q32 - 1) // Q32


@pure
def _price_near(tick: int24) -> uint256:
    """
    @return the tick's price, which is the root's square and off by less than 1e-9 of itself [Q128.128]
    """
    root: uint256 = self._sqrt_price_up(tick)
    if root < Q128:
        return (root * root) // Q64
    return (root // Q32)**2
