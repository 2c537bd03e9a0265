# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Plots as PNG, drawn by gnuplot: panels side by side, in each a line per series."""
import dataclasses
import itertools
import shutil
import subprocess

# Shown at half its size, as in a README, a plot has the sharpness of a dense screen.
PANEL_WIDTH, HEIGHT = 800, 660
FONT = "DejaVu Sans,19"
# Colours that stay apart for the colour-blind (Okabe and Ito), by what is drawn in every plot.
COLORS = {"floe": "#D55E00", "floe 1s": "#E69F00", "icecast2": "#0072B2", "nginx": "#009E73",
          "floor": "#555555"}
MORE_COLORS = ["#CC79A7", "#56B4E9", "#000000", "#F0E442"]


@dataclasses.dataclass
class Panel:
    """`series`: name to points (x, y). `is_log_x` where the xs span orders of magnitude."""
    title: str
    x_label: str
    y_label: str
    series: dict
    is_log_x: bool = False


def color_of(name, others):
    """The same in all panels; `others` keeps the names that have none of their own."""
    if name in COLORS:
        return COLORS[name]
    if name not in others:
        others.append(name)
    return MORE_COLORS[others.index(name) % len(MORE_COLORS)]


def script_for(path, title, panels):
    """What gnuplot is told."""
    lines = [f"set terminal pngcairo size {PANEL_WIDTH * len(panels)},{HEIGHT} font '{FONT}'",
             f"set output '{path}'",
             f"set multiplot layout 1,{len(panels)} title \"{title}\" font ',22' noenhanced",
             "set border 3 lc '#888888'", "set tics nomirror textcolor '#333333'",
             "set grid ytics lc '#DDDDDD' lt 1",
             "set key outside bottom center horizontal noenhanced"]
    others = []
    for panel in panels:
        lines += panel_lines(panel, others)
    return "\n".join(lines + ["unset multiplot"]) + "\n"


def ticks_up_to(most):
    """From 0 in steps of 1, 2 or 5 times a power of ten, at most five of them."""
    step = 1
    for factor in itertools.cycle((2, 2.5, 2)):
        if most / step <= 5:
            return [step * i for i in range(int(most / step) + 1)]
        step = int(step * factor)
    return []


def panel_lines(panel, others):
    xs = sorted({x for points in panel.series.values() for x, _ in points})
    top = 1.1 * max(y for points in panel.series.values() for _, y in points) or 1
    ticks = xs if panel.is_log_x else ticks_up_to(xs[-1] * 1.06)
    shown = ", ".join(f"'{x:,}' {x}" for x in ticks)
    low, high = (xs[0] * 0.8, xs[-1] * 1.25) if panel.is_log_x else (0, xs[-1] * 1.06)
    lines = [f"set title \"{panel.title}\" noenhanced", f"set xlabel '{panel.x_label}' noenhanced",
             f"set ylabel '{panel.y_label}' noenhanced", f"set yrange [0:{top:g}]",
             "set logscale x" if panel.is_log_x else "unset logscale x",
             f"set xtics ({shown})", f"set xrange [{low:g}:{high:g}]"]
    plots, blocks = [], []
    for name, points in panel.series.items():
        title = f"title '{name}'" if len(panel.series) > 1 else "notitle"
        plots.append(f"'-' using 1:2 with linespoints lw 3 pt 7 ps 1.5 "
                     f"lc rgb '{color_of(name, others)}' {title}")
        blocks.append("\n".join(f"{x} {y:g}" for x, y in sorted(points)) + "\ne")
    return lines + ["plot " + ", ".join(plots)] + blocks


def draw(path, title, panels):
    """Writes the PNG; False, and nothing is written, where there is no gnuplot or no point."""
    panels = [panel for panel in panels if any(panel.series.values())]
    if not panels or not shutil.which("gnuplot"):
        return False
    subprocess.run(["gnuplot"], input=script_for(path, title, panels), text=True, check=True)
    return True
