"""Reports: one page that needs no network, the verdict first; and Markdown that a pull request shows as it is meant."""

import html.parser
import re

import numpy as np
import pytest

from optikit.bench.comparison import compare
from optikit.bench.decision import gate
from optikit.bench.ranking import rank
from optikit.bench.report import inline, to_html, to_markdown, write_report
from optikit.bench.value import Value
from optikit.errors import UnsupportedError

from .test_plot import runs_and_traces

VOID = {"meta", "br", "path", "use", "rect", "img"}


class Page(html.parser.HTMLParser):
    """Texts in order, ids, what is referred to, and whether every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.ids, self.references, self.open, self.tags = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.attributes(attrs)

    def handle_startendtag(self, tag, attrs):
        self.attributes(attrs)

    def attributes(self, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "xlink:href", "src", "data"):
                self.references.append(value)
            self.references += re.findall(r"url\(([^)]*)\)", value or "")

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open, f"</{tag}> without a beginning"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open[-1] != "style":
            self.texts.append(data.strip().replace("\N{NO-BREAK SPACE}", " "))


def evidence(kind="comparison", **options):
    runs, traces = runs_and_traces(**options)
    if kind == "comparison":
        return compare(runs, "live", "new", traces=traces, value=Value(2.0, "EUR", times=250, period="year"))
    return rank(runs, traces=traces)


@pytest.mark.parametrize("kind", ["comparison", "ranking"])
def test_the_page_needs_nothing_but_itself(kind):
    text = to_html(evidence(kind))
    page = Page(text)
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert all(reference.startswith("#") and reference[1:] in page.ids for reference in page.references)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert "@import" not in text
    assert page.tags.count("svg") == (6 if kind == "comparison" else 7)
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text


@pytest.mark.parametrize("kind", ["comparison", "ranking"])
def test_the_verdict_comes_first(kind):
    found = evidence(kind)
    texts = Page(to_html(found)).texts
    assert texts[2] == f"{found.statements[0]}."
    assert to_markdown(found).split("\n")[2].startswith("**new ")


def test_colours_of_pictures_are_those_of_the_page():
    """Every colour in the pictures is a variable that the page defines for light and for dark."""
    text = to_html(evidence("ranking", solvers=10))
    drawn = text[text.index("<figure>") : text.index("<h2>Conditions")]
    assert re.findall(r"#[0-9a-f]{6}\b", drawn) == []
    style = text[: text.index("</style>")]
    for name in set(re.findall(r"var\((--\w+)\)", text)):
        assert len(re.findall(rf"{name}:", style)) == 2, name


def test_what_it_holds():
    found = evidence()
    texts = " ".join(Page(to_html(found)).texts)
    for part in (
        "Gap to the best value known",
        "Primal integral",
        "Wilcoxon",
        "Worth",
        "EUR",
        "Conditions",
        "a processor (a-machine)",
        "time=10",
    ):
        assert part in texts
    assert found.worth.amount in texts


def test_the_same_runs_give_the_same_page():
    assert to_html(evidence()) == to_html(evidence())


def test_names_are_text_and_nothing_else():
    runs, traces = runs_and_traces()
    wicked = {"live": "<script>alert(1)</script>", "new": "a|b *c* `d` [e](f)\ng"}
    runs["solver"] = runs["solver"].replace(wicked)
    found = compare(runs, *wicked.values(), traces=traces)
    page = to_html(found)
    assert "<script" not in page
    assert Page(page).open == []
    text = to_markdown(found)
    assert "<script" not in text
    check_tables(text)


def columns(line):
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def check_tables(text):
    """Each table: a header, a rule of as many columns, rows of as many; an empty line before it, or nobody shows it as a table."""
    lines = text.split("\n")
    rules = [place for place, line in enumerate(lines) if re.fullmatch(r"\|( -{3}:? \|)+", line)]
    assert len(rules) >= 4
    for rule in rules:
        assert lines[rule - 2] == ""
        row = rule - 1
        while lines[row].startswith("|"):
            assert columns(lines[row]) == columns(lines[rule])
            row += 1
        assert row > rule + 1
    assert "\n\n\n\n" not in text


@pytest.mark.parametrize(("kind", "instances"), [("comparison", 4), ("comparison", 20), ("ranking", 20)])
def test_tables_of_markdown_are_whole(kind, instances):
    check_tables(to_markdown(evidence(kind, instances=instances)))


def test_long_tables_are_folded():
    assert "<details>" not in to_html(evidence(instances=8))
    page = to_html(evidence(instances=20))
    assert "<summary>Instances, mean objectives (20)</summary>" in page


def test_written_by_suffix(tmp_path):
    found = evidence()
    assert found.report(tmp_path / "a.html") is found
    found.report(tmp_path / "a.md")
    assert (tmp_path / "a.html").read_text("utf-8") == to_html(found)
    assert (tmp_path / "a.md").read_text("utf-8") == to_markdown(found)
    with pytest.raises(UnsupportedError, match=r"not written to '.*a\.pdf'; expected an ending of \.html"):
        found.report(tmp_path / "a.pdf")
    with pytest.raises(OSError, match=r"No such file or directory: there is no folder .*nowhere; make it first: .*a\.html"):
        found.report(tmp_path / "nowhere" / "a.html")


def test_all_solvers_of_a_frame(tmp_path):
    runs, traces = runs_and_traces()
    ranking = write_report(runs, traces, tmp_path / "all.html", solvers=["live", "other0"])
    assert ranking.selection.solvers == ("live", "other0")
    assert "live, other0" in (tmp_path / "all.html").read_text("utf-8")


def test_the_decision_of_a_gate_stands_under_the_verdict(tmp_path):
    runs, traces = runs_and_traces()
    decision = gate(runs, "new", "live", traces=traces)
    decision.report(tmp_path / "gate.md")
    lines = (tmp_path / "gate.md").read_text("utf-8").split("\n")
    assert lines[2].startswith("**live is worse by ")
    assert lines[4].startswith("Refused: live is worse by ")


@pytest.mark.parametrize(
    "case", ["one instance", "one run", "failures", "no traces", "several classes", "nothing known of the machine"]
)
def test_poor_data_have_their_report(case, tmp_path):
    runs, traces = runs_and_traces(instances=1 if "one" in case else 8)
    if case == "one run":
        runs = runs[runs["seed"] == 0]
    if case == "failures":
        runs.loc[runs.index[:5], "objective"] = np.nan
    if case == "no traces":
        traces = None
    if case == "several classes":
        runs["problem_class"] = np.where(runs["instance"] < "i003", "TSP", "VRP")
    if case == "nothing known of the machine":
        runs = runs.assign(cpu="", host="", commit="", versions="", parameters="not JSON", code="")
    for found in (compare(runs, "live", "new", traces=traces), rank(runs, traces=traces)):
        found.report(tmp_path / "a.html")
        found.report(tmp_path / "a.md")
        assert Page((tmp_path / "a.html").read_text("utf-8")).open == []
        assert "nan" not in (tmp_path / "a.md").read_text("utf-8").split()


def test_runs_from_elsewhere_have_their_report_without_pictures_against_time():
    runs, _ = runs_and_traces(instances=8)
    found = compare(runs[["solver", "instance", "seed", "objective"]], "live", "new")
    page = to_html(found)
    assert Page(page).tags.count("svg") == 1
    assert found.conditions.warnings == ()
    check_tables(to_markdown(found))


def test_inline_pictures_share_no_names():
    svg = (
        '<?xml version="1.0"?>\n<svg width="10pt" height="5pt" viewBox="0 0 10 5"><defs><path id="a"/></defs>'
        '<use xlink:href="#a"/><g clip-path="url(#a)"/></svg>'
    )
    text = inline(svg, "p3", 'a "title" & more')
    assert text.startswith('<svg viewBox="0 0 10 5" role="img" aria-label="a &quot;title&quot; &amp; more">')
    assert 'id="p3-0"' in text
    assert 'href="#p3-0"' in text
    assert "url(#p3-0)" in text
