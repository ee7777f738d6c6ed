"""Messages in Chinese: every message of the room has a phrase, and what it quotes stays as it was printed."""

import ast
import importlib
from pathlib import Path

import pytest

from ingest import phrasebook
from ingest.datasets import DATASETS

ROOM = Path(phrasebook.__file__).parent
RAISERS = {"NormaliseError": 2, "Fault": 2, "Unread": 3}


def spoken(node: ast.expr, module) -> str | None:
    """What an argument says, with a quotation in each slot; None where it is not written down there."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "'甲'" for part in parts)
        case ast.Name(id=name) if isinstance(getattr(module, name, None), str):
            return getattr(module, name)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return (spoken(left, module) or "'甲'") + (spoken(right, module) or "'甲'")
    return None


def messages() -> list[tuple[str, str]]:
    """Every reason and expectation that the room writes down, with the place where it does."""
    found = []
    for path in sorted([*ROOM.glob("*.py"), *ROOM.glob("normalise/*.py"), *ROOM.glob("parsers/*.py")]):
        name = ".".join(path.relative_to(ROOM.parent).with_suffix("").parts)
        module = importlib.import_module(name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISERS:
                for argument in node.args[-RAISERS[node.func.id] :]:
                    if text := spoken(argument, module):
                        found.append((f"{path.name}:{node.lineno}", text))
    return found


def test_every_message_of_the_room_has_a_phrase():
    texts = messages()
    assert len(texts) > 50
    assert [(place, text) for place, text in texts if not phrasebook.known(text)] == []


def test_every_field_of_every_dataset_has_a_name():
    fields = {field.name for dataset in DATASETS.values() for field in dataset.fields} | {
        "unit",
        "row",
        "sentence",
    }
    assert sorted(name for name in fields if phrasebook.field_name(name) == name) == []


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("unknown area '某地'", "不认识的地区名称“某地”"),
        ('unknown area "奎文\'区"', "不认识的地区名称“奎文'区”"),
        (
            "one of the 93 known names; nearest: 寿光市、寿光",
            "已登记的 93 个地区名称之一;最接近的是:寿光市、寿光",
        ),
        ("'2.5家' is not one certain number", "“2.5家”不能确定为一个数"),
        ("area is missing", "缺少地区"),
        ("a message of another house", "a message of another house"),
    ],
)
def test_what_is_quoted_stays_as_printed(message, chinese):
    assert phrasebook.in_chinese(message) == chinese
