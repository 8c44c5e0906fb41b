"""The departments of 澜州市 and the people who work in them, all invented."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.vocabulary import organisation_code, uscc

REGIONS = (
    ("290000", "云泽省", "Yunze Province", None, 1),
    ("290100", "澜州市", "Lanzhou City (fictional)", "290000", 2),
    ("290102", "望江区", "Wangjiang District", "290100", 3),
    ("290103", "城北区", "Chengbei District", "290100", 3),
    ("290104", "松岭区", "Songling District", "290100", 3),
    ("290105", "清渡区", "Qingdu District", "290100", 3),
    ("290121", "云岫县", "Yunxiu County", "290100", 3),
    ("290181", "禾川市", "Hechuan City", "290100", 3),
    ("290102001", "江口街道", "Jiangkou Subdistrict", "290102", 4),
    ("290102002", "听涛街道", "Tingtao Subdistrict", "290102", 4),
    ("290102003", "石埠镇", "Shibu Town", "290102", 4),
    ("290103001", "北关街道", "Beiguan Subdistrict", "290103", 4),
    ("290103002", "柳溪镇", "Liuxi Town", "290103", 4),
)


@dataclass(frozen=True)
class Department:
    """An agency of the demo city. `serial` makes its organisation code, so that codes stay the same."""

    slug: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    line: str
    serial: int

    @property
    def code(self) -> str:
        """Its 统一社会信用代码: a state organ (11) registered in 290100; both checks pass."""
        body = f"{self.serial:08d}"
        start = f"11290100{body}{organisation_code.check_character(body)}"
        return start + uscc.check_character(start)


DEPARTMENTS = (
    Department("data", "澜州市数据局", "Lanzhou Data Bureau", "市数据局", "Data Bureau", "data", 2901001),
    Department(
        "gongan", "澜州市公安局", "Lanzhou Public Security Bureau", "市公安局", "Public Security", "public-security", 2901002
    ),
    Department(
        "shichang", "澜州市市场监督管理局", "Lanzhou Market Supervision Administration", "市市场监管局",
        "Market Supervision", "market", 2901003,
    ),
    Department("minzheng", "澜州市民政局", "Lanzhou Civil Affairs Bureau", "市民政局", "Civil Affairs", "civil-affairs", 2901004),
    Department(
        "renshe", "澜州市人力资源和社会保障局", "Lanzhou Human Resources and Social Security Bureau", "市人社局",
        "Human Resources", "human-resources", 2901005,
    ),
    Department(
        "yibao", "澜州市医疗保障局", "Lanzhou Medical Insurance Bureau", "市医保局", "Medical Insurance", "medical-insurance", 2901006
    ),
    Department(
        "ziran", "澜州市自然资源和规划局", "Lanzhou Natural Resources and Planning Bureau", "市自然资源局",
        "Natural Resources", "natural-resources", 2901007,
    ),
    Department("zhujian", "澜州市住房和城乡建设局", "Lanzhou Housing and Construction Bureau", "市住建局", "Housing", "housing", 2901008),
    Department("jiaoyu", "澜州市教育局", "Lanzhou Education Bureau", "市教育局", "Education", "education", 2901009),
    Department("weijian", "澜州市卫生健康委员会", "Lanzhou Health Commission", "市卫健委", "Health", "health", 2901010),
    Department("shuiwu", "国家税务总局澜州市税务局", "Lanzhou Taxation Bureau", "市税务局", "Taxation", "taxation", 2901011),
    Department("jiaotong", "澜州市交通运输局", "Lanzhou Transport Bureau", "市交通局", "Transport", "transport", 2901012),
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A demo account. Names come from the cast that the project's tests use."""

    username: str
    name: str
    department: str
    roles: tuple[str, ...]
    post_zh: str
    post_en: str


ACCOUNTS = (
    Account("wangmin", "王敏", "shichang", ("data_officer", "approver"), "数据专员", "Data officer"),
    Account("zhaoliu", "赵六", "shichang", (), "科员", "Clerk"),
    Account("hanbing", "韩冰", "shichang", ("approver",), "审批人", "Approver"),
    Account("linfeng", "林峰", "gongan", ("data_officer", "approver"), "数据专员", "Data officer"),
    Account("zhouhang", "周航", "minzheng", ("data_officer",), "数据专员", "Data officer"),
    Account("zhaojing", "赵静", "jiaotong", ("data_officer",), "数据专员", "Data officer"),
    Account("sunli", "孙莉", "renshe", ("data_officer",), "数据专员", "Data officer"),
    Account("heqing", "何青", "data", ("reviewer",), "共享审查", "Sharing reviewer"),
    Account("songqi", "宋琪", "data", ("data_officer",), "数据专员", "Data officer"),
    Account("zhouyan", "周岩", "data", ("operator",), "平台运维", "Platform operator"),
    Account("xuning", "许宁", "data", ("auditor",), "审计", "Auditor"),
    Account("fangyuan", "方远", "data", ("system_admin",), "系统管理员", "System administrator"),
    Account("gaolan", "高岚", "data", ("security_admin",), "安全管理员", "Security administrator"),
    Account("luoping", "罗平", "data", ("audit_admin",), "审计管理员", "Audit administrator"),
)

AGENCY_OF = {department.slug: department for department in DEPARTMENTS}
