package archive

// Windows has no permissions of this kind: Go shows who may write.
const (
	program = "-rw-rw-rw-"
	plain   = "-rw-rw-rw-"
)
