"""Registers of made-up firms of Shouguang, as a registration authority hands them over."""

from __future__ import annotations

from ingest.normalise.credit_codes import check_character

HEADER = (
    "统一社会信用代码,企业名称,曾用名,企业类型,登记状态,成立日期,注销日期,注册资本,登记机关代码,所在县区,"
    "行业代码,两高,合并后承继企业信用代码,法定代表人,联系电话"
)


def code(number: int) -> str:
    first17 = f"91370783MA3C{number:05d}"
    return first17 + check_character(first17)


def line(uscc, name, former="", status="在营", cancelled="", area="寿光市", successor="", two_high="否"):
    return (
        f"{uscc},{name},{former},有限责任公司,{status},2010-05-01,{cancelled},,370783,{area},C2511,{two_high},{successor},"
        "某人,1540000"
    )


def put(home, name, *lines, encoding="gb18030"):
    folder = home / "inbox" / "registers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes("\r\n".join([HEADER, *lines, ""]).encode(encoding))
