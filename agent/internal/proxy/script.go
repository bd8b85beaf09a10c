package proxy

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/quickjs"

	"iscdesk.dev/agent/api"
)

// What a script may use, and how long one that was read is good.
const (
	scriptMost   = 1 << 20 // bytes of source
	scriptMemory = 32 << 20
	scriptStack  = 200
	scriptTime   = 3 * time.Second
	scriptFetch  = 20 * time.Second
	scriptFresh  = 30 * time.Minute
	scriptRetry  = 10 * time.Second // after one that could not be read
	resolveTime  = 2 * time.Second
	mostHops     = 16
)

// prelude holds the functions that every script may call.
//
//go:embed prelude.js
var prelude string

// script is a proxy auto-configuration script.
type script struct {
	place  string
	client *http.Client
	now    func() time.Time

	mu     sync.Mutex // guards what follows, and has one script run at a time
	source string
	read   time.Time
	err    error
}

func newScript(place string, client *http.Client) *script {
	return &script{place: place, client: client, now: time.Now}
}

// hops asks the script for the ways to a host. The error is an *api.Error.
func (s *script) hops(ctx context.Context, host, address string) ([]*url.URL, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return nil, failure(s.place, api.ExplainBy(api.ScriptUnread, reason(err))).Because(err)
	}
	answer, err := evaluate(ctx, s.source, "https://"+address+"/", host)
	if err != nil {
		return nil, failure(s.place, err).Because(err)
	}
	hops, err := parseHops(answer)
	if err != nil {
		return nil, failure(s.place, err).Because(err)
	}
	return hops, nil
}

// load reads the script where it was not, or not lately. One that cannot be
// read anew stays as it was. s.mu is held.
func (s *script) load(ctx context.Context) error {
	age := s.now().Sub(s.read)
	switch {
	case s.source != "" && age < scriptFresh && age >= 0:
		return nil
	case s.source == "" && s.err != nil && age < scriptRetry && age >= 0:
		return s.err
	}
	source, err := s.fetch(context.WithoutCancel(ctx))
	s.read = s.now()
	if err == nil {
		s.source = source
	}
	if s.err = err; s.source != "" {
		return nil
	}
	return err
}

func (s *script) fetch(ctx context.Context) (string, error) {
	if filepath.IsAbs(s.place) {
		return readScript(s.place)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.place, nil)
	if err != nil {
		return "", err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	if answer.StatusCode != http.StatusOK {
		return "", api.Explain(api.ScriptServer, "status", strconv.Itoa(answer.StatusCode))
	}
	return bounded(answer.Body)
}

func readScript(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", api.Explain(api.FileNotRegular)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	return bounded(f)
}

func bounded(in io.Reader) (string, error) {
	content, err := io.ReadAll(io.LimitReader(in, scriptMost+1))
	switch {
	case err != nil:
		return "", err
	case len(content) > scriptMost:
		return "", api.Explain(api.FileTooLarge, "limit", strconv.Itoa(scriptMost))
	case len(content) == 0:
		return "", api.Explain(api.FileEmpty)
	}
	return strings.TrimPrefix(string(content), "\ufeff"), nil
}

// evaluate runs a script in an interpreter of its own and gives what its
// FindProxyForURL says.
func evaluate(ctx context.Context, source, address, host string) (answer string, err error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, vm.Close()) }()
	vm.SetMemoryLimit(scriptMemory)
	vm.SetMaxStackSize(scriptStack)
	vm.SetCanBlock(false)
	if err := vm.SetEvalTimeout(scriptTime); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, scriptTime)
	defer cancel()
	if err := provide(ctx, vm); err != nil {
		return "", err
	}
	for _, text := range []string{prelude, source} {
		if _, err := vm.Eval(text, quickjs.EvalGlobal); err != nil {
			return "", scriptError(ctx, err)
		}
	}
	value, err := vm.Call("FindProxyForURL", address, host)
	if err != nil {
		return "", scriptError(ctx, err)
	}
	answer, ok := value.(string)
	if !ok {
		return "", api.Explain(api.ScriptSilent)
	}
	return answer, nil
}

func scriptError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return api.Explain(api.ScriptTime, "limit", scriptTime.String())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return api.Explain(api.ScriptFailed, "detail", first)
}

// provide gives the script what the language lacks: the network's names.
func provide(ctx context.Context, vm *quickjs.VM) error {
	err := vm.RegisterFunc("__resolve", func(host string) string { return resolve(ctx, host) }, false)
	if err != nil {
		return err
	}
	return vm.RegisterFunc("__myAddress", myAddress, false)
}

// resolve is a host's IPv4 address; empty: it has none.
func resolve(ctx context.Context, host string) string {
	if ip := net.ParseIP(host); ip != nil {
		return host
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip4", host)
	if err != nil || len(ips) == 0 {
		return ""
	}
	return ips[0].String()
}

// myAddress is this machine's address on its way out. Nothing is sent.
func myAddress() string {
	conn, err := net.Dial("udp4", "192.0.2.1:9")
	if err != nil {
		return "127.0.0.1"
	}
	defer func() { _ = conn.Close() }() // nothing was sent
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		return "127.0.0.1"
	}
	return host
}

// parseHops reads "PROXY a:1; SOCKS5 b:2; DIRECT".
func parseHops(answer string) ([]*url.URL, error) {
	var hops []*url.URL
	for part := range strings.SplitSeq(answer, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		kind := strings.ToUpper(words[0])
		if kind == "DIRECT" && len(words) == 1 {
			hops = append(hops, nil)
			continue
		}
		scheme := map[string]string{"PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks5", "SOCKS5": "socks5"}[kind]
		if scheme == "" || len(words) != 2 || len(hops) >= mostHops {
			return nil, api.Explain(api.ScriptAnswer, "answer", fmt.Sprintf("%.100q", answer))
		}
		hop, err := url.Parse(scheme + "://" + words[1])
		if err != nil || hop.Hostname() == "" || hop.User != nil || hop.Path != "" {
			return nil, api.Explain(api.ScriptAnswer, "answer", fmt.Sprintf("%.100q", answer))
		}
		hops = append(hops, hop)
	}
	if len(hops) == 0 {
		return nil, api.Explain(api.ScriptSilent)
	}
	return hops, nil
}
