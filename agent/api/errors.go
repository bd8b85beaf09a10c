package api

import (
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"
)

// Code names one kind of failure. Codes are the only form in which an error
// crosses a border: the local socket, the marketplace, the C library, the
// screen. A Code is itself an error, so that callers write
// errors.Is(err, api.SignedOut).
type Code string

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return string(c) }

// Error is a Code with what is needed to explain it: the parameters that its
// text for people names, and a cause for engineers. The cause never crosses
// a border.
type Error struct {
	Code   Code              `json:"code"`
	Params map[string]string `json:"params,omitempty"`
	cause  error
}

// Fail builds an Error from a code and key-value pairs for its text, as in
// Fail(NotFound, "what", path).
func Fail(code Code, pairs ...string) *Error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]string, len(pairs)/2)
		}
		e.Params[pairs[i]] = pairs[i+1]
	}
	return e
}

// Because returns e with the cause that engineers see in the log.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// Error is the line for the log: the code, the parameters, the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	keys := make([]string, 0, len(e.Params))
	for k := range e.Params {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%q", k, e.Params[k])
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause, if any.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is e's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// Text is the sentence for people in the given language, followed by the way
// out where there is one.
func (e *Error) Text(lang Language) string {
	row, ok := Lookup(e.Code)
	if !ok {
		row, _ = Lookup(Internal)
	}
	return fill(row.text(lang), e.TextParams(lang))
}

// TextParams is what fills the places of a text about e: its parameters, with
// the reason put into the language.
func (e *Error) TextParams(lang Language) map[string]string {
	params := maps.Clone(e.Params)
	if reason, ok := params["reason"]; ok {
		params["reason"] = reasonText(reason, params, lang)
	}
	return params
}

// AsError gives err as an *Error: itself if it already is one, its code if it
// is one, Internal otherwise. A nil error gives nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if c, ok := errors.AsType[Code](err); ok {
		return Fail(c).Because(err)
	}
	return Fail(Internal).Because(err)
}

// Language is a language that texts for people exist in.
type Language string

// The languages of the texts.
const (
	English Language = "en"
	Chinese Language = "zh-CN"
)

// ParseLanguage reads a locale such as "zh_CN.UTF-8" or "en-US"; anything
// that is not Chinese is English.
func ParseLanguage(locale string) Language {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return Chinese
	}
	return English
}

// fill replaces {name} by the parameter of that name; an unknown one stays
// visible, because a sentence with a hole misleads more than a brace.
func fill(text string, params map[string]string) string {
	pairs := make([]string, 0, 2*len(params))
	for k, v := range params {
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
