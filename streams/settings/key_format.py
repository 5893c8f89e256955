"""How the keys of customers' hashes are written, in a variable or a file. Quick to load: every command looks at it."""

import re
from typing import Final

CUSTOMER_KEYS: Final = re.compile(r"\s*[0-9a-fA-F]{64}(\s+([0-9a-fA-F]{64}|[0-9a-fA-F]{8}))*\s*")
"""The key in use, then keys that were, and ids of keys that were destroyed."""
