package demobrowser

import (
	"encoding/xml"
	"net/url"
	"strings"
)

// form is the first form of a page: what it sends when its first button is
// pressed.
type form struct {
	method, action string
	values         url.Values
	inputs         []string // names of what the user fills in
	button         bool     // the first button has been seen
}

// parse finds the form and the plain text of a page. The marketplace's pages
// are well-formed enough for a lenient XML reader.
func parse(body string) (found *form, text string) {
	reader := xml.NewDecoder(strings.NewReader(body))
	reader.Strict, reader.AutoClose, reader.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var words []string
	hidden := false
	for {
		token, err := reader.Token()
		if err != nil {
			return found, strings.Join(words, " ")
		}
		switch t := token.(type) {
		case xml.StartElement:
			hidden = hidden || t.Name.Local == "style"
			found = found.with(t)
		case xml.EndElement:
			hidden = hidden && t.Name.Local != "style"
		case xml.CharData:
			if word := strings.TrimSpace(string(t)); word != "" && !hidden {
				words = append(words, word)
			}
		}
	}
}

// with adds an element of the page to the form.
func (f *form) with(e xml.StartElement) *form {
	at := func(name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	switch {
	case e.Name.Local == "form" && f == nil:
		return &form{method: strings.ToUpper(at("method")), action: at("action"), values: url.Values{}}
	case f == nil:
	case e.Name.Local == "input" && at("type") == "hidden":
		f.values.Set(at("name"), at("value"))
	case e.Name.Local == "input":
		f.values.Set(at("name"), at("value"))
		f.inputs = append(f.inputs, at("name"))
	case e.Name.Local == "button" && !f.button:
		f.button = true
		if at("name") != "" {
			f.values.Set(at("name"), at("value"))
		}
	}
	return f
}
