package vendor

import (
	"context"
	"crypto/ed25519"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/isv"
)

//go:embed sqlite/*.sql
var scripts embed.FS

const (
	// CallbackPath is the path of the production URL.
	CallbackPath = "/saasproduce"

	maxBody      = 64 << 10
	defaultRetry = 2 * time.Second
	stopWait     = 3 * time.Second
)

// Server is the vendor's licence server.
type Server struct {
	Config
	db       database.Database
	key      ed25519.PrivateKey
	verifier *isv.Verifier
	knobs    knobs
	http     *http.Client
	wake     chan struct{}
}

// Open opens the state of a vendor. Close what it gives.
func Open(ctx context.Context, c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.RetryEvery <= 0 {
		c.RetryEvery = defaultRetry
	}
	if err := c.Knobs.check(); err != nil {
		return nil, err
	}
	key, err := Key(c.State)
	if err != nil {
		return nil, err
	}
	db, err := database.OpenSQLite(filepath.Join(c.State, "vendor.db"))
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, "vendor", scripts); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &Server{
		Config: c, db: db, key: key, wake: make(chan struct{}, 1),
		verifier: &isv.Verifier{AccessKey: c.Credentials.AccessKey, Now: c.Now, Nonces: isv.NewNonces()},
		http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: c.TLS, IdleConnTimeout: time.Minute,
		}},
	}
	s.knobs.set(c.Knobs)
	return s, nil
}

// Close closes the state.
func (s *Server) Close() error {
	s.http.CloseIdleConnections()
	return s.db.Close()
}

// PublicKey verifies the vendor's licences.
func (s *Server) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Serve answers callbacks on listener, registers the production URL with the
// marketplace, and uploads licences, until ctx ends. publicURL is the base
// URL that the marketplace is to call; empty: the listener's own.
func (s *Server) Serve(ctx context.Context, listener net.Listener, publicURL string) error {
	if publicURL == "" {
		publicURL = "http://" + listener.Addr().String()
	}
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return ctx.Err()
	})
	g.Go(func() error {
		<-ctx.Done()
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
		defer cancel()
		if server.Shutdown(wait) != nil {
			return server.Close()
		}
		return nil
	})
	g.Go(func() error { return s.work(ctx, publicURL+CallbackPath) })
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Handler answers callbacks and the control of the knobs.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+CallbackPath, s.callback)
	mux.HandleFunc("GET "+ControlPath, s.control)
	mux.HandleFunc("PUT "+ControlPath, s.control)
	return mux
}

// callback answers one call of the marketplace.
func (s *Server) callback(w http.ResponseWriter, r *http.Request) {
	k := s.knobs.get()
	if k.Down {
		panic(http.ErrAbortHandler) // drops the connection; the server expects it
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		s.answer(w, isv.Answer{ResultCode: isv.ResultInvalidParameter, ResultMsg: "body"})
		return
	}
	select {
	case <-time.After(time.Duration(k.AnswerDelay) * time.Millisecond):
	case <-r.Context().Done():
		return
	}
	s.answer(w, s.judge(r, body, k))
}

// judge decides the answer to a call.
func (s *Server) judge(r *http.Request, body []byte, k Knobs) isv.Answer {
	if err := s.verifier.Verify(r.URL.Query(), body); err != nil {
		return isv.Answer{ResultCode: isv.ResultAuthFailed, ResultMsg: err.Error()}
	}
	var c isv.Call
	if err := json.Unmarshal(body, &c); err != nil {
		return isv.Answer{ResultCode: isv.ResultInvalidParameter, ResultMsg: "not JSON"}
	}
	if err := c.Validate(); err != nil {
		return isv.Answer{ResultCode: isv.ResultInvalidParameter, ResultMsg: err.Error()}
	}
	forced := k.forced(c.Activity)
	if forced != "" && forced != isv.ResultSuccess && forced != isv.ResultProcessing {
		return isv.Answer{ResultCode: forced, ResultMsg: "as the knob says"}
	}
	a, err := s.act(r.Context(), c, k)
	if err != nil {
		s.Log.Error("callback failed", "activity", c.Activity, "error", err)
		return isv.Answer{ResultCode: isv.ResultInternal, ResultMsg: "internal error"}
	}
	s.nudge()
	if forced != "" && a.ResultCode == isv.ResultSuccess {
		a.ResultCode = forced
	}
	s.Log.Info("callback", "activity", c.Activity, "event", c.EventID, "instance", c.InstanceID, "order", c.OrderID, "result", a.ResultCode)
	return a
}

func (s *Server) answer(w http.ResponseWriter, a isv.Answer) {
	if a.ResultMsg == "" {
		a.ResultMsg = "success."
	}
	body, err := json.Marshal(a)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set(isv.BodySignHeader, isv.BodySign(s.Credentials.AccessKey, body))
	_, _ = w.Write(body)
}

func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
