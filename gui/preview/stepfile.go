package preview

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// stepFile is an exchange structure of ISO 10303-21 of which only the limits
// of its entities are known; an entity is read when it is asked for, until the
// time is up.
type stepFile struct {
	ctx      context.Context //nolint:containedctx // of the one reading that the file lives for
	content  []byte
	entities []entity // by id
}

// entity is where the right side of "#id=…;" stands in the content.
type entity struct{ id, from, to int32 }

// scanStep finds the entities.
func scanStep(ctx context.Context, content []byte) (*stepFile, error) {
	f := &stepFile{ctx: ctx, content: content}
	start := 0
	for i, n := 0, 0; i < len(content); i++ {
		switch content[i] {
		case '\'':
			end := bytes.IndexByte(content[i+1:], '\'')
			if end < 0 {
				return nil, None("a text in it does not end")
			}
			i += end + 1
		case '/':
			if i+1 < len(content) && content[i+1] == '*' {
				end := bytes.Index(content[i+2:], []byte("*/"))
				if end < 0 {
					return nil, None("a remark in it does not end")
				}
				i += end + 3
			}
		case ';':
			f.statement(start, i)
			start = i + 1
			if n++; n%8192 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		if len(f.entities) > maxEntities {
			return nil, None("it has too many entities")
		}
	}
	if len(f.entities) == 0 {
		return nil, None("it holds no model")
	}
	slices.SortStableFunc(f.entities, func(a, b entity) int { return cmp.Compare(a.id, b.id) })
	return f, nil
}

// statement notes the entity that stands between two places of the content.
func (f *stepFile) statement(from, to int) {
	p := stepParser{in: f.content[:to], at: from}
	p.space()
	from = p.at
	if from >= to || f.content[from] != '#' {
		return
	}
	eq := bytes.IndexByte(f.content[from:to], '=')
	if eq < 0 || eq > 32 {
		return
	}
	id, err := strconv.ParseInt(strings.TrimSpace(string(f.content[from+1:from+eq])), 10, 32)
	if err != nil || id < 0 {
		return
	}
	f.entities = append(f.entities, entity{id: int32(id), from: int32(from + eq + 1), to: int32(to)}) //nolint:gosec // MaxBytes is less
}

// body is the right side of an entity; nil where there is none.
func (f *stepFile) body(id int) []byte {
	i, ok := slices.BinarySearchFunc(f.entities, id, func(e entity, id int) int { return cmp.Compare(int(e.id), id) })
	if !ok {
		return nil
	}
	return f.content[f.entities[i].from:f.entities[i].to]
}

// keyword is the name of a simple entity; empty where it is a complex one.
func keyword(body []byte) string {
	body = bytes.TrimLeft(body, " \t\r\n")
	end := 0
	for end < len(body) && (body[end] == '_' || body[end] >= '0' && body[end] <= '9' || body[end] >= 'A' && body[end] <= 'Z') {
		end++
	}
	return string(body[:end])
}

// refs calls each for the entities that a body names, in order.
func refs(body []byte, each func(id int)) {
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '\'':
			end := bytes.IndexByte(body[i+1:], '\'')
			if end < 0 {
				return
			}
			i += end + 1
		case '#':
			n, digits := 0, 0
			for i+1 < len(body) && body[i+1] >= '0' && body[i+1] <= '9' && digits < 10 {
				i++
				digits++
				n = n*10 + int(body[i]-'0')
			}
			if digits > 0 {
				each(n)
			}
		}
	}
}

// value is a parameter of an entity.
type value struct {
	list   []value
	number float64
	ref    int    // of "#n"; 0: it is none
	word   string // a keyword, an enumeration without its dots, or empty
	isList bool
}

// part is one name with its parameters; a complex entity has several.
type part struct {
	name string
	args []value
}

// parts reads an entity. A file may name a large one as often as it likes, so
// there are none any more once the time is up.
func (f *stepFile) parts(id int) []part {
	if f.ctx.Err() != nil {
		return nil
	}
	p := stepParser{in: f.body(id)}
	p.space()
	if !p.take('(') {
		return p.parts(nil)
	}
	var all []part
	for !p.take(')') && p.at < len(p.in) && len(all) < 32 && !p.bad {
		all = p.parts(all)
	}
	return all
}

// named is the part of that name; its arguments are nil where there is none.
func named(parts []part, name string) []value {
	for _, p := range parts {
		if p.name == name {
			return p.args
		}
	}
	return nil
}

// stepParser reads the right side of an entity.
type stepParser struct {
	in    []byte
	at    int
	depth int
	read  int // values
	bad   bool
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// space goes past what has no meaning.
func (p *stepParser) space() {
	for p.at < len(p.in) {
		switch {
		case isSpace(p.in[p.at]):
			p.at++
		case bytes.HasPrefix(p.in[p.at:], []byte("/*")):
			end := bytes.Index(p.in[p.at+2:], []byte("*/"))
			if end < 0 {
				p.at = len(p.in)
				return
			}
			p.at += end + 4
		default:
			return
		}
	}
}

func (p *stepParser) take(c byte) bool {
	p.space()
	if p.at < len(p.in) && p.in[p.at] == c {
		p.at++
		return true
	}
	return false
}

// parts appends a name with its parameters.
func (p *stepParser) parts(all []part) []part {
	p.space()
	name := keyword(p.in[p.at:])
	p.at += len(name)
	if name == "" || !p.take('(') {
		p.bad = true
		return all
	}
	return append(all, part{name, p.list()})
}

// list reads values up to the closing bracket.
func (p *stepParser) list() (out []value) {
	const deepest = 16
	if p.depth++; p.depth > deepest {
		p.bad = true
	}
	defer func() { p.depth-- }()
	for !p.bad && p.at < len(p.in) {
		if p.take(')') {
			return out
		}
		if p.take(',') {
			continue
		}
		out = append(out, p.value())
	}
	p.bad = true
	return out
}

// maxValues bounds what is read of one entity.
const maxValues = 1 << 16

// value reads one value.
func (p *stepParser) value() (v value) {
	p.space()
	if p.read++; p.at >= len(p.in) || p.read > maxValues {
		p.bad = true
		return v
	}
	switch c := p.in[p.at]; {
	case c == '(':
		p.at++
		v.isList, v.list = true, p.list()
	case c == '\'':
		for p.at < len(p.in) && p.in[p.at] == '\'' { // two of them in a text stand for one
			end := bytes.IndexByte(p.in[p.at+1:], '\'')
			p.bad = p.bad || end < 0
			p.at += max(end, 0) + 2
		}
	case c == '#':
		refs(p.word(), func(id int) { v.ref = id })
	case c == '.':
		v.word = strings.Trim(string(p.word()), ".")
	case c == '-' || c == '+' || c >= '0' && c <= '9':
		n, err := strconv.ParseFloat(string(p.word()), 64)
		p.bad = p.bad || err != nil
		v.number = n
	default:
		v.word = string(p.word()) // $, *, or a typed value
		if p.take('(') {
			v.isList, v.list = true, p.list()
		}
	}
	return v
}

// word takes what stands up to the next mark; at least one character.
func (p *stepParser) word() []byte {
	from := p.at
	for p.at++; p.at < len(p.in); p.at++ {
		if c := p.in[p.at]; c == ',' || c == ')' || c == '(' || c == '\'' || isSpace(c) {
			break
		}
	}
	p.at = min(p.at, len(p.in))
	return p.in[from:p.at]
}
