package policy

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"iscdesk.dev/agent/api"
)

// Live is the policy as it stands now. It is safe for any number of
// goroutines.
type Live struct {
	places Places
	log    *slog.Logger
	poke   chan struct{}

	reading sync.Mutex // one reload at a time

	mu          sync.Mutex // guards what follows
	now         Effective
	loaded      time.Time
	good        map[string]Source // the last good reading of each place
	subscribers []func()
	watched     []string // further files whose content counts
}

// Open reads the policy. Serve keeps it current.
func Open(places Places, log *slog.Logger) *Live {
	l := &Live{places: places, log: log, poke: make(chan struct{}, 1), good: map[string]Source{}}
	l.Reload()
	return l
}

// Now is what is in force.
func (l *Live) Now() Effective {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// Values is the settings in force.
func (l *Live) Values() Values { return l.Now().Values }

// View is what is in force, for people.
func (l *Live) View() api.Policy {
	l.mu.Lock()
	defer l.mu.Unlock()
	return api.Policy{
		Settings: slices.Clone(l.now.Settings), Problems: slices.Clone(l.now.Problems),
		Places: machinePlaces(l.places), Loaded: l.loaded.Unix(),
	}
}

// Subscribe has f called after every reload, also when nothing changed in the
// sources: the files that settings name may be others. Calls do not overlap.
func (l *Live) Subscribe(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.subscribers = append(l.subscribers, f)
}

// Watch has the policy reloaded too when one of these files changes, instead
// of those of the Watch before.
func (l *Live) Watch(files ...string) {
	l.mu.Lock()
	another := !slices.Equal(l.watched, files)
	l.watched = slices.Clone(files)
	l.mu.Unlock()
	if another {
		l.wake()
	}
}

// wake makes Serve arrange what it watches anew.
func (l *Live) wake() {
	select {
	case l.poke <- struct{}{}:
	default: // one is waiting already
	}
}

// Reload reads everything anew. A place that cannot be used as it is now, and
// could before, stays in force as it was.
func (l *Live) Reload() {
	l.reading.Lock()
	defer l.reading.Unlock()
	sources := Read(l.places)
	l.mu.Lock()
	l.keepGood(sources)
	fresh := Resolve(sources, l.places.Own)
	before := l.now
	l.now, l.loaded = fresh, time.Now()
	subscribers := slices.Clone(l.subscribers)
	l.mu.Unlock()
	l.report(before, fresh)
	for _, f := range subscribers {
		f()
	}
}

// keepGood puts the last good values in place of a policy that is refused.
// l.mu is held.
func (l *Live) keepGood(sources []Source) {
	for i, s := range sources {
		if s.Kind != api.FromPolicy {
			continue
		}
		if s.Refused == nil {
			l.good[s.Place] = s
			continue
		}
		last, ok := l.good[s.Place]
		sources[i].Given, sources[i].Kept = last.Given, ok
	}
}

// report logs what is wrong, once.
func (l *Live) report(before, after Effective) {
	known := map[string]bool{}
	for _, p := range before.Problems {
		known[p.Error()] = true
	}
	for _, p := range after.Problems {
		if !known[p.Error()] {
			l.log.Warn("policy", "problem", p)
		}
	}
	if len(before.Problems) > 0 && len(after.Problems) == 0 {
		l.log.Info("policy: what was wrong is mended")
	}
	old := map[string]string{}
	for _, s := range before.Settings {
		old[s.Key] = s.Value
	}
	for _, s := range after.Settings {
		if before.Settings != nil && old[s.Key] != s.Value {
			l.log.Info("policy: a setting has changed", "key", s.Key, "from", old[s.Key], "to", s.Value, "source", string(s.Source))
		}
	}
}
