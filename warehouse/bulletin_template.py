"""Makes the bulletin's template, a plain Word file that a clerk may edit afterwards. Layout and wording only, no figure.

`python -m warehouse.bulletin_template` writes `templates/bulletin.docx` anew. Measures are those of GB/T 9704-2012: A4,
margins 37/35/28/26 mm, title in 22 pt, body in 16 pt FangSong on lines of 28 pt, page numbers "— 1 —" outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parent / "templates" / "bulletin.docx"
TITLE, BODY, SECOND, FIRST, PLAIN = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
#: what Word takes where a font is missing; LibreOffice finds its own
FALLBACKS = {TITLE: "华文中宋", BODY: "仿宋", SECOND: "楷体", FIRST: "微软雅黑", PLAIN: "等线"}
RED = "C00000"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def make(path: Path = TEMPLATE) -> None:
    """Write the template."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    document = docx.Document()
    for paragraph in list(document.paragraphs):
        paragraph._element.getparent().remove(paragraph._element)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(28)
    document.settings.odd_and_even_pages_header_footer = True
    _styles(document)
    _fallbacks(document)
    _footer(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _footer(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        header.paragraphs[0].style = "页眉说明"
        header.paragraphs[0].add_run("{{ header }}")
    _content(document)
    document.core_properties.title = "集聚区建设情况通报模板"
    document.core_properties.author = "蓝账 Blue Ledger"
    document.save(str(path))


def _content(document: Any) -> None:
    def say(style: str, text: str) -> Any:
        return document.add_paragraph(text, style=style)

    say("发文机关标志", "(发文机关)文件")
    say("文号", "(文号:××〔20××〕×号)")
    _red_line(document.paragraphs[-1])
    say("征求意见稿", "{{ banner_line }}")
    say("公文标题", "{{ title }}")
    say("数据说明", "数据截至{{ as_of }} · 方案版本:{{ plan }} · 版本号:{{ release_id }}")
    say("数据说明", "{{ basis }}")
    say("演示说明", "{%p if demo_line %}")
    say("演示说明", "{{ demo_line }}")
    say("演示说明", "{%p endif %}")

    say("一级标题", "一、总体情况")
    say(
        "公文正文",
        "方案确定的{{ n.targets }}项目标中,绿(已实现、基本实现、进度正常){{ n.green }}项,黄(需加快){{ n.yellow }}项,"
        "红(进展有限、倒退、未实现){{ n.red }}项,灰(未到期、无法评估、无数据){{ n.grey }}项。"
        "本月公布或认定新数的{{ n.news }}项。各项目标完成情况见表1。",
    )
    say("表题", "表1 目标完成情况")
    _table(
        document,
        "targets",
        (
            ("指标", "{{ row.label }}", 36),
            ("目标(年)", "{{ row.target }}", 24),
            ("当期值(期别、版次)", "{{ row.value }}", 35),
            ("进度比", "{{ row.ratio }}", 20),
            ("状态", "{% cellbg row.tint %}{{ row.status }}", 23),
            ("缺口", "{{ row.gap }}", 18),
        ),
    )
    say("表注", "{{ grey_note }}“—”为未公布、未报送或不可计算,不是零。{{ method_note }}")
    _picture(document, "charts.targets", "图1 目标进度比")

    say("一级标题", "二、集聚区建设")
    say(
        "公文正文",
        "{%p if clusters.rows %}",
    )
    say(
        "公文正文",
        "截至{{ as_of }},全市在册集聚区称号:省级{{ clusters.provincial }}个,市级{{ clusters.municipal }}个"
        "(按称号计,升为省级者两级各计一次;演示名录不与公布名单合计)。"
        "当年认定市级{{ clusters.municipal_new }}个(每年培育评选{{ clusters.municipal_quota }}),"
        "省级{{ clusters.provincial_new }}个(每年争创{{ clusters.provincial_quota }})。名录见表2。",
    )
    say("表题", "表2 集聚区名录{{ clusters.note }}")
    _table(
        document,
        "clusters.rows",
        (
            ("集聚区", "{{ row.name }}", 52),
            ("级别", "{{ row.tier }}", 13),
            ("所在地区", "{{ row.area }}", 22),
            ("主导产业", "{{ row.industry }}", 29),
            ("链主企业", "{{ row.leader }}", 40),
        ),
    )
    say("公文正文", "{%p else %}")
    say("公文正文", "集聚区名录未公布、未报送。")
    say("公文正文", "{%p endif %}")
    say(
        "公文正文",
        "规则核查:不符合{{ rules.violated }}个(次),情况不明{{ rules.unclear }}个(次)。"
        "{% if rules.rows %}不符合方案规定(R01至R04、R09)的见表3。{% else %}R01至R04、R09未见不符合。{% endif %}",
    )
    say("表题", "{%p if rules.rows %}")
    say("表题", "表3 规则核查(R01至R04、R09){{ rules.note }}")
    _table(
        document,
        "rules.rows",
        (
            ("规则", "{{ row.rule }}", 44),
            ("对象", "{{ row.subject }}", 48),
            ("实际", "{{ row.observed }}", 24),
            ("要求", "{{ row.threshold }}", 16),
            ("程度", "{{ row.severity }}", 24),
        ),
    )
    say("表题", "{%p endif %}")

    say("一级标题", "三、企业数字化转型与绿色制造")
    say("二级标题", "(一)规上工业企业数字化转型")
    say("公文正文", "公布的全市覆盖率:{{ coverage.published }}({{ coverage.period }})。")
    say("公文正文", "{%p if coverage.known %}")
    say(
        "公文正文",
        "按企业名录与评估推算{{ coverage.mark }},截至{{ coverage.day }},规上工业企业{{ coverage.frame }}家,"
        "已评估{{ coverage.assessed }}家,未评估{{ coverage.unassessed }}家,已转型{{ coverage.transformed }}家,"
        "覆盖率{{ coverage.value }}(未评估企业带来的上下界为{{ coverage.low }}至{{ coverage.high }})。",
    )
    say("公文正文", "{%p else %}")
    say("公文正文", "按企业名录与评估推算的覆盖率:—({{ coverage.reason }})。")
    say("公文正文", "{%p endif %}")
    say("二级标题", "(二)绿色制造名单")
    say(
        "公文正文",
        "集聚区内省级以上绿色制造单位{{ green.upper }},市级{{ green.municipal }}。"
        "{% if green.rows %}本月全市名单新增{{ green.added }}家、更名{{ green.renamed }}家、移出{{ green.removed }}家。"
        "{% else %}本月未见新的名单,变动不明。{% endif %}",
    )
    say("表题", "{%p if green.rows %}")
    say("表题", "表4 本月绿色制造名单变动{{ green.note }}")
    _table(
        document,
        "green.rows",
        (
            ("日期", "{{ row.day }}", 22),
            ("变动", "{{ row.action }}", 13),
            ("级别、类别", "{{ row.category }}", 40),
            ("名称", "{{ row.name }}", 60),
            ("地区", "{{ row.county }}", 21),
        ),
    )
    say("表题", "{%p endif %}")

    say("一级标题", "四、县市区、开发区情况")
    say(
        "公文正文",
        "只在同期、同口径且有数值的单位之间排名,县市区与市属开发区分开排名,"
        "排名表见附件1(参评不足半数的指标不列)。{{ areas.without }}",
    )
    _picture(document, "charts.areas", "图2 县市区数字化转型覆盖率")

    say("一级标题", "五、工作台账")
    say("公文正文", "{%p if ledger.rows %}")
    say(
        "公文正文",
        "{{ ledger.month }}台账共{{ ledger.tasks }}项任务(按责任单位计):已完成{{ ledger.done }}项,推进中{{ ledger.going }}项,"
        "临期或滞后{{ ledger.soon }}项,逾期{{ ledger.overdue }}项,未报送{{ ledger.silent }}项。{{ ledger.late_note }}",
    )
    say("表题", "表5 市直单位台账({{ ledger.month }}){{ ledger.note }}")
    _table(
        document,
        "ledger.rows",
        (
            ("责任单位", "{{ row.body }}", 50),
            ("任务", "{{ row.tasks }}", 15),
            ("已完成", "{{ row.done }}", 17),
            ("推进中", "{{ row.going }}", 17),
            ("临期滞后", "{{ row.soon }}", 19),
            ("逾期", "{% cellbg row.tint %}{{ row.overdue }}", 19),
            ("未报送等", "{{ row.silent }}", 19),
        ),
    )
    _picture(document, "charts.ledger", "图3 市直单位台账")
    say("公文正文", "{%p else %}")
    say("公文正文", "{{ ledger.empty }}")
    say("公文正文", "{%p endif %}")

    say("一级标题", "六、存在问题与下步措施")
    say("公文正文", "{%p for line in problems %}")
    say("公文正文", "{{ line }}")
    say("公文正文", "{%p endfor %}")
    say("公文正文", "(下步措施由起草人填写。)")

    say("一级标题", "七、数据质量")
    say(
        "公文正文",
        "{{ quality.checks }}数据来源{{ quality.sources }}个,其中逾期未更新{{ quality.late }}个、"
        "尚无资料{{ quality.empty }}个;退回{{ quality.rejected }}行;"
        "应有而未见的数据{{ quality.gaps }}项;本月对以往数值的修订{{ quality.revised }}项。",
    )
    say("表题", "{%p if quality.rows %}")
    say("表题", "表6 数值修订(本月)")
    _table(
        document,
        "quality.rows",
        (
            ("指标", "{{ row.indicator }}", 50),
            ("地区、期别", "{{ row.where }}", 40),
            ("公布日期", "{{ row.day }}", 26),
            ("修订后", "{{ row.value }}", 40),
        ),
    )
    say("表题", "{%p endif %}")
    say("表题", "{%p if quality.late_rows %}")
    say("表题", "表7 逾期未更新的来源")
    _table(
        document,
        "quality.late_rows",
        (
            ("来源", "{{ row.title }}", 70),
            ("单位", "{{ row.publisher }}", 56),
            ("最近公布", "{{ row.newest }}", 30),
        ),
    )
    say("表题", "{%p endif %}")

    say("附件说明", "附件:1.县市区、开发区排名表")
    say("附件说明", "{%p if ledger.late %}")
    say("附件说明", "      2.逾期任务清单")
    say("附件说明", "{%p endif %}")
    say("落款", "(发文机关)").paragraph_format.keep_with_next = True
    say("落款", "{{ signed_on }}")

    say("附件标题", "附件1 县市区、开发区排名表").paragraph_format.page_break_before = True
    say("表题", "{%p for table in areas.tables %}")
    say("表题", "{{ table.title }}{{ table.note }}")
    _table(
        document,
        "table.rows",
        (
            ("位次", "{{ row.rank }}", 18),
            ("地区", "{{ row.area }}", 40),
            ("数值", "{{ row.value }}", 38),
            ("位次变化", "{{ row.change }}", 25),
            ("说明", "{{ row.reason }}", 35),
        ),
    )
    say("表题", "{%p endfor %}")
    say("表题", "{%p if ledger.late %}")
    say("附件标题", "附件2 逾期任务清单").paragraph_format.page_break_before = True
    say("表题", "逾期任务({{ ledger.late_title }}){{ ledger.late_source }}")
    _table(
        document,
        "ledger.late",
        (
            ("责任单位", "{{ row.body }}", 40),
            ("任务", "{{ row.task }}", 66),
            ("时限", "{{ row.due }}", 26),
            ("逾期(天)", "{{ row.days }}", 24),
        ),
    )
    say("表题", "{%p endif %}")


def _styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(16)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)

    def style(
        name: str,
        font: str,
        size: float,
        align: Any = None,
        colour: str | None = None,
        line: float | None = 28,
        indent: float = 0,
        before: float = 0,
        after: float = 0,
        bold: bool = False,
        keep: bool = False,
    ) -> None:
        made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = normal
        made.font.size, made.font.bold = Pt(size), bold
        made.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        if colour:
            made.font.color.rgb = RGBColor.from_string(colour)
        shape = made.paragraph_format
        shape.alignment, shape.first_line_indent = align, Pt(indent) if indent else None
        shape.space_before, shape.space_after, shape.keep_with_next = Pt(before), Pt(after), keep
        if line:
            shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        else:
            shape.line_spacing = 1.0

    style("发文机关标志", TITLE, 36, ALIGN.CENTER, RED, line=None, before=6, after=10)
    style("文号", BODY, 16, ALIGN.CENTER, after=4)
    style("征求意见稿", FIRST, 16, ALIGN.CENTER, RED, before=4)
    style("公文标题", TITLE, 22, ALIGN.CENTER, line=33, before=14, after=10)
    style("数据说明", SECOND, 12, ALIGN.CENTER, "404040", line=19)
    style("演示说明", FIRST, 12, ALIGN.CENTER, RED, line=19, before=4)
    style("公文正文", BODY, 16, ALIGN.JUSTIFY, indent=32)
    style("一级标题", FIRST, 16, indent=32, keep=True, before=4)
    style("二级标题", SECOND, 16, indent=32, keep=True)
    style("表题", FIRST, 12, ALIGN.CENTER, line=20, before=6, keep=True)
    style("表头", FIRST, 9, ALIGN.CENTER, line=12.5)
    style("表文", PLAIN, 9, line=12.5)
    style("表注", PLAIN, 9, line=13, before=2, after=6, colour="404040")
    style("图", PLAIN, 9, ALIGN.CENTER, line=None, before=4)
    style("附件说明", BODY, 16, indent=32, before=4, keep=True)
    style("附件标题", FIRST, 16, after=4, keep=True)
    style("落款", BODY, 16, ALIGN.RIGHT, before=6)
    style("页眉说明", PLAIN, 9, ALIGN.CENTER, RED, line=None)
    style("FootnoteText", PLAIN, 8, line=11)  # named as in footnotes.xml, which bulletin.py writes
    reference = document.styles.add_style("FootnoteReference", WD_STYLE_TYPE.CHARACTER)
    reference.font.superscript = True


def _fallbacks(document: Any) -> None:
    """Name, for each font, the one that Word takes where it is missing."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{_W}">{fonts}</w:fonts>'
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = blob.encode()
            return
    raise RuntimeError("python-docx's own template has no font table any more")


def _footer(footer: Any, align: Any) -> None:
    """ "— 1 —", one character in from the outer edge."""
    from docx.shared import Pt

    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
    for text in ("— ", None, " —"):
        run = paragraph.add_run(text or "")
        run.font.name, run.font.size = PLAIN, Pt(14)
        if text is None:
            _field(run, "PAGE")


def _field(run: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("begin", None, "end"):
        element = OxmlElement("w:instrText" if kind is None else "w:fldChar")
        if kind is None:
            element.set(qn("xml:space"), "preserve")
            element.text = code
        else:
            element.set(qn("w:fldCharType"), kind)
        run._element.append(element)


def _red_line(paragraph: Any) -> None:
    from docx.oxml import parse_xml

    paragraph._element.get_or_add_pPr().append(
        parse_xml(
            f'<w:pBdr xmlns:w="{_W}"><w:bottom w:val="single" w:sz="18" w:space="4" w:color="{RED}"/></w:pBdr>'
        )
    )


def _picture(document: Any, name: str, title: str) -> None:
    """A picture with its title below; instead of it, where it cannot be drawn, a sentence that says why."""
    document.add_paragraph(f"{{%p if {name}.shown %}}", style="图")
    document.add_paragraph(f"{{{{ {name}.picture }}}}", style="图").paragraph_format.keep_with_next = True
    document.add_paragraph(
        f"{title}{{{{ {name}.note }}}}", style="表题"
    ).paragraph_format.keep_with_next = False
    document.add_paragraph("{%p endif %}", style="图")


def _table(document: Any, rows: str, columns: Sequence[tuple[str, str, float]]) -> None:
    """A header that repeats on every page, and a line of the template for each row; a line is not torn by a page's end."""
    from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
    from docx.oxml import parse_xml
    from docx.shared import Mm

    table = document.add_table(rows=4, cols=len(columns), style="Table Grid")
    table.autofit = False
    for at, (head, cell, width) in enumerate(columns):
        for line, text in ((0, head), (2, cell)):
            paragraph = table.cell(line, at).paragraphs[0]
            paragraph.style = "表头" if line == 0 else "表文"
            paragraph.add_run(text)
        for line in range(4):
            table.cell(line, at).width = Mm(width)
        table.columns[at].width = Mm(width)
    table.cell(1, 0).paragraphs[0].add_run(f"{{%tr for row in {rows} %}}")
    table.cell(3, 0).paragraphs[0].add_run("{%tr endfor %}")
    for line, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(parse_xml(f'<w:cantSplit xmlns:w="{_W}"/>'))
        if line == 0:
            properties.append(parse_xml(f'<w:tblHeader xmlns:w="{_W}"/>'))
            for cell in row.cells:
                cell._tc.get_or_add_tcPr().append(
                    parse_xml(f'<w:shd xmlns:w="{_W}" w:val="clear" w:color="auto" w:fill="DCE6F1"/>')
                )
    table._tbl.tblPr.append(
        parse_xml(
            f'<w:tblCellMar xmlns:w="{_W}"><w:top w:w="40" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/></w:tblCellMar>'
        )
    )
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell in table._cells:
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER


if __name__ == "__main__":
    make()
