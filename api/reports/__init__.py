"""Reports of figures for people, a page to print and a workbook; JSON is the document itself.

    StewardshipReport ─▶ page      HTML, charts drawn here as SVG, a table beside each, nothing from elsewhere
                      ─▶ workbook  Excel, numbers as numbers

Both hold nothing but what the document says, so the same report gives the same bytes.
"""
