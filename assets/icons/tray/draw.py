#!/usr/bin/env python3
"""Draws the tray's icons as PNG, 64 pixels wide; needs rsvg-convert (.ci/install-deps windows).

A light rim round the dark plane keeps them in sight on dark and on light
panels. What a state says by colour it also says by shape.
"""
import math
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
STEPS = 8
COLOURS = dict(plane="#123c69", cloud="#9fd3f0", top="#fff", left="#dbe7ef", right="#f2a541")
GREYS = dict(plane="#4a545f", cloud="#aab4bd", top="#e8ecef", left="#c6cdd3", right="#9aa4ad")


def part(c):
    return (f'<rect x="1.5" y="1.5" width="61" height="61" rx="14" fill="{c["plane"]}" stroke="#f4f7fa" stroke-width="3"/>'
            f'<path d="M19 31a9 9 0 0 1 1.6-17.8A13 13 0 0 1 45.4 15 8.2 8.2 0 0 1 46 31z" fill="{c["cloud"]}"/>'
            f'<path d="M32 22 47 30.5 32 39 17 30.5z" fill="{c["top"]}"/>'
            f'<path d="M17 30.5 32 39v14.5L17 45z" fill="{c["left"]}"/>'
            f'<path d="M47 30.5 32 39v14.5L47 45z" fill="{c["right"]}"/>')


def badge(colour, inside):
    return f'<circle cx="47" cy="47" r="15" fill="{colour}" stroke="#f4f7fa" stroke-width="3"/>{inside}'


def line(d):
    return f'<path d="{d}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>'


def ring(step):
    track = '<circle cx="47" cy="47" r="9" fill="none" stroke="#5d7ba0" stroke-width="5"/>'
    if step == 0:
        return track
    if step == STEPS:
        return '<circle cx="47" cy="47" r="9" fill="none" stroke="#fff" stroke-width="5"/>'
    a = 2 * math.pi * step / STEPS
    x, y = 47 + 9 * math.sin(a), 47 - 9 * math.cos(a)
    return track + f'<path d="M47 38A9 9 0 {int(step * 2 > STEPS)} 1 {x:.2f} {y:.2f}" fill="none" stroke="#fff" stroke-width="5"/>'


def icons():
    yield "fine", part(COLOURS)
    yield "away", part(GREYS) + badge("#6b7682", '<circle cx="41" cy="47" r="2.6" fill="#fff"/><circle cx="47" cy="47" r="2.6" fill="#fff"/><circle cx="53" cy="47" r="2.6" fill="#fff"/>')
    yield "signedout", part(GREYS) + badge("#6b7682", '<circle cx="47" cy="43" r="4" fill="#fff"/><path d="M39.5 55a7.5 6.5 0 0 1 15 0z" fill="#fff"/>')
    yield "attention", part(COLOURS) + badge("#c25e00", line("M47 39.5v8.5") + '<circle cx="47" cy="54" r="2.7" fill="#fff"/>')
    yield "offline", part(COLOURS) + badge("#6b7682", line("M41.5 41.5l11 11M52.5 41.5l-11 11"))
    for step in range(STEPS + 1):
        yield f"working{step}", part(COLOURS) + badge("#1659a8", ring(step))


def main():
    for name, drawing in icons():
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{drawing}</svg>'
        png = subprocess.run(["rsvg-convert", "-w", "64", "-h", "64"], input=svg.encode(), stdout=subprocess.PIPE, check=True).stdout
        (HERE / f"{name}.png").write_bytes(png)


main()
