"""What people read for the codes of the contract, where a page shows them."""

from collections.abc import Mapping
from typing import Final

from core.store.models.accounts import TextSize

TEXT_SIZES: Final[Mapping[TextSize, str]] = {
    TextSize.STANDARD: "标准",
    TextSize.LARGE: "大",
    TextSize.LARGEST: "特大",
}
