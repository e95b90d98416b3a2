"""Tables carry any text safely, and files that Excel reads."""

from __future__ import annotations

from innovation.ui.render.tables import csv_text, html_table


def test_text_in_a_table_is_never_markup():
    page = html_table("<b>", ["<i>"], [["<script>alert(1)</script>"]])

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_rows_and_columns_are_headed_for_a_screen_reader():
    page = html_table("Caption", ["Name", "Value"], [["GDP", "1"]], numbers={1})

    assert "<caption>Caption</caption>" in page
    assert page.count('scope="col"') == 2
    assert '<th scope="row">GDP</th>' in page


def test_a_note_stands_under_its_row_and_is_never_markup():
    page = html_table("Caption", ["Name", "Value"], [["GDP", "1"], ["R&D", "2"]], notes=["", "<b>more</b>"])

    assert page.count('colspan="2"') == 1
    assert page.index("R&amp;D") < page.index("&lt;b&gt;more&lt;/b&gt;")


def test_a_csv_opens_in_excel_with_its_chinese_and_leaves_gaps_empty():
    assert csv_text(["年份", "值"], [[2005, None]]).decode("utf-8-sig") == "年份,值\r\n2005,\r\n"
    assert csv_text(["年份"], []).startswith(b"\xef\xbb\xbf")
