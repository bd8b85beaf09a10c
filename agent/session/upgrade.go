package session

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"iscdesk.dev/agent/api"
)

// Limits of the head and the body of the answer to the upgrade, in bytes.
const (
	maxHead = 8 << 10
	maxBody = 64 << 10
)

// upgrade turns an HTTP/1.1 connection into a framed session. It speaks just
// enough HTTP for that, so that CAD processes link no HTTP stack.
func upgrade(w io.Writer, r *bufio.Reader) error {
	method, path, _ := strings.Cut(api.RouteSession, " ")
	request := method + " " + path + " HTTP/1.1\r\nHost: " + api.Host +
		"\r\nConnection: Upgrade\r\nUpgrade: " + api.SessionUpgrade + "\r\n\r\n"
	if _, err := io.WriteString(w, request); err != nil {
		return err
	}
	status, header, err := readHead(r)
	if err != nil {
		return err
	}
	if status != 101 {
		return refusal(r, status, header)
	}
	if !strings.EqualFold(header["upgrade"], api.SessionUpgrade) {
		return api.Fail(api.Protocol)
	}
	return nil
}

// readHead reads the status and the header fields, their names in lower case.
func readHead(r *bufio.Reader) (status int, header map[string]string, err error) {
	rest := maxHead
	line, err := readLine(r, &rest)
	if err != nil {
		return 0, nil, err
	}
	version, after, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(after, " ")
	status, err = strconv.Atoi(code)
	if err != nil || version != "HTTP/1.1" || status < 100 || status > 599 {
		return 0, nil, api.Fail(api.Protocol)
	}
	header = map[string]string{}
	for {
		line, err := readLine(r, &rest)
		if err != nil {
			return 0, nil, err
		}
		if line == "" {
			return status, header, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return 0, nil, api.Fail(api.Protocol)
		}
		header[strings.ToLower(name)] = strings.TrimSpace(value)
	}
}

// readLine reads a line without its end and takes its length off rest.
func readLine(r *bufio.Reader, rest *int) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if *rest -= len(part); *rest < 0 {
			return "", api.Fail(api.Protocol)
		}
		if err == nil {
			return string(bytes.TrimRight(line, "\r\n")), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
}

// refusal is the error in the body of an answer other than 101.
func refusal(r io.Reader, status int, header map[string]string) error {
	size, err := strconv.Atoi(header["content-length"])
	if err != nil || size < 0 || size > maxBody {
		return api.Fail(api.ServiceUnavailable).Because(errors.New("HTTP status " + strconv.Itoa(status)))
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	var e api.Error
	if err := json.Unmarshal(body, &e); err != nil || e.Code == "" {
		return api.Fail(api.ServiceUnavailable).Because(errors.New("HTTP status " + strconv.Itoa(status)))
	}
	return &e
}

// transportError gives what went wrong while a connection was opened or used
// as an error of ours: what already is one stays.
func transportError(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e
	}
	if ctx.Err() != nil {
		return contextError(ctx.Err())
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return api.Fail(api.Timeout).Because(err)
	}
	return api.Fail(api.ServiceUnavailable).Because(err)
}

func contextError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return api.Fail(api.Timeout).Because(err)
	}
	return api.Fail(api.Cancelled).Because(err)
}

// unavailable is the error of a call whose connection is over.
func unavailable(err error) error {
	if errors.Is(err, api.Protocol) {
		return err
	}
	return api.Fail(api.ServiceUnavailable).Because(err)
}
