package daemon

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/cloud"
	"iscdesk.dev/agent/internal/policy"
	"iscdesk.dev/agent/internal/proxy"
)

// rules are the settings in force and what follows from them at once: the way
// to the network. The marketplace is fixed for as long as the engines live:
// their tokens and documents belong to it. Where a policy names another, moved
// is closed, and the engines are built anew.
type rules struct {
	*policy.Live
	own         bool
	network     *cloud.Network
	marketplace string
	moved       context.Context // ends when the policy names another marketplace
	move        context.CancelFunc

	mu      sync.Mutex // guards what follows
	way     way
	unfit   []*api.Error // what is wrong with the files that settings name
	told    policy.Effective
	changed func()
}

// way is all that the way to the network depends on.
type way struct {
	held             *api.Error
	proxy, pac       string
	noProxy          []string
	user, password   string
	caFile           string
	caSum, scriptSum [sha256.Size]byte // another content is another way
	up, down         int64
}

func newRules(cfg Config) *rules {
	r := &rules{
		Live: policy.Open(cfg.places(), cfg.Log), own: cfg.PerUser, changed: func() {},
	}
	r.moved, r.move = context.WithCancel(context.Background()) // it is no call's
	r.told = r.Now()
	r.marketplace = r.Values().Marketplace
	r.way, r.unfit = r.find()
	r.network = cloud.NewNetwork(r.way.cloud())
	r.watchFiles()
	r.Subscribe(r.follow)
	return r
}

func (r *rules) client() *http.Client { return cloud.HTTPClient(r.network) }

// watchFiles has the files that settings name followed too.
func (r *rules) watchFiles() {
	v, files := r.Values(), []string{}
	for _, file := range []string{v.CAFile, v.ProxyPasswordFile, v.ProxyPAC} {
		if file != "" && !strings.Contains(file, "://") {
			files = append(files, file)
		}
	}
	r.Watch(files...)
}

// find gathers what the way depends on, and what is wrong with it. A password
// that cannot be read holds the network: the proxy must not be asked without,
// and nothing goes around it. In the machine's service a file of authorities or
// a script that others could have written is not used: whoever writes it reads
// what everybody sends.
func (r *rules) find() (w way, unfit []*api.Error) {
	now := r.Now()
	v := now.Values
	w = way{
		held: now.Held, proxy: v.Proxy, pac: v.ProxyPAC, noProxy: v.NoProxy, user: v.ProxyUser, caFile: v.CAFile,
		caSum: sum(v.CAFile), scriptSum: sum(v.ProxyPAC), up: v.UploadRate, down: v.DownloadRate,
	}
	hold := func(setting, path string, err error) {
		problem := api.Fail(api.ProxyFailed, "proxy", setting+" "+path).Why(err)
		unfit = append(unfit, problem)
		if w.held == nil {
			w.held = problem
		}
	}
	if err := r.checkNamed(v.CAFile); err != nil {
		unfit = append(unfit, api.Fail(api.CAFileUnusable, "path", v.CAFile).Why(err).Because(err))
		w.caFile = ""
	}
	if err := r.checkNamed(v.ProxyPAC); err != nil {
		hold("proxy_pac", v.ProxyPAC, err)
	}
	if v.ProxyPasswordFile != "" {
		content, err := policy.ReadSecret(v.ProxyPasswordFile, r.own)
		if err != nil {
			hold("proxy_password_file", v.ProxyPasswordFile, err)
			return w, unfit
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(string(content), "\ufeff"), "\n")
		w.password = strings.TrimRight(first, "\r")
	}
	return w, unfit
}

// checkNamed tells why a file that a setting names may not be used by the
// machine's service. In an agent of his own a user names what he likes.
func (r *rules) checkNamed(file string) error {
	if r.own || file == "" || strings.Contains(file, "://") {
		return nil
	}
	return policy.CheckFile(file)
}

// mostNamed bounds what is read of a file that a setting names, in bytes: more
// than any such file may have.
const mostNamed = 16 << 20

func sum(path string) [sha256.Size]byte {
	if path == "" || strings.Contains(path, "://") {
		return [sha256.Size]byte{}
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return [sha256.Size]byte{1} // a pipe would be waited for
	}
	f, err := os.Open(path)
	if err != nil {
		return [sha256.Size]byte{2}
	}
	defer func() { _ = f.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(f, mostNamed))
	if err != nil {
		return [sha256.Size]byte{2}
	}
	return sha256.Sum256(content)
}

// cloud is the way as the network takes it.
func (w way) cloud() cloud.Way {
	return cloud.Way{
		CAFile: w.caFile,
		Limits: proxy.NewLimits(w.up, w.down),
		Proxy: proxy.Config{
			Held: w.held, Proxy: w.proxy, PAC: w.pac, NoProxy: w.noProxy, User: w.user, Password: w.password,
		},
	}
}

// follow puts a policy that was read anew into force.
func (r *rules) follow() {
	r.watchFiles()
	next, unfit := r.find()
	r.mu.Lock()
	another := !reflect.DeepEqual(next, r.way)
	r.way, r.unfit = next, unfit
	if another {
		r.network.Change(next.cloud())
	}
	now, changed := r.Now(), r.changed
	another = another || !reflect.DeepEqual(now, r.told)
	r.told = now
	r.mu.Unlock()
	switch {
	case now.Values.Marketplace != r.marketplace:
		r.move()
	case another:
		changed()
	}
}

// onChange has f called after every change that leaves the marketplace.
func (r *rules) onChange(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = f
}

// hasMoved tells whether the policy names another marketplace.
func (r *rules) hasMoved() bool { return r.moved.Err() != nil }

// problems is everything that is wrong with the policy and with what it names.
func (r *rules) problems() []*api.Error {
	list := slices.Clone(r.Now().Problems)
	r.mu.Lock()
	more := slices.Clone(r.unfit)
	r.mu.Unlock()
	more = append(more, r.network.Trouble()...)
	for _, e := range more {
		if !slices.ContainsFunc(list, func(known *api.Error) bool { return known.Error() == e.Error() }) {
			list = append(list, e)
		}
	}
	return list
}

// view is the policy for people.
func (r *rules) view() api.Policy {
	p := r.View()
	p.Problems = r.problems()
	return p
}

// mayInstall tells whether a user may have applications installed.
func (r *rules) mayInstall(admin bool) error {
	rule := r.Values().Install
	if rule == policy.Everyone || rule == policy.Administrators && admin {
		return nil
	}
	where := ""
	for _, s := range r.Now().Settings {
		if s.Key == "install_applications" {
			where = s.Where
		}
	}
	return api.Fail(api.PolicyForbids, "key", "install_applications", "value", string(rule), "where", where)
}

// allows is what an engine may do without asking.
func (r *rules) allows() (installing, forcing bool) {
	rule := r.Values().Install
	return rule != policy.Nobody, rule == policy.Everyone
}

// offline is for how long leases are used without the marketplace.
func (r *rules) offline() time.Duration {
	if days := r.Values().OfflineDays; days > 0 {
		return time.Duration(days) * 24 * time.Hour
	}
	return 0
}

// services are what keeps the rules current.
func (r *rules) services() []suture.Service { return []suture.Service{named{"policy", r.Live}} }
