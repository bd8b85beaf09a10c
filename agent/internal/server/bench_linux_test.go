package server_test

import (
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
)

// blocking is the connection of a plain client: no Go poller, one system call
// to write and one to read, as a C program has it.
func blocking(b *testing.B, c net.Conn) *os.File {
	b.Helper()
	uc, ok := c.(*net.UnixConn)
	if !ok {
		b.Fatalf("%T", c)
	}
	f, err := uc.File()
	if err != nil {
		b.Fatal(err)
	}
	f.Fd() // makes it blocking
	b.Cleanup(func() { _ = f.Close() })
	return f
}

// BenchmarkHeartbeat is one round trip of a plain client over a real socket.
func BenchmarkHeartbeat(b *testing.B) {
	r := newRig(b)
	c := r.dial(alice)
	f := blocking(b, c)
	buf := make([]byte, 4096)
	ask := func(request []byte) {
		if _, err := f.Write(request); err != nil {
			b.Fatal(err)
		}
		if _, err := f.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
	ask([]byte("GET /v1/session HTTP/1.1\r\nHost: " + api.Host + "\r\nConnection: Upgrade\r\nUpgrade: " + api.SessionUpgrade + "\r\n\r\n"))
	ask(helloFrame(hello("bench")))
	request := message(`{"id":7,"call":"heartbeat"}`)
	times := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		began := time.Now()
		ask(request)
		times = append(times, time.Since(began))
	}
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "p99-ns")
}

// BenchmarkEcho is the same with a server that does nothing, as the floor.
func BenchmarkEcho(b *testing.B) {
	l, err := net.Listen("unix", b.TempDir()+"/s")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err == nil {
			_, _ = io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c})
			_ = c.Close()
		}
	}()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	f := blocking(b, c)
	request, buf := message(`{"id":7,"call":"heartbeat"}`), make([]byte, 4096)
	times := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for range b.N {
		began := time.Now()
		_, err1 := f.Write(request)
		_, err2 := f.Read(buf)
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		times = append(times, time.Since(began))
	}
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns")
	_ = f.Close()
	_ = c.Close()
	<-done
}
