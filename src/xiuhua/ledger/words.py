"""The names of actions in the record of changes; rooms and their verbs add theirs."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.kernel.words import Label

_actions: dict[str, Label] = {
    "loaded": Label(zh="载入", en="Loaded"),
    "made": Label(zh="新建", en="Made"),
    "created": Label(zh="新建", en="Created"),
    "changed": Label(zh="修改", en="Changed"),
    "removed": Label(zh="移除", en="Removed"),
    "undone": Label(zh="撤销导入", en="Import undone"),
    "imported": Label(zh="导入", en="Imported"),
    "exported": Label(zh="导出", en="Exported"),
    "opened": Label(zh="立案", en="Opened"),
    "moved": Label(zh="流转", en="Moved"),
    "closed": Label(zh="关闭", en="Closed"),
    "raised": Label(zh="告警", en="Raised"),
    "cleared": Label(zh="解除", en="Cleared"),
    "acknowledged": Label(zh="确认", en="Acknowledged"),
    "shelved": Label(zh="搁置", en="Shelved"),
}


def use_action_labels(table: Mapping[str, Label]) -> None:
    """Add a room's names of its actions."""
    _actions.update(table)


def action_label(action: str) -> Label:
    """Return the name of an action; its id where no room named it."""
    return _actions.get(action) or Label(zh=action, en=action)
