#!/usr/bin/python3
"""Makes the two fonts of the tray app from DroidSansFallbackFull.ttf.

assets/fonts/subset.py [SOURCE]; needs: .ci/install-deps fonts

cjk.ttf holds every Chinese character of the source (20,902 and Extension A),
kana, full-width forms and CJK punctuation; basic.ttf only those of GB 2312,
for bold and monospace text, which would each load the whole again. Neither
holds anything Latin, so that it comes from the font that stands beside it, and
both have that font's line height. Both hold the spaces: what stands between
two characters is drawn with the font of the first.
"""
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).parent
SOURCE = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"
# Ascent and descent of Noto Sans, in parts of 1000.
ASCENT, DESCENT = 1069, 293


SPACES = {0x20, 0xA0}


def chinese(code):
    return code in SPACES or code >= 0x2E80 and not 0xAC00 <= code <= 0xD7FF and not 0x3130 <= code <= 0x318F


def gb2312():
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield ord(bytes([high, low]).decode("gb2312"))
            except UnicodeDecodeError:
                pass


def make(source, codes, name):
    options = subset.Options()
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "vhea", "vmtx", "fpgm", "prep", "cvt ", "gasp"]
    options.hinting, options.glyph_names, options.legacy_kern = False, False, False
    options.name_IDs, options.notdef_outline = ["*"], True
    font = TTFont(source, recalcTimestamp=False)
    s = subset.Subsetter(options)
    s.populate(unicodes=codes)
    s.subset(font)
    em = font["head"].unitsPerEm
    up, down = round(ASCENT * em / 1000), round(DESCENT * em / 1000)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = up, -down, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = up, -down, 0
    os2.usWinAscent, os2.usWinDescent = up, down
    font.save(HERE / name)
    print(name, len(font.getGlyphOrder()), "glyphs", (HERE / name).stat().st_size, "bytes")


def main():
    source = sys.argv[1] if len(sys.argv) > 1 else SOURCE
    have = {c for c in TTFont(source).getBestCmap() if chinese(c)}
    make(source, have, "cjk.ttf")
    make(source, have & (set(gb2312()) | SPACES), "basic.ttf")


main()
