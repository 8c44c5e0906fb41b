"""Thirty-two kinds of permits in the database of market supervision: one table, a view a kind."""

from __future__ import annotations

KINDS: tuple[tuple[str, str], ...] = (
    ("食品生产许可", "Food production permits"), ("食品经营许可", "Food business permits"),
    ("食品添加剂生产许可", "Food additive production permits"), ("小餐饮登记", "Small caterers"),
    ("食品小作坊登记", "Small food workshops"), ("保健食品备案", "Health food filings"),
    ("特殊医学用途食品注册", "Foods for special medical purposes"), ("集体用餐配送许可", "Group catering permits"),
    ("药品零售许可", "Retail pharmacy permits"), ("药品批发许可", "Wholesale pharmacy permits"),
    ("执业药师注册", "Registered pharmacists' workplaces"), ("医疗器械经营许可", "Medical device permits"),
    ("第二类医疗器械备案", "Class II medical device filings"), ("化妆品生产许可", "Cosmetics production permits"),
    ("锅炉使用登记", "Boilers in use"), ("特种设备生产许可", "Special equipment producers"),
    ("特种设备检验机构核准", "Special equipment inspectors"), ("气瓶充装许可", "Gas cylinder filling permits"),
    ("电梯维护保养备案", "Lift maintenance filings"), ("工业产品生产许可", "Industrial product permits"),
    ("计量标准考核", "Measurement standards"), ("计量器具型式批准", "Approved measuring instruments"),
    ("检验检测机构资质认定", "Accredited laboratories"), ("强制性产品认证", "Compulsory product certification"),
    ("广告发布登记", "Advertising registrations"), ("直销企业服务网点备案", "Direct selling outlets"),
    ("商品条码系统成员", "Bar code members"), ("企业标准自我声明", "Declared company standards"),
    ("股权出质登记", "Pledges of equity"), ("动产抵押登记", "Chattel mortgages"),
    ("商标代理机构备案", "Trade mark agents"), ("专利代理机构备案", "Patent agents"),
)  # fmt: skip
SCHEMA = "scjg"
COLUMNS = (
    ("许可证编号", "xkzbh", "text", "character varying(24)"), ("统一社会信用代码", "tyshxydm", "text", "character(18)"),
    ("持证单位", "qymc", "text", "character varying(200)"), ("发证日期", "fzrq", "date", "date"),
    ("有效期至", "yxqz", "date", "date"), ("证件状态", "zt", "text", "character varying(10)"),
)  # fmt: skip
TABLE = """
CREATE TABLE scjg.xzxk (
  xkzbh varchar(24) PRIMARY KEY, xklb smallint NOT NULL, tyshxydm character(18) NOT NULL, qymc varchar(200) NOT NULL,
  fzrq date NOT NULL, yxqz date NOT NULL, zt varchar(10) NOT NULL);
COMMENT ON TABLE scjg.xzxk IS '行政许可和登记备案';
COMMENT ON COLUMN scjg.xzxk.xkzbh IS '许可证编号';
COMMENT ON COLUMN scjg.xzxk.xklb IS '许可类别';
COMMENT ON COLUMN scjg.xzxk.tyshxydm IS '统一社会信用代码';
COMMENT ON COLUMN scjg.xzxk.qymc IS '持证单位';
COMMENT ON COLUMN scjg.xzxk.fzrq IS '发证日期';
COMMENT ON COLUMN scjg.xzxk.yxqz IS '有效期至';
COMMENT ON COLUMN scjg.xzxk.zt IS '证件状态';
INSERT INTO scjg.xzxk SELECT 'YZ' || lpad(k::text, 2, '0') || lpad(n::text, 8, '0'), k, tyshxydm, qymc, clrq + 30 + k,
  clrq + 30 + k + 1826, CASE WHEN (n + k) % 9 = 0 THEN '已注销' ELSE '有效' END
  FROM generate_series(1, :kinds) AS kinds (k), LATERAL (
    SELECT row_number() OVER (ORDER BY tyshxydm) AS n, * FROM scjg.qy_jbxx ORDER BY tyshxydm
    LIMIT 40 OFFSET k * 10) q;
"""


def view_of(number: int) -> str:
    """The view of a kind, counted from 1."""
    return f"v_xk_{number:02d}"


def ddl() -> str:
    """The table, its rows and a view for each kind."""
    shown = ", ".join(column for _, column, _, _ in COLUMNS)
    views = [
        f"CREATE VIEW scjg.{view_of(n)} AS SELECT {shown} FROM scjg.xzxk WHERE xklb = {n};\n"  # noqa: S608 - our own
        f"COMMENT ON VIEW scjg.{view_of(n)} IS '{zh}信息';"
        for n, (zh, _) in enumerate(KINDS, 1)
    ]
    return TABLE.replace(":kinds", str(len(KINDS))) + "\n".join(views)
