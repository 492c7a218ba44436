"""Words that names and addresses are made of. Who bears such a name does so by chance."""

from __future__ import annotations

from typing import Final

SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
"""The commonest first; weights fall along the list."""

SURNAME_WEIGHTS: Final = tuple(1000 // (place + 3) for place in range(len(SURNAMES)))

GIVEN_FIRST: Final = "伟秀英华玉志建文明国春晓海丽永桂振立凤金德宏红兰庆云亚淑新世家思子雨梓欣佳一俊宇"
GIVEN_LAST: Final = "芳娜敏静杰强磊军洋勇艳娟涛超霞平刚兰辉鹏飞玲梅琴峰波斌燕宁莹婷雪轩涵怡然博浩"

ROADS: Final = ("松柏云锦春晴兰桂瑞祥玉清秀碧青白", "河园泉溪林岭亭台桥阁湖塔山堤")
ROAD_KINDS: Final = ("路", "街")
COMMUNITIES: Final = ("花园", "家园", "小区", "雅苑", "新村", "名邸")

MAKERS: Final = ("合成仪表甲厂", "合成仪表乙厂", "合成水表丙厂", "合成计量丁厂", "合成仪表戊厂")

DIVISIONS: Final = (
    110101, 120101, 130102, 140105, 150102, 220102, 230102, 310101, 320102, 330102, 340102, 350102, 360102,
    370102, 410102, 420102, 430102, 440103, 450102, 460105, 500101, 510104, 520102, 530102, 540102, 610102,
    620102, 630102, 640104, 650102,
)  # fmt: skip
"""One county-level division of GB/T 2260 in each other province: people move."""
