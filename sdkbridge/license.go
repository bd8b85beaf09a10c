package sdkbridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/workspace"
)

const (
	// maxDeviceInfo is what the SDK's documentation allows, in bytes.
	maxDeviceInfo = 5 << 10
	// maxLicenseFile bounds a licence file, in bytes.
	maxLicenseFile = 16 << 20
)

// LicenseOrder is an application's request for a licence.
type LicenseOrder struct {
	Kind       api.LicenseKind
	FileName   string // of kind file; may be empty
	DeviceInfo string
	Trial      bool // the trial is over: remind the user first
	Tag        string
}

// RequestLicense asks for a licence; the answer is EventLicenseVerify.
func (s *Session) RequestLicense(o LicenseOrder) error {
	if len(o.DeviceInfo) > maxDeviceInfo {
		return api.Fail(api.TooLarge, "what", "devInfo", "limit", "5 KB")
	}
	err := checkTexts(map[string]string{"tag": o.Tag}, o.FileName)
	if err == nil {
		err = checkText("devInfo", o.DeviceInfo, maxDeviceInfo)
	}
	if err == nil && o.Kind == api.LicenseFile {
		o.FileName, err = licenseTarget(o.FileName)
	}
	if err != nil {
		return err
	}
	s.requests.asking.Lock()
	defer s.requests.asking.Unlock()
	var ticket api.LicenseTicket
	ask := api.LicenseRequest{Kind: o.Kind, DeviceInfo: o.DeviceInfo, Trial: o.Trial, Tag: o.Tag}
	if err := s.call(api.CallLicenseRequest, ask, &ticket); err != nil {
		return err
	}
	s.requests.remember(ticket.Request, request{tag: o.Tag, file: o.FileName})
	return nil
}

// licenseTarget makes the name absolute and makes sure that its folder exists:
// the application should hear of a wrong one now, not with the licence.
func licenseTarget(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	path, err := filepath.Abs(hostTarget(activeCodePage, name))
	if err != nil {
		return "", unwritable(name, err)
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return "", unwritable(name, err)
	}
	if !folder.IsDir() {
		return "", api.Fail(api.FileUnwritable, "path", name, "reason", filepath.Dir(path)+" is not a folder")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", api.Fail(api.FileUnwritable, "path", name, "reason", "it is a folder")
	}
	return path, nil
}

// VerifyNotify tells the service what the application's own check said.
func (s *Session) VerifyNotify(accepted bool, message string) error {
	if err := checkText("errorMsg", message, maxText); err != nil {
		return err
	}
	return s.call(api.CallLicenseVerdict, api.LicenseVerdict{Accepted: accepted, Message: message}, nil)
}

// licenseAnswered turns the service's answer into the event, after fetching the
// file where it is one.
func (s *Session) licenseAnswered(a api.LicenseAnswer) {
	q := s.requests.lookup(a.Request)
	if a.Tag == "" {
		a.Tag = q.tag
	}
	if a.State != api.LicenseGranted || a.Kind != api.LicenseFile {
		s.queue.push(licenseEvent(a, "", s.lang))
		return
	}
	s.jobs.fetch(func(ctx context.Context) {
		path, err := s.fetchLicense(ctx, a, q.file)
		if err != nil {
			a.State, a.Reason = api.LicenseRefused, api.AsError(err)
		}
		s.queue.push(licenseEvent(a, path, s.lang))
	})
}

func licenseEvent(a api.LicenseAnswer, path string, lang api.Language) Event {
	e := newEnvelope(EventLicenseVerify, a.Tag)
	switch a.State {
	case api.LicenseGranted:
		e.text("Status", "success")
		if a.Kind == api.LicenseFile {
			e.text("LicenseFilePath", path)
		} else {
			e.text("LicenseContent", a.Content)
		}
	case api.LicensePendingState:
		e.text("Status", "pending")
	default:
		e.text("Status", "failed")
	}
	e.text("LicenseType", string(a.Kind))
	if a.Cached {
		e.truth("cached", true)
	}
	e.some("eventId", a.EventID)
	if a.State == api.LicenseGranted {
		return e.event()
	}
	if a.Reason == nil {
		a.Reason = api.Fail(api.LicensePending)
		if a.State != api.LicensePendingState {
			a.Reason = api.Fail(api.LicenseUndecided, "event", a.EventID)
		}
	}
	return e.because(a.Reason, lang).event()
}

// fetchLicense writes the licence file to path, or where the library decides,
// and gives the path.
func (s *Session) fetchLicense(ctx context.Context, a api.LicenseAnswer, path string) (string, error) {
	if a.Size > maxLicenseFile {
		return "", api.Fail(api.TooLarge, "what", a.FileName, "limit", "16 MiB")
	}
	if path == "" {
		var err error
		if path, err = s.licenseFolder(a.FileName); err != nil {
			return "", err
		}
	}
	conn, err := s.transferWhenUp(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // the content is checked below
	var header api.FetchHeader
	if err := conn.Call(ctx, api.CallLicenseFile, api.LicenseFileFetch{Request: a.Request}, &header); err != nil {
		return "", err
	}
	content, err := io.ReadAll(io.LimitReader(conn.Content(), maxLicenseFile+1))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	if int64(len(content)) > maxLicenseFile || a.SHA256 != "" && hex.EncodeToString(sum[:]) != a.SHA256 {
		return "", api.Fail(api.ContentDamaged, "what", a.FileName)
	}
	return path, writeFile(path, content)
}

// licenseFolder is where a licence file goes that the application gave no name
// for. Only the last part of the vendor's name counts.
func (s *Session) licenseFolder(name string) (string, error) {
	name = strings.TrimRight(filepath.Base(filepath.Clean("/"+name)), ". ")
	if name == "" || !filepath.IsLocal(name) { // a device or a stream of Windows, too
		name = s.options.Product + ".lic"
	}
	data := hostDataFolder(s.options.Getenv)
	folder := filepath.Join(data, "iscdesk-licenses")
	if !filepath.IsAbs(data) { // without a home it would be the working folder
		return "", unwritable(folder, errors.New("the environment names no home folder; give the licence file's path"))
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", unwritable(folder, err)
	}
	return filepath.Join(folder, filepath.Base(name)), nil
}

// writeFile replaces the file at path as a whole or not at all.
func writeFile(path string, content []byte) error {
	temp := filepath.Join(filepath.Dir(path), ".iscdesk-"+randomID())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // a licence is the user's to share
	if err != nil {
		return unwritable(path, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp) // the reason is told
		return unwritable(path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename in the folder survive a power cut.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return nil // a folder that may be written and not read: the file is in it all the same
	}
	_ = d.Sync() // not every file system can
	return d.Close()
}

func unwritable(path string, err error) error {
	return api.Fail(api.FileUnwritable, "path", path, "reason", workspace.Reason(err)).Because(err)
}
