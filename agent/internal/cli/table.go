package cli

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// table prints rows under headings whose texts have the given keys. Columns
// are as wide as their widest cell; a Chinese character counts two.
func (p *printer) table(headings []string, rows [][]string) {
	if p.json {
		return
	}
	head := make([]string, len(headings))
	for i, key := range headings {
		head[i] = p.text(key)
	}
	all := append([][]string{head}, rows...)
	width := columnWidths(all)
	for _, row := range all {
		p.line(p.out, formatRow(row, width))
	}
}

func columnWidths(rows [][]string) []int {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], runewidth.StringWidth(safe(cell)))
		}
	}
	return width
}

func formatRow(row []string, width []int) string {
	var b strings.Builder
	for i, cell := range row {
		cell = safe(cell)
		b.WriteString(cell)
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", width[i]-runewidth.StringWidth(cell)+2))
		}
	}
	return strings.TrimRight(b.String(), " ")
}
