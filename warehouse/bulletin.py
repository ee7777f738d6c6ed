"""The monthly bulletin as a Word document: a clerk's template, filled with what a release says of a month.

The template holds layout and wording; every name in it is a value made here, and here none is computed that a mart does not
say. A figure carries its footnote with it: in the finished document it is a run of its own, greyed where it is not of this
month, with a real Word footnote that names source and vintage.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import charts
from warehouse.bulletin_template import TEMPLATE
from warehouse.charts import TINTS
from warehouse.papers import (
    DEMO_MARK,
    DEMO_WARNING,
    LEDGER,
    ExportError,
    Month,
    Papers,
    Standing,
    Table,
    day_zh,
    month_zh,
    print_day,
)
from warehouse.progress import difference, percent, with_unit
from warehouse.reader import NULL
from warehouse.release import NIGHT_ZONE, Release

GREY = "7F7F7F"
#: rules whose findings the bulletin lists: choice of industry, leader, area, ban
LISTED_RULES = ("R01", "R02", "R03", "R04", "R09")
_SHOWN_LATE = 20
_WIDTH_MM = 150
# A figure within text, until the document is made: characters that XML allows and no text has.
_START, _GREY, _END, _NOTE, _NOTE_END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
_FIGURE = re.compile(f"{_START}({_GREY}?)([^{_END}]*){_END}(?:{_NOTE}([^{_NOTE_END}]*){_NOTE_END})?")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Written:
    """What was written. notes: what a person should know of it, such as charts that could not be drawn."""

    path: Path
    figures: int
    notes: tuple[str, ...]


def write_bulletin(release: Release, month: Month, path: Path, template: Path | None = None) -> Written:
    """Fill the template with what the release says of the month.

    Raises:
        ExportError: the release ends before the month begins, or the template cannot be read or asks for a name there is not.
    """
    papers = Papers(release)
    if papers.head["as_of"] < month.first:
        raise ExportError(
            f"--month {month.text}: the release knows nothing later than {papers.head['as_of']}; the month lies ahead"
        )
    document, notes = _render(papers, month, template or TEMPLATE)
    figures = _set_figures(document)
    if papers.demo:
        _watermark(document, f"{DEMO_MARK}数据")
    built = papers.head["built_at"].astimezone(UTC).replace(tzinfo=None)
    about = document.core_properties
    about.title, about.author, about.last_modified_by = _title(month), "蓝账 Blue Ledger", ""
    about.comments = f"版本号 {papers.head['release_id']}" + (f";{DEMO_WARNING}" if papers.demo else "")
    about.created = about.modified = built
    about.revision = 1
    content = io.BytesIO()
    document.save(content)
    path.write_bytes(_same_bytes(content.getvalue()))
    return Written(path, figures, notes)


def figure(text: str, note: str | None = None, grey: bool = False) -> str:
    """A figure within text, with its footnote, until the document is made."""
    told = f"{_NOTE}{note}{_NOTE_END}" if note else ""
    return f"{_START}{_GREY if grey else ''}{text}{_END}{told}"


# ── the document ───────────────────────────────────────────────────────────────────────────────────────────────


def _render(papers: Papers, month: Month, template: Path) -> tuple[Any, tuple[str, ...]]:
    import jinja2
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate
    from jinja2.sandbox import SandboxedEnvironment

    filled = DocxTemplate(str(template))
    try:
        filled.init_docx()
        context, notes = _Context(papers, month, filled).make()
        # a template comes from elsewhere: it may name values, not reach into Python
        filled.render(context, SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=True), True)
    except (PackageNotFoundError, KeyError, zipfile.BadZipFile, OSError) as error:
        raise ExportError(f"{template}: no Word document (.docx) that can be read ({error})") from error
    except jinja2.UndefinedError as error:
        raise ExportError(
            f"{template}: {error}; `export bulletin-template` gives one with every name"
        ) from error
    except jinja2.TemplateError as error:
        raise ExportError(f"{template}: {error}") from error
    return filled.docx, notes


def _set_figures(document: Any) -> int:
    """Make runs and footnotes of the figures in the text; returns how many figures have one.

    Figures of one source share a footnote: the first has it, the others refer to its number, as Word does it (NOTEREF).
    """
    from docx.oxml.ns import qn

    notes: dict[str, int] = {}
    figures = 0
    for run in list(document.element.body.iter(qn("w:r"))):
        texts = run.findall(qn("w:t"))
        whole = "".join(text.text or "" for text in texts)
        if _START in whole:
            figures += _split(run, whole, notes)
    if notes:
        _write_footnotes(document, list(notes))
    return figures


def _split(run: Any, whole: str, notes: dict[str, int]) -> int:
    """A run of text with figures becomes several that look like it; returns how many references to footnotes it has."""
    from copy import deepcopy

    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    look = run.find(qn("w:rPr"))

    def another(content: Any, grey: bool = False, raised: bool = False) -> Any:
        made = OxmlElement("w:r")
        made.append(deepcopy(look) if look is not None else OxmlElement("w:rPr"))
        if grey:
            for colour in made[0].findall(qn("w:color")):
                made[0].remove(colour)
            _in_order(made[0], "w:color", GREY)
        if raised:
            _in_order(made[0], "w:vertAlign", "superscript")
        if isinstance(content, str):
            words = OxmlElement("w:t")
            words.set(qn("xml:space"), "preserve")
            words.text = content
            content = words
        made.append(content)
        return made

    def marked(tag: str, **attributes: str) -> Any:
        made = OxmlElement(tag)
        for name, value in attributes.items():
            made.set(qn(f"w:{name}"), value)
        return made

    def reference(note: str) -> list[Any]:
        # in brackets: a raised 2 behind a figure would read as its square
        first = note not in notes
        number = notes.setdefault(note, len(notes) + 1)
        name = f"_note{number}"
        if first:
            inner = [
                marked("w:bookmarkStart", id=str(9000 + number), name=name),
                another(marked("w:footnoteReference", id=str(number)), raised=True),
                marked("w:bookmarkEnd", id=str(9000 + number)),
            ]
        else:
            field = marked("w:fldSimple", instr=f" NOTEREF {name} \\h ")
            field.append(another(str(number), raised=True))
            inner = [field]
        return [another("[", raised=True), *inner, another("]", raised=True)]

    at, references = 0, 0
    new: list[Any] = []
    for found in _FIGURE.finditer(whole):
        if found.start() > at:
            new.append(another(whole[at : found.start()]))
        if found[2]:
            new.append(another(found[2], grey=bool(found[1])))
        if found[3]:
            new += reference(found[3])
            references += 1
        at = found.end()
    if at < len(whole):
        new.append(another(whole[at:]))
    for one in new:
        run.addprevious(one)
    run.getparent().remove(run)
    return references


def _in_order(properties: Any, tag: str, value: str) -> None:
    """A property of a run in the place that the schema gives it: Word refuses some that stand elsewhere."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    element.set(qn("w:val"), value)
    before: tuple[str, ...] = (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow",
        "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden",
    )  # fmt: skip
    if tag == "w:vertAlign":
        before += (
            "color",
            "spacing",
            "w",
            "kern",
            "position",
            "sz",
            "szCs",
            "highlight",
            "u",
            "effect",
            "bdr",
            "shd",
            "fitText",
        )
    place = 0
    for nth, child in enumerate(properties, start=1):
        if child.tag in {qn(f"w:{name}") for name in before}:
            place = nth
    properties.insert(place, element)


def _write_footnotes(document: Any, notes: list[str]) -> None:
    """The part of the document that Word keeps footnotes in; python-docx has none of its own."""
    from xml.sax.saxutils import escape

    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    def paragraph(inner: str) -> str:
        return (
            '<w:p><w:pPr><w:pStyle w:val="FootnoteText"/><w:spacing w:line="220" w:lineRule="exact"/>'
            f"<w:rPr>{size}</w:rPr></w:pPr>{inner}</w:p>"
        )

    size = '<w:rFonts w:eastAsia="宋体"/><w:sz w:val="16"/><w:szCs w:val="16"/>'
    separators = "".join(
        f'<w:footnote w:type="{kind}" w:id="{nth}">{paragraph(f"<w:r><w:{kind}/></w:r>")}</w:footnote>'
        for nth, kind in ((-1, "separator"), (0, "continuationSeparator"))
    )
    body = "".join(
        f'<w:footnote w:id="{nth}">'
        + paragraph(
            f"<w:r><w:rPr>{size}</w:rPr><w:footnoteRef/></w:r>"
            f'<w:r><w:rPr>{size}</w:rPr><w:t xml:space="preserve"> {escape(note)}</w:t></w:r>'
        )
        + "</w:footnote>"
        for nth, note in enumerate(notes, start=1)
    )
    blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes xmlns:w="{_W}">{separators}{body}</w:footnotes>'
    ).encode()
    part = document.part
    for relation in list(part.rels.values()):
        if (
            relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES
        ):  # a clerk's own footnotes would take these numbers
            relation.target_part._blob = blob
            return
    made = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        blob,
        part.package,
    )
    part.relate_to(made, RELATIONSHIP_TYPE.FOOTNOTES)
    settings = document.settings.element
    settings.insert(
        0,
        parse_xml(
            f'<w:footnotePr xmlns:w="{_W}"><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
        ),
    )


def _watermark(document: Any, text: str) -> None:
    """Large pale words across every page, in the headers, whatever the template."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from lxml import etree

    if not any(one.reltype == RELATIONSHIP_TYPE.HEADER for one in document.part.rels.values()):
        document.sections[0].header.is_linked_to_previous = False
    headers = [
        one.target_part for one in document.part.rels.values() if one.reltype == RELATIONSHIP_TYPE.HEADER
    ]
    for nth, header in enumerate(headers):
        shape = (
            f'<w:r xmlns:w="{_W}" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">'
            '<w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"'
            ' path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
            '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
            '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/>'
            '<v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
            '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
            f'<v:shape id="PowerPlusWaterMarkObject{nth}" o:spid="_x0000_s{2049 + nth}" type="#_x0000_t136"'
            ' style="position:absolute;margin-left:0;margin-top:0;width:400pt;height:100pt;rotation:315;z-index:-251658752;'
            "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
            'mso-position-vertical-relative:margin" fillcolor="#d9d9d9" stroked="f"><v:fill opacity=".5"/>'
            f'<v:textpath style="font-family:&quot;宋体&quot;;font-size:1pt" string="{text}"/></v:shape></w:pict></w:r>'
        )
        # filling the template leaves headers as bytes
        tree = parse_xml(header.blob)
        tree.find(qn("w:p")).append(parse_xml(shape))
        content = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
        if hasattr(header, "_element"):
            header._element = tree
        else:
            header._blob = content


def _same_bytes(content: bytes) -> bytes:
    """The same archive without the clock in it."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), old.read(entry), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _title(month: Month) -> str:
    return f"关于{month_zh(month.text)}全市现代海洋特色产业集聚区建设情况的通报"


# ── what the names of the template stand for ───────────────────────────────────────────────────────────────────


class _Context:
    def __init__(self, papers: Papers, month: Month, template: Any) -> None:
        self.papers, self.month, self.template = papers, month, template
        self.notes: list[str] = []

    def make(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        head = self.papers.head
        banner = head["banner"]
        rebuilt = not head["audited"]
        context = {
            "title": _title(self.month),
            "month": month_zh(self.month.text),
            "as_of": day_zh(head["as_of"]),
            "plan": head["title_zh"] + (f"({banner})" if banner else ""),
            "release_id": head["release_id"],
            "banner_line": f"({banner})" if banner else "",
            "header": DEMO_WARNING if self.papers.demo else banner or "",
            "basis": f"按截至{day_zh(head['as_of'])}已知的资料重新推算,供追溯之用,未经检查套件核查"
            if rebuilt
            else f"生成时间:{head['built_at'].astimezone(NIGHT_ZONE):%Y-%m-%d %H:%M}(北京时间)",
            "demo_line": f"本件{DEMO_WARNING}" if self.papers.demo else "",
            "signed_on": day_zh(min(self.month.last, head["as_of"])),
            "n": self._counts(),
            "targets": [self._target(one) for one in self.papers.standings],
            "grey_note": "灰色数字为本月未公布新数,沿用最近一次公布(认定)数,括号内为其日期,绝不作零处理。",
            "method_note": "进度比=实际进度÷应有进度,是简化的判断,须与缺口一并看。",
            "clusters": self._clusters(),
            "rules": self._rules(),
            "coverage": self._coverage(),
            "green": self._green(),
            "areas": self._areas(),
            "ledger": self._ledger(),
            "problems": self._problems(),
            "quality": self._quality(),
            "charts": self._charts(),
        }
        return context, tuple(self.notes)

    # targets

    def _counts(self) -> dict[str, str]:
        by_colour = self.papers.by_colour()
        version = self.papers.head["plan_version"]
        note = (
            f"来源:本版本 plan_progress(方案版本 {version})逐项状态计数;数据截至{self.papers.head['as_of']}。"
        )
        plan = f"来源:{self.papers.head['title_zh']}({version})。"
        news = sum(one.news_on in self.month for one in self.papers.standings)
        return {
            "targets": figure(str(len(self.papers.standings)), plan),
            **{code: self._counted([one.demo for one in found], note) for code, found in by_colour.items()},
            "news": figure(str(news), "来源:各项目标数据来源的公布(认定)日期,见表1各数脚注。"),
        }

    def _target(self, one: Standing) -> dict[str, Any]:
        target = one.target
        grey = one.news_on not in self.month
        note = self._note(one)
        value = NULL
        if target.value is not None:
            mark = f"【{DEMO_MARK}】" if one.demo else ""
            about = f"({target.period},{one.vintage_zh})" if target.vintage else f"({target.period})"
            kept = f",{one.news_zh}" if grey else ""
            value = figure(mark + target.value_text, note, grey) + figure(about[:-1] + kept + ")", None, grey)
        elif target.reason:
            value = f"{NULL}({target.reason})"
        return {
            "id": target.target_id,
            "label": f"{target.target_id} {target.label_zh}",
            "target": target.target_text + (f"({target.target_year})" if target.target_year else "(每年)"),
            "value": value,
            "ratio": NULL if target.ratio is None else figure(percent(target.ratio), note, grey),
            "status": one.status_text,
            "gap": NULL if target.gap is None else figure(target.gap_text, note, grey),
            "source": one.source,
            "reason": target.reason or "",
            "demo": one.demo,
            "tint": TINTS[target.colour][1:],
        }

    def _note(self, one: Standing) -> str:
        mark = f"【{DEMO_MARK}数据】" if one.demo else ""
        vintage = f"版次:{one.vintage_zh};" if one.target.vintage else ""
        proxy = f"说明:{one.target.reason}。" if one.target.reason and one.target.value is not None else ""
        return (
            f"{mark}来源:{one.source};{vintage}期别:{one.target.period};公布(认定):{one.news_zh};基期值:{one.target.base_text};"
            f"进度比、缺口由此推算(plan_progress)。{proxy}"
        )

    def _of_target(self, one: Standing | None) -> str:
        """The value of a target within a sentence, footnoted, and greyed where it is not of this month."""
        if one is None or one.target.value is None:
            return f"{NULL}({(one and one.target.reason) or '无数据'})"
        grey = one.news_on not in self.month
        mark = f"【{DEMO_MARK}】" if one.demo else ""
        return figure(mark + one.target.value_text, self._note(one), grey)

    # clusters and rules

    def _clusters(self) -> dict[str, Any]:
        register, counts = self.papers.clusters(), self.papers.cluster_counts()
        year = str(self.month.first.year)
        granted = [row for row in register.rows if row["code"] != "revoked"]
        named = {"省级": "provincial", "市级": "municipal"}
        values: dict[str, Any] = {"rows": [], "note": self._table_note(register, "集聚区名录")}
        for tier, code in named.items():
            known = [row for row in counts.rows if row["tier"] == tier and row["stock"] is not None]
            newest = known[-1] if known else None
            values[code] = self._count(newest, "stock", year, "集聚区名录(cluster_counts)")
            this_year = next(
                (row for row in counts.rows if row["tier"] == tier and row["year"] == year), None
            )
            values[f"{code}_new"] = self._count(this_year, "added", year, "集聚区名录(cluster_counts)")
        for tier in named.values():
            one = self.papers.standing_of("cluster_new", tier)
            values[f"{tier}_quota"] = one.target.target_text if one else NULL
        for row in granted:
            mark = "" if not row["demo"] or DEMO_MARK in row["name"] else f"【{DEMO_MARK}】"
            state = "" if row["code"] == "granted" else f"({row['status']})"
            values["rows"].append(
                {name: row[name] or NULL for name in ("area", "industry", "leader")}
                | {"name": f"{mark}{row['name']}{state}", "tier": row["tier"]}
            )
        return values

    def _count(self, row: dict[str, Any] | None, name: str, year: str, source: str) -> str:
        if row is None or row[name] is None:
            return f"{NULL}({(row and row['reason']) or '未公布或未报送'})"
        demo = row["demo"]
        late = row["year"] != year
        note = f"{'【演示数据】' if demo else ''}来源:{source},{row['year']}年,{row['origin']}。"
        mark = f"【{DEMO_MARK}】" if demo else ""
        return figure(f"{mark}{row[name]:,}" + (f"({row['year']}年)" if late else ""), note, grey=late)

    def _rules(self) -> dict[str, Any]:
        summary, findings = self.papers.rules(), self.papers.findings()
        note = f"来源:规则核查(cluster_compliance),{self.papers.head['as_of']}核查。"
        rows = [row for row in findings.rows if row["rule_id"] in LISTED_RULES and row["code"] == "violation"]

        def found(code: str) -> str:
            subjects = [row["demo"] for row in findings.rows if row["code"] == code]
            return self._counted(subjects, note) if summary.rows else NULL

        return {
            "violated": found("violation"),
            "unclear": found("unknown"),
            "note": figure("", note + self._origin_of(rows) + "。"),
            "rows": [
                {
                    "rule": f"{row['rule_id']} {row['name']}",
                    "subject": row["subject"] + self._mark(row, row["subject"]),
                    "observed": row["observed"] or NULL,
                    "threshold": row["threshold"] or NULL,
                    "severity": row["severity"],
                }
                for row in rows
            ],
        }

    # enterprises

    def _coverage(self) -> dict[str, Any]:
        table = self.papers.coverage()
        row = next((one for one in table.rows if one["level"] == "city"), None)
        published = self.papers.published_coverage()
        said = {"published": NULL, "period": "未公布"}
        if published:
            day = print_day(published["published_on"], published["published_precision"])
            note = f"来源:{published['source'] or NULL}({day or '日期不详'})。"
            grey = published["published_on"] is None or published["published_on"] not in self.month
            said = {
                "published": figure(with_unit(published["value"], "%"), note, grey),
                "period": f"截至{day_zh(published['as_of'])}",
            }
        if row is None or row["value"] is None:
            reason = (row and row["reason"]) or "规上工业企业名录或评估未报送"
            return said | {"known": False, "reason": reason}
        note = self._row_note(row, "规上工业企业名录与数字化评估(digital_coverage)", row["as_of"])
        grey = row["as_of"] not in self.month
        counts = {
            name: figure(f"{row[name]:,}", note, grey)
            for name in ("frame", "assessed", "unassessed", "transformed")
        }
        shares = {name: figure(with_unit(row[name], "%"), note, grey) for name in ("value", "low", "high")}
        return said | counts | shares | {"known": True, "mark": self._mark(row), "day": day_zh(row["as_of"])}

    def _green(self) -> dict[str, Any]:
        events = self.papers.green_events(self.month.first, self.month.last)
        note = f"来源:绿色制造名单(fct_green_event),生效日期在{month_zh(self.month.text)}。"
        counts = {
            name: self._counted([row["demo"] for row in events.rows if row["action"] == action], note)
            for name, action in (("added", "新增"), ("renamed", "更名"), ("removed", "移出"))
        }
        return counts | {
            "upper": self._of_target(self.papers.standing_of("green_unit_count", "provincial_or_above")),
            "municipal": self._of_target(self.papers.standing_of("green_unit_count", "municipal")),
            "note": figure("", note + self._origin(events) + "。"),
            "rows": [
                {
                    "day": str(row["day"]),
                    "action": row["action"],
                    "category": f"{row['tier']}{row['category']}",
                    "name": row["name"]
                    + (f"→{row['new_name']}" if row["new_name"] else "")
                    + self._mark(row),
                    "county": row["county"] or NULL,
                }
                for row in events.rows
            ],
        }

    # areas

    def _areas(self) -> dict[str, Any]:
        table = self.papers.ranking()
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in table.rows:
            groups.setdefault((row["indicator"], row["basis"], row["period"], row["group"]), []).append(row)
        tables, without = [], []
        for (indicator, basis, period, group), rows in groups.items():
            if 2 * sum(row["value"] is not None for row in rows) <= len(rows):
                continue  # a rank among a few says nothing of the others; the workbook has it
            demo = any(row["demo"] for row in rows)
            mark = f"【{DEMO_MARK}】" if demo else ""
            note = (
                f"{'【演示数据】' if demo else ''}来源:area_scorecard,{period},{basis or '不分口径'};"
                f"参评{rows[0]['ranked']};{self._origin_of(rows)}。"
            )
            unit = f",{rows[0]['unit_zh']}" if rows[0]["unit_zh"] else ""
            tables.append(
                {
                    "title": f"{mark}{group}{indicator}({period},{basis}{unit})",
                    "note": figure("", note),
                    "rows": [
                        {
                            "rank": NULL if row["rank"] is None else str(row["rank"]),
                            "area": row["area"],
                            "value": NULL
                            if row["value"] is None
                            else figure(
                                with_unit(row["value"], ""), None, grey=not self._is_of_month(period)
                            ),
                            "change": row["change"],
                            "reason": row["reason"] or "",
                        }
                        for row in rows
                    ],
                }
            )
            if rows[0]["code"] == "cluster_count" and rows[0]["basis_code"] == "municipal":
                without += [row["area"] for row in rows if row["value"] == 0]
        if without:
            mark = f"【{DEMO_MARK}】" if table.demo else ""
            said = f"{mark}尚无市级集聚区的单位:{'、'.join(without)}。"
        else:
            said = (
                ""
                if any(row["code"] == "cluster_count" for row in table.rows)
                else "各单位集聚区数未公布、未报送。"
            )
        return {"tables": tables, "without": said}

    def _is_of_month(self, period: str) -> bool:
        from warehouse.progress import period_end

        # a stock of the running year is as of today; what has ended is of the month in which it ended
        return period == str(self.month.first.year) or period_end(period) in self.month

    # ledger

    def _ledger(self) -> dict[str, Any]:
        known = [month for month in self.papers.ledger_months if month <= self.month.text]
        said = {
            "rows": [],
            "late": [],
            "empty": f"{month_zh(self.month.text)}及以前各月均无台账报送,不作零处理。",
        }
        if not known:
            return said
        month = known[-1]
        table, overdue = self.papers.ledger(month), self.papers.overdue(month)
        grey = month != self.month.text
        note = f"来源:工作台账(task_ledger)({month});{self._origin(table)}。"

        def total(*codes: str) -> str:
            tasks = [row["demo"] for row in table.rows for code in codes for _ in range(row[code])]
            return self._counted(tasks, note, grey)

        parts = {
            "done": ("done", "done_late"), "going": ("in_progress",), "soon": ("due_soon", "behind"),
            "overdue": ("overdue",), "silent": ("not_submitted", "not_assessable", "not_assignable"),
        }  # fmt: skip
        assert {code for codes in parts.values() for code in codes} == set(LEDGER)
        rows = [
            {"body": row["body"] + self._mark(row), "tasks": figure(str(row["tasks"]), None, grey)}
            | {
                name: figure(str(sum(row[code] for code in codes)), None, grey)
                for name, codes in parts.items()
            }
            | {"tint": TINTS["red"][1:] if row["overdue"] else "FFFFFF"}
            for row in table.rows
            if row["is_department"]
        ]
        late = sorted(overdue.rows, key=lambda row: -(row["days_late"] or 0))
        shown = (
            f"逾期最久的{_SHOWN_LATE}项,共{len(late)}项" if len(late) > _SHOWN_LATE else f"共{len(late)}项"
        )
        return (
            said
            | {
                "month": month_zh(month),
                "tasks": total(*LEDGER),
                "late_note": f"({month_zh(self.month.text)}台账尚未报送,以上沿用最近一月。)" if grey else "",
                "late_title": f"{month_zh(month)},{shown}",
                "late_source": figure("", note),
                "note": figure("", note),
                "rows": rows,
                "late": [
                    {
                        "body": row["body"] + self._mark(row),
                        "task": f"{row['task_id']} {row['title']}",
                        "due": str(row["due_on"] or NULL),
                        "days": NULL
                        if row["days_late"] is None
                        else figure(str(row["days_late"]), None, grey),
                    }
                    for row in late[:_SHOWN_LATE]
                ],
            }
            | {name: total(*codes) for name, codes in parts.items()}
        )

    # what is amiss

    def _problems(self) -> list[str]:
        lines = []
        for colour, word in (("red", "进度落后"), ("yellow", "进度需加快")):
            found = [one for one in self.papers.standings if one.target.colour == colour]
            if found:
                named = ";".join(
                    f"{one.target.target_id}{one.target.label_zh}({one.target.status_zh},"
                    f"进度比{percent(one.target.ratio)},缺口{one.target.gap_text}{',演示' if one.demo else ''})"
                    for one in found
                )
                lines.append(f"{word}的目标:{named}。")
        unknown = [one.target for one in self.papers.standings if one.target.status == "no_data"]
        if unknown:
            named = ";".join(f"{one.target_id}{one.label_zh}({one.reason or '原因不明'})" for one in unknown)
            lines.append(f"无数据、无法监测的目标:{named}。")
        severe = [
            row
            for row in self.papers.findings().rows
            if row["code"] == "violation" and row["severity"] == "严重"
        ]
        if severe:
            named = ";".join(
                f"{row['subject']}({row['rule_id']}{row['name']}{self._mark(row)})" for row in severe
            )
            lines.append(f"严重不符合方案规定:{named}。")
        late = [row for row in self.papers.obligations().rows if row["code"] == "overdue"]
        if late:
            names = list(dict.fromkeys(row["name"] for row in late))
            demo = f"【含{DEMO_MARK}】" if any(row["demo"] for row in late) else ""
            lines.append(f"{demo}逾期未见完成记录的经常性事项{len(late)}期:{'、'.join(names)}。")
        numbered = ["(一)", "(二)", "(三)", "(四)", "(五)"]
        return [mark + line for mark, line in zip(numbered, lines, strict=False)] or [
            "本期未发现需列出的问题。"
        ]

    def _quality(self) -> dict[str, Any]:
        sources, gaps = self.papers.sources(), self.papers.gaps()
        revised = self.papers.revisions(self.month.first, self.month.last)
        changed = [row for row in revised.rows if row["code"] == "revised"]
        counts = self.papers.check_counts()
        note = "来源:本版本 meta.sources。"
        late = [row for row in sources.rows if row["is_overdue"]]
        checks = (
            f"本版本共检查{figure(str(counts['all']), '来源:本版本 meta.checks。')}项,"
            f"通过{figure(str(counts['passed']), '来源:本版本 meta.checks。')}项。"
            if counts["all"]
            else "本期为重新推算,未经检查套件核查。"
        )
        rejected = sum(row["rejected"] or 0 for row in sources.rows)
        return {
            "checks": checks,
            "sources": figure(str(len(sources.rows)), note),
            "late": figure(str(len(late)), note),
            "empty": figure(str(sum(row["code"] == "empty" for row in sources.rows)), note),
            "rejected": figure(f"{rejected:,}", note),
            "gaps": figure(
                str(len(gaps.rows)), f"来源:数据缺口(data_gaps),截至{self.papers.head['as_of']}。"
            ),
            "revised": figure(str(len(changed)), "来源:数值修订过程(revisions),公布日期在本月。"),
            "rows": [
                {
                    "indicator": row["indicator"] + self._mark(row),
                    "where": f"{row['area']} {row['period']}",
                    "day": str(row["published_on"]),
                    "value": f"{with_unit(row['value'], row['unit_zh'])}"
                    f"(较上次公布{'+' if row['revision'] > 0 else ''}{difference(row['revision'], row['unit_zh'])})",
                }
                for row in changed
            ],
            "late_rows": [
                {name: row[name] or NULL for name in ("title", "publisher", "newest")} for row in late
            ],
        }

    # pictures

    def _charts(self) -> dict[str, Any]:
        made = {}
        for name, draw, note in (
            ("targets", self._targets_chart, "来源:plan_progress,见表1各数脚注。"),
            ("areas", self._areas_chart, "来源:digital_coverage;细线为未评估企业带来的上下界。"),
            ("ledger", self._ledger_chart, "来源:task_ledger。"),
        ):
            made[name] = {"shown": False, "picture": "", "note": figure("", note)}
            try:
                chart = draw()
                if chart is not None:
                    picture = charts.png(chart, scale=2)
                    made[name] |= {"shown": True, "picture": self._picture(picture)}
            except charts.FontMissing as error:
                if str(error) not in self.notes:
                    self.notes.append(str(error))
                made[name] |= {"shown": True, "picture": "(本机无中文字体,图未绘出;数据见表。)"}
        return made

    def _picture(self, content: bytes) -> Any:
        from docx.shared import Mm
        from docxtpl import InlineImage

        return InlineImage(self.template, io.BytesIO(content), width=Mm(_WIDTH_MM))

    def _targets_chart(self) -> Any:
        return charts.targets_overview([one.target for one in self.papers.standings])

    def _areas_chart(self) -> Any:
        table = self.papers.coverage()
        rows = [row for row in table.rows if row["level"] == "county" and row["value"] is not None]
        if not rows:
            return None
        newest = max(row["as_of"] for row in rows)
        ranked = sorted((row for row in rows if row["as_of"] == newest), key=lambda row: -row["value"])
        frame = pl.DataFrame(
            [
                {
                    "name_zh": row["area"],
                    "value": row["value"],
                    "low": row["low"],
                    "high": row["high"],
                    "rank": nth,
                }
                for nth, row in enumerate(ranked)
            ]
        )
        title = f"县市区规上工业企业数字化转型覆盖率({newest})"
        return charts.area_ranking(frame, title=title, unit_zh="%", demo=any(row["demo"] for row in ranked))

    def _ledger_chart(self) -> Any:
        known = [month for month in self.papers.ledger_months if month <= self.month.text]
        if not known:
            return None
        table = self.papers.ledger(known[-1])
        frame = pl.DataFrame(
            [
                {"body_name_zh": row["body"], "rag": code, "tasks": row[code]}
                for row in table.rows
                if row["is_department"]
                for code in charts.COLOURS
                if row[code]
            ]
        )
        return (
            charts.ledger(frame, title=f"市直单位台账({month_zh(known[-1])})", demo=table.demo)
            if frame.height
            else None
        )

    # words

    def _mark(self, row: dict[str, Any], text: str = "") -> str:
        return f"【{DEMO_MARK}】" if row["demo"] and DEMO_MARK not in text else ""

    def _counted(self, demo: Sequence[bool], note: str, grey: bool = False) -> str:
        """How many there are, each of which is demo or not; marked where any is."""
        some = f"【含{DEMO_MARK}{sum(demo):,}】" if any(demo) else ""
        mark = f"【{DEMO_MARK}】" if demo and all(demo) else some
        return figure(f"{mark}{len(demo):,}", note, grey)

    def _origin(self, table: Table) -> str:
        return self._origin_of(table.rows)

    def _origin_of(self, rows: Iterable[dict[str, Any]]) -> str:
        kinds = {bool(row.get("demo")) for row in rows}
        if not kinds:
            return "无记录"
        return (
            "公布或报送、演示并存" if len(kinds) == 2 else "演示数据" if kinds == {True} else "公布或报送数据"
        )

    def _row_note(self, row: dict[str, Any], source: str, day: date) -> str:
        mark = "【演示数据】" if row["demo"] else ""
        return f"{mark}来源:{source},时点{day};数据性质:{row['origin']}。"

    def _table_note(self, table: Table, source: str) -> str:
        return figure("", f"来源:{source};{self._origin(table)};数据截至{self.papers.head['as_of']}。")
