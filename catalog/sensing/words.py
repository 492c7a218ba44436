"""Names of persons and addresses, by rules: there is no check digit, so the column's name helps."""

from __future__ import annotations

import re
from typing import Final

from catalog.engine import literal

_COMMON: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎闫段雷黎史龙陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
)
"""The hundred or so most common surnames, borne by more than four fifths of the people.."""

_LESS_COMMON: Final = (
    "尤施华戚水窦章云葛奚鲁昌苗凤花俞柳鲍费廉岑倪滕殷毕安乐时傅皮卞齐伍元卜平和穆祁米贝明臧计伏成谈茅庞纪舒屈项祝梁"
    "杜阮蓝闵席季麻强路娄危童颜梅盛刁骆樊凌霍虞支柯管卞经房裘缪干解应宗宣贲郁单杭洪包诸左吉钮嵇邢裴荣翁荀羊惠甄曲"
    "封储靳邴糜松井富巫乌焦巴弓牧隗山谷车宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉祖符景詹束幸司韶郜蓟薄印宿怀蒲邰从鄂索咸"
    "籍卓蔺屠蒙池阴胥苍双闻党翟贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿充慕连茹习艾鱼容古慎"
    "戈庾终暨居衡步都耿满弘匡国寇广禄阙东殴殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾沙乜养鞠须丰巢关蒯相查后"
    "红游竺权逯盖益桓公仉楚佟占苟候原冼苑佘练晋佐覃阳盘"
)
_COMPOUND: Final = (
    "欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 宇文 司徒 夏侯 端木 百里 东郭 南宫 独孤 长孙 轩辕 "
    "呼延 申屠 太史 澹台 公冶 濮阳 淳于 单于 钟离 鲜于 闾丘 赫连 万俟 闻人 拓跋"
)
_NO_NAME_ENDS: Final = "厂店司社局所院校区县市省州盟旗镇乡村路街巷站泵阀馆场部厅队组库室班铺坊吧楼号表"

_PERSON_HINT: Final = re.compile(
    r"姓名|户名|户主|业主|联系人|法人|法定代表|负责人|经办|抄表员|收费员|用户名|客户名|人员名称"
    r"|\b(person|contact|owner|customer|user|client|staff|full|first|last) ?name\b|surname"
    r"|\bcontact\b"
)
_NO_PERSON_HINT: Final = re.compile(
    r"单位|公司|企业|小区|片区|区域|分区|表册|道路|街道|部门|机构|组织|产品|文件|表名|行业"
    r"|area|district|road|street|company|organi[sz]ation|unit|product|file|book|branch|industry|meter"
)
_ADDRESS_HINT: Final = re.compile(r"地址|住址|住所|门牌|\baddr|address")
_PHONE_HINT: Final = re.compile(
    r"电话|手机|联系方式|号码\(?移动|\btel\b|\bphone|mobile|telephone|cellphone|\blxdh|sjh"
)

_STREET: Final = "路|街|大道|巷|胡同|弄|村|镇|乡|屯|小区|花园|家园|新城|新村|公寓|大厦|广场|苑|里|庄|园|府|湾"
_NUMERAL: Final = "[0-9一二三四五六七八九十百]+"
_BUILDING: Final = "号楼|号|栋|幢|座|楼|弄|单元|室|层|户|门"
_PLANT: Final = "(分区|计量区|片区|[一二三四五六七八九十0-9]区|水厂|阀门|阀井|总表|流量计|站)$"


def hints(*names: str) -> str:
    """Return a field's names in one text, to be searched by the hints."""
    return " ".join(re.sub(r"[_\-./]+", " ", name) for name in names).casefold()


def hints_person(said: str) -> bool:
    """Tell whether the field's names speak of persons."""
    return bool(_PERSON_HINT.search(said)) and not _NO_PERSON_HINT.search(said)


def hints_name(said: str) -> bool:
    """Tell whether the field's names speak of names, whoever's."""
    return bool(re.search(r"\bname\b|名字", said)) and not _NO_PERSON_HINT.search(said)


def hints_address(said: str) -> bool:
    """Tell whether the field's names speak of addresses."""
    return bool(_ADDRESS_HINT.search(said))


def hints_phone(said: str) -> bool:
    """Tell whether the field's names speak of telephones."""
    return bool(_PHONE_HINT.search(said))


def is_person_name(text: str) -> str:
    """Return the condition of a surname and one or two ideographs more that end like no thing.

    A name of another people, with a middle dot, is one too.
    """
    surnames = "".join(dict.fromkeys(_COMMON + _LESS_COMMON))
    return _is_name(text, surnames, dotted=True)


def is_likely_name(text: str) -> str:
    """Return the condition of a name under one of the hundred most common surnames, or a compound one."""
    return _is_name(text, _COMMON, dotted=False)


def surname(text: str) -> str:
    """Return the surname of a text that is a name."""
    return f"regexp_extract({text}, {literal(f'^({_compound()}|.)')})"


def is_address(text: str) -> str:
    """Return the condition of a street or community with a number, or a building with a unit or room.

    Plants and areas of a utility, which may bear a street's name and a number, are none.
    """
    street = f"({_STREET}).{{0,12}}?{_NUMERAL}(-[0-9]+)*({_BUILDING})"
    room = f"{_NUMERAL}(号楼|栋|幢|座|号|单元).{{0,3}}?[0-9]+(单元|室|户|层|门|号)"
    short = f"({_STREET})[0-9]+-[0-9]+(-[0-9]+)?"
    anything = f"({street}|{room}|{short})"
    return f"({_contains(text, anything)} AND NOT {_contains(text, _PLANT)})"


def is_place(text: str) -> str:
    """Return the condition of a street or community with or without a number; for columns of addresses."""
    return _contains(text, rf"[\p{{Han}}]({_STREET})|{_NUMERAL}({_BUILDING})")


def region(text: str) -> str:
    """Return province, city and district with which an address begins, or nothing."""
    parts = r"^(\p{Han}{2,3}省)?(\p{Han}{2,4}市)?(\p{Han}{1,4}[区县旗])?"
    return f"regexp_extract({text}, {literal(parts)})"


def _is_name(text: str, surnames: str, *, dotted: bool) -> str:
    plain = rf"({_compound()})\p{{Han}}{{1,2}}|[{surnames}]\p{{Han}}{{1,2}}"
    pattern = plain + (r"|\p{Han}{1,8}[·•]\p{Han}{1,8}" if dotted else "")
    ending = _contains(text, f"[{_NO_NAME_ENDS}]$")
    return f"(strlen({text}) BETWEEN 6 AND 51 AND {_matches(text, pattern)} AND NOT {ending})"


def _compound() -> str:
    return "|".join(_COMPOUND.split())


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _contains(text: str, pattern: str) -> str:
    return f"regexp_matches({text}, {literal(pattern)})"
