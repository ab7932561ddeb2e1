"""Write the address of the repository into what a package index shows: `address.py URL COMMIT`.

The sources name no address: it is that of the repository whose workflow makes the release. The
links of README.md become absolute, because an index shows it alone, and pyproject.toml gets its
`[project.urls]`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^]]*)\]\((?P<path>(?!https?://|#)[^)]+)\)")


def with_absolute_links(text: str, url: str, commit: str) -> str:
    """Return Markdown whose links to files of the repository work anywhere."""

    def absolute(link: re.Match[str]) -> str:
        kind = "raw" if link["image"] else "blob"
        return f"{link['image']}[{link['text']}]({url}/{kind}/{commit}/{link['path']})"

    return _LINK.sub(absolute, text)


def with_urls(pyproject: str, url: str) -> str:
    """Return pyproject.toml with the addresses of the project."""
    begin = "[project.scripts]\n"
    if begin not in pyproject or "[project.urls]" in pyproject:
        raise SystemExit("pyproject.toml is not as this program knows it")
    urls = {
        "Source": url,
        "Documentation": f"{url}/blob/HEAD/docs/index.md",
        "Changelog": f"{url}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{url}/issues",
    }
    table = "".join(f'{name} = "{address}"\n' for name, address in urls.items())
    return pyproject.replace(begin, f"[project.urls]\n{table}\n{begin}")


def main(url: str, commit: str) -> None:
    """Change both files in place."""
    readme, pyproject = ROOT / "README.md", ROOT / "pyproject.toml"
    readme.write_text(with_absolute_links(readme.read_text("utf-8"), url, commit), "utf-8")
    pyproject.write_text(with_urls(pyproject.read_text("utf-8"), url), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
