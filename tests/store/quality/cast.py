"""A published and mounted resource whose rows have flaws: a wrong check character, a code of no list, a day to come."""

from __future__ import annotations

from dataclasses import replace

from tests.store.exchange.cast import NOW, WANG_MIN, draft
from yiwang.blocks.catalogue.public import ItemDraft, create_resource, publish_resource
from yiwang.blocks.exchange.public import ColumnMap, MountForm, SourceForm, add_source, mount_resource
from yiwang.blocks.quality import public as quality

ITEMS = (
    ItemDraft("信用代码", "统一社会信用代码", subject="organisation", check="uscc", length=18),
    ItemDraft("名称", "企业名称", length=200),
    ItemDraft("性别", "性别代码", length=1),
    ItemDraft("成立", "成立日期", type="date"),
    ItemDraft("资本", "注册资本", type="decimal"),
    ItemDraft("更新", "更新时间", type="datetime"),
)
COLUMNS = (
    ColumnMap("信用代码", "xydm", "text", ""),
    ColumnMap("名称", "mc", "text", ""),
    ColumnMap("性别", "xb", "text", ""),
    ColumnMap("成立", "clrq", "date", ""),
    ColumnMap("资本", "zczb", "decimal", ""),
    ColumnMap("更新", "gxsj", "datetime", ""),
)


def watched(source: SourceForm, title: str = "企业质量样本") -> str:
    """A resource on `zl.qyxx`, watched with the rules that its entry proposes; returns its code."""
    code = create_resource(WANG_MIN, replace(draft(title), items=ITEMS), NOW)
    publish_resource(WANG_MIN, code, NOW)
    source_id = add_source(WANG_MIN, replace(source, name=f"业务库 {title}"), NOW)
    mount_resource(WANG_MIN, MountForm(code, source_id, "zl", "qyxx", COLUMNS, key=("信用代码",)), NOW)
    quality.follow_mounts(NOW)
    return code
