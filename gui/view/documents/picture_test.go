package documents_test

import (
	"image"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/view"
	"iscdesk.dev/gui/view/documents"
)

func TestPicturesOfAConflictStandOnTheirSides(t *testing.T) {
	stage, c := inConflict(t, api.English)
	if p := c.Theirs.Picture; p.Image != nil || p.Text != "" {
		t.Errorf("drawn before anybody looks: %+v", p)
	}
	theirs, mine := image.NewGray(image.Rect(0, 0, 1, 1)), image.NewGray(image.Rect(0, 0, 2, 2))
	stage.Drawn = map[string]image.Image{conflict().Path + " 4": theirs}
	stage.Room.Show(view.Place{Part: documents.PartConflicts})
	c = stage.Room.View().Conflicts.Items[0]
	if c.Theirs.Picture.Image != theirs || c.Theirs.Picture.Text != "" || c.Theirs.Picture.Icon == view.IconNone {
		t.Errorf("theirs: %+v", c.Theirs.Picture)
	}
	if c.Mine.Picture.Image != nil || c.Mine.Picture.Text != "Drawing" {
		t.Errorf("mine, on its way: %+v", c.Mine.Picture)
	}
	stage.Drawn[conflict().Copy+" 1"] = mine
	if c = stage.Room.View().Conflicts.Items[0]; c.Mine.Picture.Image != mine {
		t.Errorf("mine: %+v", c.Mine.Picture)
	}
}

func TestPictureOfTheChosenDocument(t *testing.T) {
	stage := chosen(t, api.Chinese, api.Entry{Version: 3})
	if p := stage.Room.View().Detail.Picture; p.Text != "正在绘制" {
		t.Errorf("on its way: %+v", p)
	}
	stage.Drawn = map[string]image.Image{shaft + " 0": nil}
	if p := stage.Room.View().Detail.Picture; p.Text != "无预览图" || p.Icon == view.IconNone {
		t.Errorf("there is none: %+v", p)
	}
	stage.Room.Show(view.Place{Part: documents.PartPending})
	if p := stage.Room.View().Detail.Picture; p.Text != "" {
		t.Errorf("drawn while it is not seen: %+v", p)
	}
}
