package sdkbridge

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/device"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/lease"
	"iscdesk.dev/agent/session/sessiontest"
)

func signingKey(seed string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte(seed))
	return ed25519.NewKeyFromSeed(sum[:])
}

func publicText(k ed25519.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
}

// token signs a lease for this machine and user; change spoils it.
func token(t *testing.T, k ed25519.PrivateKey, change map[string]any) string {
	t.Helper()
	dev, err := device.ID("minicad")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	claims := map[string]any{
		"iss": "m", "aud": "minicad", "sub": "u", "jti": "L", "os": ipc.CurrentUser(), "dev": dev, "sid": "s", "nonce": "n",
		"feat": []string{"solve"}, "iat": now, "nbf": now, "exp": now + 60, "grc": now + 120,
	}
	for name, value := range change {
		claims[name] = value
	}
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	header := map[string]string{"alg": lease.Algorithm, "typ": lease.Type, "kid": lease.KeyID(k.Public().(ed25519.PublicKey))}
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(k, []byte(text)))
}

func TestLeaseLife(t *testing.T) {
	key := signingKey("vendor")
	released := make(chan struct{}, 1)
	s := serve(t, func(s *sessiontest.Server) {
		s.Handlers[api.CallLeaseAcquire] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
			return api.LeaseGrant{ID: "L", Token: token(t, key, nil)}, nil
		}
		s.Handlers[api.CallLeaseRelease] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
			released <- struct{}{}
			return nil, nil
		}
	})
	a := begin(t, s, func(o *Options) { o.LeaseKeys = publicText(key) })
	_, err := a.CheckLease("")
	wants(t, err, api.LeaseNotHeld)
	if err := a.AcquireLease("solve"); err != nil {
		t.Fatal(err)
	}
	first, err := a.CheckLease("solve")
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.CheckLease("mesh")
	wants(t, err, api.LeaseNoFeature)

	later := time.Now().Unix() + 1000
	s.Send(sessiontest.Event(1, api.EventLeaseRenewed, api.LeaseGrant{ID: "L", Token: token(t, signingKey("thief"), nil)}))
	a.await(EventFailure)
	s.Send(sessiontest.Event(2, api.EventLeaseRenewed, api.LeaseGrant{ID: "L", Token: token(t, key, map[string]any{"exp": later, "grc": later})}))
	a.await(EventLeaseRenewed)
	if now, err := a.CheckLease(""); err != nil || now.Expires != later || now.Expires == first.Expires {
		t.Errorf("after the renewal: %+v, %v", now, err)
	}

	s.Send(sessiontest.Event(3, api.EventLeaseLost, api.LeaseLoss{ID: "another", Reason: api.Fail(api.LeaseRevoked)}))
	s.Send(sessiontest.Event(4, api.EventLeaseLost, api.LeaseLoss{ID: "L", Reason: api.Fail(api.LeaseRevoked)}))
	a.await(EventLeaseLost)
	_, err = a.CheckLease("")
	wants(t, err, api.LeaseRevoked)
	if err := a.AcquireLease(""); err != nil {
		t.Fatal(err)
	}
	if err := a.ReleaseLease(); err != nil {
		t.Fatal(err)
	}
	<-released
	wants(t, a.ReleaseLease(), api.LeaseNotHeld)
}

func TestLeasesThatAreNotBelieved(t *testing.T) {
	key := signingKey("vendor")
	now := time.Now().Unix()
	cases := map[api.Code]string{
		api.LeaseUnknownKey:   token(t, signingKey("thief"), nil),
		api.LeaseMalformed:    "x",
		api.LeaseBadSignature: token(t, key, nil)[:300] + "AAAA" + token(t, key, nil)[304:],
		api.LeaseWrongProduct: token(t, key, map[string]any{"aud": "bigcad"}),
		api.LeaseWrongDevice:  token(t, key, map[string]any{"dev": "d"}),
		api.LeaseWrongUser:    token(t, key, map[string]any{"os": "uid:99999"}),
		api.LeaseExpired:      token(t, key, map[string]any{"iat": now - 100, "nbf": now - 100, "exp": now - 50, "grc": now - 20}),
		api.LeaseClockSetBack: token(t, key, map[string]any{"iat": now + lease.Skew + 900, "nbf": now, "exp": now + 2*lease.Skew, "grc": now + 2*lease.Skew}),
	}
	for want, text := range cases {
		t.Run(string(want), func(t *testing.T) {
			given := make(chan struct{}, 1)
			s := serve(t, func(s *sessiontest.Server) {
				s.Handlers[api.CallLeaseAcquire] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
					return api.LeaseGrant{ID: "L", Token: text}, nil
				}
				s.Handlers[api.CallLeaseRelease] = func(*sessiontest.Peer, json.RawMessage) (any, error) {
					given <- struct{}{}
					return nil, nil
				}
			})
			a := begin(t, s, func(o *Options) { o.LeaseKeys = publicText(key) })
			wants(t, a.AcquireLease(""), want)
			<-given // it must not keep a seat
			_, err := a.CheckLease("")
			wants(t, err, api.LeaseNotHeld)
		})
	}
}

// A machine whose clock is wrong, or is set while the application runs.
func TestLeaseOnAWrongClock(t *testing.T) {
	key := signingKey("vendor")
	served := int64(2_000_000_000) // what the marketplace's clock shows
	grant := func(change map[string]any) api.LeaseGrant {
		claims := map[string]any{"iat": served, "nbf": served, "exp": served + 3600, "grc": served + 7200}
		for name, value := range change {
			claims[name] = value
		}
		return api.LeaseGrant{ID: "L", Token: token(t, key, claims)}
	}
	for name, wall := range map[string]int64{"ten days slow": served - 864_000, "ten days fast": served + 864_000} {
		t.Run(name, func(t *testing.T) {
			up := int64(50)
			h := newLeaseHolder("minicad", []ed25519.PublicKey{key.Public().(ed25519.PublicKey)})
			h.clock = &leaseClock{uptime: func() int64 { return up }, wall: func() int64 { return wall }}
			if _, err := h.admit(grant(nil), "n", nil); err != nil {
				t.Fatalf("fresh: %v", err)
			}
			up, wall = up+3599, wall-1_000_000
			if state, err := h.check(""); err != nil || state.InGrace {
				t.Fatalf("in the last second, the wall clock set back: %+v, %v", state, err)
			}
			up++
			if state, err := h.check(""); err != nil || !state.InGrace {
				t.Fatalf("grace: %+v, %v", state, err)
			}
			// An old token, fed again as a renewal, does not turn the clock back.
			if state, err := h.admit(grant(nil), "", nil); err != nil || !state.InGrace {
				t.Fatalf("replayed: %+v, %v", state, err)
			}
			if _, err := h.admit(grant(map[string]any{"exp": served + 9000, "grc": served + 9000}), "", nil); err != nil {
				t.Fatalf("renewed: %v", err)
			}
			up += 9000
			_, err := h.check("")
			wants(t, err, api.LeaseExpired)
		})
	}
	// A lease kept from before (its nonce is another call's) knows no better time
	// than the wall clock.
	h := newLeaseHolder("minicad", []ed25519.PublicKey{key.Public().(ed25519.PublicKey)})
	h.clock = &leaseClock{uptime: func() int64 { return 0 }, wall: func() int64 { return served + 864_000 }}
	_, err := h.admit(grant(nil), "another", nil)
	wants(t, err, api.LeaseExpired)
}
