// Package fonts holds the Chinese characters of the tray app, so that they are
// there on a machine without a Chinese font. LICENSE.txt tells whose they are,
// subset.py how the files are made.
package fonts

import _ "embed"

//go:embed cjk.ttf
var cjk []byte

//go:embed basic.ttf
var basic []byte

// CJK is a TrueType font of every common Chinese character, without Latin
// ones. The caller does not change it.
func CJK() []byte { return cjk }

// Basic is the part of CJK for bold and monospace text: the characters of GB
// 2312.
func Basic() []byte { return basic }
