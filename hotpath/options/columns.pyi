from typing import final

import numpy as np
import numpy.typing as npt

@final
class Columns:
    """The terms of many options, checked; for compiled code."""

    def __init__(
        self,
        right: npt.NDArray[np.int8],
        spot: npt.NDArray[np.float64],
        strike: npt.NDArray[np.float64],
        years: npt.NDArray[np.float64],
        rate: npt.NDArray[np.float64],
        dividend_yield: npt.NDArray[np.float64],
        volatility: npt.NDArray[np.float64],
    ) -> None:
        """Take int8 rights and float64 columns, all contiguous, of one dimension and of one length.

        Raises:
            ValueError: an argument is anything else, or a right is neither CALL nor PUT.
        """
