# ruff: noqa: ARG005 - every maker takes the generator and the number of the row
"""Made values for the labelled columns: people, firms and numbers that nobody has, and the decoys that look like them."""

from __future__ import annotations

import datetime as dt
import random
import string
from collections.abc import Callable

from yiwang.bootstrap.demo import words
from yiwang.bootstrap.demo.enterprises import code as enterprise_code
from yiwang.bootstrap.demo.residents import family_name, given_name, place
from yiwang.vocabulary import resident_id

Make = Callable[[random.Random, int], str]
_COLORS = ("白色", "黑色", "红色", "蓝色", "银灰", "黄色")
_PRODUCTS = ("高压锅", "白菜", "黄瓜", "马铃薯", "金针菇", "方便面", "水杯", "车厘子", "安全帽", "毛巾", "冷冻虾", "江米", "花生油",
             "牛奶", "米粉", "麦片", "和田枣", "苏打水", "广告牌", "路由器", "常温奶", "卷心菜")  # fmt: skip
_PLACES = ("高坪镇", "马家村", "白云街道", "王府社区", "黄土岗村", "石桥乡", "龙泉镇", "金山社区", "方家庄", "安定街道", "何家沟村",
           "云顶社区", "江口镇", "罗湾村", "苗儿山站", "水库监测点", "东方社区", "柳河镇")  # fmt: skip
_PROJECTS = ("污水处理厂扩建", "滨江路改造", "智慧停车", "老旧小区加装电梯", "高标准农田", "河道清淤", "中心医院迁建", "通村公路硬化",
             "数据中心", "学校操场翻新", "云山隧道", "雨污分流")  # fmt: skip
_STATUS = ("已受理", "办理中", "已办结", "退回", "城镇", "农村", "一级", "二级", "全款", "按揭")
_HEALTH = (
    "高血压",
    "2型糖尿病",
    "冠心病",
    "慢阻肺",
    "脑梗死",
    "乙肝",
    "支气管炎",
    "胃炎",
    "骨折",
    "甲亢",
    "未见异常",
    "腰肌劳损",
)
_ETHNIC = ("汉族", "回族", "满族", "蒙古族", "土家族", "苗族", "壮族")
_COMPLAINTS = ("小区夜间施工噪声扰民，请尽快处理，联系电话{}", "楼下商户油烟直排，多次反映未果，我的手机{}", "路灯不亮，行走不安全，盼解决",
               "公交线路调整后换乘不便，希望恢复原线", "医保报销进度查询，本人电话{}，谢谢")  # fmt: skip
_DAY = dt.date(2026, 6, 1)


def _person(d: random.Random, n: int) -> str:
    del n
    return family_name(d) + given_name(d, d.random() < 0.5)


def _resident(d: random.Random, n: int) -> str:
    del n
    born = dt.date(1940, 1, 1) + dt.timedelta(days=d.randrange(30000))
    body = (
        f"{d.choice(('110105', '370102', '620102', '440304', '510107'))}{born:%Y%m%d}{d.randrange(1000):03d}"
    )
    return body + resident_id.check_character(body)


def _mobile(d: random.Random, n: int = 0) -> str:
    del n
    return f"1{d.choice('3578')}{d.randrange(10)}{d.randrange(10**8):08d}"


def _home(d: random.Random, n: int) -> str:
    del n
    return place(d)[1]


def _office(d: random.Random, n: int) -> str:
    del n
    return f"澜州市{d.choice(words.DISTRICTS)[1]}{d.choice(words.ROADS)}{d.randrange(1, 900)}号"


def _company(d: random.Random, n: int) -> str:
    del n
    return f"澜州{''.join(d.sample(words.FIRM_CHARACTERS, 2))}{d.choice(words.TRADES)[1]}{d.choice(words.FORMS)[2]}"


def _bank_card(d: random.Random, n: int) -> str:
    del n
    body = f"62{d.randrange(10**16):016d}"
    total = 0
    for at, character in enumerate(reversed(body)):
        digit = int(character) * (1 if at % 2 else 2)
        total += digit - 9 if digit > 9 else digit
    return body + str(-total % 10)


def _vin(d: random.Random, n: int) -> str:
    del n
    alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    worth = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
                     strict=True))  # fmt: skip
    letters = ["L", *(d.choice(alphabet) for _ in range(16))]
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum((worth.get(c) or int(c)) * w for c, w in zip(letters, weights, strict=True) if w)
    letters[8] = "0123456789X"[total % 11]
    return "".join(letters)


def _plate(d: random.Random, n: int) -> str:
    del n
    return (
        d.choice("京津冀辽苏浙粤川陕甘")
        + d.choice("ABCDEF")
        + "".join(d.choice("0123456789ABCDEFGH") for _ in range(5))
    )


def _complaint(d: random.Random, n: int) -> str:
    return d.choice(_COMPLAINTS).format(_mobile(d, n)) + f"（{n}）"


def _of(*choices: str) -> Make:
    def make(d: random.Random, n: int) -> str:
        del n
        return d.choice(choices)

    return make


def _digits(count: int) -> Make:
    def make(d: random.Random, n: int) -> str:
        del n
        return str(d.randrange(10 ** (count - 1), 10**count))

    return make


def _text(alphabet: str, count: int, head: str = "") -> Make:
    def make(d: random.Random, n: int) -> str:
        del n
        return head + "".join(d.choice(alphabet) for _ in range(count))

    return make


def _date(d: random.Random, n: int) -> str:
    del n
    return f"{_DAY - dt.timedelta(days=d.randrange(9000))}"


def _datetime(d: random.Random, n: int) -> str:
    return f"{_date(d, n)} {d.randrange(24):02d}:{d.randrange(60):02d}:{d.randrange(60):02d}"


MAKERS: dict[str, Make] = {
    "person": _person, "resident_id": _resident, "mobile": _mobile, "home": _home, "office": _office,
    "company": _company, "bank_card": _bank_card, "vin": _vin, "plate": _plate, "complaint": _complaint,
    "date": _date, "datetime": _datetime,
    "uuid": lambda d, n: f"{d.getrandbits(128):032x}", "hex32": lambda d, n: f"{d.getrandbits(128):032x}",
    "sex_code": _of("1", "2"), "sex_word": _of("男", "女"), "ethnic_code": _of("01", "03", "11", "02", "15"),
    "ethnic_word": _of(*_ETHNIC), "marital_code": _of("10", "20", "30", "40"),
    "marital_word": _of("未婚", "已婚", "离婚", "丧偶"), "political_code": _of("01", "03", "13"),
    "political_word": _of("群众", "中共党员", "共青团员"), "education_code": _of("10", "20", "30", "60", "70"),
    "family_code": _of("01", "10", "20", "30", "51"), "cert_type": _of("111", "414", "516"),
    "household_type": _of("农业户口", "非农业户口"), "religion": _of("佛教", "道教", "伊斯兰教", "基督教", "天主教"),
    "disability": _of("视力残疾", "听力残疾", "肢体残疾", "智力残疾"), "blood": _of("A型", "B型", "O型", "AB型"),
    "health": _of(*_HEALTH), "icd": _of("I10", "E11.9", "I25.1", "J44.9", "K29.5", "I63.9"),
    "remark": _of("无", "", "已核实", "补充材料", "青霉素", "待复核"), "status_word": _of(*_STATUS), "color": _of(*_COLORS),
    "flag_code": _of("0", "1", "2"), "role": _of("admin", "editor", "viewer"),
    "industry": _of(*(trade[0] for trade in words.TRADES)), "dept": _of("内科", "外科", "办公室", "信息中心", "综合科"),
    "bank": _of("澜州农商银行营业部", "云泽银行滨江支行", "澜州银行"),
    "authority": _of("澜州市市场监督管理局", "城北区民政局", "望江区行政审批局", "澜州市公安局"),
    "scope": _of(*(trade[2] for trade in words.TRADES)), "product": _of(*_PRODUCTS), "place": _of(*_PLACES),
    "project": _of(*_PROJECTS),
    "school": lambda d, n: f"澜州市第{d.randrange(1, 40)}中学",
    "hospital": lambda d, n: f"{d.choice(words.DISTRICTS)[1]}第{d.randrange(1, 9)}人民医院",
    "class_name": lambda d, n: f"{d.randrange(1, 7)}年级{d.randrange(1, 12)}班",
    "amount": lambda d, n: f"{d.randrange(10**7) / 100:.2f}", "small": lambda d, n: str(d.randrange(300)),
    "serial8": lambda d, n: f"{20240000 + n}", "serial11": lambda d, n: f"{13800000000 + n * 3}",
    "order18": lambda d, n: f"2024{d.randrange(1, 13):02d}{d.randrange(1, 29):02d}{d.randrange(10**10):010d}",
    "random16": _digits(16), "random19": _digits(19), "postcode": _digits(6),
    "email": lambda d, n: f"{''.join(d.choice(string.ascii_lowercase) for _ in range(7))}{n}@example.cn",
    "office_email": lambda d, n: f"office{n}@example.org",
    "landline": lambda d, n: f"0290-{d.randrange(10**7, 10**8)}",
    "passport": lambda d, n: f"E{d.choice('ABCDEFGH')}{d.randrange(10**7):07d}",
    "uscc": lambda d, n: enterprise_code(d, "290102", n), "ip": lambda d, n: ".".join(str(d.randrange(1, 255)) for _ in "four"),
    "division": _of("290102", "290103", "290104", "290105", "290121"),
    "licence": lambda d, n: f"XK{d.randrange(29, 30)}-{d.randrange(10**6):06d}",
    "docno": lambda d, n: f"澜发改〔2025〕{n + 1}号", "login": _text(string.ascii_lowercase + string.digits, 8, "u"),
    "bcrypt": _text(string.ascii_letters + string.digits + "./", 53, "$2b$12$"),
    "student": lambda d, n: f"G{d.randrange(10**17, 10**18)}", "property_no": lambda d, n: f"云（2024）澜州市不动产权第{n:07d}号",
    "parcel": lambda d, n: f"290102001002GB{n:05d}F{d.randrange(10**8):08d}",
    "lng": lambda d, n: f"{103 + d.random():.6f}", "lat": lambda d, n: f"{36 + d.random():.6f}",
    "url": lambda d, n: f"https://www.example.cn/p/{n}", "masked_mobile": lambda d, n: _mobile(d)[:3] + "****" + _mobile(d)[7:],
    "masked_name": lambda d, n: family_name(d)[0] + "*" * d.choice((1, 2)),
}  # fmt: skip
"""Kinds of values by the name that the labels use."""
