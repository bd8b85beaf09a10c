package browse

import (
	"path"
	"strings"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
)

// Icon is how an entry is drawn: a space, a folder, an assembly, or what the
// ending of its name says.
func Icon(e api.Entry) view.Icon {
	switch {
	case e.Folder && strings.Count(e.Path, "/") == 1:
		return view.IconSpace
	case e.Folder:
		return view.IconFolder
	case e.Kind == api.Assembly:
		return view.IconAssembly
	}
	switch strings.ToLower(path.Ext(e.Name)) {
	case ".step", ".stp", ".p21", ".prt", ".sldprt", ".ipt", ".igs", ".iges", ".x_t", ".x_b", ".sat", ".brep", ".catpart", ".3dm", ".par", ".fcstd":
		return view.IconPart
	case ".asm", ".sldasm", ".iam", ".catproduct", ".zip":
		return view.IconAssembly
	case ".dwg", ".dxf", ".drw", ".slddrw", ".idw", ".catdrawing":
		return view.IconDrawing
	case ".gltf", ".glb", ".stl", ".obj", ".ply", ".inp", ".msh", ".cgns", ".nas", ".bdf", ".unv":
		return view.IconMesh
	case ".frd", ".vtk", ".vtu", ".csv", ".odb", ".rst", ".h5":
		return view.IconResult
	case ".7z", ".rar", ".gz", ".tar", ".xz":
		return view.IconArchive
	case ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".svg", ".tif", ".tiff":
		return view.IconPicture
	case ".txt", ".md", ".log", ".json", ".xml", ".pdf", ".doc", ".docx", ".xls", ".xlsx":
		return view.IconText
	}
	return view.IconFile
}
