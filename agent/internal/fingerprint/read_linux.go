package fingerprint

import "os"

func read() []Part { return linuxParts(os.DirFS("/")) }
