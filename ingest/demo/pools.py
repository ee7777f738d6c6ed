"""Characters, words and measured shares that the demo names are made of. No randomness, no files written.

Two rules keep demo data recognisable wherever it ends up:

* every fancy word of a demo firm contains a character of `FIRM_MARKERS`;
* every invented person's name contains a character of `PERSON_MARKERS`, so that personal data that leaked
  into a release can be found by searching for eight characters.
"""

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ingest.demo.errors import DemoError

HERE = Path(__file__).parent

# Rare water characters: none occurs in any of the 3,079 names of the national green lists, nor in a label,
# place or industry name of the plan. All are two bytes in GB 18030 and in the Adobe-GB1 collection (PDF).
FIRM_MARKERS = "澥瀣滃漻潏濆瀴渢湦溔滧瀁涬洈滮潩"
PERSON_MARKERS = "玘翾赒晛奣翙昳琎"

# Characters that stand beside a marker. 市, 县, 区, 省 and 滨 are left out on purpose: a place name in front
# of the fancy word could then be read in two ways, and names that must differ could coincide.
PARTNERS = (
    "鑫隆泰华盛兴旺达通顺祥瑞福禄康宁安平和谐美丽佳嘉宝金银玉珠翠晶莹光明亮辉煌耀彩虹霞云雨雪霜露雷星"
    "辰旭晨曦晓春夏秋冬正方圆天宇宙乾坤川江湖波涛浪潮汐泉溪润泽浩淳清澄泓涵浦汇洋帆舟航舰桥堤岸岛礁珊"
    "瑚贝鲸鲲鹏鹤鸿雁鹰凤凰麟龙虎骏马腾飞翔跃驰奔迅捷速锐精准诚信义仁德善贤智慧勤俭恒久远大伟博广阔宏"
    "图展志向前进取创新业成功胜利凯旋得益民惠众合共同联盟友谊敬尚崇文武礼乐诗书画墨香兰竹菊梅松柏桐杨"
    "柳槐榆枫桂莲荷芙蓉蕾芳菲草木林森茂荣繁景秀锦绣绮丝绸绢缎纶纱织经纬线缘源元原本根基础建筑造立定坚"
    "固强健力劲勇猛刚毅果敢雄壮威震王冠军师将帅领导先锋标杆卓越超群杰出优良品质真实至臻完全满足丰饶富"
    "裕贵重珍奇异妙绝佰仟万亿兆千百十一二三四五六七八九双对偶特殊别致雅韵律格调音声响鸣歌舞蹈曲艺术学"
    "问知识见闻思想念忆恋情意爱心怀抱负责任务干事迹象征程途径路道行走步伐履历史册典范例规矩尺寸分节约"
    "简洁净白"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹"
    "袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
)

# Classes the demo calls high-pollution and high-energy (两高): a plausible choice, not the official list.
TWO_HIGH_CODES = frozenset(
    ("2511", "2521", "2611", "2612", "2613", "2621", "3011", "3012", "3031", "3041", "3071", "3130", "4412")
)


@dataclass(frozen=True)
class Words:
    """Words of all pools in one table: `start[pool]` and `size[pool]` address a pool's rows."""

    word: list[str]
    industry_code: list[str]
    family_id: list[str]
    start: dict[str, int]
    size: dict[str, int]


@cache
def words() -> Words:
    """The business words, each with its GB/T 4754-2017 class and, if marine, its industry family."""
    with (HERE / "words.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    start: dict[str, int] = {}
    size: dict[str, int] = {}
    for number, row in enumerate(rows):
        start.setdefault(row["pool"], number)
        size[row["pool"]] = size.get(row["pool"], 0) + 1
    return Words(
        [row["word"] for row in rows],
        [row["industry_code"] for row in rows],
        [row["family_id"] for row in rows],
        start,
        size,
    )


@cache
def profile() -> dict[str, Any]:
    """Aggregate profile of a real register (shares only: no names, no persons)."""
    shares: dict[str, Any] = json.loads((HERE / "profile.json").read_text(encoding="utf-8"))
    return shares


def is_industrial(industry_code: str) -> bool:
    """Mining, manufacturing and utilities: divisions 06 to 46 of GB/T 4754-2017."""
    return "06" <= industry_code[:2] <= "46"


@dataclass(frozen=True)
class Plan:
    """The rows of the plan's tables that the demo needs, as dictionaries in file order."""

    areas: list[dict[str, str]]
    area_industries: list[dict[str, str]]
    departments: list[dict[str, str]]
    task_departments: list[dict[str, str]]

    def area_index(self, area_id: str) -> int:
        for number, row in enumerate(self.areas):
            if row["area_id"] == area_id:
                return number
        raise DemoError(f"areas.csv: area_id {area_id} is missing; the demo places firms there")


_PLAN_COLUMNS = {
    "areas.csv": ("area_id", "area_level", "name_zh", "full_name_zh", "area_type_zh", "admin_code"),
    "plan/plan_area_industries.csv": ("area_id", "industry_raw_zh", "family_id"),
    "plan/plan_departments.csv": ("dept_id", "short_name_zh"),
    "plan/plan_task_departments.csv": ("task_id", "dept_id"),
}


def read_plan(plan_dir: Path) -> Plan:
    """Plan tables from the folder of seeds; of the areas only counties and zones, where firms are.

    Raises DemoError if a file or a column is missing, or no row is left.
    """
    tables = [_rows(Path(plan_dir), name, columns) for name, columns in _PLAN_COLUMNS.items()]
    tables[0] = [row for row in tables[0] if row["area_level"] in ("county", "zone")]
    for name, rows in zip(_PLAN_COLUMNS, tables, strict=True):
        if not rows:
            raise DemoError(f"{name}: no rows that the demo can use")
    return Plan(*tables)


def _rows(plan_dir: Path, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    path = plan_dir / name
    if not path.is_file():
        raise DemoError(f"{path}: plan table not found; pass the folder of seeds")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [column for column in columns if column not in (reader.fieldnames or ())]:
            raise DemoError(f"{name}: columns {missing} are missing")
        return list(reader)
