"""Reports: frozen marts enter, a workbook, a page and a terminal summary leave."""
