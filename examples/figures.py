"""The figures of the examples, by matplotlib."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Patch

if TYPE_CHECKING:
    from many_models_one_table import Taken


def disk_and_memory(results: list[Taken], table: float, path: str) -> None:
    """Bars for models with a table each and for models that share one of `table` megabytes."""
    colours = {"ordinary": "tab:orange", "external": "tab:blue", "keras": "lightgrey"}
    figure = Figure((9, 3.4), layout="constrained")
    disk, *memory = figure.subplots(1, 3)
    counts = sorted({one.models for one in results})
    for one in results:
        x = counts.index(one.models) + (-0.2 if one.kind == "ordinary" else 0.2)
        if one.processes == 1:
            beside = table if one.kind == "external" else 0
            disk.bar(x, (one.disk + beside) / 1000, 0.38, color=colours[one.kind])
        for panel, processes in zip(memory, (1, one.models), strict=True):
            if one.processes == processes:
                keras = (one.memory - one.table) / 1000
                panel.bar(x, keras, 0.38, color=colours["keras"])
                panel.bar(x, one.table / 1000, 0.38, keras, color=colours[one.kind])
    titles = "Disk, with the table file", "Memory, one process", "Memory, a process each"
    for panel, title in zip((disk, *memory), titles, strict=True):
        panel.set_title(title, loc="left", fontsize="medium")
        panel.set(xlabel="models", ylabel="GB", xticks=range(len(counts)), xticklabels=counts)
        panel.spines[["top", "right"]].set_visible(False)
    memory[0].set_ylim(memory[1].get_ylim())
    labels = "table in each model", "ExternalEmbedding: one table", "Keras and its backend"
    handles = [
        Patch(color=colour, label=label)
        for colour, label in zip(colours.values(), labels, strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=120)


def learning_curves(reached: dict[tuple[str, int], list[float]], path: str) -> None:
    """Of each way of training the mean and standard deviation, by the number of articles."""
    figure = Figure((6, 3.6), layout="constrained")
    axes = figure.subplots()
    for position, way in enumerate(dict.fromkeys(way for way, _ in reached)):
        counts = [count for name, count in reached if name == way]
        means = [statistics.mean(reached[way, count]) for count in counts]
        deviations = [statistics.stdev(reached[way, count]) for count in counts]
        x = [count * (0.97 + 0.03 * position) for count in counts]  # lest bars hide each other
        axes.errorbar(x, means, deviations, capsize=3, marker="o", markersize=4, label=way)
    draws = len(reached[way, counts[0]])
    axes.set_xscale("log")
    axes.set_xticks(counts, counts)
    axes.minorticks_off()
    axes.set(xlabel="labelled articles of each topic", ylabel="test accuracy, %")
    axes.set_title(
        f"mean and standard deviation of {draws} draws of the articles",
        loc="left",
        fontsize="medium",
    )
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(path, dpi=120)
