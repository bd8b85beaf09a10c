package preview

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"strconv"
)

// readSTL reads a binary or a text STL.
func readSTL(ctx context.Context, content []byte) (scene, error) {
	const head, record = 84, 50
	if len(content) >= head {
		n := int(binary.LittleEndian.Uint32(content[80:]))
		if n <= (len(content)-head)/record && n > 0 && (len(content) == head+n*record || !bytes.HasPrefix(content, []byte("solid"))) {
			return binarySTL(content[head:], n)
		}
	}
	return textSTL(ctx, content)
}

func binarySTL(content []byte, n int) (s scene, err error) {
	if n > maxFaces {
		return s, None("it has too many triangles")
	}
	number := func(at int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(content[at:]))) }
	for i := range n {
		var f face
		for k := range f {
			at := i*50 + 12 + k*12
			f[k] = vec{number(at), number(at + 4), number(at + 8)}
		}
		s.addFace(f)
	}
	return s, nil
}

// addFace adds a triangle that can be drawn.
func (s *scene) addFace(f face) {
	if f[0].sane() && f[1].sane() && f[2].sane() {
		s.faces = append(s.faces, f)
	}
}

func textSTL(ctx context.Context, content []byte) (s scene, err error) {
	lines := bufio.NewScanner(bytes.NewReader(content))
	var f face
	corner := 0
	for n := 0; lines.Scan(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return scene{}, ctx.Err()
		}
		words := bytes.Fields(lines.Bytes())
		if len(words) != 4 || string(words[0]) != "vertex" {
			continue
		}
		var xyz [3]float64
		for i := range xyz {
			if xyz[i], err = strconv.ParseFloat(string(words[i+1]), 64); err != nil {
				return scene{}, err
			}
		}
		f[corner] = vec{xyz[0], xyz[1], xyz[2]}
		if corner = (corner + 1) % 3; corner == 0 {
			s.addFace(f)
		}
		if len(s.faces) > maxFaces {
			return scene{}, None("it has too many triangles")
		}
	}
	return s, lines.Err()
}
