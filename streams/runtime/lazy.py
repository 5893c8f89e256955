"""Names that are imported when they are first used, because their module is slow to load and often not needed.

Everything else imports at the top of its module. A use reads:

    if TYPE_CHECKING:
        from metrics.governance.assessment import assess
    else:
        assess = lazy("metrics.governance.assessment:assess")
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def imported(target: str) -> Any:
    """What `module:name` names; the module is imported if it was not.

    >>> imported("math:floor")(2.5)
    2

    Raises:
        ImportError: There is no such module.
        AttributeError: The module has no such name.
    """
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def lazy(target: str) -> Callable[..., Any]:
    """The function that `module:name` names, imported when it is first called."""

    def call(*arguments: Any, **options: Any) -> Any:
        return imported(target)(*arguments, **options)

    return call
