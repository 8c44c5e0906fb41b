"""What a Chinese title is about. The head of a Chinese compound stands at its end: 法定代表人联系电话 is a telephone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from yiwang.dataplane.census.terms import concepts, terms, word_list

Owner = Literal["person", "organisation", ""]
_BRACKETS: Final = re.compile(r"[（(\[【<《][^）)\]】>》]*[）)\]】>》]")
_CUT: Final = re.compile(
    r"[：:；;。\n\r\t|]|(?<=[\u4e00-\u9fff])[,，、]\s*(?=\d)|\s{2,}|(?<=[\u4e00-\u9fff])\s+(?=\d|\S+[-=:：])"
)
_CODED: Final = re.compile(r"(?:代码|编码|代号|码值|标识码)$")
_PARTS: Final = re.compile(r"[_\-/\s]+")
_ENDINGS: Final[tuple[tuple[str, str], ...]] = (
    (r"^是否|^有无|^能否", "flag"),
    (r"(?:身份证|身份号码|身份证件?号码?|公民身份证?号码?|身份证明号码?)$", "resident_id"),
    (r"(?:证件号码?|证件编号|证件号|证号码)$", "id_number"),
    (r"(?:手机号码?|手机|移动电话)$", "mobile"),
    (r"(?:办公|单位|值班|客服|服务|咨询|监督|热线|投诉|举报|机构|公开|预约|前台)(?:联系)?电话$|热线$", "office_phone"),
    (r"(?:宅电|家庭电话|住宅电话)$", "home_phone"),
    (r"(?:联系电话|联系方式|联络电话)$", "contact_phone"),
    (r"(?:电话|电话号码|座机)$", "phone"),
    (r"(?:电子邮[箱件]|邮箱地址|邮箱|E-?mail)$", "email"),
    (r"(?:微信号?|微信账号|QQ号?码?)$", "im_account"),
    (r"(?:家庭|居住|户籍|户口|常住|暂住|现居|现住|租住|住宅|籍贯)(?:详细)?(?:地址|住址|地|所在地|详址)$|(?:住址|住处|居所)$",
     "home_address"),
    (r"(?:户籍|户口|居住|住址|籍贯).*(?:区划|地区)(?:代码)?$", "person_division"),
    (r"(?:银行卡号?|银行账户|银行账号|银行卡|卡账号|存折账号|收款账号|收款账户|工资卡号?)$", "bank_account"),
    (r"护照(?:号码?|编号)?$", "passport"),
    (r"(?:车牌号?码?|号牌号码|牌照号)$", "plate"),
    (r"(?:社保|社会保障|医保|社会保险)(?:卡号|号码?|编号|账号|电脑号)$", "social_security_no"),
    (r"(?:病历号|住院号|门诊号|病案号|就诊号)$", "medical_no"),
    (r"(?:疾病|病种|病名|病情|病史|诊断|症状|健康状况|体检结果|既往史|过敏史|手术|用药|处方|传染病|精神障碍)(?:名称|编码|代码|情况|描述|类型|结论)?$",
     "health"),
    (r"(?:接种|就诊|入院|出院|住院|手术|确诊|发病|治疗)(?:日期|时间|名称|项目)$|(?:疫苗|药品处方)(?:名称|种类)?$", "health"),
    (r"残疾(?:类别|等级|类型|情况|程度)(?:代码)?$", "disability"),
    (r"(?:宗教|信仰)(?:信仰|类别|名称)?$", "religion"),
    (r"(?:民族|族别)(?:名称|代码)?$", "ethnic"),
    (r"(?:婚姻|婚育)(?:状况|状态|情况|登记类型)?(?:代码)?$", "marital"),
    (r"(?:政治面貌|党派)(?:代码)?$", "political"),
    (r"(?:血型)(?:代码)?$", "blood_type"),
    (r"(?:人脸|指纹|虹膜|声纹|基因|掌纹|步态)\S{0,4}$", "biometric"),
    (r"(?:照片|证件照|肖像|头像)\S{0,3}$", "photo"),
    (r"(?:轨迹|行踪|定位)\S{0,3}$", "trace"),
    (r"(?:口令|密码|密钥|私钥)$", "password"),
    (r"(?:犯罪记录|犯罪|前科|刑罚|罪名)$", "criminal"),
    (r"(?:出生日期|生日|出生年月日?)$", "birth_date"),
    (r"(?:学历|文化程度|受教育程度|教育程度)(?:代码)?$", "education"),
    (r"(?:工作单位|就业单位|服务处所|所在单位名称)$", "employer"),
    (r"(?:工资|薪酬|薪资|月收入|年收入|家庭收入|养老金|退休金|人均收入)(?:收入|总额|金额|水平|标准)?$", "income"),
    (r"(?:低保|救助|困难|特困|贫困)(?:类别|类型|情况|标识|等级|金额)$", "welfare"),
    (r"(?:籍贯|出生地)(?:代码)?$", "native_place"),
    (r"(?:与.*关系|亲属关系|家庭关系)(?:代码)?$", "family_relation"),
    (r"(?:姓名|名字)$", "person_name"),
    (r"(?<!法)(?<!责任)(?<!自然)(?<!主体)(?<!托管)人$|(?:经营|作|患|申报|受益|使用|所有|当事|消费|志愿|劳动)者$"
     r"|(?:局|处|科|院|校|所|站|队|组|班|厂)长$|(?:检查|办案|工作|值班|执法|从业|技术|管理)人员(?:姓名)?$"
     r"|(?:管理|网格|服务|驾驶|检查|监督|采购|调解|审判|书记|操作|安全|资料)员$|(?:医师|医生|护士|教师|律师|法官|检察官)$", "person_name"),
    (r"统一社会信用代码|^信用代码$|社会信用代码", "uscc"),
    (r"组织机构代码", "org_code"),
    (r"(?:纳税人识别号|税号|税务登记[证号]*码?)$", "tax_no"),
    (r"(?:行政区划|区划|地区|区域)(?:代码|编码|码)$", "division_code"),
    (r"(?:省|市|区|县|街道|乡镇|社区|村|城市)(?:份)?(?:代码|编码)$", "division_code"),
    (r"行业(?:分类|代码|类别|门类|大类|编码)+$", "industry"),
    (r"(?:更新|修改|变更|同步|推送|上报|入库|采集|抽取)(?:日期|时间)$", "update_time"),
    (r"(?:时间|时刻)$", "datetime"),
    (r"(?:日期|日|年月|期限至|期至|期自|截止|起始)$", "date"),
    (r"(?:年度|年份|学年)$", "year"),
    (r"(?:月份)$", "month"),
    (r"(?:金额|额|费用|费|价格|单价|总价|资本|资金|款项|款|预算|投资|造价|成本|保证金|元|万元)$", "money"),
    (r"(?:面积)$", "area_size"),
    (r"(?:比例|率|占比|比重|百分比)$", "ratio"),
    (r"(?:人数|户数|次数|件数|数量|总数|个数|份数|床位数|辆数|数)$", "count"),
    (r"(?:量|值|指数|得分|分数|评分|长度|宽度|高度|重量|容积|体积|时长|天数|时限|年限|期限)$", "number"),
    (r"(?:标志|标识|标记)$", "flag"),
    (r"(?:类型|类别|种类|性质|等级|级别|方式|分类|类|形式|来源|渠道|原因类别)$", "type_code"),
    (r"(?:状态|状况|进度|阶段)$", "state"),
    (r"(?:许可证|执照|证书|证照|资质|批准|备案|登记证)(?:编?号码?|号)$", "licence_no"),
    (r"(?:文号|文书号|发文字号)$", "document_no"),
    (r"(?:办件|案件|受理|业务|合同|订单|流水|工单|申请|登记|预约|单据|票据|发票|批次)(?:编?号|流水号|编码|号码)$", "case_no"),
    (r"(?:账号|账户|登录名)$", "account"),
    (r"(?:编号|序号|号码|号|ID|id)$", "serial"),
    (r"(?:代码|编码|码)$", "code"),
    (r"(?:经度|纬度|坐标)$", "coordinate"),
    (r"(?:地址|地点|位置|坐落|住所|场所|地段)$", "address"),
    (r"(?:机关|主管部门|监管部门)(?:名称)?$", "authority"),
    (r"(?:部门|科室|处室)(?:名称)?$", "dept_name"),
    (r"(?:企业|公司|单位|机构|学校|医院|银行|门店|商户|组织|协会|厂家|供应商|养老院|幼儿园|药店|中心)(?:名称|全称|简称)?$", "org_name"),
    (r"(?:省|市|县|区|乡|镇|街道|社区|村|地区)(?:名称)?$", "division_name"),
    (r"名称$|^名$", "name"),
    (r"(?:备注|附注)$", "remark"),
    (r"(?:诉求|留言|信访|投诉|举报)(?:内容|详情|事由)$", "free_text"),
    (r"(?:内容|描述|说明|意见|依据|事实|经过|概况|简介|摘要|范围|事由|情况|结论|措施|要求|条件|理由)$", "long_text"),
    (r"(?:网址|链接|路径|URL|url|地址链接)$", "url"),
    (r"(?:附件|文件|图片|扫描件)$", "attachment"),
)  # fmt: skip
_PATTERNS: Final = tuple((re.compile(pattern), concept) for pattern, concept in _ENDINGS)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a title is about, whose it is, and how sure that is (0–1)."""

    concept: str
    owner: Owner
    confidence: float


def clean_title(comment: str) -> str:
    """The name in a comment: what stands before explanations, code lists and full stops."""
    text = (
        " ".join(comment.split()) if "\n" not in comment.strip() else comment.strip().splitlines()[0].strip()
    )
    text = _CUT.split(text, maxsplit=1)[0].strip(" ,，、-—_*#")
    return text[:60]


@cache
def _by_title() -> dict[str, tuple[str, int]]:
    return {term.title: (term.concept, term.weight) for term in terms()}


@cache
def meaning(title: str) -> Meaning:
    """What a Chinese title is about; the concept is empty where that cannot be told."""
    plain = _BRACKETS.sub("", title).strip()
    known = _by_title()
    for text in dict.fromkeys((plain, _CODED.sub("", plain), *_PARTS.split(plain)[:1])):
        if text in known and known[text][0] not in {"mod", "person_mod", "info"}:
            return Meaning(known[text][0], owner(plain), 0.95)
    text = _PARTS.split(plain)[0] if _PARTS.search(plain) else plain
    if text.endswith("名称") and len(text) > 3:
        # the names of categories are categories: 经营状态名称, 民族名称
        inner = meaning(text[:-2])
        if inner.concept and concepts()[inner.concept].sort == "category":
            general = concepts()[inner.concept].protection == "general"
            return Meaning("type_name" if general else inner.concept, inner.owner, inner.confidence)
    ending, known_length = _ending(text)
    for pattern, concept in _PATTERNS:
        match = pattern.search(text)
        if match:
            # a longer known ending says more than a general rule
            plain_rule = concepts()[concept].protection == "general" or concept in {ending, "address"}
            if ending and plain_rule and known_length > len(match.group()):
                return Meaning(ending, owner(plain), 0.85)
            return Meaning(concept, owner(plain), 0.8)
    return Meaning(ending, owner(plain), 0.7) if ending else Meaning("", owner(plain), 0.0)


def _ending(text: str) -> tuple[str, int]:
    """The concept of the longest known title that the text ends with, and its length."""
    known = _by_title()
    for start in range(1, len(text) - 1):
        found = known.get(text[start:])
        if found and found[0] not in {"mod", "person_mod", "info", "org"}:
            return found[0], len(text) - start
    return "", 0


@cache
def owner(title: str) -> Owner:
    """Whose datum it is, as far as the title says: the word nearest to the end decides."""
    best, said = -1, ""
    for words, who in (("org_owners", "organisation"), ("person_owners", "person")):
        for word in word_list(words):
            at = title.rfind(word)
            if at > best and at + len(word) < len(title):
                best, said = at, who
    return "person" if said == "person" else "organisation" if said else ""
