// Command leases is a service that signs leases, for measuring how long the
// library takes to check one. It prints its socket and its public key, and
// ends with its standard input.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/device"
	"iscdesk.dev/agent/ipc"
	"iscdesk.dev/agent/lease"
	"iscdesk.dev/agent/session/sessiontest"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "leases:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	s := sessiontest.New(dir)
	s.Handlers[api.CallLeaseAcquire] = func(_ *sessiontest.Peer, args json.RawMessage) (any, error) {
		var q api.LeaseRequest
		if err := json.Unmarshal(args, &q); err != nil {
			return nil, err
		}
		token, err := sign(private, q.Nonce, time.Now().Unix())
		return api.LeaseGrant{ID: "1", Token: token}, err
	}
	s.Handlers[api.CallLeaseRelease] = func(*sessiontest.Peer, json.RawMessage) (any, error) { return nil, nil }
	if err := s.Start(); err != nil {
		return err
	}
	defer s.Stop()
	fmt.Println(s.Socket, base64.StdEncoding.EncodeToString(public))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func sign(key ed25519.PrivateKey, nonce string, now int64) (string, error) {
	dev, err := device.ID("minicad")
	if err != nil {
		return "", err
	}
	header, err := part(map[string]any{"alg": lease.Algorithm, "typ": lease.Type, "kid": lease.KeyID(key.Public().(ed25519.PublicKey))})
	if err != nil {
		return "", err
	}
	claims, err := part(map[string]any{
		"iss": "bench", "aud": "minicad", "sub": "u", "jti": "1", "os": ipc.CurrentUser(), "dev": dev, "sid": "s", "nonce": nonce,
		"feat": []string{"modelling", "assembly", "solve"}, "iat": now, "nbf": now, "exp": now + 3600, "grc": now + 7200,
	})
	if err != nil {
		return "", err
	}
	text := header + "." + claims
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text))), nil
}

func part(v any) (string, error) {
	raw, err := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(raw), err
}
