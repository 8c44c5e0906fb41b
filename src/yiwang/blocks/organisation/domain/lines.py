"""Lines of business 条线: what an agency does, whatever it is called in its region; each has one fixed colour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A line of business. `colour` is a key of the source chip's palette (`chip-<colour>`), never a hex value."""

    key: str
    name_zh: str
    name_en: str
    colour: str

    def name(self, language: str) -> str:
        """The line's name in `zh…` or `en`."""
        return self.name_zh if language.startswith("zh") else self.name_en


_ALL = (
    Line("data", "数据管理", "Data administration", "azurite"),
    Line("public-security", "公安", "Public security", "indigo"),
    Line("market", "市场监管", "Market supervision", "gamboge"),
    Line("civil-affairs", "民政", "Civil affairs", "malachite"),
    Line("human-resources", "人力资源社会保障", "Human resources and social security", "violet"),
    Line("health", "卫生健康", "Health", "cinnabar"),
    Line("medical-insurance", "医疗保障", "Medical insurance", "rose"),
    Line("education", "教育", "Education", "sky"),
    Line("natural-resources", "自然资源", "Natural resources", "moss"),
    Line("housing", "住房城乡建设", "Housing and construction", "ochre"),
    Line("transport", "交通运输", "Transport", "teal"),
    Line("taxation", "税务", "Taxation", "umber"),
    Line("justice", "司法行政", "Justice", "slate"),
    Line("finance", "财政", "Finance", "olive"),
    Line("ecology", "生态环境", "Ecology and environment", "jade"),
    Line("emergency", "应急管理", "Emergency management", "orange"),
    Line("service-desk", "政务服务", "Government service", "plum"),
    Line("general", "综合", "General", "ink"),
)

LINES: dict[str, Line] = {line.key: line for line in _ALL}
"""Every line of business by its key."""
