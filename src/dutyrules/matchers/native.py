"""The engine's own evaluation, which is what every other matcher is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.matchers.protocol import Reader
    from dutyrules.policies.diagnostics import Diagnostic
    from dutyrules.policies.syntax import Expression


@attrs.frozen
class NativeMatcher:
    """Takes nothing over."""

    name: str = "native"
    readers: Mapping[Expression, Reader] = attrs.field(factory=dict)
    native_rules: tuple[Diagnostic, ...] = ()
