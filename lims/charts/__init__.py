"""Pictures as SVG, the same on screen and in the PDF.

Pure functions: data and a sentence that states the finding go in, SVG text comes out. On screen
the shapes carry classes of lims.css; with `standalone=True` their own attributes, for the PDF.
Each picture has a companion that gives its values as a `Table`.
"""

from lims.charts.kinetics import Axes, Panel, axes_for, curves, curves_table, detail, mini
from lims.charts.levey_jennings import ControlLines, ControlPoint, ShadedRun, control, control_table
from lims.charts.plate import Well, heat_level, plate_grid, plate_heat, plate_table
from lims.charts.shelf_life import FitPoint, Limit, stability, stability_table
from lims.charts.small import range_bar, spark
from lims.charts.svg import NotDrawable
from lims.charts.table import Table

__all__ = [
    "Axes",
    "ControlLines",
    "ControlPoint",
    "FitPoint",
    "Limit",
    "NotDrawable",
    "Panel",
    "ShadedRun",
    "Table",
    "Well",
    "axes_for",
    "control",
    "control_table",
    "curves",
    "curves_table",
    "detail",
    "heat_level",
    "mini",
    "plate_grid",
    "plate_heat",
    "plate_table",
    "range_bar",
    "spark",
    "stability",
    "stability_table",
]
