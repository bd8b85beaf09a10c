package preview

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"strings"
)

// gltf is as much of a glTF file as is drawn.
type gltf struct {
	Scene       int          `json:"scene"`
	Scenes      []gltfScene  `json:"scenes"`
	Nodes       []gltfNode   `json:"nodes"`
	Meshes      []gltfMesh   `json:"meshes"`
	Accessors   []gltfAccess `json:"accessors"`
	BufferViews []gltfView   `json:"bufferViews"`
	Buffers     []gltfBuffer `json:"buffers"`
}

type (
	gltfScene struct {
		Nodes []int `json:"nodes"`
	}
	gltfNode struct {
		Mesh        *int      `json:"mesh"`
		Children    []int     `json:"children"`
		Matrix      []float64 `json:"matrix"`
		Translation []float64 `json:"translation"`
		Rotation    []float64 `json:"rotation"`
		Scale       []float64 `json:"scale"`
	}
	gltfMesh struct {
		Primitives []gltfPrimitive `json:"primitives"`
	}
	gltfPrimitive struct {
		Attributes map[string]int `json:"attributes"`
		Indices    *int           `json:"indices"`
		Mode       *int           `json:"mode"`
	}
	gltfAccess struct {
		BufferView    *int   `json:"bufferView"`
		ByteOffset    int    `json:"byteOffset"`
		ComponentType int    `json:"componentType"`
		Count         int    `json:"count"`
		Type          string `json:"type"`
	}
	gltfView struct {
		Buffer     int `json:"buffer"`
		ByteOffset int `json:"byteOffset"`
		ByteLength int `json:"byteLength"`
		ByteStride int `json:"byteStride"`
	}
	gltfBuffer struct {
		URI string `json:"uri"`
	}
)

// Types of the numbers in an accessor.
const (
	gltfByte   = 5121
	gltfShort  = 5123
	gltfInt    = 5125
	gltfFloat  = 5126
	gltfMagic  = 0x46546C67
	chunkJSON  = 0x4E4F534A
	chunkBytes = 0x004E4942
)

// gltfReader collects the triangles of a file.
type gltfReader struct {
	gltf
	ctx     context.Context //nolint:containedctx // of the one reading that it lives for
	buffers [][]byte
	scene   scene
	visited int
}

// readGLTF reads the triangles of a glTF with embedded buffers, or of a GLB.
func readGLTF(ctx context.Context, content []byte) (scene, error) {
	text, blob := chunks(content)
	if len(text) == 0 {
		return scene{}, None("it holds no model")
	}
	if err := bound(text); err != nil {
		return scene{}, err
	}
	r := gltfReader{ctx: ctx}
	if err := json.Unmarshal(text, &r.gltf); err != nil {
		return scene{}, err
	}
	for i, b := range r.Buffers {
		raw := []byte(nil)
		if _, data, ok := strings.Cut(b.URI, ";base64,"); ok && strings.HasPrefix(b.URI, "data:") {
			raw, _ = base64.StdEncoding.DecodeString(data) // what does not decode is empty, and draws nothing
		} else if b.URI == "" && i == 0 {
			raw = blob
		}
		r.buffers = append(r.buffers, raw)
	}
	// In glTF y is up; in a picture z is.
	upright := frame{x: vec{1, 0, 0}, y: vec{0, 0, 1}, z: vec{0, -1, 0}}
	for _, n := range r.roots() {
		r.node(n, upright, 0)
	}
	if len(r.scene.faces) > maxFaces {
		return scene{}, None("it has too many triangles")
	}
	return r.scene, ctx.Err()
}

// bound refuses a text that would become very much larger when it is read.
func bound(text []byte) error {
	const most = 400_000
	objects, values := 0, 0
	for _, c := range text {
		switch c {
		case '{', '[':
			objects++
		case ',':
			values++
		}
	}
	if objects > most || values > 4*most {
		return None("it has too many parts")
	}
	return nil
}

// chunks takes a GLB apart; anything else is a text as it stands.
func chunks(content []byte) (text, blob []byte) {
	if len(content) < 12 || binary.LittleEndian.Uint32(content) != gltfMagic {
		return content, nil
	}
	rest := content[12:]
	for len(rest) >= 8 {
		n, kind := uint64(binary.LittleEndian.Uint32(rest)), binary.LittleEndian.Uint32(rest[4:])
		rest = rest[8:]
		if n > uint64(len(rest)) {
			return text, blob
		}
		switch {
		case kind == chunkJSON && text == nil:
			text = rest[:n]
		case kind == chunkBytes && blob == nil:
			blob = rest[:n]
		}
		rest = rest[n:]
	}
	return text, blob
}

// roots are the nodes of the scene that is shown, or of a file without scenes
// all that are nobody's child.
func (r *gltfReader) roots() []int {
	if r.Scene >= 0 && r.Scene < len(r.Scenes) {
		return r.Scenes[r.Scene].Nodes
	}
	child := make(map[int]bool, len(r.Nodes))
	for _, n := range r.Nodes {
		for _, c := range n.Children {
			child[c] = true
		}
	}
	var out []int
	for i := range r.Nodes {
		if !child[i] {
			out = append(out, i)
		}
	}
	return out
}

// node draws a node and those below it.
func (r *gltfReader) node(i int, at frame, depth int) {
	r.visited++
	if i < 0 || i >= len(r.Nodes) || depth > maxDepth || r.visited > 16*maxPlaced || len(r.scene.faces) > maxFaces || r.ctx.Err() != nil {
		return
	}
	n := r.Nodes[i]
	at = at.of(n.frame())
	if n.Mesh != nil && *n.Mesh >= 0 && *n.Mesh < len(r.Meshes) {
		for _, p := range r.Meshes[*n.Mesh].Primitives {
			r.primitive(p, at)
		}
	}
	for _, c := range n.Children {
		r.node(c, at, depth+1)
	}
}

// frame is where a node lies in the one above.
func (n gltfNode) frame() frame {
	if m := n.Matrix; len(m) == 16 {
		return frame{x: vec{m[0], m[1], m[2]}, y: vec{m[4], m[5], m[6]}, z: vec{m[8], m[9], m[10]}, o: vec{m[12], m[13], m[14]}}
	}
	f := world()
	if q := n.Rotation; len(q) == 4 {
		x, y, z, w := q[0], q[1], q[2], q[3]
		f.x = vec{1 - 2*(y*y+z*z), 2 * (x*y + z*w), 2 * (x*z - y*w)}
		f.y = vec{2 * (x*y - z*w), 1 - 2*(x*x+z*z), 2 * (y*z + x*w)}
		f.z = vec{2 * (x*z + y*w), 2 * (y*z - x*w), 1 - 2*(x*x+y*y)}
	}
	if s := n.Scale; len(s) == 3 {
		f.x, f.y, f.z = f.x.scale(s[0]), f.y.scale(s[1]), f.z.scale(s[2])
	}
	if t := n.Translation; len(t) == 3 {
		f.o = vec{t[0], t[1], t[2]}
	}
	return f
}

// primitive draws triangles.
func (r *gltfReader) primitive(p gltfPrimitive, at frame) {
	const triangles = 4
	position, ok := p.Attributes["POSITION"]
	if p.Mode != nil && *p.Mode != triangles || !ok {
		return
	}
	points, stride, count := r.data(position, gltfFloat, "VEC3")
	if count == 0 {
		return
	}
	corner := func(i int) vec {
		if i < 0 || i >= count {
			return vec{x: math.NaN()}
		}
		b := points[i*stride:]
		number := func(k int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))) }
		return at.at(vec{number(0), number(1), number(2)})
	}
	index, n := func(i int) int { return i }, count
	if p.Indices != nil {
		index, n = r.indices(*p.Indices)
	}
	for i := 0; i+2 < n && len(r.scene.faces) <= maxFaces; i += 3 {
		if i%12288 == 0 && r.ctx.Err() != nil {
			return
		}
		r.scene.addFace(face{corner(index(i)), corner(index(i + 1)), corner(index(i + 2))})
	}
}

// indices gives the numbers of an accessor one by one.
func (r *gltfReader) indices(accessor int) (at func(int) int, n int) {
	if b, stride, n := r.data(accessor, gltfInt, "SCALAR"); n > 0 {
		return func(i int) int { return int(binary.LittleEndian.Uint32(b[i*stride:])) }, n
	}
	if b, stride, n := r.data(accessor, gltfShort, "SCALAR"); n > 0 {
		return func(i int) int { return int(binary.LittleEndian.Uint16(b[i*stride:])) }, n
	}
	b, stride, n := r.data(accessor, gltfByte, "SCALAR")
	return func(i int) int { return int(b[i*stride]) }, n
}

// data gives the bytes of an accessor of a type, how far apart its values
// stand, and how many there are; 0 where it is of another type or reaches
// beyond its buffer.
func (r *gltfReader) data(accessor, component int, kind string) (b []byte, stride, n int) {
	if accessor < 0 || accessor >= len(r.Accessors) {
		return nil, 0, 0
	}
	a := r.Accessors[accessor]
	if a.ComponentType != component || a.Type != kind || a.BufferView == nil || *a.BufferView < 0 || *a.BufferView >= len(r.BufferViews) {
		return nil, 0, 0
	}
	v := r.BufferViews[*a.BufferView]
	if v.Buffer < 0 || v.Buffer >= len(r.buffers) {
		return nil, 0, 0
	}
	b = r.buffers[v.Buffer]
	size := map[int]int{gltfByte: 1, gltfShort: 2, gltfInt: 4, gltfFloat: 12}[component]
	stride = max(v.ByteStride, size)
	for _, x := range []int{v.ByteOffset, v.ByteLength, a.ByteOffset, a.Count, stride} {
		if x < 0 || x > MaxBytes {
			return nil, 0, 0
		}
	}
	from := v.ByteOffset + a.ByteOffset
	if a.Count == 0 || from+(a.Count-1)*stride+size > len(b) {
		return nil, 0, 0
	}
	return b[from:], stride, a.Count
}
