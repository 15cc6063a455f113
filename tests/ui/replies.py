"""Replies as models write them, each with something that was once lost on the screen."""

REPLIES = {
    "brackets": "git clone <url> <folder>\n",
    "tags": (
        "The tags <think> and </think> mark a thought.\n\n<answer>\n42 is *it*\n</answer>\n\n"
        "# Vec<String>\n\n- `a` <b>bold</b>\n\n> <!-- a comment -->\n\n| <i> | b |\n|---|---|\n"
        "| <td> | one<br>two |\n\nstd::vector<std::string> and <jane@example.org>\n"
    ),
    "page": (
        "<!DOCTYPE html>\n<html>\n  <body class='x'>\n    <p>Hi &amp; bye</p>\n"
        "\n  </body>\n</html>\n"
    ),
    "poem": (
        "Roses are red,\nViolets are blue.\n\n- one\n  two\n- three\n\n> four\n> five\n> - six\n"
    ),
    "address": "Jane Doe\n12 High Street\nLondon\n\nA. one\nB. two\n\nBest regards,\nClaude",
    "math": "\\[ x\\,y \\] and $\\{a\\}$ and $$a\\\\b$$\n",
    "math block": (
        "So:\n\\[\na\n- b\n= c_1 * d_2 * e\n\\]\nand $$\n"
        "\\begin{pmatrix}a\\\\b\\end{pmatrix}\n$$\n\n"
        "1. First\n   $$\n   x = 1\n   $$\n"
        "2. It costs $5*2 and $6*3, or $5 and $10.\n\n\\[ open\n\nEnd\n"
    ),
    "references": (
        "Read [the manual][1] first, and [2].\n\n[1]: https://example.org/manual\n"
        "[2]: https://example.org/faq\n"
    ),
    "sources": (
        "Python 3.13 has a JIT [1] and free threading [2].\n\nSources:\n\n"
        "[1]: https://peps.python.org/pep-0744/\n"
        "[2]: https://peps.python.org/pep-0703/ 'PEP 703'\n"
    ),
    "footnotes": (
        "One[^1] and two[^b].\n\n[^1]: First *note*\n[^b]: Second\n\n    goes on\n\nEnd [^c]"
    ),
    "fence in a fence": (
        "Here is your README:\n\n```markdown\n# My project\n\nInstall it:\n\n```bash\n"
        "pip install myproject\n```\n\nThen use it.\n\n## Licence\n\nMIT\n```\n\n"
        "Save it as README.md and you are **done**.\n"
    ),
    "bare fences in a fence": (
        "````md\n```\na\n```\n````\n\n"
        "```md\nRun:\n\n```\nmake\n```\n\nOr:\n```\nmake all\n```\n```\n\nDone.\n"
    ),
    "fences that do not pair": "```markdown\n# T\n\n```bash\nx\n```\n\nSave it.\n\n- a\n- b\n",
    "table": (
        "| Op | Meaning | Example |\n|----|---------|---------|\n| `a | b` | or | `x | y` |\n"
        "| 1 | 2 | 3 | four |\n| \\| | |\nNot a row\n"
    ),
    "code": (
        "Run this:\n\n```bash\ndocker run --rm -it " + "-e VAR=value " * 12 + "\n```\n\n"
        "```python\ndef f():\n\tif x:\n\t\treturn 1\n```\n\n- An item that is long "
        + "and on " * 20
        + "\n- second\n\n  ~~~\n  code\n  ~~~\n"
    ),
    "signs": "🏴\U000e0067\U000e007f so\u00adft \u202egpj.exe\u202c 👩\u200d💻 ไทย\u200bไทย\tend",
    "looks like": (
        "para\n***bold***\n\npara\n---\n-- x\n\n#tag\n# Head\n#5\n\n1) a\n2) b\n10) c\n\na | b\n"
    ),
    "signature": "Best,\n-- \nJane\n\nTitle\n---\na\nb\n---\nc\n1. one\n3. three\n\n-\n- x\n1.\n",
    "written as it is": (
        "&lt;b&gt; \\\\server\\. __init__ ![a](https://example.org/a.png) [b](c.md)\n\n"
        "| a | b |\n|---|---|\n| $|x|$ | \\(a|b\\) |\n\n"
        "```markdown:README.md\n## Use\n```\nls\n```\n```\n\nDone\n[^1]:\n"
    ),
    "lines that turn": (
        "- item\n***\n***not a rule***\n\ntext\n1986. A year\n\n    code\n\ntext\n    more\n"
    ),
}
"""By what is special in them."""

LONG = "\n\n".join(
    [
        "As [the first][1] says. " * 40,
        REPLIES["table"],
        "Words[^n] and [2] " * 60,
        "\n".join(f"{n}. Item {n} of [1]" for n in range(1, 90)),
        REPLIES["fence in a fence"],
        REPLIES["math block"],
        "More of it. " * 120,
        "[1]: https://example.org/1\n[2]: https://example.org/2\n[^n]: A note",
    ]
)
"""Several passages, of which the first ones refer to what the last one defines."""
