"""What JSON reads as, where it comes in or goes out: sealed bodies, documents, columns of `jsonb`.

What core works with has types of its own, and is read from this at once.
"""

from typing import Any

Json = dict[str, Any]
