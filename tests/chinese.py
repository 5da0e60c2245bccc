"""What counts as Chinese: sentences in which only names, codes and abbreviations are Latin."""

import re
from typing import Final

# Between backticks stand identifiers, codes and what is typed as it is; these words have no Chinese form in use.
_QUOTED: Final = re.compile(r"`[^`]*`")
_WORDS: Final = re.compile(
    r"\b(JSON|HTML|MHTML|DTD|XML|Word|UTF-8|UUID|URI|URL|KB|MB|CSV|XLSX|ASCII|Base64|HTTPS?|YAML|CloudEvents"
    r"|Standard Webhooks|RFC|PostgreSQL|X|U\+0000)(?![a-z])",
    re.ASCII,
)


def foreign(text: str) -> bool:
    """Whether a sentence is not Chinese, or not whole."""
    return bool(re.search(r"[A-Za-z]", _WORDS.sub("", _QUOTED.sub("", text)))) or not text.endswith(("。", "？"))
