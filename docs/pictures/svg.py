"""Makes an SVG of what tmux capture-pane -e prints: svg.py COLUMNS ROWS TITLE."""
import html
import re
import sys

COLUMNS, ROWS, TITLE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
WIDTH, HEIGHT, MARGIN = 8.4, 18, 12
PALETTE = {31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#79c0ff"}
FOREGROUND, BACKGROUND = "#c9d1d9", "#0d1117"


def runs(line, style):
    """Yields the column, the text and the style of each stretch of a line. The
    style goes on in the next line."""
    column = 0
    for text, codes in re.findall(r"([^\x1b]+)|\x1b\[([\d;]*)m", line):
        if text:
            yield column, text, dict(style)
            column += len(text)
            continue
        for code in (int(c or 0) for c in codes.split(";")):
            if code == 0:
                style.clear()
            elif code in PALETTE:
                style["color"] = PALETTE[code]
            elif code == 39:
                style.pop("color", None)
            else:
                style[code] = True


def draw(row, column, text, style):
    x, y, width = MARGIN + column * WIDTH, MARGIN + row * HEIGHT, len(text) * WIDTH
    color, extra = style.get("color", FOREGROUND), ""
    if 7 in style:
        print(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HEIGHT}" fill="{color}"/>')
        color = BACKGROUND
    if 1 in style:
        extra += ' font-weight="bold"'
    if 2 in style:
        extra += ' opacity="0.6"'
    if text.strip():
        print(f'<text x="{x:.1f}" y="{y + 13.5}" textLength="{width:.1f}" fill="{color}"{extra}>{html.escape(text).replace(" ", chr(0xA0))}</text>')


w, h = COLUMNS * WIDTH + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:.0f} {h:.0f}" width="{w:.0f}" role="img">')
print(f"<title>{html.escape(TITLE)}</title>")
print(f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>')
print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">')
style = {}
for row, line in enumerate(sys.stdin.read().split("\n")[:ROWS]):
    for stretch in runs(line, style):
        draw(row, *stretch)
print("</g>\n</svg>")
