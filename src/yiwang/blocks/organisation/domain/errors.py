"""What can go wrong with regions, agencies, posts and people in posts."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class OrganisationError(YwError):
    """Base of the organisation block's errors."""

    code = "organisation"


class NotYourOffice(OrganisationError):
    """Only a system administrator whose region covers the agency keeps the organisation."""

    code = "organisation-not-allowed"
    message_zh = "只有本级系统管理员可以改动机构、岗位和任职。"
    message_en = "Only a system administrator of this region may change agencies, posts and appointments."
    mend_zh = "请联系本级系统管理员。"
    mend_en = "Ask the system administrator of the region."


class BadRegionCode(OrganisationError):
    """A division code has 6, 9 or 12 digits and lies below its parent."""

    code = "region-code-bad"
    message_zh = "行政区划代码“{region}”不正确：{reason}。"
    message_en = "The division code “{region}” is not usable: {reason}."
    mend_zh = "请按行政区划代码表填写 6、9 或 12 位代码，并先登记上级。"
    mend_en = "Give the 6, 9 or 12 digits of the division code list, and register the parent first."


class UnknownRegion(OrganisationError):
    """No region with this code is registered on the node."""

    code = "region-unknown"
    message_zh = "本节点没有登记行政区划“{region}”。"
    message_en = "The region “{region}” is not registered on this node."
    mend_zh = "请先登记该行政区划。"
    mend_en = "Register the region first."


class BoundaryFileBroken(OrganisationError):
    """A file of boundaries is a GeoJSON FeatureCollection of areas in degrees, each with the code of its division."""

    code = "boundary-file-broken"
    message_zh = "边界文件第 {feature} 个要素不对（0 指整个文件），应为：{reason}。"
    message_en = (
        "Feature {feature} of the boundary file (0: the whole file) is not usable; expected: {reason}."
    )
    mend_zh = "请用 GIS 软件导出为 GeoJSON：CGCS2000 或 WGS 84 经纬度，面要素，属性里有区划代码；整份文件都没有导入。"
    mend_en = (
        "Export it from a GIS as GeoJSON: longitude and latitude of CGCS2000 or WGS 84, areas, the division's code"
        " among the properties. Nothing of the file was loaded."
    )


class BadUscc(OrganisationError):
    """An agency is identified by a valid unified social credit code."""

    code = "agency-uscc-bad"
    message_zh = "统一社会信用代码“{uscc}”不正确。"
    message_en = "The unified social credit code “{uscc}” is not valid."
    mend_zh = "请核对机构证书上的 18 位代码，最后一位是校验码。"
    mend_en = "Check the 18 characters on the agency's certificate; the last one is a check character."


class AgencyExists(OrganisationError):
    """The code or the short address of an agency is already taken."""

    code = "agency-exists"
    message_zh = "统一社会信用代码或网址简称“{value}”已被登记。"
    message_en = "The unified social credit code or slug “{value}” is already registered."
    mend_zh = "请打开已有机构修改，或换一个简称。"
    mend_en = "Edit the existing agency, or choose another slug."


class UnknownAgency(OrganisationError):
    """No such agency, or not one that the asker may know of."""

    code = "agency-unknown"
    message_zh = "没有这个机构：{agency}。"
    message_en = "There is no such agency: {agency}."
    mend_zh = "请核对统一社会信用代码或机构简称。"
    mend_en = "Check the unified social credit code or the slug."


class UnknownLine(OrganisationError):
    """The line of business is not one of the list."""

    code = "line-unknown"
    message_zh = "没有这个条线：{line}。"
    message_en = "There is no such line of business: {line}."
    mend_zh = "请从条线清单中选择。"
    mend_en = "Choose one from the list of lines."


class UnknownPost(OrganisationError):
    """No such post in this agency."""

    code = "post-unknown"
    message_zh = "本机构没有这个岗位。"
    message_en = "This agency has no such post."
    mend_zh = "请先设立岗位。"
    mend_en = "Create the post first."


class PostExists(OrganisationError):
    """The agency already has a post of this name."""

    code = "post-exists"
    message_zh = "本机构已有岗位“{post}”。"
    message_en = "The agency already has the post “{post}”."
    mend_zh = "请使用已有岗位，或换一个名称。"
    mend_en = "Use the existing post, or choose another name."


class UnknownPerson(OrganisationError):
    """No such person in this agency."""

    code = "person-unknown"
    message_zh = "本机构没有这个人。"
    message_en = "This agency has no such person."
    mend_zh = "请核对人员所在机构。"
    mend_en = "Check which agency the person belongs to."


class PersonExists(OrganisationError):
    """The staff number is already taken in this agency."""

    code = "person-exists"
    message_zh = "本机构已有工号“{staff_number}”的人员。"
    message_en = "The agency already has a person with staff number “{staff_number}”."
    mend_zh = "请使用已有人员；同一个人不能登记两次。"
    mend_en = "Use the existing person; nobody is registered twice."


class AppointmentOverlaps(OrganisationError):
    """A person holds a post once at a time."""

    code = "appointment-overlaps"
    message_zh = "此人在这段时间已任该岗位。"
    message_en = "The person already holds this post in that period."
    mend_zh = "请先结束原任职，或改动起止日期。"
    mend_en = "End the present appointment first, or change the dates."


class BadPeriod(OrganisationError):
    """An end lies before its beginning."""

    code = "period-bad"
    message_zh = "结束日期早于开始日期。"
    message_en = "The end lies before the beginning."
    mend_zh = "请改正日期。"
    mend_en = "Correct the dates."


class BadSlug(OrganisationError):
    """A slug is a short lower-case name for addresses and client ids."""

    code = "agency-slug-bad"
    message_zh = "机构简称“{slug}”不正确。"
    message_en = "The slug “{slug}” is not usable."
    mend_zh = "请用小写字母、数字和连字符，以字母开头，最多 40 个字符。"
    mend_en = "Use lower-case letters, digits and hyphens, starting with a letter, 40 characters at most."
