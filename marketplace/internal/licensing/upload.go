package licensing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"iscdesk.dev/marketplace/internal/isv"
)

// maxText is up to which size a licence file can be handed out as a string.
const maxText = 64 << 10

// upload is a licence as the vendor sent it, checked in itself.
type upload struct {
	characters string // what an application gets that asked for a string
	fileName   string
	sha256     string
	size       int64
	content    io.Reader
}

func uploadReply(status int, code, message string) reply {
	return reply{status, isv.UploadAnswer{ErrorCode: code, ErrorMsg: message}}
}

func uploadInvalid(message string) reply {
	return uploadReply(http.StatusBadRequest, isv.CodeInvalid, "Invalid parameter: "+message)
}

// postUpload takes the licence of an event.
func (s *Service) postUpload(v Vendor, r *http.Request) reply {
	body, ok := r.Body.(*spooled)
	if !ok {
		return s.uploadFailed(errors.New("body is not spooled"))
	}
	u, err := readUpload(r.Header.Get("Content-Type"), body)
	if err != nil {
		return uploadInvalid(err.Error())
	}
	answer, err := s.accept(r.Context(), v, r.PathValue("event_id"), u)
	if err != nil {
		return s.uploadFailed(err)
	}
	return answer
}

func (s *Service) uploadFailed(err error) reply {
	s.Log.Error("licence upload failed", "error", err)
	return uploadReply(http.StatusInternalServerError, isv.CodeInternal, "System internal error")
}

// readUpload checks the parts of an upload. It reads them twice: first for
// what they say, then, by way of content, for the file.
func readUpload(contentType string, body io.ReadSeeker) (upload, error) {
	var info isv.UploadInfo
	var u upload
	var partName string
	var text bytes.Buffer
	found, hasInfo := false, false
	err := eachPart(contentType, body, func(p *multipart.Part) error {
		switch p.FormName() {
		case isv.UploadInfoPart:
			hasInfo = true
			return json.NewDecoder(io.LimitReader(p, 64<<10)).Decode(&info)
		case isv.UploadFilePart:
			found, partName = true, p.FileName()
			h := sha256.New()
			var err error
			u.size, err = io.Copy(io.MultiWriter(h, &limited{&text, maxText + 1}), p)
			u.sha256 = hex.EncodeToString(h.Sum(nil))
			return err
		}
		return nil
	})
	switch {
	case err != nil:
		return u, errors.New("the parts cannot be read")
	case !hasInfo:
		return u, errors.New("the part " + isv.UploadInfoPart + " is missing")
	case utf8.RuneCountInString(info.Characters) > isv.MaxCharacters:
		return u, errors.New("characters is too long")
	}
	u.characters = info.Characters
	switch info.Type {
	case isv.UploadText:
		return asCharacters(info)
	case isv.UploadFile:
		if u.characters == "" && text.Len() <= maxText && utf8.Valid(text.Bytes()) {
			u.characters = strings.TrimSpace(text.String())
		}
		return asFile(u, info, found, partName, contentType, body)
	}
	return u, errors.New("type is neither CHARACTERS nor FILE")
}

// asCharacters makes a licence string a file too, for an application that
// asked for one.
func asCharacters(info isv.UploadInfo) (upload, error) {
	if info.Characters == "" {
		return upload{}, errors.New("characters is missing")
	}
	name := baseName(info.FileName)
	if name == "" {
		name = "license.lic"
	}
	return upload{
		characters: info.Characters, fileName: name, sha256: isv.PayloadHash([]byte(info.Characters)),
		size: int64(len(info.Characters)), content: strings.NewReader(info.Characters),
	}, nil
}

func asFile(u upload, info isv.UploadInfo, found bool, partName, contentType string, body io.ReadSeeker) (upload, error) {
	if info.FileName != "" {
		partName = info.FileName
	}
	u.fileName = baseName(partName)
	switch {
	case !found || u.size == 0:
		return u, errors.New("file is missing")
	case u.size > isv.MaxUploadBytes:
		return u, errors.New("file is too large")
	case u.fileName == "" || utf8.RuneCountInString(partName) > isv.MaxFileNameSize:
		return u, errors.New("file_name is missing or unusable")
	case !strings.EqualFold(info.SHA256, u.sha256):
		return u, errors.New("sha256 does not match the file")
	}
	u.content = &partReader{contentType: contentType, body: body}
	return u, nil
}

// eachPart calls f for each part of a multipart body, from its beginning.
func eachPart(contentType string, body io.ReadSeeker, f func(*multipart.Part) error) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return errors.New("not multipart/form-data")
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	m := multipart.NewReader(body, params["boundary"])
	seen := map[string]bool{}
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if seen[p.FormName()] {
			return errors.New("a part comes twice")
		}
		seen[p.FormName()] = true
		if err := f(p); err != nil {
			return err
		}
	}
}

// partReader reads the content of the file part of a body.
type partReader struct {
	contentType string
	body        io.ReadSeeker
	part        io.Reader
}

// Read implements io.Reader.
func (r *partReader) Read(b []byte) (int, error) {
	if r.part == nil {
		stop := errors.New("found")
		err := eachPart(r.contentType, r.body, func(p *multipart.Part) error {
			if p.FormName() != isv.UploadFilePart {
				return nil
			}
			r.part = p
			return stop
		})
		if r.part == nil {
			return 0, errors.Join(err, io.ErrUnexpectedEOF)
		}
	}
	return r.part.Read(b)
}

// limited keeps the first bytes and forgets the rest.
type limited struct {
	to   *bytes.Buffer
	left int
}

// Write implements io.Writer.
func (l *limited) Write(b []byte) (int, error) {
	keep := b[:min(len(b), l.left)]
	l.left -= len(keep)
	_, _ = l.to.Write(keep)
	return len(b), nil
}

// put keeps the content of an upload and gives its key.
func (s *Service) put(ctx context.Context, event string, u upload) (string, error) {
	key := "license/" + event + "/" + u.sha256
	return key, s.Objects.Put(ctx, key, u.content)
}
